"""Calls: from what is carried to the call that sends it. Pure.

Nobody else knows the parameters of a send, but for `stored.calls`, which has templates that SES keeps.

Rule 1: recipients come from the envelope, and To, Cc and Bcc are filled apart.
Rule 2: with raw content nothing is sent that would take the place of a header: no ``FromEmailAddress``, no
        ``ReplyToAddresses``. The mail's own headers say it.
Rule 3: what an operation cannot carry is refused by name, and never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from sesmail.errors import Unsupported
from sesmail.mail.address import Address
from sesmail.mail.outgoing import Outgoing
from sesmail.mail.ses_options import NO_OPTIONS, SesOptions
from sesmail.ses.call import Blob, Call
from sesmail.ses.simple import checked, message_v1, message_v2, one_line

Api = Literal["v2", "v1"]
Kind = Literal["raw", "simple"]
_OTHER_WAYS = ("API v2", "SMTP")


def send_call(outgoing: Outgoing, *, api: Api, kind: Kind) -> Call:
    """The call that sends it.

    >>> from sesmail import Email, Envelope, Outgoing, mime
    >>> from sesmail.ses.calls import send_call
    >>> mail = Email(sender="a@example.com", to="b@example.com", bcc="c@example.com", text="Hello")
    >>> call = send_call(Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses), api="v2", kind="raw")
    >>> call.operation, call.parameters["Destination"]
    ('SendEmail', {'ToAddresses': ['b@example.com'], 'BccAddresses': ['c@example.com']})
    """
    return _CALLS[api, kind](outgoing)


def _raw_v2(outgoing: Outgoing) -> Call:
    content = {"Raw": {"Data": Blob(outgoing.content)}}
    return Call("sesv2", "SendEmail", {**common_v2(outgoing), "Destination": _bare(outgoing), "Content": content})


def _simple_v2(outgoing: Outgoing) -> Call:
    email = checked(outgoing)
    written = {
        "FromEmailAddress": sender_of(outgoing),
        "Destination": _named(outgoing),
        **given({"ReplyToAddresses": [one_line(address) for address in email.reply_to]}),
        "Content": {"Simple": message_v2(outgoing)},
    }
    return Call("sesv2", "SendEmail", {**common_v2(outgoing), **written})


def common_v2(outgoing: Outgoing) -> Mapping[str, object]:
    """What v2 is told of a mail, whatever its content is."""
    ses = outgoing.ses
    if ses is NO_OPTIONS and not outgoing.email.tags:  # as with most mails
        return given({"FeedbackForwardingEmailAddress": _return_path(outgoing)})
    if ses.source_arn and ses.from_arn and ses.source_arn != ses.from_arn:
        raise Unsupported(
            "API v2 has one ARN for the sender; give source_arn or from_arn, or the same twice",
            feature="two sender ARNs",
            instead=("API v1", "SMTP"),
            field="ses.from_arn",
        )
    lists = given({"ContactListName": ses.contact_list, "TopicName": ses.topic})
    return given(
        {
            "FromEmailAddressIdentityArn": ses.from_arn or ses.source_arn,
            "FeedbackForwardingEmailAddress": _return_path(outgoing),
            "FeedbackForwardingEmailAddressIdentityArn": ses.return_path_arn,
            "EmailTags": _tags(outgoing),
            "ConfigurationSetName": ses.configuration_set,
            "TenantName": ses.tenant,
            "ListManagementOptions": lists,
            "EndpointId": ses.endpoint_id,
        }
    )


def _raw_v1(outgoing: Outgoing) -> Call:
    ses = _without(outgoing, "tenant", "contact_list", "endpoint_id")
    recipients = [address.email for address in outgoing.envelope.recipients]
    own = given({"FromArn": ses.from_arn})
    written = {
        "Source": ses.feedback_address or outgoing.envelope.return_path.email,
        "Destinations": recipients,
        "RawMessage": {"Data": Blob(outgoing.content)},
    }
    return Call("ses", "SendRawEmail", {**_common_v1(outgoing), **own, **written})


def _simple_v1(outgoing: Outgoing) -> Call:
    ses = _without(outgoing, "tenant", "contact_list", "endpoint_id")
    if ses.from_arn and ses.from_arn != ses.source_arn:
        raise _cannot("from_arn", "the operation SendEmail of API v1")
    email = checked(outgoing)
    written = {
        "Source": sender_of(outgoing),
        "Destination": _named(outgoing),
        **given(
            {
                "ReplyToAddresses": [one_line(address) for address in email.reply_to],
                "ReturnPath": _return_path(outgoing),
            }
        ),
        "Message": message_v1(outgoing),
    }
    return Call("ses", "SendEmail", {**_common_v1(outgoing), **written})


def _common_v1(outgoing: Outgoing) -> Mapping[str, object]:
    ses = outgoing.ses
    return given(
        {
            "SourceArn": ses.source_arn,
            "ReturnPathArn": ses.return_path_arn,
            "Tags": _tags(outgoing),
            "ConfigurationSetName": ses.configuration_set,
        }
    )


_CALLS: Mapping[tuple[Api, Kind], Callable[[Outgoing], Call]] = {
    ("v2", "raw"): _raw_v2,
    ("v2", "simple"): _simple_v2,
    ("v1", "raw"): _raw_v1,
    ("v1", "simple"): _simple_v1,
}


def given(parameters: Mapping[str, object]) -> dict[str, object]:
    """Those that say something."""
    return {name: value for name, value in parameters.items() if value}


def _bare(outgoing: Outgoing) -> Mapping[str, object]:
    return _destination(outgoing, lambda address: address.email)


def _named(outgoing: Outgoing) -> Mapping[str, object]:
    return _destination(outgoing, one_line)


def _destination(outgoing: Outgoing, written: Callable[[Address], str]) -> Mapping[str, object]:
    envelope = outgoing.envelope
    kinds = {"ToAddresses": envelope.to, "CcAddresses": envelope.cc, "BccAddresses": envelope.bcc}
    return given({name: [written(address) for address in addresses] for name, addresses in kinds.items()})


def sender_of(outgoing: Outgoing) -> str:
    """Who it is from, for a mail that SES writes itself."""
    assert outgoing.email.sender is not None  # noqa: S101 - a mail without one is not written
    return one_line(outgoing.email.sender)


def _return_path(outgoing: Outgoing) -> str:
    """Where bounces go, if that is not the sender: there SES sends them by itself."""
    sender, path = outgoing.email.sender, outgoing.envelope.return_path
    elsewhere = "" if sender is not None and sender.email == path.email else path.email
    return outgoing.ses.feedback_address or elsewhere


def _tags(outgoing: Outgoing) -> list[Mapping[str, str]]:
    return [{"Name": name, "Value": value} for name, value in outgoing.email.tags.items()]


def _without(outgoing: Outgoing, *options: str) -> SesOptions:
    """The options for SES, of which none of these may be given."""
    for option in options:
        if getattr(outgoing.ses, option):
            raise _cannot(option, "API v1")
    return outgoing.ses


def _cannot(option: str, where: str) -> Unsupported:
    return Unsupported(f"{where} has no {option}", feature=option, instead=_OTHER_WAYS, field=f"ses.{option}")
