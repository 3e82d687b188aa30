"""Several ways in one: who is asked, when a mail moves on, and that nobody gets it twice."""

from __future__ import annotations

import asyncio
import gc
import logging
import pickle
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from sesmail import Address, AsyncMailer, Mailer, Outgoing, SendResult, SesOptions
from sesmail.connect import connect
from sesmail.errors import (
    AllFailed,
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    CredentialsMissing,
    InvalidAddress,
    Outcome,
    PartlySent,
    Rejected,
    SendError,
    SendingPaused,
    SesmailError,
    SetupError,
    Throttled,
    TimedOut,
    Unavailable,
    UnknownOption,
    Unsupported,
    Withheld,
)
from sesmail.mail.outgoing import RecipientResult
from sesmail.policies.circuit import Entry, Fault
from sesmail.policies.failover import OPTIONS, Failover
from sesmail.policies.way import Health
from sesmail.ses.call import ApiFault, Call
from sesmail.ses.faults import People, api_error
from sesmail.testing import TransportContract
from sesmail.transports import (
    BlockingTransport,
    LocalTransport,
    MemoryTransport,
    SesTransport,
    SmtpTransport,
    Transport,
)
from tests.policies.stepping import Scripted, Stepper, StillClock, outgoing, partly
from tests.policies.test_blame import MOVES_ON, STAYS

Colour = Callable[[Transport, Outgoing], SendResult]
LOST = TimedOut("no answer", stage="reply")


def now(transport: Transport, mail: Outgoing) -> SendResult:
    return transport.send(mail)


def awaited(transport: Transport, mail: Outgoing) -> SendResult:
    return asyncio.run(transport.asend(mail))


both = pytest.mark.parametrize("send", [now, awaited])


def fault(text: str = "nobody there") -> ConnectFailed:
    return ConnectFailed(text, stage="connect")


def refuse(policy: Failover, mail: Outgoing | None = None) -> SesmailError:
    with pytest.raises(SesmailError) as caught:
        policy.send(mail or outgoing())
    return caught.value


def asked(*ways: Scripted) -> list[int]:
    return [len(way.seen) for way in ways]


def open_circuit(policy: Failover, way: int = 0, error: SesmailError | None = None) -> None:
    circuit = policy._in_order[way].circuit
    circuit.failed(Entry.FREE, Fault.of(error or fault()), policy._clock.now(), at_once=True)


def is_open(policy: Failover) -> list[bool]:
    return [one.is_open for one in policy.health]


class TestFailover(TransportContract):
    """It is held to the contract of all transports."""

    def make_transport(self) -> Failover:
        return Failover(MemoryTransport(), MemoryTransport())

    def delivered(self, transport: Transport) -> list[bytes]:
        return delivered(transport)

    def refuse(self, transport: Transport, addresses: list[Address]) -> None:
        for way in ways_of(transport):
            way.refuse(*addresses)


class TestFailoverToTheSecond(TestFailover):
    """The same where the first way is dead."""

    def make_transport(self) -> Failover:
        dead = MemoryTransport()
        dead.fail_next(fault(), times=10_000)
        return Failover(dead, MemoryTransport())


def ways_of(policy: Transport) -> list[MemoryTransport]:
    assert isinstance(policy, Failover)
    return [way for way in policy.ways if isinstance(way, MemoryTransport)]


def delivered(policy: Transport) -> list[bytes]:
    return [one.content.to_bytes() for way in ways_of(policy) for one in way.sent]


# ── which way ────────────────────────────────────────────────────────────────────────────────────────────────────


@both
def test_the_first_way_takes_all_while_it_is_well(send: Colour) -> None:
    ways = Scripted(), Scripted()
    policy = Failover(*ways)
    for _ in range(3):
        assert send(policy, outgoing()).failed == ()

    assert asked(*ways) == [3, 0]


@both
def test_a_way_s_own_fault_moves_the_mail_on(send: Colour) -> None:
    ways = Scripted(fault()), Scripted(fault()), Scripted()
    mail = outgoing()
    result = send(Failover(*ways), mail)

    assert (result.message_id, result.transport) == ("id-1", "scripted")
    assert [way.seen for way in ways] == [[mail]] * 3


@both
@pytest.mark.parametrize(
    "error",
    [
        Rejected("no"),
        Withheld("no"),
        InvalidAddress("no"),
        Unsupported("no", feature="x"),
        SetupError("no"),
        PartlySent("not all"),
        ConnectFailed("odd", outcome=Outcome.REFUSED),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("on_unknown", ["raise", "resend"])
def test_a_mail_s_own_fault_is_raised_as_it_is_and_counts_for_no_way(
    error: SesmailError, on_unknown: str, send: Colour
) -> None:
    ways = Scripted(error), Scripted()
    policy = Failover(*ways, failures=1, on_unknown=on_unknown)
    with pytest.raises(type(error)) as caught:
        send(policy, outgoing())

    assert caught.value is error
    assert asked(*ways) == [1, 0]
    assert (policy.health[0].faults, is_open(policy)) == (0, [False, False])


@both
def test_a_mail_that_may_be_out_stays_where_it_is(send: Colour) -> None:
    for error in (TimedOut("x"), ConnectionLost("x"), Unavailable("x", outcome=Outcome.UNKNOWN)):
        ways = Scripted(fault()), Scripted(error), Scripted()
        with pytest.raises(type(error)) as caught:
            send(Failover(*ways), outgoing())

        assert caught.value is error
        assert asked(*ways) == [1, 1, 0]


@pytest.mark.parametrize("code", [*MOVES_ON, *STAYS])
def test_pitfall_8_what_ses_says_decides(code: str) -> None:
    answer = ApiFault(Call("sesv2", "SendEmail", {}), code=code, message="For some reason.", status=400)
    error = api_error(answer, people=People.of(outgoing()), region="eu-west-1")
    ways = Scripted(error), Scripted()
    policy = Failover(*ways)
    if code in MOVES_ON:
        assert policy.send(outgoing()).failed == ()
    else:
        assert refuse(policy) is error

    assert asked(*ways) == [1, int(code in MOVES_ON)]


def test_an_error_of_another_kind_passes_through() -> None:
    class Broken(LocalTransport):
        name = "broken"

        def send(self, outgoing: Outgoing) -> SendResult:
            raise ZeroDivisionError

    other = Scripted()
    policy = Failover(Broken(), other, failures=1)
    with pytest.raises(ZeroDivisionError):
        policy.send(outgoing())

    assert (asked(other), is_open(policy)) == ([0], [False, False])


def test_a_way_without_credentials_does_not_keep_the_mail_and_is_told_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ways = Scripted(*[CredentialsMissing("no keys")] * 2), Scripted()
    policy = Failover(*ways)
    for _ in range(2):
        assert policy.send(outgoing()).failed == ()

    assert [(one.levelno, one.message) for one in caplog.records] == [
        (logging.WARNING, "way 1 (scripted) has no credentials: the mail moves on, if there is another way")
    ] * 2
    assert policy.health[0].last_error == "CredentialsMissing"


# ── no way at all ────────────────────────────────────────────────────────────────────────────────────────────────


@both
def test_where_all_ways_fail_the_error_holds_what_each_said(send: Colour) -> None:
    errors = [fault("one"), Throttled("two"), AuthFailed("three")]
    with pytest.raises(AllFailed) as caught:
        send(Failover(*map(Scripted, errors)), outgoing())

    assert list(caught.value.exceptions) == errors
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, True)
    assert str(caught.value) == "failover: no way out took the mail (3 ways tried; the first said: one)"


def test_missing_credentials_are_an_error_about_the_mail_there() -> None:
    missing = CredentialsMissing("no keys")
    error = refuse(Failover(Scripted(missing)))

    assert isinstance(error, AllFailed)
    (said,) = error.exceptions
    assert isinstance(said, SendError)
    assert (str(said), said.__cause__, said.retryable, said.outcome) == ("no keys", missing, False, Outcome.NOT_SENT)


def test_a_way_that_was_passed_over_has_an_error_that_says_so() -> None:
    clock = StillClock()
    paused = SendingPaused("about ada@example.org", code="SendingPausedException")
    policy = Failover(Scripted(paused), Scripted(fault("second")), clock=clock)
    open_circuit(policy, 1)
    clock.time += 5
    open_circuit(policy, 0, paused)
    clock.time += 10
    error = pickle.loads(pickle.dumps(refuse(policy, outgoing(["bob@example.org"]))))

    passed_over, second = error.exceptions
    assert type(passed_over) is Unavailable
    assert str(passed_over) == (
        "way 1 (scripted) was passed over: its circuit is open after faults in a row, the last a SendingPaused"
        " (SendingPausedException). It is tried again in 20.0 s"
    )
    assert (passed_over.code, passed_over.retryable) == ("SendingPausedException", False)
    assert str(second) == "second"


def test_a_way_that_another_mail_tries_is_passed_over_as_well() -> None:
    clock = StillClock()
    policy = Failover(Scripted(), Scripted(fault()), clock=clock)
    open_circuit(policy)
    clock.time += 31
    trying = policy.flow(outgoing())
    next(trying)
    flow = Stepper(policy.flow(outgoing()))
    flow.give(fault("the other way"))
    with pytest.raises(AllFailed) as caught:
        flow.give(fault("the last resort"))
    trying.close()

    assert [str(one) for one in caught.value.exceptions] == ["the last resort", "the other way"]
    assert "with one mail at a time" in str(policy._in_order[0].passed_over(clock.now() + 99))


@both
def test_no_mail_is_refused_because_circuits_are_open(send: Colour) -> None:
    clock = StillClock()
    ways = Scripted(), Scripted()
    policy = Failover(*ways, clock=clock)
    open_circuit(policy, 1)
    clock.time += 5
    open_circuit(policy, 0)
    clock.time += 5
    assert send(policy, outgoing()).failed == ()

    assert asked(*ways) == [0, 1], "the one whose rest is over first"
    assert is_open(policy) == [True, False], "it took a mail"


def test_an_open_way_is_asked_last_of_all_before_a_mail_is_given_up() -> None:
    ways = Scripted(), Scripted(fault())
    policy = Failover(*ways)
    open_circuit(policy)
    flow = Stepper(policy.flow(outgoing()))
    assert flow.sends.via is ways[1]
    flow.give(fault())
    assert flow.sends.via is ways[0]
    flow.give(ways[0].send(flow.sends.outgoing))
    assert flow.result.failed == ()


def test_where_all_are_dead_each_mail_tries_one_and_all_have_their_turn() -> None:
    clock = StillClock()
    ways = Scripted(*[fault()] * 99), Scripted(*[fault()] * 99)
    policy = Failover(*ways, clock=clock, failures=1)
    refuse(policy)
    for _ in range(6):
        clock.time += 1
        assert isinstance(refuse(policy), AllFailed)

    assert asked(*ways) == [4, 4]


# ── circuits ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pitfall_9_what_failed_is_remembered_between_sends() -> None:
    ways = Scripted(*[fault()] * 99), Scripted()
    policy = Failover(*ways, clock=StillClock())
    for _ in range(20):
        policy.send(outgoing())

    assert asked(*ways) == [5, 20]
    assert is_open(policy) == [True, False]


def test_pitfall_9_mailers_and_colours_share_what_is_known() -> None:
    ways = Scripted(*[fault()] * 99), Scripted()
    policy = Failover(*ways, clock=StillClock(), failures=2)
    for _ in range(3):
        Mailer(policy, sender="shop@example.com").send(to="ada@example.org", text="Hello")

    async def main() -> None:
        await AsyncMailer(policy, sender="shop@example.com").send(to="ada@example.org", text="Hello")

    asyncio.run(main())
    policy.close()
    policy.send(outgoing())

    assert asked(*ways) == [2, 5]


def test_after_its_rest_one_mail_tries_the_way_and_others_take_the_next() -> None:
    clock = StillClock()
    ways = Scripted(), Scripted()
    policy = Failover(*ways, clock=clock)
    open_circuit(policy)
    clock.time += 30
    trying = Stepper(policy.flow(outgoing()))
    others = [Stepper(policy.flow(outgoing())) for _ in range(3)]

    assert trying.sends.via is ways[0]
    assert [other.sends.via for other in others] == [ways[1]] * 3
    trying.give(ways[0].send(outgoing()))
    assert is_open(policy) == [False, False]
    assert Stepper(policy.flow(outgoing())).sends.via is ways[0]


@pytest.mark.parametrize("end", ["cancelled", "the mail's fault", "an odd error", "interrupted"])
def test_whoever_tries_and_learns_nothing_gives_the_place_back(end: str) -> None:
    clock = StillClock()
    ways = Scripted(), Scripted()
    policy = Failover(*ways, clock=clock)
    open_circuit(policy)
    clock.time += 30
    trying = policy.flow(outgoing())
    next(trying)
    if end == "cancelled":
        trying.close()
    else:
        error = {"the mail's fault": Rejected("no"), "an odd error": ValueError(), "interrupted": KeyboardInterrupt()}
        with pytest.raises(type(error[end])):
            trying.throw(error[end])

    assert is_open(policy) == [True, False]
    assert Stepper(policy.flow(outgoing())).sends.via is ways[0], "the next one tries"


def test_a_task_that_is_cancelled_gives_the_place_back() -> None:
    class Hanging(Scripted):
        async def asend(self, outgoing: Outgoing) -> SendResult:
            await asyncio.Event().wait()
            raise AssertionError

    clock = StillClock()
    policy = Failover(Hanging(), Scripted(), clock=clock)
    open_circuit(policy)
    clock.time += 30

    async def main() -> None:
        task = asyncio.ensure_future(policy.asend(outgoing()))
        await asyncio.sleep(0)
        assert (await policy.asend(outgoing())).failed == ()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert policy.send(outgoing()).failed == ()
    assert is_open(policy) == [False, False], "the next one tried, and it went well"


def test_a_mail_that_may_be_out_counts_as_a_fault_so_that_the_next_ones_go_elsewhere() -> None:
    ways = Scripted(LOST, LOST), Scripted()
    policy = Failover(*ways, failures=2, clock=StillClock())
    assert [refuse(policy), refuse(policy)] == [LOST, LOST]
    assert policy.send(outgoing()).failed == ()

    assert asked(*ways) == [2, 1]


def test_a_paused_account_opens_the_circuit_at_once_and_a_throttle_does_not() -> None:
    for error, expected in ((SendingPaused("x"), True), (Throttled("x"), False)):
        policy = Failover(Scripted(error), Scripted())
        policy.send(outgoing())

        assert is_open(policy) == [expected, False]
        assert policy.health[0].faults == 1


@pytest.mark.parametrize("ses", [SesOptions(configuration_set="news"), SesOptions(tenant="acme")])
def test_what_is_paused_may_be_what_the_mail_names_so_it_takes_several(ses: SesOptions) -> None:
    policy = Failover(Scripted(*[SendingPaused("x")] * 5), Scripted())
    for count in range(5):
        assert is_open(policy)[0] is False, count
        policy.send(outgoing(ses=ses))

    assert is_open(policy) == [True, False]


def test_health_is_for_people() -> None:
    clock = StillClock()
    policy = Failover(Scripted(SendingPaused("x")), MemoryTransport(), clock=clock)
    policy.send(outgoing())
    clock.time += 10
    one, other = policy.health

    assert one == Health("scripted://", is_open=True, faults=1, last_error="SendingPaused", again_in_s=20)
    assert other == Health("memory://", is_open=False, faults=0, last_error="", again_in_s=0)
    clock.time += 100
    assert policy.health[0].again_in_s == 0


# ── some have it ─────────────────────────────────────────────────────────────────────────────────────────────────


def fates(result: SendResult) -> dict[str, str]:
    return {one.address.email.partition("@")[0]: str(one.outcome) for one in result.recipients}


THREE = ["a@example.org", "b@example.org", "c@example.org"]


@both
def test_of_a_mail_that_went_to_some_the_rest_moves_on(send: Colour) -> None:
    ways = Scripted(partly(b=Unavailable("later"), c=Rejected("nobody"))), Scripted()
    result = send(Failover(*ways), outgoing(THREE))

    assert fates(result) == {"a": "sent", "b": "sent", "c": "refused"}
    assert [one.people for one in ways] == [[THREE], [["b@example.org"]]]
    assert result.message_id == "part", "of the first that reached somebody"


def test_of_whom_nobody_knows_moves_on_only_if_that_is_wanted() -> None:
    for on_unknown, expected in (("raise", "unknown"), ("resend", "sent")):
        ways = Scripted(partly(b=LOST)), Scripted()
        result = Failover(*ways, on_unknown=on_unknown).send(outgoing(THREE))

        assert fates(result) == {"a": "sent", "b": expected, "c": "sent"}
        assert asked(*ways) == [1, int(expected == "sent")]
        assert result.by_recipient["b@example.org"].error is LOST, "who may have it twice is told"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (fault(), "not_sent"),
        (LOST, "unknown"),
        (Rejected("no"), "refused"),
        (Withheld("no"), "withheld"),
        (InvalidAddress("no"), "not_sent"),
        (CredentialsMissing("no"), "not_sent"),
        (SetupError("no"), "not_sent"),
    ],
    ids=lambda value: str(getattr(value, "__class__", value).__name__),
)
def test_once_some_have_it_nothing_is_raised(error: SesmailError, outcome: str) -> None:
    result = Failover(Scripted(partly(b=Throttled("slow"))), Scripted(error)).send(outgoing(THREE))

    assert fates(result) == {"a": "sent", "b": outcome, "c": "sent"}
    said = result.by_recipient["b@example.org"].error
    assert said is not None
    about_a_mail = isinstance(error, SendError | Withheld)
    assert (said if about_a_mail else said.__cause__) is error


def test_the_rest_that_no_other_way_takes_stays_with_its_error() -> None:
    way = Scripted(partly(b=Unavailable("later")), partly(b=Unavailable("later")))
    policy = Failover(way)
    for _ in range(2):  # the second time as the last resort
        result = policy.send(outgoing(THREE))
        assert fates(result) == {"a": "sent", "b": "not_sent", "c": "sent"}
        open_circuit(policy)
    assert asked(way) == [2]


def test_a_doubt_is_about_those_who_may_have_it_and_about_nobody_else() -> None:
    ways = Scripted(partly(b=TimedOut("late"), c=Unavailable("later"))), Scripted()
    result = Failover(*ways, on_unknown="resend").send(outgoing(THREE))
    assert fates(result) == {"a": "sent", "b": "sent", "c": "sent"}
    assert [type(one.error).__name__ for one in result.recipients] == ["NoneType", "TimedOut", "NoneType"]


def test_the_rest_of_the_rest_moves_on_too() -> None:
    ways = (
        Scripted(partly(a=Throttled("1"), b=Throttled("1"), c=Throttled("1"))),
        Scripted(fault()),
        Scripted(partly(b=Throttled("3"))),
        Scripted(),
    )
    result = Failover(*ways).send(outgoing([*THREE, "d@example.org"]))

    assert set(fates(result).values()) == {"sent"}
    assert [one.people[0] for one in ways] == [[*THREE, "d@example.org"], THREE, THREE, ["b@example.org"]]


def test_a_way_that_took_it_for_some_is_well() -> None:
    policy = Failover(Scripted(fault(), partly(b=Throttled("slow"))), Scripted())
    policy.send(outgoing(THREE))
    assert policy.health[0].faults == 1
    policy.send(outgoing(THREE))

    assert policy.health[0].faults == 0


def test_a_result_in_which_nobody_has_it_says_nothing_good_of_the_way() -> None:
    def nobody(mail: Outgoing) -> SendResult:
        return SendResult(tuple(RecipientResult(one, Outcome.NOT_SENT) for one in mail.envelope.recipients))

    policy = Failover(Scripted(fault(), nobody), Scripted())
    policy.send(outgoing())
    assert policy.send(outgoing()).failed

    assert policy.health[0].faults == 1


def test_a_result_in_which_nobody_has_it_is_no_second_error_of_the_way() -> None:
    policy = Failover(Scripted(partly(ada=Throttled("slow"))), Scripted(partly(ada=LOST)))

    assert refuse(policy) is LOST
    assert [one.faults for one in policy.health] == [0, 0]


# ── two are better than none ─────────────────────────────────────────────────────────────────────────────────────


@both
def test_resend_moves_a_mail_on_that_may_be_out_and_says_so(send: Colour, caplog: pytest.LogCaptureFixture) -> None:
    result = send(Failover(Scripted(LOST), Scripted(), on_unknown="resend"), outgoing(THREE))

    assert fates(result) == {"a": "sent", "b": "sent", "c": "sent"}
    assert {one.error for one in result.recipients} == {LOST}
    assert [record.message for record in caplog.records] == [
        "a mail that may be out goes by way 2 (scripted) too, as on_unknown=resend says"
    ]


@pytest.mark.parametrize("last", [Rejected("no"), Withheld("no"), InvalidAddress("no"), SetupError("no")])
def test_what_is_raised_last_does_not_hide_that_it_may_be_out(last: SesmailError) -> None:
    error = refuse(Failover(Scripted(LOST), Scripted(last), on_unknown="resend"))

    assert (error, error.__cause__) == (LOST, last)


def test_neither_does_that_all_others_failed() -> None:
    error = refuse(Failover(Scripted(LOST), Scripted(fault()), on_unknown="resend"))

    assert isinstance(error, AllFailed)
    assert error.outcome is Outcome.UNKNOWN


def test_whoever_may_have_it_may_still_have_it_after_another_way_failed_for_them() -> None:
    ways = Scripted(LOST), Scripted(partly(b=Throttled("slow"), c=Rejected("no"))), Scripted(Rejected("no"))
    result = Failover(*ways, on_unknown="resend").send(outgoing(THREE))

    assert fates(result) == {"a": "sent", "b": "unknown", "c": "unknown"}
    assert {one.error for one in result.recipients} == {LOST}
    assert ways[2].people == [["b@example.org"]]


def test_nobody_is_in_doubt_of_whom_the_line_said_no() -> None:
    ways = Scripted(partly(b=LOST, c=Throttled("slow"))), Scripted(Throttled("x"))
    result = Failover(*ways, on_unknown="resend").send(outgoing(THREE))

    assert fates(result) == {"a": "sent", "b": "unknown", "c": "not_sent"}


# ── what is left behind ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_error_that_was_overcome_is_let_go() -> None:
    class Noted(ConnectFailed):
        pass

    def made() -> Noted:
        error = Noted("x")
        alive.append(weakref.ref(error))
        return error

    def dead(_: Outgoing) -> SendResult:
        raise made()

    alive: list[weakref.ref[Noted]] = []
    gc.disable()
    try:
        policy = Failover(Scripted(dead), Scripted())
        assert policy.send(outgoing()).failed == ()
        assert [one() for one in alive] == [None], "and the mail that its traceback holds"
    finally:
        gc.enable()


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────


class Counting(LocalTransport):
    """Fails while it is told to, and knows how many are in it at once."""

    name = "counting"

    def __init__(self) -> None:
        super().__init__()
        self.is_dead = True
        self.inside = self.most = self.tries = 0

    def send(self, outgoing: Outgoing) -> SendResult:
        self.inside += 1
        self.tries += 1
        self.most = max(self.most, self.inside)
        try:
            return self._send(outgoing)
        finally:
            self.inside -= 1

    async def asend(self, outgoing: Outgoing) -> SendResult:
        self.inside += 1
        self.tries += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(0)
            return self._send(outgoing)
        finally:
            self.inside -= 1

    def _send(self, outgoing: Outgoing) -> SendResult:
        if self.is_dead:
            raise fault()
        return self.accepted(outgoing)


@pytest.mark.untraced
def test_of_many_threads_one_at_a_time_tries_a_half_open_way() -> None:
    clock = StillClock()
    dead, well = Counting(), Scripted()
    policy = Failover(dead, well, clock=clock, failures=1)
    start = Barrier(32)

    def task(_: int) -> None:
        start.wait()
        for _ in range(20):
            assert policy.send(outgoing()).failed == ()

    with ThreadPoolExecutor(32) as pool:
        policy.send(outgoing())
        clock.time += 30
        dead.tries = dead.most = 0
        for one in policy._in_order:
            one.circuit._rest_s = 0  # half open again at once
        list(pool.map(task, range(32)))

    assert dead.most == 1
    assert dead.tries > 1
    assert len(well.seen) == 1 + 32 * 20


def test_of_many_tasks_one_at_a_time_tries_a_half_open_way() -> None:
    clock = StillClock()
    dead, well = Counting(), Scripted()
    policy = Failover(dead, well, clock=clock)

    async def main() -> None:
        await asyncio.gather(*[policy.asend(outgoing()) for _ in range(64)])
        assert dead.tries == 64, "they all began before the first fault"
        assert is_open(policy) == [True, False]
        for is_dead in (True, True, False):
            clock.time += 30
            dead.is_dead, dead.most, dead.tries = is_dead, 0, 0
            await asyncio.gather(*[policy.asend(outgoing()) for _ in range(64)])
            assert (dead.most, dead.tries) == (1, 1)
        await policy.asend(outgoing())
        assert dead.tries == 2, "closed again"

    asyncio.run(main())


# ── how it is written ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "failover(memory:// null://)"),
        ({"failures": 5, "rest_s": 30.0, "on_unknown": "raise"}, "failover(memory:// null://)"),
        ({"failures": 2, "rest_s": 0.5}, "failover(memory:// null://)?failures=2&rest_s=0.5"),
        ({"rest_s": 12345.678}, "failover(memory:// null://)?rest_s=12345.678"),
        ({"on_unknown": "resend", "rest_s": 3600}, "failover(memory:// null://)?rest_s=3600&on_unknown=resend"),
    ],
)
def test_it_is_written_as_it_is_read(settings: dict[str, Any], expected: str) -> None:
    ways = connect("memory://"), connect("null://")
    policy = Failover.around(ways, settings)

    assert repr(policy) == expected
    assert policy.ways == ways
    assert list(policy.said) == [option.name for option in OPTIONS if option.name in expected]


def test_a_line_opens_it() -> None:
    policy = connect("failover(memory:// null://)?failures=2")
    while not isinstance(policy, Failover):
        policy = policy.inner  # type: ignore[attr-defined]

    assert (policy._failures, policy._rest_s, policy._resends) == (2, 30.0, False)


def test_a_region_stands_in_its_notation_and_secrets_do_not() -> None:
    policy = Failover(SesTransport("eu-west-1"), SmtpTransport("mail.example.com", user="me", password="word"))

    assert repr(policy) == "failover(ses://eu-west-1 smtp://mail.example.com:587)"


@pytest.mark.parametrize(
    ("name", "values"),
    [("failures", [0, -1, 1.5, True, "5"]), ("rest_s", [0, -1, float("nan"), float("inf"), 86_401])],
)
def test_numbers_that_make_no_sense_are_refused(name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(SetupError, match=f"{name} of failover"):
            Failover(MemoryTransport(), **{name: value})


def test_an_unknown_word_names_the_nearest() -> None:
    with pytest.raises(UnknownOption, match="did you mean 'resend'"):
        Failover(MemoryTransport(), on_unknown="resent")
    with pytest.raises(SetupError, match="failover needs a way out"):
        Failover()


def test_its_options_are_read_as_they_are_written() -> None:
    assert [option.name for option in OPTIONS] == ["failures", "rest_s", "on_unknown"]
    read = {option.name: option.reads for option in OPTIONS}
    assert (read["failures"]("3"), read["rest_s"]("0.5"), read["on_unknown"]("resend")) == (3, 0.5, "resend")
    for name, text in (("failures", "0"), ("rest_s", "0"), ("on_unknown", "again")):
        with pytest.raises(ValueError, match=r"^$"):
            read[name](text)


def test_a_way_that_cannot_be_awaited_is_found_when_a_mailer_is_built() -> None:
    class Blocking(BlockingTransport):
        name = "blocking"

        def send(self, outgoing: Outgoing) -> SendResult:
            return self.accepted(outgoing)

    policy = Failover(MemoryTransport(), Blocking())
    Mailer(policy)
    with pytest.raises(Unsupported):
        AsyncMailer(policy)
