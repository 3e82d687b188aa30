"""Progress: how far a long run is, for somebody who watches: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Protocol, TextIO

_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 10.0
_USUAL_WIDTH = 80
_SHORTEST_BAR, _LONGEST_BAR = 10, 40
_CLEAR = "\r\x1b[K"


class Progress(Protocol):
    """What the run tells while it is under way."""

    def update(self, done: int, failed: int) -> None:
        """So many are done, of which so many failed."""

    def say(self, text: str) -> None:
        """A line that stays."""

    def close(self) -> None:
        """It is over."""


def is_terminal(stream: TextIO) -> bool:
    """Whether lines on it can be written over."""
    return stream.isatty() and os.environ.get("TERM", "") != "dumb"


class Silent:
    """Says nothing."""

    def update(self, done: int, failed: int) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Lines:
    """A line every ten seconds, which is what a log can use."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._began = self._last = clock()

    def update(self, done: int, failed: int) -> None:
        """A line, if it is time for one."""
        now = self._clock()
        if now - self._last >= _LINE_EVERY_S:
            self._last = now
            self.say(_counts(done, 0, failed, now - self._began))

    def say(self, text: str) -> None:
        """The line as it is."""
        _write(self._stream, f"{text}\n")

    def close(self) -> None:
        """Nothing: who began it tells how it ended."""


class Bar:
    """A bar as wide as the terminal, drawn anew in its place.

    >>> import sys
    >>> from sesmail.cli.progress import Bar
    >>> seconds = iter([0.0, 2.0])
    >>> bar = Bar(sys.stdout, total=200, clock=lambda: next(seconds), width=lambda: 70)
    >>> bar.drawn(100, 3)
    '[##########----------]  50 %  100/200  3 failed  50/s  0:02 left'

    ``total`` is 0 where nobody knows it.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        total: int,
        clock: Callable[[], float] = monotonic,
        width: Callable[[], int] | None = None,
    ) -> None:
        self._stream = stream
        self._total = total
        self._clock = clock
        self._width = width or (lambda: width_of(stream))
        self._began = clock()
        self._last = float("-inf")
        self._state = (0, 0)

    def update(self, done: int, failed: int) -> None:
        """Draw it, but not more often than an eye can follow."""
        self._state = (done, failed)
        if self._clock() - self._last >= _BAR_EVERY_S:
            self._draw()

    def say(self, text: str) -> None:
        """A line above the bar."""
        _write(self._stream, f"{_CLEAR}{text}\n")
        self._draw()

    def close(self) -> None:
        """Leave it as it ended."""
        self._draw()
        _write(self._stream, "\n")

    def _draw(self) -> None:
        self._last = self._clock()
        _write(self._stream, _CLEAR + self.drawn(*self._state))

    def drawn(self, done: int, failed: int) -> str:
        """The bar as text, shorter than the terminal is wide: in the last column some would begin a line."""
        total = max(self._total, done) if self._total else 0
        text = _counts(done, total, failed, self._clock() - self._began)
        room = self._width() - 1
        length = min(room - len(text) - 4, _LONGEST_BAR) // 10 * 10
        if not total or length < _SHORTEST_BAR:
            return text[:room]
        full = length * done // total
        return f"[{'#' * full}{'-' * (length - full)}] {text}"


def _counts(done: int, total: int, failed: int, seconds: float) -> str:
    """What there is to tell, the most important first: a narrow terminal shows no more."""
    rate = done / seconds if seconds > 0 else 0.0
    words = [f"{done:,} rows"]
    if total:
        words = [f"{100 * done // total:3} %", f"{done:,}/{total:,}"]
    words += [f"{failed:,} failed", f"{rate:,.0f}/s" if rate >= 10 or not rate else f"{rate:.1f}/s"]
    if total and rate:
        words.append(f"{clock_time((total - done) / rate)} left")
    return "  ".join(words)


def clock_time(seconds: float) -> str:
    """Minutes and seconds, or hours.

    >>> from sesmail.cli.progress import clock_time
    >>> clock_time(4.2), clock_time(3725)
    ('0:04', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def width_of(stream: TextIO) -> int:
    """How many columns the terminal has now; it may change."""
    with suppress(OSError, ValueError):  # a terminal that does not know, or is gone
        if columns := os.get_terminal_size(stream.fileno()).columns:
            return columns
    return _USUAL_WIDTH


def _write(stream: TextIO, text: str) -> None:
    with suppress(BrokenPipeError):  # whoever watched has gone; the run goes on
        stream.write(text)
        stream.flush()
