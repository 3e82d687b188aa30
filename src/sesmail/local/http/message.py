"""What comes in at the HTTP door and what goes out: two values, without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A whole request. Header names are lower-case; a header that came twice is joined with commas (RFC 9110 5.3)."""

    method: str
    target: str  # as it came, path and query still percent-encoded; of an absolute URL only what follows the host
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    version: str = "1.1"

    @property
    def path(self) -> str:
        """The target without its query, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What stands behind the question mark, still percent-encoded."""
        return self.target.partition("?")[2]

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection is to outlive the answer (RFC 9112 9.3)."""
        by_default = self.version == "1.1"
        if "connection" not in self.headers:
            return by_default
        options = {option.strip().lower() for option in self.headers["connection"].split(",")}
        return "close" not in options and (by_default or "keep-alive" in options)


@dataclass(frozen=True, slots=True)
class Handover:
    """How an answer reaches its peer: late, as noise in its place, or only so many bytes of it before a reset."""

    delay_s: float = 0.0
    noise: bytes | None = None
    most_bytes: int | None = None


WHOLE = Handover()


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer. ``Content-Length``, ``Transfer-Encoding``, ``Connection`` and ``Date`` are the door's to write."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    handover: Handover = WHOLE
