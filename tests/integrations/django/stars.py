"""A tag of the project's own."""

from __future__ import annotations

from django import template

register = template.Library()


@register.simple_tag  # type: ignore[untyped-decorator]
def stars(count: int) -> str:
    return "*" * count


@register.simple_tag  # type: ignore[untyped-decorator]
def fails() -> str:
    raise RuntimeError("hunter2")
