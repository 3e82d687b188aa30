"""Outcome: what comes of a template and its data, in one value, so that two renderers can be compared."""

from __future__ import annotations

from collections.abc import Mapping

from sesmail.errors import TemplateError
from sesmail.ses.handlebars import MissingVariable, Template

from .cases import REFUSED, Expected, Missing


def outcome_of(template: str, data: Mapping[str, object]) -> Expected:
    """What our own renderer makes of it."""
    try:
        return Template.parse(template).render(data)
    except MissingVariable as error:
        return Missing(error.variable)
    except TemplateError:
        return REFUSED
