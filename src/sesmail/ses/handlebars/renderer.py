"""Renderer: runs the nodes of a template.

No function here calls itself, however deep blocks and partials are: each is a generator which yields the generators
that are to be run before it goes on, and one loop drives them all. So Python's own stack stays out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sesmail.errors import TemplateError
from sesmail.ses.handlebars.failures import MissingVariable, shortened
from sesmail.ses.handlebars.meter import Meter
from sesmail.ses.handlebars.nodes import Block, Expression, Literal, PartialCall, Plain, Program, Substitution
from sesmail.ses.handlebars.rounds import ROUNDS
from sesmail.ses.handlebars.scope import Scope
from sesmail.ses.handlebars.values import MISSING, is_list, printed

Work = Iterator["Work"]


class Renderer:
    """One render of one template."""

    def __init__(self, *, template: str, meter: Meter) -> None:
        self._template = template
        self._meter = meter
        self._out: list[str] = []

    def render(self, program: Program, data: Mapping[str, object]) -> str:
        """Everything that it prints."""
        stack: list[Work] = [self._program(program, Scope(data, data), None)]
        while stack:
            inner = next(stack[-1], None)
            if inner is None:
                stack.pop()
            else:
                stack.append(inner)
        return "".join(self._out)

    def _program(self, program: Program, scope: Scope, home: Scope | None) -> Work:
        if program.inlines:
            self._meter.step(len(program.inlines) + len(scope.partials))
            scope = scope.knowing(program.inlines, home)
        for node in program.nodes:
            self._meter.step()
            match node:
                case Plain(text):
                    self._write(text)
                case Substitution():
                    self._substitute(node, scope)
                case Block():
                    yield self._block(node, scope)
                case _:
                    yield self._call(node, scope)

    def _substitute(self, node: Substitution, scope: Scope) -> None:
        value = self._needed(node.path, scope, node.line)
        try:
            for piece in printed(value):
                self._meter.step()
                self._write(piece)
        except TypeError as exc:
            name = node.path.original
            raise TemplateError(
                f"line {node.line}: {shortened(name)}: {exc}", template=self._template, line=node.line, variable=name
            ) from None

    def _block(self, block: Block, scope: Scope) -> Work:
        for arm in block.arms:
            self._meter.step()
            taken = False
            for inner in ROUNDS[arm.keyword](arm, self._value(arm.subject, scope), scope):
                taken = True
                self._meter.step(1 + len(inner.parameters))  # which each round copies
                yield self._program(arm.program, inner, scope)
            if taken:
                return
        yield self._program(block.otherwise, scope, scope)

    def _call(self, node: PartialCall, scope: Scope) -> Work:
        self._meter.call(scope.calls, node.line)
        partial = scope.partials.get(node.name)
        if partial is None:
            name = shortened(node.name)
            reason = f'line {node.line}: no {{{{#*inline "{name}"}}}} is in reach of {{{{> {name}}}}}'
            raise TemplateError(reason, template=self._template, line=node.line)
        first = len(self._out)
        yield self._program(partial.program, scope.call(partial, self._context(node, scope)), partial.home)
        if node.indent:
            self._indent(first, node.indent)

    def _context(self, node: PartialCall, scope: Scope) -> object:
        context = scope.context if node.context is None else self._needed(node.context, scope, node.line)
        if not node.options:
            return context
        members = _members(context)
        self._meter.step(len(members) + len(node.options))
        return {**members, **{name: self._needed(value, scope, node.line) for name, value in node.options}}

    def _indent(self, first: int, indent: str) -> None:
        """Put the indent of a partial before each line that it printed. Behind the last line end there is no line."""
        text = "".join(self._out[first:])
        if not text:
            return
        lines = text.removesuffix("\n")
        # A short text of many lines can become a very long one, so it is counted before it is made.
        self._meter.write(len(text) + len(indent) * (lines.count("\n") + 1))
        self._out[first:] = [indent + lines.replace("\n", f"\n{indent}") + text[len(lines) :]]

    def _needed(self, expression: Expression, scope: Scope, line: int) -> object:
        value = self._value(expression, scope)
        if value is MISSING:
            raise MissingVariable(expression.original, template=self._template, line=line)
        return value

    def _value(self, expression: Expression, scope: Scope) -> object:
        if isinstance(expression, Literal):
            return expression.value
        self._meter.step(expression.length)
        return scope.find(expression)

    def _write(self, text: str) -> None:
        self._meter.write(len(text))
        self._out.append(text)


def _members(context: object) -> Mapping[str, object]:
    if is_list(context):
        return {str(index): item for index, item in enumerate(context)}
    return context if isinstance(context, Mapping) else {}
