"""Methods: what may be called on texts, dicts, lists and dates. Anything that is not in these tables is not callable.

Nothing here changes its owner, and whatever makes a text longer is asked first how long it will be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from jinja2 import TemplateRuntimeError
from jinja2.runtime import LoopContext
from markupsafe import Markup

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.filters.texts import joined, replaced

Function = Callable[..., object]

# What the C library knows beside these differs from system to system, and it pads to any width.
_DATE_FORMAT = re.compile(r"(?:[^%]|%-?[a-zA-Z%]){0,200}")


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A method that a template may call. Two of them are never compared by their owners: that could take for ever."""

    function: Function
    owner: object

    def __call__(self, *args: object, **kwargs: object) -> object:
        return self.function(self.owner, *args, **kwargs)


def method(owner: object, name: str) -> Method | None:
    """The method of that name, if there is one."""
    for kind, table in _METHODS:
        if isinstance(owner, kind):
            function = table.get(name)
            return None if function is None else Method(function, owner)
    return None


def _of_text(name: str, length: Callable[..., int] | None = None) -> Function:
    def call(owner: str, *args: object, **kwargs: object) -> object:
        plain = owner if type(owner) in (str, Markup) else str(owner)
        if length is not None:
            budget().room(length(plain, *args, **kwargs))
        return getattr(plain, name)(*args, **kwargs)

    return call


def _searching(name: str) -> Function:
    function = _of_text(name)

    def call(owner: str, *args: object, **kwargs: object) -> object:
        budget().search(owner, *args, *kwargs.values())
        return function(owner, *args, **kwargs)

    return call


def _padded(text: str, width: int, *_: object) -> int:
    return max(len(text), width)


def _expanded(text: str, tabsize: int = 8) -> int:
    return len(text) + text.count("\t") * max(0, tabsize)


def _strftime(moment: date | time, pattern: str) -> str:
    if not _DATE_FORMAT.fullmatch(pattern):
        raise TemplateRuntimeError("a date is written by at most 200 characters, and by % with a letter after it")
    return moment.strftime(pattern)


def _get(owner: Mapping[object, object], key: object, default: object = None) -> object:
    return owner.get(key, default)


_PLAIN_OF_TEXT = (
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit islower isnumeric isspace "
    "istitle isupper lower partition removeprefix removesuffix split splitlines startswith swapcase title upper"
).split()
_SEARCHING = "lstrip rfind rindex rpartition rsplit rstrip strip".split()
_TEXT: dict[str, Function] = {name: _of_text(name) for name in _PLAIN_OF_TEXT} | {
    **{name: _searching(name) for name in _SEARCHING},
    **{name: _of_text(name, _padded) for name in ("center", "ljust", "rjust", "zfill")},
    "expandtabs": _of_text("expandtabs", _expanded),
    "join": lambda glue, items: joined(items, glue, is_html=isinstance(glue, Markup)),
    "replace": replaced,
}
_MAPPING: dict[str, Function] = {
    "get": _get,
    "items": lambda owner: list(owner.items()),
    "keys": lambda owner: list(owner.keys()),
    "values": lambda owner: list(owner.values()),
}
_LIST: dict[str, Function] = {
    "count": lambda owner, item: owner.count(item),
    "index": lambda owner, item: owner.index(item),
}
_MOMENT: dict[str, Function] = {"isoformat": lambda owner: owner.isoformat(), "strftime": _strftime}
_DAY: dict[str, Function] = _MOMENT | {
    "isoweekday": lambda owner: owner.isoweekday(),
    "weekday": lambda owner: owner.weekday(),
}
_LOOP: dict[str, Function] = {"changed": LoopContext.changed, "cycle": LoopContext.cycle}
_METHODS: tuple[tuple[type[Any], dict[str, Function]], ...] = (
    (str, _TEXT),
    (Mapping, _MAPPING),
    (list, _LIST),
    (tuple, _LIST),
    (datetime, _DAY | {"date": lambda owner: owner.date(), "time": lambda owner: owner.time()}),
    (date, _DAY),
    (time, _MOMENT),
    (timedelta, {"total_seconds": lambda owner: owner.total_seconds()}),
    (float, {"is_integer": lambda owner: owner.is_integer()}),
    (LoopContext, _LOOP),
)
