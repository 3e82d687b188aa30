"""Scalars: numbers and truth values, which both languages write the same way."""

from __future__ import annotations

from math import isfinite


def scalar(value: object) -> str:
    """A number or a truth value as text. Raises `TypeError` for what no parameter of a call can be.

    >>> from sesmail.ses.client.direct.scalar import scalar
    >>> scalar(True), scalar(10)
    ('true', '10')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float) and isfinite(value):
        return float.__repr__(value)
    raise TypeError(f"a parameter is a text, a number, bytes, a list or a mapping; {type(value).__name__} is none")
