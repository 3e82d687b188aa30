"""Keeping: how many lines there are at most, and how long one is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sesmail.errors import SetupError
from sesmail.lines.patience import is_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How many lines there are at most, and how long one is kept.

    >>> from sesmail.lines.keeping import Keeping
    >>> Keeping(connections=4).uses
    1000

    ``uses`` is mails on one line, before it is opened anew; ``idle_s`` how long it waits for the next one, ``age_s``
    how old it gets.
    """

    connections: int = 10
    uses: int = 1000
    idle_s: float = 30.0
    age_s: float = 600.0

    def __post_init__(self) -> None:
        for name in ("connections", "uses"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise SetupError(f"{name} of a pool is a whole number over 0, and not {value!r:.50}")
        for name in ("idle_s", "age_s"):
            value = getattr(self, name)
            if not is_time(value):
                raise SetupError(
                    f"{name} of a pool is a number of seconds, over 0 and at most a day, and not {value!r:.50}"
                )
