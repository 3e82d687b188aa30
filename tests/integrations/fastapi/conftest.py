"""What the tests of the FastAPI integration share."""

from __future__ import annotations

import pytest

from sesmail import AsyncMailer
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.transports import LocalTransport


class Closing(LocalTransport):
    """Counts what it carried and how often it was closed."""

    name = "closing"

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    def send(self, outgoing: Outgoing) -> SendResult:
        self.events.append(outgoing.email.subject)
        return self.accepted(outgoing)

    def close(self) -> None:
        self.events.append("closed")


@pytest.fixture
def transport() -> Closing:
    return Closing()


@pytest.fixture
def mailer(transport: Closing) -> AsyncMailer:
    return AsyncMailer(transport, sender="shop@example.com")
