"""Stored: messages with a ``template_id``. SES makes them of a template that it keeps, one for each in ``to``.

cc and bcc get a copy of each, as django-anymail has it. What a template says itself (subject, bodies, files) the
message leaves empty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sesmail.errors import MailError, Outcome, SesmailError, Unsupported
from sesmail.integrations.django.draft import Draft
from sesmail.integrations.django.headers import describe_headers, read_headers
from sesmail.integrations.django.people import read_people
from sesmail.integrations.django.settings import Settings
from sesmail.integrations.django.wishes import read_wishes, said_by
from sesmail.mail.address import Address
from sesmail.mail.message import at_field
from sesmail.mail.outgoing import RecipientResult, SendResult, results_of
from sesmail.mail.ses_options import SesOptions
from sesmail.mailer.reports import MailReport
from sesmail.ses.stored.content import StoredRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from django.core.mail import EmailMessage

    from sesmail.integrations.django.shared import DjangoMailer


def send_stored(mailer: DjangoMailer, message: EmailMessage, settings: Settings) -> SendResult:
    """Send one. Raises what `Mailer.send_stored` raises, where it went to nobody."""
    draft = Draft(message)
    shown = read_headers(draft)
    read_wishes(draft, message_tag=settings.message_tag, ignores=settings.ignore_unsupported)
    draft.return_path = draft.return_path or settings.return_path
    envelope = read_people(draft, settings.sender, shown)
    if draft.return_path is not None:
        draft.ses.setdefault("feedback_address", draft.return_path.email)
    describe_headers(draft)
    _nothing_written(message)
    fields = draft.fields
    del fields["to"], fields["cc"], fields["bcc"]  # each row says its own
    fields["ses"] = SesOptions(**{**dict(settings.ses), **draft.ses})
    fields["tags"], fields["metadata"] = draft.tags, draft.metadata
    said = said_by(message)
    rows = [*_rows(draft, {address.email for address in envelope.recipients})]
    reports: list[MailReport] = []
    mailer.send_stored_many(
        said["template_id"],
        rows,
        data=said.get("merge_global_data"),
        on_result=reports.append,
        keep_failures=0,
        **fields,
    )
    return _together(reports, rows)


def _nothing_written(message: EmailMessage) -> None:
    for name in ("subject", "body", "attachments", "alternatives"):
        if getattr(message, name, None):
            raise Unsupported(
                "SES makes this of the template, and takes none beside it; leave it empty",
                feature=f"{name} beside a stored template",
                instead=("a message without template_id",),
                field=name,
            )


def _rows(draft: Draft, reached: Collection[str]) -> Iterator[StoredRow]:
    """One for each in to. ``reached`` are those whom ``recipients()`` names."""
    data, headers, metadata = (_by_person(draft, f"merge_{name}") for name in ("data", "headers", "metadata"))
    to, cc = ([address for address in people if address.email in reached] for people in (draft.to, draft.cc))
    for address in to or (None,):
        key = address.key if address else ""
        one = (address,) if address else ()
        yield StoredRow(
            to=one,
            cc=cc,
            bcc=draft.bcc,
            data=data.get(key),
            headers=headers.get(key, {}),
            metadata={**draft.metadata, **metadata[key]} if key in metadata else None,
        )


def _by_person(draft: Draft, name: str) -> Mapping[str, Mapping[str, Any]]:
    """What is said for each of them. Whom nobody writes to is a mistake, and is not passed over."""
    said = said_by(draft.message).get(name) or {}
    found = {at_field(name, Address.parse, person).key: value for person, value in said.items()}
    if found.keys() - {address.key for address in draft.to}:
        raise MailError("it names somebody who is not among those in to", field=name)
    return found


def _together(reports: list[MailReport], rows: list[StoredRow]) -> SendResult:
    """One result of several, or the error of all where nobody got anything."""
    recipients: list[RecipientResult] = []
    for report in reports:
        recipients += report.result.recipients if report.result else failed(report.error, rows[report.index].recipients)
    if not any(one.outcome is Outcome.SENT for one in recipients):
        error = next(report.error for report in reports if report.error is not None)
        raise error
    first = next(report.result for report in reports if report.result is not None)
    return SendResult(
        tuple(recipients),
        message_id=first.message_id,
        message_id_header=first.message_id_header,
        request_id=first.request_id,
        transport=first.transport,
        raw=first.raw,
    )


def failed(error: BaseException | None, people: Iterable[Address]) -> list[RecipientResult]:
    """How it ended for each where it went to nobody."""
    outcome = getattr(error, "outcome", Outcome.NOT_SENT)
    known = error if isinstance(error, SesmailError) else None
    each = results_of(error) if error else ()
    return [*each] or [RecipientResult(address, outcome, known) for address in people]
