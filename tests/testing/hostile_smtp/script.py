"""Script: what a good client says, up to any step."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from sesmail.testing import HostileSmtp
from sesmail.testing.hostile_smtp import Step
from tests.testing.peer import Peer

MESSAGE = b"Subject: Hi\r\n\r\n..dots\r\nHello\r\n"
AUTH = b"AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n"

# Each step: those before it, and what is said at it. The greeting and the handshake come by themselves.
LINES: dict[Step, tuple[tuple[Step, ...], bytes]] = {
    "connect": ((), b""),
    "ehlo": (("connect",), b"EHLO client.example\r\n"),
    "helo": (("connect",), b"HELO client.example\r\n"),
    "starttls": (("connect", "ehlo"), b"STARTTLS\r\n"),
    "handshake": (("connect", "ehlo", "starttls"), b""),
    "auth": (("connect", "ehlo"), AUTH),
    "mail": (("connect", "ehlo"), b"MAIL FROM:<ada@example.com>\r\n"),
    "rcpt": (("connect", "ehlo", "mail"), b"RCPT TO:<bob@example.org>\r\n"),
    "data": (("connect", "ehlo", "mail", "rcpt"), b"DATA\r\n"),
    "message": (("connect", "ehlo", "mail", "rcpt", "data"), MESSAGE.replace(b"\r\n..", b"\r\n...") + b".\r\n"),
    "rset": (("connect", "ehlo"), b"RSET\r\n"),
    "noop": (("connect", "ehlo"), b"NOOP\r\n"),
    "quit": (("connect", "ehlo"), b"QUIT\r\n"),
    "other": (("connect", "ehlo"), b"VRFY ada\r\n"),
}


@contextmanager
def arrived(server: HostileSmtp, step: Step) -> Iterator[Peer]:
    """A client that has said what belongs to a step, and has not read the answer to that."""
    before, line = LINES[step]
    with Peer.to(server.port) as peer:
        for earlier in before:
            peer.send(LINES[earlier][1]).reply()
        yield peer.send(line)


def in_tls(peer: Peer, context: ssl.SSLContext) -> Peer:
    """The same client after its handshake."""
    return Peer(context.wrap_socket(peer.socket, server_hostname="localhost"))
