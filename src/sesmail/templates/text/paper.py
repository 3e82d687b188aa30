"""Paper: lines, as they are written.

Rule 1: a line ends when the next one begins, and not before: what is asked for in between, an end of the line or an
        empty one, adds up to one empty line at most, and to nothing where nothing follows.
Rule 2: what a line begins with is a prefix, of quotations and lists. The first line of an item has a lead in its place.
Rule 3: a prefix has an end, or a hostile page of 100 kB would become one of 100 MB.
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from sesmail.templates.text.characters import collapsed
from sesmail.templates.text.elements import LINE, PARAGRAPH

_LONGEST_PREFIX = 40
_LONGEST_RULE = 60
_PUNCTUATION = frozenset(".,:;!?-–—|/·•")
Place = tuple[str, str | None]


class Paper:
    """What is written so far."""

    __slots__ = (
        "_breaks",
        "_gap",
        "_gap_prefix",
        "_indent",
        "_is_raw",
        "_lead",
        "_lines",
        "_prefix",
        "_rule",
        "blank",
        "line",
    )

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.line: list[str] = []
        """The line that is being written, in pieces, of which the first is the prefix; empty before the first one."""
        self.blank = False
        """Whether there is one before what comes next."""
        self._prefix = ""
        self._lead: str | None = None
        self._gap = 0
        self._gap_prefix = ""
        self._rule = ""
        self._is_raw = False
        self._breaks = 0
        self._indent: list[str] = []

    def text(self, text: str) -> None:
        """Write text whose blanks are collapsed."""
        if not text or text.isspace():
            self.blank |= bool(text)
            return
        if self._gap or not self.line:
            self._begin()
            text = text.lstrip(" ")
        elif self.blank:
            if text[0] != " ":
                text = f" {text}"
            self.blank = False
        if text[-1] == " ":
            self.blank = True
            text = text[:-1]
        self.line.append(text)

    def gap(self, size: int) -> None:
        """Ask for an end of the line, or an empty line."""
        if self._lead is not None:
            return  # the first line of an item is still to come, and has its gap already
        if not self._gap or len(self._prefix) < len(self._gap_prefix):
            self._gap_prefix = self._prefix
        self._gap = max(self._gap, size)

    def end_line(self) -> None:
        """End the line, or where that is done, leave one empty."""
        self.gap(PARAGRAPH if self._gap else LINE)

    def whole_line(self, text: str) -> None:
        """Write a line by itself."""
        self.gap(LINE)
        self._begin()
        self.line.append(text)
        self.gap(LINE)

    def underline(self, with_: str) -> None:
        """Put a rule under the line that stands there."""
        self._rule = self._prefix + with_ * min(_width("".join(self.line[1:])), _LONGEST_RULE)

    # ── as it is ─────────────────────────────────────────────────────────────────────────────────────────────────

    def as_written(self, text: str) -> None:
        """Write text with the blanks and lines that it has."""
        first, *others = text.split("\n")
        self._piece(first)
        for piece in others:
            self._breaks += 1
            self._indent.clear()
            self._piece(piece)

    def end_as_written(self) -> None:
        """Leave out the empty lines at its end."""
        self._breaks = 0
        self._indent.clear()

    def _piece(self, piece: str) -> None:
        is_begun = bool(self.line) and not (self._gap or self._breaks)
        if not is_begun and not piece.strip():
            self._indent.append(piece)
            return
        if not is_begun:
            self._begin_as_written()
        self.line.append(piece)
        self._is_raw = True

    def _begin_as_written(self) -> None:
        if self._breaks and self.line and not self._gap:
            self._breaks -= 1  # the one that ends the line
        breaks, self._breaks = self._breaks, 0
        self._begin(breaks)
        self.line += self._indent
        self._indent.clear()

    # ── where it stands ──────────────────────────────────────────────────────────────────────────────────────────

    def enter(self, lead: str, prefix: str) -> Place:
        """Begin all lines with this too, and the first of them with the lead. Gives what to `leave` it with."""
        place = (self._prefix, self._lead)
        is_deep = len(self._prefix) >= _LONGEST_PREFIX
        if self._lead is None:
            self._lead = self._prefix + lead
        elif not is_deep:
            self._lead += lead
        if not is_deep:
            self._prefix += prefix
        return place

    def leave(self, place: Place) -> None:
        """Go back to how it was."""
        self._prefix, lead = place
        if self._lead is not None:  # nothing was written
            self._lead = lead

    # ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────

    def done(self) -> list[str]:
        """All lines."""
        self._finish()
        return self._lines

    def _begin(self, empty: int = 0) -> None:
        self._finish()
        if self._gap == PARAGRAPH and self._lines:
            self._lines.append(self._gap_prefix.rstrip())
        if empty:
            self._lines += [self._prefix.rstrip()] * empty
        self.line = [self._prefix if self._lead is None else self._lead]
        self._lead = None
        self._gap = 0
        self.blank = False

    def _finish(self) -> None:
        if not self.line:
            return
        line = "".join(self.line)
        self._lines.append(line if self._is_raw else line.rstrip())
        if self._rule:
            self._lines.append(self._rule)
            self._rule = ""
        self._is_raw = False


class Cell(Paper):
    """Paper for a cell of data, which is one line: others are joined to it."""

    __slots__ = ()

    def gap(self, size: int) -> None:  # noqa: ARG002 - there is one kind
        self._gap = LINE

    def whole_line(self, text: str) -> None:
        self._gap = LINE
        self.text(text)
        self._gap = LINE

    def _begin(self, empty: int = 0) -> None:  # noqa: ARG002 - and none is empty
        if not self.line:
            self.line = [""]
        else:
            self.line.append(" " if self.line[-1][-1] in _PUNCTUATION else ", ")
        self._gap = 0
        self.blank = False

    def as_written(self, text: str) -> None:
        self.text(collapsed(text))

    def underline(self, with_: str) -> None:
        """Nothing to do: it is no heading of the page."""

    def content(self) -> str:
        """What is in it."""
        return "".join(self.line[1:]).strip()


def _width(text: str) -> int:
    """How many columns it takes, where letters are equally wide."""
    if text.isascii():
        return len(text)
    return sum([0 if combining(one) else 1 + (east_asian_width(one) in "WF") for one in text[:_LONGEST_RULE]])
