"""The guard: which records are never mailed, so that no handler mails about its own mails.

A mail that fails may be logged: by sesmail, by what it stands on, by a hook of the program. If that were mailed, the
next failure would be logged, too. So a thread that sends says so, to every handler there is: of two that fail, neither
mails about the other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_OURS = "sesmail"
# What carries the mails. It may log from threads of its own, such as one that renews keys.
_CARRIERS = frozenset(["boto3", "botocore", "urllib3", "s3transfer"])


class _Here(threading.local):
    sends = False


_here = _Here()
_sending: set[int] = set()  # the threads that send: each step on it is one step for all of them


@contextmanager
def sending() -> Iterator[None]:
    """While this thread sends a mail of the log."""
    me = threading.get_ident()
    _here.sends = True
    _sending.add(me)
    try:
        yield
    finally:
        _sending.discard(me)
        _here.sends = False


def is_sending_here() -> bool:
    """Whether this thread is one that sends."""
    return _here.sends


def is_about_itself(record: logging.LogRecord) -> bool:
    """Whether this record is never mailed."""
    root, _, _ = record.name.partition(".")
    return _here.sends or root == _OURS or (bool(_sending) and root in _CARRIERS)


def forget_threads() -> None:
    """In the child of a fork: none of the parent's threads is here."""
    _sending.clear()
    _here.sends = False
