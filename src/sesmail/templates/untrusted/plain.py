"""Plain data: what may be printed. Of anything else, ``str`` would tell what its class has decided to tell.

A dataclass prints all of its fields, the private ones too, and a model whatever its author found useful in a shell.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import cast
from uuid import UUID

from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from markupsafe import escape

from sesmail.templates.untrusted.budget import budget

SCALARS = (int, float, Decimal, date, time, timedelta, UUID, NoneType)
_CONTAINERS = (list, tuple, dict, set, frozenset, range)


def text(value: object) -> str:
    """A value as text. Text that is markup stays markup, that of another library becomes markup."""
    if isinstance(value, str):
        return escape(value) if type(value) is not str and hasattr(value, "__html__") else value
    if isinstance(value, Undefined):
        return str(value)
    budget().look_at(value)
    _check(value)
    return str(value)


def _check(value: object) -> None:
    heap = [value]
    while heap:
        part = heap.pop()
        if type(part) in _CONTAINERS:
            if isinstance(part, dict):
                heap += part.values()
            if not isinstance(part, range):
                heap += cast("Iterable[object]", part)
        elif isinstance(part, int):
            budget().look_at(part)
        elif not isinstance(part, (str, Undefined, *SCALARS)):
            raise SecurityError(f"{type(part).__name__} is no text, number or date: print one of its attributes")
