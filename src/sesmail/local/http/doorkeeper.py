"""Doorkeeper: who may drive the box. Programs may, web pages of strangers may not.

A page that a developer looks at can send requests to this machine. It cannot choose two things: the ``Host`` header,
which holds the name in its URL even after that name has been pointed at 127.0.0.1 (DNS rebinding), and the ``Origin``
and ``Sec-Fetch-Site`` headers, with which a browser says whose page it is. Links in mails are for everybody, though: a
browser may be led to them from any page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sesmail.errors import SetupError
from sesmail.local.http.fault import HttpFault
from sesmail.local.http.reader import Head

_CURE = "allow it with allow_hosts, or --allow-host"
_HOST = r"[A-Za-z0-9._~\-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\]"
_NAME = re.compile(_HOST)
_AUTHORITY = re.compile(rf"({_HOST})(?::[0-9]{{0,5}})?")
_ORIGIN = re.compile(r"https?://(.*)", re.IGNORECASE)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_LOOPBACK = re.compile(rf"127(?:\.{_OCTET}){{3}}|(?:.*\.)?localhost|\[::1\]")


class Doorkeeper:
    """Knows the names under which the box may be called: those of this machine, and those that it was told.

    ``public`` is how the paths begin that a page of anybody may lead to.
    """

    def __init__(self, hosts: str | Iterable[str] = (), *, public: tuple[str, ...] = ()) -> None:
        self._hosts = frozenset(_name_of(host) for host in ((hosts,) if isinstance(hosts, str) else hosts))
        self._public = public

    def also_for(self, host: str) -> Doorkeeper:
        """One that knows this name too."""
        return Doorkeeper({*self._hosts, host}, public=self._public)

    def admit(self, head: Head) -> None:
        """Raise an `HttpFault` for whoever may not come in."""
        headers = head.headers
        self._admit_host(headers.get("host", ""), head.version)
        if "origin" in headers and not self._knows_origin(headers["origin"]):
            raise HttpFault(403, f"the request comes from a web page that is not of this machine; {_CURE}")
        if "cross-site" in headers.get("sec-fetch-site", "").lower() and not self._is_visit(head):
            raise HttpFault(403, "the request comes from a web page of another site, and those may not come in")

    def _is_visit(self, head: Head) -> bool:
        is_navigation = head.method == "GET" and head.headers.get("sec-fetch-mode", "").lower() == "navigate"
        return is_navigation and head.target.startswith(self._public)

    def _admit_host(self, authority: str, version: str) -> None:
        if not authority:
            if version == "1.0":
                return
            raise HttpFault(400, "the request has no Host header, which HTTP/1.1 asks for")
        host = _host_of(authority)
        if not host:
            raise HttpFault(400, "the Host header is not a name or address with or without a port")
        if not self._knows(host):
            raise HttpFault(421, f"nobody told this server that it is called {host:.100}; {_CURE}")

    def _knows_origin(self, origin: str) -> bool:
        found = _ORIGIN.fullmatch(origin)
        return found is not None and self._knows(_host_of(found[1]))

    def _knows(self, host: str) -> bool:
        return host in self._hosts or _LOOPBACK.fullmatch(host) is not None


def _host_of(authority: str) -> str:
    """The host in lower case and without its port, or nothing."""
    found = _AUTHORITY.fullmatch(authority)
    return found[1].lower().removesuffix(".") if found else ""


def _name_of(host: str) -> str:
    is_bare_ipv6 = host.count(":") > 1 and not host.startswith("[")
    name = f"[{host}]" if is_bare_ipv6 else host
    if not _NAME.fullmatch(name):
        raise SetupError(f"{host!r} is no name or address of a host; write it without scheme, port and path")
    return name.lower().removesuffix(".")
