"""Question: what is asked of SES by calls that only read, in both colours, and what keeps it from being answered.

Rule 1: who may not ask is told so by the answer, and not by an error: there is nothing that a repetition would mend.
Rule 2: whatever else keeps SES from answering is an `AccountError`. Reading does no harm, so a broken line is always
        one that may be asked again.
Rule 3: a question that is asked again goes on with the call that failed. SES takes one such call a second, and a list
        has many pages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Generator
from typing import Generic, TypeVar

from sesmail._driver import awaited_driver, driver
from sesmail.errors import AccessDenied, AccountError, AuthFailed, ConnectFailed, CredentialsMissing, SendError
from sesmail.ses.call import ApiFault, Call, Client, Reply

T = TypeVar("T")
_MAY_NOT_ASK = (AccessDenied, AuthFailed, CredentialsMissing)
_KEEPS_FROM_ASKING = (ApiFault, SendError, CredentialsMissing)


class Question(ABC, Generic[T]):
    """One call after the other, until all is known."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    @abstractmethod
    def next_call(self) -> Call | None:
        """What to ask now; nothing when all is known."""

    @abstractmethod
    def take(self, reply: Reply) -> None:
        """What SES answered to it."""

    @property
    @abstractmethod
    def known(self) -> T:
        """The answer, when all is known."""

    @property
    @abstractmethod
    def unknown(self) -> T:
        """The answer to who may not ask."""

    def answer(self) -> T:
        """The answer. May block. Raises `AccountError` where nobody answered."""
        return _ask(self._calls(), self._client)

    async def aanswer(self) -> T:
        """The answer, without blocking the loop."""
        return await _aask(self._calls(), self._client)

    def _calls(self) -> Generator[Call, Reply, T]:
        while call := self.next_call:
            try:
                reply = yield call
            except _KEEPS_FROM_ASKING as error:
                return self._unanswered(error, call)
            self.take(reply)
        return self.known

    def _unanswered(self, error: Exception, call: Call) -> T:
        if isinstance(error, ApiFault):
            return self._refused(error)
        if isinstance(error, _MAY_NOT_ASK):
            return self.unknown
        raise _line_error(error, call, self._client.region) from error

    def _refused(self, fault: ApiFault) -> T:
        from sesmail.ses.faults import People, account_error, api_error  # which most programs never need

        region = self._client.region
        if isinstance(api_error(fault, people=People(), region=region), _MAY_NOT_ASK):
            return self.unknown
        raise account_error(fault, region=region) from fault


def _reply(call: Call, client: Client) -> Reply:
    return client.call(call)


def _awaited_reply(call: Call, client: Client) -> Awaitable[Reply]:
    return client.acall(call)


_ask = driver(_reply)
_aask = awaited_driver(_awaited_reply)


def _line_error(error: Exception, call: Call, region: str) -> AccountError:
    """What went wrong on the way, without the words on mails that such an error has."""
    stage = getattr(error, "stage", "")
    why = str(error) if isinstance(error, ConnectFailed) else type(error).__name__
    text = (
        f"SES in {region} gave no answer to {call.operation} ({why}{stage and f', at {stage}'}); it may be asked again"
    )
    return AccountError(text, operation=call.operation, code=getattr(error, "code", ""), retryable=True)
