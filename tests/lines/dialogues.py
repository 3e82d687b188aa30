"""Dialogues that many tests have, and the line they are held on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from sesmail.lines.dialogue import HEAR, Ask, Dialogue
from sesmail.lines.fault import LineFault
from sesmail.lines.line import Line
from sesmail.lines.patience import Deadline, Patience
from tests.lines.colours import Colour
from tests.lines.other_end import OtherEnd, Serve


def deadline(*, connect_s: float = 10, read_s: float = 10, total_s: float = 20) -> Deadline:
    return Patience(connect_s=connect_s, read_s=read_s, total_s=total_s).deadline()


@contextmanager
def line_to(colour: Colour, *serve: Serve) -> Iterator[Line]:
    """A line to another end that does this."""
    with OtherEnd(*serve) as other, closing(colour.connect(other.place, deadline())) as line:
        yield line


def all_that_comes() -> Dialogue[bytes]:
    heard = b""
    while data := (yield HEAR):
        heard += data
    return heard


def exactly(size: int) -> Dialogue[bytes]:
    heard = b""
    while len(heard) < size:
        data = yield HEAR
        assert data, heard
        heard += data
    return heard


def asked(word: bytes) -> Dialogue[bytes]:
    """Say a word to an echo."""
    heard = yield Ask(word)
    return heard + (yield from exactly(len(word) - len(heard)))


def caught(dialogue: Dialogue[object]) -> Dialogue[LineFault]:
    """The fault that a dialogue ends with."""
    try:
        yield from dialogue
    except LineFault as fault:
        return fault
    raise AssertionError("nothing was raised")
