"""Forms: the parameters of a call of v1 as the parts of a body. What is large stays a stream."""

from __future__ import annotations

from collections.abc import Mapping

from sesmail.ses.call import Blob
from sesmail.ses.client.direct.body import Part
from sesmail.ses.client.direct.scalar import scalar
from sesmail.ses.client.direct.streams import LONGEST_TEXT, Base64, LongText

VERSION = "2010-12-01"


def form_parts(action: str, parameters: Mapping[str, object]) -> list[Part]:
    """The parts of a form. Bytes and `Blob` become base64, and that is percent-encoded.

    >>> from sesmail.ses.client.direct.body import Body
    >>> from sesmail.ses.client.direct.form import form_parts
    >>> body = Body(form_parts("SendRawEmail", {"Destinations": ["a@example.com"], "RawMessage": {"Data": b"Hello"}}))
    >>> b"".join(body.pieces())
    b'Action=SendRawEmail&Version=2010-12-01&Destinations.member.1=a%40example.com&RawMessage.Data=SGVsbG8%3D'
    """
    parts: list[Part] = [f"Action={action}&Version={VERSION}"]
    for name, value in parameters.items():
        _write(escaped(name), value, parts)
    return parts


def _write(name: str, value: object, parts: list[Part]) -> None:
    if isinstance(value, str):
        parts += (f"&{name}=", escaped(value) if len(value) <= LONGEST_TEXT else LongText(value, escaped))
    elif isinstance(value, Mapping):
        for inner, one in value.items():
            _write(f"{name}.{escaped(inner)}", one, parts)
    elif isinstance(value, Blob | bytes):
        parts += (f"&{name}=", Base64(value, _escaped_base64))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value, 1):
            _write(f"{name}.member.{number}", one, parts)
        if not value:  # there is a list, and nothing in it
            parts.append(f"&{name}=")
    else:
        parts.append(f"&{name}={escaped(scalar(value))}")


class _Escapes(dict[int, str]):
    """What characters become; those beyond ASCII are not kept, since they are many."""

    def __missing__(self, code: int) -> str:
        return "".join(f"%{byte:02X}" for byte in chr(code).encode())


_ESCAPES = _Escapes()
_ESCAPES |= {code: chr(code) if chr(code).isalnum() or chr(code) in "_.~-" else f"%{code:02X}" for code in range(128)}
_ESCAPES[ord(" ")] = "+"


def escaped(text: str) -> str:
    """A text as it stands in a form."""
    return text.translate(_ESCAPES)


def _escaped_base64(data: bytes) -> bytes:
    return data.replace(b"+", b"%2B").replace(b"/", b"%2F").replace(b"=", b"%3D")
