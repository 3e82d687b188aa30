"""Many at once: threads, loops, a fork, and cancellation at each point. One mail for each send, and its own answer."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import tracemalloc
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sesmail import Attachment
from sesmail.lines.pool import Keeping
from sesmail.local import LocalSes
from sesmail.local.trouble import Trouble
from sesmail.ses.calls import Kind
from sesmail.ses.client.direct.client import DirectClient
from sesmail.testing import CuttingProxy
from tests.ses.client.direct.asking import Colour, box, client_of, send
from tests.ses.client.doors import sink


@pytest.fixture(scope="module")
def ses() -> Iterator[LocalSes]:
    with box() as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_was_sent(ses: LocalSes) -> None:
    ses.forget()


def subjects_by_id(ses: LocalSes) -> dict[str, str]:
    return {mail.message_id: mail.subject for mail in ses.sent}


def test_64_threads_share_a_client_and_each_gets_its_own_answer(ses: LocalSes) -> None:
    def work(client: DirectClient, thread: int) -> list[tuple[object, str]]:
        subjects = [f"{thread}-{number}" for number in range(5)]
        return [(client.call(send(subject=subject)).values["MessageId"], subject) for subject in subjects]

    host, port = ses.url.removeprefix("http://").split(":")
    with CuttingProxy(host, int(port)) as proxy:
        with client_of(f"http://{proxy.host}:{proxy.port}") as client, ThreadPoolExecutor(64) as pool:
            told = dict(pair for done in pool.map(lambda thread: work(client, thread), range(64)) for pair in done)
        assert len(proxy.passages) <= 10
    assert told == subjects_by_id(ses)
    assert len(told) == 320


def test_many_tasks_share_a_client_and_each_gets_its_own_answer(ses: LocalSes) -> None:
    async def work(client: DirectClient) -> dict[object, str]:
        subjects = [f"{number}" for number in range(100)]
        replies = await asyncio.gather(*(client.acall(send(subject=subject)) for subject in subjects))
        return dict(zip((reply.values["MessageId"] for reply in replies), subjects, strict=True))

    with client_of(ses.url, keeping=Keeping(connections=7)) as client:
        told = asyncio.run(work(client))
    assert told == subjects_by_id(ses)


def test_loop_after_loop_and_loops_at_once(ses: LocalSes) -> None:
    async def work(client: DirectClient) -> None:
        for _ in range(3):
            await client.acall(send())

    with client_of(ses.url) as client:
        for _ in range(2):
            asyncio.run(work(client))
        threads = [threading.Thread(target=lambda: asyncio.run(work(client))) for _ in range(4)]
        for thread in threads:
            thread.start()
        client.call(send())
        for thread in threads:
            thread.join()
    assert len(ses.sent) == 19


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_child_speaks_on_lines_of_its_own(ses: LocalSes, carry: Colour) -> None:
    host, port = ses.url.removeprefix("http://").split(":")
    with CuttingProxy(host, int(port)) as proxy, client_of(f"http://{proxy.host}:{proxy.port}") as client:
        carry(client, send(subject="before"))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of the parent's sockets, which it lets go
                    client.call(send(subject="child"))
                    client.close()
                status = 0
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        carry(client, send(subject="after"))
        assert len(proxy.passages) == 2
    assert os.waitstatus_to_exitcode(ended) == 0
    assert [mail.subject for mail in ses.sent] == ["before", "child", "after"]


# ── cancellation ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [1, 20_000])
@pytest.mark.parametrize("is_kept", [False, True])
def test_cancelled_at_any_point_the_next_mail_gets_its_own_answer(ses: LocalSes, size: int, is_kept: bool) -> None:
    cancelled = 0

    async def work() -> None:
        nonlocal cancelled
        with client_of(ses.url) as client:
            for turns in (*range(30), 40, 60, 100):
                if is_kept:
                    await client.acall(send())
                task = asyncio.create_task(client.acall(send(subject=f"cancelled {turns}", text="a long line " * size)))
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    cancelled += 1
                reply = await client.acall(send(subject=f"next {turns}"))
                assert subjects_by_id(ses)[str(reply.values["MessageId"])] == f"next {turns}"
                if not is_kept:
                    await client.aclose()

    asyncio.run(work())
    assert cancelled >= 5
    gc.collect()  # nothing that was never retrieved, which would be a warning


def test_cancelled_while_it_waits_for_a_line_it_takes_none(ses: LocalSes) -> None:
    async def work() -> None:
        with client_of(ses.url, keeping=Keeping(connections=1)) as client:
            ses.chaos.arm(Trouble.of("slow", seconds=0.2))
            first = asyncio.create_task(client.acall(send(subject="first")))
            await asyncio.sleep(0.05)
            second = asyncio.create_task(client.acall(send(subject="second")))
            await asyncio.sleep(0.05)
            second.cancel()
            await first
            await client.acall(send(subject="third"))

    asyncio.run(work())
    assert [mail.subject for mail in ses.sent] == ["first", "third"]


def test_an_interrupt_leaves_no_line_behind(ses: LocalSes) -> None:
    class Interrupt(BaseException):
        pass

    def interrupted() -> float:
        raise Interrupt

    with client_of(ses.url) as client:
        client.call(send())
        client._clock = interrupted
        with pytest.raises(Interrupt):
            client.call(send())
        client._clock = time.time
        client.call(send())
    assert len(ses.sent) == 2


# ── large mails ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["raw", "simple"])
def test_a_large_mail_takes_no_large_memory(carry: Colour, kind: Kind) -> None:
    call = send(kind=kind, attachments=[Attachment("a.bin", bytes(25_000_000))])
    with sink() as door, client_of(f"http://127.0.0.1:{door.port}") as client:
        carry(client, send())
        tracemalloc.start()
        carry(client, call)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2_000_000


def test_a_large_mail_never_keeps_the_loop_for_long() -> None:
    call = send(attachments=[Attachment("a.bin", os.urandom(7_000_000))])
    spans: list[float] = []

    async def tick() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            spans.append(now - last)
            last = now

    async def work(client: DirectClient) -> None:
        ticking = asyncio.create_task(tick())
        await asyncio.sleep(0)
        spans.clear()
        await client.acall(call)
        ticking.cancel()

    with sink() as door, client_of(f"http://127.0.0.1:{door.port}") as client:
        longest = []
        for _ in range(3):  # the machine may be busy with something else
            asyncio.run(work(client))
            longest.append(max(spans))
    assert len(spans) > 50
    assert min(longest) < 0.005
