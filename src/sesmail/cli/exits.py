"""How the command ends, as a number. The same for all subcommands."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """0 is well; the rest says whose turn it is."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TROUBLE = 2  # of a comparison, where 1 says that there is a difference, as with diff
    INTERRUPTED = 130
