"""Which operations the box serves: each is a function with its name in snake case, marked `serves`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sesmail.local.call import Params, Result
    from sesmail.local.here import Here

    Run = Callable[[Here, Params], Result]


@dataclass(frozen=True, slots=True)
class Served:
    """An operation of the box."""

    run: Run
    sends: bool = False
    lacks: tuple[str, ...] = ()  # parameters that are answered with "not implemented here", as paths
    note: str = ""  # what is less than in SES, beyond that

    @property
    def in_full(self) -> bool:
        """Whether nothing is known to be less than in SES."""
        return not self.lacks and not self.note


SERVED: dict[tuple[str, str], Served] = {}


def serves(service: str, *, sends: bool = False, lacks: tuple[str, ...] = (), note: str = "") -> Callable[[Run], Run]:
    """Mark a function: it serves the operation of its name."""

    def mark(run: Run) -> Run:
        name = "".join(word.capitalize() for word in run.__name__.split("_"))
        SERVED[service, name] = Served(run, sends, lacks, note)
        return run

    return mark
