"""Heads: the heads of requests, signed. What is equal for all requests of one second is written once.

Rule 1: what HTTP does not allow in a head is never written (RFC 9110 5.1 and 5.5, and here ASCII only): no control
        character, and no line but our own.
Rule 2: between two mails of one second the signature and the length differ: digits, which are put where they belong.
"""

from __future__ import annotations

import re

from sesmail.ses.client.direct.routes import Request
from sesmail.ses.client.direct.signing import Signer, Stamp
from sesmail.ses.client.direct.way import Way
from sesmail.ses.credentials import Keys

Headers = list[tuple[bytes, bytes]]

_METHOD = re.compile(r"[A-Z]+")
_TARGET = re.compile(r"[!-~]+")
_NAME = re.compile(rb"[0-9a-z-]+")
_VALUE = re.compile(rb"[!-~](?:[ -~]*[!-~])?")
_OURS: Headers = [(b"user-agent", b"sesmail"), (b"accept-encoding", b"identity")]
_NO_SIGNATURE = b"0" * 64


def written(method: str, target: str, headers: Headers) -> bytes:
    r"""The head of a request. What must not stand in one is a mistake of ours: it was refused before.

    >>> from sesmail.ses.client.direct.heads import written
    >>> written("GET", "/", [(b"host", b"ses.example")])
    b'GET / HTTP/1.1\r\nhost: ses.example\r\n\r\n'
    """
    if not (_METHOD.fullmatch(method) and _TARGET.fullmatch(target)):
        raise ValueError("a method or a target that HTTP does not allow")
    lines = [f"{method} {target} HTTP/1.1".encode()]
    for name, value in headers:
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError(f"the header {name!r:.50} has a name or a value that HTTP does not allow")
        lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join([*lines, b"", b""])


class Heads:
    """The heads of one client's requests."""

    def __init__(self, way: Way, signer: Signer) -> None:
        self._way = way
        self._signer = signer
        self._last: _Second | None = None  # replaced as a whole, so any number of threads may look

    def head(self, request: Request, digest: str, size: int, keys: Keys, now: float) -> bytes:
        """The head of a request whose body has this SHA-256 and this size; ``now`` is the time of day."""
        last = self._last
        if last is None or not last.is_for(request, keys, int(now)):
            last = self._last = self._second(request, keys, int(now))
        return last.head(digest, size)

    def _second(self, request: Request, keys: Keys, now: int) -> _Second:
        stamp = self._signer.stamp(request.unsigned, keys, now)
        target, further = request.target, _OURS
        if relay := self._way.relay:
            target = f"http://{self._way.origin.netloc}{target}"
            further = [*_OURS, *relay.headers]
        signed = [(name.encode(), value.encode()) for name, value in stamp.headers]
        authorization = (b"authorization", stamp.authorization.encode() + _NO_SIGNATURE)
        begin = written(request.unsigned.method, target, [*signed, *further, authorization])
        return _Second(request, keys, now, stamp, begin.removesuffix(_NO_SIGNATURE + b"\r\n\r\n"))


class _Second:
    """All of a head but its last digits."""

    __slots__ = ("_begin", "_has_body", "_keys", "_now", "_stamp", "_unsigned")

    def __init__(self, request: Request, keys: Keys, now: int, stamp: Stamp, begin: bytes) -> None:
        self._unsigned, self._keys, self._now = request.unsigned, keys, now
        self._stamp = stamp
        self._begin = begin
        self._has_body = bool(request.unsigned.content_type)

    def is_for(self, request: Request, keys: Keys, now: int) -> bool:
        return self._now == now and self._unsigned is request.unsigned and self._keys == keys

    def head(self, digest: str, size: int) -> bytes:
        signature = self._stamp.signature(digest)
        length = b"\r\ncontent-length: %d" % size if self._has_body else b""
        return b"%b%b%b\r\n\r\n" % (self._begin, signature, length)
