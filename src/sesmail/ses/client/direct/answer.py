"""Answer: what came back for one request, before anybody knows what it means."""

from __future__ import annotations

from collections.abc import Sequence


class Answer:
    """A status, headers and a body. It ``leaves_open`` a line on which both sides have said all, and nothing more."""

    __slots__ = ("body", "headers", "leaves_open", "status")

    def __init__(
        self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes = b"", *, leaves_open: bool = False
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.leaves_open = leaves_open

    def header(self, name: bytes) -> str:
        """The value of a header, or nothing. The name is given in small letters."""
        for known, value in self.headers:
            if known.lower() == name:
                return value.decode("latin-1")
        return ""
