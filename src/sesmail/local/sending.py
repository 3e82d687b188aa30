"""What a call asks to send, and everybody in it: the same values for all calls and doors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sesmail.local.addresses import Mailbox, parse_all
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.raw_mail import RawMail


@dataclass(frozen=True, slots=True)
class Sending:
    """What a call asks to send, in the same form for all calls."""

    action: str  # what the caller must be allowed to do
    mail: RawMail
    size: int
    largest: int
    sender: str = ""  # what takes the place of From
    to: Sequence[str] | None = None  # without any of the three, the headers of the mail say who
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    reply_to: Sequence[str] = ()  # what takes the place of Reply-To
    return_path: str = ""
    source_arns: Sequence[str] = ()  # identities of others, with which somebody may send who owns none
    configuration_set: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in a mail, read."""

    senders: list[Mailbox]
    to: list[Mailbox]
    cc: list[Mailbox]
    bcc: list[Mailbox]
    reply_to: list[Mailbox]
    return_path: list[Mailbox]
    sent_by: list[Mailbox]  # the header Sender

    @classmethod
    def of(cls, sending: Sending) -> People:
        """Read everybody; the first who cannot be read is a fault.

        A name is looked at where SES writes it into a header. In what becomes the envelope it counts for nothing, and
        what stands in a header of the mail is the mail's.
        """
        mail = sending.mail
        by_header = sending.to is None
        senders = [sending.sender] if sending.sender else mail.addresses("from")
        if not senders:
            raise Fault(FaultKind.INVALID, "Missing required header 'From'.")
        read = partial(parse_all, in_header=False)
        return cls(
            senders=parse_all(senders, in_header=bool(sending.sender)),
            to=read(mail.addresses("to") if by_header else sending.to or ()),
            cc=read(mail.addresses("cc") if by_header else sending.cc),
            bcc=read(mail.addresses("bcc") if by_header else sending.bcc),
            reply_to=parse_all(sending.reply_to),
            return_path=read([sending.return_path] if sending.return_path else mail.addresses("return-path")),
            sent_by=read(mail.addresses("sender")),
        )

    @property
    def sender(self) -> Mailbox:
        """The first of From, whose identity decides."""
        return self.senders[0]

    @property
    def recipients(self) -> list[Mailbox]:
        """Everybody in the envelope."""
        return [*self.to, *self.cc, *self.bcc]

    @property
    def counted(self) -> int:
        """Those that count against the quota."""
        return sum(not one.is_simulator for one in self.recipients)
