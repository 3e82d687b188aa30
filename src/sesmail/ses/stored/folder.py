r"""Folder: templates as files: ``NAME.subject.txt``, ``NAME.txt``, ``NAME.html``, in UTF-8.

Rule 1: a name is of SES's alphabet, so no file is read or written outside of the folder. Nothing of another name is
        touched.
Rule 2: a file has its name only when it is whole: it is written under a hidden name, and then takes the place of what
        was there. A link is replaced, and never followed; where one is to be read, it is refused.
Rule 3: line ends are one kind: an editor, or git, may turn ``\r\n`` into ``\n`` and back. The subject's file may end
        with one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from sesmail.errors import MailError, SetupError, TemplateError
from sesmail.mail.files import read_file
from sesmail.ses.stored.content import NAME
from sesmail.ses.stored.kept import ENDINGS, PARTS, KeptTemplate, file_name

_LONGEST_SHOWN = 60
_MOST_BYTES = 10_000_000  # SES takes 500 kB for a template
Place = str | os.PathLike[str]


class Folder:
    """The templates in a folder.

    >>> import tempfile
    >>> from sesmail.ses.stored.folder import Folder
    >>> from sesmail.ses.stored.kept import KeptTemplate
    >>> folder = Folder(tempfile.mkdtemp())
    >>> folder.write([KeptTemplate("welcome", subject="Welcome, {{name}}", text="Hello")])
    >>> folder.read()["welcome"].subject
    'Welcome, {{name}}'
    """

    def __init__(self, place: Place) -> None:
        self._path = Path(place)

    def read(self) -> dict[str, KeptTemplate]:
        """All of them, by name. Files that are no template's are passed over."""
        if not self._path.is_dir():
            raise SetupError(f"{str(self._path)!a} is no folder; templates are NAME.subject.txt, NAME.txt, NAME.html")
        found: dict[str, dict[str, str]] = {}
        for path in sorted(self._path.iterdir()):
            name, part = _said(path.name)
            if part and (path.is_symlink() or not path.is_dir()):
                found.setdefault(name, {})[part] = _text(self._bytes(path, name), path.name, part, name)
        return {name: _template(name, texts) for name, texts in found.items()}

    def _bytes(self, path: Path, name: str) -> bytes:
        """Of a file that lies here: a link may lead to what is no template, and SES would have it."""
        try:
            if os.open in os.supports_dir_fd:
                return read_file(path.name, root=self._path, max_bytes=_MOST_BYTES)
            _refuse_link(path)
            return read_file(path, root=None, max_bytes=_MOST_BYTES)
        except MailError as error:
            raise TemplateError(f"{path.name}: {error.reason}", template=name) from error

    def write(self, templates: Iterable[KeptTemplate]) -> None:
        """Put these there, each whole: a part that a template has not is not there any more."""
        templates = list(templates)
        check_names([template.name for template in templates])
        self._path.mkdir(parents=True, exist_ok=True)
        for template in templates:
            for part in PARTS:
                self._put(template, part)

    def _put(self, template: KeptTemplate, part: str) -> None:
        path = self._path / file_name(template.name, part)
        text: str = getattr(template, part)
        if not text:
            path.unlink(missing_ok=True)
            return
        hidden = path.with_name(f".{path.name}.part")
        with suppress(FileNotFoundError):
            hidden.unlink()  # what was left when an earlier one was broken off
        try:
            with hidden.open("x", encoding="utf-8", newline="") as file:
                file.write(f"{text}\n" if part == "subject" else text)
            hidden.replace(path)
        finally:
            hidden.unlink(missing_ok=True)


def _refuse_link(path: Path) -> None:
    """Where no file can be opened below a folder, as on Windows."""
    if path.is_symlink():
        raise MailError("it is a symbolic link, and links are not followed", field="path")


def reason_against(template: KeptTemplate) -> str:
    """Why a template of SES cannot be files that are read again, if so."""
    if not template.subject:
        return "it has no subject"
    return "its subject has several lines" if "\n" in template.subject or "\r" in template.subject else ""


def check_names(names: Iterable[str]) -> None:
    """Whether these can be files of a folder, and of no other place."""
    seen: dict[str, str] = {}
    for name in names:
        shown = f"{name[:_LONGEST_SHOWN]!a}"
        if not NAME.fullmatch(name):
            raise TemplateError(
                f"{shown} is no name that SES gives a template, and no file is written for it", template=name[:100]
            )
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise TemplateError(
                f"{shown} and {other!a} differ in the case of letters only, and many disks take them for one file;"
                " name one of them otherwise",
                template=name,
            )


def _said(file: str) -> tuple[str, str]:
    """The template and the part that a file is for; nothing where it is for none."""
    for part, ending in ENDINGS.items():  # the longer ending first
        if file.endswith(ending):
            name = file.removesuffix(ending)
            return (name, part) if NAME.fullmatch(name) else ("", "")
    return "", ""


def _text(data: bytes, file: str, part: str, name: str) -> str:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise TemplateError(f"{file} is not UTF-8 (byte {error.start})", template=name) from error
    if part != "subject":
        return text
    text = text.removesuffix("\n")
    if "\n" in text or "\r" in text:
        raise TemplateError(f"{file}: a subject has one line", template=name)
    return text


def _template(name: str, texts: dict[str, str]) -> KeptTemplate:
    if not texts.get("subject"):
        raise TemplateError(
            f"{file_name(name, 'subject')} is missing or empty, and a template needs a subject", template=name
        )
    return KeptTemplate(name, **texts)
