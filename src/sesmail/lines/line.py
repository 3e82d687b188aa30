"""Line: one connection to another machine, whoever speaks on it, and whether somebody waits for it or awaits it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from sesmail.lines.dialogue import HEAR, Ask, Dialogue, StartTls, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.lines.tls import Tls

PIECE = 65536
Watch = Callable[[float], bool]


class Place(NamedTuple):
    """Where a line leads."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Line:
    """An open connection, whose socket never blocks. TLS, once begun, stays with it."""

    __slots__ = ("sock", "tls", "watch")

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.tls: Tls | None = None
        self.watch: Watch | None = None  # how the blocking driver waits for words on it

    # ── what is said on it ───────────────────────────────────────────────────────────────────────────────────────

    def encrypted(self, step: Step) -> Dialogue[bytes]:
        """What a step is on a line with TLS: a small dialogue of other steps, which gives the answer to this one.

        Without TLS a step goes over the line as it is, but for the one that begins it.
        """
        if isinstance(step, StartTls):
            yield from self._secure(step)
            return b""
        assert self.tls  # noqa: S101 - for the type checker
        if isinstance(step, Ask):
            yield from self.tls.say(step.words)
            return (yield from self.tls.hear())
        if isinstance(step, bytes):
            yield from self.tls.say(step)
            return b""
        return (yield from self.tls.hear()) if step is HEAR else (yield step)

    def _secure(self, step: StartTls) -> Dialogue[None]:
        from sesmail.lines.tls import Tls

        # Before the handshake, so that whoever goes on after a failed one says nothing in clear.
        self.tls = Tls(step.context, step.host)
        yield from self.tls.handshake()

    # ── between two dialogues, and at the end ────────────────────────────────────────────────────────────────────

    def is_quiet(self) -> bool:
        """Whether the peer has said nothing since it was last heard, and has not left: only then is it used again."""
        data = b""  # a second word may have come with the last answer, and be in TLS, where no socket tells of it
        while self.tls is None or self.tls.is_silent(data):
            try:
                data = self.sock.recv(PIECE)
            except BlockingIOError:
                return True
            except OSError:
                return False
            # Without TLS any word that nobody asked for would pass for the answer to the next one. With it there are
            # things that are no words, and behind them may be an end.
            if not data or self.tls is None:
                return False
        return False

    def part(self, word: bytes) -> None:
        """Say a last word as far as that goes without waiting."""
        with suppress(OSError):
            self.sock.send(self.tls.farewell(word) if self.tls else word)

    def close(self) -> None:
        """End it at once."""
        with suppress(OSError):  # the peer was quicker
            self.sock.close()
