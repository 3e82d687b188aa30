"""Troubles by HTTP: what each `Trouble` is to a client of the API, as a refusal of SES or as a line that breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sesmail.local.faults import Fault, FaultKind
from sesmail.local.http.message import WHOLE, Handover
from sesmail.local.trouble import Kind, Trouble

NOISE: Final = b"\x15\x03\x00\xff \x1b[31m\x00\x80garbage\r\n\r\n\xfe\xff" * 4
WITHIN_A_REQUEST: Final = frozenset({Kind.CUT_REQUEST})
_LOST = Handover(most_bytes=0)

_REFUSALS: Mapping[Kind, Callable[[Trouble, bool], Fault]] = {
    Kind.THROTTLE: lambda _trouble, sends: (
        Fault(FaultKind.TOO_FAST, "Maximum sending rate exceeded.")
        if sends
        else Fault(FaultKind.CONTROL_TOO_FAST, "Rate exceeded")
    ),
    Kind.QUOTA: lambda *_: Fault(FaultKind.TOO_MANY, "Daily message quota exceeded."),
    Kind.EXPIRED: lambda *_: Fault(FaultKind.EXPIRED_TOKEN, "The security token included in the request is expired"),
    Kind.UNAVAILABLE: lambda trouble, _sends: (
        Fault(FaultKind.UNAVAILABLE, "Service is temporarily unavailable.")
        if trouble.status == 503
        else Fault(FaultKind.INTERNAL, "An internal failure, by the script of the box.")
    ),
}
_HANDOVERS: Mapping[Kind, Callable[[Trouble], Handover]] = {
    Kind.SLOW: lambda trouble: Handover(delay_s=trouble.seconds),
    Kind.RESET: lambda _trouble: _LOST,
    Kind.CUT_ANSWER: lambda trouble: Handover(most_bytes=trouble.at),
    Kind.GARBAGE: lambda _trouble: Handover(noise=NOISE),
}
BEFORE_A_CALL: Final = frozenset(_REFUSALS.keys() | _HANDOVERS.keys())


def refusal_of(trouble: Trouble, *, sends: bool) -> Fault | None:
    """What SES says, where the trouble is a refusal."""
    refuse = _REFUSALS.get(trouble.kind)
    return refuse(trouble, sends) if refuse else None


def handover_of(trouble: Trouble | None) -> Handover:
    """How the answer reaches the client, or does not."""
    hand_over = _HANDOVERS.get(trouble.kind) if trouble else None
    return hand_over(trouble) if trouble and hand_over else WHOLE


def is_before(trouble: Trouble | None) -> bool:
    """Whether the line breaks before anything was done."""
    return trouble is not None and trouble.kind is Kind.RESET and trouble.when == "before"
