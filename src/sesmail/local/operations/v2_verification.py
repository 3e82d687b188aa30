"""Custom verification e-mail templates and their mail, by v2."""

from __future__ import annotations

from sesmail.local.call import Params, Result
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.resource_tags import tagged
from sesmail.local.verification.mails import send_verification
from sesmail.local.verification.shelf import (
    add_verification_template,
    change_verification_template,
    known_verification_template,
)

_MOST_LISTED = 50
_SHOWN = "FromEmailAddress TemplateName TemplateSubject SuccessRedirectionURL FailureRedirectionURL".split()


@serves("sesv2")
def create_custom_verification_email_template(here: Here, asked: Params) -> Result:
    add_verification_template(here, asked, tagged({}, asked.get("Tags", ())))
    return {}


@serves("sesv2")
def update_custom_verification_email_template(here: Here, asked: Params) -> Result:
    change_verification_template(here, asked)
    return {}


@serves("sesv2")
def get_custom_verification_email_template(here: Here, asked: Params) -> Result:
    found = known_verification_template(here, asked["TemplateName"])
    return {**found.told, "Tags": [{"Key": key, "Value": value} for key, value in found.tags.items()]}


@serves("sesv2")
def delete_custom_verification_email_template(here: Here, asked: Params) -> Result:
    del here.region.verification_templates[known_verification_template(here, asked["TemplateName"]).name]
    return {}


@serves("sesv2")
def list_custom_verification_email_templates(here: Here, asked: Params) -> Result:
    kept = list(here.region.verification_templates.values())
    shown, token = page(kept, asked.get("NextToken"), asked.get("PageSize"), _MOST_LISTED)
    listed = [{name: one.told[name] for name in _SHOWN} for one in shown]
    about = {"CustomVerificationEmailTemplates": listed}
    return {**about, "NextToken": token} if token else about


@serves("sesv2", sends=True)
def send_custom_verification_email(here: Here, asked: Params) -> Result:
    template = known_verification_template(here, asked["TemplateName"])
    sent = send_verification(here, template, asked["EmailAddress"], asked.get("ConfigurationSetName", ""))
    return {"MessageId": sent}
