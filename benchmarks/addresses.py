"""Addresses: the CPU time per address, none of which was ever seen before."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from time import process_time
from typing import ClassVar

from email_validator import validate_email

from benchmarks.measure import Figure, interleaved
from benchmarks.peers import SESMAIL
from sesmail import Address

EMAIL_VALIDATOR = "email-validator"

_PARSERS: dict[str, Callable[[str], object]] = {
    SESMAIL: Address.parse,
    EMAIL_VALIDATOR: partial(validate_email, check_deliverability=False),
}
# One for all: no peer ever gets an address, or a new domain, for the second time.
_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class AddressCase:
    """A kind of address, ``{}`` standing for what is new each time."""

    name: str
    pattern: str
    unit: ClassVar = "us of CPU per address"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure all parsers."""
        return interleaved({name: _Parsing(parse, self.pattern) for name, parse in _PARSERS.items()}, rounds)


@dataclass(frozen=True, slots=True)
class _Parsing:
    parse: Callable[[str], object]
    pattern: str

    def cpu_s(self, loops: int) -> float:
        addresses = list(self._new(loops))
        parse = self.parse
        gc.collect()
        start = process_time()
        for address in addresses:
            parse(address)
        return process_time() - start

    def _new(self, many: int) -> Iterator[str]:
        return (self.pattern.format(next(_NUMBERS)) for _ in range(many))
