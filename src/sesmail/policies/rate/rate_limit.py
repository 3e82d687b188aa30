"""RateLimit: no faster than the account may.

Rule 1: recipients are counted, not mails. A mail to many goes whole, and those behind it wait until it is paid.
Rule 2: the rate is what the account says, or what you say. Where nobody says it, none is made up and nothing waits.
Rule 3: who comes first goes first. Whose turn would come too late hears so at once.
Rule 4: where the provider throttles all the same, everybody slows down, and tries the old pace again by and by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail._logging import WARNING, log
from sesmail.errors import Outcome, QuotaExceeded, SendError, SetupError, Throttled
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.account import Account
from sesmail.policies.flow import Flow, send, sleep
from sesmail.policies.notation import notation_of
from sesmail.policies.policy import Policy
from sesmail.policies.rate.bucket import Pace
from sesmail.policies.rate.line import Place
from sesmail.policies.rate.notes import Notes, notes_of
from sesmail.policies.rate.options import DAY_S, OPTIONS, SAFETY, WAIT_S, is_rate, is_share, is_time, text_of
from sesmail.policies.rate.store import IN_THIS_PROCESS, MemoryStore, RateStore
from sesmail.transports.base import Transport

LOOK_S = 0.5
"""How often who waits looks whether the pace has changed."""
SOON_S = 5.0
"""When the account is asked again after it throttled."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of its account is used. ``None`` stands for: nobody could say."""

    rate: float | None
    """Recipients a second that the account may, or that were given. Without the safety factor."""
    quota: float | None
    """Recipients in 24 hours; less than 0 for no limit."""
    sent: float | None
    """Recipients in the last 24 hours: as the account said, and what this process sent since it did."""
    sent_here: int
    """Recipients that this process sent in the last 24 hours."""


class RateLimit(Policy):
    """Keeps to a rate of recipients a second: ``?rate=auto``, or ``?rate=14``.

    >>> from sesmail import Mailer
    >>> from sesmail.policies.rate.rate_limit import RateLimit
    >>> from sesmail.transports import MemoryTransport
    >>> limited = RateLimit(MemoryTransport(), rate=14, key="an example")
    >>> mailer = Mailer(limited, sender="shop@example.com")
    >>> _ = mailer.send(to=["ada@example.org", "bob@example.org"], text="Hello")
    >>> limited.usage.sent_here
    2
    >>> limited
    memory://?rate=14

    The rate is the one that SES shows. ``safety`` is how much of it is used, 0.9 if nothing else is said: mails that
    leave evenly do not arrive evenly. ``auto`` asks the account behind the way, at most every ``ttl_s`` seconds. Where
    it may not be asked, that is logged once and nothing is limited.

    Whose turn is more than ``wait_s`` seconds away raises `Throttled` at once, with ``retry_after_s``. Where the
    account said in the last ten seconds that its quota of 24 hours is used up, `QuotaExceeded` is raised and nothing is
    tried; with an older answer SES decides. Both have the outcome ``not_sent``.

    All mailers of a process share what they know of an account and the line at it, by the ``account``'s key; a way that
    has none is known by its notation, or by ``key``. ``store`` is where the line lives. With another clock than the
    system's, nothing is shared.
    """

    name = "ratelimit"

    def __init__(
        self,
        inner: Transport,
        *,
        rate: float | Literal["auto"] = "auto",
        safety: float = SAFETY,
        wait_s: float = WAIT_S,
        ttl_s: float = 300.0,
        account: Account | None = None,
        key: str = "",
        store: RateStore | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(inner, clock=clock)
        _check(rate, safety, wait_s, ttl_s)
        self._account = account or getattr(inner, "account", None)
        if rate == "auto" and self._account is None:
            raise SetupError(
                f"rate=auto asks the account, and {notation_of(inner)} knows none: "
                "say how many recipients a second, as in rate=14"
            )
        self._rate = rate
        self._given = None if rate == "auto" else _pace_of(rate * safety)
        self._safety, self._wait_s, self._ttl_s = safety, wait_s, ttl_s
        self._key = key or (self._account.key if self._account else notation_of(inner))
        is_shared = clock is SYSTEM_CLOCK
        self._store: RateStore = store or (IN_THIS_PROCESS if is_shared else MemoryStore())
        self._notes = notes_of(self._key) if is_shared else Notes()

    @classmethod
    def around(cls, inner: Transport, said: Mapping[str, Any]) -> Transport:
        """As a URL says it."""
        if "rate" not in said:
            raise SetupError(f"{', '.join(said)} needs rate: say rate=auto, or a number of recipients a second")
        names = {option.name: option.name.removeprefix("rate_") for option in OPTIONS}
        return cls(inner, **{names[name]: value for name, value in said.items()})

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def account(self) -> Account | None:
        """The account whose rate it is."""
        return self._account

    @property
    def usage(self) -> Usage:
        """What is known of the account now. Asks nobody."""
        day, standing = self._notes.day, self._notes.known.answer
        rate = standing.rate if standing else None
        sent = standing.sent if standing else None
        return Usage(
            rate=rate if self._rate == "auto" else self._rate,
            quota=standing.quota if standing else None,
            sent=None if sent is None else sent + day.since_mark,
            sent_here=day.within(self._clock.now()),
        )

    def refresh(self) -> None:
        """The account may do more, or less, than it said: ask anew. Those who wait follow within two seconds."""
        self._notes.known.expire(self._clock.now())

    @property
    def said(self) -> Mapping[str, str]:
        """Its options."""
        said = {"rate": "auto" if self._rate == "auto" else text_of(self._rate)}
        if self._wait_s != WAIT_S:
            said["rate_wait_s"] = text_of(self._wait_s)
        if self._safety != SAFETY:
            said["rate_safety"] = text_of(self._safety)
        return said

    # ── one mail ─────────────────────────────────────────────────────────────────────────────────────────────────

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """Wait for its turn, and see how it ends."""
        pace = self._given or (yield from self._allowed())
        recipients = len(outgoing.envelope.recipients)
        place = None
        if pace is not None:
            place = yield from self._store.take(self._key, recipients, pace, self._clock.now(), self._wait_s)
            if place.wait_s:
                yield from self._wait(place, pace)
        try:
            result = yield from send(outgoing, self.inner)
        except SendError as error:
            yield from self._heed(error, place, recipients)
            raise
        failed = 0
        for one in result.recipients:
            if one.outcome is not Outcome.SENT:
                failed += 1
                if isinstance(one.error, SendError):
                    yield from self._heed(one.error, place, recipients=1)
        self._notes.day.count(recipients - failed, self._clock.now())
        return result

    def _allowed(self) -> Flow[Pace | None]:
        """How fast the account may; nothing where nobody knows."""
        notes, now = self._notes, self._clock.now()
        if notes.known.is_fresh(now, self._ttl_s):
            standing = notes.known.answer
        else:
            # there is one, or the rate was given
            account: Account = self._account  # type: ignore[assignment]
            standing = yield from notes.standing(account, self._clock, self._ttl_s)
            now = self._clock.now()
        if standing is not None and notes.is_used_up(now, self._ttl_s):
            raise QuotaExceeded(
                f"the account's quota of 24 hours is used up ({standing.sent:.0f} of {standing.quota:.0f} recipients): "
                "wait until older sends leave the window, or ask AWS for a larger one"
            )
        if standing is None or standing.rate is None:
            self._say_unknown()
            return None
        # An account that may send none at all hears it best from SES, which says why.
        return _pace_of(standing.rate * self._safety) if standing.rate > 0 else None

    def _say_unknown(self) -> None:
        if not self._notes.is_said:
            self._notes.is_said = True
            log(WARNING, "the account's rate is not known, so mails go as fast as they come; give one, as in rate=14")

    def _wait(self, place: Place, pace: Pace | None) -> Flow[None]:
        # With some grace, since whoever sleeps sleeps a little too long.
        until = self._clock.now() + self._wait_s + LOOK_S
        wait_s = place.wait_s
        if wait_s > self._wait_s:
            raise self._too_late(wait_s)
        try:
            while wait_s:
                # Who is far behind need not look so often: no pace grows by more than this at once, or hardly ever.
                yield from sleep(min(wait_s, max(LOOK_S, wait_s / 16)))
                pace = self._given or (yield from self._allowed())
                if pace is None:
                    return
                now = self._clock.now()
                wait_s = yield from self._store.look(self._key, place, pace, now)
                if wait_s and now + wait_s > until:
                    raise self._too_late(wait_s)
        finally:
            self._store.give_back(self._key, place)

    def _too_late(self, wait_s: float) -> Throttled:
        return Throttled(
            f"too many recipients are waiting: the turn of this mail comes in {wait_s:.1f} seconds, and it may wait "
            f"{self._wait_s:g} (rate_wait_s). Send less, or let it wait longer",
            retry_after_s=wait_s,
        )

    def _heed(self, error: SendError, place: Place | None, recipients: int) -> Flow[None]:
        """What an error says of the account."""
        now = self._clock.now()
        if error.outcome is Outcome.UNKNOWN:
            self._notes.day.count(recipients, now)
        if not isinstance(error, Throttled | QuotaExceeded):
            return
        self._notes.known.expire(now + SOON_S)
        if isinstance(error, Throttled) and place is not None:
            rate = yield from self._store.slow(self._key, place, now)
            if rate:
                log(WARNING, "throttled all the same: slowed down to %.3g recipients a second", rate)


@lru_cache(64)
def _pace_of(rate: float) -> Pace:
    return Pace.of(rate)


def _check(rate: object, safety: object, wait_s: object, ttl_s: object) -> None:
    if rate != "auto" and not is_rate(rate):
        raise SetupError("rate is auto, or a number of recipients a second from 0.001 to a million")
    if not is_share(safety):
        raise SetupError("safety is a number from 0.01 to 1")
    for name, value in (("wait_s", wait_s), ("ttl_s", ttl_s)):
        if not is_time(value):
            raise SetupError(f"{name} is a number of seconds, at most {DAY_S:.0f}")
