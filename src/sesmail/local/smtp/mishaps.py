"""Mishaps: what a `Trouble` makes of an answer. Pure, so that every kind can be met at every step without a socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sesmail.local.smtp.replies import BAD_LOGIN, TOO_FAST, TOO_MANY, UNAVAILABLE, Reply, usual
from sesmail.local.smtp.steps import Step, Then
from sesmail.local.trouble import Kind, Trouble

NOISE = b"\x00\x9d\xfe~ this is no reply \x80\r\n"

# In place of what was asked for.
_REFUSALS: Mapping[Kind, Callable[[Trouble], Reply]] = {
    Kind.THROTTLE: lambda _: TOO_FAST,
    Kind.QUOTA: lambda _: TOO_MANY,
    Kind.UNAVAILABLE: lambda _: UNAVAILABLE,
    Kind.EXPIRED: lambda _: BAD_LOGIN,
    Kind.REPLY: lambda trouble: usual(trouble.code, trouble.text),
}
# What was asked for is done, and this becomes of the answer.
_SPOILT: Mapping[Kind, Callable[[Step, Trouble], Step]] = {
    Kind.SLOW: lambda step, trouble: replace(step, wait_s=trouble.seconds),
    Kind.RESET: lambda _step, _trouble: Step(then=Then.BREAK),
    Kind.CUT_ANSWER: lambda step, trouble: Step(step.data[: trouble.at], Then.BREAK),
    Kind.GARBAGE: lambda step, _trouble: replace(step, data=NOISE),
}
OF_ANSWERS = frozenset(_REFUSALS.keys() | _SPOILT.keys())


def refusal(trouble: Trouble | None) -> Reply | None:
    """What is said in place of doing what was asked for."""
    made = _REFUSALS.get(trouble.kind) if trouble else None
    return made(trouble) if trouble and made else None


def comes_before(trouble: Trouble | None) -> bool:
    """Whether the connection breaks before anything is done."""
    return trouble is not None and trouble.kind is Kind.RESET and trouble.when == "before"


def spoilt(step: Step, trouble: Trouble | None) -> Step:
    """What becomes of an answer."""
    spoil = _SPOILT.get(trouble.kind) if trouble else None
    return spoil(step, trouble) if trouble and spoil else step
