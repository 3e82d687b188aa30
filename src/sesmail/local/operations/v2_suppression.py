"""The suppression list, which only v2 has."""

from __future__ import annotations

from sesmail.local.addresses import Mailbox
from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.suppression import Suppressed, SuppressionList
from sesmail.local.tenants.tenancy import known_tenant


@serves("sesv2")
def put_suppressed_destination(here: Here, asked: Params) -> Result:
    if Mailbox.parse(asked["EmailAddress"]).email != asked["EmailAddress"]:
        raise Fault(FaultKind.INVALID, "EmailAddress must be an address without a name.")
    if here.region.sandbox:
        raise Fault(FaultKind.INVALID, "This operation is not available while the account is in the sandbox.")
    _entries(here, asked).put(Suppressed(asked["EmailAddress"], asked["Reason"], here.now))
    return {}


@serves("sesv2")
def get_suppressed_destination(here: Here, asked: Params) -> Result:
    entry = _entries(here, asked).get(asked["EmailAddress"])
    if entry is None:
        raise _not_listed(asked["EmailAddress"])
    tenant = {"TenantName": asked["TenantName"]} if asked.get("TenantName") else {}
    return {"SuppressedDestination": {**_entry(entry), **tenant}}


@serves("sesv2")
def delete_suppressed_destination(here: Here, asked: Params) -> Result:
    if _entries(here, asked).remove(asked["EmailAddress"]) is None:
        raise _not_listed(asked["EmailAddress"])
    return {}


@serves("sesv2")
def list_suppressed_destinations(here: Here, asked: Params) -> Result:
    start, end = asked.get("StartDate", 0.0), asked.get("EndDate", float("inf"))
    reasons = asked.get("Reasons")
    listed = [
        entry
        for entry in _entries(here, asked).entries.values()
        if start <= entry.since <= end and (not reasons or entry.reason in reasons)
    ]
    shown, token = page(listed, asked.get("NextToken"), asked.get("PageSize"), 1000)
    about = {"SuppressedDestinationSummaries": [_entry(entry) for entry in shown]}
    return {**about, "NextToken": token} if token else about


def _entries(here: Here, asked: Params) -> SuppressionList:
    """The list of the account, or of the tenant that is named."""
    name = asked.get("TenantName")
    return known_tenant(here, name).suppression if name else here.region.suppression


def _entry(entry: Suppressed) -> Result:
    return {"EmailAddress": entry.address, "Reason": entry.reason, "LastUpdateTime": entry.since}


def _not_listed(address: str) -> Fault:
    return Fault(FaultKind.NOT_FOUND, f"Email address {address[:320]} does not exist on your suppression list.")
