"""Fates: what becomes of a mail for a recipient, as the kinds of its events in order, and facts about a bounce."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sesmail.local.addresses import Mailbox

Facts = dict[str, Any]

RENDERING_FAILURE = "Rendering Failure"

_GONE = {"action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
_UNSENT = "Amazon SES did not send the message to this address"
_LISTED = {"action": "failed", "status": "5.1.1", "diagnosticCode": _UNSENT}
HARD_BOUNCE = {"bounce": {"bounceType": "Permanent", "bounceSubType": "General"}, "recipient": _GONE}
GLOBALLY_LISTED = {"bounce": {"bounceType": "Permanent", "bounceSubType": "Suppressed"}, "recipient": _LISTED}
ON_THE_LIST = {"bounce": {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"}, "recipient": _LISTED}
# Second-hand, as is that they are permanent.
ON_THE_TENANTS_LIST = {
    "bounce": {"bounceType": "Permanent", "bounceSubType": "OnTenantSuppressionList"},
    "recipient": _LISTED,
}
UNSUBSCRIBED = {"bounce": {"bounceType": "Permanent", "bounceSubType": "UnsubscribedRecipient"}, "recipient": _LISTED}

# What the mailbox simulator does, by the local part without its label: the kinds of events, and facts about a bounce.
_SIMULATED: Mapping[str, tuple[tuple[str, ...], Facts]] = {
    "success": (("Delivery",), {}),
    "ooto": (("Delivery",), {}),
    "bounce": (("Bounce",), HARD_BOUNCE),
    "complaint": (("Delivery", "Complaint"), {}),
    "suppressionlist": (("Bounce",), GLOBALLY_LISTED),
}


def simulated(mailbox: Mailbox) -> tuple[tuple[str, ...], Facts]:
    """What becomes of a mail to the simulator. A mailbox that it has not bounces."""
    name = mailbox.email.partition("@")[0].partition("+")[0].lower()
    return _SIMULATED.get(name, _SIMULATED["bounce"])
