"""Sends by v1."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.dispatch import send
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.raw_mail import RawMail
from sesmail.local.sending import Sending
from sesmail.local.simple_mail import built

LARGEST = 10 * 2**20


@serves("ses", sends=True, lacks=("ReturnPathArn",))
def send_email(here: Here, asked: Params) -> Result:
    to = asked["Destination"]
    data = built(asked["Message"], asked["Source"], asked)
    sending = Sending(
        action="ses:SendEmail",
        mail=RawMail.parse(data),
        size=len(data),
        largest=LARGEST,
        to=to.get("ToAddresses", ()),
        cc=to.get("CcAddresses", ()),
        bcc=to.get("BccAddresses", ()),
        return_path=asked.get("ReturnPath", ""),
        source_arns=_arns(asked),
        configuration_set=asked.get("ConfigurationSetName", ""),
        tags=_tags(asked),
    )
    return {"MessageId": send(here, sending)}


@serves("ses", sends=True, lacks=("ReturnPathArn",))
def send_raw_email(here: Here, asked: Params) -> Result:
    data = asked["RawMessage"]["Data"]
    mail = RawMail.parse(data)
    source = asked.get("Source", "")
    sending = Sending(
        action="ses:SendRawEmail",
        mail=mail,
        size=len(data),
        largest=LARGEST,
        sender="" if mail.text("from") else source,
        everybody=asked.get("Destinations") or None,
        return_path=source,
        source_arns=_arns(asked),
        configuration_set=asked.get("ConfigurationSetName", ""),
        tags=_tags(asked),
    )
    return {"MessageId": send(here, sending)}


def _arns(asked: Params) -> list[str]:
    return [asked[name] for name in ("SourceArn", "FromArn") if name in asked]


def _tags(asked: Params) -> dict[str, str]:
    return {tag["Name"]: tag["Value"] for tag in asked.get("Tags", ())}
