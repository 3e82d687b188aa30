"""Tags of resources, by their ARN."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.resource_tags import tagged

_OF = "of identities and configuration sets only"


@serves("sesv2", note=_OF)
def tag_resource(here: Here, asked: Params) -> Result:
    tags = _tags(here, asked["ResourceArn"])
    tags.update(tagged(tags, asked["Tags"]))
    return {}


@serves("sesv2", note=_OF)
def untag_resource(here: Here, asked: Params) -> Result:
    tags = _tags(here, asked["ResourceArn"])
    for key in asked["TagKeys"]:
        tags.pop(key, None)
    return {}


@serves("sesv2", note=_OF)
def list_tags_for_resource(here: Here, asked: Params) -> Result:
    tags = _tags(here, asked["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _tags(here: Here, arn: str) -> dict[str, str]:
    region = here.region
    kind, _, name = arn.removeprefix(f"arn:aws:ses:{region.name}:{region.account}:").partition("/")
    identity = region.identities.get(name) if kind == "identity" else None
    used = region.configuration_sets.get(name) if kind == "configuration-set" else None
    found = identity or used
    if found is None:
        raise Fault(FaultKind.NOT_FOUND, f"Resource {arn[:200]} does not exist.")
    return found.tags
