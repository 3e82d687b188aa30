"""Many mails: to the end, in bounded memory, each with its own report."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from contextvars import Context
from dataclasses import replace
from time import monotonic, sleep

import pytest

from sesmail import Address, AsyncMailer, Email, Envelope, Mailer, MailReport, ManyReport, Outcome, Outgoing, SendResult
from sesmail.errors import SetupError, Throttled, TimedOut
from sesmail.mailer.reports import MailFields
from sesmail.testing import capture
from sesmail.transports import MemoryTransport


def mails(count: int, *, bad: int = -1) -> Iterator[MailFields]:
    for number in range(count):
        yield {"to": "nobody" if number == bad else f"reader{number}@example.org", "text": "Hi"}


Run = Callable[..., ManyReport]


@pytest.fixture(params=["send_many", "await send_many"])
def run(request: pytest.FixtureRequest) -> Callable[[MemoryTransport], Run]:
    def of(memory: MemoryTransport) -> Run:
        if request.param == "send_many":
            return Mailer(memory, sender="shop@example.com").send_many
        mailer = AsyncMailer(memory, sender="shop@example.com")
        return lambda source, **options: asyncio.run(mailer.send_many(source, **options))

    return of


Runner = Callable[[MemoryTransport], Run]


@pytest.mark.parametrize("concurrency", [1, 2, 7])
def test_all_are_sent_and_counted(run: Runner, concurrency: int) -> None:
    memory = MemoryTransport()
    memory.refuse("reader3@example.org", "partly@example.org")
    given = [*mails(20, bad=5), Email(to=["ada@example.org", "partly@example.org"], text="Hi")]
    seen: list[MailReport] = []
    report = run(memory)(given, concurrency=concurrency, on_result=seen.append)

    assert (report.mails, report.sent, report.partly, report.failed) == (21, 18, 1, 2)
    assert report.recipients == {Outcome.SENT: 19, Outcome.REFUSED: 1}
    assert report.errors == {"InvalidAddress": 1, "Rejected": 1}
    assert sorted(one.index for one in seen) == list(range(21))
    assert all(one.mail is given[one.index] for one in seen)
    assert sorted(one.index for one in report.failures) == [3, 5, 20]
    assert {one.index: one.is_sent for one in seen}[0]
    assert len(memory.sent) == 19
    if concurrency == 1:
        assert [one.index for one in seen] == list(range(21))


def test_a_mail_of_which_nothing_is_known_is_not_a_failed_one(run: Runner) -> None:
    memory = MemoryTransport()
    memory.fail_next(TimedOut("no answer"), arrives=True)
    report = run(memory)(mails(3))

    assert (report.mails, report.sent, report.unknown, report.failed) == (3, 2, 1, 0)
    (failure,) = report.failures
    assert isinstance(failure.error, TimedOut)
    assert failure.error.__traceback__ is None


def test_a_result_may_tell_of_unknown_and_refused(run: Runner) -> None:
    class Odd(MemoryTransport):
        def _take(self, outgoing: Outgoing) -> SendResult:
            outcome = Outcome.UNKNOWN if outgoing.email.to[0].local == "reader0" else Outcome.REFUSED
            result = super()._take(outgoing)
            return replace(result, recipients=tuple(replace(one, outcome=outcome) for one in result.recipients))

    report = run(Odd())(mails(3))

    assert (report.sent, report.partly, report.unknown, report.failed) == (0, 0, 1, 2)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_every_mail_would_meet_ends_the_run(run: Runner, concurrency: int) -> None:
    memory = MemoryTransport()
    broken = Mailer(memory, sender="a@example.com", before=lambda mail: None)  # type: ignore[arg-type, return-value]
    awaited = AsyncMailer(memory, sender="a@example.com", before=lambda mail: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(SetupError, match="and not the Email"):
        broken.send_many(mails(100), concurrency=concurrency)
    with pytest.raises(SetupError, match="and not the Email") as caught:
        asyncio.run(awaited.send_many(mails(100), concurrency=concurrency))
    assert caught.value.__notes__ == ["Before that, send_many had reports of 0 mails (none)."]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_mail_that_is_cancelled_by_itself_stops_nothing(concurrency: int) -> None:
    async def before(email: Email) -> Email:
        if email.to[0].local == "reader3":
            inner = asyncio.ensure_future(asyncio.sleep(10))
            inner.cancel()
            await inner
        return email

    mailer = AsyncMailer("null://", sender="a@example.com", before=before)
    report = asyncio.run(mailer.send_many(mails(10), concurrency=concurrency))

    assert (report.sent, report.failed, report.errors) == (9, 1, {"CancelledError": 1})


@pytest.mark.parametrize("concurrency", [1, 4])
def test_who_cancels_the_run_cancels_it(concurrency: int) -> None:
    memory = MemoryTransport()
    memory.slow_down(0.01)

    async def main() -> None:
        run = asyncio.ensure_future(
            AsyncMailer(memory, sender="a@b.example").send_many(mails(100), concurrency=concurrency)
        )
        await asyncio.sleep(0.05)
        run.cancel()
        await run

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert len(memory.sent) < 40


def test_a_mail_may_have_an_envelope(run: Runner) -> None:
    memory = MemoryTransport()
    envelope = Envelope(Address("bounce@example.com"), (Address("real@example.org"),))
    assert run(memory)([{"to": "shown@example.org", "envelope": envelope}]).sent == 1
    assert memory.sent[0].envelope is envelope


def test_nothing_is_fine(run: Runner) -> None:
    report = run(MemoryTransport())([])

    assert (report.mails, report.failures, report.recipients, report.errors) == (0, (), {}, {})


@pytest.mark.parametrize("concurrency", [1, 4])
def test_only_the_first_failures_are_kept(run: Runner, concurrency: int) -> None:
    memory = MemoryTransport()
    memory.fail_next(Throttled("slow down"), times=50)
    report = run(memory)(mails(60), concurrency=concurrency, keep_failures=3)

    assert (report.failed, report.sent, len(report.failures)) == (50, 10, 3)
    assert report.errors == {"Throttled": 50}


def test_a_report_says_little(run: Runner) -> None:
    memory = MemoryTransport()
    seen: list[MailReport] = []
    run(memory)(mails(2, bad=1), on_result=seen.append)

    assert repr(seen[0]).startswith("MailReport(0, SendResult(1 sent;")
    assert repr(seen[1]) == "MailReport(1, InvalidAddress)"


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_broken_source_is_raised_after_what_was_begun_is_reported(run: Runner, concurrency: int) -> None:
    def source() -> Iterator[MailFields]:
        yield from mails(10)
        raise OSError("the file of readers ended early")

    memory = MemoryTransport()
    seen: list[MailReport] = []
    with pytest.raises(OSError, match="ended early") as caught:
        run(memory)(source(), concurrency=concurrency, on_result=seen.append)

    assert len(seen) == len(memory.sent) == 10
    assert caught.value.__notes__ == ["Before that, send_many had reports of 10 mails (10 sent)."]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_who_raises_while_listening_ends_the_run(run: Runner, concurrency: int) -> None:
    memory = MemoryTransport()
    drawn: list[int] = []

    def source() -> Iterator[MailFields]:
        for number, mail in enumerate(mails(1000)):
            drawn.append(number)
            yield mail

    def stop(report: MailReport) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        run(memory)(source(), concurrency=concurrency, on_result=stop)
    assert len(drawn) <= 2 * concurrency + 1
    assert len(memory.sent) <= len(drawn)


@pytest.mark.parametrize("concurrency", [0, -1])
def test_no_concurrency_is_no_concurrency(run: Runner, concurrency: int) -> None:
    with pytest.raises(SetupError, match="1 or more"):
        run(MemoryTransport())([], concurrency=concurrency)


def test_no_more_than_a_window_is_begun(run: Runner) -> None:
    """Rule 1: what was drawn from the source and not reported is bounded, with slow sends too."""
    memory = MemoryTransport()
    memory.slow_down(0.001)
    drawn, reported, most = 0, 0, 0

    def source() -> Iterator[MailFields]:
        nonlocal drawn, most
        for mail in mails(100):
            drawn += 1
            most = max(most, drawn - reported)
            yield mail

    def count(_: MailReport) -> None:
        nonlocal reported
        reported += 1

    run(memory)(source(), concurrency=4, on_result=count)
    assert reported == 100
    assert most <= 9


def test_reports_do_not_wait_for_a_full_window(run: Runner) -> None:
    seen: list[MailReport] = []
    seen_at_the_end: list[int] = []

    def source() -> Iterator[MailFields]:
        for mail in mails(4):
            yield mail
            sleep(0.05)  # long enough for a thread; tasks have run by then as well
        seen_at_the_end.append(len(seen))

    run(MemoryTransport())(source(), concurrency=8, on_result=seen.append)
    assert len(seen) == 4
    assert seen_at_the_end[0] >= 2


def test_threads_send_in_the_context_of_who_asks() -> None:
    """So that they find the mailbox of their test, while others catch mail too."""
    other, context = capture(), Context()
    context.run(other.__enter__)
    with capture() as mailbox:
        report = Mailer("null://", sender="shop@example.com").send_many(mails(20), concurrency=4)
    context.run(other.__exit__, None, None, None)

    assert report.sent == len(mailbox) == 20


def test_concurrency_is_real(run: Runner) -> None:
    memory = MemoryTransport()
    memory.slow_down(0.05)
    start = monotonic()
    run(memory)(mails(16), concurrency=16)

    assert monotonic() - start < 0.05 * 16 / 2


# ── lazily ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("concurrency", [1, 2])
def test_mails_are_sent_as_their_reports_are_asked_for(concurrency: int) -> None:
    memory = MemoryTransport()
    reports = Mailer(memory, sender="shop@example.com").iter_many(mails(100), concurrency=concurrency)
    assert memory.sent == ()
    next(reports)
    reports.close()

    assert 1 <= len(memory.sent) <= 2 * concurrency + 1


@pytest.mark.parametrize("concurrency", [1, 3])
def test_leaving_early_ends_the_tasks(concurrency: int) -> None:
    memory = MemoryTransport()

    async def slower_and_slower(email: Email) -> Email:
        await asyncio.sleep(0.01 * int(email.to[0].local.removeprefix("reader")))
        return email

    async def main() -> set[str]:
        mailer = AsyncMailer(memory, sender="shop@example.com", before=slower_and_slower)
        async with aclosing(mailer.iter_many(mails(100), concurrency=concurrency)) as reports:
            async for _ in reports:
                break
        await asyncio.sleep(0.05)
        return {task.get_name() for task in asyncio.all_tasks()} - {asyncio.current_task().get_name()}  # type: ignore[union-attr]

    assert asyncio.run(main()) == set()
    assert len(memory.sent) == 1


def test_an_async_source() -> None:
    memory = MemoryTransport()

    async def source() -> AsyncIterator[MailFields]:
        for mail in mails(5):
            await asyncio.sleep(0)
            yield mail

    async def told(report: MailReport) -> None:
        await asyncio.sleep(0)
        seen.append(report.index)

    seen: list[int] = []
    mailer = AsyncMailer(memory, sender="shop@example.com")
    report = asyncio.run(mailer.send_many(source(), concurrency=2, on_result=told))

    assert report.sent == 5
    assert sorted(seen) == list(range(5))


def test_the_loop_is_let_in_where_no_transport_ever_waits() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    async def main() -> None:
        ticking = asyncio.ensure_future(tick())
        await AsyncMailer("null://", sender="shop@example.com").send_many(mails(320))
        ticking.cancel()

    asyncio.run(main())
    assert ticks >= 20


def test_what_no_program_should_catch_goes_through_a_thread() -> None:
    class Quits(MemoryTransport):
        def send(self, outgoing: Outgoing) -> SendResult:
            raise SystemExit(3)

    with pytest.raises(SystemExit):
        Mailer(Quits(), sender="shop@example.com").send_many(mails(3), concurrency=2)


def test_threads_are_gone_afterwards() -> None:
    Mailer("null://", sender="shop@example.com").send_many(mails(50), concurrency=8)

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sesmail-many")]
