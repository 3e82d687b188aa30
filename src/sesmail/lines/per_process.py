"""PerProcess: one thing in each process. What holds locks, threads or sockets must not be shared with a parent."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


def _nothing(_: object) -> None:
    """What there is to do by default."""


class PerProcess(Generic[T]):
    """Made when a process first asks for it. What a fork copied is let go, untouched: its locks may be held for ever.

    >>> from sesmail.lines.per_process import PerProcess
    >>> mine = PerProcess(list)
    >>> mine.get() is mine.get()
    True

    ``let_go`` is done to such a copy, where something has to be.
    """

    __slots__ = ("_let_go", "_made", "_of")

    def __init__(self, made: Callable[[], T], let_go: Callable[[T], object] = _nothing) -> None:
        self._made = made
        self._let_go = let_go
        self._of: dict[int, T] = {}  # its methods are safe from many threads, and unlike a lock survive a fork

    def get(self) -> T:
        """This process's own. Many threads get the same one, though more may be made: it costs nothing to make."""
        mine = self._of.get(os.getpid())
        return self._begun() if mine is None else mine

    def is_now(self, thing: T) -> bool:
        """Whether this is still the one."""
        return self._of.get(os.getpid()) is thing

    def take_out(self) -> T | None:
        """This process's own, if it has one. It is yours then, and who asks next gets another."""
        self._let_others_go()
        return self._of.pop(os.getpid(), None)

    def _begun(self) -> T:
        self._let_others_go()
        return self._of.setdefault(os.getpid(), self._made())

    def _let_others_go(self) -> None:
        for process in list(self._of):
            if process != os.getpid() and (other := self._of.pop(process, None)) is not None:
                self._let_go(other)
