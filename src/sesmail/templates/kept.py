"""Kept: what was made once and is asked for again, up to a number. Beyond that all of it is made anew."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar, cast

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_NOTHING = object()


class Kept(Generic[K, V]):
    """A small memory, which threads may share. Two that ask at once may both make it, and the last one stays.

    >>> from sesmail.templates.kept import Kept
    >>> kept = Kept(100)
    >>> kept.get("a", lambda: print("made") or 1), kept.get("a", lambda: print("made again"))
    made
    (1, 1)

    With ``forgets`` it keeps nothing, which is right where a file may change.
    """

    __slots__ = ("_forgets", "_known", "_lock", "_most")

    def __init__(self, most: int, *, forgets: bool = False) -> None:
        self._most = most
        self._forgets = forgets
        self._known: dict[K, V] = {}
        self._lock = Lock()

    def get(self, key: K, make: Callable[[], V], *, is_worth_it: Callable[[V], bool] = lambda _: True) -> V:
        """What is kept under this key, or what is made now."""
        known = self._known.get(key, _NOTHING)
        if known is not _NOTHING:
            return cast("V", known)
        value = make()
        if not self._forgets and is_worth_it(value):
            with self._lock:
                if len(self._known) >= self._most:
                    self._known.clear()
                self._known[key] = value
        return value
