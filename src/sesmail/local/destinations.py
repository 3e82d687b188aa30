"""Event destinations in the spelling of v1. The box keeps them as v2 has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sesmail.local.faults import Fault, FaultKind

# v2 and v1 spell nearly everything differently.
EVENT_TYPES = {
    "SEND": "send",
    "REJECT": "reject",
    "BOUNCE": "bounce",
    "COMPLAINT": "complaint",
    "DELIVERY": "delivery",
    "OPEN": "open",
    "CLICK": "click",
    "RENDERING_FAILURE": "renderingFailure",
}  # and two more in v2, which v1 does not tell of
_SOURCES = {"MESSAGE_TAG": "messageTag", "EMAIL_HEADER": "emailHeader", "LINK_TAG": "linkTag"}
_KINDS = (
    ("SnsDestination", "SNSDestination", {"TopicArn": "TopicARN"}),
    (
        "KinesisFirehoseDestination",
        "KinesisFirehoseDestination",
        {"IamRoleArn": "IAMRoleARN", "DeliveryStreamArn": "DeliveryStreamARN"},
    ),
)
_CLOUDWATCH = "CloudWatchDestination"


def destination_in_v2(given: Mapping[str, Any]) -> dict[str, Any]:
    """What v1 gave, to be kept."""
    types = _turned(EVENT_TYPES)
    made: dict[str, Any] = {"Enabled": given.get("Enabled", False)}
    made["MatchingEventTypes"] = [types[name] for name in given["MatchingEventTypes"]]
    for v2, v1, members in _KINDS:
        if v1 in given:
            made[v2] = _respelled(given[v1], _turned(members))
    if _CLOUDWATCH in given:
        made[_CLOUDWATCH] = _dimensions(given[_CLOUDWATCH], _turned(_SOURCES))
    if len(made) != 3:
        raise Fault(FaultKind.INVALID, "An event destination has exactly one of its kinds, such as SNSDestination.")
    return made


def destination_in_v1(name: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept, for v1."""
    types = [EVENT_TYPES[kind] for kind in kept["MatchingEventTypes"] if kind in EVENT_TYPES]
    about: dict[str, Any] = {"Name": name, "Enabled": kept["Enabled"], "MatchingEventTypes": types}
    for v2, v1, members in _KINDS:
        if v2 in kept:
            about[v1] = _respelled(kept[v2], members)
    if _CLOUDWATCH in kept:
        about[_CLOUDWATCH] = _dimensions(kept[_CLOUDWATCH], _SOURCES)
    return about


def _turned(spelling: Mapping[str, str]) -> dict[str, str]:
    return {other: one for one, other in spelling.items()}


def _respelled(members: Mapping[str, str], spelling: Mapping[str, str]) -> dict[str, str]:
    return {spelling[name]: text for name, text in members.items()}


def _dimensions(given: Mapping[str, Any], spelling: Mapping[str, str]) -> dict[str, Any]:
    all_of_them = given["DimensionConfigurations"]
    changed = [{**one, "DimensionValueSource": spelling[one["DimensionValueSource"]]} for one in all_of_them]
    return {"DimensionConfigurations": changed}
