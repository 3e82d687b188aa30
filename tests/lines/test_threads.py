"""The pool for calls that block."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest

from sesmail import transports
from sesmail.lines.threads import Threads

VARIABLE: ContextVar[str] = ContextVar("VARIABLE", default="")


def test_a_call_sees_the_context_of_who_awaits_it() -> None:
    threads = Threads(1, "some")

    async def main() -> tuple[str, str]:
        VARIABLE.set("mine")
        return await threads.run(lambda: (VARIABLE.get(), threading.current_thread().name))

    assert asyncio.run(main()) == ("mine", "some_0")
    threads.close()
    threads.close()
    assert asyncio.run(main())[0] == "mine"


def test_there_are_never_more_than_said() -> None:
    threads = Threads(2, "some")
    now, most, lock = 0, 0, threading.Lock()

    def call() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.01)
        with lock:
            now -= 1

    async def main() -> None:
        await asyncio.gather(*(threads.run(call) for _ in range(10)))

    asyncio.run(main())
    assert most == 2


def test_a_close_at_the_wrong_moment_does_no_harm() -> None:
    closed: list[object] = []

    class Closing(ThreadPoolExecutor):
        """Another thread closes it when it is asked for the first time."""

        def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
            if not closed:
                threads.close()
                closed.append(self)
            return super().submit(*args, **kwargs)

    class Closed(Threads):
        def _new_pool(self) -> ThreadPoolExecutor:
            return Closing(1)

    threads = Closed(1, "some")

    assert asyncio.run(threads.run(lambda: 42)) == 42
    assert closed
    threads.close()


def test_a_call_for_which_there_is_no_thread_is_not_made_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its caller was told that it failed, and may have sent the mail in another way by then."""
    threads, made = Threads(2, "some"), []

    def none_left(_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            threads.start(lambda: made.append("lost"))
    for _ in range(3):
        threads.start(lambda: made.append("asked for")).result(10)

    assert made == ["asked for"] * 3
    threads.close()


def test_who_is_cancelled_before_there_is_a_thread_stops_the_call() -> None:
    threads, made, gone = Threads(1, "some"), [], threading.Event()

    async def main() -> None:
        first = asyncio.ensure_future(threads.run(lambda: gone.wait(10)))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(threads.run(lambda: made.append("second")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        gone.set()
        assert await first
        await threads.run(lambda: None)

    asyncio.run(main())
    assert made == []
    threads.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_it_begins_anew_after_a_fork() -> None:
    threads = Threads(1, "some")
    asyncio.run(threads.run(lambda: None))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if asyncio.run(asyncio.wait_for(threads.run(lambda: 42), 10)) == 42 else 2
            threads.close()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_the_folder_lists_what_is_there() -> None:
    assert transports.__all__ == sorted(transports.__all__)
    for name in transports.__all__:
        assert getattr(transports, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Pigeon'"):
        getattr(transports, "Pigeon")  # noqa: B009 - a type checker would see it before the test does
