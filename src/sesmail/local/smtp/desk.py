"""Desk: what all connections of an SMTP door share."""

from __future__ import annotations

import ssl
from asyncio import TimerHandle
from collections.abc import Callable
from dataclasses import dataclass

from sesmail.local.line import Lines
from sesmail.local.smtp.session import Session


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client is waited for, and how much is dropped behind the last reply."""

    idle_s: float = 10.0
    linger_s: float = 2.0
    linger_bytes: int = 64 * 1024 * 1024


class Desk(Lines[Patience]):
    """Sessions, certificates, time, and who is there.

    ``new_session`` is told the client's address, whether TLS is there from the first byte, and whether there are too
    many clients; ``tls`` gives a context for how TLS is to fail, or for none of that.
    """

    def __init__(
        self,
        *,
        new_session: Callable[[str, bool, bool], Session],
        tls: Callable[[str], ssl.SSLContext],
        patience: Patience,
        most: int,
        clock: Callable[[], float],
        later: Callable[[float, Callable[[], None]], TimerHandle],
    ) -> None:
        super().__init__(patience, clock=clock, later=later)
        self.new_session = new_session
        self.tls = tls
        self.most = most

    @property
    def is_crowded(self) -> bool:
        """Whether there are more than there may be."""
        return len(self.connections) > self.most
