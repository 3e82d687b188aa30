"""PerProcess: one thing in each process. What holds locks, threads or sockets must not be shared with a parent."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Made when a process first asks for it. What a fork copied is let go, untouched: its locks may be held for ever.

    >>> from sesmail.lines.per_process import PerProcess
    >>> mine = PerProcess(list)
    >>> mine.get() is mine.get()
    True
    """

    __slots__ = ("_made", "_of")

    def __init__(self, made: Callable[[], T]) -> None:
        self._made = made
        self._of: dict[int, T] = {}  # its methods are safe from many threads, and unlike a lock survive a fork

    def get(self) -> T:
        """This process's own. Many threads get the same one, though more may be made: it costs nothing to make."""
        process = os.getpid()
        mine = self._of.get(process)
        if mine is None:
            mine = self._of.setdefault(process, self._made())
            for other in [other for other in self._of if other != process]:
                self._of.pop(other, None)
        return mine

    def take_out(self, only: T | None = None) -> T | None:
        """This process's own, if it has one, or still this one. It is yours then, and who asks next gets another."""
        process = os.getpid()
        if only is not None and self._of.get(process) is not only:
            return None
        return self._of.pop(process, None)
