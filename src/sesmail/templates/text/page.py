"""Page: where the walk stands. What is open, what it stands in, and the paper that all is written on."""

from __future__ import annotations

from collections.abc import Callable

from sesmail.templates.text.links import Link
from sesmail.templates.text.paper import Paper
from sesmail.templates.text.rows import Row
from sesmail.templates.text.shades import REMOVED
from sesmail.templates.text.stack import Frame, Stack

Leave = Callable[[], None]


class List:
    """A list that is open, and which item of it."""

    __slots__ = ("item", "number", "outer")

    def __init__(self, number: int | None, outer: List | None) -> None:
        self.number = number
        self.outer = outer
        self.item = ""


class Table:
    """A table that is open, and what is open of it. One that holds data gathers its rows."""

    __slots__ = ("cell", "group", "is_data", "is_in_row", "outer", "rows")

    def __init__(self, outer: Table | None, *, is_data: bool) -> None:
        self.outer = outer
        self.is_data = is_data
        self.rows: list[Row] = []
        self.group = ""
        self.is_in_row = False
        self.cell = ""


class Page:
    """The state of one walk."""

    __slots__ = ("_link", "is_in_head", "list", "paper", "pre", "pre_start", "stack", "table", "templates")

    def __init__(self) -> None:
        self.paper = Paper()
        self.stack = Stack()
        self.list = List(None, None)
        self.table: Table | None = None
        self.templates = 0
        """How many are open: what is closed in one is never outside of it."""
        self.is_in_head = False
        self.pre = 0
        """How many are open in which blanks and lines stay."""
        self.pre_start = -1
        """The place of the token whose first line end is not meant."""
        self._link: Link | None = None

    def open(self, name: str, shade: int, gap: int, *, is_wall: bool = False) -> Frame:
        """Open a block, with this gap before and behind it."""
        if shade & REMOVED:
            gap = 0
        elif gap:
            self.paper.gap(gap)
        frame = self.stack.open_block(name, shade, is_wall=is_wall)
        frame.gap = gap
        return frame

    def close_to(self, name: str) -> None:
        """Close the innermost element of that name, which must be there, and all that is open in it."""
        while self._close() != name:
            pass

    def close_all(self) -> None:
        """The page ends here."""
        while self.stack.frames:
            self._close()
        self.end_link()

    def _close(self) -> str:
        if self._link is not None and len(self.stack.frames) <= self._link.depth:
            self.end_link()
        frame = self.stack.pop()
        if frame.leave:
            frame.leave()
        if frame.gap:
            self.paper.gap(frame.gap)
        return frame.name

    @property
    def is_removed(self) -> bool:
        """Whether nothing of this is to be seen."""
        return bool(self.stack.shade & REMOVED)

    def begin_link(self, target: str) -> None:
        """All text from here on leads there."""
        self._link = Link(target, len(self.stack.frames), self.paper.line)

    def end_link(self) -> None:
        """Write the target behind its text."""
        if self._link is not None:
            self._link.write_on(self.paper.line)
            self._link = None
