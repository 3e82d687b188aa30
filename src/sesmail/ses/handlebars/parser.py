"""Parser: from tokens to nodes.

Blocks that are open are kept on a list of our own, so nesting costs no stack; and no more than `MAX_NESTING` may be,
which leaves room for the walks that others make through the nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sesmail.errors import TemplateError
from sesmail.ses.handlebars.arguments import Arguments
from sesmail.ses.handlebars.failures import LimitReached, UnsupportedConstruct, shortened, syntax_error
from sesmail.ses.handlebars.nodes import (
    Arm,
    Block,
    Expression,
    Inline,
    Literal,
    Node,
    PartialCall,
    Plain,
    Program,
    Substitution,
)
from sesmail.ses.handlebars.rounds import PARAMETERS
from sesmail.ses.handlebars.tokens import Tag, TagKind, Text, Token

MAX_NESTING = 100
_NOT_IN_SES = frozenset({"lookup", "log", "helperMissing", "blockHelperMissing"})
_HELPERS = _NOT_IN_SES | PARAMETERS.keys()
_INLINE = "inline"


@dataclass(slots=True)
class _Section:
    """What stands between two tags of a block, and what decides whether it is run."""

    keyword: str = ""
    subject: Expression | None = None
    parameters: tuple[str, ...] = ()
    nodes: list[Node] = field(default_factory=list)
    inlines: list[Inline] = field(default_factory=list)

    def program(self) -> Program:
        return Program(tuple(self.nodes), tuple(self.inlines))


@dataclass(slots=True)
class _Open:
    """A block whose end is still to come."""

    tag: Tag
    name: str
    sections: list[_Section]
    inline: str = ""

    @property
    def is_ending(self) -> bool:
        """Whether its ``{{else}}`` is behind us."""
        return len(self.sections) > 1 and self.sections[-1].subject is None


class Parser:
    """Reads the tokens of one template. ``simple`` refuses all but substitutions of plain names."""

    def __init__(self, *, template: str, simple: bool = False) -> None:
        self._template = template
        self._simple = simple
        self._top = _Section()
        self._open: list[_Open] = []
        self._inlines: set[str] = set()
        self._called: dict[str, Tag] = {}  # partials, where each is first asked for
        self._readers: dict[TagKind, Callable[[Tag], None]] = {
            TagKind.SUBSTITUTION: self._substitution,
            TagKind.BLOCK: self._block,
            TagKind.INVERSE: self._block,
            TagKind.CHAIN: self._chain,
            TagKind.OTHERWISE: self._otherwise,
            TagKind.CLOSE: self._close,
            TagKind.INLINE: self._inline,
            TagKind.PARTIAL: self._partial,
        }

    def program(self, tokens: Iterable[Token]) -> Program:
        """The whole template."""
        for token in tokens:
            if isinstance(token, Text):
                self._section.nodes.append(Plain(token.text))
                continue
            if self._simple and token.kind is not TagKind.SUBSTITUTION:
                raise self._unknown(token, f"{token.kind} tags", where="an inline template of SES")
            if token.kind is not TagKind.COMMENT:
                self._readers[token.kind](token)
        if self._open:
            last = self._open[-1]
            raise self._error(last.tag, f"the block {shortened(last.name)!r} is never closed")
        self._check_partials()
        return self._top.program()

    def _check_partials(self) -> None:
        """SES keeps no template with a partial that is nowhere. Whether one is in reach is seen later."""
        for name, tag in self._called.items():
            if name not in self._inlines:
                raise self._error(tag, f"the partial {shortened(name)!r} is defined nowhere in this template")

    @property
    def _section(self) -> _Section:
        return self._open[-1].sections[-1] if self._open else self._top

    # ── tags ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _substitution(self, tag: Tag) -> None:
        said = Arguments.of(tag, template=self._template)
        path = said.path
        if said.values or said.options or said.parameters or self._is_helper(said):
            raise self._unknown(tag, f"the helper {shortened(path.original)!r}")
        if self._simple and (path.is_data or path.is_scoped):
            raise self._unknown(tag, f"the path {shortened(path.original)!r}", where="an inline template of SES")
        self._section.nodes.append(Substitution(path, tag.line))

    def _block(self, tag: Tag) -> None:
        said = Arguments.of(tag, template=self._template)
        self._push(_Open(tag, said.head.original, [self._section_of(tag, said)]))

    def _chain(self, tag: Tag) -> None:
        block = self._block_of(tag)
        if block.tag.kind is TagKind.INVERSE:
            raise self._error(tag, "an inverse block may have an {{else}}, and none with a condition")
        block.sections.append(self._section_of(tag, Arguments.of(tag, template=self._template)))

    def _otherwise(self, tag: Tag) -> None:
        self._block_of(tag).sections.append(_Section())

    def _block_of(self, tag: Tag) -> _Open:
        """The block that an ``{{else}}`` is for."""
        if not self._open or self._open[-1].inline or self._open[-1].is_ending:
            raise self._error(tag, "there is no block here that an {{else}} could be for")
        return self._open[-1]

    def _close(self, tag: Tag) -> None:
        said = Arguments.of(tag, template=self._template)
        name = said.head.original
        if not said.is_bare or not self._open or self._open[-1].name != name:
            wanted = f", but {shortened(self._open[-1].name)!r}" if self._open else ""
            raise self._error(tag, f"{shortened(name)!r} is not what could be closed here{wanted}")
        block = self._open.pop()
        if block.inline:
            self._section.inlines.append(Inline(block.inline, block.sections[0].program()))
        else:
            self._section.nodes.append(_built(block))

    def _inline(self, tag: Tag) -> None:
        said = Arguments.of(tag, template=self._template)
        if said.path.original != _INLINE:
            raise self._unknown(tag, f"the decorator {shortened(said.path.original)!r}")
        if len(said.values) != 1 or said.options or said.parameters or not isinstance(said.values[0], Literal):
            raise self._error(tag, 'an inline partial has one name, in quotes: {{#*inline "name"}}')
        self._inlines.add(said.values[0].original)
        self._push(_Open(tag, _INLINE, [_Section()], said.values[0].original))

    def _partial(self, tag: Tag) -> None:
        said = Arguments.of(tag, template=self._template)
        if said.path.is_data:
            raise self._unknown(tag, f"the partial {shortened(said.path.original)!r}")
        if len(said.values) > 1 or said.parameters:
            raise self._error(tag, "a partial takes one context, and then only key=value")
        context = said.values[0] if said.values else None
        call = PartialCall(said.path.original, tag.line, context, said.options, tag.indent)
        self._called.setdefault(call.name, tag)
        self._section.nodes.append(call)

    # ── blocks ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _push(self, block: _Open) -> None:
        if len(self._open) >= MAX_NESTING:
            what = "blocks are nested too deep"
            raise LimitReached(what, MAX_NESTING, template=self._template, line=block.tag.line)
        self._open.append(block)

    def _section_of(self, tag: Tag, said: Arguments) -> _Section:
        keyword = said.path.original if self._is_helper(said) else ""
        if keyword in _NOT_IN_SES or (not keyword and (said.values or said.options)):
            raise self._unknown(tag, f"the helper {shortened(said.path.original)!r}")
        if keyword and (len(said.values) != 1 or said.options):
            raise self._error(tag, f"{keyword} takes one value and no key=value")
        if len(said.parameters) > PARAMETERS[keyword]:
            raise self._error(tag, f"{keyword or 'this block'} has not so many block parameters to give")
        return _Section(keyword, said.values[0] if keyword else said.path, said.parameters)

    def _is_helper(self, said: Arguments) -> bool:
        path = said.path
        return path.is_simple and path.original in _HELPERS and not self._is_parameter(path.original)

    def _is_parameter(self, name: str) -> bool:
        """Whether a block around gives this name; a partial knows only what is inside itself."""
        for block in reversed(self._open):
            if block.inline:
                return False
            if name in block.sections[-1].parameters:
                return True
        return False

    def _unknown(self, tag: Tag, construct: str, *, where: str = "SES") -> UnsupportedConstruct:
        return UnsupportedConstruct(construct, template=self._template, line=tag.line, where=where)

    def _error(self, tag: Tag, reason: str) -> TemplateError:
        return syntax_error(reason, template=self._template, line=tag.line)


def _built(block: _Open) -> Block:
    programs = [section.program() for section in block.sections]
    otherwise = programs.pop() if block.is_ending else Program()
    if block.tag.kind is TagKind.INVERSE:
        programs[0], otherwise = otherwise, programs[0]
    decided = zip(block.sections, programs, strict=False)
    arms = [Arm(one.keyword, one.subject, program, one.parameters) for one, program in decided if one.subject]
    return Block(tuple(arms), otherwise)
