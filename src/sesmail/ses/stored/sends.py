"""Sends: a mail of a stored template on its way: its variables checked, its call made, its answer read."""

from __future__ import annotations

from collections.abc import Callable

from sesmail.errors import Outcome, TemplateError
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult
from sesmail.ses.call import ApiFault, Reply
from sesmail.ses.faults import People, api_error
from sesmail.ses.stored.calls import Entry, entries_of, stored_call
from sesmail.ses.stored.check import failures
from sesmail.ses.stored.copies import Copies
from sesmail.ses.stored.errand import Steps
from sesmail.ses.stored.results import End, ends_of, result_of


class StoredSends:
    """What a transport needs to know for these mails, and remembers of templates."""

    def __init__(
        self, *, transport: str, region: str, id_domain: str, now: Callable[[], float], check: bool = True
    ) -> None:
        self._transport = transport
        self._region = region
        self._id_domain = id_domain
        self._check = check
        self.copies = Copies(region=region, now=now)

    def steps(self, outgoing: Outgoing) -> Steps[SendResult]:
        """Look at the data of each row, send those that are well, and say how each ended."""
        entries = entries_of(outgoing)
        has_list = bool(outgoing.ses.contact_list)
        failed = yield from failures(
            self.copies, outgoing.stored_template, entries, has_list=has_list, check=self._check
        )
        whole = [entry for entry in entries if entry.index not in failed]
        if not whole:
            raise _none_left(entries, failed)
        call = stored_call(outgoing, whole)
        try:
            reply: Reply = yield call
        except ApiFault as fault:
            raise api_error(fault, people=People.of(outgoing), region=self._region) from fault
        ends = ends_of(call, reply, whole, outgoing=outgoing, region=self._region)
        by_address = _by_address(whole, ends) | _by_address_of_failed(entries, failed)
        return result_of(outgoing, by_address, reply=reply, transport=self._transport, domain=self._id_domain)


def _none_left(entries: list[Entry], failed: dict[int, TemplateError]) -> TemplateError:
    """The error of the one row; or of several one that holds those of all."""
    first = failed[entries[0].index]
    if len(entries) == 1:
        return first
    error = TemplateError(str(first), template=first.template, line=first.line, variable=first.variable)
    error.results = tuple(
        [
            RecipientResult(address, Outcome.NOT_SENT, failed[entry.index])
            for entry in entries
            for address in entry.recipients
        ]
    )
    return error


def _by_address(entries: list[Entry], ends: list[End]) -> dict[str, End]:
    return {address.email: end for entry, end in zip(entries, ends, strict=True) for address in entry.recipients}


def _by_address_of_failed(entries: list[Entry], failed: dict[int, TemplateError]) -> dict[str, End]:
    return {
        address.email: ("", failed[entry.index])
        for entry in entries
        if entry.index in failed
        for address in entry.recipients
    }
