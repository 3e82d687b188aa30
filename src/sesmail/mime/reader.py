"""The reader: from bytes to an `Email`, for forwarding and tests. The standard library takes the message apart."""

from __future__ import annotations

from sesmail.mail.message import Email


def read(data: bytes) -> Email:
    """Read a mail."""
    raise NotImplementedError(len(data))
