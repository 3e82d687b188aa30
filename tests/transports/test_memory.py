"""The transport that keeps every mail, and fails as it is told to."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from sesmail import Mailer, Outcome
from sesmail.errors import Rejected, SendError, SetupError, Throttled, TimedOut
from sesmail.transports import MemoryTransport


def mailer(memory: MemoryTransport) -> Mailer:
    return Mailer(memory, sender="shop@example.com")


def test_it_fails_so_often_and_then_succeeds() -> None:
    memory = MemoryTransport()
    memory.fail_next(Throttled("slow down"), times=2)
    for _ in range(2):
        with pytest.raises(Throttled):
            mailer(memory).send(to="ada@example.org")
    mailer(memory).send(to="ada@example.org")

    assert len(memory.sent) == 1
    assert repr(memory) == "MemoryTransport(1 mails)"


def test_an_unknown_outcome_may_have_arrived() -> None:
    memory = MemoryTransport()
    memory.fail_next(TimedOut("no answer"), arrives=True)
    memory.fail_next(TimedOut("no answer"))
    for _ in range(2):
        with pytest.raises(TimedOut) as caught:
            mailer(memory).send(to="ada@example.org")
        assert caught.value.outcome is Outcome.UNKNOWN

    assert len(memory.sent) == 1


def test_a_refused_recipient_does_not_get_the_mail() -> None:
    memory = MemoryTransport()
    memory.refuse("Bob <bob@example.org>")
    result = mailer(memory).send(to=["ada@example.org", "bob@example.org"], bcc="eve@example.org")

    assert result.by_recipient["bob@example.org"].outcome is Outcome.REFUSED
    assert [address.email for address in memory.sent[0].envelope.recipients] == ["ada@example.org", "eve@example.org"]
    with pytest.raises(Rejected) as caught:
        mailer(memory).send(to="bob@example.org")
    assert caught.value.recipients == ("bob@example.org",)


def test_it_can_be_slow_in_both_colours() -> None:
    memory = MemoryTransport()
    mailer(memory).send(to="ada@example.org")
    memory.slow_down(0.02)
    start = monotonic()
    memory.send(memory.sent[0])
    asyncio.run(memory.asend(memory.sent[0]))

    assert monotonic() - start >= 0.04


def test_clearing_forgets_mails_and_script() -> None:
    memory = MemoryTransport()
    memory.refuse("ada@example.org")
    memory.slow_down(60)
    memory.fail_next(SendError("no"))
    memory.clear()

    assert mailer(memory).send(to="ada@example.org").failed == ()
    memory.clear()
    assert memory.sent == ()


def test_a_script_is_used_up_once_by_many_threads() -> None:
    memory = MemoryTransport()
    memory.fail_next(Throttled("slow down"), times=50)

    def sent(_: int) -> bool:
        try:
            mailer(memory).send(to="ada@example.org")
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(sent, range(200))) == 150
    assert len(memory.sent) == 150


def test_a_class_is_no_error_to_fail_with() -> None:
    with pytest.raises(SetupError, match="fail_next takes an error"):
        MemoryTransport().fail_next(Throttled)  # type: ignore[arg-type]


def test_an_error_that_is_raised_often_does_not_grow() -> None:
    memory = MemoryTransport()
    error = Throttled("slow down")
    memory.fail_next(error, times=100)
    for _ in range(100):
        with pytest.raises(Throttled):
            mailer(memory).send(to="ada@example.org")

    frames = 0
    traceback = error.__traceback__
    while traceback:
        frames, traceback = frames + 1, traceback.tb_next
    assert frames < 10
