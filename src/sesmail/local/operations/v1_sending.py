"""Sends by v1."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.dispatch import send
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import RenderingFailure, Sending
from sesmail.local.simple_mail import built

LARGEST = 10 * 2**20


@serves("ses", sends=True)
def send_email(here: Here, asked: Params) -> Result:
    data = built(asked["Message"], asked["Source"], asked)
    return {"MessageId": send(here, sending_of(asked, ("ses:SendEmail",), data))}


def sending_of(
    asked: Params, actions: tuple[str, ...], data: bytes, *, failure: RenderingFailure | None = None
) -> Sending:
    """What a call asks to send that names its recipients by kind."""
    to = asked["Destination"]
    return Sending(
        actions=actions,
        mail=RawMail.parse(data),
        size=len(data),
        largest=LARGEST,
        to=to.get("ToAddresses", ()),
        cc=to.get("CcAddresses", ()),
        bcc=to.get("BccAddresses", ()),
        return_path=asked.get("ReturnPath", ""),
        source_arns=_arns(asked),
        return_path_arns=[asked.get("ReturnPathArn", "")],
        configuration_set=asked.get("ConfigurationSetName", ""),
        tags=_tags(asked),
        failure=failure,
    )


@serves("ses", sends=True)
def send_raw_email(here: Here, asked: Params) -> Result:
    data = asked["RawMessage"]["Data"]
    mail = RawMail.parse(data)
    source = asked.get("Source", "")
    sending = Sending(
        actions=("ses:SendRawEmail",),
        mail=mail,
        size=len(data),
        largest=LARGEST,
        sender="" if mail.text("from") else source,
        everybody=asked.get("Destinations") or None,
        return_path=source,
        source_arns=_arns(asked),
        return_path_arns=[asked.get("ReturnPathArn", "")],
        configuration_set=asked.get("ConfigurationSetName", ""),
        tags=_tags(asked),
    )
    return {"MessageId": send(here, sending)}


def _arns(asked: Params) -> list[str]:
    return [asked[name] for name in ("SourceArn", "FromArn") if name in asked]


def _tags(asked: Params) -> dict[str, str]:
    return {tag["Name"]: tag["Value"] for tag in asked.get("Tags", ())}
