"""Body: the bytes of a request to be. A small one is written at once, a large one is made while it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from sesmail.lines.dialogue import PAUSE, Dialogue
from sesmail.ses.client.direct.streams import SMALL, Stream

Part = str | Stream  # a text is ASCII by then

_PIECE = 49152  # what is collected before it goes


class Body:
    """What a request says, in pieces, as often as you like. Its size and its digest are known before it goes.

    >>> from sesmail.ses.client.direct.body import Body
    >>> body = Body(['{"a":', "1}"])
    >>> list(body.pieces())
    [b'{"a":1}']
    """

    __slots__ = ("_parts", "_written")

    def __init__(self, parts: Iterable[Part]) -> None:
        self._parts = _joined(parts)
        # Not as one: that would be one more copy of what is copied once anyway, behind the head.
        self._written: list[bytes] | None = None
        if sum([len(part) if isinstance(part, bytes) else part.about for part in self._parts]) <= SMALL:
            self._written = [part if isinstance(part, bytes) else part.whole() for part in self._parts]

    def pieces(self, before: bytes = b"") -> Iterator[bytes]:
        """All of it, behind other bytes: at once, or in pieces of 48 kB or more, but for the last one."""
        if self._written is not None:
            return iter((b"".join((before, *self._written)),))
        return self._collected(before)

    def _collected(self, before: bytes) -> Iterator[bytes]:
        waiting, size = [before], len(before)
        for part in self._parts:
            for piece in (part,) if isinstance(part, bytes) else part.pieces():
                waiting.append(piece)
                size += len(piece)
                if size >= _PIECE:
                    yield b"".join(waiting)
                    waiting, size = [], 0
        if size:  # or the last piece would be an empty one
            yield b"".join(waiting)

    def measure(self) -> Dialogue[tuple[str, int]]:
        """Its SHA-256, in hexadecimal, and its size."""
        digest, size = sha256(), 0
        for piece in self.pieces() if self._written is None else self._written:
            digest.update(piece)
            size += len(piece)
            if self._written is None:
                yield PAUSE
        return digest.hexdigest(), size


def _joined(parts: Iterable[Part]) -> list[bytes | Stream]:
    """The same, with texts that follow each other in one."""
    joined: list[bytes | Stream] = []
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            joined += ("".join(texts).encode("ascii"), part)
            texts = []
    return [*joined, "".join(texts).encode("ascii")]
