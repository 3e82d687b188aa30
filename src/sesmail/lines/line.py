"""Line: one connection to another machine, whoever speaks on it, and whether somebody waits for it or awaits it."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass

from sesmail.lines.dialogue import HEAR, Dialogue, StartTls, Step, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.lines.tls import Tls

PIECE = 65536


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line leads."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Line:
    """An open connection, whose socket never blocks. TLS, once begun, stays with it."""

    __slots__ = ("sock", "tls")

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.tls: Tls | None = None

    # ── what is said on it ───────────────────────────────────────────────────────────────────────────────────────

    def spoken(self, dialogue: Dialogue[T]) -> Dialogue[T]:
        """A dialogue as it goes over this line: encrypted where it is. `StartTls` is not among the steps any more."""
        try:
            step = next(dialogue)
            while True:
                try:
                    is_plain = self.tls is None and type(step) is not StartTls
                    answer = (yield step) if is_plain else (yield from self._encrypted(step))
                except Exception as error:  # noqa: BLE001 - it is the dialogue's to catch
                    step = dialogue.throw(error)
                else:
                    step = dialogue.send(answer)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        finally:
            dialogue.close()

    def _encrypted(self, step: Step) -> Dialogue[bytes]:
        if isinstance(step, StartTls):
            yield from self._secure(step)
            return b""
        assert self.tls  # noqa: S101 - for the type checker
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
