"""How stored templates begin, change and are found, whichever API asks."""

from __future__ import annotations

from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.names import check_name
from sesmail.local.templates.stored import Content, StoredTemplate, check_content

MOST_TEMPLATES = 10_000


def add_template(here: Here, name: str, content: Content) -> StoredTemplate:
    """A new one."""
    templates = here.region.templates
    check_name("Template", name, FaultKind.TEMPLATE_INVALID, TemplateName=name)
    if name in templates:
        raise Fault(FaultKind.EXISTS, f"Template {name} already exists.", Name=name)
    if len(templates) >= MOST_TEMPLATES:
        raise Fault(FaultKind.LIMIT, f"You have reached the limit of {MOST_TEMPLATES} templates.")
    check_content(content, name)
    templates[name] = StoredTemplate(name, dict(content), here.now)
    return templates[name]


def known_template(here: Here, name: str) -> StoredTemplate:
    """The template of this name, or the fault that there is none."""
    found = here.region.templates.get(name)
    if found is None:
        raise Fault(FaultKind.TEMPLATE_NOT_FOUND, f"Template {name[:100]} does not exist.", TemplateName=name)
    return found


def change_template(here: Here, name: str, content: Content) -> None:
    """Other content in the place of all that was there."""
    found = known_template(here, name)
    check_content(content, name)
    found.content = dict(content)


def newest_first(here: Here) -> list[StoredTemplate]:
    """All of them. Those of the same moment in the order of their names."""
    return sorted(here.region.templates.values(), key=lambda one: (-one.created, one.name))
