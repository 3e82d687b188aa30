"""Shapes: what a value may look like, as a service model has it, and what is wrong with one.

Clients check next to nothing before they send. SES checks all of it, so the texts here are those of SES's framework:
``Value 'x' at 'content.simple.subject' failed to satisfy constraint: Member must not be null``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

# Members of replies, by their shapes, that came with later releases of botocore than the lowest that we take. Where the
# installed model does not know them, no client of its age does, and a reply goes without.
NEWER = frozenset(
    "DkimAttributes.SigningHostedZone PutEmailIdentityDkimSigningAttributesResponse.SigningHostedZone"
    " GetEmailTemplateResponse.Tags GetCustomVerificationEmailTemplateResponse.Tags TenantInfo.SendingStatus"
    " CreateTenantResponse.SuppressionAttributes Tenant.SuppressionAttributes SuppressionOptions.SuppressionScope"
    " TenantSuppressionAttributes.SuppressionScope SuppressionAttributes.ValidationAttributes"
    " SuppressionOptions.ValidationOptions".split()
)

_LONGEST_QUOTE = 100  # of a value in a text


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    minimum: int = 0
    maximum: int | None = None
    pattern: str = ""
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes."""

    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, or one with a fraction."""

    whole: bool
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: seconds since 1970 in the box, in other forms on the wire."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    element: Shape
    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping with strings as keys."""

    value: Shape
    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A named place in a structure, and where on the wire it travels: in the body, the path or the query."""

    shape: Shape
    location: str = "body"
    wire_name: str = ""


@dataclass(frozen=True, slots=True)
class Structure:
    """Named members."""

    name: str
    members: Mapping[str, Member] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def known(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """The members of a result that are there, as far as the installed model knows them."""
        there = {name: inside for name, inside in result.items() if inside is not None}
        return {name: inside for name, inside in there.items() if not self.lacks(name)}

    def lacks(self, name: str) -> bool:
        """Whether the installed model is too old for a member that newer ones have."""
        return name not in self.members and f"{self.name}.{name}" in NEWER


Shape = Text | Blob | Number | Flag | Moment | ListOf | MapOf | Structure


def violations(shape: Shape, value: object, path: str = "") -> Iterator[str]:
    """What is wrong with a value, and where, in the words of SES."""
    return _CHECKS[type(shape)](shape, value, path)


def _text(shape: Text, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield _violation(value, path, "Member must be a string")
        return
    yield from _length(shape, value, path)
    # Some patterns of the models take quadratic time: what is too long anyway is not held to them.
    is_too_long = shape.maximum is not None and len(value) > shape.maximum
    if shape.pattern and not is_too_long and not _compiled(shape.pattern).fullmatch(value):
        yield _violation(value, path, f"Member must satisfy regular expression pattern: {shape.pattern}")
    if shape.enum and value not in shape.enum:
        yield _violation(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")


def _blob(shape: Blob, value: object, path: str) -> Iterator[str]:
    if isinstance(value, bytes):
        yield from _length(shape, value, path)
    else:
        yield _violation(value, path, "Member must be a blob")


def _number(shape: Number, value: object, path: str) -> Iterator[str]:
    kinds = (int,) if shape.whole else (int, float)
    if not isinstance(value, kinds) or isinstance(value, bool):
        yield _violation(value, path, "Member must be a whole number" if shape.whole else "Member must be a number")
    elif shape.minimum is not None and value < shape.minimum:
        yield _violation(value, path, f"Member must have value greater than or equal to {shape.minimum}")
    elif shape.maximum is not None and value > shape.maximum:
        yield _violation(value, path, f"Member must have value less than or equal to {shape.maximum}")


def _flag(_shape: Flag, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield _violation(value, path, "Member must be true or false")


def _moment(_shape: Moment, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield _violation(value, path, "Member must be a timestamp")


def _list(shape: ListOf, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield _violation(value, path, "Member must be a list")
        return
    yield from _length(shape, value, path)
    for position, element in enumerate(value, start=1):
        yield from violations(shape.element, element, f"{path}.{position}.member")


def _map(shape: MapOf, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _violation(value, path, "Member must be a map")
        return
    yield from _length(shape, value, path)
    for key, inside in value.items():
        yield from violations(shape.value, inside, f"{path}.{key}.member")


def _structure(shape: Structure, value: object, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _violation(value, path, "Member must be a structure")
        return
    for name in shape.required:
        if name not in value:
            yield _violation(None, _inside(path, name), "Member must not be null")
    for name, inside in value.items():
        if name in shape.members:
            yield from violations(shape.members[name].shape, inside, _inside(path, name))
        elif not shape.lacks(name):
            yield _violation(inside, _inside(path, name), f"{shape.name} has no such member")


_CHECKS: Mapping[type, Callable[[Any, object, str], Iterator[str]]] = {
    Text: _text,
    Blob: _blob,
    Number: _number,
    Flag: _flag,
    Moment: _moment,
    ListOf: _list,
    MapOf: _map,
    Structure: _structure,
}


def _length(shape: Text | Blob | ListOf | MapOf, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - what has a length
    if len(value) < shape.minimum:
        yield _violation(value, path, f"Member must have length greater than or equal to {shape.minimum}")
    if shape.maximum is not None and len(value) > shape.maximum:
        yield _violation(value, path, f"Member must have length less than or equal to {shape.maximum}")


def _violation(value: object, path: str, constraint: str) -> str:
    return f"Value {_quoted(value)} at '{path}' failed to satisfy constraint: {constraint}"


def _quoted(value: object) -> str:
    """A value in a text, never a long one, and never what is in a blob."""
    if value is None:
        return "null"
    text = f"{len(value)} bytes" if isinstance(value, bytes) else str(value)
    return f"'{text[:_LONGEST_QUOTE]}…'" if len(text) > _LONGEST_QUOTE else f"'{text}'"


def _inside(path: str, name: str) -> str:
    own = name[:1].lower() + name[1:]
    return f"{path}.{own}" if path else own


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error:  # Java's, such as \p{L}: of STS only, in parameters that the box has not
        return re.compile("(?s:.*)")
