"""Observe: a function of yours sees each attempt, for metrics and traces.

Rule 1: it is told after the way has answered, and of an attempt that is broken off from outside (a cancelled task,
        Ctrl-C) too: that one may be out, so its outcome is ``unknown``.
Rule 2: what it raises is logged and changes nothing: by then the mail may be out, and must not look unsent.
Rule 3: it runs in the middle of the send, in the sender's thread or loop. So it counts, or puts into a queue, and waits
        for nothing; it cannot be async.
"""

from __future__ import annotations

from collections.abc import Callable

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail._logging import ERROR, log
from sesmail.errors import SetupError
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.attempt import Attempt
from sesmail.policies.flow import Flow, send
from sesmail.policies.notation import notation_of
from sesmail.policies.policy import Policy
from sesmail.transports.base import Transport

OnAttempt = Callable[[Attempt], object]


class Observe(Policy):
    """Tells a function of each attempt.

    >>> from sesmail import Mailer
    >>> from sesmail.errors import Throttled
    >>> from sesmail.policies.observe import Observe
    >>> from sesmail.transports import MemoryTransport
    >>> memory, attempts = MemoryTransport(), []
    >>> memory.fail_next(Throttled("too many a second", code="TooManyRequestsException"))
    >>> mailer = Mailer(Observe(memory, attempts.append), sender="shop@example.com")
    >>> mailer.send(to="ada@example.org", text="Hello")
    Traceback (most recent call last):
        ...
    sesmail.errors.Throttled: too many a second
    >>> attempts[0].error, attempts[0].code, attempts[0].retryable, dict(attempts[0].outcomes)
    ('Throttled', 'TooManyRequestsException', True, {'not_sent': 1})

    Around a way out it sees each try; around a `Retry` it sees what came of all tries. It changes nothing, so a `repr`
    does not show it.
    """

    name = "observe"

    def __init__(self, inner: Transport, on_attempt: OnAttempt, *, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(inner, clock=clock)
        if not callable(on_attempt):
            raise SetupError(f"on_attempt is a function, not {type(on_attempt).__name__}")
        if _is_async(on_attempt):
            raise SetupError(f"on_attempt {_name(on_attempt)} is async, and nobody would await it")
        self._on_attempt = on_attempt
        self._way = notation_of(inner)

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """The same, and how long it took."""
        began = self._clock.now()
        try:
            result = yield from send(outgoing, self.inner)
        except GeneratorExit as end:  # whoever drives the flow gives up, for a reason that is handled outside
            why = end.__context__
            self._tell_of_error(end if why is None or isinstance(why, Exception) else why, outgoing, began)
            raise
        except Exception as error:
            self._tell_of_error(error, outgoing, began)
            raise
        self._tell(
            Attempt.of_result(result, way=self._way, transport=self.inner.name, duration_s=self._clock.now() - began)
        )
        return result

    def _tell_of_error(self, error: BaseException, outgoing: Outgoing, began: float) -> None:
        self._tell(
            Attempt.of_error(
                error,
                way=self._way,
                transport=self.inner.name,
                duration_s=self._clock.now() - began,
                recipients=len(outgoing.envelope.recipients),
            )
        )

    def _tell(self, attempt: Attempt) -> None:
        try:
            self._on_attempt(attempt)
        except Exception:  # noqa: BLE001 - the mail may be out: see above
            log(ERROR, "on_attempt %s failed", _name(self._on_attempt), traceback=True)


def _is_async(function: OnAttempt) -> bool:
    from inspect import iscoroutinefunction

    return iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__)


def _name(function: OnAttempt) -> str:
    return str(getattr(function, "__qualname__", type(function).__qualname__))
