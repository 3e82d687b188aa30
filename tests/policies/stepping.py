"""How tests step through a flow: by hand, with a clock that stands still, and ways that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from sesmail import Address, Email, Envelope, Outgoing, mime
from sesmail.errors import Outcome, SesmailError
from sesmail.mail.outgoing import RecipientResult, SendResult
from sesmail.policies.flow import Ask, Flow, Send, Sleep, Step
from sesmail.transports.base import LocalTransport
from sesmail.transports.limits import SES, Limits

T = TypeVar("T")


def outgoing(to: Iterable[str] = ("ada@example.org",), *, sender: str = "shop@example.com", **fields: Any) -> Outgoing:
    """A small mail to these."""
    email = Email(**{"sender": sender, "to": list(to), "subject": "Hello", "text": "Hello", **fields})
    return Outgoing(email, Envelope.of(email), mime.write(email), email.ses)


def people(count: int) -> list[str]:
    """So many addresses."""
    return [f"reader{number}@example.org" for number in range(count)]


class StillClock:
    """Stands still. Who sleeps by it moves it, and it remembers by how much."""

    def __init__(self, now: float = 1000.0) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


Verdict = SesmailError | None | Callable[[Outgoing], SendResult]


class Scripted(LocalTransport):
    """A way that does one thing after the other: takes a mail, raises, or calls a function. In the end it takes all."""

    name = "scripted"

    def __init__(
        self, *script: Verdict, clock: StillClock | None = None, takes_s: float = 0, limits: Limits = SES
    ) -> None:
        super().__init__(limits=limits)
        self._script: Iterator[Verdict] = iter(script)
        self._clock = clock
        self._takes_s = takes_s
        self.seen: list[Outgoing] = []
        self.is_closed = False

    def send(self, outgoing: Outgoing) -> SendResult:
        self.seen.append(outgoing)
        if self._clock:
            self._clock.time += self._takes_s
        verdict = next(self._script, None)
        if isinstance(verdict, SesmailError):
            raise verdict
        return verdict(outgoing) if verdict else self.accepted(outgoing, message_id=f"id-{len(self.seen)}")

    def close(self) -> None:
        self.is_closed = True

    @property
    def people(self) -> list[list[str]]:
        """To whom each mail was to go."""
        return [[address.email for address in one.envelope.recipients] for one in self.seen]


def partly(**errors: SesmailError) -> Callable[[Outgoing], SendResult]:
    """A result in which these local parts failed with these errors, and the others were sent."""

    def result(outgoing: Outgoing) -> SendResult:
        return SendResult(tuple([_one(address, errors) for address in outgoing.envelope.recipients]), message_id="part")

    return result


def _one(address: Address, errors: dict[str, SesmailError]) -> RecipientResult:
    error = errors.get(address.email.partition("@")[0])
    outcome: Outcome = getattr(error, "outcome", Outcome.SENT)
    return RecipientResult(address, outcome, error)


class Stepper:
    """Carries a flow out step by step, as the test says: ``answers`` are given or raised, one for each step."""

    def __init__(self, flow: Flow[T]) -> None:
        self._flow = flow
        self.step: Step | None = next(flow)
        self.result: Any = None

    def give(self, answer: object = None) -> Step | None:
        """Answer the step it waits for, with a value or with an error that is raised there; the next step, if any."""
        try:
            self.step = self._flow.throw(answer) if isinstance(answer, Exception) else self._flow.send(answer)
        except StopIteration as stop:
            self.step, self.result = None, stop.value
        return self.step

    @property
    def sleeps(self) -> float:
        """How long it wants to sleep."""
        assert isinstance(self.step, Sleep), self.step
        return self.step.seconds

    @property
    def sends(self) -> Send:
        """What it wants sent."""
        assert isinstance(self.step, Send), self.step
        return self.step

    @property
    def asks(self) -> Ask[Any]:
        """What it wants to know."""
        assert isinstance(self.step, Ask), self.step
        return self.step
