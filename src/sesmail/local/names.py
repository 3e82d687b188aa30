"""Names that an account gives to its things. SES takes the same ones for nearly all of them."""

from __future__ import annotations

import re

from sesmail.local.faults import Fault, FaultKind

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_name(what: str, name: str, kind: FaultKind = FaultKind.INVALID, **facts: str) -> None:
    """Whether something can be called that."""
    if not _NAME.fullmatch(name):
        raise Fault(kind, f"{what} name <{name[:100]}> has other than 1 to 64 of A-Z a-z 0-9 _ -", **facts)
