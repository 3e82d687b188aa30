"""Rendering: what one mail in the making knows, for the functions that its templates call.

They find it in a context variable and not in Jinja's context: a macro that was imported has no context.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sesmail.mail.attachment import Attachment


class Rendering:
    """One mail in the making."""

    __slots__ = ("attachments", "locale")

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.attachments: dict[str, Attachment] = {}
        """The files that it shows, by what the template calls them."""


_CURRENT: ContextVar[Rendering] = ContextVar("sesmail_rendering")


def current() -> Rendering:
    """The one that this thread or task is at."""
    return _CURRENT.get(None) or Rendering("")  # whoever renders by hand has one for nothing


@contextmanager
def begun(locale: str) -> Iterator[Rendering]:
    """Begin one; it ends with the block."""
    token = _CURRENT.set(Rendering(locale))
    try:
        yield _CURRENT.get()
    finally:
        _CURRENT.reset(token)
