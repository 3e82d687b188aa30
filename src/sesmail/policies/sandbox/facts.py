"""Facts: what is known of an account at one moment, what that means for a mail, and how it is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sesmail.errors import AccountError, RejectedUnverified, SesmailError
from sesmail.mail.address import Address
from sesmail.mail.outgoing import Outgoing
from sesmail.policies.account import Account, Standing
from sesmail.policies.flow import Flow, Question, ask, sleep
from sesmail.policies.sandbox.coverage import Cover, Coverage

T = TypeVar("T")
STANDING, IDENTITIES = "ses:GetAccount", "ses:ListEmailIdentities"
"""What the IAM policy must allow for the two questions."""
_MOST_REMEMBERED = 1000
_PAUSES = (1.0, 1.0)  # SES takes one such call a second


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be said against a mail."""

    refused: tuple[Address, ...] = ()
    """The recipients that SES surely refuses."""
    unsure: tuple[tuple[Address, Cover], ...] = ()
    """The recipients of which only SES can tell, and why."""
    senders: tuple[str, ...] = ()
    """The senders that SES surely refuses, and addresses for replies that are not verified."""
    other_case: int = 0
    """How many of all of these are verified in other letters."""


NOTHING = Findings()


class Facts:
    """What an account may do, and whom its identities cover where that was asked for."""

    __slots__ = ("_refused_senders", "coverage", "is_fleeting", "refused", "standing", "unknown")

    def __init__(
        self,
        standing: Standing | None,
        coverage: Coverage | None = None,
        *,
        unknown: str = "",
        is_fleeting: bool = False,
    ) -> None:
        self.standing = standing
        self.coverage = coverage
        self.unknown = unknown
        """What nobody could say: the permission for it. Empty where all is known that was asked for."""
        self.is_fleeting = is_fleeting
        """Whether that may be another in a moment, since it was not for want of the permission."""
        self.refused: set[str] = set()
        """The recipients that SES has refused since."""
        self._refused_senders: set[str] = set()

    @property
    def in_sandbox(self) -> bool:
        """Whether it surely is."""
        return self.standing is not None and self.standing.production is False

    def findings(self, outgoing: Outgoing, *, senders: bool) -> Findings:
        """What is to be said against a mail, and against its senders if that is asked for."""
        coverage = self.coverage
        if coverage is None:
            return NOTHING
        covers = self._of_recipients(outgoing.envelope.recipients, coverage) if self.in_sandbox else []
        names = self._of_senders(outgoing, coverage) if senders else {}
        refused = {address: cover for address, cover in covers if cover.is_refused}
        return Findings(
            refused=tuple(refused),
            unsure=tuple([(address, cover) for address, cover in covers if cover.is_unsure]),
            senders=tuple(names),
            other_case=[*refused.values(), *names.values()].count(Cover.OTHER_CASE),
        )

    def _of_recipients(self, recipients: Iterable[Address], coverage: Coverage) -> list[tuple[Address, Cover]]:
        return [
            (address, Cover.NONE if address.email in self.refused else coverage.of_recipient(address.email))
            for address in recipients
        ]

    def _of_senders(self, outgoing: Outgoing, coverage: Coverage) -> dict[str, Cover]:
        covers = {
            email: Cover.NONE if email in self._refused_senders else coverage.of_sender(email)
            for email in senders_of(outgoing)
        }
        return {email: cover for email, cover in covers.items() if cover.is_refused}

    def inherit(self, older: Facts | None) -> None:
        """What SES refused where only SES can tell, it refuses as long as the identities are the same."""
        if older and older.coverage and older.coverage == self.coverage:
            self.refused |= {email for email in older.refused if older.coverage.of_recipient(email).is_unsure}

    def learn(self, outgoing: Outgoing, error: RejectedUnverified) -> bool:
        """What SES has refused, it refuses again. Whether that proves these facts wrong."""
        names = _normal(error.recipients)
        recipients = [one.email for one in outgoing.envelope.recipients if one.email in names]
        if self.coverage is None:
            # Only in the sandbox are recipients refused. Of an account that nobody may ask about, nothing is wrong.
            return bool(recipients) and self.standing is not None and self.standing.production is True
        wrong = not self.in_sandbox and bool(recipients)
        for email in recipients:
            cover = self.coverage.of_recipient(email)
            wrong |= not (cover.is_refused or cover.is_unsure)
            _add(self.refused, email)
        for email in _normal(error.senders).intersection(senders_of(outgoing)):
            wrong |= not self.coverage.of_sender(email).is_refused
            _add(self._refused_senders, email)
        return wrong


def _normal(names: Iterable[str]) -> set[str]:
    """As envelopes have them: the case of a domain does not count, and that of the part before it does."""
    parts = [name.rpartition("@") for name in names]
    return {f"{local}{at}{domain.lower()}" for local, at, domain in parts}


def _add(remembered: set[str], email: str) -> None:
    if len(remembered) >= _MOST_REMEMBERED:  # to be refused once more harms nobody
        remembered.clear()
    remembered.add(email)


def senders_of(outgoing: Outgoing) -> tuple[str, ...]:
    """Whom SES wants verified in any account, but for those that others lend; and where replies go to."""
    return tuple(dict.fromkeys(_senders(outgoing)))


def _senders(outgoing: Outgoing) -> Iterator[str]:
    email, ses = outgoing.email, outgoing.ses
    is_lent = bool(ses.from_arn or ses.source_arn)
    if not is_lent:
        if email.sender:
            yield email.sender.email
        for name, value in email.headers:
            if name.lower() == "sender":
                yield value.rpartition("<")[2].strip("> ")
    if not (is_lent or ses.return_path_arn):
        yield outgoing.envelope.return_path.email
        if ses.feedback_address:
            yield ses.feedback_address
    for address in email.reply_to:
        yield address.email


# ── finding out ──────────────────────────────────────────────────────────────────────────────────────────────────


def find_facts(account: Account, *, always_identities: bool = False) -> Flow[Facts]:
    """Ask. Out of the sandbox, identities matter to those only who want them in any case. Nothing is raised."""
    standing, is_fleeting = yield from _answer(account.standing)
    production = standing.production if standing else None
    unknown = STANDING if production is None else ""
    coverage = None
    if always_identities or production is False:
        identities, was_fleeting = yield from _answer(account.identities)
        if identities is None:
            unknown, is_fleeting = unknown or IDENTITIES, is_fleeting or was_fleeting
        else:
            coverage = Coverage(identities)
    return Facts(standing, coverage, unknown=unknown, is_fleeting=is_fleeting)


def _answer(put: Callable[[], Question[T]]) -> Flow[tuple[T | None, bool]]:
    """The answer, if there is one, and whether that may be another in a moment.

    Where SES is asked too often it is asked again, and the same question goes on where it was. Where there is no line,
    a mail does not wait for a second one.
    """
    pauses = iter(_PAUSES)
    question = put()
    while True:
        try:
            return (yield from ask(question)), False
        except SesmailError as error:
            pause = next(pauses, None) if _is_of_ses(error) else None
        if pause is None:
            return None, True
        yield from sleep(pause)


def _is_of_ses(error: SesmailError) -> bool:
    return isinstance(error, AccountError) and error.retryable and bool(error.code)
