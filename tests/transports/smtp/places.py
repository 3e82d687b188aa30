"""Transports to servers on this machine, and sends in both colours."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sesmail import Outgoing, SendResult
from sesmail.local import LocalSes
from sesmail.testing import CuttingProxy, HostileSmtp
from sesmail.transports.smtp.ses import SesSmtpTransport
from sesmail.transports.smtp.transport import SmtpTransport

REGION = "us-east-1"
Send = Callable[[SmtpTransport, Outgoing], SendResult]


@dataclass(frozen=True)
class Tls:
    """A server's side, and what its clients trust."""

    context: ssl.SSLContext = field(repr=False)
    ca_file: str


def sends(transport: SmtpTransport, outgoing: Outgoing) -> SendResult:
    return transport.send(outgoing)


def awaits(transport: SmtpTransport, outgoing: Outgoing) -> SendResult:
    return asyncio.run(transport.asend(outgoing))


COLOURS: dict[str, Send] = {"now": sends, "awaited": awaits}


@contextmanager
def closing(transport: SmtpTransport) -> Iterator[SmtpTransport]:
    try:
        yield transport
    finally:
        transport.close()


def to_server(server: HostileSmtp | CuttingProxy, **settings: Any) -> SmtpTransport:
    """To a server without TLS, if nothing else is said."""
    return SmtpTransport(server.host, server.port, **{"tls": "none", "local_name": "client.example", **settings})


def to_box(ses: LocalSes, **settings: Any) -> SesSmtpTransport:
    door = ses.smtp
    implicit = settings.get("tls") == "implicit"
    there = {
        "user": door.user,
        "password": door.password,
        "host": door.host,
        "port": door.tls_port if implicit else door.port,
        "ca_file": door.ca_file,
        "local_name": "client.example",
    }
    return SesSmtpTransport(REGION, **{**there, **settings})
