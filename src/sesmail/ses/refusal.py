"""Refusal: what SES said when it said no, by whichever door, and what is known beside it. `verdicts` judges it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from sesmail.errors import Outcome, SendError
from sesmail.ses.people import NOBODY, People
from sesmail.ses.sayings import quoted


class Facts(TypedDict):
    """What every error of a send is given."""

    code: str
    stage: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One answer, with its code as SES spells it."""

    code: str
    status: int
    text: str = field(repr=False)
    region: str
    """The Region that was to be spoken with; empty where nobody knows it."""
    people: People = NOBODY
    stage: str = "reply"
    operation: str = ""
    """The operation of the API; empty by SMTP."""
    sends: bool = True
    """Whether a mail is refused, and not a call about the account."""
    at_risk: bool = False
    """Whether all of the mail had left before the answer came."""
    request_id: str = ""
    retry_after_s: float | None = None

    @property
    def who(self) -> str:
        """Who said it."""
        return f"SES{self.there}"

    @property
    def what(self) -> str:
        """What was refused."""
        return "the mail" if self.sends else f"the call {self.operation}"

    @property
    def there(self) -> str:
        """In that Region, where there is one."""
        return f" in {self.region}" if self.region else ""

    @property
    def said(self) -> str:
        """The code, and what was said with it, fit for the text of an error."""
        code, text = self.code or f"status {self.status}", quoted(self.text)
        return f"{code}: {text}" if text else code

    @property
    def facts(self) -> Facts:
        """What every error of a send is given."""
        return {"code": self.code, "stage": self.stage, "request_id": self.request_id}

    def error(
        self,
        kind: type[SendError],
        text: str,
        *,
        retryable: bool | None = None,
        outcome: Outcome | None = None,
        recipients: Sequence[str] = (),
    ) -> SendError:
        """An error with its facts; without more, it has the usual answers of its class."""
        return kind(
            text,
            retryable=retryable,
            outcome=outcome,
            retry_after_s=self.retry_after_s,
            recipients=recipients,
            **self.facts,
        )

    def elsewhere(self, region: str) -> str:
        """What it means that another Region speaks than was meant to be spoken with, as a sentence."""
        if not region or not self.region or region.lower() == self.region.lower():
            return ""
        return f" It was {region} that answered, and not {self.region}: look at Region and endpoint of this way out."


Verdict = Callable[[Refusal], SendError]
