"""Paths: attributes that a filter is told by a text, ``user.address.city``. Each step is read as in a template."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, Undefined
from jinja2.exceptions import SecurityError

from sesmail.templates.untrusted.value import Value

_LONGEST = 200


def getter(environment: Environment, path: object, default: object = None) -> Callable[[Value], Value]:
    """What reads the path off an item; the item itself without a path."""
    steps = _steps(path)

    def read(item: Value) -> Value:
        for step in steps:
            item = environment.getitem(item, step)
            if default is not None and isinstance(item, Undefined):
                item = default
        return item

    return read


def getters(environment: Environment, paths: object) -> Callable[[Value], list[Value]]:
    """What reads several paths off an item, with commas between them."""
    several = paths.split(",") if isinstance(paths, str) else [paths]
    reads = [getter(environment, path) for path in several]
    return lambda item: [read(item) for read in reads]


def folded(value: Value) -> Value:
    """A text in small letters, to compare it as people do."""
    return value.lower() if isinstance(value, str) else value


def _steps(path: object) -> list[str | int]:
    if path is None:
        return []
    if isinstance(path, int):
        return [path]
    if not isinstance(path, str) or len(path) > _LONGEST:
        raise SecurityError(f"an attribute is named by a text of at most {_LONGEST} characters")
    return [int(step) if step.isdecimal() else step for step in path.split(".")]
