"""Rounds: what a loop goes over, each item a step. It is all one budget, so many small ranges are one large one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sesmail.templates.untrusted.budget import budget


class Rounds:
    """An iterable that is paid for while it is gone through. Its length is that of what it goes over, if it has one."""

    __slots__ = ("_iterable",)

    def __init__(self, iterable: Iterable[object]) -> None:
        self._iterable = iterable

    def __iter__(self) -> Iterator[object]:
        step = budget().step
        for item in self._iterable:
            step()
            yield item

    def __len__(self) -> int:
        return len(self._iterable)  # type: ignore[arg-type]  # a TypeError is what Jinja waits for
