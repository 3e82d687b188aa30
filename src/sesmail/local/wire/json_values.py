"""JSON into values and back, led by a shape. Blobs travel as base64, points in time as seconds since 1970."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Mapping
from typing import Any

from sesmail.local.faults import Fault, FaultKind, not_here
from sesmail.local.json_text import json_object
from sesmail.local.models.shapes import Blob, Flag, ListOf, MapOf, Moment, Number, Shape, Structure, Text
from sesmail.local.wire.blobs import from_base64


def parse(body: bytes) -> dict[str, Any]:
    """The object that a body holds; nothing is an empty one."""
    if not body:
        return {}
    try:
        value = json_object(body.decode("utf-8"))
    except UnicodeDecodeError:
        value = None
    if value is None:
        raise Fault(FaultKind.SERIALIZATION, "The body of the request is no JSON object in UTF-8")
    return value


def read(shape: Shape, value: object, path: str = "") -> Any:  # noqa: ANN401 - what the shape says
    """A value out of parsed JSON."""
    return _READERS[type(shape)](shape, value, path)


def write(shape: Shape, value: object) -> Any:  # noqa: ANN401 - what the shape says
    """A value as what `json.dumps` takes."""
    match shape:
        case Structure():
            members = shape.known(_as(Mapping, value)).items()
            return {name: write(shape.members[name].shape, inside) for name, inside in members}
        case ListOf():
            return [write(shape.element, element) for element in _as(list, value)]
        case MapOf():
            return {key: write(shape.value, inside) for key, inside in _as(dict, value).items()}
        case Blob():
            return b2a_base64(_as(bytes, value), newline=False).decode("ascii")
        case _:
            return value


def _as(kind: type, value: object) -> Any:  # noqa: ANN401
    assert isinstance(value, kind)  # noqa: S101 - results are ours
    return value


def _text(_shape: Text, value: object, path: str) -> str:
    if isinstance(value, str):
        if value.isascii() or _is_text(value):
            return value
        raise Fault(FaultKind.SERIALIZATION, f"Half of a surrogate pair in the string at {path}")
    raise _unexpected(path, "a string")


def _blob(_shape: Blob, value: object, path: str) -> bytes:
    if not isinstance(value, str):
        raise _unexpected(path, "base64 in a string")
    return from_base64(value, path)


def _number(shape: Number, value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int if shape.whole else int | float):
        raise _unexpected(path, "a whole number" if shape.whole else "a number")
    return value


def _flag(_shape: Flag, value: object, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise _unexpected(path, "true or false")


def _moment(_shape: Moment, value: object, path: str) -> float:
    return float(_number(Number(whole=False), value, path))


def _list(shape: ListOf, value: object, path: str) -> list[Any]:
    if isinstance(value, list):
        return [read(shape.element, element, f"{path}.{n}") for n, element in enumerate(value, start=1)]
    raise _unexpected(path, "a list")


def _map(shape: MapOf, value: object, path: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return {_text(Text(), key, path): read(shape.value, inside, f"{path}.{key}") for key, inside in value.items()}
    raise _unexpected(path, "an object")


def _structure(shape: Structure, value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unexpected(path, "an object")
    read_members = {}
    for name, inside in value.items():
        if inside is None:  # null is how some clients leave a member out
            continue
        own = f"{path}.{name}" if path else name
        if name not in shape.members:
            raise not_here(f"The member {own[:100]}, of which the installed botocore does not know,")
        read_members[name] = read(shape.members[name].shape, inside, own)
    return read_members


_READERS: Mapping[type, Callable[[Any, object, str], Any]] = {
    Text: _text,
    Blob: _blob,
    Number: _number,
    Flag: _flag,
    Moment: _moment,
    ListOf: _list,
    MapOf: _map,
    Structure: _structure,
}


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unexpected(path: str, wanted: str) -> Fault:
    return Fault(FaultKind.SERIALIZATION, f"The value at {path or 'the top'} must be {wanted}")
