"""Values into XML, led by a shape. Lists are ``<member>`` elements, maps are entries, points in time are ISO 8601."""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any

from sesmail.local.clock import iso
from sesmail.local.models.shapes import Blob, Flag, ListOf, MapOf, Moment, Shape, Structure

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, 2.2


def element(name: str, content: str) -> str:
    """An element around content that is XML already."""
    return f"<{name}>{content}</{name}>"


def escaped(text: str) -> str:
    """Text as XML. What XML cannot hold at all becomes U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text).translate(_ENTITIES)


def write(shape: Shape, value: Any) -> str:  # noqa: ANN401 - what the shape says
    """A value as the content of an element."""
    match shape:
        case Structure():
            members = shape.known(value).items()
            return "".join(element(name, write(shape.members[name].shape, inside)) for name, inside in members)
        case ListOf():
            return "".join(element("member", write(shape.element, inside)) for inside in value)
        case MapOf():
            return "".join(_entry(shape, key, inside) for key, inside in value.items())
    return escaped(_scalar(shape, value))


def _scalar(shape: Shape, value: Any) -> str:  # noqa: ANN401 - what the shape says
    match shape:
        case Flag():
            return str(value).lower()
        case Moment():
            return iso(value)
        case Blob():
            return b2a_base64(value, newline=False).decode("ascii")
    return str(value)


def facts(values: Mapping[str, str]) -> str:
    """A few texts as elements."""
    return "".join(element(name, escaped(text)) for name, text in values.items())


def _entry(shape: MapOf, key: str, value: object) -> str:
    return element("entry", element("key", escaped(key)) + element("value", write(shape.value, value)))
