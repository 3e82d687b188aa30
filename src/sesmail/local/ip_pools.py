"""Dedicated IP pools: names that delivery options may use. No address is in them, as the box delivers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sesmail.local.faults import Fault, FaultKind


@dataclass(slots=True)
class IpPool:
    """One pool.

    >>> from sesmail.local.ip_pools import IpPool
    >>> IpPool("main").scaling
    'STANDARD'
    """

    name: str
    scaling: str = "STANDARD"
    tags: dict[str, str] = field(default_factory=dict)


def known_pool(pools: Mapping[str, IpPool], name: str) -> IpPool:
    """The pool of this name, or the fault that there is none."""
    found = pools.get(name)
    if found is None:
        raise Fault(FaultKind.NOT_FOUND, f"Dedicated IP pool <{name[:100]}> does not exist.")
    return found
