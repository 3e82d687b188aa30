"""Events: what SES would tell about a mail after it was taken. They are kept; nothing posts them yet.

`Event.payload` is the JSON that event publishing sends, so whoever posts it has nothing left to think about.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sesmail.local.addresses import Mailbox
from sesmail.local.ledger import SentMail
from sesmail.local.raw_mail import headers_of
from sesmail.mime.decoding import unfolded

_HOST = "sesmail.local"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One event about one mail, for some of its recipients."""

    kind: str  # as in eventType: Send, Delivery, Bounce, Complaint, Reject
    mail: SentMail
    recipients: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    takers: tuple[str, ...] = ()  # the event destinations that want it

    @property
    def payload(self) -> Json:
        """The JSON of event publishing."""
        return {"eventType": self.kind, "mail": _mail(self.mail), self.kind.lower(): self._detail()}

    def _detail(self) -> Json:
        at = _iso(self.mail.at)
        match self.kind:
            case "Bounce":
                bounced = [{"emailAddress": address, **self.facts["recipient"]} for address in self.recipients]
                return {**self.facts["bounce"], "bouncedRecipients": bounced, "timestamp": at, "feedbackId": self._id}
            case "Complaint":
                complained = [{"emailAddress": address} for address in self.recipients]
                about = {"complainedRecipients": complained, "timestamp": at, "feedbackId": self._id}
                return {**about, "complaintSubType": None, "complaintFeedbackType": "abuse", "arrivalDate": at}
            case "Delivery":
                said = "250 2.6.0 Message received"
                about = {"timestamp": at, "recipients": list(self.recipients), "smtpResponse": said}
                return {**about, "processingTimeMillis": 0, "reportingMTA": _HOST}
            case "Reject":
                return {"reason": "Bad content"}
        return {}

    @property
    def _id(self) -> str:
        return f"{self.mail.message_id.removesuffix('-000000')}-{len(self.recipients):06}"


class EventLog:
    """The latest events."""

    def __init__(self, *, keep: int = 10_000) -> None:
        self._events: deque[Event] = deque(maxlen=keep)

    def add(self, event: Event) -> None:
        """One more."""
        self._events.append(event)

    def all(self) -> tuple[Event, ...]:
        """Those that are kept, oldest first."""
        return tuple(self._events)

    def clear(self) -> None:
        """Forget them."""
        self._events.clear()


# ── fates ────────────────────────────────────────────────────────────────────────────────────────────────────────

_GONE = {"action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
_UNSENT = "Amazon SES did not send the message to this address"
_LISTED = {"action": "failed", "status": "5.1.1", "diagnosticCode": _UNSENT}
HARD_BOUNCE = {"bounce": {"bounceType": "Permanent", "bounceSubType": "General"}, "recipient": _GONE}
GLOBALLY_LISTED = {"bounce": {"bounceType": "Permanent", "bounceSubType": "Suppressed"}, "recipient": _LISTED}
ON_THE_LIST = {"bounce": {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"}, "recipient": _LISTED}

# What the mailbox simulator does, by the local part without its label: the kinds of events, and facts about a bounce.
_SIMULATED: Mapping[str, tuple[tuple[str, ...], Json]] = {
    "success": (("Delivery",), {}),
    "ooto": (("Delivery",), {}),
    "bounce": (("Bounce",), HARD_BOUNCE),
    "complaint": (("Delivery", "Complaint"), {}),
    "suppressionlist": (("Bounce",), GLOBALLY_LISTED),
}


def simulated(mailbox: Mailbox) -> tuple[tuple[str, ...], Json]:
    """What becomes of a mail to the simulator. A mailbox that it has not bounces."""
    name = mailbox.email.partition("@")[0].partition("+")[0].lower()
    return _SIMULATED.get(name, _SIMULATED["bounce"])


def _mail(mail: SentMail) -> Json:
    headers = [{"name": name, "value": text} for name, text in _headers(mail)]
    return {
        "timestamp": _iso(mail.at),
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


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
