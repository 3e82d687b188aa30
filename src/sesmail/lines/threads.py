"""Threads: a small pool of our own for calls that block, so that they block neither a loop nor a stranger's work."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

from sesmail.lines.per_process import PerProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")


class Threads:
    """At most so many threads, begun when they are first needed, and begun anew after a fork."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        # A fork copies a pool and none of its threads.
        self._pool = PerProcess(self._new_pool)

    def _new_pool(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(self._most, thread_name_prefix=self._name)

    async def run(self, call: Callable[[], T]) -> T:
        """The answer of a blocking call. Who is cancelled while waiting does not stop the call."""
        from asyncio import wrap_future

        return await wrap_future(self.start(call))

    def start(self, call: Callable[[], T]) -> Future[T]:
        """Begin a blocking call, when a thread is free for it. Who cancels it before then stops it."""
        context, once = copy_context(), [call]
        while True:
            pool = self._pool.get()
            try:
                return pool.submit(lambda: context.run(once.pop()))
            except RuntimeError:
                # If another thread has closed it just now, the next one takes the call. If not, there are no threads to
                # be had; and the call, which is in its queue all the same, must not be made when nobody waits any more.
                if self._pool.is_now(pool):
                    once.clear()
                    raise

    def close(self) -> None:
        """Let the threads go. What runs is finished; a later call begins new ones."""
        pool = self._pool.take_out()
        if pool is not None:
            pool.shutdown(wait=False)
