"""Interruption: the first Ctrl-C lets what has begun end well, and begins nothing more. The second ends at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Self, TypeVar

T = TypeVar("T")


class Interruption:
    """Holds Ctrl-C off while something must not be torn in the middle, such as a mail that is being sent."""

    def __init__(self) -> None:
        self.came = False
        self._waits = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._caught)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _caught(self, *_: object) -> None:
        self.came = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._waits:  # for a row that may never come; nothing is torn by leaving it
            raise KeyboardInterrupt

    def until(self, source: Iterator[T]) -> Iterator[T]:
        """What the source gives, until Ctrl-C comes."""
        while not self.came:
            self._waits = True
            try:
                value = next(source)
            except (StopIteration, KeyboardInterrupt):
                return
            finally:
                self._waits = False
            yield value
