"""MailEnvironment: Jinja's environment, in which templates are fresh, gaps are seen, and dicts are a short way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jinja2 import Environment, nodes, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import do_format, make_attrgetter
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from sesmail.templates.fresh import FreshTemplate
from sesmail.templates.gaps import printable

_METHODS = frozenset(dir(dict))
Show = Callable[[object], object]


class _Generator(CodeGenerator):
    """What is put together (``~``) is held to what may be printed, like all that is printed by itself."""

    def visit_Concat(  # noqa: N802 - Jinja's name
        self, node: nodes.Concat, frame: Frame
    ) -> None:
        self.write("environment.joined(context.eval_ctx, (")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class MailEnvironment(Environment):
    """As Jinja's own in all that it finds. ``show`` makes a value fit to stand beside what is escaped already."""

    template_class = FreshTemplate
    code_generator_class = _Generator

    def __init__(self, *, show: Show = escape, **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type] # Jinja's own, passed through
        self._show = show
        self.filters["join"] = _join
        self.filters["format"] = _format

    def getattr(self, obj: object, attribute: str) -> object:
        """``obj.attribute``. Jinja tries the attribute first, and in a dictionary each such try is an exception."""
        if type(obj) is dict and attribute in obj and attribute not in _METHODS:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def joined(self, context: EvalContext, parts: Iterable[object]) -> str:
        """The parts as one text; where one is escaped already, the others are as well."""
        values = [printable(part) for part in parts]
        if context.autoescape and any(hasattr(value, "__html__") for value in values):
            return Markup("").join(Markup(self._show(value)) for value in values)  # noqa: S704 - each is escaped
        return "".join(map(str, values))


@pass_eval_context
def _join(context: EvalContext, values: Iterable[object], d: object = "", attribute: str | None = None) -> str:
    environment = context.environment
    assert isinstance(environment, MailEnvironment)  # noqa: S101 - whose filter it is
    if attribute is not None:
        values = map(make_attrgetter(environment, attribute), values)
    parts: list[object] = []
    for value in values:
        parts += (d, value)
    return environment.joined(context, parts[1:])


def _format(value: object, *values: object, **named: object) -> str:
    for one in (*values, *named.values()):
        printable(one)
    return do_format(value, *values, **named)  # type: ignore[arg-type] # it makes a text of anything
