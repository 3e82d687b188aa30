"""Values: what JavaScript says of JSON data. How it prints, what is true, what is the same, what is inside.

Data is dictionaries, lists, texts, numbers, booleans and None. Attributes of Python objects are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from math import inf, isfinite, isnan
from typing import Final, TypeGuard

MISSING: Final = object()
_END = object()
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_MOST_EXACT = 2**53


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Whether it is an array in JSON."""
    return isinstance(value, list | tuple)


def member(value: object, name: str) -> object:
    """What is inside under this name, or `MISSING`. Of a list: by number, and its length."""
    if isinstance(value, Mapping):
        return value.get(name, MISSING)
    if not is_list(value):
        return MISSING
    if name == "length":
        return len(value)
    return value[int(name)] if _INDEX.fullmatch(name) and int(name) < len(value) else MISSING


def is_true(value: object) -> bool:
    """Whether ``#if`` takes it for true: all but false, 0, no text, null, no list and an empty list."""
    if isinstance(value, float) and isnan(value):
        return False
    return value is not MISSING and (isinstance(value, Mapping) or bool(value))


def is_there(value: object) -> bool:
    """Whether ``#with`` takes it: what is true, and also 0."""
    return is_true(value) or (not isinstance(value, bool) and isinstance(value, int | float) and value == 0)


def is_same(one: object, other: object) -> bool:
    """Whether JavaScript's ``===`` holds: lists and objects are the same only as themselves."""
    if isinstance(one, Mapping) or is_list(one):
        return one is other
    return one == other and isinstance(one, bool) == isinstance(other, bool)


# ── printing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def printed(value: object) -> Iterator[str]:
    """The text of a value, in pieces, at least one for each item of its lists. Lists may be nested however deep.

    Raises `TypeError` for what no JSON holds.

    >>> from sesmail.ses.handlebars.values import printed
    >>> "".join(printed([1.0, None, [True, {}], "a"]))
    '1,,true,[object Object],a'
    """
    levels: list[Iterator[tuple[int, object]]] = [enumerate((value,))]
    while levels:
        number, item = next(levels[-1], (0, _END))
        if item is _END:
            levels.pop()
            continue
        yield "," if number else ""
        if is_list(item):
            levels.append(enumerate(item))
        else:
            yield _text(item)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "[object Object]"
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return number_text(value)
    raise TypeError(f"a value of type {type(value).__name__} cannot be printed")


def number_text(number: float) -> str:
    """A number as ``String()`` of JavaScript has it, which knows only doubles (ECMA-262, Number::toString)."""
    if isinstance(number, int) and abs(number) <= _MOST_EXACT:
        return str(number)
    double = _double(number)
    if not isfinite(double):
        return "NaN" if isnan(double) else "-Infinity" if double < 0 else "Infinity"
    sign, places, exponent = Decimal(repr(double)).normalize().as_tuple()
    assert isinstance(exponent, int), "a finite number has one"  # noqa: S101 - for mypy
    digits = "".join(map(str, places))
    return ("-" if sign and double else "") + _laid_out(digits, len(digits) + exponent)


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


def _laid_out(digits: str, point: int) -> str:
    """Digits with the point behind so many of them; very large and very small numbers have an exponent instead."""
    if not -6 < point <= 21:
        mantissa = f"{digits[0]}.{digits[1:]}".removesuffix(".")
        return f"{mantissa}e{point - 1:+d}"
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    whole = digits[:point].ljust(point, "0")
    return f"{whole}.{digits[point:]}".removesuffix(".")
