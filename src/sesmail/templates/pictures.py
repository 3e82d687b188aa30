"""Pictures: files that the HTML shows. They travel in the mail, and the HTML names them by a content id."""

from __future__ import annotations

import os
import re
from binascii import Error as NoBase64
from binascii import a2b_base64
from collections.abc import Iterable
from pathlib import Path

from sesmail.errors import MailError, SetupError, TemplateError
from sesmail.mail.attachment import Attachment
from sesmail.templates.kept import Kept
from sesmail.templates.rendering import current

_MOST_KEPT = 64
_LARGEST_KEPT = 1_000_000
# An attribute or a style's url() with a picture in base64, as programs write it.
_DATA = re.compile(r"data:image/([a-z0-9.+\-]{1,40});base64,([A-Za-z0-9+/=%\s]*+)", re.IGNORECASE)
_ENDINGS = {"jpeg": "jpg", "svg+xml": "svg", "x-icon": "ico", "vnd.microsoft.icon": "ico"}


class Pictures:
    """``{{ embed("logo.png") }}``: from these folders, and nowhere else."""

    def __init__(self, folders: Iterable[str | os.PathLike[str]], *, forgets: bool) -> None:
        self._folders = [Path(folder).absolute() for folder in folders]
        for folder in self._folders:
            if not folder.is_dir():
                raise SetupError(f"there is no folder {str(folder)!r} for files to embed")
        self._kept: Kept[str, Attachment] = Kept(_MOST_KEPT, forgets=forgets)

    def embed(self, name: str) -> str:
        """The ``cid:`` URL of a file, which goes with the mail. Named twice, it goes once."""
        attachments = current().attachments
        if name not in attachments:
            attachments[name] = self._kept.get(name, lambda: self._read(name), is_worth_it=_is_small)
        return attachments[name].cid

    def _read(self, name: str) -> Attachment:
        for folder in self._folders:
            try:
                return Attachment.from_path(name, root=folder, inline=True)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (MailError, OSError) as error:
                reason = error.reason if isinstance(error, MailError) else type(error).__name__
                raise TemplateError(f"embed(): {reason}", template="") from error
        raise TemplateError(
            "embed(): there is no such file; it is looked for in files=, or in the folders of templates",
            template="",
        )


def _is_small(file: Attachment) -> bool:
    return len(file.data) <= _LARGEST_KEPT


def detached(html: str, attachments: dict[str, Attachment]) -> str:
    """The HTML with its ``data:`` pictures as parts of the mail, which more clients show."""

    def as_part(found: re.Match[str]) -> str:
        whole, (kind, text) = found.group(), found.groups()
        if whole not in attachments:
            try:
                data = a2b_base64(text.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))
            except NoBase64:
                return whole  # it is no picture, in any client
            kind = kind.lower()
            name = f"picture-{len(attachments) + 1}.{_ENDINGS.get(kind, kind)}"
            attachments[whole] = Attachment(name, data, content_type=f"image/{kind}", inline=True)
        return attachments[whole].cid

    return _DATA.sub(as_part, html)
