"""Generation: how many forks lie between this process and the first one. Asked for each mail, so it must cost nothing.

What is kept under that number is this process's own; what a parent kept is found under another. The id of the process
would say the same, for a call to the system each time.
"""

from __future__ import annotations

import os

_forks = 0


def generation() -> int:
    """How many."""
    return _forks


def _count() -> None:
    global _forks  # noqa: PLW0603 - there is one process
    _forks += 1


# Where nothing forks, nobody counts.
getattr(os, "register_at_fork", dict)(after_in_child=_count)
