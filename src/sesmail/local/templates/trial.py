"""A trial: what a stored template would say with these data, without a mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.simple_mail import without_people
from sesmail.local.templates.stored import StoredTemplate, rendered
from sesmail.local.templates.written import message_of


def tried(here: Here, template: StoredTemplate, data: Mapping[str, Any]) -> str:
    """The mail that would be, without its people. Here a variable that is missing is a fault at once."""
    outcome = rendered(template.content, data, template.name)
    if outcome.failure:
        kind = FaultKind.RENDERING_MISSING if outcome.is_missing else FaultKind.RENDERING_INVALID
        raise Fault(kind, outcome.failure, TemplateName=template.name)
    return without_people(message_of(outcome), here.now).decode()
