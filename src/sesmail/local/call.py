"""A call: what a client asks of the box, whatever wire it came by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Params = Mapping[str, Any]
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of one service, in one Region, by the owner of one access key."""

    service: str  # botocore's name: sesv2, ses or sts
    operation: str
    params: Params = field(default_factory=dict, repr=False)
    region: str = ""
    access_key: str = ""
    source_ip: str = "127.0.0.1"
