"""Configuration sets by v2."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.filters import Questions, filtered
from sesmail.local.here import Here
from sesmail.local.ip_pools import known_pool
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.resource_tags import tagged
from sesmail.local.sets import add_destination, add_set, known_destination, known_set

_KEPT = "kept and told; only sending and suppression options change what happens"
_OPTIONS = (
    "TrackingOptions",
    "DeliveryOptions",
    "ReputationOptions",
    "SendingOptions",
    "SuppressionOptions",
    "VdmOptions",
    "ArchivingOptions",
    "MessageSecurityOptions",
)
_NAME = "ConfigurationSetName"
_FILTERS: Questions[str] = {"CONFIGURATION_SET_NAME_CONTAINS": lambda name, value: value in name}


@serves("sesv2", note=_KEPT)
def create_configuration_set(here: Here, asked: Params) -> Result:
    tags = tagged({}, asked.get("Tags", ()))
    _check_pool(here, asked.get("DeliveryOptions", {}))
    made = add_set(here, asked[_NAME])
    made.options = {name: dict(asked[name]) for name in _OPTIONS if name in asked}
    made.tags = tags
    return {}


@serves("sesv2", note=_KEPT)
def update_configuration_set(here: Here, asked: Params) -> Result:
    found = known_set(here, asked[_NAME])
    found.options |= {name: dict(asked[name]) for name in _OPTIONS if name in asked}
    return {}


@serves("sesv2")
def get_configuration_set(here: Here, asked: Params) -> Result:
    found = known_set(here, asked[_NAME])
    about = {
        _NAME: found.name,
        "SendingOptions": {"SendingEnabled": True},
        "ReputationOptions": {"ReputationMetricsEnabled": False},
        "DeliveryOptions": {"TlsPolicy": "OPTIONAL"},
        "Tags": [{"Key": key, "Value": value} for key, value in found.tags.items()],
    }
    return about | found.options


@serves("sesv2")
def list_configuration_sets(here: Here, asked: Params) -> Result:
    found = filtered(sorted(here.region.configuration_sets), asked.get("Filter", {}), _FILTERS)
    names, token = page(found, asked.get("NextToken"), asked.get("PageSize"), 1000)
    return {"ConfigurationSets": names, "NextToken": token} if token else {"ConfigurationSets": names}


@serves("sesv2")
def delete_configuration_set(here: Here, asked: Params) -> Result:
    del here.region.configuration_sets[known_set(here, asked[_NAME]).name]
    return {}


def _check_pool(here: Here, delivery: Params) -> None:
    if delivery.get("SendingPoolName"):
        known_pool(here.region.ip_pools, delivery["SendingPoolName"])


def _put(here: Here, asked: Params, option: str) -> Result:
    """Options come whole: what is not said is as if it had never been said."""
    options = {name: value for name, value in asked.items() if name != _NAME}
    known_set(here, asked[_NAME]).options[option] = options
    return {}


@serves("sesv2", note=_KEPT)
def put_configuration_set_archiving_options(here: Here, asked: Params) -> Result:
    return _put(here, asked, "ArchivingOptions")


@serves("sesv2", note=_KEPT)
def put_configuration_set_delivery_options(here: Here, asked: Params) -> Result:
    _check_pool(here, asked)
    return _put(here, asked, "DeliveryOptions")


@serves("sesv2", note=_KEPT)
def put_configuration_set_reputation_options(here: Here, asked: Params) -> Result:
    return _put(here, asked, "ReputationOptions")


@serves("sesv2")
def put_configuration_set_sending_options(here: Here, asked: Params) -> Result:
    return _put(here, {"SendingEnabled": False, **asked}, "SendingOptions")


@serves("sesv2", note="validation of addresses is kept, and not done")
def put_configuration_set_suppression_options(here: Here, asked: Params) -> Result:
    return _put(here, {"SuppressedReasons": [], **asked}, "SuppressionOptions")


@serves("sesv2", note=_KEPT)
def put_configuration_set_tracking_options(here: Here, asked: Params) -> Result:
    found = known_set(here, asked[_NAME])
    if "CustomRedirectDomain" in asked:
        return _put(here, asked, "TrackingOptions")
    found.options.pop("TrackingOptions", None)
    return {}


@serves("sesv2", note=_KEPT)
def put_configuration_set_vdm_options(here: Here, asked: Params) -> Result:
    known_set(here, asked[_NAME]).options["VdmOptions"] = dict(asked.get("VdmOptions", {}))
    return {}


# ── where events go ──────────────────────────────────────────────────────────────────────────────────────────────

_NOT_POSTED = "events are matched and kept; nothing posts them yet"


@serves("sesv2", note=_NOT_POSTED)
def create_configuration_set_event_destination(here: Here, asked: Params) -> Result:
    add_destination(known_set(here, asked[_NAME]), asked["EventDestinationName"], _destination(asked))
    return {}


@serves("sesv2", note=_NOT_POSTED)
def update_configuration_set_event_destination(here: Here, asked: Params) -> Result:
    found = known_destination(here, asked[_NAME], asked["EventDestinationName"])
    found.destinations[asked["EventDestinationName"]] = _destination(asked)
    return {}


@serves("sesv2")
def delete_configuration_set_event_destination(here: Here, asked: Params) -> Result:
    found = known_destination(here, asked[_NAME], asked["EventDestinationName"])
    del found.destinations[asked["EventDestinationName"]]
    return {}


@serves("sesv2")
def get_configuration_set_event_destinations(here: Here, asked: Params) -> Result:
    found = known_set(here, asked[_NAME]).destinations
    return {"EventDestinations": [{"Name": name, **destination} for name, destination in found.items()]}


def _destination(asked: Params) -> dict[str, object]:
    given = {"Enabled": False, "MatchingEventTypes": [], **asked["EventDestination"]}
    if sum(name.endswith("Destination") for name in given) != 1:
        raise Fault(FaultKind.INVALID, "An event destination has exactly one of its kinds, such as SnsDestination.")
    return given
