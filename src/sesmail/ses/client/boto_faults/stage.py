"""Stage: how far a call had come when it failed. The classes of botocore do not tell; where it was raised does.

An error that TLS raises while it reads the answer looks like one of the handshake: both are botocore's ``SSLError``.
One of them leaves a mail that is surely not out, the other one that may be. The same holds for what a proxy breaks off.
But each error carries the functions that it came through, and connecting is a function of urllib3's.

Hooks are called by botocore, and what they raise comes out of a call as if botocore had raised it. One that is called
when SES has answered may have asked somebody else and failed, and that failure says nothing of the mail.

Only what an error was made of is looked at (its cause, and what it wraps), and never its context: who sends in the
``except`` of an earlier failure has that failure there, with how far *it* had come.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from types import FrameType, TracebackType


class Stage(StrEnum):
    """How far a call had come."""

    AUTH = "auth"
    """Keys were looked for."""
    CONNECT = "connect"
    """A connection was being made, TLS and proxy included."""
    DATA = "data"
    """The request was being said, and the error came before its end: nobody has all of it."""
    REPLY = "reply"
    """All of it may have been said."""


# Functions by module, the first that an error came through decides. Connecting may begin inside of asking.
_PLACES: tuple[tuple[Stage, str, frozenset[str]], ...] = (
    (Stage.AUTH, "botocore.credentials", frozenset()),
    (Stage.AUTH, "botocore.tokens", frozenset()),
    (Stage.CONNECT, "urllib3.connection", frozenset({"connect", "_new_conn"})),
    (Stage.DATA, "urllib3.connection", frozenset({"request"})),
    (Stage.REPLY, "botocore.httpsession", frozenset({"send"})),
)
_LONGEST_CHAIN = 20


def stage_of(error: BaseException) -> Stage | None:
    """How far it had come, or nothing if it never came to a line.

    >>> from sesmail.ses.client.boto_faults.stage import stage_of
    >>> stage_of(ValueError("raised nowhere")) is None
    True
    """
    been = {(_module(frame), frame.f_code.co_name) for link in links(error) for frame in _frames(link.__traceback__)}
    modules = {module for module, _ in been}
    for stage, module, functions in _PLACES:
        if (module in modules) if not functions else any((module, function) in been for function in functions):
            return stage
    return None


# What happens when SES may have answered already. The usual hook at these has a client of its own, which may fail too.
_LATE = frozenset({"before-parse", "response-received", "needs-retry", "after-call", "after-call-error"})


def is_of_late_hook(error: BaseException) -> bool:
    """Whether it was raised in a hook of the program's own, and so late that this call may have been answered."""
    frames = list(_frames(error.__traceback__))
    for frame, inner in pairwise(frames):
        if _module(frame) == "botocore.hooks" and _module(inner).partition(".")[0] != "botocore":
            return str(frame.f_locals.get("event_name")).partition(".")[0] in _LATE
    return False


def links(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it was made of: its causes, and what it wraps."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting and len(seen) < _LONGEST_CHAIN:
        link = waiting.pop(0)
        if any(link is other for other in seen):
            continue
        seen.append(link)
        yield link
        wrapped = getattr(link, "kwargs", None)
        inner = [link.__cause__, *(wrapped.values() if isinstance(wrapped, dict) else ()), *link.args]
        waiting += [each for each in inner if isinstance(each, BaseException)]


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
