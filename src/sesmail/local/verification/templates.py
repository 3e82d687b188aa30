"""Custom verification e-mail templates: mails that ask somebody to verify an address, in the account owner's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# Their names in the calls, and here.
FIELDS: Final[Mapping[str, str]] = {
    "FromEmailAddress": "sender",
    "TemplateSubject": "subject",
    "TemplateContent": "content",
    "SuccessRedirectionURL": "success_url",
    "FailureRedirectionURL": "failure_url",
}


@dataclass(frozen=True, slots=True)
class VerificationTemplate:
    """One of them."""

    name: str
    sender: str
    subject: str
    content: str
    success_url: str
    failure_url: str
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, str]:
        """All of it but the tags, by the names of the calls."""
        return {"TemplateName": self.name, **{name: getattr(self, own) for name, own in FIELDS.items()}}
