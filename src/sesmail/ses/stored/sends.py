"""Sends: a mail of a stored template on its way: its variables checked, its call made, its answer read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy

from sesmail.errors import Outcome, SendError, SesmailError, TemplateError
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult
from sesmail.ses.call import ApiFault, Reply
from sesmail.ses.faults import People, api_error
from sesmail.ses.stored.calls import Entry, common_headers, entries_of, stored_call
from sesmail.ses.stored.check import failures
from sesmail.ses.stored.copies import PATIENCE_S, Copies
from sesmail.ses.stored.errand import Steps
from sesmail.ses.stored.heads import too_many
from sesmail.ses.stored.results import End, ends_of, result_of

Errors = dict[int, SesmailError]  # by the row


class StoredSends:
    """What a transport needs to know for these mails, and remembers of templates."""

    def __init__(
        self,
        *,
        transport: str,
        region: str,
        id_domain: str,
        now: Callable[[], float],
        check: bool = True,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._transport = transport
        self._region = region
        self._id_domain = id_domain
        self._check = check
        self.copies = Copies(region=region, now=now, patience_s=patience_s)

    def steps(self, outgoing: Outgoing) -> Steps[SendResult]:
        """Look at the data of each row, send those that are well, and say how each ended."""
        entries = entries_of(outgoing)
        has_list = bool(outgoing.ses.contact_list)
        failed: Errors = _with_many_headers(outgoing, entries)
        fit = [entry for entry in entries if entry.index not in failed]
        failed |= yield from failures(self.copies, outgoing.stored_template, fit, has_list=has_list, check=self._check)
        whole = [entry for entry in entries if entry.index not in failed]
        if not whole:
            raise _none_left(entries, failed)
        call = stored_call(outgoing, whole)
        try:
            reply: Reply = yield call
            ends = ends_of(call, reply, whole, outgoing=outgoing, region=self._region)
        except ApiFault as fault:
            error = api_error(fault, people=People.of(outgoing), region=self._region)
            raise _told_of_each(error, entries, failed) from fault
        except SendError as error:
            raise _told_of_each(error, entries, failed)  # noqa: B904 - it is the same error
        by_address = _by_address(whole, ends) | _by_address_of_failed(entries, failed)
        return result_of(outgoing, by_address, reply=reply, transport=self._transport, domain=self._id_domain)


def _with_many_headers(outgoing: Outgoing, entries: list[Entry]) -> Errors:
    """Those rows of which SES would take no more than the others, as it would if each went alone."""
    common = common_headers(outgoing)
    whose = [entry.named if len(entries) > 1 else "" for entry in entries]
    found = [(entry.index, too_many(common, entry.row, row)) for entry, row in zip(entries, whose, strict=True)]
    return {index: error for index, error in found if error is not None}


def _none_left(entries: list[Entry], failed: Errors) -> SesmailError:
    """The error of the one row; or of several one that holds those of all."""
    first = failed[entries[0].index]
    if len(entries) == 1:
        return first
    error: TemplateError | SendError
    if isinstance(first, TemplateError):
        error = TemplateError(str(first), template=first.template, line=first.line, variable=first.variable)
    else:
        error = SendError(f"none of {len(entries)} rows can be sent, the first since: {first}", retryable=False)
    error.results = _results(entries, failed)
    return error


def _told_of_each(error: SendError, entries: list[Entry], failed: Errors) -> SendError:
    """The error of a call, which says nothing of the rows that were not in it: those keep theirs."""
    if failed:
        # The others have one of its kind: an error that held itself would live until the next garbage collection.
        said = copy(error)
        error.results = _results(entries, {entry.index: failed.get(entry.index, said) for entry in entries})
    return error


def _results(entries: list[Entry], errors: Mapping[int, SesmailError]) -> tuple[RecipientResult, ...]:
    return tuple(
        [
            RecipientResult(address, getattr(error, "outcome", Outcome.NOT_SENT), error)
            for entry in entries
            for error in (errors[entry.index],)
            for address in entry.recipients
        ]
    )


def _by_address(entries: list[Entry], ends: list[End]) -> dict[str, End]:
    return {address.email: end for entry, end in zip(entries, ends, strict=True) for address in entry.recipients}


def _by_address_of_failed(entries: list[Entry], failed: Errors) -> dict[str, End]:
    return {
        address.email: ("", failed[entry.index])
        for entry in entries
        if entry.index in failed
        for address in entry.recipients
    }
