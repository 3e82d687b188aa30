"""Internal: the filters that `meters` writes into a template. Their names begin with a blank, so nobody else can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jinja2 import Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from markupsafe import escape

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.filters.lists import listed
from sesmail.templates.untrusted.filters.texts import joined
from sesmail.templates.untrusted.plain import text
from sesmail.templates.untrusted.rounds import Rounds
from sesmail.templates.untrusted.value import Value


@pass_context
def _source(_: Context, data: str) -> str:
    """Text of the template itself."""
    budget().write(len(data))
    return data


@pass_context
def _written(context: Context, value: Value) -> str:
    """What an expression prints."""
    finalize = getattr(context.environment, "finalizer", None)
    printed = text(value if finalize is None else finalize(value))
    printed = escape(printed) if context.eval_ctx.autoescape else str(printed)
    budget().write(len(printed))
    return printed


@pass_context
def _escaped(context: Context, value: Value) -> Value:
    """What a filter made of a block that is set. Jinja takes it for markup, also where it is somebody's plain text."""
    return escape(text(value)) if context.eval_ctx.autoescape else value


@pass_context
def _joined(context: Context, parts: list[Value]) -> str:
    """``a ~ b``."""
    whole = joined(parts, is_html=context.eval_ctx.autoescape)
    budget().keep(whole)
    return whole


@pass_context
def _step(_: Context, steps: int) -> None:
    """A part of the template begins."""
    budget().step(steps)


@pass_context
def _passed(_: Context, value: Value, steps: int) -> Value:
    """The condition of a loop was asked."""
    budget().step(steps)
    return value


@pass_context
def _rounds(_: Context, iterable: Value) -> Rounds:
    """What a loop goes over."""
    return Rounds(iterable)


@pass_context
def _kept(_: Context, value: Value) -> Value:
    """A list or dict that stands in the template."""
    budget().keep(value)
    return value


@pass_context
def _weighed(_: Context, value: Value) -> Value:
    """What is compared, searched or hashed."""
    budget().look_at(value)
    return value


@pass_context
def _sliced(_: Context, value: Value, start: Value, stop: Value, step: Value) -> Value:
    """``value[start:stop:step]``."""
    if not isinstance(value, str | list | tuple | range | Undefined):
        raise SecurityError(f"of {type(value).__name__} no part can be taken, only of texts and lists")
    part = value[start:stop:step]
    budget().keep(part)
    return part


@pass_context
def _listed(_: Context, values: Iterable[Value]) -> list[Value]:
    """``*values`` in a call."""
    arguments = listed(values)
    budget().keep(arguments)
    return arguments


@pass_context
def _named(_: Context, values: Value) -> Value:
    """``**values`` in a call."""
    budget().keep(values)
    if not isinstance(values, Mapping) or any(not isinstance(key, str) or key.startswith("_") for key in values):
        raise SecurityError("after ** stands a dict of names, and none begins with an underscore")
    return values


INTERNAL: dict[str, Callable[..., Value]] = {
    " escaped": _escaped,
    " joined": _joined,
    " kept": _kept,
    " listed": _listed,
    " named": _named,
    " passed": _passed,
    " rounds": _rounds,
    " sliced": _sliced,
    " source": _source,
    " step": _step,
    " weighed": _weighed,
    " written": _written,
}
