"""Addresses as SES reads them, with its words for what is wrong. Its rules are its own: see `sesmail.mail` for ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sesmail.local.faults import Fault, FaultKind

SIMULATOR = "simulator.amazonses.com"
_SPECIALS = frozenset('()<>,;:\\"[]@')
_PIECE = re.compile(r'\\.|[^",<>()\\]++|.', re.DOTALL)
_CLOSING = {'"': '"', "<": ">", "(": ")"}
_DOMAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
_NOT_PRINTED = re.compile(r"[^!-~]")
_LINE_END = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")  # and the other controls, but for a tab
_CONTROL = re.compile(r"[\x00- \x7f]")
_LONGEST_LABEL = 63
_LONGEST_DOMAIN = 255


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as it came, with or without a name, and bare."""

    given: str
    email: str

    @classmethod
    def parse(cls, text: str, *, in_header: bool = True) -> Mailbox:
        """Read one; what is wrong is a fault, in the words of SES. Only in a header does the name count."""
        if _LINE_END.search(text):
            raise _bad("Local address contains control or whitespace")
        given = text.strip()
        if given.endswith(">"):
            name, _, inside = given[:-1].rpartition("<")
            if in_header:
                _check_name(name.strip())
            email = inside.strip()
        else:
            email = given
        _check(email)
        return cls(given, email)

    @property
    def domain(self) -> str:
        """What stands behind the last at sign, in lower case."""
        return self.email.rpartition("@")[2].lower()

    @property
    def is_simulator(self) -> bool:
        """Whether this is the mailbox simulator, which plays the recipient of a test."""
        return self.domain == SIMULATOR


def parse_all(texts: Iterable[str], *, in_header: bool = True) -> list[Mailbox]:
    """Every one of these, or a fault."""
    return [Mailbox.parse(text, in_header=in_header) for text in texts]


def folded(address: str) -> str:
    """An address for comparing: the case of its domain does not count; that of the local part does."""
    local, at, domain = address.rpartition("@")
    return local + at + domain.lower()


def split(text: str) -> list[str]:
    """The entries of a header that lists mailboxes. Commas in quotes, brackets and comments do not count."""
    entries: list[list[str]] = [[]]
    closing = ""  # what ends the quote, bracket or comment that we are in
    for piece in _PIECE.findall(text):
        if not closing and piece == ",":
            entries.append([])
            continue
        around = closing or _CLOSING.get(piece, "")
        if around != ")":
            entries[-1].append(piece)
        closing = "" if closing and piece == closing else around
    whole = ["".join(entry).strip() for entry in entries]
    return [entry for entry in whole if entry and not entry.endswith((":;", ": ;"))]


def _check_name(name: str) -> None:
    if not name.isascii():
        raise _bad("Non ASCII characters in a display name: SES asks for RFC 2047 encoded words, and so does the box")
    quoted = len(name) > 1 and name.startswith('"') and name.endswith('"')
    if not quoted and _SPECIALS & set(name) - {"(", ")"}:
        raise _bad("Illegal address")
    if any(ord(character) < 32 for character in name):
        raise _bad("Illegal address")


def _check(email: str) -> None:
    if email.startswith("@"):
        raise _bad("Extra route-addr" if ":" in email else "Missing local name")
    local, at, domain = email.rpartition("@")
    if not at:
        raise _bad("Missing final '@domain'")
    _check_local(local)
    _check_domain(domain)


def _check_local(local: str) -> None:
    if _NOT_PRINTED.search(local):
        raise _bad("Local address contains control or whitespace")
    quoted = len(local) > 1 and local.startswith('"') and local.endswith('"')
    if not quoted and _SPECIALS.intersection(local):
        raise _bad("Local address contains illegal character")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise _bad("Local address contains dot-dot" if ".." in local else "Local address starts or ends with dot")


def _check_domain(domain: str) -> None:
    if not domain:
        raise _bad("Missing domain")
    if _CONTROL.search(domain):
        raise _bad("Domain contains control or whitespace")
    if not _DOMAIN.issuperset(domain):
        raise _bad("Domain contains illegal character")
    labels = domain.split(".")
    if len(domain) > _LONGEST_DOMAIN:
        raise _bad("Invalid email address")
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise _bad("Domain contains dot-dot" if "" in labels else "Domain contains illegal character")


def _bad(text: str) -> Fault:
    return Fault(FaultKind.INVALID, text)
