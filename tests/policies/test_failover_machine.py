"""Any schedule of faults, of mails that overlap and are cancelled, and of pauses, held against a small model.

The model knows who is asked next, and the ledgers know who got what. By default nobody gets a mail twice. With
``on_unknown="resend"`` only those may of whom a way could not say, and each of them is told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sesmail import Outgoing, SendResult
from sesmail.errors import (
    AllFailed,
    ConnectFailed,
    Outcome,
    Rejected,
    SendError,
    SendingPaused,
    SesmailError,
    Throttled,
    TimedOut,
    Withheld,
)
from sesmail.mail.outgoing import RecipientResult
from sesmail.policies.failover import Failover
from sesmail.policies.round_robin import RoundRobin
from tests.policies.stepping import Scripted, Stepper, StillClock, outgoing, people

pytestmark = pytest.mark.heavy

FAILURES, REST_S = 2, 30.0
# What a way may do to one recipient: the error it says, if any, and whether the mail arrives.
FATES: dict[str, tuple[SesmailError | None, bool]] = {
    "taken": (None, True),
    "throttled": (Throttled("too fast"), False),
    "rejected": (Rejected("nobody has this address"), False),
    "withheld": (Withheld("a guard"), False),
    "answer lost": (TimedOut("no answer"), True),
    "mail lost": (TimedOut("no answer"), False),
}
ERRORS: dict[str, tuple[SesmailError, bool]] = {
    "dead": (ConnectFailed("nobody there"), False),
    "paused": (SendingPaused("the account"), False),
    "refused": (Rejected("the mail"), False),
    "answer lost": (TimedOut("no answer"), True),
    "mail lost": (TimedOut("no answer"), False),
}


def outcome(error: SesmailError | None) -> Outcome:
    found: Outcome = getattr(error, "outcome", Outcome.SENT)
    return found


@dataclass
class Way:
    """The model of a circuit."""

    faults: int = 0
    opens_at: float | None = None
    tried_by: int | None = None


@dataclass
class Mail:
    """A mail under way, and what the model knows of it."""

    number: int
    flow: Stepper
    order: list[int]
    entry: str = ""
    way: int = -1
    passed_over: list[int] = field(default_factory=list)
    has_last_resort: bool = False
    had: bool = False
    doubted: set[str] = field(default_factory=set)
    said: dict[int, SesmailError] = field(default_factory=dict)


class Machine(RuleBasedStateMachine):
    """Two or three ways, and several mails at once."""

    kind: type[Failover] = Failover
    on_unknown = "raise"

    @initialize(ways=st.integers(1, 3))
    def build(self, ways: int) -> None:
        self.clock = StillClock()
        self.real = [Scripted() for _ in range(ways)]
        self.policy = self.kind(
            *self.real, failures=FAILURES, rest_s=REST_S, on_unknown=self.on_unknown, clock=self.clock
        )
        self.ways = [Way() for _ in range(ways)]
        self.under_way: list[Mail] = []
        self.count = 0
        self.copies: Counter[tuple[int, str]] = Counter()

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: len(self.under_way) < 4)
    @rule(recipients=st.integers(1, 3))
    def begin(self, recipients: int) -> None:
        mail = Mail(self.count, Stepper(self.policy.flow(outgoing(people(recipients)))), self.order())
        self.count += 1
        self.under_way.append(mail)
        assert self.next_way(mail)
        self.is_asked(mail)

    def order(self) -> list[int]:
        ways = len(self.ways)
        start = self.count % ways if self.kind is RoundRobin else 0
        return [(start + step) % ways for step in range(ways)]

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), what=st.sampled_from(sorted(ERRORS)))
    def way_raises(self, data: st.DataObject, what: str) -> None:
        mail = self.pick(data)
        error, arrives = ERRORS[what]
        sent = mail.flow.sends.outgoing
        self.arrived(mail, sent, {one.email for one in sent.envelope.recipients} if arrives else set())
        goes_on = self.blame(mail, error, at_once=what == "paused")
        if goes_on:
            mail.said[mail.way] = error
            if outcome(error) is Outcome.UNKNOWN:
                mail.doubted |= {one.email for one in sent.envelope.recipients}
        self.answer(mail, error.with_traceback(None), goes_on=goes_on)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def way_takes_all(self, data: st.DataObject) -> None:
        self.taken(self.pick(data), lambda: "taken")

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def way_takes_some(self, data: st.DataObject) -> None:
        self.taken(self.pick(data), lambda: data.draw(st.sampled_from(sorted(FATES))))

    def taken(self, mail: Mail, fate: object) -> None:
        sent = mail.flow.sends.outgoing
        recipients = sent.envelope.recipients
        fates = {one.email: FATES[fate()] for one in recipients}  # type: ignore[operator]
        if all(error is not None for error, _ in fates.values()):
            fates[recipients[0].email] = FATES["taken"]  # by the contract, somebody has it
        self.arrived(mail, sent, {email for email, (_, arrives) in fates.items() if arrives})
        self.well(mail)
        moving = {email for email, (error, _) in fates.items() if error and self.moves_on(error)}
        mail.doubted |= {email for email in moving if outcome(fates[email][0]) is Outcome.UNKNOWN}
        mail.had = True
        results = tuple([RecipientResult(one, outcome(fates[one.email][0]), fates[one.email][0]) for one in recipients])
        self.answer(mail, SendResult(results, message_id="id", transport="way"), goes_on=bool(moving), expected=moving)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def is_cancelled(self, data: st.DataObject) -> None:
        mail = self.pick(data)
        mail.flow._flow.close()
        self.leave(mail)
        self.under_way.remove(mail)

    @rule(seconds=st.sampled_from([1.0, REST_S / 2, REST_S, REST_S * 3]))
    def time_passes(self, seconds: float) -> None:
        self.clock.time += seconds

    # ── what the model says ──────────────────────────────────────────────────────────────────────────────────────

    def pick(self, data: st.DataObject) -> Mail:
        return data.draw(st.sampled_from(self.under_way))

    def moves_on(self, error: SesmailError) -> bool:
        is_safe = outcome(error) is Outcome.NOT_SENT
        return is_safe or (outcome(error) is Outcome.UNKNOWN and self.on_unknown == "resend")

    def next_way(self, mail: Mail) -> bool:
        while mail.order:
            number = mail.order.pop(0)
            way = self.ways[number]
            if way.opens_at is None:
                mail.way, mail.entry = number, "free"
                return True
            if self.clock.time >= way.opens_at and way.tried_by is None:
                mail.way, mail.entry, way.tried_by = number, "trial", mail.number
                return True
            mail.passed_over.append(number)
        if mail.passed_over and not mail.has_last_resort:
            mail.has_last_resort = True
            mail.way = min(mail.passed_over, key=lambda number: self.ways[number].opens_at or 0)
            mail.entry = "last resort"
            return True
        return False

    def leave(self, mail: Mail) -> None:
        if mail.entry == "trial":
            self.ways[mail.way].tried_by = None

    def blame(self, mail: Mail, error: SesmailError, *, at_once: bool) -> bool:
        way = self.ways[mail.way]
        is_heard = way.opens_at is None or mail.entry != "free"
        if outcome(error) in (Outcome.NOT_SENT, Outcome.UNKNOWN) and is_heard:
            way.faults += 1
            if way.opens_at is not None or at_once or way.faults >= FAILURES:
                way.opens_at = self.clock.time + REST_S
        self.leave(mail)
        return self.moves_on(error)

    def well(self, mail: Mail) -> None:
        way = self.ways[mail.way]
        if way.opens_at is None or mail.entry != "free":
            way.faults, way.opens_at = 0, None
        self.leave(mail)

    # ── and whether that is so ───────────────────────────────────────────────────────────────────────────────────

    def arrived(self, mail: Mail, sent: Outgoing, whom: set[str]) -> None:
        for one in sent.envelope.recipients:
            if one.email in whom:
                self.copies[mail.number, one.email] += 1
                if self.copies[mail.number, one.email] > 1:
                    assert one.email in mail.doubted, "twice, and nobody was in doubt"

    def is_asked(self, mail: Mail) -> None:
        assert mail.flow.sends.via is self.real[mail.way], mail

    def answer(self, mail: Mail, answer: object, *, goes_on: bool, expected: set[str] | None = None) -> None:
        raised: SesmailError | None = None
        try:
            mail.flow.give(answer)
        except SesmailError as error:
            raised = error
        if raised is None and mail.flow.step is not None:
            assert goes_on
            assert self.next_way(mail)
            self.is_asked(mail)
            if expected is not None:
                assert {one.email for one in mail.flow.sends.outgoing.envelope.recipients} == expected
            return
        if goes_on:
            assert not self.next_way(mail), "another way was left"
        self.under_way.remove(mail)
        self.told(mail, raised)

    def told(self, mail: Mail, raised: SesmailError | None) -> None:
        """What is said in the end is never less than the truth."""
        mine = {email: count for (number, email), count in self.copies.items() if number == mail.number}
        if raised is not None:
            assert not mail.had, "some had it, so it must be a result"
            assert outcome(raised) is Outcome.UNKNOWN or not mine
            if isinstance(raised, AllFailed):
                assert set(mail.said.values()) <= set(raised.exceptions)
                assert len(raised.exceptions) == len(self.ways)
                assert all(isinstance(one, SendError) for one in raised.exceptions)
            return
        for one in mail.flow.result.recipients:
            count = mine.get(one.address.email, 0)
            if one.outcome is Outcome.SENT:
                assert count >= 1
                assert count == 1 or one.error is not None, "who has it twice is told"
            elif one.outcome is not Outcome.UNKNOWN:
                assert count == 0, one

    @invariant()
    def health_is_that_of_the_model(self) -> None:
        if not hasattr(self, "policy"):
            return
        found = [(one.is_open, one.faults) for one in self.policy.health]
        assert found == [(way.opens_at is not None, way.faults) for way in self.ways]

    @invariant()
    def nobody_has_it_twice_by_default(self) -> None:
        if hasattr(self, "policy") and self.on_unknown == "raise":
            assert set(self.copies.values()) <= {1}


class Resending(Machine):
    on_unknown = "resend"


class InTurns(Machine):
    kind = RoundRobin


class InTurnsResending(Machine):
    kind = RoundRobin
    on_unknown = "resend"


@pytest.mark.parametrize("machine", [Machine, Resending, InTurns, InTurnsResending])
def test_no_schedule_of_faults_makes_a_second_copy_unasked(machine: type[Machine]) -> None:
    run_state_machine_as_test(machine, settings=settings(stateful_step_count=40))
