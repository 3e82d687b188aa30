"""Floor 2: the language of mail. `write` turns an `Email` into bytes, `read` turns bytes into an `Email`.

May import floors 0 and 1 and the standard library. Knows no transport, template or SES.
"""

from __future__ import annotations

from sesmail.mime.content import MimeContent
from sesmail.mime.reader import read
from sesmail.mime.writer import write

__all__ = ["MimeContent", "read", "write"]
