"""Calls: from a mail that is made of a stored template to the call that sends it: one mail, or several at once.

Rule 1: the envelope decides. Of each row, those are left whom it names; a row of whom it names nobody stays behind.
        So a policy withholds, repeats and splits by a smaller envelope, as with any other mail.
Rule 2: one row is ``SendEmail``, several are ``SendBulkEmail``. What only one of the two takes is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sesmail.errors import Unsupported
from sesmail.mail.address import Address
from sesmail.mail.outgoing import Outgoing
from sesmail.ses.call import Call
from sesmail.ses.calls import common_v2, given, sender_of
from sesmail.ses.simple import MOST_HEADERS, is_header, one_line, written_headers
from sesmail.ses.stored.content import StoredRow, stored_of
from sesmail.ses.stored.heads import Pairs, checked, merged, pulled_apart


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """A row as far as the envelope names its people: one mail to be."""

    index: int
    """Of the row."""
    row: StoredRow
    text: str
    """Its data, with that of all, as JSON."""
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    place: int | None = None
    """Of the row among all that its author gave, where that is known."""

    @property
    def named(self) -> str:
        """The row in front of what is said of it, if there are others."""
        return f"row {self.index} of the call: " if self.place is None else f"row {self.place}: "

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everyone who gets this mail."""
        return self.to + self.cc + self.bcc


def entries_of(outgoing: Outgoing) -> list[Entry]:
    """The mails to be. Raises `Unsupported` where the envelope names people of no row and nobody knows which is theirs.

    >>> from sesmail import Email, Envelope, Outgoing
    >>> from sesmail.ses.stored.calls import entries_of
    >>> from sesmail.ses.stored.content import StoredRow, StoredTemplate
    >>> rows = StoredRow(to=["ada@example.org", "eve@example.org"]), StoredRow(to="bob@example.org")
    >>> mail = Email(sender="shop@example.com")
    >>> envelope = Envelope("shop@example.com", to="ada@example.org")
    >>> outgoing = Outgoing(mail, envelope, StoredTemplate("news", rows), mail.ses)
    >>> [(entry.index, entry.to) for entry in entries_of(outgoing)]
    [(0, (Address('ada@example.org'),))]
    """
    content, envelope = stored_of(outgoing.content), outgoing.envelope
    wanted = {address.email for address in envelope.recipients}
    known = {address.email for row in content.rows for address in row.recipients}
    if wanted <= known:
        entries = []
        for index, (row, text) in enumerate(zip(content.rows, content.texts, strict=True)):
            to, cc, bcc = (_among(kind, wanted) for kind in (row.to, row.cc, row.bcc))
            if to or cc or bcc:
                place = content.places[index] if index < len(content.places) else None
                entries.append(Entry(index, row, text, to, cc, bcc, place))
        return entries
    if len(content.rows) == 1:  # as behind a redirect
        return [Entry(0, content.rows[0], content.texts[0], envelope.to, envelope.cc, envelope.bcc)]
    raise Unsupported(
        "its envelope names somebody who is in none of the rows, as behind a redirect, and with several rows nobody"
        " knows which mail is for them; send one row in a call",
        feature="several rows for other people than theirs",
        instead=("send_stored", "send_stored_many with most_rows=1"),
        field="rows",
    )


def _among(addresses: tuple[Address, ...], wanted: set[str]) -> tuple[Address, ...]:
    return tuple([address for address in addresses if address.email in wanted])


def common_headers(outgoing: Outgoing) -> Pairs:
    """The headers of all rows. Raises `Unsupported`.

    Those that a policy added, such as whom a mail was for, are no part of it: where SES has no room they are left out.
    """
    written, count = list(written_headers(outgoing)), len(outgoing.content.added_headers)
    own = checked(written[count:])
    most = max([len(merged(own, row)) for row in stored_of(outgoing.content).rows])
    added = [(name, value) for name, value in written[:count] if is_header(name, value)]
    return [*added[: max(0, MOST_HEADERS - most)], *own]


def stored_call(outgoing: Outgoing, entries: Sequence[Entry]) -> Call:
    """The call that sends these."""
    headers = common_headers(outgoing)
    return _one(outgoing, entries[0], headers) if len(entries) == 1 else _bulk(outgoing, entries, headers)


def _one(outgoing: Outgoing, entry: Entry, headers: Pairs) -> Call:
    common = dict(common_v2(outgoing))
    tags = {**outgoing.email.tags, **entry.row.tags}
    return Call(
        "sesv2",
        "SendEmail",
        {
            **common,
            **given({"EmailTags": _tags(tags)}),
            **_from(outgoing),
            "Destination": _destination(entry),
            "Content": {"Template": _template(outgoing, entry.text, checked(merged(headers, entry.row)))},
        },
    )


def _bulk(outgoing: Outgoing, entries: Sequence[Entry], headers: Pairs) -> Call:
    common = dict(common_v2(outgoing))
    common.pop("EmailTags", None)
    if "ListManagementOptions" in common:
        raise Unsupported(
            "SES takes a contact list for one mail in a call, and these are several; send one row in a call",
            feature="a contact list for several rows",
            instead=("send_stored", "send_stored_many with most_rows=1"),
            field="ses.contact_list",
        )
    default, of_each = pulled_apart(headers, [entry.row for entry in entries])
    return Call(
        "sesv2",
        "SendBulkEmail",
        {
            **common,
            **given({"DefaultEmailTags": _tags(outgoing.email.tags)}),
            **_from(outgoing),
            "DefaultContent": {"Template": _template(outgoing, "{}", default)},
            "BulkEmailEntries": [_entry(entry, of_each) for entry in entries],
        },
    )


def _from(outgoing: Outgoing) -> Mapping[str, object]:
    replies = [one_line(address) for address in outgoing.email.reply_to]
    return {"FromEmailAddress": sender_of(outgoing), **given({"ReplyToAddresses": replies})}


def _template(outgoing: Outgoing, text: str, headers: Pairs) -> Mapping[str, object]:
    name = outgoing.stored_template
    return {"TemplateName": name, "TemplateData": text, **given({"Headers": _named(headers)})}


def _entry(entry: Entry, headers: Pairs) -> Mapping[str, object]:
    return {
        "Destination": _destination(entry),
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": entry.text}},
        **given(
            {
                "ReplacementTags": _tags(entry.row.tags),
                "ReplacementHeaders": _named(merged(headers, entry.row)),
            }
        ),
    }


def _destination(entry: Entry) -> Mapping[str, object]:
    kinds = {"ToAddresses": entry.to, "CcAddresses": entry.cc, "BccAddresses": entry.bcc}
    return given({name: [one_line(address) for address in addresses] for name, addresses in kinds.items()})


def _tags(tags: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{"Name": name, "Value": value} for name, value in tags.items()]


def _named(headers: Pairs) -> list[Mapping[str, str]]:
    return [{"Name": name, "Value": value} for name, value in headers]
