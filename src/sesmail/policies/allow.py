"""Allow: only these people get mail.

Rule 1: an empty list means nobody. Everybody is said aloud: ``*``.
Rule 2: a domain is compared in any case and in its wire form, and covers none of its sub-domains: those are
        ``*.example.com``, which does not cover ``example.com`` itself.
Rule 3: the part before the ``@`` is compared to the letter, as the envelope does. Whether ``Ada@`` is ``ada@`` only
        their server knows, and here a mail too few does less harm than one too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail.errors import InvalidAddress, SetupError, Withheld
from sesmail.mail.address import Address, AddressesLike, AddressLike
from sesmail.mail.mailbox import split_mailboxes
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.flow import Flow, send
from sesmail.policies.outcomes import Outcomes
from sesmail.policies.policy import Policy
from sesmail.transports.base import Transport
from sesmail.transports.option import Option

EVERYBODY = "*"


class Allow(Policy):
    """Lets mail go to these people only: ``?allow=@example.com,ada@example.org``. For staging.

    >>> from sesmail import Mailer
    >>> from sesmail.policies.allow import Allow
    >>> from sesmail.transports import MemoryTransport
    >>> allow = Allow(MemoryTransport(), ["@example.com", "*.example.net", "ada@example.org"])
    >>> mailer = Mailer(allow, sender="shop@example.com")
    >>> result = mailer.send(to=["ada@example.org", "eve@example.org"], subject="Your order", text="It is on its way.")
    >>> [(one.address.email, str(one.outcome)) for one in result.recipients]
    [('ada@example.org', 'sent'), ('eve@example.org', 'withheld')]
    >>> mailer.send(to="eve@example.org", text="Hello")
    Traceback (most recent call last):
        ...
    sesmail.errors.Withheld: 1 of 1 recipients is not on the list of allow; put it there if mail may go there

    ``people`` are addresses, domains (``example.com`` or ``@example.com``; one without a dot takes the ``@``),
    sub-domains (``*.example.com``), or ``*`` for everybody. An empty list means nobody. Domains are compared in any
    case, the part before the ``@`` to the letter.

    Whoever is not among them is withheld in the result; where nobody is left, `Withheld` is raised and names them in
    ``recipients``. What goes wrong with the others is raised as it is.
    """

    name = "allow"

    def __init__(self, inner: Transport, people: AddressesLike, *, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(inner, clock=clock)
        entries = tuple(dict.fromkeys([_read(entry, place) for place, entry in enumerate(_several(people))]))
        self._entries = entries
        self._is_open = EVERYBODY in entries
        self._emails = frozenset([entry for entry in entries if "@" in entry[1:]])
        self._domains = frozenset([entry[1:] for entry in entries if entry[0] == "@"])
        self._endings = tuple([entry[1:] for entry in entries if entry.startswith("*.")])

    @classmethod
    def around(cls, inner: Transport, said: Mapping[str, Any]) -> Transport:
        """As a URL says it."""
        return cls(inner, said["allow"]) if "allow" in said else inner

    @property
    def said(self) -> Mapping[str, str]:
        """Its option as a URL says it."""
        return {"allow": ",".join(self._entries)}

    def allows(self, address: Address) -> bool:
        """Whether mail may go there.

        >>> from sesmail import Address
        >>> from sesmail.policies.allow import Allow
        >>> from sesmail.transports import MemoryTransport
        >>> Allow(MemoryTransport(), "example.com").allows(Address("ada@EXAMPLE.com"))
        True
        """
        if self._is_open or address.email in self._emails:
            return True
        domain = address.domain
        return domain in self._domains or domain.endswith(self._endings)

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """The same for those who are on the list."""
        everyone = outgoing.envelope.recipients
        strangers = [address for address in everyone if not self.allows(address)]
        if not strangers:
            return (yield from send(outgoing, self.inner))
        error = _withheld(strangers, len(everyone))
        if len(strangers) == len(everyone):
            raise error
        outcomes = Outcomes(outgoing)
        outcomes.put(error, strangers)
        yield from outcomes.hear(send(outcomes.rest(strangers), self.inner))
        return outcomes.result(self.name)


def _withheld(strangers: list[Address], everyone: int) -> Withheld:
    verb, them = ("is", "it") if len(strangers) == 1 else ("are", "them")
    count = f"{len(strangers)} of {everyone} recipients"
    return Withheld(
        f"{count} {verb} not on the list of allow; put {them} there if mail may go there",
        policy=Allow.name,
        recipients=[address.email for address in strangers],
    )


# ── what may stand in the list ───────────────────────────────────────────────────────────────────────────────────


def _several(people: AddressesLike) -> Iterable[AddressLike]:
    if isinstance(people, str):
        try:
            return _pieces(people)
        except InvalidAddress as error:
            raise SetupError(f"allow: {error.reason}") from error
    if isinstance(people, Address):
        return (people,)
    if isinstance(people, Iterable):
        return people
    raise SetupError(f"allow takes a list of people, not {type(people).__name__}; an empty list means nobody")


def _pieces(text: str) -> list[str]:
    return [piece.strip(" ") for piece in split_mailboxes(text)]


def _read(entry: AddressLike, place: int) -> str:
    """An entry in its normal form: ``ada@example.org``, ``@example.com``, ``*.example.com`` or ``*``."""
    try:
        return _normal(entry) if isinstance(entry, str) else _email(entry)
    except InvalidAddress as error:
        raise SetupError(
            f"allow: people[{place}]{_shown(entry)} is no address, domain or pattern such as *.example.com:"
            f" {error.reason}"
        ) from error


def _normal(entry: str) -> str:
    if entry == EVERYBODY:
        return entry
    if entry.startswith("*."):
        return f"*.{_domain(entry[2:])}"
    if entry.startswith("@"):
        return f"@{_domain(entry[1:])}"
    # A word without a dot could be a host, but is more likely a name, or the answer to a question that nobody put.
    if "@" not in entry and "." in entry:
        return f"@{_domain(entry)}"
    return _email(entry)


def _domain(text: str) -> str:
    return Address(f"a@{text}").domain


def _email(entry: AddressLike) -> str:
    address = Address.parse(entry)
    if "*" in address.local:  # which is lawful, and surely not what was meant
        raise InvalidAddress("a * stands alone or before a dot; everybody in a domain is written @example.com")
    return address.email


def _shown(entry: object) -> str:
    """The entry, but of an address only the beginning: this lands in logs."""
    if not isinstance(entry, str):
        return ""
    return f" ({entry[: len(entry) // 2][:20]!a}…)" if "@" in entry else f" ({entry[:60]!a})"


OPTIONS: tuple[Option, ...] = (
    Option(
        "allow",
        "only these people get mail; with nothing behind the `=`, nobody",
        "addresses, domains (`@example.com`, `*.example.com`) or `*`, with commas between them",
        reads=_pieces,
    ),
)
