"""Checks: the tests that are offered, ``x is even``. What they compare is looked at before."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

from jinja2.exceptions import SecurityError
from jinja2.tests import TESTS

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.plain import text

Check = Callable[..., Any]

_JINJAS = cast("dict[str, Check]", TESTS)


def _of_kind(name: str) -> Check:
    """It asks for the kind of a value only, so its size does not matter."""
    function: Check = _JINJAS[name]

    def check(value: object) -> object:
        budget().step()
        return function(value)

    return check


def _compared(name: str) -> Check:
    function: Check = _JINJAS[name]

    def check(value: object, other: object) -> object:
        budget().step()
        budget().look_at(value)
        budget().look_at(other)
        return function(value, other)

    return check


def _of_number(name: str) -> Check:
    """Of a text, ``%`` in the test would be its formatting."""
    function: Check = _JINJAS[name]

    def check(*values: object) -> object:
        budget().step()
        for value in values:
            if not isinstance(value, int | float | Decimal):
                raise SecurityError(f"the test {name} takes numbers")
            budget().look_at(value)
        return function(*values)

    return check


def _of_text(name: str) -> Check:
    function: Check = _JINJAS[name]

    def check(value: object) -> object:
        budget().step()
        budget().look_at(value)
        return function(text(value))

    return check


_KINDS = (
    "boolean defined escaped false float integer iterable mapping none number sequence string true undefined".split()
)
_COMPARISONS = "!= < <= == > >= eq equalto ge greaterthan gt in le lessthan lt ne".split()

CHECKS: dict[str, Check] = {
    **{name: _of_kind(name) for name in _KINDS},
    **{name: _compared(name) for name in _COMPARISONS},
    **{name: _of_number(name) for name in ("divisibleby", "even", "odd")},
    **{name: _of_text(name) for name in ("lower", "upper")},
}
