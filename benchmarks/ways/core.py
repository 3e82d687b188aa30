"""Cores: a sink has the first. A client has the last, or the first too.

On one core, each waits while the other works, and a wait costs what it costs the system to switch. On two, a core that
waits falls asleep, and being woken is dear on a virtual machine, is counted as the client's, and differs from one
minute to the next. So who sends one mail after the other sits beside its sink; who has many in flight has its own core.
"""

from __future__ import annotations

import os
import sys


def pin_sink() -> None:
    """This process is a sink."""
    _pin(first=True)


def pin_client(*, beside_sink: bool) -> None:
    """This process is measured."""
    _pin(first=beside_sink)


def _pin(*, first: bool) -> None:
    if sys.platform == "linux":
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cores) if first else max(cores)})
