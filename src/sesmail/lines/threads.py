"""Threads: a small pool of our own for calls that block, so that they block neither a loop nor a stranger's work."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")


class Threads:
    """At most so many threads, begun when they are first needed, and begun anew after a fork."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._pool: tuple[int, ThreadPoolExecutor] | None = None

    async def run(self, call: Callable[[], T]) -> T:
        """The answer of a blocking call. Who is cancelled while waiting does not stop the call."""
        from asyncio import get_running_loop

        try:
            running = get_running_loop().run_in_executor(self._get_pool(), copy_context().run, call)
        except RuntimeError:  # another thread has closed it just now
            self._pool = None
            running = get_running_loop().run_in_executor(self._get_pool(), copy_context().run, call)
        return await running

    def _get_pool(self) -> ThreadPoolExecutor:
        pool = self._pool
        # A fork copies the pool and none of its threads.
        if pool is None or pool[0] != os.getpid():
            from concurrent.futures import ThreadPoolExecutor

            pool = self._pool = (os.getpid(), ThreadPoolExecutor(self._most, thread_name_prefix=self._name))
        return pool[1]

    def close(self) -> None:
        """Let the threads go. What runs is finished; a later call begins new ones."""
        pool, self._pool = self._pool, None
        if pool is not None and pool[0] == os.getpid():
            pool[1].shutdown(wait=False)
