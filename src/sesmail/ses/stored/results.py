"""Results: from SES's answer to how each mail of it ended, and from there to the result of the whole.

Rule 1: an answer that does not say how each mail ended says nothing: they may be out.
Rule 2: nobody got any: it is raised. Of several reasons the error holds all (`SendError.results`), so that a retry
        repeats what may pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sesmail.errors import Outcome, SesmailError
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult
from sesmail.ses.call import Call, Reply
from sesmail.ses.people import People
from sesmail.ses.refusal import Refusal
from sesmail.ses.sayings import printable
from sesmail.ses.stored.calls import Entry
from sesmail.ses.stored.statuses import SUCCESS, entry_error, folded
from sesmail.ses.verdicts.service import strange

End = tuple[str, SesmailError | None]  # the id of a mail that was sent, or why it was not


def ends_of(call: Call, reply: Reply, entries: Sequence[Entry], *, outgoing: Outgoing, region: str) -> list[End]:
    """How each of these mails ended."""
    if call.operation == "SendEmail":
        return [(str(reply.values.get("MessageId", "")), None)]
    said = reply.values.get("BulkEmailEntryResults")
    if not isinstance(said, Sequence) or len(said) != len(entries):
        refusal = _refusal("", "", region=region, reply=reply, people=People.of(outgoing), at_risk=True)
        raise strange(refusal)
    people = People.of(outgoing)
    return [_end(one, entry, people, region, reply) for one, entry in zip(said, entries, strict=True)]


def _end(said: object, entry: Entry, people: People, region: str, reply: Reply) -> End:
    words = said if isinstance(said, Mapping) else {}
    status = words.get("Status")
    if folded(status) == SUCCESS:
        return str(words.get("MessageId") or ""), None
    whom = People(people.senders, tuple([address.email for address in entry.recipients]))
    text = words.get("Error")
    code = printable(status, 100) if isinstance(status, str) else ""
    refusal = _refusal(code, text if isinstance(text, str) else "", region=region, reply=reply, people=whom)
    return "", entry_error(status, refusal)


def _refusal(code: str, text: str, *, region: str, reply: Reply, people: People, at_risk: bool = False) -> Refusal:
    return Refusal(
        code=code,
        status=200,
        text=text,
        region=region,
        people=people,
        operation="SendBulkEmail",
        at_risk=at_risk,
        request_id=printable(reply.request_id, 100),
    )


def result_of(outgoing: Outgoing, ends: Mapping[str, End], *, reply: Reply, transport: str, domain: str) -> SendResult:
    """The result for everyone in the envelope; ``ends`` is how it ended for each address."""
    recipients = []
    for address in outgoing.envelope.recipients:
        message_id, error = ends[address.email]
        outcome: Outcome = Outcome.SENT if error is None else getattr(error, "outcome", Outcome.NOT_SENT)
        recipients.append(RecipientResult(address, outcome, error, message_id))
    sent = [one.message_id for one in recipients if one.outcome is Outcome.SENT]
    if not sent:
        _raise_for_nobody(tuple(recipients), reply)
    first = next(filter(None, sent), "")
    return SendResult(
        tuple(recipients),
        message_id=first,
        message_id_header=f"<{first}@{domain}>" if first else "",
        request_id=reply.request_id,
        transport=transport,
        raw=reply.values,
    )


def _raise_for_nobody(recipients: tuple[RecipientResult, ...], reply: Reply) -> None:
    first = recipients[0].error
    if first is not None and all(one.error is first for one in recipients):
        raise first
    SendResult(recipients, request_id=reply.request_id).raise_if_any_failed()
