"""The guard: which records are never mailed, so that no handler mails about its own mails.

A mail that fails may be logged: by sesmail, by what it stands on, by a hook of the program, by a stderr that leads into
the log. If that were mailed, the next failure would be logged, too. So a thread that works for a handler says so, to
every handler there is: of two that fail, neither mails about the other.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sesmail.lines.per_process import PerProcess

_OURS = "sesmail"
# What carries the mails. It may log from threads of its own, such as one that renews keys.
_CARRIERS = frozenset(["boto3", "botocore", "urllib3", "s3transfer"])


class _Here(threading.local):
    process = 0
    """In which process this thread is at work. The child of a fork is another one, and goes on with the program."""


_here = _Here()
_sending: PerProcess[set[int]] = PerProcess(set)  # the threads that send: each step on it is one step for all of them


@contextmanager
def at_work() -> Iterator[None]:
    """While this thread does something for a handler: what it logs meanwhile is never mailed."""
    before, _here.process = _here.process, os.getpid()
    try:
        yield
    finally:
        _here.process = before


@contextmanager
def sending() -> Iterator[None]:
    """While this thread sends a mail of the log."""
    threads, me = _sending.get(), threading.get_ident()
    threads.add(me)
    try:
        with at_work():
            yield
    finally:
        threads.discard(me)


def is_at_work_here() -> bool:
    """Whether this thread is one that works for a handler."""
    return _here.process == os.getpid()


def is_about_itself(record: logging.LogRecord) -> bool:
    """Whether this record is never mailed."""
    root, _, _ = record.name.partition(".")
    return root == _OURS or (root in _CARRIERS and bool(_sending.get())) or is_at_work_here()
