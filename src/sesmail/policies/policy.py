"""Policy: a transport around transports. What it thinks is one `flow`; all the rest is here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import reduce

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail.errors import SetupError
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.flow import Flow, arun, run
from sesmail.policies.notation import notation_of, with_options
from sesmail.transports.base import Transport
from sesmail.transports.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.policies.account import Account

NOTHING_SAID: Mapping[str, str] = FrozenMap()


class Policy(ABC):
    """A transport around one way out, or several.

    >>> from sesmail import Mailer, Outgoing, SendResult
    >>> from sesmail.policies import Flow, Policy, send
    >>> from sesmail.transports import MemoryTransport
    >>> class Twice(Policy):
    ...     name = "twice"
    ...
    ...     def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
    ...         yield from send(outgoing, self.inner)
    ...         return (yield from send(outgoing, self.inner))
    >>> memory = MemoryTransport()
    >>> _ = Mailer(Twice(memory)).send(sender="a@example.com", to="b@example.com", text="Hi")
    >>> len(memory.sent)
    2

    It may be used by many threads and loops at once, so what it remembers it changes in one step or under a lock, and
    never over a ``yield``.
    """

    name = ""
    """What errors call it."""

    def __init__(self, *ways: Transport, clock: Clock = SYSTEM_CLOCK) -> None:
        if not ways:
            raise SetupError(f"{self.name} needs a way out to be put around")
        for way in ways:
            if isinstance(way, type) or not hasattr(way, "admit"):
                raise SetupError(f"{self.name} goes around transports, and {type(way).__name__} is none")
        self._ways = ways
        self._clock = clock

    @abstractmethod
    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """How one mail is sent, by the rules of all transports: it raises where it went to nobody."""

    # ── what is inside ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def ways(self) -> tuple[Transport, ...]:
        """What it is around."""
        return self._ways

    @property
    def inner(self) -> Transport:
        """What it is around, where that is one way only."""
        return self._ways[0]

    @property
    def account(self) -> Account | None:
        """The account behind its way, if the way knows it. Of several ways, each has its own."""
        account: Account | None = getattr(self.inner, "account", None)
        return account if len(self._ways) == 1 else None

    # ── a transport ──────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def limits(self) -> Limits:
        """What all its ways take."""
        return reduce(Limits.strictest, [way.limits for way in self._ways])

    def admit(self, *, awaited: bool) -> None:
        """Ask all its ways."""
        for way in self._ways:
            way.admit(awaited=awaited)

    def send(self, outgoing: Outgoing) -> SendResult:
        """Carry it, and wait until it is done."""
        return run(self.flow(outgoing), self._clock)

    async def asend(self, outgoing: Outgoing) -> SendResult:
        """Carry it without blocking the loop. Cancelled while it is under way, the mail may be out or not."""
        return await arun(self.flow(outgoing), self._clock)

    def close(self) -> None:
        """Close all its ways."""
        for way in self._ways:
            way.close()

    async def aclose(self) -> None:
        """Close all its ways, without blocking the loop."""
        for way in self._ways:
            await way.aclose()

    # ── how it is written ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def said(self) -> Mapping[str, str]:
        """Its options as a URL says them, such as ``retry=4``. No secret is among them."""
        return NOTHING_SAID

    @property
    def notation(self) -> str:
        """The stack as a URL, from the way out to this policy. Secrets are left out, so it opens nothing by itself."""
        return with_options(notation_of(self.inner), self.said)

    def __repr__(self) -> str:
        return self.notation
