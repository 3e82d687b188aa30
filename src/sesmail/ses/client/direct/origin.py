"""Origin: scheme, host and port of a URL that somebody configured, for an endpoint or a proxy. Checked once, here.

Nothing of such a URL is repeated in an error: it may hold a password. What passes can stand in a request line, in a
header and in a signature as it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sesmail.errors import SetupError
from sesmail.lines.line import Place

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,126}}\.?|\[[0-9A-Fa-f:.]{{2,45}}\]"
_SEGMENT = r"/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+"  # no way up
_URL = rf"(https?)://({HOST})(?::([0-9]{{1,5}}))?((?:{_SEGMENT})*)/?"
_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535
_LONGEST = 253


class Origin(NamedTuple):  # it is made of plain texts, and a dataclass takes ten times as long to import
    """Where requests go.

    >>> from sesmail.ses.client.direct.origin import Origin
    >>> origin = Origin.parse("http://127.0.0.1:4579/ses/", "endpoint_url")
    >>> origin.netloc, origin.path
    ('127.0.0.1:4579', '/ses')
    """

    scheme: str
    host: str  # an address of IPv6 stands in brackets
    port: int
    path: str = ""  # without the slash at its end

    @classmethod
    def parse(cls, text: str, name: str) -> Origin:
        """Take a URL apart; ``name`` says where it was written. Raises `SetupError`."""
        found = re.fullmatch(_URL, text)
        if not found or len(found[2]) > _LONGEST:
            raise SetupError(
                f"{name} is no URL of an API: it is http:// or https://, a host, perhaps a port and a path, and no more"
            )
        scheme, host, port, path = found.groups()
        return cls(scheme, host.lower(), checked_port(port or _PORTS[scheme], name), path)

    @property
    def netloc(self) -> str:
        """Host and port as they stand in the header Host: the usual port is left out."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def name(self) -> str:
        """The host as its certificate names it."""
        return self.host.strip("[]")

    @property
    def place(self) -> Place:
        """Where a line to it leads."""
        return Place(self.name, self.port)


def checked_port(text: str | int, name: str) -> int:
    """A port, or `SetupError`."""
    port = int(text)
    if not 0 < port <= _MAX_PORT:
        raise SetupError(f"{name} has a port that does not exist: it is 1 to {_MAX_PORT}")
    return port
