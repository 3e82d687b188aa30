"""Threads, loops, forks and cancellation on the ways that have lines: one outcome for each send, and its own."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import threading
import time
import traceback
import types
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest

from sesmail import AsyncMailer, Attachment, Mailer, SendResult, mime
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.credentials import Credentials
from sesmail.testing import MISBEHAVIOURS, HostileSmtp
from sesmail.testing.hostile_smtp import Step
from sesmail.transports import SesSmtpTransport, SesTransport, SmtpTransport, Transport

pytestmark = pytest.mark.heavy

T = TypeVar("T")

AT_ONCE = 4  # lines
SES = ("SMTP", "direct", "boto3")
RELAYS = ("relay", "relay with PIPELINING")
WAYS = (*SES, *RELAYS)
LATE_S = 0.001


@dataclass(frozen=True)
class Taken:
    """A mail that a server has taken, and what the result of its send must say."""

    subject: str
    recipients: tuple[str, ...]
    id: str


@dataclass(frozen=True)
class Way:
    """A transport to a server that tells what it took. ``there`` is how another process builds the transport."""

    name: str
    there: dict[str, Any]
    taken: Callable[[], list[Taken]]
    connections: Callable[[], int] = lambda: 0  # that it has seen, if it counts them

    def transport(self) -> Transport:
        return built(self.name, self.there)


def built(name: str, there: dict[str, Any]) -> Transport:
    if name in RELAYS:
        return SmtpTransport(**there, tls="none", max_connections=AT_ONCE, messages_per_connection=100_000)
    if name == "SMTP":
        return SesSmtpTransport("us-east-1", **there, max_connections=AT_ONCE)
    keys = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
    return SesTransport("us-east-1", client=name, credentials=keys, max_connections=AT_ONCE, **there)  # type: ignore[arg-type]


@contextmanager
def way_by(name: str, *, is_late: bool = False) -> Iterator[Way]:
    """A server by name. If it is late, every answer is, so that whoever listens has to wait for each."""
    with ExitStack() as stack:
        yield (_to_relay if name in RELAYS else _to_ses)(stack, name, is_late)


def _to_relay(stack: ExitStack, name: str, is_late: bool) -> Way:
    keywords = ["8BITMIME", *["PIPELINING"] * (name == "relay with PIPELINING")]
    late = [
        MISBEHAVIOURS["late reply"].placed(step, nth=nth) for step in LATE_STEPS for nth in range(1, 200) if is_late
    ]
    relay = stack.enter_context(HostileSmtp(*late, keywords=keywords, pause_s=LATE_S))

    def taken() -> list[Taken]:
        relay.join()
        return [Taken(mail.subject, people, mail.message_id) for mail, people in map(_read, relay.messages)]

    return Way(name, {"host": relay.host, "port": relay.port}, taken, lambda: relay.connections)


LATE_STEPS: tuple[Step, ...] = ("connect", "ehlo", "mail", "rcpt", "data", "message", "rset")


def _read(message: Any) -> tuple[Any, tuple[str, ...]]:
    return mime.read(message.data), message.recipients


def _to_ses(stack: ExitStack, name: str, is_late: bool) -> Way:
    box = LocalSes(sandbox=False, quota=-1, rate=1e9, smtp=name == "SMTP", check_signatures=True)
    ses = stack.enter_context(box)
    ses.identity("example.com").verify()
    if is_late:
        ses.chaos.slow(LATE_S, on="smtp" if name == "SMTP" else "call", times=None)
    if name == "SMTP":
        door = ses.smtp
        there = {name: getattr(door, name) for name in ("host", "port", "user", "password", "ca_file")}
    else:
        there = {"endpoint_url": ses.url}
    return Way(name, there, lambda: [Taken(mail.subject, mail.recipients, mail.message_id) for mail in ses.sent])


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    with way_by(request.param) as way:
        yield way
        gc.collect()  # a socket that nobody has closed is a warning, and that an error


def fields_of(number: int, size: int = 100) -> dict[str, Any]:
    """A mail all of whose parts say which one it is."""
    return {
        "sender": "shop@example.com",
        "to": f"to{number}@example.org",
        "bcc": f"bcc{number}@example.org",
        "subject": f"mail {number}",
        "text": f"text {number}\n",
        "attachments": [Attachment(f"{number}.bin", bytes(size))],
    }


def assert_its_own(result: SendResult, number: int) -> None:
    assert list(result.by_recipient) == [f"to{number}@example.org", f"bcc{number}@example.org"]
    assert result.failed == ()


def assert_not_mixed(way: Way, results: dict[int, SendResult]) -> None:
    """Each was taken once, for whom it is, and its result names it."""
    taken = {mail.subject: mail for mail in way.taken()}
    assert len(way.taken()) == len(taken) == len(results)
    for number, result in results.items():
        assert_its_own(result, number)
        mail = taken[f"mail {number}"]
        assert mail.recipients == (f"to{number}@example.org", f"bcc{number}@example.org")
        assert mail.id == (result.message_id if way.name in SES else result.message_id_header)


# ── threads and loops ────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def eager_switches() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def test_sixty_four_threads_on_one_mailer(way: Way) -> None:
    barrier = threading.Barrier(64)
    results: dict[int, SendResult] = {}

    def send(first: int) -> None:
        barrier.wait(20)
        for number in range(first, first + 4):
            results[number] = mailer.send(**fields_of(number))

    with Mailer(way.transport()) as mailer, eager_switches(), ThreadPoolExecutor(64) as pool:
        list(pool.map(send, range(0, 256, 4)))

    assert way.connections() <= AT_ONCE
    assert len(results) == 256
    assert_not_mixed(way, results)


def test_several_loops_at_once_and_one_after_another(way: Way) -> None:
    transport = way.transport()
    mailer = AsyncMailer(transport)
    results: dict[int, SendResult] = {}
    problems: list[Any] = []

    async def send(number: int) -> None:
        results[number] = await mailer.send(**fields_of(number))

    async def loop(first: int) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, problem: problems.append(problem))
        await asyncio.gather(*(send(number) for number in range(first, first + 10)))

    def loops(first: int) -> None:
        asyncio.run(loop(first))
        asyncio.run(loop(first + 10))

    with eager_switches(), ThreadPoolExecutor(4) as pool:
        list(pool.map(loops, range(0, 160, 20)))
    asyncio.run(mailer.close())
    gc.collect()

    assert problems == []
    assert len(results) == 160
    assert_not_mixed(way, results)


def test_both_colours_share_a_transport(way: Way) -> None:
    transport = way.transport()
    blocking, awaited = Mailer(transport), AsyncMailer(transport)
    results: dict[int, SendResult] = {}

    async def send(number: int) -> None:
        results[number] = await awaited.send(**fields_of(number))

    async def main() -> None:
        with ThreadPoolExecutor(4) as pool:
            threads = pool.map(lambda number: results.update({number: blocking.send(**fields_of(number))}), range(50))
            await asyncio.gather(*map(send, range(50, 100)))
            await asyncio.to_thread(list, threads)
        await awaited.close()

    asyncio.run(main())
    assert len(results) == 100
    assert_not_mixed(way, results)


# ── forks ────────────────────────────────────────────────────────────────────────────────────────────────────────


def forked(name: str, there: str) -> None:
    """What the process does that forks: once between sends, and once in the middle. It prints a line for each send."""
    transport = built(name, json.loads(there))
    blocking, awaited = Mailer(transport), AsyncMailer(transport)

    def tell(number: int, result: SendResult) -> None:
        assert_its_own(result, number)
        known_as = result.message_id if name in SES else result.message_id_header
        os.write(1, f"{json.dumps([number, known_as])}\n".encode())

    def send(number: int) -> None:
        tell(number, blocking.send(**fields_of(number)))

    async def asend(number: int) -> None:
        tell(number, await asyncio.wait_for(awaited.send(**fields_of(number)), 20))

    def send_all(first: int) -> None:
        send(first)
        asyncio.run(asend(first + 1))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(send, (first + 2, first + 3)))

    def fork_and_send_all(first: int) -> None:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                send_all(first)
                asyncio.run(awaited.close())
                send_all(first + 10)
                blocking.close()
                gc.collect()
                status = 0
            except BaseException:  # noqa: BLE001 - a child never comes back from here
                traceback.print_exc()
            finally:
                os._exit(status)
        send_all(first + 20)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0

    def send_on(first: int) -> None:
        for number in range(first, first + 200):
            if not is_over.is_set():
                send(number)

    is_over = threading.Event()
    send_all(0)
    fork_and_send_all(10)  # all lines are kept, and both would take the same one
    with ThreadPoolExecutor(2 * AT_ONCE) as pool:
        busy = [pool.submit(send_on, first) for first in range(1000, 1000 + 400 * AT_ONCE, 200)]
        time.sleep(0.05)  # so that they are in the middle of something, and no line is free
        try:
            fork_and_send_all(40)
        finally:
            is_over.set()
        for future in busy:
            future.result()
    send_all(70)
    asyncio.run(awaited.close())
    gc.collect()


FORK = """
import sys, warnings
warnings.filterwarnings("ignore", ".*multi-threaded, use of fork", DeprecationWarning)  # which is what is tried
from tests.transports.test_concurrency import forked
forked(*sys.argv[1:])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_a_process_forks_and_both_send_on(way: Way) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORK, way.name, json.dumps(way.there)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    told = dict(json.loads(line) for line in done.stdout.splitlines())
    assert {number for number in told if number < 1000} == {first + n for first in range(0, 80, 10) for n in range(4)}
    assert {mail.subject: mail.id for mail in way.taken()} == {
        f"mail {number}": known for number, known in told.items()
    }
    assert len(way.taken()) == len(told)


# ── cancellation ─────────────────────────────────────────────────────────────────────────────────────────────────

Moment = Callable[["asyncio.Task[Any]", Any], object]


def while_it_waits(task: asyncio.Task[Any], awaited: Any) -> None:
    task.cancel()


def when_the_answer_is_there(task: asyncio.Task[Any], awaited: Any) -> None:
    """It has come, and the task has not heard of it yet."""
    if awaited is None:  # others have their turn, and there is no answer
        task.cancel()
    else:
        awaited.add_done_callback(lambda _: task.cancel())


def as_the_answer_comes(task: asyncio.Task[Any], awaited: Any) -> None:
    """It is there for the loop to take, in the turn that brings the cancellation."""
    time.sleep(3 * LATE_S)
    asyncio.get_running_loop().call_soon(task.cancel)


MOMENTS: dict[str, Moment] = {
    "while it waits": while_it_waits,
    "as the answer comes": as_the_answer_comes,
    "when the answer is there": when_the_answer_is_there,
}


@types.coroutine
def cancelled_at(step: int, moment: Moment, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """Do the work, and have its task cancelled at its step-th wait, counted from 0."""
    task = asyncio.current_task()
    assert task
    waits = 0
    try:
        awaited = work.send(None)
        while True:
            if waits == step:
                moment(task, awaited)
            waits += 1
            try:
                answer = yield awaited
            except BaseException as error:  # noqa: BLE001 - it is the work's to catch
                awaited = work.throw(error)
            else:
                awaited = work.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        work.close()


SMALL, LARGE = 100, 300_000  # bytes; what is large goes in pieces, and others may have their turn behind each
IN_A_ROW = 2  # so many sends that are not reached any more, since not every send waits equally often

CASES = [
    pytest.param(name, is_kept, moment, SMALL, id=f"{name}, {'kept' if is_kept else 'new'} line, {moment}")
    for name in WAYS
    for is_kept in (True, False)
    for moment in MOMENTS
] + [pytest.param(name, True, "while it waits", LARGE, id=f"{name}, large mail") for name in WAYS]
# By way, the waits of a small mail on a kept line, and on a new one.
LEAST_WAITS = {"SMTP": (5, 13), "direct": (1, 2), "boto3": (1, 1), "relay": (5, 7), "relay with PIPELINING": (2, 4)}


SWEEPS = 5


@pytest.mark.parametrize(("name", "is_kept", "moment", "size"), CASES)
def test_a_send_may_be_cancelled_at_every_step(name: str, is_kept: bool, moment: str, size: int) -> None:
    """It is out once or not at all, and the next one is not touched by it."""
    for _ in range(SWEEPS):
        taken = swept(name, is_kept=is_kept, moment=moment, size=size)
        if has_met_all(taken, name, is_kept=is_kept, size=size):
            return
    pytest.fail(f"not every step was met: {taken}")


def has_met_all(taken: list[int], name: str, *, is_kept: bool, size: int) -> bool:
    """Whether it went from the first step to the last, at which only the answer was missing.

    On a machine that is busy an answer may be there before anybody waits for it, and the last wait is another one.
    """
    if len(taken) < LEAST_WAITS[name][not is_kept]:
        return False
    if name == "boto3" or size == LARGE:  # a thread goes on, and of many pauses none need be the last
        return True
    return taken[-1] == 1 and (is_kept or taken[0] == 0)


def swept(name: str, *, is_kept: bool, moment: str, size: int) -> list[int]:
    """Cancel one send at its first step, the next one at its second, and so on; tell how often each was taken."""
    problems: list[Any] = []
    ended: list[SendResult | BaseException] = []

    async def main(transport: Transport) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, problem: problems.append(problem))
        async with AsyncMailer(transport) as mailer:
            await mailer.send(**fields_of(1000))
            while not all(isinstance(one, SendResult) for one in ended[-IN_A_ROW:]) or len(ended) < IN_A_ROW:
                step = len(ended)
                if not is_kept:
                    transport.close()
                work = cancelled_at(step, MOMENTS[moment], mailer.send(**fields_of(step, size)))
                ended.extend(await asyncio.gather(_task(work), return_exceptions=True))
                following = await asyncio.wait_for(mailer.send(**fields_of(1001 + step)), 20)
                assert_its_own(following, 1001 + step)
        gc.collect()
        await asyncio.sleep(0)

    with way_by(name, is_late=True) as way:
        before = set(threading.enumerate())
        asyncio.run(main(way.transport()))
        await_threads(before)
        times = Counter(mail.subject for mail in way.taken())
    gc.collect()

    assert problems == []
    assert all(times[f"mail {1000 + number}"] == 1 for number in range(1 + len(ended)))
    cancelled = []
    for step, one in enumerate(ended):
        taken = times[f"mail {step}"]
        if isinstance(one, SendResult):
            assert_its_own(one, step)
            assert taken == 1
        else:
            assert isinstance(one, asyncio.CancelledError), one
            assert taken <= 1
            cancelled.append(taken)
    return cancelled


async def _task(work: Any) -> Any:
    return await work


def await_threads(before: set[threading.Thread]) -> None:
    """Until no thread is left that a send has begun. Those of a closed transport end when they have nothing to do."""
    deadline = time.monotonic() + 10
    while left := set(threading.enumerate()) - before:
        assert time.monotonic() < deadline, left
        time.sleep(0.005)


@pytest.mark.parametrize("name", WAYS)
def test_a_storm_of_cancellations_leaves_all_lines_free(name: str) -> None:
    """Many sends in few lines, half of them cancelled somewhere, also while they wait for a line."""
    random = Random(1)
    results: dict[int, SendResult] = {}
    cancelled: list[int] = []
    problems: list[Any] = []

    async def send(mailer: AsyncMailer, number: int) -> None:
        work = mailer.send(**fields_of(number))
        step = random.randrange(LEAST_WAITS[name][1] + 2) if number % 2 else 1_000_000
        try:
            results[number] = await cancelled_at(step, random.choice([*MOMENTS.values()]), work)
        except asyncio.CancelledError:
            cancelled.append(number)

    async def main(transport: Transport) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, problem: problems.append(problem))
        async with AsyncMailer(transport) as mailer:
            await asyncio.gather(*(send(mailer, number) for number in range(200)))
            at_last = (mailer.send(**fields_of(number)) for number in range(200, 200 + AT_ONCE))
            last = await asyncio.wait_for(asyncio.gather(*at_last), 20)
            results.update(zip(range(200, 200 + AT_ONCE), last, strict=True))
        gc.collect()
        await asyncio.sleep(0)

    with way_by(name) as way:
        before = set(threading.enumerate())
        asyncio.run(main(way.transport()))
        await_threads(before)
        taken = way.taken()
    gc.collect()

    assert problems == []
    assert len(cancelled) > 10
    assert set(results) | set(cancelled) == set(range(200 + AT_ONCE))
    times = Counter(mail.subject for mail in taken)
    assert set(times.values()) == {1}
    by_subject = {mail.subject: mail for mail in taken}
    for number, result in results.items():
        assert_its_own(result, number)
        mail = by_subject[f"mail {number}"]
        assert mail.recipients == tuple(result.by_recipient)
        assert mail.id == (result.message_id if name in SES else result.message_id_header)
