"""Sends by v2."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.dispatch import send
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import Sending
from sesmail.local.simple_mail import built

LARGEST = 40 * 2**20
_LACKS = (
    "Content.Template",
    "EndpointId",
    "TenantName",
    "ListManagementOptions",
    "ConfigurationOverrides",
    "FeedbackForwardingEmailAddressIdentityArn",
)


@serves("sesv2", sends=True, lacks=_LACKS)
def send_email(here: Here, asked: Params) -> Result:
    content = asked["Content"]
    if len(content) != 1:
        raise Fault(FaultKind.INVALID, "Content must hold exactly one of Simple, Raw and Template.")
    sending = _raw(asked) if "Raw" in content else _simple(asked)
    return {"MessageId": send(here, sending)}


def _raw(asked: Params) -> Sending:
    data = asked["Content"]["Raw"]["Data"]
    return _sending(asked, "ses:SendRawEmail", data, sender=asked.get("FromEmailAddress", ""))


def _simple(asked: Params) -> Sending:
    sender = asked.get("FromEmailAddress", "")
    if not sender:
        raise Fault(FaultKind.INVALID, "Missing required parameter: FromEmailAddress")
    return _sending(asked, "ses:SendEmail", built(asked["Content"]["Simple"], sender, asked), sender="")


def _sending(asked: Params, action: str, data: bytes, *, sender: str) -> Sending:
    destination = asked.get("Destination")
    return Sending(
        action=action,
        mail=RawMail.parse(data),
        size=len(data),
        largest=LARGEST,
        sender=sender,
        to=None if destination is None else destination.get("ToAddresses", ()),
        cc=(destination or {}).get("CcAddresses", ()),
        bcc=(destination or {}).get("BccAddresses", ()),
        reply_to=asked.get("ReplyToAddresses", ()),
        return_path=asked.get("FeedbackForwardingEmailAddress", ""),
        source_arns=[arn for arn in [asked.get("FromEmailAddressIdentityArn")] if arn],
        configuration_set=asked.get("ConfigurationSetName", ""),
        tags={tag["Name"]: tag["Value"] for tag in asked.get("EmailTags", ())},
    )
