"""The pool for calls that block."""

from __future__ import annotations

import asyncio
import os
import threading
from contextvars import ContextVar

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
    threads = Threads(1, "some")
    asyncio.run(threads.run(lambda: None))
    pool = threads._pool.get()
    pool.shutdown()

    assert asyncio.run(threads.run(lambda: 42)) == 42


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
