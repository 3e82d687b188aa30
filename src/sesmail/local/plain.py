"""The box's state as JSON and back: dataclasses become objects, led by the types of their fields."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

State = TypeVar("State")


def to_plain(value: object) -> Any:  # noqa: ANN401 - what json.dumps takes
    """A value as dictionaries, lists, texts and numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: to_plain(inside) for name, inside in value.items()}
    if isinstance(value, list | tuple | deque):
        return [to_plain(inside) for inside in value]
    return value


def from_plain(kind: Callable[..., State], plain: Mapping[str, Any]) -> State:
    """A dataclass out of what `to_plain` made. What another version wrote and this one has not, is left out."""
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], inside) for name, inside in plain.items() if name in hints})


@cache
def _hints(kind: object) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, plain: Any) -> Any:  # noqa: ANN401 - led by the hint
    origin, inner = get_origin(hint), get_args(hint)
    if plain is None:
        return None
    if origin is UnionType:
        return _value(inner[0], plain)
    if origin in (dict, Mapping):
        return {name: _value(inner[1], inside) for name, inside in plain.items()}
    if origin in (list, deque):
        return origin(_value(inner[0], inside) for inside in plain)
    if origin is tuple:
        return tuple(plain)
    return from_plain(cast(Callable[..., object], hint), plain) if is_dataclass(hint) else plain
