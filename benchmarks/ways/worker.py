"""The worker: a process that sends in one way, and says what that took.

Run by `way`, also where sesmail is not installed, so nothing here imports it. A way is a function in a module of this
folder. It makes its client once, and gives a function from a mail to what sends it: called as often as asked, by one
thread or several, or awaited if the way is a coroutine function.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from importlib import import_module
from inspect import iscoroutinefunction
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, thread_time
from typing import Protocol

from benchmarks.mail import SMALL, Mail
from benchmarks.ways.core import pin_client
from benchmarks.ways.errand import MAILS, Errand

Send = Callable[[], object]
Ready = Callable[[Mail], Send]
AwaitedSend = Callable[[], Awaitable[object]]
AwaitedReady = Callable[[Mail], AwaitedSend]
_TICK_S = 0.001


class Sending(Protocol):
    """A mail that can be sent many times over."""

    def run(self, loops: int) -> None:
        """Send it so many times."""

    def stalls(self, loops: int) -> list[tuple[float, float]]:
        """For each of so many sends the longest wait between two ticks: the thread's own CPU seconds, and all of it."""


class Blocking:
    """By a way that blocks."""

    def __init__(self, send: Send, in_flight: int) -> None:
        self._send = send
        self._threads = ThreadPoolExecutor(in_flight) if in_flight > 1 else None

    def run(self, loops: int) -> None:
        """One after the other, or in threads."""
        if self._threads:
            list(self._threads.map(lambda _: self._send(), range(loops)))
            return
        for _ in range(loops):
            self._send()

    def stalls(self, loops: int) -> list[tuple[float, float]]:
        """There is no loop."""
        raise NotImplementedError


class Awaited:
    """By a way that awaits."""

    def __init__(self, runner: asyncio.Runner, send: AwaitedSend, in_flight: int) -> None:
        self._runner = runner
        self._send = send
        self._in_flight = in_flight

    def run(self, loops: int) -> None:
        """So many at once, until all are done."""
        self._runner.run(self._run(iter(range(loops)).__next__))

    async def _run(self, take: Callable[[], int]) -> None:
        async def some() -> None:
            while True:
                try:
                    take()
                except StopIteration:
                    return
                await self._send()

        await asyncio.gather(*[some() for _ in range(self._in_flight)])

    def stalls(self, loops: int) -> list[tuple[float, float]]:
        """One after the other, while something else ticks."""
        return [self._runner.run(self._stall()) for _ in range(loops)]

    async def _stall(self) -> tuple[float, float]:
        own, whole = [0.0], [0.0]

        async def tick() -> None:
            while True:
                own_start, start = thread_time(), perf_counter()
                await asyncio.sleep(_TICK_S)
                own.append(thread_time() - own_start)
                whole.append(perf_counter() - start - _TICK_S)

        ticking = asyncio.create_task(tick())
        await asyncio.sleep(5 * _TICK_S)
        await self._send()
        await asyncio.sleep(5 * _TICK_S)
        ticking.cancel()
        return max(own), max(whole)


# ── what can be asked ────────────────────────────────────────────────────────────────────────────────────────────


def _cpu_s(sending: Sending, loops: int) -> float:
    gc.collect()
    start = process_time()
    sending.run(loops)
    return process_time() - start


def _wall_s(sending: Sending, loops: int) -> float:
    gc.collect()
    start = perf_counter()
    sending.run(loops)
    return perf_counter() - start


def _own_stall_s(sending: Sending, loops: int) -> float:
    return median(own for own, _ in sending.stalls(loops))


def _stall_s(sending: Sending, loops: int) -> float:
    return median(whole for _, whole in sending.stalls(loops))


def _traced_bytes(sending: Sending, loops: int) -> float:
    """The peak of what Python has asked for, beyond what was there."""
    gc.collect()
    tracemalloc.start()
    sending.run(loops)
    return tracemalloc.get_traced_memory()[1]


def _resident_bytes(sending: Sending, loops: int) -> float:
    """The peak of what the process had, beyond what was there."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # forget the peak so far
    before = _status_kb("VmRSS")
    sending.run(loops)
    return (_status_kb("VmHWM") - before) * 1024


def _status_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


_ASKED: dict[str, Callable[[Sending, int], float]] = {
    "cpu_s": _cpu_s,
    "wall_s": _wall_s,
    "own_stall_s": _own_stall_s,
    "stall_s": _stall_s,
    "traced_bytes": _traced_bytes,
    "resident_bytes": _resident_bytes,
}


# ── the process ──────────────────────────────────────────────────────────────────────────────────────────────────


def main(module: str, function: str, errand: Errand) -> None:
    """Get ready, and send whenever a line asks for it."""
    pin_client(beside_sink=errand.beside_sink)
    way = getattr(import_module(f"benchmarks.ways.{module}"), function)
    with asyncio.Runner() as runner:
        if iscoroutinefunction(way):
            stack = AsyncExitStack()
            ready = runner.run(way(errand, stack))
            sendings: list[Sending] = [Awaited(runner, ready(mail), errand.in_flight) for mail in _mails(errand)]
            _answer(sendings)
            runner.run(stack.aclose())
        else:
            ready = way(errand)
            _answer([Blocking(ready(mail), errand.in_flight) for mail in _mails(errand)])


def _mails(errand: Errand) -> list[Mail]:
    return [SMALL, MAILS[errand.mail]()]


def _answer(sendings: list[Sending]) -> None:
    small, sending = sendings
    small.run(2)  # what is imported and opened on first use is no part of a mail
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        what, loops = json.loads(line)
        print(json.dumps(_ASKED[what](sending, loops)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Errand.from_json(sys.argv[3]))
