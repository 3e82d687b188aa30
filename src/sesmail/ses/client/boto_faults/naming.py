"""How errors of botocore are known: by the names of their classes, the nearest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")
_MODULES = ("botocore.exceptions", "botocore.parsers")


def by_class(error: BaseException, table: Mapping[str, T]) -> T | None:
    """What a table says of the nearest class that it knows, or nothing."""
    for kind in type(error).__mro__:
        if kind.__module__ in _MODULES and kind.__name__ in table:
            return table[kind.__name__]
    return None


def is_one(error: BaseException, *names: str) -> bool:
    """Whether it is of one of these classes, or of one below them."""
    return by_class(error, dict.fromkeys(names, True)) or False


def is_of_botocore(error: BaseException) -> bool:
    """Whether it is botocore's, whatever its name."""
    return any(kind.__module__.partition(".")[0] == "botocore" for kind in type(error).__mro__)
