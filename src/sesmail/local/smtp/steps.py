"""Steps: what the door is to do next, as values. A session gives them; a connection does them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Then(Enum):
    """What comes behind what was said."""

    GO_ON = "go on"
    SECURE = "begin TLS"
    END = "say no more, and close when all has been sent"
    BREAK = "reset the connection"


@dataclass(frozen=True, slots=True)
class Step:
    """Say these bytes after so many seconds, then do what comes behind."""

    data: bytes = field(default=b"", repr=False)
    then: Then = Then.GO_ON
    wait_s: float = 0.0
    tls_fault: str = ""  # how TLS fails when it begins
