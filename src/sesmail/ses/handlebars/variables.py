"""Variables: what a template may look up in the data that it is given, found without running it.

Names inside an ``#each`` are about items, and inside a plain section about nobody knows what; such names are left out,
unless they lead back with ``../`` or ``@root``. Partials are followed as long as that takes no more than a bounded
number of steps, and paths that are very long are left out: who writes a template need not be trusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sesmail.ses.handlebars.nodes import Arm, Block, Expression, Inline, PartialCall, Path, Program, Substitution

_MOST_STEPS = 100_000
_MOST_NAMES = 100  # in one path
_MOST_CHARACTERS = 1000
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """A context: where it is in the data, if that is known, and which of its names come from elsewhere."""

    base: Names | None
    given: frozenset[str] = frozenset()


_UNKNOWN = _Level(None)
_TOP = _Level(())


@dataclass(frozen=True, slots=True)
class _Place:
    """The levels from the inside out, the block parameters, and the partials that we are in."""

    levels: tuple[_Level, ...] = (_TOP,)
    parameters: Mapping[str, Names | None] = field(default_factory=dict)
    inside: frozenset[str] = frozenset()

    def names(self, expression: Expression | None) -> Names | None:
        """Where in the data an expression leads, if that is known."""
        if not isinstance(expression, Path):
            return None
        if expression.is_data:
            return expression.names[1:] if expression.names[:1] == ("root",) else None
        first = expression.names[0] if expression.names else ""
        if not expression.is_scoped and first in self.parameters:
            base = self.parameters[first]
            return _joined(base, expression.names[1:])
        level = self.levels[expression.depth] if expression.depth < len(self.levels) else _UNKNOWN
        return None if first in level.given else _joined(level.base, expression.names)

    def within(self, arm: Arm) -> _Place:
        """The place inside a block."""
        if arm.keyword in ("if", "unless"):
            return self
        base = self.names(arm.subject) if arm.keyword == "with" else None
        given = dict.fromkeys(arm.parameters, base)
        parameters = {**self.parameters, **given} if given else self.parameters
        if base is not None and base == self.levels[0].base:
            return _Place(self.levels, parameters, self.inside)
        return _Place((_Level(base), *self.levels), parameters, self.inside)

    def called(self, call: PartialCall) -> _Place:
        """The place inside a partial. What is around its definition is not followed."""
        level = self.levels[0] if call.context is None else _Level(self.names(call.context))
        given = level.given | {name for name, _ in call.options}
        return _Place((_Level(level.base, given),), {}, self.inside | {call.name})

    @property
    def size(self) -> int:
        """How much it takes to make such a place."""
        return len(self.inside) + len(self.levels[0].given)


def _joined(base: Names | None, names: Names) -> Names | None:
    return None if base is None or len(base) + len(names) > _MOST_NAMES else base + names


def variables_of(program: Program) -> frozenset[str]:
    """The dotted paths. That a list or text is asked for its length is no variable of its own."""
    walk = _Walk(program)
    paths = {names[:-1] if names[-1] == "length" else names for names in walk.run() if names}
    return frozenset([".".join(names) for names in paths if names and sum(map(len, names)) <= _MOST_CHARACTERS])


class _Walk:
    def __init__(self, program: Program) -> None:
        self._todo = [(program, _Place())]
        self._partials: dict[str, list[tuple[Program, int]]] = {}
        for inline in _inlines(program):
            self._partials.setdefault(inline.name, []).append((inline.program, _size(inline.program)))
        self._steps = 0

    def run(self) -> Iterator[Names]:
        while self._todo:
            program, place = self._todo.pop()
            for node in program.nodes:
                if isinstance(node, Substitution):
                    yield place.names(node.path) or ()
                elif isinstance(node, Block):
                    yield from self._of_block(node, place)
                elif isinstance(node, PartialCall):
                    yield from self._of_call(node, place)

    def _of_block(self, block: Block, place: _Place) -> Iterator[Names]:
        for arm in block.arms:
            yield place.names(arm.subject) or ()
            self._todo.append((arm.program, place.within(arm)))
        self._todo.append((block.otherwise, place))

    def _of_call(self, call: PartialCall, place: _Place) -> Iterator[Names]:
        for expression in (call.context, *(value for _, value in call.options)):
            yield place.names(expression) or ()
        if call.name in place.inside or self._steps > _MOST_STEPS:
            return
        called = place.called(call)
        for program, size in self._partials[call.name]:
            self._steps += size + called.size
            self._todo.append((program, called))


def _programs(program: Program) -> Iterator[Program]:
    """This one and all within it, but for inline partials."""
    todo = [program]
    while todo:
        program = todo.pop()
        yield program
        for node in program.nodes:
            if isinstance(node, Block):
                todo += [*(arm.program for arm in node.arms), node.otherwise]


def _inlines(program: Program) -> Iterator[Inline]:
    todo = [program]
    while todo:
        for inner in _programs(todo.pop()):
            yield from inner.inlines
            todo += [inline.program for inline in inner.inlines]


def _size(program: Program) -> int:
    programs = list(_programs(program))
    calls = [node for inner in programs for node in inner.nodes if isinstance(node, PartialCall)]
    return sum(1 + len(inner.nodes) for inner in programs) + sum(len(call.options) for call in calls)
