"""Page: one rendering of a template, with some of its blocks set aside to be asked for by themselves.

A mail can be one file: its blocks ``subject``, ``text`` and ``preheader`` are no part of the page. The page is rendered
with nothing in their places; what is said and imported outside of blocks is known by then, so they can be rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from jinja2 import Template
from jinja2.runtime import Context

from sesmail.templates.gaps import Missing

Block = Callable[[Context], Iterator[str]]
ALL = None


class Page:
    """A template, rendered."""

    __slots__ = ("_blocks", "_context", "_pieces", "text")

    def __init__(self, template: Template, variables: Mapping[str, object], *, aside: frozenset[str] | None) -> None:
        """``aside`` are the blocks that are left out."""
        self._pieces: Iterator[str] | None = None  # of a page that was left before its end
        self._context = template.new_context(dict(variables))
        self._context.blocks = self._blocks = _Blocks(self._context.blocks, aside)
        self.text = "" if aside is ALL else self._rest(template.root_render_func(self._context))

    @classmethod
    def of_blocks(cls, template: Template, variables: Mapping[str, object], *, inherits: bool) -> Page:
        """A page of which only blocks are asked for.

        A template that extends another has done all that it does itself when the other one begins to print.
        """
        page = cls(template, variables, aside=ALL)
        pieces = template.root_render_func(page._context)
        if inherits:
            page._pieces = pieces
            next(filter(str.strip, pieces), None)
            page._blocks.aside = frozenset()
        else:
            page._rest(pieces)
        return page

    def block(self, name: str) -> str | None:
        """One block by itself; None where neither the template nor what it extends has it."""
        if name not in self._blocks:
            return None
        try:
            return "".join(self._blocks[name][0](self._context))
        except Missing:
            if self._pieces is None:
                raise
            self._go_on()  # a layout may set something later
        return "".join(self._blocks[name][0](self._context))

    def _go_on(self) -> None:
        pieces, self._pieces = self._pieces or (), None
        self._blocks.aside = ALL
        for _ in pieces:
            continue
        self._blocks.aside = frozenset()

    def _rest(self, pieces: Iterator[str]) -> str:
        text = "".join(pieces)
        self._blocks.aside = frozenset()
        return text


class _Blocks(dict[str, list[Block]]):
    """The blocks of a template and of what it extends, of which some look empty."""

    def __init__(self, blocks: Mapping[str, list[Block]], aside: frozenset[str] | None) -> None:
        super().__init__(blocks)
        self.aside = aside

    def __getitem__(self, name: str) -> list[Block]:
        if self.aside is ALL or name in self.aside:
            return [_nothing, _nothing]  # two: a block that is required is one that somebody has filled
        return super().__getitem__(name)


def _nothing(_context: Context) -> Iterator[str]:
    yield from ()  # a generator, which Jinja closes
