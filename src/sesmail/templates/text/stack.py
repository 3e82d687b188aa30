"""Stack: what is open, so that an end tag closes the right thing, and all in it that nobody closed.

Rule 1: an end tag reaches no further than the cell or the table that it stands in, and one of a part of a line no
        further than the block (HTML, 13.2.4.2). What it does not find it does not close.
Rule 2: how many of a name are within reach is counted, not searched, or end tags of nothing would take forever.
"""

from __future__ import annotations

from collections.abc import Callable

Reach = dict[str, int]


class Frame:
    """An open element, and how it was around it."""

    __slots__ = ("gap", "leave", "name", "outer_blocks", "outer_parts", "shade")

    def __init__(self, name: str, shade: int) -> None:
        self.name = name
        self.shade = shade
        self.gap = 0
        self.leave: Callable[[], None] | None = None
        self.outer_parts: Reach | None = None
        self.outer_blocks: Reach | None = None


class Stack:
    """All open elements, the innermost last."""

    __slots__ = ("_blocks", "_parts", "frames", "shade")

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.shade = 0
        self._blocks: Reach = {}
        self._parts: Reach = {}

    def open_part(self, name: str, shade: int) -> None:
        """Open a part of a line."""
        self.frames.append(Frame(name, self.shade))
        self._parts[name] = self._parts.get(name, 0) + 1
        self.shade = shade

    def open_block(self, name: str, shade: int, *, is_wall: bool = False) -> Frame:
        """Open a block. End tags in a wall do not reach beyond it."""
        frame = Frame(name, self.shade)
        frame.outer_parts, self._parts = self._parts, {}
        if is_wall:
            frame.outer_blocks, self._blocks = self._blocks, {}
        else:
            self._blocks[name] = self._blocks.get(name, 0) + 1
        self.frames.append(frame)
        self.shade = shade
        return frame

    def has_block(self, name: str) -> bool:
        """Whether one is within reach."""
        return self._blocks.get(name, 0) > 0

    def has_part(self, name: str) -> bool:
        """Whether one is within reach."""
        return self._parts.get(name, 0) > 0

    def pop(self) -> Frame:
        """Close the innermost."""
        frame = self.frames.pop()
        self.shade = frame.shade
        if frame.outer_parts is None:
            self._parts[frame.name] -= 1
            return frame
        self._parts = frame.outer_parts
        if frame.outer_blocks is None:
            self._blocks[frame.name] -= 1
        else:
            self._blocks = frame.outer_blocks
        return frame
