"""Alternative: another way to show the same mail, such as an invitation or AMP."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sesmail.errors import InvalidHeader
from sesmail.mail.characters import body_text, header_text
from sesmail.mail.media_types import parse_content_type

_METHOD = re.compile(r"[A-Za-z\-]{1,40}")
AMP = "text/x-amp-html"


@dataclass(frozen=True, slots=True, repr=False, init=False)
class Alternative:
    r"""A further form of the text, from which a mail client picks the one that it shows best.

    >>> from sesmail import Alternative
    >>> Alternative("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar; method=REQUEST")
    Alternative('text/calendar', 32 characters)

    ``content_type`` is a text type other than ``text/plain`` and ``text/html``, which are `Email.text` and
    `Email.html`. `calendar` and `amp` make the two that most people want.
    """

    text: str
    content_type: str
    parameters: tuple[tuple[str, str], ...]

    def __init__(self, text: str, content_type: str) -> None:
        kind, parameters = parse_content_type(content_type)
        if not kind.startswith("text/") or kind in ("text/plain", "text/html"):
            raise InvalidHeader("an alternative is text other than plain and html", field="content_type")
        if "charset" in dict(parameters):
            raise InvalidHeader("the charset is always utf-8; leave it out", field="content_type")
        object.__setattr__(self, "text", body_text(text, "text"))
        object.__setattr__(self, "content_type", kind)
        object.__setattr__(self, "parameters", parameters)

    @classmethod
    def calendar(cls, ics: str, *, method: str = "REQUEST") -> Alternative:
        """An invitation that calendars answer to. ``method`` must be the METHOD that stands in the text (RFC 6047)."""
        if not _METHOD.fullmatch(header_text(method, "method")):
            raise InvalidHeader("expected a method such as REQUEST or CANCEL", field="method")
        return cls(ics, f"text/calendar; method={method}")

    @classmethod
    def amp(cls, html: str) -> Alternative:
        """The AMP form of the mail. It stands before the HTML, since some clients show the last part they know."""
        return cls(html, AMP)

    def __repr__(self) -> str:
        return f"Alternative({self.content_type!r}, {len(self.text)} characters)"
