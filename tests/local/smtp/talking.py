"""How tests talk to a session: a client that says lines and hears replies, and an office that takes everything."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from sesmail.local.chaos import Chaos
from sesmail.local.smtp.login import Credentials
from sesmail.local.smtp.office import Letter, Offer
from sesmail.local.smtp.replies import Reply
from sesmail.local.smtp.session import Session
from sesmail.local.smtp.steps import Step, Then

USER, PASSWORD = "AKIAEXAMPLE", "correct horse"
MAIL = b"From: shop@example.com\r\nTo: ada@example.org\r\nSubject: Hello\r\n\r\nHello Ada\r\n"


def in_base64(*fields: str) -> str:
    return b64encode("\0".join(fields).encode()).decode()


LOGIN = f"AUTH PLAIN {in_base64('', USER, PASSWORD)}"
ENVELOPE = ("MAIL FROM:<shop@example.com>", "RCPT TO:<ada@example.org>")


class Clerk:
    """An `Office` that knows one user and takes everything."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def knows(self, credentials: Credentials) -> bool:
        return (credentials.user, credentials.password) == (USER, PASSWORD)

    def take(self, letter: Letter) -> Reply:
        self.letters.append(letter)
        return Reply(250, f"Ok {len(self.letters)}")


class Client:
    """The other side of a session."""

    def __init__(self, *, offer: Offer | None = None, chaos: Chaos | None = None, **options: Any) -> None:
        self.clerk = Clerk()
        self.chaos = chaos or Chaos()
        self.session = Session(office=self.clerk, offer=offer or Offer(), chaos=self.chaos, **options)
        self.steps: list[Step] = []

    def hear(self) -> bytes:
        """All that is said now. TLS needs no handshake here."""
        heard = b""
        while step := self.session.next_step():
            self.steps.append(step)
            heard += step.data
            if step.then is Then.SECURE:
                self.session.secured()
        return heard

    def send(self, data: bytes) -> bytes:
        """Say just these bytes, and hear."""
        self.session.receive(data)
        return self.hear()

    def say(self, *lines: str) -> str:
        """Say some lines, one after the other; the reply to the last."""
        heard = self.hear()
        for line in lines:
            heard = self.send(line.encode("latin-1") + b"\r\n")
        return heard.decode("ascii")

    def ready(self) -> Client:
        """Behind TLS and EHLO."""
        self.say("STARTTLS", "EHLO client.example")
        return self

    def known(self) -> Client:
        """Logged in, too."""
        assert self.ready().say(LOGIN) == "235 Authentication successful\r\n"
        return self

    def at_data(self, *recipients: str) -> Client:
        """So far that a mail may follow."""
        more = [f"RCPT TO:<{one}>" for one in recipients]
        assert self.known().say(*ENVELOPE, *more, "DATA").startswith("354 ")
        return self

    @property
    def last(self) -> Step:
        return self.steps[-1]
