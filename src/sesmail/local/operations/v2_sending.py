"""Sends by v2."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.dispatch import send
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.lists.links import PLACEHOLDER
from sesmail.local.operations.served import serves
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import LARGEST, RenderingFailure, Sending
from sesmail.local.simple_mail import built
from sesmail.local.templates.stored import data_of
from sesmail.local.templates.written import written

_TEMPLATED = ("ses:SendEmail", "ses:SendTemplatedEmail")  # which of them counts is not written down; here both do
# In a mail of a contact list this is no variable: it waits for the link. How SES has both in a template, is not known.
_LATER = {PLACEHOLDER.decode().strip("{}"): PLACEHOLDER.decode()}
LACKS = ("EndpointId",)
NOTE = "nothing is tracked, so `ConfigurationOverrides` change nothing"


@serves("sesv2", sends=True, lacks=LACKS, note=NOTE)
def send_email(here: Here, asked: Params) -> Result:
    content = asked["Content"]
    if len(content) != 1:
        raise Fault(FaultKind.INVALID, "Content must hold exactly one of Simple, Raw and Template.")
    (kind,) = content
    return {"MessageId": send(here, _WAYS[kind](here, asked))}


def _raw(_here: Here, asked: Params) -> Sending:
    data = asked["Content"]["Raw"]["Data"]
    return sending_of(asked, ("ses:SendRawEmail",), data, sender=asked.get("FromEmailAddress", ""))


def _simple(_here: Here, asked: Params) -> Sending:
    data = built(asked["Content"]["Simple"], sender_of(asked), asked)
    return sending_of(asked, ("ses:SendEmail",), data)


def _templated(here: Here, asked: Params) -> Sending:
    template = asked["Content"]["Template"]
    data = (_LATER if asked.get("ListManagementOptions") else {}) | data_of(template.get("TemplateData", "{}"))
    content, failure = written(here, template, data, sender_of(asked), asked)
    return sending_of(asked, _TEMPLATED, content, failure=failure)


_WAYS = {"Raw": _raw, "Simple": _simple, "Template": _templated}


def sender_of(asked: Params) -> str:
    """Who a mail is from that SES writes itself."""
    sender: str = asked.get("FromEmailAddress", "")
    if not sender:
        raise Fault(FaultKind.INVALID, "Missing required parameter: FromEmailAddress")
    return sender


def sending_of(
    asked: Params, actions: tuple[str, ...], data: bytes, *, sender: str = "", failure: RenderingFailure | None = None
) -> Sending:
    """What a call asks to send, with the bytes of the mail; ``sender`` takes the place of the mail's own."""
    destination = asked.get("Destination")
    return Sending(
        actions=actions,
        mail=RawMail.parse(data),
        size=len(data),
        largest=LARGEST,
        sender=sender,
        to=None if destination is None else destination.get("ToAddresses", ()),
        cc=(destination or {}).get("CcAddresses", ()),
        bcc=(destination or {}).get("BccAddresses", ()),
        reply_to=asked.get("ReplyToAddresses", ()),
        return_path=asked.get("FeedbackForwardingEmailAddress", ""),
        source_arns=[asked.get("FromEmailAddressIdentityArn", "")],
        return_path_arns=[asked.get("FeedbackForwardingEmailAddressIdentityArn", "")],
        configuration_set=asked.get("ConfigurationSetName", ""),
        tenant=asked.get("TenantName", ""),
        contact_list=asked.get("ListManagementOptions", {}).get("ContactListName", ""),
        topic=asked.get("ListManagementOptions", {}).get("TopicName", ""),
        tags={tag["Name"]: tag["Value"] for tag in asked.get("EmailTags", ())},
        failure=failure,
    )
