"""Tables: which of them hold data. All others only place things, and what is in their cells flows like blocks.

A table holds data when it does not say that it is for presentation, has a row of two cells or more, and nothing in them
that is larger than a line or a paragraph: no table, heading, list, quotation.
"""

from __future__ import annotations

from sesmail.templates.text.attributes import attributes_of
from sesmail.templates.text.elements import CELLS, HEADINGS, LISTS, PRE
from sesmail.templates.text.tokens import Token

_LARGE = frozenset({*HEADINGS, *LISTS, *PRE, "blockquote", "hr"})
_LOOKED_AT = _LARGE | CELLS | {"table", "tr", "p", "caption"}


def data_tables(tokens: list[Token]) -> frozenset[int]:
    """The places of the start tags of tables that hold data."""
    found: list[int] = []
    open_: list[_Table] = []
    for place, (_, name, is_end, written) in enumerate(tokens):
        if name not in _LOOKED_AT or (is_end and name != "table"):
            continue
        if name != "table":
            if open_:
                open_[-1].see(name)
        elif not is_end:
            if open_:
                open_[-1].is_layout = True
            open_.append(_Table(place, written))
        elif open_:
            found += open_.pop().place_of_data
    return frozenset(found + [place for table in open_ for place in table.place_of_data])


class _Table:
    __slots__ = ("_cells", "_paragraphs", "_place", "_shows_data", "_widest", "_wordy", "is_layout")

    def __init__(self, place: int, written: str) -> None:
        role = attributes_of(written).get("role", "") if written else ""
        self.is_layout = role.strip().lower() in ("presentation", "none")
        self._place = place
        self._cells = self._widest = self._paragraphs = 0
        self._shows_data = self._wordy = False

    def see(self, name: str) -> None:
        """Look at a start tag in it."""
        if name in CELLS:
            self._cells += 1
            self._widest = max(self._widest, self._cells)
            self._paragraphs = 0
            self._shows_data |= name == "th"
        elif name == "tr":
            self._cells = 0
        elif name == "p":
            self._paragraphs += 1
            self._wordy |= self._paragraphs > 1
        elif name == "caption":
            self._shows_data = True
        else:
            self.is_layout = True

    @property
    def place_of_data(self) -> list[int]:
        holds = not self.is_layout and self._widest > 1 and (self._shows_data or not self._wordy)
        return [self._place] if holds else []
