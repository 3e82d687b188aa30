"""Nodes: a template as it is run, programs in programs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that the template itself brings. ``undefined`` is kept as null, which prints and decides the same."""

    value: str | float | bool | None
    original: str


@dataclass(frozen=True, slots=True)
class Path:
    """A way to a value: so many levels out, then these names in."""

    original: str
    names: tuple[str, ...] = ()
    depth: int = 0
    is_data: bool = False
    """It begins with an ``@``."""
    is_scoped: bool = False
    """It begins with ``.``, ``..`` or ``this``, so it can be neither a helper nor a block parameter."""

    @property
    def length(self) -> int:
        """How many steps it takes to walk it."""
        return len(self.names) + self.depth

    @property
    def is_simple(self) -> bool:
        """Whether it is one bare name, which might as well be that of a helper."""
        return len(self.names) == 1 and not self.is_scoped and not self.is_data


Expression = Literal | Path


@dataclass(frozen=True, slots=True)
class Plain:
    """Text."""

    text: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """A value in the place of its name."""

    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Arm:
    """A program that is run as often as its subject says. ``keyword`` is empty for a plain section."""

    keyword: str
    subject: Expression
    program: Program
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """The first arm that applies is taken, and what is for all other cases where none does."""

    arms: tuple[Arm, ...]
    otherwise: Program


@dataclass(frozen=True, slots=True)
class PartialCall:
    """A partial in this place: with the context that is here or another, and with some names more."""

    name: str
    line: int
    context: Expression | None = None
    options: tuple[tuple[str, Expression], ...] = ()
    indent: str = ""


@dataclass(frozen=True, slots=True)
class Inline:
    """A partial that is known in the program which holds it, also before it."""

    name: str
    program: Program


Node = Plain | Substitution | Block | PartialCall


@dataclass(frozen=True, slots=True)
class Program:
    """What is printed one after the other."""

    nodes: tuple[Node, ...] = ()
    inlines: tuple[Inline, ...] = ()
