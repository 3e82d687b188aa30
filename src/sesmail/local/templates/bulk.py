"""Bulk sends: one mail for each entry, and how each of them ended.

What would stop every entry stops the call, as long as nothing went out. SES does not write down which faults those are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sesmail.local.dispatch import send
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.sending import Sending

MOST_ENTRIES = 50

# How an entry ended, in the words of v2 and of v1. Faults that have other words stop the call before anything is sent.
_SUCCESS = ("SUCCESS", "Success")
_FAILED = ("FAILED", "Failed")
_STATUSES = {
    FaultKind.REJECTED: ("MESSAGE_REJECTED", "MessageRejected"),
    FaultKind.INVALID: ("INVALID_PARAMETER", "InvalidParameterValue"),
    FaultKind.TOO_FAST: ("ACCOUNT_THROTTLED", "AccountThrottled"),
    FaultKind.TOO_MANY: ("ACCOUNT_DAILY_QUOTA_EXCEEDED", "AccountDailyQuotaExceeded"),
}
_OF_ITS_OWN = frozenset({FaultKind.REJECTED, FaultKind.INVALID})  # of an entry; others have them or not

Begin = Callable[[], Sending]


@dataclass(frozen=True, slots=True)
class EntryEnd:
    """How one entry ended."""

    v2: str
    v1: str
    message_id: str = ""
    error: str = ""


def send_each(here: Here, entries: Sequence[Begin]) -> list[EntryEnd]:
    """Send a mail for each entry, in order."""
    if len(entries) > MOST_ENTRIES:
        raise Fault(FaultKind.INVALID, f"Destination count exceeds {MOST_ENTRIES}.")
    return list(_ends(here, entries))


def _ends(here: Here, entries: Sequence[Begin]) -> Iterator[EntryEnd]:
    is_under_way = False
    for begin in entries:
        try:
            yield EntryEnd(*_SUCCESS, message_id=send(here, begin()))
            is_under_way = True
        except Fault as fault:
            if not is_under_way and fault.kind not in _OF_ITS_OWN:
                raise
            yield EntryEnd(*_STATUSES.get(fault.kind, _FAILED), error=fault.message)
