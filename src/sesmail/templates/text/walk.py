"""Walk: once through all tokens, and everything that is to be read goes on paper.

Rule 1: nothing here calls itself: how deep a page nests is its author's choice.
Rule 2: what an element changes, it changes back when it is closed, whoever closes it.
"""

from __future__ import annotations

from sesmail.templates.text import blocks, boxes
from sesmail.templates.text.attributes import Attributes, attributes_of
from sesmail.templates.text.characters import collapsed, kept
from sesmail.templates.text.elements import (
    BLOCKS,
    HEADINGS,
    IN_HEAD,
    IN_TABLES,
    ITEMS,
    LINE,
    LISTS,
    PARAGRAPH,
    PRE,
    UNSHOWN,
    VOID,
    WALLS,
)
from sesmail.templates.text.links import shown
from sesmail.templates.text.page import Page
from sesmail.templates.text.references import plain_text
from sesmail.templates.text.shades import REMOVED, TINY, change_by, change_by_tag
from sesmail.templates.text.tokens import Token

_RULE = "-" * 40
_NONE: Attributes = {}
# Of these more than the style is needed.
_READ = frozenset({"a", "img", "ol", "li"})


class Walk:
    """One way through a page."""

    __slots__ = ("_data_tables", "_page", "_place", "_tokens")

    def __init__(self, tokens: list[Token], data_tables: frozenset[int]) -> None:
        self._tokens = tokens
        self._data_tables = data_tables
        self._page = Page()
        self._place = 0

    def text(self) -> str:
        """All that is to be read."""
        page, stack = self._page, self._page.stack
        for place, (before, name, is_end, written) in enumerate(self._tokens):
            if before and not stack.shade:
                if page.pre:
                    self._as_written(before.removeprefix("\n") if place == page.pre_start else before)
                elif before.isspace():
                    page.paper.blank = True
                else:
                    page.paper.text(collapsed(plain_text(before) if "&" in before else before))
            self._place = place
            if is_end:
                self._end(name)
            elif name:
                self._start(name, written)
        page.close_all()
        lines = page.paper.done()
        return "\n".join([*lines, ""]) if lines else ""

    def _as_written(self, text: str) -> None:
        self._page.paper.as_written(kept(plain_text(text)))

    # ── start tags ───────────────────────────────────────────────────────────────────────────────────────────────

    def _start(self, name: str, written: str) -> None:
        page = self._page
        if page.is_in_head and name not in IN_HEAD:
            page.close_to("head")
        is_block = name in BLOCKS
        if is_block:
            self._close_before(name)
        elif name in IN_TABLES:
            boxes.close_before(page, name)
        attributes = attributes_of(written) if written and name in _READ else _NONE
        shade = self._shade(name, written, attributes)
        if name in VOID:
            if not shade & ~TINY:
                self._void(name, attributes)
        elif is_block:
            self._start_block(name, attributes, shade)
        elif name in IN_TABLES:
            boxes.start(page, name, shade)
        else:
            self._start_part(name, attributes, shade)

    def _close_before(self, name: str) -> None:
        """Close what need not be closed by a tag of its own."""
        page = self._page
        if name in ITEMS and page.list.item:
            page.close_to(page.list.item)
        if page.stack.has_block("p"):
            page.close_to("p")

    def _shade(self, name: str, written: str, attributes: Attributes) -> int:
        around = self._page.stack.shade
        if name in UNSHOWN:
            return around | REMOVED
        if not written:
            return around
        keeps, adds = change_by(attributes) if name in _READ else change_by_tag(written)
        return around & keeps | adds

    def _start_block(self, name: str, attributes: Attributes, shade: int) -> None:
        page = self._page
        if name in PRE:
            page.pre_start = self._place + 1
        gap = LINE if name in LISTS and page.list.item else BLOCKS[name]
        frame = page.open(name, shade, gap, is_wall=name in WALLS)
        frame.leave = blocks.begin(page, name, attributes, is_data=self._place in self._data_tables)

    def _start_part(self, name: str, attributes: Attributes, shade: int) -> None:
        page = self._page
        if name == "a":
            page.end_link()
            if target := "" if shade & ~TINY else shown(attributes.get("href", "")):
                page.begin_link(target)
        # What neither hides nor is hidden makes no difference, closed or not.
        if shade or page.stack.shade:
            page.stack.open_part(name, shade)

    # ── what has no end tag ──────────────────────────────────────────────────────────────────────────────────────

    def _void(self, name: str, attributes: Attributes) -> None:
        paper = self._page.paper
        if name == "br":
            self._end_line()
        elif name == "img" and (alt := collapsed(attributes.get("alt", "")).strip()):
            self._picture(alt)
        elif name == "hr":
            paper.gap(PARAGRAPH)
            paper.whole_line(_RULE)
            paper.gap(PARAGRAPH)

    def _end_line(self) -> None:
        if self._page.pre:
            self._page.paper.as_written("\n")
        else:
            self._page.paper.end_line()

    def _picture(self, alt: str) -> None:
        """A picture is a word of its own, even where no blank parts it from the next one."""
        paper = self._page.paper
        if self._page.pre:
            paper.as_written(alt)
            return
        if alt[0].isalnum() and paper.line and paper.line[-1][-1:].isalnum():
            paper.blank = True
        paper.text(alt)
        if alt[-1].isalnum() and self._tokens[self._place + 1][0][:1].isalnum():
            paper.blank = True

    # ── end tags ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _end(self, name: str) -> None:
        page = self._page
        if name == "a":
            page.end_link()
        if name in IN_TABLES or name == "table":
            boxes.end(page, name)
        elif name in ITEMS:
            if page.list.item == name:
                page.close_to(name)
        elif name in BLOCKS:
            self._end_block(name)
        elif page.stack.has_part(name):
            page.close_to(name)
        elif name == "br":  # browsers take it for the other one
            self._end_line()

    def _end_block(self, name: str) -> None:
        page = self._page
        if page.stack.has_block(name) or (name == "template" and page.templates):
            page.close_to(name)
        elif name in HEADINGS:  # any of them closes any other
            for other in HEADINGS:
                if page.stack.has_block(other):
                    page.close_to(other)
        elif name == "p" and not page.is_removed:
            page.paper.gap(PARAGRAPH)
