"""A mail out of a template: which content, with which data, and the bytes that SES makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.sending import RenderingFailure
from sesmail.local.simple_mail import built
from sesmail.local.templates.shelf import known_template
from sesmail.local.templates.stored import Content, Rendered, check_content, rendered

_WAYS = ("TemplateName", "TemplateArn", "TemplateContent")


def written(
    here: Here, template: Mapping[str, Any], data: Mapping[str, Any], sender: str, asked: Mapping[str, Any]
) -> tuple[bytes, RenderingFailure | None]:
    """The bytes, and why the template could not be rendered, if it could not. Then they hold it as it stands there."""
    content, name = _content(here, template)
    outcome = rendered(content, data, name)
    failure = RenderingFailure(name, outcome.failure) if outcome.failure else None
    return built({**template, **message_of(outcome)}, sender, asked), failure


def message_of(outcome: Rendered) -> dict[str, Any]:
    """Subject and body, as a simple mail has them."""
    texts = {part: {"Data": text, "Charset": "UTF-8"} for part, text in outcome.texts.items()}
    subject = texts.pop("Subject", {"Data": ""})
    return {"Subject": subject, "Body": texts}


def _content(here: Here, template: Mapping[str, Any]) -> tuple[Content, str]:
    """The content and the name of a template, which one that comes with the call has not."""
    said = [way for way in _WAYS if template.get(way)]
    if len(said) != 1:
        raise Fault(FaultKind.INVALID, f"A template is said by exactly one of {', '.join(_WAYS)}.")
    if said == ["TemplateContent"]:
        check_content(template["TemplateContent"], "", simple=True)
        return template["TemplateContent"], ""
    name = template.get("TemplateName") or template["TemplateArn"].removeprefix(here.region.arn("template", ""))
    return known_template(here, name).content, name
