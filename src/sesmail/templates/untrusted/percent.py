"""Percent: texts filled in by ``%`` and the filter ``format``. Widths are of three digits, and objects are not printed.

``str.format`` is not offered at all: it reads attributes, and its widths nest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from jinja2 import TemplateRuntimeError
from markupsafe import Markup

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.plain import text as text_of

_FIELD = re.compile(
    r"%(?:\((?P<key>[^()%]{1,100})\))?[-+ #0]{0,5}(?P<width>[0-9]{0,3})(?:\.(?P<precision>[0-9]{0,3}))?"
    r"(?P<kind>[sdiufFeEgGxXo%])",
    re.ASCII,
)
_LONGEST_FLOAT = 330
_LONGEST_ESCAPE = 5


def percent(text: str, values: object) -> str:
    """``text % values``."""
    meter = budget()
    meter.look_at(text)
    meter.look_at(values)
    fields = list(_fields(text))
    named = {field["key"] for field in fields if field["key"]}
    given: tuple[object, ...] | dict[str, object]
    if isinstance(values, Mapping) and named:
        given = {name: _printable(values[name]) for name in named}
        printed = list(given.values())
    else:
        given = tuple([_printable(value) for value in (values if isinstance(values, tuple) else (values,))])
        printed = list(given)
    longest = max(map(_length, printed), default=0) * (_LONGEST_ESCAPE if isinstance(text, Markup) else 1)
    meter.room(len(text) + sum(longest + _number(field["width"]) + _number(field["precision"]) for field in fields))
    result = text % given
    meter.keep(result)
    return result


def _fields(text: str) -> Iterator[re.Match[str]]:
    place = 0
    while (place := text.find("%", place)) >= 0:
        field = _FIELD.match(text, place)
        if field is None:
            raise TemplateRuntimeError(
                "after % stands a width of at most three digits and one of s, d, f, e, g, x, o, %"
            )
        place = field.end()
        yield field


def _printable(value: object) -> object:
    if isinstance(value, int | float | Decimal):
        budget().look_at(value)
        return value
    return text_of(value)


def _length(value: object) -> int:
    is_long = isinstance(value, float | Decimal) and not -1e15 < value < 1e15
    return _LONGEST_FLOAT if is_long else len(str(value))


def _number(digits: str | None) -> int:
    return int(digits or 0)
