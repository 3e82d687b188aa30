"""Structure: which part goes inside which. Users say what they have; this says how it nests.

::

    mixed
    ├── alternative
    │   ├── text/plain
    │   ├── text/x-amp-html
    │   ├── related
    │   │   ├── text/html
    │   │   └── inline images
    │   └── text/calendar and other forms
    └── attachments

A level with one thing in it is left out. Inline attachments without HTML to show them are attached.
"""

from __future__ import annotations

from typing import NamedTuple

from sesmail.mail.attachment import Attachment
from sesmail.mail.message import Email

Parameters = tuple[tuple[str, str], ...]


class TextPart(NamedTuple):
    """A body of text."""

    text: str
    content_type: str
    parameters: Parameters = ()


class Multipart(NamedTuple):
    """Parts inside a part."""

    subtype: str
    parts: tuple[Part, ...]
    parameters: Parameters = ()


Part = TextPart | Attachment | Multipart


def structure(email: Email) -> Part:
    """The tree of parts for a mail."""
    if email.html is None and not email.attachments and not email.alternatives:
        return TextPart(email.text or "", "text/plain")
    shows = email.html is not None
    shown = tuple(file for file in email.attachments if shows and file.inline)
    files = tuple(file for file in email.attachments if not (shows and file.inline))
    forms = _forms(email, shown)
    body = forms if len(forms) < 2 else (Multipart("alternative", forms),)
    return Multipart("mixed", (*body, *files)) if files else body[0]


def _forms(email: Email, shown: tuple[Attachment, ...]) -> tuple[Part, ...]:
    """The forms of the text from plain to rich, as RFC 2046 5.1.4 wants them."""
    from sesmail.mail.alternative import AMP

    forms: list[Part] = []
    if email.text is not None:
        forms.append(TextPart(email.text, "text/plain"))
    others = [TextPart(other.text, other.content_type, other.parameters) for other in email.alternatives]
    forms += [other for other in others if other.content_type == AMP]
    if email.html is not None:
        html = TextPart(email.html, "text/html")
        # RFC 2387 3.1: related names the type of its root.
        forms.append(Multipart("related", (html, *shown), (("type", "text/html"),)) if shown else html)
    forms += [other for other in others if other.content_type != AMP]
    return tuple(forms)
