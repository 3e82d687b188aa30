"""Engine: what makes the texts of a mail out of a name and a context. `Templates` is one, on Jinja."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sesmail.mail.attachment import Attachment


@dataclass(frozen=True, slots=True, repr=False)
class Rendered:
    """What an engine gives: the texts, and the files that the HTML shows.

    >>> from sesmail.templates import Rendered
    >>> Rendered(subject="Welcome", text="Hello Ada")
    Rendered(subject, text)
    """

    subject: str = ""
    text: str | None = None
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()

    def __repr__(self) -> str:
        # No text: it holds names and one-time codes.
        return f"Rendered({', '.join(name for name in self.__slots__ if getattr(self, name))})"


class Engine(Protocol):
    """What a mailer asks for its templates.

    A template that cannot be rendered raises `TemplateError`. One engine serves many threads at once.
    """

    def render(
        self, name: str, context: Mapping[str, object], *, locale: str = "", unsubscribe_url: str = ""
    ) -> Rendered:
        """The texts of the mail ``name``. ``locale`` is ``""`` where nobody said one, and so is the URL."""
