"""Arithmetic: the operators of a template, on numbers, texts, lists and dates only.

The size of a result is known before it is made. Objects with operators of their own are not reckoned with: what those
do is no template's business.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import SecurityError

from sesmail.templates.untrusted.budget import Budget, budget
from sesmail.templates.untrusted.percent import percent

BINARY: dict[str, Callable[[Any, Any], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
UNARY: dict[str, Callable[[Any], object]] = {"+": operator.pos, "-": operator.neg}
_GROWING = (str, list, tuple)
_OPERANDS = (int, float, Decimal, date, time, timedelta, *_GROWING)


def reckon(sign: str, left: object, right: object) -> object:
    """``left sign right``."""
    meter = budget()
    meter.step()
    if isinstance(left, Undefined) or isinstance(right, Undefined):
        return BINARY[sign](left, right)  # it says itself what is missing
    if sign == "%" and isinstance(left, str):
        return percent(left, right)
    _check(sign, left, right)
    meter.look_at(left)
    meter.look_at(right)
    _make_room(meter, sign, left, right)
    result = BINARY[sign](left, right)
    meter.keep(result)
    return result


def signed(sign: str, value: object) -> object:
    """``-value`` or ``+value``."""
    meter = budget()
    meter.step()
    if not isinstance(value, Undefined):
        _check(sign, value)
        meter.look_at(value)
    return UNARY[sign](value)


def _check(sign: str, *values: object) -> None:
    for value in values:
        if not isinstance(value, _OPERANDS):
            raise SecurityError(
                f"{type(value).__name__} has no operator {sign} here, only numbers, texts, lists, dates"
            )


def _make_room(meter: Budget, sign: str, left: object, right: object) -> None:
    if sign == "*":
        for grown, times in ((left, right), (right, left)):
            if isinstance(grown, _GROWING) and isinstance(times, int):
                meter.room(len(grown) * times)
    elif sign == "+" and isinstance(left, _GROWING) and isinstance(right, _GROWING):
        meter.room(len(left) + len(right))
    elif sign == "**" and isinstance(left, int) and isinstance(right, int):
        meter.room_for_bits(left.bit_length() * right)
