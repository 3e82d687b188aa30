"""The address itself: ``local@domain``, judged and brought into its normal form.

A plain ASCII address is decided by two expressions here, at a tenth of the cost. Everything else is email-validator's
word. A property test holds the two to the same verdicts and the same normal forms.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sesmail.errors import InvalidAddress
from sesmail.mail.characters import address_text
from sesmail.mail.mailbox import QUOTED

MAX_EMAIL_OCTETS = 254  # RFC 5321 4.5.3.1.3 less the angle brackets (RFC 3696 erratum 1690)
MAX_LOCAL = 64  # RFC 5321 4.5.3.1.1

# RFC 6761 and its kin: never reachable from the internet, yet what tests and local relays use every day.
SPECIAL_USE_DOMAINS = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})
# RFC 2142: role names are the same mailbox in any case. These are the ones that email-validator knows.
_ROLE_NAMES = frozenset(
    "abuse ftp hostmaster info marketing news noc postmaster sales security support usenet uucp webmaster www".split()
)

_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]++"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_PLAIN_EMAIL = re.compile(rf"({_ATOM}(?:\.{_ATOM})*+)@([A-Za-z0-9.\-]++)\Z")
# A host name whose last label ends in a letter. Labels with two hyphens in place 3 and 4 (punycode) go the long way.
_PLAIN_DOMAIN = re.compile(rf"(?!(?:.*\.)?..--)(?:{_LABEL}\.)*(?:{_LABEL}(?<![0-9]))\Z")
_QUOTED_EMAIL = re.compile(rf"({QUOTED})@(.*)\Z", re.DOTALL)
_DOT = re.compile("[.\u3002\uff0e\uff61]")  # the four that IDNA knows


def normal_form(email: str) -> str:
    """The wire form of an addr-spec: ``local@a-label``."""
    if type(email) is str and len(email) <= MAX_EMAIL_OCTETS and (plain := _PLAIN_EMAIL.match(email)):
        local, domain = plain.groups()
        if len(local) <= MAX_LOCAL:
            wire, readable = read_domain(domain)
            if wire == readable:
                return f"{lower if (lower := local.lower()) in _ROLE_NAMES else local}@{wire}"
    return _long_way(email)


def _long_way(email: str) -> str:
    email = address_text(email, "")
    if len(email.encode()) > MAX_EMAIL_OCTETS:
        raise InvalidAddress(f"longer than {MAX_EMAIL_OCTETS} octets")
    if email.endswith(">"):
        raise InvalidAddress("this is an address with brackets; Address.parse reads it, or give the name beside it")
    local, domain = _split(email)
    local = _read_local(local)
    wire, readable = read_domain(domain)
    # An A-label or a normal form can be longer than what was typed.
    if max(len(f"{local}@{wire}".encode()), len(f"{local}@{readable}".encode())) > MAX_EMAIL_OCTETS:
        raise InvalidAddress(f"longer than {MAX_EMAIL_OCTETS} octets in its normal form")
    return f"{local}@{wire}"


def _split(email: str) -> tuple[str, str]:
    """Into local part and domain, at the first ``@`` outside quotes."""
    if quoted := _QUOTED_EMAIL.match(email):
        return quoted[1], quoted[2]
    local, at, domain = email.partition("@")
    if not at:
        raise InvalidAddress(_why_no_at(email))
    if not local:
        raise InvalidAddress("a source route is not an address" if ":" in domain else "nothing before the @")
    if not domain:
        raise InvalidAddress("nothing behind the @")
    return local, domain


def _why_no_at(email: str) -> str:
    if not email:
        return "an address is expected, and there is none"
    for look_alike in "\uff20\ufe6b":
        if look_alike in email:
            return f"U+{ord(look_alike):04X} looks like an @ and is none"
    return "there is no @ in it (a name and its address are written: Name <user@example.com>)"


def _read_local(local: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(
            f"{local}@a", strict=True, allow_quoted_local=True, check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError as exc:
        raise InvalidAddress(f"before the @: {exc}") from exc
    return checked.local_part


@lru_cache(maxsize=4096)
def read_domain(text: str) -> tuple[str, str]:
    """A domain as A-labels for the wire and in its own script for people.

    Cached by domain, since a mailing has new local parts and old domains.
    """
    if _PLAIN_DOMAIN.match(text):
        return text.lower(), text.lower()
    return _read_international_domain(text)


def _read_international_domain(text: str) -> tuple[str, str]:
    from unicodedata import normalize

    from email_validator import EmailNotValidError, validate_email

    # The validator refuses special-use names, which are fine here, so another last label stands in for them.
    last = _DOT.split(text)[-1]
    head = text[: len(text) - len(last)]
    special = normalize("NFKC", last).lower()
    stand_in = "com" if special in SPECIAL_USE_DOMAINS else ""
    try:
        checked = validate_email(
            f"x@{head}{stand_in or last}", check_deliverability=False, globally_deliverable=bool(head)
        )
    except EmailNotValidError as exc:
        if exc.__cause__:  # idna's texts quote the label, and what was typed must not stand in a traceback either
            raise InvalidAddress("behind the @: this is no international domain name (IDNA 2008)") from None
        raise InvalidAddress(f"behind the @: {exc}") from exc
    wire, readable = checked.ascii_domain, checked.domain
    if stand_in:
        wire, readable = wire[: -len(stand_in)] + special, readable[: -len(stand_in)] + special
    return wire, readable
