"""Table: the filters of an environment. Each is paid for when it is called, also those that a program adds.

They stand in the place of Jinja's table, so that compiled templates find only these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jinja2 import pass_context
from jinja2.runtime import Context

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.filters.internal import INTERNAL
from sesmail.templates.untrusted.filters.lists import LISTS
from sesmail.templates.untrusted.filters.numbers import NUMBERS
from sesmail.templates.untrusted.filters.texts import TEXTS
from sesmail.templates.untrusted.value import Value

Filter = Callable[..., Value]
# They read no more of a value than a step's worth, so a long list is no hindrance.
_LIGHT = frozenset("count d default first last length".split())
# They go through a list and look at what they need of it.
_THROUGH = frozenset(
    "batch groupby join list map max min reject rejectattr select selectattr slice sort sum unique".split()
)


class FilterTable(dict[str, Filter]):
    """A table of filters in which each one that is read is paid for."""

    def __init__(self) -> None:
        super().__init__(TEXTS | NUMBERS | LISTS)
        self._metered: dict[str, tuple[Filter, Filter]] = {}

    def __getitem__(self, name: str) -> Filter:
        if name in INTERNAL:
            return INTERNAL[name]  # they are not in the table, so a template cannot name them
        function = super().__getitem__(name)
        known = self._metered.get(name)
        if known is None or known[0] is not function:
            # No more than one entry a filter, and two threads that write the same one do no harm.
            known = self._metered[name] = (function, metered(name, function))
        return known[1]

    def get(self, name: str, default: Value = None) -> Value:
        """The filter of that name. The compiler asks so."""
        return self[name] if name in self or name in INTERNAL else default


def metered(name: str, function: Filter) -> Filter:
    """The filter, with what it is given looked at and what it gives counted.

    It takes the context, whatever the filter itself takes: for that reason Jinja does not try it while it compiles.
    """
    passed = getattr(getattr(function, "jinja_pass_arg", None), "name", "")

    @pass_context
    def apply(context: Context, value: Value, /, *args: Value, **kwargs: Value) -> Value:
        meter = budget()
        meter.step()
        for given in _looked_at(name, value, args, kwargs):
            meter.look_at(given)
        first = {"context": (context,), "eval_context": (context.eval_ctx,), "environment": (context.environment,)}
        result = function(*first.get(passed, ()), value, *args, **kwargs)
        if name not in _LIGHT:
            meter.keep(result)
        return result

    return apply


def _looked_at(name: str, value: Value, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Iterator[Value]:
    if name not in _LIGHT and name not in _THROUGH:
        yield value
    if name not in _LIGHT:
        yield from args
        yield from kwargs.values()
