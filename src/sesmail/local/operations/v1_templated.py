"""Sends with stored templates by v1: to one destination, and to many."""

from __future__ import annotations

from functools import partial
from typing import Any

from sesmail.local.call import Params, Result
from sesmail.local.dispatch import MOST_RECIPIENTS, send
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.operations.v1_sending import sending_of
from sesmail.local.sending import Sending
from sesmail.local.templates.bulk import send_each
from sesmail.local.templates.stored import data_of
from sesmail.local.templates.written import written

_KINDS = ("ToAddresses", "CcAddresses", "BccAddresses")


@serves("ses", sends=True)
def send_templated_email(here: Here, asked: Params) -> Result:
    data = data_of(asked["TemplateData"])
    return {"MessageId": send(here, _sending(here, asked, ("ses:SendTemplatedEmail",), data))}


@serves("ses", sends=True)
def send_bulk_templated_email(here: Here, asked: Params) -> Result:
    usual = data_of(asked["DefaultTemplateData"])
    # As the model's text has it: of the call in all.
    if sum(len(one["Destination"].get(kind, ())) for one in asked["Destinations"] for kind in _KINDS) > MOST_RECIPIENTS:
        raise Fault(FaultKind.INVALID, f"Recipient count exceeds {MOST_RECIPIENTS}.")
    statuses = []
    for end in send_each(here, [partial(_entry, here, asked, usual, one) for one in asked["Destinations"]]):
        about = {"MessageId": end.message_id} if end.message_id else {"Error": end.error}
        statuses.append({"Status": end.v1, **about})
    return {"Status": statuses}


def _entry(here: Here, asked: Params, usual: dict[str, Any], entry: Params) -> Sending:
    data = data_of(entry.get("ReplacementTemplateData", "{}")) or usual
    tags = {tag["Name"]: tag for tag in (*asked.get("DefaultTags", ()), *entry.get("ReplacementTags", ()))}
    one = {**asked, "Destination": entry["Destination"], "Tags": list(tags.values())}
    return _sending(here, one, ("ses:SendBulkTemplatedEmail",), data)


def _sending(here: Here, asked: Params, actions: tuple[str, ...], data: dict[str, Any]) -> Sending:
    arn = asked.get("TemplateArn")
    template = {"TemplateArn": arn} if arn else {"TemplateName": asked["Template"]}
    content, failure = written(here, template, data, asked["Source"], asked)
    return sending_of(asked, actions, content, failure=failure)
