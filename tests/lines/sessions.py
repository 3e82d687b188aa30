"""Greeting: a session such as pools keep. It waits for a greeting, asks, and says when it may be used again."""

from __future__ import annotations

from sesmail.lines.dialogue import HEAR, Dialogue
from sesmail.lines.fault import LineFault, StaleLine


class Greeting:
    """Words end with a line feed. ``fate`` is what becomes of it."""

    made = 0

    def __init__(self) -> None:
        self.is_open = False
        self.idle: list[float] = []
        type(self).made += 1

    def open(self) -> Dialogue[None]:
        yield from heard_line()
        self.is_open = True

    def freshen(self, idle_s: float) -> Dialogue[None]:
        self.idle.append(idle_s)
        yield from ()

    def farewell(self) -> bytes:
        return b"quit\n"

    def ask(self, word: str) -> Dialogue[str]:
        self.is_open = False
        try:
            yield f"{word}\n".encode()
            answer = yield from heard_line()
        except LineFault as fault:
            if self.idle:
                raise StaleLine from fault
            raise
        self.is_open = True
        return answer


def heard_line() -> Dialogue[str]:
    heard = b""
    while not heard.endswith(b"\n"):
        data = yield HEAR
        if not data:
            from sesmail.lines.fault import Kind

            raise LineFault(Kind.LOST, "the end")
        heard += data
    return heard.decode().strip()
