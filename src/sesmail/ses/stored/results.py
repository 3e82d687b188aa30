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
    answer = _Answer(reply, People.of(outgoing), region)
    said = reply.values.get("BulkEmailEntryResults")
    if not isinstance(said, Sequence) or len(said) != len(entries):
        raise strange(answer.refusal(at_risk=True))
    return [answer.end(one, entry) for one, entry in zip(said, entries, strict=True)]


class _Answer:
    """An answer to a bulk, read entry by entry."""

    def __init__(self, reply: Reply, people: People, region: str) -> None:
        self._reply = reply
        self._people = people
        self._region = region
        self._known: dict[tuple[str, str], SesmailError] = {}

    def end(self, said: object, entry: Entry) -> End:
        words = said if isinstance(said, Mapping) else {}
        code, text = _text(words.get("Status")), _text(words.get("Error"))
        if folded(code) == SUCCESS:
            return _text(words.get("MessageId")), None
        if (code, text) in self._known:
            return "", self._known[code, text]
        error = entry_error(code, self.refusal(code, text, [address.email for address in entry.recipients]))
        if not error.recipients:  # it is about none of them, so all to whom it was said have the same
            self._known[code, text] = error
        return "", error

    def refusal(self, code: str = "", text: str = "", whom: Sequence[str] = (), *, at_risk: bool = False) -> Refusal:
        return Refusal(
            code=printable(code, 100),
            status=200,
            text=text,
            region=self._region,
            people=People(self._people.senders, tuple(whom)),
            operation="SendBulkEmail",
            at_risk=at_risk,
            request_id=printable(self._reply.request_id, 100),
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


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
