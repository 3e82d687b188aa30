"""Terms: what must hold on a line before a mail goes out on it. Whatever cannot be is refused when they are built."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import Literal, get_args

from sesmail.errors import SetupError
from sesmail.lines.line import Place
from sesmail.transports.smtp.commands import ehlo
from sesmail.transports.smtp.login import Login
from sesmail.transports.smtp.trust import Trust

TlsMode = Literal["starttls", "implicit", "none"]
PORTS: dict[TlsMode, int] = {"starttls": 587, "implicit": 465, "none": 25}
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?\Z|[0-9A-Fa-f:.]{2,45}\Z")
_THIS_MACHINE = re.compile(r"localhost\Z|::1\Z|127(?:\.[0-9]{1,3}){3}\Z", re.IGNORECASE)
_FULL_NAME = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}\Z")
_LONGEST_NAME = 253  # RFC 1035 3.1
NAMELESS = "[127.0.0.1]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Where to, how TLS begins, who we are and what we are called.

    >>> from sesmail.lines.line import Place
    >>> from sesmail.transports.smtp.terms import Terms
    >>> from sesmail.transports.smtp.trust import Trust
    >>> Terms(place=Place("mail.example.com", 587), tls="starttls", trust=Trust(), local_name="app.example.com").tls
    'starttls'

    With ``tls="none"`` nobody logs in, since the password would go over the wire as it is: unless the server is this
    machine, or ``login_in_clear`` says so.
    """

    place: Place
    tls: TlsMode
    trust: Trust
    local_name: str = ""
    login: Login | None = None
    login_in_clear: bool = False

    def __post_init__(self) -> None:
        if self.tls not in get_args(TlsMode):
            raise SetupError(f"tls is one of {', '.join(get_args(TlsMode))}")
        _check_place(self.place.host, self.place.port)
        if self.login and self.tls == "none" and not (self.login_in_clear or _THIS_MACHINE.match(self.place.host)):
            raise SetupError(
                "the password would go to another machine in clear; use TLS, or say login_in_clear where the network"
                " is yours"
            )
        object.__setattr__(self, "local_name", self.local_name or own_name())
        ehlo(self.local_name)


def _check_place(host: object, port: object) -> None:
    """Both come from configuration, and neither may hold more than it is."""
    if not (isinstance(host, str) and _HOST.match(host)):
        raise SetupError("host is a host name in ASCII (xn-- where it is international) or an IP address")
    if isinstance(port, bool) or not (isinstance(port, int) and 0 < port < 65536):
        raise SetupError("port is a number from 1 to 65535")


def own_name() -> str:
    """What this machine is called, if that is a name that others could know, and else its address in brackets.

    No DNS is asked: that could take long, and the answer matters to nobody who has seen our credentials.
    """
    name = socket.gethostname()
    return name if len(name) <= _LONGEST_NAME and _FULL_NAME.match(name) else NAMELESS
