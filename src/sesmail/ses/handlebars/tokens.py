"""Tokens: the pieces of a template, text and tags, and the words inside a tag."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class TagKind(StrEnum):
    """What a tag does, by its first characters."""

    SUBSTITUTION = auto()
    BLOCK = auto()
    INVERSE = auto()
    """A block with a ``^``: its inside is for what is false."""
    OTHERWISE = auto()
    """``{{else}}`` or ``{{^}}``."""
    CHAIN = auto()
    """``{{else if a}}``, or another block in the place of ``if``."""
    CLOSE = auto()
    INLINE = auto()
    PARTIAL = auto()
    COMMENT = auto()


class WordKind(Enum):
    """What may stand inside a tag."""

    STEP = "step"
    """``.`` or ``..``"""
    NAME = "name"
    LITERAL = "literal"
    """A name in brackets, which may hold anything."""
    SEPARATOR = "separator"
    AT = "at"
    STRING = "string"
    NUMBER = "number"
    CONSTANT = "constant"
    EQUALS = "equals"
    PARAMETERS = "parameters"
    """``as |``"""
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Word:
    """One word, without its quotes or brackets."""

    kind: WordKind
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """What is printed as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands between braces. A ``~`` at an end takes all blanks beyond that end."""

    kind: TagKind
    line: int
    words: tuple[Word, ...] = ()
    trims_before: bool = False
    trims_after: bool = False
    indent: str = ""
    """What stood before it on its line, where that is for every line of a partial."""


Token = Text | Tag
