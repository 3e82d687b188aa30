"""Proxy: through whom an endpoint is reached, as the environment says: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``.

Rule 1: what stands there is obeyed or refused, when the client is built. A proxy that is silently passed by is a hole
        in somebody's wall.
Rule 2: a user and a password go to the proxy only, and into no text.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Mapping

from sesmail.errors import ConnectFailed, SetupError
from sesmail.lines.line import Place
from sesmail.ses.client.direct.origin import HOST, Origin, checked_port

# Compiled when there is a proxy.
_URL = rf"(?:(?:([A-Za-z][A-Za-z0-9+.-]*):)?//)?(?:([^:@/?#]*)(?::([^@/?#]*))?@)?({HOST})(?::([0-9]{{1,5}}))?/?"
_ESCAPE = rb"%([0-9A-Fa-f]{2})?"
_PORT = 80


class Proxy:
    """An HTTP proxy.

    >>> from sesmail.ses.client.direct.proxy import Proxy
    >>> Proxy.parse("http://me:secret@proxy.example:3128", "HTTPS_PROXY")
    Proxy(proxy.example:3128)
    """

    __slots__ = ("_authorization", "place")

    def __init__(self, place: Place, authorization: bytes = b"") -> None:
        self.place = place
        self._authorization = authorization

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What only the proxy is told."""
        return [(b"proxy-authorization", self._authorization)] if self._authorization else []

    @classmethod
    def parse(cls, text: str, name: str) -> Proxy:
        """Take the URL of a proxy apart; ``name`` says where it was written. Raises `SetupError`."""
        found = re.fullmatch(_URL, text)
        if not found:
            raise SetupError(f"{name} is no URL of a proxy: it is like http://user:password@proxy.example:3128")
        scheme, user, password, host, port = found.groups()
        if scheme and scheme.lower() != "http":
            raise SetupError(
                f"{name} names a proxy that is spoken to by {scheme.lower()}, and the client direct takes http:// only:"
                " give one, except this endpoint by NO_PROXY, or take the client boto3"
            )
        place = Place(host.strip("[]"), checked_port(port or _PORT, name))
        return cls(place, b"" if user is None else _basic(user, password or "", name))

    def __repr__(self) -> str:
        return f"Proxy({self.place})"

    def refused(self, status: int) -> ConnectFailed:
        """The error for an answer by which the proxy itself says no."""
        text = f"the proxy {self.place} answered {status}: {_CURES.get(status, 'see its log')}; nothing was sent"
        return ConnectFailed(text, code=str(status), stage="connect", retryable=status >= _ITS_OWN)


_CURES = {
    403: "it does not let this endpoint through",
    407: "it asks for a user and a password, which stand in its URL",
}
_ITS_OWN = 500


def _basic(user: str, password: str, name: str) -> bytes:
    words = _decoded(user, name), _decoded(password, name)
    # RFC 7617 2: the first colon ends the user, and control characters are for neither.
    if b":" in words[0] or any(byte < 32 or byte == 127 for word in words for byte in word):
        raise SetupError(f"{name} has a user or a password with a control character, or a user with a colon")
    return b"Basic " + b2a_base64(b":".join(words), newline=False)


def _decoded(text: str, name: str) -> bytes:
    def byte(found: re.Match[bytes]) -> bytes:
        if not found[1]:
            raise SetupError(f"{name} has a % that begins no escape: write it as %25")
        return bytes.fromhex(found[1].decode())

    return re.sub(_ESCAPE, byte, text.encode())


def proxy_for(origin: Origin, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy that the environment wants for an endpoint, if any.

    >>> from sesmail.ses.client.direct.origin import Origin
    >>> from sesmail.ses.client.direct.proxy import proxy_for
    >>> origin = Origin("https", "email.eu-west-1.amazonaws.com", 443)
    >>> proxy_for(origin, {"HTTPS_PROXY": "proxy.example:3128"})
    Proxy(proxy.example:3128)
    >>> proxy_for(origin, {"HTTPS_PROXY": "proxy.example:3128", "NO_PROXY": "localhost,.amazonaws.com"})
    """
    name, text = _said(f"{origin.scheme}_proxy", environ)
    if not text or _is_excepted(origin, _said("no_proxy", environ)[1]):
        return None
    return Proxy.parse(text, name)


def _said(name: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """A variable, under which name it was found, and what it says. In small letters it comes first, also empty."""
    if name not in environ:
        name = name.upper()
    # In CGI, HTTP_PROXY is what a stranger's request said in a header (CVE-2016-5385 and its kin).
    is_a_header = name == "HTTP_PROXY" and "REQUEST_METHOD" in environ
    return name, "" if is_a_header else environ.get(name, "").strip()


def _is_excepted(origin: Origin, exceptions: str) -> bool:
    return any(_covers(one.strip().lower(), origin) for one in exceptions.split(","))


def _covers(exception: str, origin: Origin) -> bool:
    """Whether an entry means this host: ``*``, a host or the end of one, perhaps with a port, or a network."""
    if exception == "*":
        return True
    if "/" in exception:
        return _is_in(origin.name, exception)
    suffix = exception.lstrip(".")
    hosts = {origin.name, origin.host, f"{origin.host}:{origin.port}"}
    return bool(suffix) and any(host == suffix or host.endswith(f".{suffix}") for host in hosts)


def _is_in(host: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network  # which few have to pay for

    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:  # the host has a name, or the network is none
        return False
