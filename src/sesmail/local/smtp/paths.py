"""Paths: what stands behind MAIL and RCPT, an address in angle brackets and parameters (RFC 5321 4.1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sesmail.local.addresses import Mailbox
from sesmail.local.faults import Fault
from sesmail.local.smtp.replies import Refused

# A quoted local part may hold brackets. Blanks behind the colon are against the RFC, and many clients write them.
_PATH = re.compile(r'(FROM|TO): *+<((?:[^<>"]|"(?:[^"\\]|\\.)*+")*+)>(?: ++(.*+))?', re.IGNORECASE)
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*+)(?:=([!-<>-~]++))?")
_LONGEST_ECHO = 320


@dataclass(frozen=True, slots=True)
class Path:
    """Whom a command names, and what else it says.

    >>> from sesmail.local.smtp.paths import Path
    >>> Path.parse("from:<ada@example.com> SIZE=42", "FROM").parameters
    {'SIZE': '42'}
    """

    address: str
    parameters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, word: str) -> Path:
        """Read one; ``word`` is FROM or TO. What is none is `Refused`."""
        found = _PATH.fullmatch(text)
        if found is None or found[1].upper() != word:
            raise Refused(501, f"Syntax: {word}:<address>")
        return cls(found[2], _parameters(found[3] or ""))

    @property
    def is_address(self) -> bool:
        """Whether SES would take the address."""
        try:
            return Mailbox.parse(self.address, in_header=False).email == self.address
        except Fault:
            return False

    @property
    def shown(self) -> str:
        """The address for a reply, which must not be many times longer than a line."""
        return f"<{self.address[:_LONGEST_ECHO]}>"


def _parameters(text: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for word in text.split():
        found = _PARAMETER.fullmatch(word)
        name = found[1].upper() if found else ""
        if not found or name in parameters:
            raise Refused(501, "Syntax: parameters are NAME=value, each once")
        parameters[name] = found[2] or ""
    return parameters
