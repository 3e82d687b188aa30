"""Golden: a mail as a file to compare with, in which whatever is drawn anew each time stands still."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path

from sesmail.mail.attachment import Attachment
from sesmail.mail.message import Email
from sesmail.mail.outgoing import Outgoing
from sesmail.mime.writer import write
from sesmail.transports.base import readable

UPDATE = "SESMAIL_UPDATE_GOLDEN"
_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_MESSAGE_ID = "<golden@sesmail.invalid>"
_BOUNDARY = "=_golden"
_DRAWN_ID = re.compile(r"[0-9a-f]{20}@sesmail")  # a content id that nobody gave


def stable_bytes(outgoing: Outgoing) -> bytes:
    """The mail with a fixed date, message id, boundary and content ids, where they were drawn and not given."""
    email = _with_stable_images(outgoing.email)
    email = email.replace(date=email.date or _DATE, message_id=email.message_id or _MESSAGE_ID)
    content = write(email, boundary=_BOUNDARY).with_headers(outgoing.content.added_headers)
    return readable(content).to_bytes()


def _with_stable_images(email: Email) -> Email:
    html, files = email.html, []
    for number, file in enumerate(email.attachments, 1):
        if _DRAWN_ID.fullmatch(file.content_id):
            stable = f"image{number}@sesmail"
            html = html and html.replace(file.content_id, stable)
            file = Attachment(  # noqa: PLW2901 - the same file
                file.name, file.data, content_type=_full_type(file), inline=True, content_id=stable
            )
        files.append(file)
    return email.replace(html=html, attachments=files)


def _full_type(file: Attachment) -> str:
    quoted = ((name, value.replace("\\", "\\\\").replace('"', '\\"')) for name, value in file.parameters)
    return "; ".join([file.content_type, *(f'{name}="{value}"' for name, value in quoted)])


def compare(outgoing: Outgoing, path: Path) -> None:
    """Raise an `AssertionError` that shows the difference, or write the file when that is asked for."""
    is_now = stable_bytes(outgoing)
    if os.environ.get(UPDATE, "").lower() not in ("", "0", "no", "false"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(is_now)
        return
    if not path.exists():
        raise AssertionError(f"there is no {path} yet; run the test once with {UPDATE}=1 and look at what it writes")
    # Git may have changed the line ends of a file that it took for text.
    was = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if is_now != was:
        raise AssertionError(f"the mail is not the one in {path}:\n{_difference(was, is_now)}\n{_CURE}")


_CURE = f"If this is what you want, run the test once with {UPDATE}=1."


def _difference(was: bytes, is_now: bytes) -> str:
    before, after = (data.decode("utf-8", "backslashreplace").split("\r\n") for data in (was, is_now))
    return "\n".join(unified_diff(before, after, "the file", "the mail", lineterm="", n=1))
