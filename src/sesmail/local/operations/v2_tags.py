"""Tags of resources, by their ARN."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.resource_tags import tagged
from sesmail.local.resources import known_resource


@serves("sesv2")
def tag_resource(here: Here, asked: Params) -> Result:
    tags = _tags(here, asked["ResourceArn"])
    tags.update(tagged(tags, asked["Tags"]))
    return {}


@serves("sesv2")
def untag_resource(here: Here, asked: Params) -> Result:
    tags = _tags(here, asked["ResourceArn"])
    for key in asked["TagKeys"]:
        tags.pop(key, None)
    return {}


@serves("sesv2")
def list_tags_for_resource(here: Here, asked: Params) -> Result:
    tags = _tags(here, asked["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _tags(here: Here, arn: str) -> dict[str, str]:
    return known_resource(here, arn).tags
