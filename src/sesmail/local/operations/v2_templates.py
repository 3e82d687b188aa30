"""Stored templates by v2."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.faults import FaultKind
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.resource_tags import tagged
from sesmail.local.templates.shelf import add_template, change_template, known_template, newest_first
from sesmail.local.templates.stored import data_of
from sesmail.local.templates.trial import tried

_MOST_LISTED = 100


@serves("sesv2")
def create_email_template(here: Here, asked: Params) -> Result:
    tags = tagged({}, asked.get("Tags", ()))
    add_template(here, asked["TemplateName"], asked["TemplateContent"]).tags = tags
    return {}


@serves("sesv2")
def update_email_template(here: Here, asked: Params) -> Result:
    change_template(here, asked["TemplateName"], asked["TemplateContent"])
    return {}


@serves("sesv2")
def get_email_template(here: Here, asked: Params) -> Result:
    found = known_template(here, asked["TemplateName"])
    tags = [{"Key": key, "Value": value} for key, value in found.tags.items()]
    return {"TemplateName": found.name, "TemplateContent": found.content, "Tags": tags}


@serves("sesv2")
def delete_email_template(here: Here, asked: Params) -> Result:
    del here.region.templates[known_template(here, asked["TemplateName"]).name]
    return {}


@serves("sesv2")
def list_email_templates(here: Here, asked: Params) -> Result:
    shown, token = page(newest_first(here), asked.get("NextToken"), asked.get("PageSize"), _MOST_LISTED)
    listed = [{"TemplateName": one.name, "CreatedTimestamp": one.created} for one in shown]
    return {"TemplatesMetadata": listed, "NextToken": token} if token else {"TemplatesMetadata": listed}


@serves("sesv2")
def test_render_email_template(here: Here, asked: Params) -> Result:
    found = known_template(here, asked["TemplateName"])
    data = data_of(asked["TemplateData"], FaultKind.RENDERING_INVALID)
    return {"RenderedTemplate": tried(here, found, data)}
