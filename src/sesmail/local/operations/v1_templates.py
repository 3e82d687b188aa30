"""Stored templates by v1: the same templates as in v2, in other spellings."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.faults import FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.templates.shelf import add_template, change_template, known_template, newest_first
from sesmail.local.templates.stored import PARTS, data_of
from sesmail.local.templates.trial import tried

_MOST_LISTED = 100


@serves("ses")
def create_template(here: Here, asked: Params) -> Result:
    given = asked["Template"]
    add_template(here, given["TemplateName"], _in_v2(given))
    return {}


@serves("ses")
def update_template(here: Here, asked: Params) -> Result:
    given = asked["Template"]
    change_template(here, given["TemplateName"], _in_v2(given))
    return {}


@serves("ses")
def get_template(here: Here, asked: Params) -> Result:
    found = known_template(here, asked["TemplateName"])
    parts = {f"{part}Part": text for part, text in found.content.items()}
    return {"Template": {"TemplateName": found.name, **parts}}


@serves("ses")
def delete_template(here: Here, asked: Params) -> Result:
    here.region.templates.pop(asked["TemplateName"], None)
    return {}


@serves("ses")
def list_templates(here: Here, asked: Params) -> Result:
    shown, token = page(newest_first(here), asked.get("NextToken"), asked.get("MaxItems"), _MOST_LISTED)
    listed = [{"Name": one.name, "CreatedTimestamp": one.created} for one in shown]
    return {"TemplatesMetadata": listed, "NextToken": token} if token else {"TemplatesMetadata": listed}


@serves("ses")
def test_render_template(here: Here, asked: Params) -> Result:
    found = known_template(here, asked["TemplateName"])
    data = data_of(asked["TemplateData"], FaultKind.RENDERING_INVALID)
    return {"RenderedTemplate": tried(here, found, data)}


def _in_v2(given: Params) -> dict[str, str]:
    return {part: given[f"{part}Part"] for part in PARTS if f"{part}Part" in given}
