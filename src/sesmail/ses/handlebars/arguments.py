"""Arguments: what is said inside a tag. A name or value first, then more of them, ``key=value``, and ``as |names|``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sesmail.errors import TemplateError
from sesmail.ses.handlebars.failures import LimitReached, shortened, syntax_error
from sesmail.ses.handlebars.nodes import Expression, Literal, Path
from sesmail.ses.handlebars.tokens import Tag, Word, WordKind
from sesmail.ses.handlebars.values import number_text

MAX_PATH = 100  # names and levels together
_NAMES = frozenset({WordKind.STEP, WordKind.NAME, WordKind.LITERAL})
_VALUES = _NAMES | {WordKind.AT, WordKind.STRING, WordKind.NUMBER, WordKind.CONSTANT}
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_STEPS = frozenset({".", "..", "this"})
_INDEXES = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_END = Word(WordKind.BAR, "")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a tag says."""

    head: Expression
    values: tuple[Expression, ...] = ()
    options: tuple[tuple[str, Expression], ...] = ()
    parameters: tuple[str, ...] = ()

    @classmethod
    def of(cls, tag: Tag, *, template: str) -> Arguments:
        """Read the words of a tag."""
        return _Reader(tag, template).arguments()

    @property
    def path(self) -> Path:
        """The head as a way to a value: a literal in this place is a name like any other."""
        if isinstance(self.head, Path):
            return self.head
        return Path(self.head.original, (self.head.original,))

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing but the head."""
        return not (self.values or self.options or self.parameters)


class _Reader:
    def __init__(self, tag: Tag, template: str) -> None:
        self._tag = tag
        self._template = template
        self._words = tag.words
        self._at = 0

    def arguments(self) -> Arguments:
        head = self._value()
        values: list[Expression] = []
        while self._word().kind in _VALUES and self._word(1).kind is not WordKind.EQUALS:
            values.append(self._value())
        options = self._options()
        read = Arguments(head, tuple(values), options, self._parameters())
        if self._at < len(self._words):
            raise self._wrong("the end of the tag")
        return read

    def _options(self) -> tuple[tuple[str, Expression], ...]:
        options: list[tuple[str, Expression]] = []
        while self._word().kind in _NAMES and self._word(1).kind is WordKind.EQUALS:
            name = self._word().text
            self._at += 2
            options.append((name, self._value()))
        return tuple(options)

    def _parameters(self) -> tuple[str, ...]:
        if self._word().kind is not WordKind.PARAMETERS:
            return ()
        self._at += 1
        first = self._at
        while self._word().kind is WordKind.NAME and self._word().text not in _STEPS:
            self._at += 1
        names = tuple([word.text for word in self._words[first : self._at]])
        if not names or self._at == len(self._words) or self._word().kind is not WordKind.BAR:
            raise self._wrong("names between two bars")
        self._at += 1
        return names

    def _value(self) -> Expression:
        word = self._word()
        if word.kind in _NAMES or word.kind is WordKind.AT:
            return self._path()
        if word.kind not in _VALUES:
            raise self._wrong("a name or a value")
        self._at += 1
        if word.kind is WordKind.STRING:
            return Literal(word.text, word.text)
        if word.kind is WordKind.NUMBER:
            return Literal(float(word.text), number_text(float(word.text)))
        return Literal(_CONSTANTS[word.text], word.text)

    def _path(self) -> Path:
        is_data = self._word().kind is WordKind.AT
        self._at += is_data
        original = "@" if is_data else ""
        first = self._at
        is_scoped = self._is_step() and not is_data
        names: list[str] = []
        depth = 0
        while True:
            if self._is_step():
                depth += self._word().text == ".."
                if names:
                    raise self._wrong("a name")
            else:
                names += self._names(is_first=self._at == first)
            self._check_length(len(names) + depth)
            original += self._word().text
            self._at += 1
            if self._word().kind is not WordKind.SEPARATOR:
                return Path(original, tuple(names), depth, is_data, is_scoped)
            original += self._word().text
            self._at += 1

    def _check_length(self, length: int) -> None:
        if length > MAX_PATH:
            what = "a path has too many names and levels"
            raise LimitReached(what, MAX_PATH, template=self._template, line=self._tag.line)

    def _is_step(self) -> bool:
        word = self._word()
        return word.kind is WordKind.STEP or (word.kind is WordKind.NAME and word.text == "this")

    def _names(self, *, is_first: bool) -> list[str]:
        word = self._word()
        # handlebars.js takes `a.0.b` and not `a.0`; templates of SES are full of the latter, so both are read here.
        if not is_first and word.kind is WordKind.NUMBER and _INDEXES.fullmatch(word.text):
            return word.text.split(".")
        if word.kind not in _NAMES:
            raise self._wrong("a name")
        return [word.text]

    def _word(self, ahead: int = 0) -> Word:
        at = self._at + ahead
        return self._words[at] if at < len(self._words) else _END

    def _wrong(self, wanted: str) -> TemplateError:
        found = f"{shortened(self._word().text)!r}" if self._at < len(self._words) else "the end of the tag"
        reason = f"{wanted} should stand where {found} is"
        return syntax_error(reason, template=self._template, line=self._tag.line)
