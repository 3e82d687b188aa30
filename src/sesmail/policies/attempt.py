"""Attempt: one try to send one mail by one way, as an observer sees it: counts and kinds, and nobody's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sesmail.errors import Outcome, SesmailError
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.outgoing import SendResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try. No address, subject or id of a mail is in it, so it may go to any log, metric or trace.

    >>> from sesmail import Mailer
    >>> from sesmail.policies.observe import Observe
    >>> from sesmail.transports import MemoryTransport
    >>> mailer = Mailer(Observe(MemoryTransport(), lambda attempt: print(attempt.way, dict(attempt.outcomes))))
    >>> _ = mailer.send(sender="shop@example.com", to=["ada@example.org", "bob@example.org"], text="Hello")
    memory:// {'sent': 2}
    """

    way: str
    """The way out as a URL, without secrets."""
    transport: str
    """The name of the transport: ``ses``."""
    duration_s: float
    """How long it took."""
    recipients: int
    """How many people it was for."""
    outcomes: Mapping[str, int]
    """How many of them ended how, by `Outcome`."""
    error: str = ""
    """The class of what was raised or, where some recipients failed, of the first of their errors."""
    code: str = ""
    """The provider's code."""
    stage: str = ""
    """Where it broke: ``connect``, ``auth``, ``mail``, ``data``, ``reply``."""
    retryable: bool = False
    """Whether the same may succeed later."""

    @property
    def is_sent(self) -> bool:
        """Whether it went to everyone."""
        return self.outcomes.get(Outcome.SENT) == self.recipients

    @classmethod
    def of_result(cls, result: SendResult, *, way: str, transport: str, duration_s: float) -> Attempt:
        """One that ended with a result."""
        error: SesmailError | None = None
        outcomes: dict[str, int] = {}
        for one in result.recipients:
            name = str(one.outcome)
            outcomes[name] = outcomes.get(name, 0) + 1
            error = error or one.error
        return cls._ended(outcomes, error, way, transport, duration_s)

    @classmethod
    def of_error(cls, error: BaseException, *, recipients: int, way: str, transport: str, duration_s: float) -> Attempt:
        """One that ended with an error. What is none of ours, such as a cancellation, leaves the outcome unknown."""
        usual = Outcome.NOT_SENT if isinstance(error, SesmailError) else Outcome.UNKNOWN
        outcome: Outcome = getattr(error, "outcome", usual)
        return cls._ended({outcome.value: recipients}, error, way, transport, duration_s)

    @classmethod
    def _ended(
        cls, outcomes: dict[str, int], error: BaseException | None, way: str, transport: str, duration_s: float
    ) -> Attempt:
        return cls(
            way=way,
            transport=transport,
            duration_s=duration_s,
            recipients=sum(outcomes.values()),
            outcomes=FrozenMap(outcomes),
            error="" if error is None else type(error).__name__,
            code=getattr(error, "code", ""),
            stage=getattr(error, "stage", ""),
            retryable=getattr(error, "retryable", False),
        )
