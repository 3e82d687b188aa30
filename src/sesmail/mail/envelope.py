"""Envelope: who a mail really goes to. The only source of recipients for every transport."""

from __future__ import annotations

from dataclasses import dataclass

from sesmail.errors import MailError
from sesmail.mail.address import Address, AddressLike
from sesmail.mail.message import Email, at_field


@dataclass(frozen=True, slots=True, repr=False)
class Envelope:
    """The return path, and the recipients with to, cc and bcc kept apart. Never without a recipient.

    >>> from sesmail import Email, Envelope
    >>> mail = Email(sender="a@example.com", to="b@example.com", cc="b@example.com", bcc="c@example.com")
    >>> Envelope.of(mail)
    Envelope(from a@example.com: 1 to, 1 bcc)

    Somebody named twice gets one mail: the first mention counts, in the order to, cc, bcc. Two mentions are the same
    when their ``email`` is: the domain in any case, the local part to the letter, since some servers tell ``Ada@`` from
    ``ada@`` and a lost mail is worse than a second one.
    """

    return_path: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "return_path", at_field("return_path", Address.parse, self.return_path))
        seen: set[str] = set()
        for name in ("to", "cc", "bcc"):
            if (addresses := getattr(self, name)) != ():
                first_mentions = []
                for address in at_field(name, Address.parse_list, addresses):
                    if address.email not in seen:
                        seen.add(address.email)
                        first_mentions.append(address)
                object.__setattr__(self, name, tuple(first_mentions))
        if not seen:
            raise MailError("there is no recipient", field="to")

    @classmethod
    def of(cls, email: Email, *, return_path: AddressLike | None = None) -> Envelope:
        """The envelope of a mail as written. Bounces go to ``return_path``, or else to the sender."""
        path = email.sender if return_path is None else at_field("return_path", Address.parse, return_path)
        if path is None:
            raise MailError("there is no sender", field="sender")
        return cls(path, email.to, email.cc, email.bcc)

    def without(self, *leave_out: Address) -> Envelope:
        """A new envelope that leaves these recipients out, for a policy that withholds them.

        >>> from sesmail import Address, Envelope
        >>> both = Envelope("a@example.com", to=["b@example.com", "c@example.com"])
        >>> both.without(Address("c@example.com")).recipients
        (Address('b@example.com'),)
        """
        gone = {address.email for address in leave_out}
        to, cc, bcc = (
            tuple(address for address in addresses if address.email not in gone)
            for addresses in (self.to, self.cc, self.bcc)
        )
        return Envelope(self.return_path, to, cc, bcc)

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everyone, in the order to, cc, bcc, each once."""
        return self.to + self.cc + self.bcc

    @property
    def needs_smtputf8(self) -> bool:
        """True when some address has a local part that is not ASCII."""
        return self.return_path.needs_smtputf8 or any(address.needs_smtputf8 for address in self.recipients)

    def __repr__(self) -> str:
        counts = ((getattr(self, name), name) for name in ("to", "cc", "bcc"))
        facts = ", ".join(f"{len(addresses)} {name}" for addresses, name in counts if addresses)
        return f"Envelope(from {self.return_path.email}: {facts})"
