"""The fields of a form into values, led by a shape: ``Destination.ToAddresses.member.1=ada@example.org``."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from sesmail.local.faults import Fault, FaultKind, not_here
from sesmail.local.models.shapes import Blob, Flag, ListOf, MapOf, Number, Shape, Structure, Text
from sesmail.local.wire.blobs import from_base64

_MOST_FIELDS = 5000
_DEEPEST = 20  # names within names
_MOST_DIGITS = 20  # of a number; reading one without end takes its time
_FLAGS = {"true": True, "false": False}

Tree = dict[str, "str | Tree"]


def parse(body: bytes) -> Tree:
    """The fields as a tree, cut at the dots of their names."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:  # not ASCII, not UTF-8 behind it, or too many fields
        raise Fault(FaultKind.SERIALIZATION, "The body of the request is no form in UTF-8") from None
    tree: Tree = {}
    for name, value in pairs:
        *path, last = name.split(".", _DEEPEST)
        branch = tree
        for step in path:
            inside = branch.setdefault(step, {})
            if isinstance(inside, str):
                raise _malformed(name)
            branch = inside
        if last in branch:
            raise _malformed(name)
        branch[last] = value
    return tree


def read(shape: Shape, value: str | Tree, path: str) -> Any:  # noqa: ANN401 - what the shape says
    """A value out of a tree."""
    match shape:
        case Structure():
            return _structure(shape, value, path)
        case ListOf():
            return _list(shape, value, path)
        case MapOf():
            raise not_here(f"The map {path}")
    if not isinstance(value, str):
        raise _malformed(path)
    match shape:
        case Text():
            return value
        case Blob():
            return from_base64(value, path)
        case Flag() if value.lower() in _FLAGS:
            return _FLAGS[value.lower()]
        case Number() if len(value) < _MOST_DIGITS and value.removeprefix("-").isdecimal() and value.isascii():
            return int(value)
    raise _malformed(path)


def _structure(shape: Structure, value: str | Tree, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        if value == "":  # how a client says an empty one
            return {}
        raise _malformed(path)
    members = {}
    for name, inside in value.items():
        own = f"{path}.{name}" if path else name
        if name not in shape.members:
            raise not_here(f"The parameter {own[:100]}, of which the installed botocore does not know,")
        members[name] = read(shape.members[name].shape, inside, own)
    return members


def _list(shape: ListOf, value: str | Tree, path: str) -> list[Any]:
    if value == "":
        return []
    members = value.get("member") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(members, dict) or not all(_is_position(key) for key in members):
        raise _malformed(path)
    return [read(shape.element, members[key], f"{path}.{key}") for key in sorted(members, key=int)]


def _is_position(key: str) -> bool:
    return key.isdecimal() and key.isascii() and len(key) < 6


def _malformed(path: str) -> Fault:
    return Fault(FaultKind.SERIALIZATION, f"The parameter {path[:100]} cannot be read")
