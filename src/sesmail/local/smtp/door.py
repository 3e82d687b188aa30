"""SmtpDoor: a small SMTP server in a thread of its own. One port is for STARTTLS, one is TLS from the first byte."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from tempfile import mkstemp
from threading import Lock
from typing import Self

from sesmail.errors import SetupError
from sesmail.local.chaos import Chaos
from sesmail.local.keys import DEFAULT_KEY
from sesmail.local.shift import Entrance, Shift, called, listening
from sesmail.local.smtp.certificates import Certificates, require_cryptography
from sesmail.local.smtp.connection import Connection
from sesmail.local.smtp.desk import Desk, Patience
from sesmail.local.smtp.endpoint import SmtpEndpoint
from sesmail.local.smtp.office import Offer
from sesmail.local.smtp.options import SmtpAccess, SmtpOptions
from sesmail.local.smtp.session import Session


class SmtpDoor:
    """Lets clients of SMTP in to an endpoint.

    >>> import smtplib
    >>> from sesmail.local.box import Box
    >>> from sesmail.local.smtp.door import SmtpDoor
    >>> from sesmail.local.smtp.endpoint import SmtpEndpoint
    >>> with SmtpDoor(SmtpEndpoint(Box(), "eu-west-1")) as door:
    ...     with smtplib.SMTP(door.access.host, door.access.port) as client:
    ...         client.noop()
    (250, b'Ok')

    ``clock`` is the loop's own where none is given. Without the package cryptography it cannot be built.
    """

    def __init__(
        self,
        endpoint: SmtpEndpoint,
        *,
        options: SmtpOptions | None = None,
        chaos: Chaos | None = None,
        host: str = "127.0.0.1",
        linger_s: float = 2.0,
        linger_bytes: int = 64 * 2**20,
        sweep_s: float = 1.0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        require_cryptography()
        self._endpoint = endpoint
        self._options = options or SmtpOptions()
        self._chaos = chaos or Chaos()
        self._host = host
        self._patience = Patience(self._options.idle_s, linger_s, linger_bytes)
        self._sweep_s = sweep_s
        self._clock = clock
        self._lock = Lock()
        self._shift: Shift[Desk] | None = None
        self._access: SmtpAccess | None = None

    def start(self) -> None:
        """Open it. Raises the `OSError` of a port that is taken or not allowed."""
        with self._lock, ExitStack() as undo:
            if self._shift:
                raise SetupError("the SMTP door is open already")
            ports = (self._options.port, self._options.tls_port)
            listeners = [undo.enter_context(listening(self._host, port)) for port in ports]
            loop = asyncio.SelectorEventLoop()  # also on Windows, see HttpDoor
            undo.callback(loop.close)
            certificates = Certificates(self._names(listeners[0].getsockname()[0]))
            desk = self._desk(loop, certificates)
            entrances: list[Entrance] = [
                (listener, partial(Connection, desk, is_wrapped=is_wrapped))
                for listener, is_wrapped in zip(listeners, (False, True), strict=True)
            ]
            shift = Shift(loop, entrances, desk, sweep_s=self._sweep_s, name="sesmail-smtp")
            access = self._new_access(shift, certificates.ca_pem)
            undo.callback(_remove, access.ca_file)
            shift.start()
            undo.pop_all()
            self._shift, self._access = shift, access

    def _names(self, address: str) -> list[str]:
        """What the certificate is for."""
        names = ["localhost", "127.0.0.1", "::1", f"email-smtp.{self._endpoint.region}.amazonaws.com"]
        return list(dict.fromkeys((*names, self._host, address)))

    def _desk(self, loop: asyncio.AbstractEventLoop, certificates: Certificates) -> Desk:
        return Desk(
            new_session=self._new_session,
            tls=certificates.context,
            patience=self._patience,
            most=self._options.most_connections,
            clock=self._clock or loop.time,
            later=loop.call_later,
        )

    def _new_session(self, source_ip: str, is_wrapped: bool, is_crowded: bool) -> Session:
        return Session(
            office=self._endpoint.at(source_ip),
            offer=Offer(self._endpoint.largest, self._options.starttls, self._options.pipelining),
            chaos=self._chaos,
            is_wrapped=is_wrapped,
            is_crowded=is_crowded,
        )

    def _new_access(self, shift: Shift[Desk], ca_pem: str) -> SmtpAccess:
        (host, port), (_, tls_port) = shift.addresses
        return SmtpAccess(
            host=called(host),
            port=port,
            tls_port=tls_port,
            user=DEFAULT_KEY,
            password=self._endpoint.password_of(DEFAULT_KEY),
            ca_file=_written(ca_pem),
            ca_pem=ca_pem,
            password_of=self._endpoint.password_of,
        )

    def check_stop(self) -> None:
        """Whether this thread may stop it."""
        if self._shift and self._shift.is_mine():
            raise SetupError("the SMTP door cannot be stopped by what it calls; stop it from another thread")

    def stop(self) -> None:
        """Close it and every connection, after the step that is being done. It can be started again."""
        self.check_stop()
        with self._lock:
            shift, access, self._shift, self._access = self._shift, self._access, None, None
            if shift and access:
                shift.end()
                _remove(access.ca_file)

    @property
    def access(self) -> SmtpAccess:
        """What clients need."""
        access = self._access
        if not access:
            raise SetupError("the SMTP door is not open and has no address; start it first")
        return access

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        access = self._access
        return f"SmtpDoor({access.host}, {access.port} and {access.tls_port})" if access else "SmtpDoor(closed)"


def _written(ca_pem: str) -> str:
    """A file with the certificate, which is nobody's secret: a client may run as another user."""
    descriptor, name = mkstemp(prefix="sesmail-ca-", suffix=".pem")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(ca_pem)
    Path(name).chmod(0o644)
    return name


def _remove(file: str) -> None:
    with suppress(OSError):  # somebody removed it already
        Path(file).unlink()
