"""Capabilities: what a server said it can, behind EHLO. They hold until the next EHLO, or until TLS begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_DIGITS_OF_A_SIZE = 20  # RFC 1870 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    r"""What may be asked of a server.

    >>> from sesmail.transports.smtp.capabilities import Capabilities
    >>> offered = Capabilities.read([b"mail.example at your service", b"PIPELINING", b"SIZE 1000", b"AUTH PLAIN LOGIN"])
    >>> offered.pipelining, offered.size_limit, offered.mechanisms
    (True, 1000, ('PLAIN', 'LOGIN'))

    What is not known here is not used, and so not kept.
    """

    pipelining: bool = False
    size: bool = False
    size_limit: int = 0  # none is told
    eight_bit: bool = False
    smtputf8: bool = False
    starttls: bool = False
    mechanisms: tuple[str, ...] = ()

    @classmethod
    def read(cls, lines: Iterable[bytes]) -> Capabilities:
        """The lines of the reply to EHLO, of which the first is a greeting."""
        _, *keywords = lines
        said = dict(map(_keyword, keywords))
        return cls(
            pipelining="PIPELINING" in said,
            size="SIZE" in said,
            size_limit=_number(said.get("SIZE", "")),
            eight_bit="8BITMIME" in said,
            smtputf8="SMTPUTF8" in said,
            starttls="STARTTLS" in said,
            mechanisms=tuple(said.get("AUTH", "").split()),
        )


def _keyword(line: bytes) -> tuple[str, str]:
    # Some servers write ``AUTH=PLAIN LOGIN``, for clients that are older than the standard.
    word, _, rest = line.decode("ascii", "replace").upper().replace("AUTH=", "AUTH ", 1).partition(" ")
    return word, rest


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_OF_A_SIZE else 0


NOTHING = Capabilities()
