"""Session: the contract of what is spoken on one line. Pure: it yields steps."""

from __future__ import annotations

from typing import Protocol

from sesmail.lines.dialogue import Dialogue


class Session(Protocol):
    """What a pool keeps with a line."""

    @property
    def is_open(self) -> bool:
        """Whether the line is in step, and may be used again."""

    def open(self) -> Dialogue[None]:
        """What comes before the first mail."""

    def freshen(self, idle_s: float) -> Dialogue[None]:
        """What comes before another mail, after so many idle seconds. Raises `StaleLine` when the line has ended.

        So may what is said next, until its first answer, if nothing was at stake by then: it is said on a new line.
        """

    def farewell(self) -> bytes:
        """What is said at the end. Nobody waits for an answer: every mail was final before."""
