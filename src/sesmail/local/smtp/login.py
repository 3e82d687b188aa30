"""Login: how a client says who it is (RFC 4954), as exchanges without a socket.

An exchange is a generator. It yields what the client is prompted with, is given the answer, and returns the
credentials.
"""

from __future__ import annotations

from base64 import b64encode
from binascii import Error, a2b_base64
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field

from sesmail.local.smtp.replies import BAD_LOGIN, Refused

_NOT_BASE64 = "Error: what AUTH sends is base64"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password."""

    user: str
    password: str = field(repr=False)


Exchange = Generator[str, str, Credentials]


def plain(initial: str) -> Exchange:
    """PLAIN (RFC 4616): whom to act as, who one is and the password, all in one, with NUL between them."""
    fields = _decoded(initial or (yield "")).split("\0")
    if len(fields) != 3 or fields[0] not in ("", fields[1]):
        raise Refused(BAD_LOGIN.code, *BAD_LOGIN.lines)
    return Credentials(fields[1], fields[2])


def login(initial: str) -> Exchange:
    """LOGIN, which no RFC describes: a prompt for each. Some clients give the user at once."""
    user = _decoded(initial or (yield _encoded("Username:")))
    return Credentials(user, _decoded((yield _encoded("Password:"))))


EXCHANGES: Mapping[str, Callable[[str], Exchange]] = {"PLAIN": plain, "LOGIN": login}


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def _decoded(answer: str) -> str:
    if answer == "*":
        raise Refused(501, "Authentication cancelled")
    try:
        return a2b_base64("" if answer == "=" else answer, strict_mode=True).decode()
    except UnicodeDecodeError:
        raise Refused(BAD_LOGIN.code, *BAD_LOGIN.lines) from None
    except Error:
        raise Refused(501, _NOT_BASE64) from None
