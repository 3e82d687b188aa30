"""What became of a mail, by v2: from the ledger and the events that are kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sesmail.local.addresses import Mailbox
from sesmail.local.call import Params, Result
from sesmail.local.events import Event
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.ledger import SentMail
from sesmail.local.operations.served import serves

_LONGEST_ADDRESS, _LONGEST_SUBJECT = 320, 998  # of the model, which has less room than a mail
_LESS = "no provider and no tags of SES's own; only while the ledger has the mail, and events since the box began"


@serves("sesv2", note=_LESS)
def get_message_insights(here: Here, asked: Params) -> Result:
    mail = _known_mail(here, asked["MessageId"])
    events = [event for event in here.box.events.all() if event.mail.message_id == mail.message_id]
    about = {
        "MessageId": mail.message_id,
        "FromEmailAddress": Mailbox.parse(mail.sender, in_header=False).email[:_LONGEST_ADDRESS],
        "EmailTags": [{"Name": name, "Value": value} for name, value in mail.tags.items()],
        "Insights": [_insight(address, events) for address in dict.fromkeys(mail.recipients)],
    }
    return {**about, "Subject": mail.subject[:_LONGEST_SUBJECT]} if mail.subject else about


def _known_mail(here: Here, message_id: str) -> SentMail:
    place = here.region.account, here.region.name
    for mail in here.box.ledger:
        if mail.message_id == message_id and (mail.account, mail.region) == place:
            return mail
    raise Fault(FaultKind.NOT_FOUND, f"Message <{message_id[:100]}> does not exist.")


def _insight(address: str, events: Sequence[Event]) -> Result:
    told = [event for event in events if address in event.recipients]
    return {"Destination": address[:_LONGEST_ADDRESS], "Events": [_event(event) for event in told]}


def _event(event: Event) -> Result:
    about = {"Timestamp": _at(event), "Type": event.kind.upper().replace(" ", "_")}
    details = dict(_details(event))
    return {**about, "Details": details} if details else about


def _at(event: Event) -> float:
    """Who leaves a list does so later; all else happens when the mail is taken."""
    later: str = event.facts.get("timestamp", "")
    return datetime.fromisoformat(later).timestamp() if later else event.mail.at


def _details(event: Event) -> Iterator[tuple[str, Result]]:
    if event.kind == "Bounce":
        bounce, recipient = event.facts["bounce"], event.facts["recipient"]
        said = {"BounceType": bounce["bounceType"].upper(), "BounceSubType": bounce["bounceSubType"]}
        yield "Bounce", {**said, "DiagnosticCode": recipient["diagnosticCode"]}
    if event.kind == "Complaint":
        yield "Complaint", {"ComplaintFeedbackType": event.payload["complaint"]["complaintFeedbackType"]}
