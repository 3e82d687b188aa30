"""Retry, rule by rule: who is tried again, when, and what the errors say about it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import math
import pickle
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sesmail import Address, Mailer, Outgoing, SendResult
from sesmail.errors import (
    AccessDenied,
    AllFailed,
    ConnectFailed,
    ConnectionLost,
    CredentialsMissing,
    Outcome,
    PartlySent,
    QuotaExceeded,
    Rejected,
    SendError,
    SesmailError,
    SetupError,
    Suppressed,
    Throttled,
    TimedOut,
    TooLarge,
    Unavailable,
)
from sesmail.mail.outgoing import RecipientResult
from sesmail.policies.budget import Budget
from sesmail.policies.flow import Send, Sleep
from sesmail.policies.retry import OPTIONS, Retry
from sesmail.policies.retry.retry import chance
from sesmail.testing import TransportContract
from sesmail.transports import MemoryTransport, SesTransport, TransportUrl
from sesmail.transports.base import LocalTransport
from sesmail.transports.option import read_options
from tests.policies.stepping import Scripted, Stepper, StillClock, outgoing, partly

ALWAYS_HALF = 0.5


def notes(error: object) -> list[str]:
    return list(getattr(error, "__notes__", ()))


def half(way: Any = None, **options: Any) -> Retry:
    """Draws the middle of each pause, by a clock that stands still."""
    options = {"clock": StillClock(), "random": lambda: ALWAYS_HALF, **options}
    return Retry(way or Scripted(), **options)


def lost() -> TimedOut:
    return TimedOut("no answer")


class TestRetryAsATransport(TransportContract):
    def transport(self) -> Retry:
        return Retry(MemoryTransport())


# ── when it is tried again ───────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_that_goes_out_is_sent_once_and_the_result_is_the_ways_own() -> None:
    way, mail = Scripted(), outgoing()
    stepper = Stepper(half(way).flow(mail))
    assert stepper.sends.outgoing is mail
    assert stepper.sends.via is way
    result = way.accepted(mail)

    assert stepper.give(result) is None
    assert stepper.result is result


@pytest.mark.parametrize("error", [Unavailable("503"), ConnectFailed("no route"), SendError("odd", retryable=True)])
def test_what_may_pass_is_tried_again_after_a_pause(error: SendError) -> None:
    way, mail = Scripted(), outgoing()
    stepper = Stepper(half(way, base_s=1.0).flow(mail))
    stepper.give(error)
    assert stepper.sleeps == 0.5
    stepper.give()
    assert stepper.sends.outgoing == mail
    stepper.give(Unavailable("again"))
    assert stepper.sleeps == 1.0
    stepper.give()
    stepper.give(way.accepted(mail, message_id="third"))

    assert stepper.step is None
    assert stepper.result.message_id == "third"
    assert not stepper.result.failed


def test_the_last_error_is_raised_itself_when_the_tries_are_used_up() -> None:
    last = Unavailable("third")
    way = Scripted(Unavailable("first"), ConnectFailed("second"), last)
    retry = half(way, tries=3)
    with pytest.raises(Unavailable) as raised:
        retry.send(outgoing())

    assert raised.value is last
    assert notes(last) == ["Tried 3 times in 1.5 s"]
    assert len(way.seen) == 3
    assert last.__context__ is None
    assert raised.traceback[-1].name == "send", "the traceback leads to the way that failed"


@pytest.mark.parametrize("tries", [1, 2, 5])
def test_there_are_as_many_tries_as_were_asked_for(tries: int) -> None:
    way = Scripted(*[Unavailable("503")] * 9)
    with pytest.raises(Unavailable):
        half(way, tries=tries, within_s=1000).send(outgoing())
    assert len(way.seen) == tries


@pytest.mark.parametrize(
    "error",
    [
        Rejected("virus"),
        Rejected("odd", retryable=True),
        AccessDenied("no"),
        PartlySent("some have it", retryable=True),
        Suppressed("bounced"),
        TooLarge("large", size=2, limit=1),
        CredentialsMissing("none"),
        SetupError("odd"),
        QuotaExceeded("24 hours"),
        Unavailable("asked", outcome=Outcome.UNKNOWN),
        lost(),
        AllFailed("all", [QuotaExceeded("a"), AccessDenied("b")]),
        AllFailed("all", [Throttled("a"), lost()]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_must_not_be_repeated_is_raised_at_once(error: SesmailError) -> None:
    way = Scripted(error)
    with pytest.raises(type(error)) as raised:
        half(way).send(outgoing())
    assert raised.value is error
    assert len(way.seen) == 1


def test_an_error_that_is_none_of_ours_passes_by() -> None:
    stepper = Stepper(half().flow(outgoing()))
    with pytest.raises(ZeroDivisionError):
        stepper.give(ZeroDivisionError())


def test_partly_sent_is_never_repeated_whatever_it_says_of_itself() -> None:
    error = PartlySent("some have it", retryable=True, outcome=Outcome.NOT_SENT)
    way = Scripted(error)
    with pytest.raises(PartlySent):
        half(way, on_unknown="resend").send(outgoing())
    assert len(way.seen) == 1


class Raising(LocalTransport):
    """Raises new errors, and holds on to none."""

    name = "raising"

    def __init__(self, *kinds: Callable[[], SendError]) -> None:
        super().__init__()
        self._kinds = iter(kinds)

    def send(self, outgoing: Outgoing) -> SendResult:
        raise next(self._kinds)()  # noqa: RSE102 - it is called, to be a new one


@pytest.mark.parametrize(
    "kinds",
    [
        [lambda: Rejected("no")],
        [lambda: Unavailable("503")] * 3,
        [lambda: Unavailable("503"), lambda: Rejected("no")],
        [lambda: TimedOut("no answer"), lambda: Throttled("slower"), lambda: Throttled("slower")],
    ],
    ids=["at once", "at last", "one after another", "in doubt"],
)
def test_a_failed_mail_is_free_as_soon_as_its_error_is(kinds: list[Callable[[], SendError]]) -> None:
    """It may be large, and an outage brings many. The garbage collection would come to it late."""

    class Content:
        pass

    content = Content()
    seen = weakref.ref(content)
    mail = replace(outgoing(), content=content)  # type: ignore[arg-type]
    del content
    retry = half(Raising(*kinds), on_unknown="resend")
    gc.collect()
    gc.disable()
    try:
        with contextlib.suppress(SendError):
            retry.send(mail)
        del mail
        assert seen() is None
    finally:
        gc.enable()


def test_a_traceback_leads_from_the_caller_to_the_way_and_shows_no_more_than_that() -> None:
    with pytest.raises(Unavailable) as raised:
        half(Raising(*[lambda: Unavailable("503")] * 3)).send(outgoing())
    names = [frame.name for frame in raised.traceback][1:]
    assert names == ["send", "run", "flow", "_again", "_again", "send", "run", "_perform", "send"]


# ── for whom ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_those_who_lack_it_are_sent_it_again() -> None:
    mail = outgoing(
        ["ada@example.org", "bob@example.org", "cy@example.org"], cc=["dee@example.org"], bcc=["eve@example.org"]
    )
    full, down, gone = Throttled("full"), Unavailable("down"), Rejected("gone")
    way = Scripted(partly(bob=full, cy=gone, eve=down), partly(eve=Unavailable("still")))
    result = half(way).send(mail)

    assert way.people[1:] == [["bob@example.org", "eve@example.org"], ["eve@example.org"]]
    assert way.seen[1].envelope.bcc == mail.envelope.bcc, "a blind copy stays blind"
    assert way.seen[1].content is mail.content
    assert [(one.address.local, str(one.outcome)) for one in result.recipients] == [
        ("ada", "sent"),
        ("bob", "sent"),
        ("cy", "refused"),
        ("dee", "sent"),
        ("eve", "sent"),
    ]
    assert result.by_recipient["cy@example.org"].error is gone
    assert result.message_id == "part", "the ids are those of the try that reached somebody first"


def test_who_was_left_out_for_good_is_told_with_the_last_error() -> None:
    errors = [Unavailable("1"), Unavailable("2"), Unavailable("3")]
    way = Scripted(*[partly(bob=error) for error in errors[:1]], *errors[1:])
    result = half(way).send(outgoing(["ada@example.org", "bob@example.org"]))

    assert way.people == [["ada@example.org", "bob@example.org"], ["bob@example.org"], ["bob@example.org"]]
    assert [one.error for one in result.failed] == [errors[2]]
    assert notes(errors[2]) == ["Tried 3 times in 1.5 s"]
    assert result.message_id == "part"


def test_an_error_about_some_is_repeated_for_them_only() -> None:
    error = Unavailable("for bob", recipients=["bob@example.org"])
    way = Scripted(error)
    result = half(way).send(outgoing(["ada@example.org", "bob@example.org"]))
    assert way.people[1:] == [["bob@example.org"]]
    assert [(one.address.local, one.error) for one in result.failed] == [("ada", error)]


def test_different_errors_at_the_end_become_one_that_counts_them() -> None:
    def nobody(outgoing: Outgoing) -> SendResult:
        return partly(ada=Unavailable("a"), bob=Throttled("b"))(outgoing)

    way = Scripted(nobody, nobody)
    with pytest.raises(SendError, match="2 of 2 recipients failed") as raised:
        half(way, tries=2).send(outgoing(["ada@example.org", "bob@example.org"]))
    assert raised.value.outcome is Outcome.NOT_SENT
    assert raised.value.retryable
    assert notes(raised.value) == ["Tried 2 times in 1.5 s"]
    assert notes(raised.value.__cause__) == ["Tried 2 times in 1.5 s"]


@pytest.mark.parametrize("error", [CredentialsMissing("gone"), Suppressed("no"), TooLarge("x", size=2, limit=1)])
def test_whatever_comes_after_somebody_has_it_is_told_in_the_result(error: SesmailError) -> None:
    way = Scripted(partly(bob=Unavailable("503")), error)
    result = half(way).send(outgoing(["ada@example.org", "bob@example.org"]))
    assert [(one.address.local, one.error) for one in result.failed] == [("bob", error)]
    assert result.failed[0].outcome is getattr(error, "outcome", Outcome.NOT_SENT)


@pytest.mark.parametrize("error", [CredentialsMissing("gone"), Suppressed("no"), TooLarge("x", size=2, limit=1)])
def test_whatever_comes_while_nobody_has_it_is_raised_itself(error: SesmailError) -> None:
    with pytest.raises(type(error)) as raised:
        half(Scripted(Unavailable("503"), error)).send(outgoing())
    assert raised.value is error


def test_a_failure_without_an_error_is_not_repeated() -> None:
    def mute(outgoing: Outgoing) -> SendResult:
        ada, bob = outgoing.envelope.recipients
        return SendResult((RecipientResult(ada, Outcome.SENT), RecipientResult(bob, Outcome.NOT_SENT)))

    way = Scripted(mute)
    half(way, on_unknown="resend").send(outgoing(["ada@example.org", "bob@example.org"]))
    assert len(way.seen) == 1


def test_pitfall_18_a_throttled_mail_is_never_shown_as_sent() -> None:
    way = Scripted(*[Throttled("slower")] * 3)
    with pytest.raises(Throttled) as raised:
        half(way).send(outgoing())
    assert (raised.value.outcome, raised.value.retryable) == (Outcome.NOT_SENT, True)

    way = Scripted(*[partly(bob=Throttled("slower"))] * 3)
    result = half(way).send(outgoing(["ada@example.org", "bob@example.org"]))
    assert [(one.address.local, one.outcome) for one in result.failed] == [("bob", Outcome.NOT_SENT)]
    with pytest.raises(PartlySent):
        result.raise_if_any_failed()


def behind_a_redirect(error: SesmailError | None = None, *, also: bool = False) -> Callable[[Outgoing], SendResult]:
    """A result about somebody else in the place of all but the first."""

    def result(outgoing: Outgoing) -> SendResult:
        first = RecipientResult(outgoing.envelope.recipients[0], Outcome.SENT)
        other = RecipientResult(Address("test@example.com"), getattr(error, "outcome", Outcome.SENT), error)
        return SendResult((first, other) if also else (other,), message_id="redirected")

    return result


def test_a_result_about_others_takes_the_place_of_all_that_was_said_before() -> None:
    way = Scripted(Throttled("slower"), behind_a_redirect())
    result = half(way).send(outgoing(["ada@example.org", "bob@example.org"]))
    assert [(one.address.email, str(one.outcome)) for one in result.recipients] == [("test@example.com", "sent")]
    assert result.message_id == "redirected"


def test_others_who_lack_it_are_not_in_the_mail_and_so_not_repeated() -> None:
    error = Throttled("slower")
    way = Scripted(behind_a_redirect(error, also=True))
    result = half(way).send(outgoing(["ada@example.org", "bob@example.org"]))
    assert len(way.seen) == 1
    assert [(one.address.email, one.error) for one in result.recipients] == [
        ("ada@example.org", None),
        ("test@example.com", error),
    ]


@pytest.mark.parametrize(("later", "outcome"), [(None, Outcome.SENT), (Rejected("no"), Outcome.UNKNOWN)])
def test_others_may_have_it_twice_too(later: SesmailError | None, outcome: Outcome) -> None:
    error = lost()
    way = Scripted(error, behind_a_redirect(later, also=True))
    result = half(way, on_unknown="resend").send(outgoing(["ada@example.org", "bob@example.org"]))
    assert [(one.address.email, one.outcome, one.error) for one in result.recipients] == [
        ("ada@example.org", Outcome.SENT, error),
        ("test@example.com", outcome, error),
    ]


def test_others_stand_for_those_only_who_are_not_named() -> None:
    error = lost()
    way = Scripted(partly(ada=error, bob=Unavailable("503")), behind_a_redirect(also=True))
    result = half(way, on_unknown="resend").send(outgoing(["ada@example.org", "bob@example.org", "cy@example.org"]))
    assert way.people[1] == ["ada@example.org", "bob@example.org"]
    assert [(one.address.email, one.error) for one in result.recipients] == [
        ("ada@example.org", error),
        ("cy@example.org", None),
        ("test@example.com", None),
    ]


# ── unknown outcomes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_may_be_out_is_raised_at_once_and_says_why() -> None:
    error = lost()
    with pytest.raises(TimedOut):
        half(Scripted(error)).send(outgoing())
    assert notes(error) == ["Tried once in 0.0 s, and not again: it may be out"]


def test_on_request_what_may_be_out_is_repeated_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    error = lost()
    way = Scripted(error)
    with caplog.at_level(logging.DEBUG, "sesmail"):
        result = half(way, on_unknown="resend").send(outgoing(["ada@example.org", "bob@example.org"]))

    assert way.people == [["ada@example.org", "bob@example.org"]] * 2
    assert not result.failed
    assert [one.error for one in result.recipients] == [error, error]
    assert notes(error) == ["It was sent again after this: who got it the first time as well has it twice"]
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("WARNING", "sent a mail again though it may be out, to 2 recipients: TimedOut"),
    ]
    assert result.message_id == "id-2"


def test_what_may_be_out_stays_so_though_a_later_try_was_refused() -> None:
    """The caller would send it a third time if it heard "not sent"."""
    error, last = lost(), Throttled("slower")
    way = Scripted(error, last)
    with pytest.raises(TimedOut) as raised:
        half(way, tries=2, on_unknown="resend").send(outgoing())
    assert raised.value is error
    assert raised.value.outcome is Outcome.UNKNOWN
    assert notes(error)[1] == notes(last)[0] == "Tried 2 times in 0.5 s"


def test_the_last_unknown_outcome_counts() -> None:
    first, last = lost(), ConnectionLost("cut")
    with pytest.raises(ConnectionLost) as raised:
        half(Scripted(first, last), tries=2, on_unknown="resend").send(outgoing())
    assert raised.value is last
    assert notes(last) == ["Tried 2 times in 0.5 s"]


def test_on_request_those_who_may_have_it_are_sent_it_again_and_nobody_else() -> None:
    way = Scripted(partly(bob=lost(), cy=Rejected("no")))
    result = half(way, on_unknown="resend").send(outgoing(["ada@example.org", "bob@example.org", "cy@example.org"]))
    assert way.people[1:] == [["bob@example.org"]]
    assert [one.address.local for one in result.failed] == ["cy"]


def test_who_was_told_by_a_way_that_they_may_have_it_twice_is_not_sent_it_a_third_time() -> None:
    """As when the way tries again by itself: sent, with the error that came before."""
    mail = outgoing(["ada@example.org", "bob@example.org"])
    inner = half(Scripted(lost(), partly(bob=Unavailable("503"))), tries=2, on_unknown="resend")
    outer = half(inner, tries=2, on_unknown="resend")
    result = outer.send(mail)
    assert [one.outcome for one in result.recipients] == [Outcome.SENT] * 2
    way = inner.inner
    assert isinstance(way, Scripted)
    assert way.people[2:] == [["bob@example.org"]]
    doubt = result.recipients[0].error
    assert [note.partition(" ")[0] for note in notes(doubt)] == ["It", "It"], "sent again twice, to bob the second time"


def test_nothing_is_logged_where_nothing_is_risked(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "sesmail"):
        half(Scripted(Unavailable("503")), on_unknown="resend").send(outgoing())
    assert not caplog.records


@pytest.mark.parametrize("awaited", [False, True])
@pytest.mark.parametrize(("on_unknown", "copies"), [("raise", 1), ("resend", 2)])
def test_the_ledger_has_a_second_copy_only_on_request(on_unknown: Any, copies: int, awaited: bool) -> None:
    memory, mail = MemoryTransport(), outgoing()
    retry = half(memory, on_unknown=on_unknown)
    memory.fail_next(lost(), arrives=True)

    def carry() -> SendResult:
        return asyncio.run(retry.asend(mail)) if awaited else retry.send(mail)

    if on_unknown == "raise":
        with pytest.raises(TimedOut):
            carry()
    else:
        assert not carry().failed
    assert len(memory.sent) == copies


@pytest.mark.parametrize("awaited", [False, True])
def test_a_mail_that_was_not_taken_is_in_the_ledger_once(awaited: bool) -> None:
    memory, mail, clock = MemoryTransport(), outgoing(), StillClock()
    retry = half(memory, clock=clock)
    memory.fail_next(Unavailable("503"), times=2)
    result = asyncio.run(retry.asend(mail)) if awaited else retry.send(mail)
    assert not result.failed
    assert memory.sent == (mail,)
    assert clock.slept == [0.5, 1.0]


# ── how long it waits ────────────────────────────────────────────────────────────────────────────────────────────


def pauses(errors: Callable[[], SendError], count: int, **options: Any) -> list[float]:
    stepper = Stepper(
        Retry(Scripted(), **{"tries": count + 1, "within_s": 9999, "clock": StillClock(), **options}).flow(outgoing())
    )
    slept = []
    for _ in range(count):
        stepper.give(errors())
        slept.append(stepper.sleeps)
        stepper.give()
    return slept


def test_pauses_double_up_to_the_cap_and_are_drawn_from_nothing_on() -> None:
    def down() -> SendError:
        return Unavailable("503")

    assert pauses(down, 5, base_s=1, cap_s=6, random=lambda: 1.0) == [1, 2, 4, 6, 6]
    assert pauses(down, 5, base_s=1, cap_s=6, random=lambda: 0.0) == [0, 0, 0, 0, 0]
    assert pauses(down, 1, base_s=20, cap_s=6, random=lambda: 0.5) == [3]


def test_pauses_after_throttles_are_longer_and_never_nothing() -> None:
    def slower() -> SendError:
        return Throttled("slower")

    assert pauses(slower, 4, base_s=0, cap_s=6, random=lambda: 0.0) == [1, 2, 4, 6]
    assert pauses(slower, 4, base_s=0, cap_s=6, random=lambda: 1.0) == [2, 4, 8, 12]
    assert pauses(slower, 2, throttle_s=0.5, random=lambda: 0.5) == [0.75, 1.5]


def test_a_pause_that_the_provider_asks_for_is_kept() -> None:
    def asks() -> SendError:
        return Unavailable("503", retry_after_s=5)

    assert pauses(asks, 2, random=lambda: 0.0) == [5, 5]
    assert pauses(asks, 2, random=lambda: 0.5) == [5.5, 6]
    assert pauses(lambda: Throttled("slower", retry_after_s=0.1), 1, random=lambda: 0.0) == [1]
    assert pauses(lambda: Unavailable("503", retry_after_s=-3), 1, random=lambda: 0.5) == [0.5]


def test_of_several_recipients_the_longest_pause_counts() -> None:
    mail = outgoing(["ada@example.org", "bob@example.org", "cy@example.org"])
    stepper = Stepper(half().flow(mail))
    stepper.give(partly(ada=Throttled("slower"), bob=Unavailable("503", retry_after_s=4))(mail))
    assert stepper.sleeps == 4.5


def test_of_several_ways_the_one_that_can_be_tried_first_counts() -> None:
    def all_failed(*errors: SendError) -> Callable[[], SendError]:
        return lambda: AllFailed("all", [*errors])

    quiet = {"random": lambda: 0.0}
    assert pauses(all_failed(Throttled("a", retry_after_s=9), Unavailable("b")), 1, **quiet) == [0]
    assert pauses(all_failed(Throttled("a"), AccessDenied("b")), 1, **quiet) == [1]
    assert pauses(all_failed(Throttled("a"), QuotaExceeded("b")), 1, **quiet) == [1]
    assert pauses(all_failed(Throttled("a", retry_after_s=9), Throttled("b", retry_after_s=7)), 1, **quiet) == [7]
    nested = AllFailed("inner", [AccessDenied("b"), Throttled("c", retry_after_s=3)])
    assert pauses(all_failed(AccessDenied("a"), nested), 1, **quiet) == [3]


def test_no_pause_is_begun_that_would_end_after_the_deadline() -> None:
    clock = StillClock()
    way = Scripted(*[Unavailable("503")] * 9, clock=clock, takes_s=4)
    with pytest.raises(Unavailable) as raised:
        half(way, tries=9, within_s=9, clock=clock).send(outgoing())

    assert clock.slept == [0.5]  # it is 8.5 s then, and the next one would end at 9.5
    assert notes(raised.value) == ["Tried 2 times in 8.5 s, and not again: there is no time for another try within 9 s"]


def test_a_pause_may_end_at_the_deadline_itself() -> None:
    clock = StillClock()
    half(Scripted(Unavailable("503")), within_s=0.5, clock=clock).send(outgoing())
    assert clock.slept == [0.5]


def test_a_pause_that_is_too_long_is_not_waited_for_at_all() -> None:
    clock = StillClock()
    error = Throttled("slower", retry_after_s=20)
    with pytest.raises(Throttled):
        half(Scripted(error), clock=clock).send(outgoing())
    assert not clock.slept
    assert notes(error) == ["Tried once in 0.0 s, and not again: there is no time for another try within 15 s"]


@pytest.mark.parametrize(("odd", "slept"), [(math.nan, [0.5]), (math.inf, []), (-math.inf, [0.5])])
def test_an_odd_pause_is_not_waited_for(odd: float, slept: list[float]) -> None:
    clock = StillClock()
    with contextlib.suppress(Unavailable):
        half(Scripted(Unavailable("503", retry_after_s=odd)), clock=clock).send(outgoing())
    assert clock.slept == slept


def test_a_quota_of_a_day_is_not_waited_for_and_says_so() -> None:
    clock, error = StillClock(), QuotaExceeded("24 hours")
    with pytest.raises(QuotaExceeded) as raised:
        half(Scripted(error), clock=clock).send(outgoing())
    assert raised.value.retryable, "in hours it is"
    assert notes(error) == ["Tried once in 0.0 s, and not again: a quota of 24 hours comes back in hours"]


def test_the_error_of_somebody_who_has_it_gets_no_note() -> None:
    doubt, error = lost(), QuotaExceeded("24 hours")

    def both(outgoing: Outgoing) -> SendResult:
        ada, bob = outgoing.envelope.recipients
        return SendResult((RecipientResult(ada, Outcome.SENT, doubt), RecipientResult(bob, error.outcome, error)))

    half(Scripted(both)).send(outgoing(["ada@example.org", "bob@example.org"]))
    assert not notes(doubt)
    assert len(notes(error)) == 1


def test_what_no_try_can_help_has_no_note() -> None:
    for error in (Rejected("virus"), AccessDenied("no"), QuotaExceeded("for good", retryable=False)):
        with pytest.raises(type(error)):
            half(Scripted(error)).send(outgoing())
        assert not notes(error)


def test_a_chance_is_a_number_from_nothing_to_one() -> None:
    drawn = [chance() for _ in range(2000)]
    assert 0 <= min(drawn) < 0.05
    assert 0.95 < max(drawn) < 1
    assert 0.45 < sum(drawn) / len(drawn) < 0.55


def test_an_error_with_notes_pickles() -> None:
    with pytest.raises(Unavailable) as raised:
        half(Scripted(*[Unavailable("503")] * 3)).send(outgoing())
    assert notes(pickle.loads(pickle.dumps(raised.value))) == notes(raised.value)


# ── the budget ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_token_the_error_is_raised_at_once_and_says_so() -> None:
    clock = StillClock()
    budget = Budget(capacity=1, clock=clock)
    errors = [Unavailable("1"), Unavailable("2"), Unavailable("3")]
    with pytest.raises(Unavailable) as raised:
        half(Scripted(*errors), clock=clock, budget=budget).send(outgoing())

    assert raised.value is errors[1]
    assert clock.slept == [0.5]
    assert notes(errors[1]) == [
        "Tried 2 times in 0.5 s, and not again: too much fails just now, and the budget for further tries is empty"
    ]


def test_throttles_leave_the_tokens_for_faults() -> None:
    clock = StillClock()
    budget = Budget(capacity=3, throttles_per_s=0, clock=clock)
    half(Scripted(Throttled("a"), Throttled("b")), clock=clock, budget=budget).send(outgoing())
    assert budget.left(throttled=True) == 1
    assert budget.left() == 3


def test_no_token_is_taken_for_a_pause_that_is_too_long() -> None:
    clock = StillClock()
    budget = Budget(capacity=3, clock=clock)
    with pytest.raises(Unavailable):
        half(Scripted(Unavailable("503", retry_after_s=99)), clock=clock, budget=budget).send(outgoing())
    assert budget.left() == 3


def test_only_first_tries_that_reach_somebody_earn_tokens() -> None:
    clock = StillClock()
    budget = Budget(per_s=0, clock=clock)
    for _ in range(5):
        assert budget.take()

    def carry(*script: Any, to: list[str] | None = None) -> float:
        before = budget.left()
        half(Scripted(*script), clock=clock, budget=budget).send(outgoing(to or ["ada@example.org"]))
        return round(budget.left() - before, 3)

    assert carry() == 0.1
    assert carry(Unavailable("503")) == -1
    assert carry(partly(ada=Unavailable("503"))) == -1, "a way should raise it; nobody has it all the same"
    assert carry(partly(bob=Rejected("no")), to=["ada@example.org", "bob@example.org"]) == 0.1
    assert carry(partly(bob=Unavailable("503")), to=["ada@example.org", "bob@example.org"]) == -0.9


def test_mailers_of_one_way_share_a_budget_unless_they_have_a_time_of_their_own() -> None:
    one, other, elsewhere = (Retry(SesTransport(region)) for region in ("eu-west-1", "eu-west-1", "eu-west-2"))
    assert one._budget is other._budget is not elsewhere._budget
    assert Retry(MemoryTransport())._budget is not Retry(MemoryTransport())._budget
    assert half(SesTransport("eu-west-1"))._budget is not one._budget
    mine = Budget()
    assert Retry(SesTransport("eu-west-1"), budget=mine)._budget is mine


# ── how it is written ────────────────────────────────────────────────────────────────────────────────────────────


def opened(query: str) -> Any:
    return Retry.around(MemoryTransport(), read_options(TransportUrl.parse(f"memory://?{query}"), OPTIONS))


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("retry=4", "retry=4"),
        ("retry=3&retry_within_s=15.0", "retry=3"),
        ("retry=2&retry_within_s=0.25&on_unknown=resend", "retry=2&retry_within_s=0.25&on_unknown=resend"),
        ("retry=2&retry_within_s=0.000001", "retry=2&retry_within_s=0.000001"),
        ("retry_within_s=86400&on_unknown=raise", "retry=3&retry_within_s=86400"),
        ("", "retry=3"),
    ],
)
def test_it_is_opened_as_it_is_written(query: str, written: str) -> None:
    assert repr(opened(query)) == f"memory://?{written}"
    assert repr(opened(written)) == f"memory://?{written}"


@pytest.mark.parametrize("query", ["retry=1", "retry=off", "retry=off&on_unknown=resend"])
def test_a_single_try_takes_no_policy(query: str) -> None:
    assert isinstance(opened(query), MemoryTransport)


@pytest.mark.parametrize("query", ["retry=0", "retry=no", "retry=2.5", "retry_within_s=0", "on_unknown=repeat"])
def test_what_an_option_does_not_take_is_refused(query: str) -> None:
    with pytest.raises(SetupError):
        opened(query)


@pytest.mark.parametrize(
    "odd",
    [{"tries": 0}, {"within_s": -1}, {"base_s": math.nan}, {"cap_s": 1e6}, {"throttle_s": -1}, {"on_unknown": "maybe"}],
)
def test_what_makes_no_sense_is_refused_when_it_is_built(odd: dict[str, Any]) -> None:
    with pytest.raises(SetupError):
        Retry(MemoryTransport(), **odd)


def test_its_options_are_named_after_it() -> None:
    assert [option.name for option in OPTIONS] == ["retry", "retry_within_s", "on_unknown"]
    assert [option.default for option in OPTIONS] == ["3", "15", "`raise`"]
    assert OPTIONS[0].takes == "a whole number, over 0, or `off`"


# ── all together ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_flow_can_be_closed_wherever_it_waits() -> None:
    """A cancellation does so. Nothing is held that would have to be given back."""
    for depth, kind in enumerate([Send, Sleep, Send]):
        flow = half().flow(outgoing())
        step = next(flow)
        for _ in range(depth):
            step = flow.throw(Unavailable("503")) if isinstance(step, Send) else flow.send(None)
        assert isinstance(step, kind)
        flow.close()


def test_a_cancelled_task_does_not_try_again() -> None:
    memory = MemoryTransport()
    memory.fail_next(Unavailable("503"))
    retry = Retry(memory, base_s=80, cap_s=80, within_s=100, random=lambda: 0.9)

    async def main() -> None:
        task = asyncio.create_task(retry.asend(outgoing()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not memory.sent


def test_by_a_mailer_and_the_systems_clock() -> None:
    memory = MemoryTransport()
    memory.fail_next(Unavailable("503"), times=2)
    mailer = Mailer(Retry(memory, base_s=0.01), sender="shop@example.com")
    assert repr(mailer).startswith("Mailer(memory://?retry=3")
    assert not mailer.send(to="ada@example.org", text="Hello").failed
