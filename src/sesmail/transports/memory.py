"""MemoryTransport: keeps every mail, and fails as it is told to."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from sesmail.errors import Outcome, Rejected, SesmailError, SetupError
from sesmail.mail.address import Address, AddressLike
from sesmail.mail.outgoing import Outgoing, RecipientResult, SendResult
from sesmail.transports.base import BaseTransport
from sesmail.transports.limits import SES, Limits
from sesmail.transports.option import LIMITS, Option, read_options
from sesmail.transports.url import TransportUrl


class MemoryTransport(BaseTransport):
    """Collects mails in the process: ``memory://``. The fakes of `sesmail.testing` are built on it.

    >>> from sesmail import Mailer
    >>> from sesmail.errors import Throttled
    >>> from sesmail.transports import MemoryTransport
    >>> memory = MemoryTransport()
    >>> memory.fail_next(Throttled("too many a second"))
    >>> mailer = Mailer(memory, sender="shop@example.com")
    >>> mailer.send(to="ada@example.org", text="Hello")
    Traceback (most recent call last):
        ...
    sesmail.errors.Throttled: too many a second
    >>> mailer.send(to="ada@example.org", text="Hello").message_id_header == memory.sent[0].content.message_id
    True

    It can be told to fail, to refuse somebody, and to be slow, so that a program's own conduct can be tested.
    """

    name = "memory"

    def __init__(self, *, limits: Limits = SES) -> None:
        super().__init__(limits=limits)
        # Lists and deques are safe from many threads for what is done here, and unlike a lock they survive a fork.
        self._sent: list[Outgoing] = []
        self._failures: deque[tuple[SesmailError, bool]] = deque()
        self._refused: frozenset[str] = frozenset()
        self._delay_s = 0.0

    @classmethod
    def from_url(cls, url: TransportUrl) -> MemoryTransport:
        """``memory://``, with the option ``limits``."""
        url.has_no_place()
        return cls(**read_options(url, OPTIONS))

    @property
    def sent(self) -> tuple[Outgoing, ...]:
        """What was carried, in the order in which it came."""
        return tuple(self._sent)

    def clear(self) -> None:
        """Forget the mails, and everything that was scripted."""
        self._sent.clear()
        self._failures.clear()
        self._refused = frozenset()
        self._delay_s = 0.0

    def fail_next(self, error: SesmailError, *, times: int = 1, arrives: bool = False) -> None:
        """Let the next sends fail with this error.

        With ``arrives`` the mail is kept all the same, as when the line breaks before the provider's answer comes: that
        goes with an error whose ``outcome`` is unknown, such as `TimedOut`.
        """
        if not isinstance(error, SesmailError):
            raise SetupError("fail_next takes an error, such as Throttled('too many a second')")
        self._failures.extend([(error, arrives)] * times)

    def refuse(self, *addresses: AddressLike) -> None:
        """Refuse these recipients from now on: a mail to them alone raises `Rejected`, others go out without them."""
        self._refused |= {Address.parse(address).email for address in addresses}

    def slow_down(self, seconds: float) -> None:
        """Let every send take so long."""
        self._delay_s = seconds

    def send(self, outgoing: Outgoing) -> SendResult:
        """Keep it, or fail as scripted."""
        if self._delay_s:
            from time import sleep

            sleep(self._delay_s)
        return self._take(outgoing)

    async def asend(self, outgoing: Outgoing) -> SendResult:
        """Keep it, or fail as scripted."""
        if self._delay_s:
            from asyncio import sleep

            await sleep(self._delay_s)
        return self._take(outgoing)

    def _take(self, outgoing: Outgoing) -> SendResult:
        if failure := _next_of(self._failures):
            error, arrives = failure
            if arrives:
                self._sent.append(outgoing)
            raise error.with_traceback(None)  # it may be raised many times
        result = self.accepted(outgoing)
        refused = [address for address in outgoing.envelope.recipients if address.email in self._refused]
        if not refused:
            self._sent.append(outgoing)
            return result
        error = Rejected("refused, as the test wants it", recipients=[address.email for address in refused])
        if len(refused) == len(result.recipients):
            raise error
        self._sent.append(replace(outgoing, envelope=outgoing.envelope.without(*refused)))
        return replace(
            result,
            recipients=tuple(
                RecipientResult(one.address, Outcome.REFUSED, error) if one.address in refused else one
                for one in result.recipients
            ),
        )

    def __repr__(self) -> str:
        return f"MemoryTransport({len(self._sent)} mails)"


OPTIONS: tuple[Option, ...] = (LIMITS,)


def _next_of(failures: deque[tuple[SesmailError, bool]]) -> tuple[SesmailError, bool] | None:
    try:
        return failures.popleft()
    except IndexError:  # asking first would not be safe from many threads
        return None
