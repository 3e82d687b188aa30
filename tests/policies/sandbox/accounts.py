"""Accounts that know what a test says, and count how often they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sesmail.errors import AccountError, SesmailError
from sesmail.ses.account import UNKNOWN, Standing

T = TypeVar("T")
SANDBOX = Standing(production=False, sending=True, rate=1.0, quota=200.0, sent=0.0)
PRODUCTION = Standing(production=True, sending=True, rate=14.0, quota=50_000.0, sent=0.0)
THROTTLED = AccountError("too fast", operation="GetAccount", code="TooManyRequestsException", retryable=True)
CUT_OFF = AccountError("no answer", operation="GetAccount", retryable=True)


@dataclass
class Answer(Generic[T]):
    """Each time the next of these, and the last one for ever."""

    answers: list[T | SesmailError]
    asked: int = 0

    def answer(self) -> T:
        self.asked += 1
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, SesmailError):
            raise said
        return said

    async def aanswer(self) -> T:
        return self.answer()


class KnownAccount:
    """An account of which a test knows all."""

    def __init__(
        self,
        standing: Standing | SesmailError | list[Standing | SesmailError] = SANDBOX,
        identities: Mapping[str, bool] | SesmailError | None = None,
        *,
        region: str = "eu-west-1",
    ) -> None:
        self.region = region
        self.key = f"test@{region}"
        self.says: Answer[Standing] = Answer(standing if isinstance(standing, list) else [standing])
        self.lists: Answer[Mapping[str, bool] | None] = Answer([identities])

    def now(self, standing: Standing, identities: Mapping[str, bool] | None = None) -> None:
        """It is another from now on."""
        self.says.answers = [standing]
        self.lists.answers = [identities]

    def standing(self) -> Answer[Standing]:
        return self.says

    def identities(self) -> Answer[Mapping[str, bool] | None]:
        return self.lists

    @property
    def asked(self) -> tuple[int, int]:
        """How often for each of the two."""
        return self.says.asked, self.lists.asked


__all__ = ["CUT_OFF", "PRODUCTION", "SANDBOX", "THROTTLED", "UNKNOWN", "Answer", "KnownAccount"]
