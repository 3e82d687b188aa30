"""Retry: when there is another try, and when there is none. Whom it is for, `course` knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Literal

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail.errors import Outcome, SendError, SesmailError, SetupError
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.budget import Budget
from sesmail.policies.flow import Flow, send, sleep
from sesmail.policies.notation import notation_of
from sesmail.policies.policy import Policy
from sesmail.transports.base import Transport
from sesmail.transports.option import Option, choice, count, seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.policies.retry.course import Course

OnUnknown = Literal["raise", "resend"]
TRIES = 3
WITHIN_S = 15.0
_LONGEST_S = 86400.0


def chance() -> float:
    """A number from 0 up to 1. ``random`` would take milliseconds to import, and a fork would have to mind its seed."""
    return (int.from_bytes(os.urandom(7), "big") >> 3) * 2.0**-53


class Retry(Policy):
    """Tries again, for those recipients to whom the mail surely did not go: ``?retry=3``.

    >>> from sesmail import Mailer
    >>> from sesmail.errors import Unavailable
    >>> from sesmail.policies.retry import Retry
    >>> from sesmail.transports import MemoryTransport
    >>> memory = MemoryTransport()
    >>> memory.fail_next(Unavailable("not just now"), times=2)
    >>> mailer = Mailer(Retry(memory, base_s=0.01), sender="shop@example.com")
    >>> mailer.send(to="ada@example.org", text="Hello").failed
    ()

    - ``tries`` counts the first one. ``within_s`` is for all of them: a pause that would end later is not begun, and
      the last error is raised at once. How long a try takes is for its way to say, and no try is broken off.
    - The n-th pause is drawn between 0 and ``base_s * 2**(n - 1)``, and ``cap_s`` at most. After a throttle it is at
      least ``throttle_s * 2**(n - 1)``, again ``cap_s`` at most, and no more than twice that: rates are per second.
      Where the provider asks for a pause, it is at least as long as that.
    - ``on_unknown="resend"`` also repeats what may be out already. Whoever got it then has it twice.
    - ``budget`` is shared by all in the process who send by the same way, unless one is given, or a ``clock``.
    """

    name = "retry"

    def __init__(
        self,
        inner: Transport,
        *,
        tries: int = TRIES,
        within_s: float = WITHIN_S,
        base_s: float = 1.0,
        cap_s: float = 8.0,
        throttle_s: float = 1.0,
        on_unknown: OnUnknown = "raise",
        budget: Budget | None = None,
        random: Callable[[], float] = chance,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(inner, clock=clock)
        if tries < 1:
            raise SetupError("retry takes a number of tries, and the first one counts: tries=1 repeats nothing")
        if not all(0 <= time <= _LONGEST_S for time in (within_s, base_s, cap_s, throttle_s)):
            raise SetupError("retry takes its times in seconds, from 0 to a day")
        if on_unknown not in ("raise", "resend"):
            raise SetupError("on_unknown is raise or resend")
        self._tries = tries
        self._within_s = within_s
        self._base_s = base_s
        self._cap_s = cap_s
        self._throttle_s = throttle_s
        self._on_unknown = on_unknown
        self._random = random
        self._budget = self._shared_budget() if budget is None else budget

    def _shared_budget(self) -> Budget:
        # Time brings tokens, so whoever has a time of his own has a budget of his own.
        is_system = self._clock is SYSTEM_CLOCK
        return Budget.of_way(notation_of(self.inner)) if is_system else Budget(clock=self._clock)

    @classmethod
    def around(cls, inner: Transport, said: Mapping[str, Any]) -> Transport:
        """As a URL says it. A single try takes no policy."""
        arguments = {_ARGUMENTS[name]: value for name, value in said.items()}
        return inner if arguments.get("tries") == 1 else cls(inner, **arguments)

    @property
    def said(self) -> Mapping[str, str]:
        """How often, and what else is not as it is without a word."""
        said = {"retry": str(self._tries)}
        if self._within_s != WITHIN_S:
            said["retry_within_s"] = f"{self._within_s:.9f}".rstrip("0").rstrip(".")
        if self._on_unknown != "raise":
            said["on_unknown"] = self._on_unknown
        return said

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """Send it; and where that fails, see who may be sent it again."""
        begun = self._clock.now()
        try:
            result = yield from send(outgoing, self.inner)
        except SendError as error:
            course = self._course(outgoing)
            course.hear(outgoing, error)
        else:
            sent = Outcome.SENT
            for one in result.recipients:  # `all` would take as long as the rest of it
                if one.outcome is not sent:
                    break
            else:
                self._budget.succeeded()
                return result
            course = self._course(outgoing)
            course.hear(outgoing, result)
            if course.reached_somebody:
                self._budget.succeeded()
        return (yield from self._again(course, begun))

    def _course(self, outgoing: Outgoing) -> Course:
        from sesmail.policies.retry.course import Course  # which most programs seldom need

        return Course(outgoing, resends=self._on_unknown == "resend")

    def _again(self, course: Course, begun: float) -> Flow[SendResult]:
        tried, why_not = 1, ""
        while course.lacking and tried < self._tries:
            pause_s = self._pause_s(course, tried)
            why_not = self._objection(course, pause_s, until=begun + self._within_s)
            if why_not:
                break
            yield from sleep(pause_s)
            rest = course.rest()
            try:
                course.hear(rest, (yield from send(rest, self.inner)))
            except SesmailError as error:  # a policy's no as well: by now somebody may have the mail
                course.hear(rest, error)
            tried += 1
        return course.end(tried, self._clock.now() - begun, why_not)

    def _pause_s(self, course: Course, tried: int) -> float:
        """How long until the next try: by chance, so that those who failed together do not come again together."""
        base_s = self._throttle_s if course.is_throttled else self._base_s
        top_s = min(self._cap_s, base_s * 2.0 ** (tried - 1))
        least_s = top_s if course.is_throttled else 0.0  # within the same second it would be refused again
        return max(least_s, course.asked_pause_s) + self._random() * top_s

    def _objection(self, course: Course, pause_s: float, *, until: float) -> str:
        if self._clock.now() + pause_s > until:
            return f"there is no time for another try within {self._within_s:g} s"
        if not self._budget.take(throttled=course.is_throttled):
            return "too much fails just now, and the budget for further tries is empty"
        return ""


_ARGUMENTS = {"retry": "tries", "retry_within_s": "within_s", "on_unknown": "on_unknown"}
_COUNT = count("retry", "how often a mail is tried, the first time included", default=str(TRIES))


def _tries(text: str) -> object:
    return 1 if text == "off" else _COUNT.reads(text)


OPTIONS: tuple[Option, ...] = (
    Option("retry", _COUNT.says, f"{_COUNT.takes}, or `off`", _COUNT.default, _tries),
    seconds("retry_within_s", "how long, until no other try is begun", default=f"{WITHIN_S:g}"),
    choice("on_unknown", "what is done with a mail that may be out", "raise", "resend", default="`raise`"),
)
