"""How custom verification e-mail templates begin, change and are found, whichever API asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sesmail.local.addresses import Mailbox
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.verification.content import check_verification_content
from sesmail.local.verification.templates import FIELDS, VerificationTemplate

MOST_TEMPLATES: Final = 50


def add_verification_template(here: Here, asked: Mapping[str, Any], tags: dict[str, str]) -> None:
    """A new one."""
    templates, name = here.region.verification_templates, asked["TemplateName"]
    if name in templates:
        said = f"Custom verification email template {name[:100]} already exists."
        raise Fault(FaultKind.VERIFICATION_EXISTS, said, CustomVerificationEmailTemplateName=name)
    if len(templates) >= MOST_TEMPLATES:
        raise Fault(FaultKind.LIMIT, f"An account has at most {MOST_TEMPLATES} custom verification email templates.")
    made = VerificationTemplate(name, tags=tags, **{own: asked[theirs] for theirs, own in FIELDS.items()})
    _check(here, made)
    templates[name] = made


def change_verification_template(here: Here, asked: Mapping[str, Any]) -> None:
    """What is said takes the place of what was there."""
    found = known_verification_template(here, asked["TemplateName"])
    changed = replace(found, **{own: asked[theirs] for theirs, own in FIELDS.items() if theirs in asked})
    _check(here, changed)
    here.region.verification_templates[found.name] = changed


def known_verification_template(here: Here, name: str) -> VerificationTemplate:
    """The template of this name, or the fault that there is none."""
    found = here.region.verification_templates.get(name)
    if found is None:
        said = f"Custom verification email template {name[:100]} does not exist."
        raise Fault(FaultKind.VERIFICATION_NOT_FOUND, said, CustomVerificationEmailTemplateName=name)
    return found


def _check(here: Here, template: VerificationTemplate) -> None:
    if Mailbox.parse(template.sender).email != template.sender:
        raise Fault(FaultKind.INVALID, "FromEmailAddress must be an address without a name.")
    if here.region.identities.nearest(template.sender, here.now) is None:
        said = f"Email address <{template.sender}> is not verified."
        raise Fault(FaultKind.FROM_NOT_VERIFIED, said, FromEmailAddress=template.sender)
    if any(ord(character) < 32 for character in template.subject):
        raise Fault(FaultKind.INVALID, "The subject contains control characters.")
    for url in (template.success_url, template.failure_url):
        if not url.lower().startswith(("http://", "https://")) or not (url.isascii() and url.isprintable()):
            raise Fault(FaultKind.INVALID, f"{url[:100]!r} is no URL to lead somebody to.")
    check_verification_content(template.content)
