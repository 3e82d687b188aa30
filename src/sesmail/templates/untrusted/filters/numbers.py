"""Numbers: filters that take a number, or a text that holds one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS

_LONGEST = 400
_FINEST = 30


def _number(name: str, kinds: tuple[type, ...]) -> Callable[..., Any]:
    """Jinja's own filter on a number."""
    function = FILTERS[name]

    def apply(value: object, *args: object, **kwargs: object) -> object:
        for given in (value, *args, *kwargs.values()):
            if isinstance(given, Undefined):
                str(given)  # it says itself what is missing
            if not isinstance(given, (*kinds, str)) or (isinstance(given, str) and len(given) > _LONGEST):
                raise SecurityError(f"the filter {name} takes a number, or a text of one")
        return function(value, *args, **kwargs)

    return apply


def _round(value: object, precision: object = 0, method: str = "common") -> object:
    if not isinstance(value, (int, float, Decimal)) or type(precision) is not int or abs(precision) > _FINEST:
        raise SecurityError(f"the filter round takes a number, and up to {_FINEST} digits")
    return FILTERS["round"](value, precision, method)


_REAL = (int, float, Decimal)

NUMBERS: dict[str, Callable[..., Any]] = {
    "abs": _number("abs", _REAL),
    "filesizeformat": _number("filesizeformat", _REAL),
    "float": _number("float", (*_REAL, type(None))),
    "int": _number("int", (*_REAL, type(None))),
    "round": _round,
}
