"""Bulk sends by v2."""

from __future__ import annotations

from functools import partial
from typing import Any

from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.operations.v2_sending import LACKS, NOTE, sender_of, sending_of
from sesmail.local.sending import Sending
from sesmail.local.templates.bulk import send_each
from sesmail.local.templates.stored import data_of
from sesmail.local.templates.written import written

_ACTIONS = ("ses:SendBulkEmail", "ses:SendBulkTemplatedEmail")


@serves("sesv2", sends=True, lacks=LACKS, note=NOTE)
def send_bulk_email(here: Here, asked: Params) -> Result:
    template = asked["DefaultContent"].get("Template")
    if not template:
        raise Fault(FaultKind.INVALID, "DefaultContent must hold a Template.")
    data = data_of(template.get("TemplateData", "{}"))
    entries = [partial(_sending, here, asked, template, data, entry) for entry in asked["BulkEmailEntries"]]
    results = []
    for end in send_each(here, entries):
        about = {"MessageId": end.message_id} if end.message_id else {"Error": end.error}
        results.append({"Status": end.v2, **about})
    return {"BulkEmailEntryResults": results}


def _sending(here: Here, asked: Params, template: Params, usual: dict[str, Any], entry: Params) -> Sending:
    replaced = entry.get("ReplacementEmailContent", {}).get("ReplacementTemplate", {})
    data = data_of(replaced.get("ReplacementTemplateData", "{}")) or usual
    tags = {tag["Name"]: tag for tag in (*asked.get("DefaultEmailTags", ()), *entry.get("ReplacementTags", ()))}
    one = {**asked, "Destination": entry["Destination"], "EmailTags": list(tags.values())}
    headers = {header["Name"].lower(): header for header in _headers(template, entry)}
    with_headers = {**template, "Headers": list(headers.values())}
    content, failure = written(here, with_headers, data, sender_of(asked), one)
    return sending_of(one, _ACTIONS, content, failure=failure)


def _headers(template: Params, entry: Params) -> list[Params]:
    return [*template.get("Headers", ()), *entry.get("ReplacementHeaders", ())]
