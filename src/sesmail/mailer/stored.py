"""Stored: mails that SES makes of a template that it keeps, as both mailers think of them.

Rule 1: whatever SES makes itself is refused by name: bodies, subject, files, date and id.
Rule 2: hooks see the mail that all rows have in common, with everybody in it. They may change what is not about people;
        with one row, people too.
Rule 3: a row that cannot be read is a report of its own, and the others of its call go. Nobody is in a call twice: who
        comes again begins the next one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sesmail.errors import MailError, Outcome, SendError, SetupError, Unsupported, Withheld
from sesmail.mail.message import Email, EmailFields
from sesmail.mail.outgoing import Outgoing, SendResult, results_of
from sesmail.mailer.composer import Composer
from sesmail.mailer.reports import MailReport
from sesmail.ses.stored.content import Data, RowLike, StoredRow, StoredTemplate, checked_name, data_text, read_data
from sesmail.transports.base import no_stored_templates

MOST_ROWS = 50
_MADE_BY_SES = ("subject", "text", "html", "attachments", "alternatives", "message_id", "date")
_PEOPLE = ("to", "cc", "bcc")


def stored_email(composer: Composer, fields: EmailFields) -> Email:
    """The mail without what SES makes: from whom, to whom, and what is asked of SES."""
    return checked_email(composer.written(None, fields))


def checked_email(email: Email) -> Email:
    """The same mail, if it says nothing that the template says."""
    for name in _MADE_BY_SES:
        if getattr(email, name):
            raise Unsupported(
                "SES makes this of the template, and takes none beside it; put it into the template, or send the mail"
                " without one",
                feature=f"{name} beside a stored template",
                instead=("send",),
                field=name,
            )
    return email


def one_stored(composer: Composer, name: str, data: Data | None, email: Email) -> Outgoing:
    """What is carried of one."""
    email = checked_email(email)
    row = StoredRow(to=email.to, cc=email.cc, bcc=email.bcc, data=data)
    return composer.stored(email, StoredTemplate(name, (row,)))


@dataclass(frozen=True, slots=True)
class Most:
    """What a call takes."""

    rows: int
    people: int
    size: int | None


@dataclass(slots=True)
class Bulk:
    """Rows that go in one call, and those beside them that cannot go at all."""

    places: list[int] = field(default_factory=list)
    given: list[RowLike] = field(default_factory=list)
    rows: list[StoredRow] = field(default_factory=list)
    bad: list[MailReport] = field(default_factory=list)
    people: int = 0
    size: int = 0
    """How many bytes of data."""
    emails: set[str] = field(default_factory=set)

    def has_room(self, row: StoredRow, size: int, most: Most) -> bool:
        """Whether it can go with the others."""
        people = [address.email for address in row.recipients]
        is_small = (
            len(self.rows) < most.rows
            and self.people + len(people) <= most.people
            and (most.size is None or self.size + size <= most.size)
        )
        return not self.rows or (is_small and self.emails.isdisjoint(people))

    def add(self, index: int, given: RowLike, row: StoredRow, size: int) -> None:
        """One more."""
        self.size += size
        self.places.append(index)
        self.given.append(given)
        self.rows.append(row)
        self.emails.update(address.email for address in row.recipients)
        self.people = len(self.emails)

    @property
    def is_full_of_bad(self) -> bool:
        """Whether it is time to tell of those, in bounded memory."""
        return len(self.bad) >= MOST_ROWS


class StoredRun:
    """Many rows on their way."""

    def __init__(self, composer: Composer, name: str, data: Data | None, most_rows: int, fields: EmailFields) -> None:
        limits = composer.limits
        if not limits.stored_templates:
            raise no_stored_templates()
        if most_rows < 1:
            raise SetupError("most_rows is 1 or more")
        for kind in _PEOPLE:
            if kind in fields:
                raise SetupError(f"{kind} is for each row to say: {{'{kind}': …, 'data': …}}")
        stored_email(composer, {**fields})  # what is wrong for all is said before the first row is read
        self._composer = composer
        self._name = checked_name(name)
        self._data = read_data(data)
        self._fields = fields
        # SES takes a contact list for one mail in a call.
        alone = bool(fields["ses"].contact_list) if "ses" in fields else False
        self._most = Most(
            rows=1 if alone else min(most_rows, limits.stored_templates, MOST_ROWS),
            people=MOST_ROWS if limits.max_recipients is None else min(MOST_ROWS, limits.max_recipients),
            size=limits.max_size,
        )

    # ── rows into bulks ──────────────────────────────────────────────────────────────────────────────────────────

    def bulks(self, rows: Iterable[RowLike]) -> Generator[Bulk, None, None]:
        """The calls to be, in order, read as they are asked for. What a broken source gave before goes."""
        broken: Exception | None = None
        bulk = Bulk()
        try:
            for index, given in enumerate(rows):
                full, bulk = self._put(bulk, index, given)
                if full is not None:
                    yield full
        except Exception as exc:  # noqa: BLE001 - raised again, when all that came before has gone
            broken = exc
        if bulk.rows or bulk.bad:
            yield bulk
        if broken is not None:
            raise broken

    async def bulks_awaited(self, rows: Iterable[RowLike] | AsyncIterable[RowLike]) -> AsyncGenerator[Bulk, None]:
        """The same of an async source."""
        if not isinstance(rows, AsyncIterable):
            for full in self.bulks(rows):
                yield full
            return
        broken: Exception | None = None
        bulk, index = Bulk(), 0
        try:
            async for given in rows:
                full_now, bulk = self._put(bulk, index, given)
                index += 1
                if full_now is not None:
                    yield full_now
        except Exception as exc:  # noqa: BLE001 - as above
            broken = exc
        if bulk.rows or bulk.bad:
            yield bulk
        if broken is not None:
            raise broken

    def _put(self, bulk: Bulk, index: int, given: RowLike) -> tuple[Bulk | None, Bulk]:
        """Put a row into the bulk, or into the next one; a bulk that is full, and the one that is filled now."""
        try:
            row = StoredRow.parse(given)
            size = len(data_text(self._data, row).encode())
        except MailError as error:
            bulk.bad.append(MailReport(index, given, error=error))
            return (bulk, Bulk()) if bulk.is_full_of_bad else (None, bulk)
        if bulk.has_room(row, size, self._most):
            bulk.add(index, given, row, size)
            return None, bulk
        following = Bulk()
        following.add(index, given, row, size)
        return bulk, following

    # ── a bulk into what is carried ──────────────────────────────────────────────────────────────────────────────

    def email(self, bulk: Bulk) -> Email:
        """The mail that all its rows have in common, with everybody in it."""
        people = {kind: [address for row in bulk.rows for address in getattr(row, kind)] for kind in _PEOPLE}
        fields: EmailFields = {**self._fields}
        fields["to"], fields["cc"], fields["bcc"] = people["to"], people["cc"], people["bcc"]
        return stored_email(self._composer, fields)

    def outgoing(self, bulk: Bulk, email: Email, was: Email) -> Outgoing:
        """What is carried; ``email`` is what hooks made of it."""
        rows = bulk.rows
        if email is not was:
            checked_email(email)
            if any(getattr(email, kind) != getattr(was, kind) for kind in _PEOPLE):
                rows = [_with_people(rows, email)]
        return self._composer.stored(
            email, StoredTemplate(self._name, tuple(rows), self._data, places=tuple(bulk.places))
        )

    # ── how it ended ─────────────────────────────────────────────────────────────────────────────────────────────

    def reports(self, bulk: Bulk, result: SendResult) -> list[MailReport]:
        """A report for each row."""
        good = [
            MailReport(index, given, *_of_row(row, result, alone=len(bulk.rows) == 1))
            for index, given, row in zip(bulk.places, bulk.given, bulk.rows, strict=True)
        ]
        return in_order([*bulk.bad, *good])

    def failed(self, bulk: Bulk, error: BaseException) -> list[MailReport]:
        """The same where nobody got any."""
        each = results_of(error)
        if each:
            whole, alone = SendResult(each), len(bulk.rows) == 1  # alone, as behind a redirect, it may be about others
            errors = [_why(whole if alone else _own(row, whole)) for row in bulk.rows]
        else:
            errors = [error for _ in bulk.rows]
        good = [
            MailReport(index, given, error=why)
            for index, given, why in zip(bulk.places, bulk.given, errors, strict=True)
        ]
        return in_order([*bulk.bad, *good])


def in_order(reports: Sequence[MailReport]) -> list[MailReport]:
    """By the place of the row."""
    return sorted(reports, key=lambda report: report.index)


def _with_people(rows: Sequence[StoredRow], email: Email) -> StoredRow:
    if len(rows) > 1:
        raise Unsupported(
            "a before hook has changed the recipients, and with several rows nobody knows whose data is for whom; send"
            " one row in a call",
            feature="other recipients for several rows",
            instead=("send_stored", "send_stored_many with most_rows=1"),
            field="to",
        )
    (row,) = rows
    return replace(row, to=email.to, cc=email.cc, bcc=email.bcc)


def _of_row(row: StoredRow, result: SendResult, *, alone: bool) -> tuple[SendResult | None, BaseException | None]:
    """What became of one row: a result where it went to somebody, or else why it did not."""
    if alone:  # behind a redirect the result names others
        return result, None
    own = _own(row, result)
    if not _reached(result) or _reached(own):
        return own, None
    return None, _why(own)


def _reached(result: SendResult) -> bool:
    return any(one.outcome is Outcome.SENT for one in result.recipients)


def _own(row: StoredRow, result: SendResult) -> SendResult:
    """Of the result of a call, what is this row's."""
    by_email = result.by_recipient
    mine = tuple([by_email[address.email] for address in row.recipients])
    message_id = next((one.message_id for one in mine if one.message_id), "")
    seen = result.message_id_header
    return replace(
        result,
        recipients=mine,
        message_id=message_id,
        # The same form, with this one's id in it.
        message_id_header=seen.replace(result.message_id, message_id) if message_id and result.message_id else "",
    )


def _why(own: SendResult) -> BaseException:
    """The error of a row that went to nobody: the one that all its people have, or one that counts them."""
    errors = [one.error for one in own.recipients]
    if errors[0] is not None and all(error is errors[0] for error in errors):
        return errors[0]
    try:
        own.raise_if_any_failed()
    except (SendError, Withheld) as error:
        found = error
    return found
