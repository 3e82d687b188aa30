"""Templates that an account keeps, and what becomes of one with data: texts, or a reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sesmail.errors import TemplateError
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.json_text import json_object
from sesmail.ses.handlebars import MissingVariable, Template

PARTS: Final = ("Subject", "Text", "Html")
LARGEST_PARTS: Final = 500 * 1024

Content = Mapping[str, str]  # by PARTS, as v2 has it; a part may be missing


@dataclass(slots=True)
class StoredTemplate:
    """A template by its name."""

    name: str
    content: dict[str, str]
    created: float
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The texts; where something was missing, those of the template as they stand there, and the reason."""

    texts: Content
    failure: str = ""
    is_missing: bool = False  # a variable, and nothing else is wrong


def check_content(content: Content, name: str, *, simple: bool = False) -> None:
    """Whether this can be a template. What nobody could render is refused when it is kept, not when it is sent."""
    if name and not content.get("Subject"):
        raise Fault(FaultKind.INVALID, "The subject must be specified.")
    if sum(len(content.get(part, "").encode()) for part in PARTS) > LARGEST_PARTS:
        said = f"The template is larger than {LARGEST_PARTS // 1024} KB."
        raise Fault(FaultKind.TEMPLATE_INVALID, said, TemplateName=name)
    for part in PARTS:
        _parsed(content.get(part, ""), name, simple=simple)


def rendered(content: Content, data: Mapping[str, Any], name: str = "") -> Rendered:
    """The texts with the data in them. A variable that the data has not is a failure, and no fault."""
    parsed = {part: _parsed(content[part], name) for part in PARTS if part in content}
    try:
        return Rendered({part: template.render(data) for part, template in parsed.items()})
    except MissingVariable as missing:
        return Rendered(content, f"Attribute '{missing.variable}' is not present in the rendering data.", True)
    except TemplateError as error:
        return Rendered(content, str(error))


def data_of(text: str, kind: FaultKind = FaultKind.INVALID) -> dict[str, Any]:
    """The data of a template, which travels as the text of a JSON object."""
    data = json_object(text)
    if data is None:
        raise Fault(kind, "The template data is no JSON object.")
    return data


@lru_cache(maxsize=8)  # the parts of the templates that are sent right now, to many perhaps
def _parsed(text: str, name: str, *, simple: bool = False) -> Template:
    try:
        return Template.parse(text, name=name, simple=simple)
    except TemplateError as error:
        raise Fault(FaultKind.TEMPLATE_INVALID, str(error), TemplateName=name) from error
