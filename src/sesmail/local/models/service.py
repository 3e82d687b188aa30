"""A service: its operations with their paths and shapes, read from the file that botocore brings.

botocore itself is not imported: its files say all that is needed, in a tenth of the time.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import KeysView, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sesmail.errors import SetupError
from sesmail.local.models.shapes import Blob, Flag, ListOf, MapOf, Member, Moment, Number, Shape, Structure, Text

NOTHING = Structure("Nothing")


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of a service."""

    name: str
    method: str
    path: str  # as the model has it, with {Names} of what travels in it
    takes: Structure
    gives: Structure
    wrapper: str  # the element around what it gives, in XML
    service: str
    namespace: str  # of its XML


@dataclass(frozen=True)
class Error:
    """An error of the model: the code on the wire, and its HTTP status."""

    code: str
    status: int


class Service:
    """What a model says. ``Service.of("sesv2")`` reads it once."""

    def __init__(self, name: str, model: Mapping[str, Any]) -> None:
        self.name = name
        self.version: str = model["metadata"]["apiVersion"]
        self.namespace: str = model["metadata"].get("xmlNamespace", "")
        self._raw_shapes: Mapping[str, Any] = model["shapes"]
        self._raw_operations: Mapping[str, Any] = model["operations"]
        self._shapes: dict[str, Shape] = {}
        self._operations: dict[str, Operation] = {}

    @classmethod
    @cache
    def of(cls, name: str) -> Service:
        """The service with botocore's name for it: ``sesv2``, ``ses`` or ``sts``."""
        return cls(name, json.loads(gzip.decompress(_file(name).read_bytes())))

    @property
    def operation_names(self) -> KeysView[str]:
        """All of them, in the order of the model."""
        return self._raw_operations.keys()

    def operation(self, name: str) -> Operation:
        """One operation. Only what is used is built."""
        if name not in self._operations:
            self._operations[name] = self._built(name, self._raw_operations[name])
        return self._operations[name]

    @cached_property
    def errors(self) -> Mapping[str, Error]:
        """The errors by their code on the wire."""
        raw = {name: shape.get("error", {}) for name, shape in self._raw_shapes.items() if shape.get("exception")}
        errors = [Error(error.get("code", name), error["httpStatusCode"]) for name, error in raw.items()]
        return {error.code: error for error in errors}

    @cached_property
    def routes(self) -> tuple[tuple[str, str, str], ...]:
        """Method, path and name of each operation."""
        return tuple((raw["http"]["method"], raw["http"]["requestUri"], n) for n, raw in self._raw_operations.items())

    def _built(self, name: str, raw: Mapping[str, Any]) -> Operation:
        return Operation(
            name=name,
            method=raw["http"]["method"],
            path=raw["http"]["requestUri"],
            takes=self._structure(raw.get("input")),
            gives=self._structure(raw.get("output")),
            wrapper=raw.get("output", {}).get("resultWrapper", ""),
            service=self.name,
            namespace=self.namespace,
        )

    def _structure(self, reference: Mapping[str, Any] | None) -> Structure:
        shape = self._shape(reference["shape"]) if reference else NOTHING
        assert isinstance(shape, Structure)  # noqa: S101 - so models are made
        return shape

    def _shape(self, name: str) -> Shape:
        if name not in self._shapes:
            self._shapes[name] = self._built_shape(name, self._raw_shapes[name])
        return self._shapes[name]

    def _built_shape(self, name: str, raw: Mapping[str, Any]) -> Shape:
        least, most = raw.get("min"), raw.get("max")
        match raw["type"]:
            case "structure":
                members = {member: self._member(member, reference) for member, reference in raw["members"].items()}
                return Structure(name, members, tuple(raw.get("required", ())))
            case "list":
                return ListOf(self._shape(raw["member"]["shape"]), least or 0, most)
            case "map":
                return MapOf(self._shape(raw["value"]["shape"]), least or 0, most)
            case "string":
                return Text(least or 0, most, raw.get("pattern", ""), tuple(raw.get("enum", ())))
            case "blob":
                return Blob(least or 0, most)
            case kind:
                return _SIMPLE[kind] if least is most is None else Number(kind in _WHOLE, least, most)

    def _member(self, name: str, reference: Mapping[str, Any]) -> Member:
        shape = self._shape(reference["shape"])
        return Member(shape, reference.get("location", "body"), reference.get("locationName", name))


_WHOLE = ("integer", "long")
_SIMPLE: Mapping[str, Shape] = {
    "boolean": Flag(),
    "timestamp": Moment(),
    "integer": Number(whole=True),
    "long": Number(whole=True),
    "double": Number(whole=False),
}


def _file(name: str) -> Path:
    found = find_spec("botocore")
    if found is None or found.origin is None:
        raise SetupError("the box reads the service models of botocore, which is not installed: pip install botocore")
    versions = sorted((Path(found.origin).parent / "data" / name).iterdir())
    return versions[-1] / "service-2.json.gz"
