"""Scope: where a name is looked up, at one point of a render.

Rule 1: a block opens a new level only where its context is another; so ``../`` does not count an ``#if``.
Rule 2: a partial sees the levels around its definition, and the loop, and the partials, around its call.
Rule 3: there is no look-up in outer levels without a ``../``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sesmail.ses.handlebars.nodes import Inline, Path, Program
from sesmail.ses.handlebars.values import MISSING, is_same, member


@dataclass(frozen=True, slots=True)
class Loop:
    """Where an ``#each`` is."""

    key: str | int
    index: int
    is_last: bool
    outer: Loop | None


_OF_LOOP = {
    "key": lambda loop: loop.key,
    "index": lambda loop: loop.index,
    "first": lambda loop: loop.index == 0,
    "last": lambda loop: loop.is_last,
}


@dataclass(frozen=True, slots=True)
class Partial:
    """An inline partial that is in reach, and the scope around the block that defines it."""

    program: Program
    home: Scope | None


@dataclass(frozen=True, slots=True)
class Scope:
    """A context, and what is around it."""

    context: object
    root: object
    outer: Scope | None = None
    loop: Loop | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    partials: Mapping[str, Partial] = field(default_factory=dict)
    calls: int = 0

    def enter(self, context: object, *, loop: Loop | None = None, parameters: Mapping[str, object]) -> Scope:
        """The scope inside a block that has another context."""
        outer = self.outer if is_same(context, self.context) else self
        known = {**self.parameters, **parameters} if parameters else self.parameters
        return Scope(context, self.root, outer, loop or self.loop, known, self.partials, self.calls)

    def call(self, partial: Partial, context: object) -> Scope:
        """The scope inside a partial that is called from here."""
        home = partial.home
        outer = home.outer if home and is_same(context, home.context) else home
        return Scope(context, self.root, outer, self.loop, {}, self.partials, self.calls + 1)

    def knowing(self, inlines: Sequence[Inline], home: Scope | None) -> Scope:
        """The same with some partials more."""
        known = {inline.name: Partial(inline.program, home) for inline in inlines}
        partials = {**self.partials, **known}
        return Scope(self.context, self.root, self.outer, self.loop, self.parameters, partials, self.calls)

    def find(self, path: Path) -> object:
        """The value at the end of a path, or `MISSING`."""
        value, names = self._start(path)
        for name in names:
            if value is MISSING:
                break
            value = member(value, name)
        return value

    def _start(self, path: Path) -> tuple[object, Sequence[str]]:
        if path.is_data:
            return self._of_loop(path), path.names[1:]
        if not path.is_scoped and path.names[0] in self.parameters:
            return self.parameters[path.names[0]], path.names[1:]
        scope: Scope | None = self
        for _ in range(path.depth):
            scope = scope and scope.outer
        return scope.context if scope else MISSING, path.names

    def _of_loop(self, path: Path) -> object:
        name = path.names[0] if path.names else ""
        if name == "root":
            return self.root
        loop = self.loop
        for _ in range(path.depth):
            loop = loop and loop.outer
        return _OF_LOOP[name](loop) if loop and name in _OF_LOOP else MISSING
