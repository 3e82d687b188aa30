"""Floor 2: the language of mail. `write` turns an `Email` into bytes, `read` turns bytes into an `Email`.

May import floors 0 and 1 and the standard library. Knows no transport, template or SES.
"""

from __future__ import annotations

from sesmail.mail.message import Email
from sesmail.mime.content import MimeContent
from sesmail.mime.writer import write

__all__ = ["MimeContent", "read", "write"]


def read(data: bytes) -> Email:
    """Read a mail that came in: see `sesmail.mime.reader.read`."""
    if not isinstance(data, bytes):
        raise TypeError(f"a mail is read from bytes, not {type(data).__name__}")
    # The reader brings the standard library's email package, which programs that only write need not load.
    from sesmail.mime import reader

    return reader.read(data)
