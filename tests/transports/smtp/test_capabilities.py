"""What EHLO says."""

from __future__ import annotations

import pytest

from sesmail.transports.smtp.capabilities import NOTHING, Capabilities


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        (b"PIPELINING", Capabilities(pipelining=True)),
        (b"pipelining", Capabilities(pipelining=True)),
        (b"SIZE 1000", Capabilities(size=True, size_limit=1000)),
        (b"SIZE 0", Capabilities(size=True)),
        (b"SIZE", Capabilities(size=True)),
        (b"SIZE=1000", NOTHING),
        (b"SIZE one", Capabilities(size=True)),
        (b"SIZE -1", Capabilities(size=True)),
        ("SIZE ²".encode(), Capabilities(size=True)),
        (b"SIZE " + b"9" * 20, Capabilities(size=True, size_limit=10**20 - 1)),
        (b"SIZE " + b"9" * 5000, Capabilities(size=True)),
        (b"8BITMIME", Capabilities(eight_bit=True)),
        (b"SMTPUTF8", Capabilities(smtputf8=True)),
        (b"STARTTLS", Capabilities(starttls=True)),
        (b"AUTH PLAIN LOGIN", Capabilities(mechanisms=("PLAIN", "LOGIN"))),
        (b"AUTH=LOGIN PLAIN", Capabilities(mechanisms=("LOGIN", "PLAIN"))),
        (b"auth login", Capabilities(mechanisms=("LOGIN",))),
        (b"AUTH", NOTHING),
        (b"X-PIPELINING", NOTHING),
        (b"PIPELINING\xff", NOTHING),
        (b"", NOTHING),
    ],
)
def test_a_keyword_is_read(line: bytes, offered: Capabilities) -> None:
    assert Capabilities.read([b"mail.example.com", line]) == offered


def test_the_greeting_is_no_keyword() -> None:
    assert Capabilities.read([b"PIPELINING", b"8BITMIME"]) == Capabilities(eight_bit=True)
    assert Capabilities.read([b"STARTTLS"]) == NOTHING


def test_what_is_said_twice_is_said_the_last_time() -> None:
    assert Capabilities.read([b"", b"AUTH LOGIN", b"AUTH=PLAIN"]).mechanisms == ("PLAIN",)
