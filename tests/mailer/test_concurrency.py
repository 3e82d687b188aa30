"""Threads, loops, forks and cancellation: no mixed mails, one outcome per send, and a loop that is never blocked."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sesmail import AsyncMailer, Attachment, Email, Mailer, SendResult, mime
from sesmail.testing import capture
from sesmail.testing.blocking import blocking_calls
from sesmail.transports import MemoryTransport


def fields_of(number: int) -> dict[str, Any]:
    """A mail all of whose parts say which one it is."""
    return {
        "to": f"to{number}@example.org",
        "bcc": f"bcc{number}@example.org",
        "subject": f"subject {number}",
        "text": f"text {number}",
        "attachments": [Attachment(f"{number}.txt", lambda: f"file {number}")],
        "headers": {"X-Number": str(number)},
    }


def assert_not_mixed(memory: MemoryTransport, results: list[SendResult], count: int) -> None:
    assert len(memory.sent) == len(results) == count
    assert len({result.message_id for result in results}) == count
    assert len({result.message_id_header for result in results}) == count
    for outgoing in memory.sent:
        number = outgoing.email.subject.split()[1]
        mail = mime.read(outgoing.content.to_bytes())
        assert [one.email for one in outgoing.envelope.recipients] == [
            f"to{number}@example.org",
            f"bcc{number}@example.org",
        ]
        assert mail.to[0].email == f"to{number}@example.org"
        assert (mail.text or "").strip() == f"text {number}"
        assert mail.attachments[0].data == f"file {number}".encode()
        assert mail.headers == (("X-Number", number),)
    for index, result in enumerate(results):
        assert list(result.by_recipient) == [f"to{index}@example.org", f"bcc{index}@example.org"]


@pytest.mark.untraced
def test_sixty_four_threads_on_one_mailer() -> None:
    memory = MemoryTransport()
    mailer = Mailer(memory, sender="shop@example.com", headers={"X-Number": "default"}, tags={"app": "shop"})
    barrier = threading.Barrier(64)

    def send(number: int) -> list[SendResult]:
        barrier.wait()
        return [mailer.send(**fields_of(number * 20 + index)) for index in range(20)]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(64) as pool:
            results = [result for several in pool.map(send, range(64)) for result in several]
    finally:
        sys.setswitchinterval(interval)
    assert_not_mixed(memory, results, 1280)


def test_several_loops_on_one_mailer() -> None:
    memory = MemoryTransport()
    mailer = AsyncMailer(memory, sender="shop@example.com")

    async def loop(first: int) -> list[SendResult]:
        return await asyncio.gather(*(mailer.send(**fields_of(first + index)) for index in range(50)))

    with ThreadPoolExecutor(4) as pool:
        several = pool.map(asyncio.run, [loop(first) for first in range(0, 400, 50)])
        results = [result for one in several for result in one]
    assert_not_mixed(memory, results, 400)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_mailer_works_after_a_fork(tmp_path: Path) -> None:
    blocking = Mailer(f"file://{tmp_path}/out", sender="shop@example.com")
    awaited = AsyncMailer(f"file://{tmp_path}/out", sender="shop@example.com")
    blocking.send(**fields_of(0))
    asyncio.run(awaited.send(**fields_of(1)))  # its threads run when the fork comes
    child = os.fork()
    if child == 0:
        status = 1
        try:
            blocking.send(**fields_of(2))
            asyncio.run(asyncio.wait_for(awaited.send(**fields_of(3)), 20))
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    blocking.send(**fields_of(4))

    assert os.waitstatus_to_exitcode(status) == 0
    subjects = sorted(mime.read(path.read_bytes()).subject for path in (tmp_path / "out").glob("*.eml"))
    assert subjects == [f"subject {number}" for number in range(5)]


# ── cancellation ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("steps", range(12))
def test_a_send_that_is_cancelled_at_any_await_has_one_outcome(steps: int) -> None:
    """It ends with a result or with the cancellation, never with both; and the next send is not touched by it."""
    memory = MemoryTransport()
    memory.slow_down(0.001)

    async def hook(email: Email) -> Email:
        await asyncio.sleep(0)
        return email

    told: list[SendResult] = []

    async def after(result: SendResult) -> None:
        await asyncio.sleep(0)
        told.append(result)

    mailer = AsyncMailer(memory, sender="shop@example.com", before=hook, after=after)

    async def main() -> None:
        task = asyncio.ensure_future(mailer.send(**fields_of(0)))
        for _ in range(steps):
            await asyncio.sleep(0)
        if steps == 11:
            await asyncio.sleep(0.05)
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, SendResult | asyncio.CancelledError)
        assert len(memory.sent) <= 1
        if isinstance(ended, SendResult):
            assert len(memory.sent) == 1
        result = await mailer.send(**fields_of(1))
        assert list(result.by_recipient) == ["to1@example.org", "bcc1@example.org"]

    asyncio.run(main())
    assert memory.sent[-1].email.subject == "subject 1"
    assert told[-1].by_recipient.keys() == {"to1@example.org", "bcc1@example.org"}


# ── the loop's thread ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("url", ["memory://", "null://", "console://?full=yes", "file:{}/out"])
def test_nothing_opens_connects_or_sleeps_on_the_loops_thread(url: str, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"x" * 100_000)
    threads: list[int] = []

    def content() -> bytes:
        threads.append(threading.get_ident())
        return path.read_bytes()

    def mail() -> Email:
        return Email(to="ada@example.org", text="Hi", attachments=[Attachment("report.pdf", content)])

    mailer = AsyncMailer(url.format(tmp_path), sender="shop@example.com")

    async def main() -> list[str]:
        await mailer.send(mail())  # imports open files, once
        await mailer.check(mail())
        await mailer.send_many([mail()], concurrency=2)
        with blocking_calls() as heard:
            await mailer.send(mail())
            await mailer.check(mail())
            await mailer.send_many([mail() for _ in range(5)], concurrency=2)
            await mailer.close()
        assert threading.get_ident() not in threads
        return heard

    assert asyncio.run(main()) == []
    assert len(threads) == 10


def test_what_blocks_is_heard(tmp_path: Path) -> None:
    with blocking_calls() as heard:
        Mailer(f"file:{tmp_path}/out", sender="shop@example.com").send(to="ada@example.org")
        sleep(0.0001)
    (tmp_path / "unheard").touch()

    events = [one.split()[0] for one in heard]
    assert {"open", "os.mkdir", "os.rename"} <= set(events)
    assert "unheard" not in str(heard)
    assert ("time.sleep" in events) is (sys.version_info >= (3, 13))


# ── blind copies ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("url", ["memory://", "null://", "console://?full=yes", "console://?full=no", "file:{}/out"])
@settings(max_examples=50)  # each makes two folders and two loops
@given(blind=st.lists(st.from_regex(r"[a-z]{12}", fullmatch=True), min_size=1, max_size=5), only=st.booleans())
def test_a_blind_copy_reaches_the_envelope_and_nothing_else(url: str, blind: list[str], only: bool) -> None:
    fields: dict[str, Any] = {
        "sender": "shop@example.com",
        "to": [] if only else "ada@example.org",
        "bcc": [f"{name.title()} <{name}@example.org>" for name in blind],
        "subject": "Grüße",
        "attachments": {"a.txt": "file"},
        "metadata": {"order": 42},
    }
    with TemporaryDirectory() as folder, redirect_stdout(StringIO()) as shown:
        mailer, awaited = Mailer(url.format(folder)), AsyncMailer(url.format(folder))
        results = [mailer.send(**fields), asyncio.run(awaited.send(**fields))]
        written = shown.getvalue().encode() + b"".join(path.read_bytes() for path in Path(folder).rglob("*.eml"))
        for transport in (mailer.transport, awaited.transport):
            if isinstance(transport, MemoryTransport):
                written += b"".join(outgoing.content.to_bytes() for outgoing in transport.sent)

    for result in results:
        assert {f"{name}@example.org" for name in blind} <= result.by_recipient.keys()
    for name in blind:
        assert name.encode() not in written.lower()


def test_capture_inside_many_threads_is_seen_by_all() -> None:
    mailer = Mailer("null://", sender="shop@example.com")
    with capture() as mailbox:
        mailer.send_many(({"to": f"a{number}@example.org"} for number in range(40)), concurrency=8)

    assert len(mailbox) == 40
