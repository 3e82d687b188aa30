"""Configuration sets by v1: the same sets as in v2, in other spellings."""

from __future__ import annotations

from typing import Any

from sesmail.local.call import Params, Result
from sesmail.local.configuration_sets import ConfigurationSet
from sesmail.local.destinations import destination_in_v1, destination_in_v2
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.sets import add_destination, add_set, known_destination, known_set

_NAME = "ConfigurationSetName"
_KEPT = "kept and told; only sending options change what happens"
_NOT_POSTED = "events are matched and kept; nothing posts them yet"


@serves("ses")
def create_configuration_set(here: Here, asked: Params) -> Result:
    add_set(here, asked["ConfigurationSet"]["Name"])
    return {}


@serves("ses")
def delete_configuration_set(here: Here, asked: Params) -> Result:
    del here.region.configuration_sets[known_set(here, asked[_NAME]).name]
    return {}


@serves("ses")
def list_configuration_sets(here: Here, asked: Params) -> Result:
    names, token = page(sorted(here.region.configuration_sets), asked.get("NextToken"), asked.get("MaxItems"), 1000)
    about: dict[str, Any] = {"ConfigurationSets": [{"Name": name} for name in names]}
    return {**about, "NextToken": token} if token else about


@serves("ses")
def describe_configuration_set(here: Here, asked: Params) -> Result:
    found = known_set(here, asked[_NAME])
    wanted = asked.get("ConfigurationSetAttributeNames", ())
    about: dict[str, Any] = {"ConfigurationSet": {"Name": found.name}}
    for attribute in wanted:
        name = attribute[:1].upper() + attribute[1:]
        value = _DESCRIBED[attribute](found)
        about |= {name: value} if value else {}
    return about


def _destinations(found: ConfigurationSet) -> list[Result]:
    return [destination_in_v1(name, destination) for name, destination in found.destinations.items()]


def _tracking(found: ConfigurationSet) -> Result:
    domain = found.options.get("TrackingOptions", {}).get("CustomRedirectDomain")
    return {"CustomRedirectDomain": domain} if domain else {}


def _delivery(found: ConfigurationSet) -> Result:
    policy = found.options.get("DeliveryOptions", {}).get("TlsPolicy")
    return {"TlsPolicy": policy.capitalize()} if policy else {}


def _reputation(found: ConfigurationSet) -> Result:
    metrics = found.options.get("ReputationOptions", {}).get("ReputationMetricsEnabled", False)
    return {"SendingEnabled": found.sending_enabled, "ReputationMetricsEnabled": metrics}


_DESCRIBED = {
    "eventDestinations": _destinations,
    "trackingOptions": _tracking,
    "deliveryOptions": _delivery,
    "reputationOptions": _reputation,
}


# ── options ──────────────────────────────────────────────────────────────────────────────────────────────────────


@serves("ses", note=_KEPT)
def put_configuration_set_delivery_options(here: Here, asked: Params) -> Result:
    policy = asked.get("DeliveryOptions", {}).get("TlsPolicy", "Optional")
    known_set(here, asked[_NAME]).options["DeliveryOptions"] = {"TlsPolicy": policy.upper()}
    return {}


@serves("ses", note=_KEPT)
def update_configuration_set_reputation_metrics_enabled(here: Here, asked: Params) -> Result:
    options = known_set(here, asked[_NAME]).options
    options["ReputationOptions"] = {"ReputationMetricsEnabled": asked["Enabled"]}
    return {}


@serves("ses")
def update_configuration_set_sending_enabled(here: Here, asked: Params) -> Result:
    known_set(here, asked[_NAME]).options["SendingOptions"] = {"SendingEnabled": asked["Enabled"]}
    return {}


@serves("ses", note=_KEPT)
def create_configuration_set_tracking_options(here: Here, asked: Params) -> Result:
    found = known_set(here, asked[_NAME])
    if "TrackingOptions" in found.options:
        raise _tracking_fault(FaultKind.TRACKING_EXISTS, found.name, "already has tracking options")
    return _track(found, asked)


@serves("ses", note=_KEPT)
def update_configuration_set_tracking_options(here: Here, asked: Params) -> Result:
    return _track(_tracked(here, asked), asked)


@serves("ses")
def delete_configuration_set_tracking_options(here: Here, asked: Params) -> Result:
    del _tracked(here, asked).options["TrackingOptions"]
    return {}


def _track(found: ConfigurationSet, asked: Params) -> Result:
    domain = asked["TrackingOptions"].get("CustomRedirectDomain")
    if not domain:
        raise Fault(FaultKind.TRACKING_INVALID, "Tracking options need a CustomRedirectDomain.")
    found.options["TrackingOptions"] = {"CustomRedirectDomain": domain}
    return {}


def _tracked(here: Here, asked: Params) -> ConfigurationSet:
    found = known_set(here, asked[_NAME])
    if "TrackingOptions" not in found.options:
        raise _tracking_fault(FaultKind.TRACKING_NOT_FOUND, found.name, "has no tracking options")
    return found


def _tracking_fault(kind: FaultKind, name: str, what: str) -> Fault:
    return Fault(kind, f"Configuration set <{name}> {what}.", ConfigurationSetName=name)


# ── where events go ──────────────────────────────────────────────────────────────────────────────────────────────


@serves("ses", note=_NOT_POSTED)
def create_configuration_set_event_destination(here: Here, asked: Params) -> Result:
    found, given = known_set(here, asked[_NAME]), asked["EventDestination"]
    add_destination(found, given["Name"], destination_in_v2(given))
    return {}


@serves("ses", note=_NOT_POSTED)
def update_configuration_set_event_destination(here: Here, asked: Params) -> Result:
    given = asked["EventDestination"]
    known_destination(here, asked[_NAME], given["Name"]).destinations[given["Name"]] = destination_in_v2(given)
    return {}


@serves("ses")
def delete_configuration_set_event_destination(here: Here, asked: Params) -> Result:
    found = known_destination(here, asked[_NAME], asked["EventDestinationName"])
    del found.destinations[asked["EventDestinationName"]]
    return {}
