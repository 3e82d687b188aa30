"""Signing: Signature Version 4, by headers. Pure.

Rule 1: what stays equal is done once: the key for a day, and for one second all that stands before the body's digest.
Rule 2: a secret never leaves but as a signature. `Keys` has seen to it that the others can stand in a header.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from time import gmtime, strftime

from sesmail.ses.credentials import Keys

SERVICE = "ses"  # the name that both APIs are signed with
_ALGORITHM = "AWS4-HMAC-SHA256"
_TERMINAL = "aws4_request"


class Unsigned:
    """What is signed of a request beside its body. ``path`` and ``query`` are as they go out, percent-encoded."""

    __slots__ = ("content_type", "host", "method", "path", "query")

    def __init__(self, method: str, path: str, *, host: str, query: str = "", content_type: str = "") -> None:
        self.method = method
        self.path = path
        self.query = query
        self.host = host
        self.content_type = content_type

    def headers(self, date: str, token: str) -> list[tuple[str, str]]:
        """Those that are signed, sorted by name as the signature wants them."""
        named = {
            "content-type": self.content_type,
            "host": self.host,
            "x-amz-date": date,
            "x-amz-security-token": token,
        }
        return [(name, value) for name, value in named.items() if value]


class Stamp:
    """What is equal for all signatures of one request in one second, whatever its body.

    ``headers`` are those that are signed, and ``authorization`` is the header that the signature is the end of.
    """

    __slots__ = ("_canonical", "_key", "_to_sign", "authorization", "headers")

    def __init__(self, headers: list[tuple[str, str]], authorization: str, parts: tuple[bytes, bytes, bytes]) -> None:
        self.headers = headers
        self.authorization = authorization
        canonical, self._to_sign, self._key = parts
        self._canonical = sha256(canonical)

    def signature(self, digest: str) -> bytes:
        """The signature for a body with this SHA-256, in hexadecimal."""
        canonical = self._canonical.copy()
        canonical.update(digest.encode())
        return hmac.digest(self._key, self._to_sign + canonical.hexdigest().encode(), "sha256").hex().encode()


class Signer:
    """Signs for one Region.

    >>> from hashlib import sha256
    >>> from sesmail.ses.client.direct.signing import Signer, Unsigned
    >>> from sesmail.ses.credentials import Keys
    >>> request = Unsigned("GET", "/v2/email/account", host="email.eu-west-1.amazonaws.com")
    >>> stamp = Signer("eu-west-1").stamp(request, Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG"), now=1440938160)
    >>> stamp.headers
    [('host', 'email.eu-west-1.amazonaws.com'), ('x-amz-date', '20150830T123600Z')]
    >>> len(stamp.signature(sha256().hexdigest()))
    64
    """

    def __init__(self, region: str) -> None:
        self._region = region
        self._key = ("", "", b"")  # replaced as a whole, so any number of threads may look

    def stamp(self, request: Unsigned, keys: Keys, now: int) -> Stamp:
        """What signs a request at this time of day."""
        date = strftime("%Y%m%dT%H%M%SZ", gmtime(now))
        scope = f"{date[:8]}/{self._region}/{SERVICE}/{_TERMINAL}"
        headers = request.headers(date, keys.token)
        names = ";".join(name for name, _ in headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers)
        # All services but S3 encode a path twice: a percent sign on the way is a sign to be encoded for the signature.
        path = request.path.replace("%", "%25")
        canonical = f"{request.method}\n{path}\n{request.query}\n{lines}\n{names}\n"
        to_sign = f"{_ALGORITHM}\n{date}\n{scope}\n"
        return Stamp(
            headers,
            f"{_ALGORITHM} Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature=",
            (canonical.encode(), to_sign.encode(), self._key_for(keys.secret_key, date[:8])),
        )

    def _key_for(self, secret: str, day: str) -> bytes:
        """The key for a day, which takes four rounds to make."""
        key = self._key
        if key[:2] != (secret, day):
            made = f"AWS4{secret}".encode()
            for step in (day, self._region, SERVICE, _TERMINAL):
                made = hmac.digest(made, step.encode(), "sha256")
            key = self._key = (secret, day, made)
        return key[2]
