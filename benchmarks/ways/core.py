"""Cores: a sink has the first. A client has the last, or the first too.

On two cores, the one that waits falls asleep, and to be woken is dear on a virtual machine, is counted as the client's,
and differs from one minute to the next. So who sends one mail after the other sits beside its sink, which then is of
the kind that never interrupts others: it answers when the client has begun to wait, as it would across a network. Who
has many in flight has a core of its own.
"""

from __future__ import annotations

import os
import sys


def pin_sink() -> None:
    """This process is a sink."""
    _pin(first=True)
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def pin_client(*, beside_sink: bool) -> None:
    """This process is measured."""
    _pin(first=beside_sink)


def _pin(*, first: bool) -> None:
    if sys.platform == "linux":
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cores) if first else max(cores)})
