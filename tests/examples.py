"""Fewer examples than the profile asks for, where each is a long story of its own."""

from __future__ import annotations

from hypothesis import settings

LEAST = 5


def one_in(number: int) -> settings:
    """So much of the profile: ``@one_in(20)``."""
    return settings(max_examples=max(LEAST, settings().max_examples // number))
