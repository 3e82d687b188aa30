"""Failover: the first way out that is well, and the next one where the mail surely did not go by it.

Rule 1: whose fault it was, the class of an error says (`blame`). Only a way's own fault moves the mail on.
Rule 2: it moves on only if it surely was not sent. Where nobody knows, the mail stays where it is, unless
        ``on_unknown="resend"`` says that two mails are better than none.
Rule 3: who has the mail gets it no second time. Of a mail that went to some, the rest moves on (`journey`).
Rule 4: a way whose circuit is open is passed over (`circuit`), and is still asked before a mail is given up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from sesmail._clock import SYSTEM_CLOCK, Clock
from sesmail._logging import WARNING, log
from sesmail.errors import CredentialsMissing, Outcome, SesmailError, SetupError, UnknownOption
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.policies.blame import Blame, blame_for, outcome_of, way_fault_in
from sesmail.policies.circuit import Entry, Fault
from sesmail.policies.flow import Flow, Send
from sesmail.policies.journey import Journey
from sesmail.policies.notation import group, notation_of, with_options
from sesmail.policies.policy import Policy
from sesmail.policies.way import Health, Way
from sesmail.transports.base import Transport
from sesmail.transports.option import Option, choice, count, seconds

FAILURES = 5
REST_S = 30.0
_LONGEST_S = 86_400
_WORDS = ("raise", "resend")


class Failover(Policy):
    """Several ways out, the best one first: ``failover(ses://eu-west-1 ses://eu-central-1)``.

    >>> from sesmail import Mailer
    >>> from sesmail.errors import ConnectFailed
    >>> from sesmail.policies.failover import Failover
    >>> from sesmail.transports import MemoryTransport
    >>> ireland, frankfurt = MemoryTransport(), MemoryTransport()
    >>> ireland.fail_next(ConnectFailed("nobody there"), times=5)
    >>> failover = Failover(ireland, frankfurt)
    >>> mailer = Mailer(failover, sender="shop@example.com")
    >>> for number in range(5):
    ...     result = mailer.send(to="ada@example.org", subject=f"Order {number}", text="Thank you.")
    >>> len(ireland.sent), len(frankfurt.sent)
    (0, 5)
    >>> failover.health[0].is_open, failover.health[0].faults, failover.health[0].last_error
    (True, 5, 'ConnectFailed')

    After ``failures`` faults in a row, a way is left alone for ``rest_s`` seconds; at once if it says that sending is
    paused. Then one mail tries it. An unknown outcome counts as a fault as well: that mail stays where it is, but the
    next ones are better off elsewhere.

    No mail is refused because circuits are open. If no other way takes it, it goes by the open one whose rest is over
    first: an open circuit is a guess about the next mail, and one try too many costs less than a mail that is not
    tried. Where all of them are dead that is one try for each mail, by all of them in turn.

    If nobody takes it, `AllFailed` holds one error for each way, in the order in which they were asked.
    """

    name = "failover"

    def __init__(
        self,
        *ways: Transport,
        failures: int = FAILURES,
        rest_s: float = REST_S,
        on_unknown: str = "raise",
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(*ways, clock=clock)
        if on_unknown not in _WORDS:
            raise UnknownOption(str(on_unknown), known=_WORDS, where=f"on_unknown of {self.name}")
        if type(failures) is not int or failures < 1:
            raise SetupError(f"failures of {self.name} is a whole number, 1 or more")
        if not 0 < rest_s <= _LONGEST_S:
            raise SetupError(f"rest_s of {self.name} is in seconds, over 0 and at most a day")
        self._failures = failures
        self._rest_s = rest_s
        self._resends = on_unknown == "resend"
        self._in_order = tuple(
            [Way(number, way, failures=failures, rest_s=rest_s) for number, way in enumerate(ways, start=1)]
        )

    @classmethod
    def around(cls, ways: Sequence[Transport], said: Mapping[str, Any]) -> Self:
        """Around these, with what a URL says."""
        return cls(*ways, **said)

    @property
    def health(self) -> tuple[Health, ...]:
        """How each way is just now, in the order in which they were given."""
        now = self._clock.now()
        return tuple([way.health(now) for way in self._in_order])

    # ── one mail ─────────────────────────────────────────────────────────────────────────────────────────────────

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        """By the first way that is well; by others where that is safe."""
        journey = Journey(outgoing, self.name, resends=self._resends)
        passed_over: list[Way] = []
        order = self._order()
        try:
            for way in order:
                entry = way.circuit.enter(self._clock.now())
                if entry is Entry.SHUT:
                    passed_over.append(way)
                elif (result := (yield from self._by(way, entry, journey))) is not None:
                    return result
            if passed_over:
                nearest = min(passed_over, key=lambda way: way.circuit.opens_at)
                if (result := (yield from self._by(nearest, Entry.LAST_RESORT, journey))) is not None:
                    return result
            return journey.end(order, self._clock.now())
        finally:
            journey.errors.clear()  # their tracebacks hold this frame

    def _order(self) -> Sequence[Way]:
        """In which order to ask for this mail."""
        return self._in_order

    def _by(self, way: Way, entry: Entry, journey: Journey) -> Flow[SendResult | None]:
        """One try. Gives nothing if the mail is to move on."""
        circuit = way.circuit
        if journey.is_in_doubt:
            log(WARNING, "a mail that may be out goes by %s too, as on_unknown=resend says", circuit.label)
        try:
            result: SendResult = yield Send(journey.rest, way.transport)
        except SesmailError as error:
            self._blame(way_fault_in(error), way, entry, journey.rest)
            if journey.divides(error):
                return journey.divided(error)
            if journey.moves_on_after(error, way):
                return None
            if not journey.is_begun:
                raise
            return journey.end_with(error)
        else:
            failed = [one for one in result.recipients if one.outcome is not Outcome.SENT]
            if len(failed) < len(result.recipients):
                circuit.passed(entry)
            return journey.took(result, failed)
        finally:
            circuit.leave(entry)

    def _blame(self, error: SesmailError, way: Way, entry: Entry, outgoing: Outgoing) -> None:
        blame = blame_for(error)
        if blame is Blame.MAIL or outcome_of(error) not in (Outcome.NOT_SENT, Outcome.UNKNOWN):
            return
        at_once = blame is Blame.WAY_FOR_LONG and not _names_a_part(outgoing)
        way.circuit.failed(entry, Fault.of(error), self._clock.now(), at_once=at_once)
        if isinstance(error, CredentialsMissing):
            log(WARNING, "%s has no credentials: the mail moves on, if there is another way", way.circuit.label)

    # ── how it is written ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def said(self) -> Mapping[str, str]:
        """What differs from the defaults."""
        said: dict[str, str] = {}
        if self._failures != FAILURES:
            said["failures"] = str(self._failures)
        if self._rest_s != REST_S:
            said["rest_s"] = f"{self._rest_s:.9f}".rstrip("0").rstrip(".")
        if self._resends:
            said["on_unknown"] = "resend"
        return said

    @property
    def notation(self) -> str:
        """All ways as one line. Secrets are left out."""
        return with_options(group(self.name, map(notation_of, self.ways)), self.said)


def _names_a_part(outgoing: Outgoing) -> bool:
    """Whether it names something that can be paused by itself, while the account may send.

    SES has one code for both, so of a mail that names one nobody can say which of them is paused.
    """
    return bool(outgoing.ses.configuration_set or outgoing.ses.tenant)


OPTIONS: tuple[Option, ...] = (
    count("failures", "faults in a row after which a way is passed over", default=str(FAILURES)),
    seconds("rest_s", "how long it is passed over, until one mail tries it", default=f"{REST_S:g}"),
    choice("on_unknown", "what becomes of a mail that may be out", *_WORDS, default="`raise`"),
)
