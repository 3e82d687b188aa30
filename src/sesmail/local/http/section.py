"""Section: lines up to an empty one. A head is one, and so are the trailers behind a chunked body.

Rule 1: a line ends with CR LF, and neither of the two stands anywhere else. RFC 9112 2.2 lets a server take a bare LF;
        where two servers read the same bytes differently, one request is smuggled inside another.
Rule 2: nothing is looked at twice, however thin the slices in which it comes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sesmail.local.http.fault import HttpFault

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - RFC 9110 5.6.2, no secret
PLAIN = bytes([0x09, *range(0x20, 0x7F), *range(0x80, 0x100)])  # what a line may hold
ONLY_ONCE = frozenset({"host", "content-length", "transfer-encoding"})

_NAME = re.compile(TOKEN)
_END = b"\r\n\r\n"


class Section:
    """Takes sections from the front of a buffer."""

    def __init__(self, name: str, max_bytes: int) -> None:
        self._name = name
        self._max_bytes = max_bytes
        self._seen = 0

    def take(self, buffer: bytearray) -> list[str] | None:
        """Remove a section from the buffer and give its lines, or nothing while it is not whole."""
        end = buffer.find(_END, max(0, self._seen - len(_END) + 1), self._max_bytes)
        if end < 0:
            self._refuse_at_once(buffer)
            self._seen = len(buffer)
            return None
        section = buffer[:end]
        del buffer[: end + len(_END)]
        self._seen = 0
        return self._lines(section)

    def _refuse_at_once(self, buffer: bytearray) -> None:
        """A peer that ends its lines otherwise would wait for an answer for ever."""
        seen, most = self._seen, self._max_bytes
        if buffer.count(b"\n", seen, most) != buffer.count(b"\r\n", max(0, seen - 1), most):
            raise HttpFault(400, f"the {self._name} has a line that ends with LF alone; lines end with CR LF")
        if len(buffer) >= most:
            raise HttpFault(431, f"the {self._name} is longer than {most} bytes")

    def _lines(self, section: bytearray) -> list[str]:
        lines = section.decode("latin-1").split("\r\n")
        # The ends of the lines are all that may be left when what is plain is taken away.
        if len(section.translate(None, PLAIN)) != 2 * (len(lines) - 1):
            raise HttpFault(400, f"the {self._name} has a control character, or a CR or LF that does not end a line")
        return lines


def fields_of(lines: list[str]) -> dict[str, str]:
    """Header lines by their names in lower case."""
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = header_name(name) if colon else ""
        if not name:
            raise _broken(line)
        value = value.strip(" \t")
        if name in fields:
            if name in ONLY_ONCE:
                raise HttpFault(400, f"the header {name} is there twice")
            # No blank behind the comma: signatures of AWS are made of this form.
            value = f"{fields[name]},{value}"
        fields[name] = value
    return fields


@lru_cache(512)  # clients send the same dozen over and over
def header_name(text: str) -> str:
    """A header's name in lower case, or nothing where it is none."""
    return text.lower() if _NAME.fullmatch(text) else ""


def _broken(line: str) -> HttpFault:
    name, colon, _ = line.partition(":")
    if line.startswith((" ", "\t")):
        return HttpFault(400, "a header line is folded: RFC 9112 5.2 has that no more, write it on one line")
    if not colon:
        return HttpFault(400, "a header line has no colon")
    if name.endswith((" ", "\t")):
        return HttpFault(400, "a header line has a blank before its colon")
    return HttpFault(400, "a header has a name that is no token: see RFC 9110 5.6.2 for the characters")
