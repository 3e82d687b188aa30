"""JSON: the parameters of a call of v2 as the parts of a body. What is large stays a stream.

``json.dumps`` wants a megabyte of base64 as one text first, and makes another of it. Most texts of a mail need no
escape, so that the module itself, which takes longer to import than a mail takes to send, is seldom needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sesmail.ses.call import Blob
from sesmail.ses.client.direct.body import Part
from sesmail.ses.client.direct.scalar import scalar
from sesmail.ses.client.direct.streams import LONGEST_TEXT, Base64, LongText


def json_parts(value: object) -> list[Part]:
    """The parts of a JSON document. Bytes and `Blob` become base64, as the API wants them.

    >>> from sesmail.ses.client.direct.body import Body
    >>> from sesmail.ses.client.direct.rest_json import json_parts
    >>> b"".join(Body(json_parts({"Data": b"Hello", "To": ["a@example.com"]})).pieces())
    b'{"Data":"SGVsbG8=","To":["a@example.com"]}'
    """
    parts: list[Part] = []
    _write(value, parts)
    return parts


def _write(value: object, parts: list[Part]) -> None:
    write = _WRITERS.get(type(value)) or next(
        (write for kind, write in _WRITERS.items() if isinstance(value, kind)), None
    )
    if write:
        write(value, parts)
    else:
        parts.append(scalar(value))


def _write_text(text: str, parts: list[Part]) -> None:
    if len(text) <= LONGEST_TEXT:
        parts.append(f'"{escaped(text)}"')
    else:
        parts += ('"', LongText(text, escaped), '"')


def _write_mapping(mapping: Mapping[str, object], parts: list[Part]) -> None:
    before = "{"
    for name, value in mapping.items():
        parts.append(f'{before}"{name if name.isidentifier() and name.isascii() else escaped(name)}":')
        _write(value, parts)
        before = ","
    parts.append("}" if mapping else "{}")


def _write_list(values: Sequence[object], parts: list[Part]) -> None:
    before = "["
    for value in values:
        parts.append(before)
        _write(value, parts)
        before = ","
    parts.append("]" if values else "[]")


def _write_bytes(data: bytes | Blob, parts: list[Part]) -> None:
    parts += ('"', Base64(data), '"')


# By class first, which costs a fraction of asking whether something is a Mapping.
_WRITERS: Mapping[type, Callable[[Any, list[Part]], None]] = {
    str: _write_text,
    dict: _write_mapping,
    list: _write_list,
    tuple: _write_list,
    bytes: _write_bytes,
    Blob: _write_bytes,
    Mapping: _write_mapping,
}


def escaped(text: str) -> str:
    """A text as it stands between the quotes of JSON, in ASCII."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    from json.encoder import encode_basestring_ascii

    return encode_basestring_ascii(text)[1:-1]
