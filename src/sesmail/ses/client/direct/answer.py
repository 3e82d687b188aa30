"""Answer: what came back for one request, before anybody knows what it means."""

from __future__ import annotations

from collections.abc import Sequence


class Answer:
    """A status, headers and a body."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes = b"") -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name: bytes) -> str:
        """The value of a header, or nothing. The name is given in small letters."""
        for known, value in self.headers:
            if known.lower() == name:
                return value.decode("latin-1")
        return ""
