"""Rendering: one template, in the environment that a mail's HTML or its text is rendered in."""

from __future__ import annotations

from typing import Any

from jinja2 import DictLoader, StrictUndefined

from sesmail.templates.untrusted import UntrustedEnvironment, UntrustedLimits


def environment(
    *, templates: dict[str, str] | None = None, html: bool = True, limits: UntrustedLimits | None = None, **options: Any
) -> UntrustedEnvironment:
    loader = DictLoader(templates or {})
    options.setdefault("undefined", StrictUndefined)
    return UntrustedEnvironment(loader=loader, autoescape=html, limits=limits, **options)


def render(source: str, *, templates: dict[str, str] | None = None, html: bool = True, **context: Any) -> str:
    return environment(templates=templates, html=html).from_string(source).render(context)
