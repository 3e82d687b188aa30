"""Events: what SES would tell about a mail after it was taken. They are kept; nothing posts them yet.

`Event.payload` is the JSON that event publishing sends, so whoever posts it has nothing left to think about.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sesmail.local.addresses import Mailbox
from sesmail.local.clock import iso
from sesmail.local.ledger import SentMail
from sesmail.local.raw_mail import headers_of
from sesmail.mime.decoding import unfolded

_HOST = "sesmail.local"
_MOST = 200_000
_KEYS = {"Rendering Failure": "failure"}  # where the key of the detail is not the kind itself

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """One event about one mail, for some of its recipients."""

    kind: str  # as in eventType: Send, Delivery, Bounce, Complaint, Reject, Rendering Failure, Subscription
    mail: SentMail
    recipients: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    takers: tuple[str, ...] = ()  # the event destinations that want it

    def __repr__(self) -> str:
        return f"Event({self.kind}, {len(self.recipients)} recipients of {self.mail.message_id!r})"

    @property
    def payload(self) -> Json:
        """The JSON of event publishing."""
        key = _KEYS.get(self.kind, self.kind.lower())
        return {"eventType": self.kind, "mail": _mail(self.mail), key: _DETAILS.get(self.kind, _told)(self)}

    @property
    def feedback_id(self) -> str:
        """What a bounce and a complaint are called."""
        return f"{self.mail.message_id.removesuffix('-000000')}-{len(self.recipients):06}"


class EventLog:
    """The events of the mails in the ledger."""

    def __init__(self) -> None:
        # A mail has a few events, but somebody who leaves a list and comes back again and again makes more.
        self._events: deque[Event] = deque(maxlen=_MOST)

    def add(self, event: Event) -> None:
        """One more."""
        self._events.append(event)

    def forget(self, mail: SentMail) -> None:
        """The mail left the ledger, and what is told of it goes too. Mails leave in the order in which they came."""
        while self._events and self._events[0].mail.number <= mail.number:
            self._events.popleft()

    def all(self) -> tuple[Event, ...]:
        """Those that are kept, oldest first."""
        return tuple(self._events)


def _mail(mail: SentMail) -> Json:
    headers = [{"name": name, "value": text} for name, text in _headers(mail)]
    return {
        "timestamp": iso(mail.at),
        "source": mail.sender,
        "sendingAccountId": mail.account,
        "messageId": mail.message_id,
        "destination": list(mail.recipients),
        "headersTruncated": False,
        "headers": headers,
        "commonHeaders": {
            "from": [mail.sender],
            "to": list(mail.to),
            "messageId": mail.message_id,
            "subject": mail.subject,
        },
        "tags": {
            "ses:configuration-set": [mail.configuration_set],
            "ses:from-domain": [Mailbox.parse(mail.sender, in_header=False).domain],
            **{name: [value] for name, value in mail.tags.items()},
        },
    }


def _headers(mail: SentMail) -> list[tuple[str, str]]:
    head = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    return [(header.name, unfolded(header.value)) for header in headers_of(head)]


# ── what is told of each kind ────────────────────────────────────────────────────────────────────────────────────


def _told(event: Event) -> Json:
    return dict(event.facts)


def _bounce(event: Event) -> Json:
    bounced = [{"emailAddress": address, **event.facts["recipient"]} for address in event.recipients]
    about = {"bouncedRecipients": bounced, "timestamp": iso(event.mail.at), "feedbackId": event.feedback_id}
    return {**event.facts["bounce"], **about}


def _complaint(event: Event) -> Json:
    at = iso(event.mail.at)
    complained = [{"emailAddress": address} for address in event.recipients]
    about = {"complainedRecipients": complained, "timestamp": at, "feedbackId": event.feedback_id}
    return {**about, "complaintSubType": None, "complaintFeedbackType": "abuse", "arrivalDate": at}


def _delivery(event: Event) -> Json:
    about = {"timestamp": iso(event.mail.at), "recipients": list(event.recipients)}
    return {**about, "smtpResponse": "250 2.6.0 Message received", "processingTimeMillis": 0, "reportingMTA": _HOST}


def _reject(_event: Event) -> Json:
    return {"reason": "Bad content"}


_DETAILS: Mapping[str, Callable[[Event], Json]] = {
    "Bounce": _bounce,
    "Complaint": _complaint,
    "Delivery": _delivery,
    "Reject": _reject,
}
