"""HttpReader: bytes in, requests out. It has no socket and no clock.

Rule 1: when unsure, refuse. Whatever two readers could take for two different requests is a fault, and a fault ends the
        connection, since nobody knows where the next request begins.
Rule 2: the same bytes are the same requests in whatever slices they come, and cost the same but for the slices.
Rule 3: everything has an upper limit, which holds before the bytes are there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from sesmail.local.http.body import Body, ChunkedBody, SizedBody, too_large
from sesmail.local.http.fault import HttpFault
from sesmail.local.http.message import HttpRequest
from sesmail.local.http.section import TOKEN, Section, fields_of

KIB = 1024
MIB = 1024 * KIB

_REQUEST_LINE = re.compile(rf"({TOKEN}) ([!-~]+) HTTP/([0-9])\.([0-9])")
_ABSOLUTE_FORM = re.compile(r"https?://[^/?#@]+([/?].*)?", re.IGNORECASE)
_FIRST_BYTE = re.compile(TOKEN.removesuffix("+").encode())  # one: a method without end is not read again and again
_FIRST_BYTE_OF_TLS = b"\x16"
_MAY_BECOME_AN_EMPTY_LINE = (b"", b"\r")
_MANY_DIGITS = 18  # an exabyte; int() of a text without a limit is slow


class Phase(Enum):
    """What is being waited for."""

    IDLE = "the first byte of a request"
    HEAD = "the rest of its head"
    BODY = "the rest of its body"


class Head(NamedTuple):
    """A request before its body. A tuple, since it is made for each request and seen by nobody but the doorkeeper."""

    method: str
    target: str
    headers: dict[str, str]
    version: str


class HttpReader:
    r"""Reads the requests of one connection, HTTP/1.1 and 1.0.

    >>> from sesmail.local.http.reader import HttpReader
    >>> reader = HttpReader()
    >>> reader.feed(b"POST /v2/email HTTP/1.1\r\nContent-Length: 4\r\n\r\nhi")
    >>> reader.next_request()
    >>> reader.feed(b"!!")
    >>> reader.next_request().body
    b'hi!!'

    ``admit`` is shown each head before its body is read, and may raise an `HttpFault`.
    """

    def __init__(
        self,
        *,
        admit: Callable[[Head], None] | None = None,
        max_head_bytes: int = 64 * KIB,
        max_headers: int = 100,
        max_body_bytes: int = 64 * MIB,
        max_chunk_line_bytes: int = KIB,
        max_extension_bytes: int = 16 * KIB,
        max_trailer_bytes: int = 8 * KIB,
    ) -> None:
        self._admit = admit
        self._max_headers = max_headers
        self._max_body_bytes = max_body_bytes
        self._max_chunk_line_bytes = max_chunk_line_bytes
        self._max_extension_bytes = max_extension_bytes
        self._max_trailer_bytes = max_trailer_bytes
        self._buffer = bytearray()
        self._section = Section("head", max_head_bytes)
        self._skipped_empty_line = False
        self._head: Head | None = None  # whose body is still to come
        self._body: Body = SizedBody(0)
        self._wants_continue = False
        self._fault: HttpFault | None = None

    @property
    def phase(self) -> Phase:
        """What is being waited for, once `next_request` has given nothing."""
        if self._head is not None:
            return Phase.BODY
        return Phase.HEAD if self._buffer else Phase.IDLE

    @property
    def wants_continue(self) -> bool:
        """The peer holds its body back until it is told ``100 Continue`` (RFC 9110 10.1.1)."""
        return self._wants_continue

    def continued(self) -> None:
        """The peer has been told."""
        self._wants_continue = False

    def feed(self, data: bytes | memoryview) -> None:
        """Take what came. After a fault it is dropped."""
        if self._fault is None:
            self._buffer += data
            self._wants_continue = False

    def next_request(self) -> HttpRequest | None:
        """The next whole request, or nothing while more bytes are needed. Raises `HttpFault`, from then on always."""
        if self._fault is not None:
            raise HttpFault(self._fault.status, self._fault.text)
        try:
            return self._read_request()
        except HttpFault as fault:
            self._fault = fault
            self._buffer.clear()
            self._head = None
            raise

    def _read_request(self) -> HttpRequest | None:
        head = self._head or self._read_head()
        if head is None:
            return None
        body = self._body.take(self._buffer)
        if body is None:
            self._head = head
            return None
        self._head = None
        self._wants_continue = False
        return HttpRequest(head.method, head.target, head.headers, body, head.version)

    def _read_head(self) -> Head | None:
        if not self._buffer:
            return None
        self._skip_empty_line()
        self._refuse_other_tongues()
        lines = self._section.take(self._buffer)
        if lines is None:
            return None
        self._skipped_empty_line = False
        if len(lines) - 1 > self._max_headers:
            raise HttpFault(431, f"the request has more than {self._max_headers} headers")
        method, target, version = _request_line(lines[0])
        head = Head(method, target, fields_of(lines[1:]), version)
        if self._admit:
            self._admit(head)
        self._body = self._body_of(head)
        self._wants_continue = _expects_continue(head) and not self._buffer
        return head

    def _skip_empty_line(self) -> None:
        """RFC 9112 2.2: some clients send one behind a body. Others that send more of them are none."""
        if not self._skipped_empty_line and self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]
            self._skipped_empty_line = True

    def _refuse_other_tongues(self) -> None:
        """Whoever speaks something else may wait for us as we wait for the end of a head."""
        if _FIRST_BYTE.match(self._buffer) or self._buffer in _MAY_BECOME_AN_EMPTY_LINE:
            return
        if self._buffer.startswith(_FIRST_BYTE_OF_TLS):
            raise HttpFault(400, "this looks like TLS, and here is plain HTTP: write http:// and not https://")
        raise HttpFault(400, "this is no HTTP: a request begins with its method")

    def _body_of(self, head: Head) -> Body:
        """RFC 9112 6: where smuggling lives, so nothing is guessed."""
        coding = head.headers.get("transfer-encoding")
        length = head.headers.get("content-length")
        if coding is None:
            return SizedBody(0 if length is None else self._size_of(length))
        if length is not None:
            raise HttpFault(400, "the request has Content-Length and Transfer-Encoding; send one of them")
        if head.version == "1.0":
            raise HttpFault(400, "HTTP/1.0 knows no Transfer-Encoding; send Content-Length")
        if coding.lower() != "chunked":
            raise HttpFault(501, "the only transfer encoding that is known here is chunked, by itself")
        return ChunkedBody(
            max_bytes=self._max_body_bytes,
            max_line_bytes=self._max_chunk_line_bytes,
            max_extension_bytes=self._max_extension_bytes,
            max_trailer_bytes=self._max_trailer_bytes,
        )

    def _size_of(self, length: str) -> int:
        if not (length.isascii() and length.isdigit()):
            raise HttpFault(400, "Content-Length is not a number in decimal digits")
        if len(length) > _MANY_DIGITS or int(length) > self._max_body_bytes:
            raise too_large(self._max_body_bytes)
        return int(length)


def _request_line(line: str) -> tuple[str, str, str]:
    found = _REQUEST_LINE.fullmatch(line)
    if not found:
        raise HttpFault(400, "the first line is not a method, a target and HTTP/1.1 with one blank between them")
    method, target, major, minor = found.groups()
    if major != "1":
        raise HttpFault(505, f"HTTP/{major}.{minor} is not spoken here; HTTP/1.1 is")
    # A later 1.x is read as the last one that we know (RFC 9110 2.5).
    return method, _origin_form(target), "1.0" if minor == "0" else "1.1"


def _origin_form(target: str) -> str:
    if "#" in target:
        raise HttpFault(400, "the target has a fragment; a # in a path is written %23")
    if target.startswith("/"):
        return target
    found = _ABSOLUTE_FORM.fullmatch(target)
    if not found:
        raise HttpFault(400, "the target is neither a path that begins with / nor a URL that begins with http://")
    rest = found[1] or "/"
    return rest if rest.startswith("/") else f"/{rest}"


def _expects_continue(head: Head) -> bool:
    expected = head.headers.get("expect")
    if expected is None or head.version == "1.0":  # RFC 9110 10.1.1: of HTTP/1.0 it is not believed
        return False
    if expected.lower() != "100-continue":
        raise HttpFault(417, "the only expectation that can be met is 100-continue")
    return True
