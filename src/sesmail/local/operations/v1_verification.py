"""Custom verification e-mail templates and their mail, by v1: the same as in v2, and an update may leave things out."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.here import Here
from sesmail.local.operations import v2_verification
from sesmail.local.operations.served import serves
from sesmail.local.verification.shelf import (
    add_verification_template,
    change_verification_template,
    known_verification_template,
)


@serves("ses")
def create_custom_verification_email_template(here: Here, asked: Params) -> Result:
    add_verification_template(here, asked, {})
    return {}


@serves("ses")
def update_custom_verification_email_template(here: Here, asked: Params) -> Result:
    change_verification_template(here, asked)
    return {}


@serves("ses")
def get_custom_verification_email_template(here: Here, asked: Params) -> Result:
    return known_verification_template(here, asked["TemplateName"]).told


@serves("ses")
def delete_custom_verification_email_template(here: Here, asked: Params) -> Result:
    here.region.verification_templates.pop(asked["TemplateName"], None)
    return {}


@serves("ses")
def list_custom_verification_email_templates(here: Here, asked: Params) -> Result:
    in_v2 = {**asked, "PageSize": asked.get("MaxResults")}
    return v2_verification.list_custom_verification_email_templates(here, in_v2)


@serves("ses", sends=True)
def send_custom_verification_email(here: Here, asked: Params) -> Result:
    return v2_verification.send_custom_verification_email(here, asked)
