"""What a call asks to send, and everybody in it: the same values for all calls and doors."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sesmail.local.addresses import Mailbox, folded, parse_all
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.raw_mail import RawMail

LARGEST = 40 * 2**20  # of a mail by v2 and by SMTP, in bytes


@dataclass(frozen=True, slots=True)
class RenderingFailure:
    """Why the template of a mail could not be rendered. SES takes the mail all the same, and tells of it later."""

    template: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sending:
    """What a call asks to send, in the same form for all calls."""

    actions: tuple[str, ...]  # what the caller must be allowed to do
    mail: RawMail
    size: int
    largest: int
    sender: str = ""  # what takes the place of From
    to: Sequence[str] | None = None  # without any of the three, the headers of the mail say who
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    everybody: Sequence[str] | None = None  # in place of the three: an envelope that does not tell them apart
    reply_to: Sequence[str] = ()  # what takes the place of Reply-To
    return_path: str = ""
    source_arns: Sequence[str] = ()  # identities of others, with which somebody may send who owns none
    return_path_arns: Sequence[str] = ()  # and those that bounces may go to
    configuration_set: str = ""
    tenant: str = ""
    contact_list: str = ""
    topic: str = ""  # of the contact list
    tags: Mapping[str, str] = field(default_factory=dict)
    failure: RenderingFailure | None = None


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
        senders = [sending.sender] if sending.sender else mail.addresses("from")
        if not senders:
            raise Fault(FaultKind.INVALID, "Missing required header 'From'.")
        read = partial(parse_all, in_header=False)
        to, cc, bcc = (read(kind) for kind in _recipients(sending))
        return cls(
            senders=parse_all(senders, in_header=bool(sending.sender)),
            to=to,
            cc=cc,
            bcc=bcc,
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


def _recipients(sending: Sending) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """To, cc and bcc. Where the envelope does not tell them apart, the headers do; who stands in none got a bcc."""
    mail = sending.mail
    if sending.everybody is not None:
        return _told_apart(sending.everybody, copied=_bare(mail, "cc"), shown=_bare(mail, "to"))
    if sending.to is None:
        return mail.addresses("to"), mail.addresses("cc"), mail.addresses("bcc")
    return sending.to, sending.cc, sending.bcc


def _told_apart(
    everybody: Sequence[str], *, copied: Container[str], shown: Container[str]
) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    to = [one for one in everybody if _key(one) in shown]
    cc = [one for one in everybody if _key(one) in copied and _key(one) not in shown]
    return to, cc, [one for one in everybody if one not in to and one not in cc]


def _bare(mail: RawMail, header: str) -> set[str]:
    return {_key(one) for one in mail.addresses(header)}


def _key(mailbox: str) -> str:
    """A mailbox without its name, for comparing. What is no address is equal to itself."""
    return folded(mailbox.strip().removesuffix(">").rpartition("<")[2].strip())
