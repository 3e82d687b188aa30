"""Options: what a URL says of a rate, and what numbers are taken for it."""

from __future__ import annotations

import re

from sesmail.transports.option import Option

SAFETY = 0.9
WAIT_S = 60.0
DAY_S = 86400.0

# Python takes more for a number: blanks, underscores, digits of all scripts, and infinity.
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def is_rate(value: object) -> bool:
    """Whether so many a second can be counted."""
    return _is_number(value, 0.001, 1_000_000)


def is_share(value: object) -> bool:
    """Whether it is a part of something."""
    return _is_number(value, 0.01, 1)


def is_time(value: object) -> bool:
    """Whether so many seconds can be waited for."""
    return _is_number(value, 0, DAY_S)


def _is_number(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def text_of(number: float) -> str:
    """A number as a URL says it."""
    return f"{number:.9f}".rstrip("0").rstrip(".")


def _read_rate(text: str) -> object:
    return text if text == "auto" else _number(text, 0.001, 1_000_000)


def _read_wait(text: str) -> float:
    return _number(text, 0, DAY_S)


def _read_safety(text: str) -> float:
    return _number(text, 0.01, 1)


def _number(text: str, least: float, most: float) -> float:
    if not (_DECIMAL.fullmatch(text) and _is_number(number := float(text), least, most)):
        raise ValueError
    return number


OPTIONS = (
    Option(
        "rate",
        "the account's recipients a second: asked, or given",
        "`auto`, or a number from 0.001 to a million",
        "",
        _read_rate,
    ),
    Option("rate_wait_s", "how long a mail waits for its turn", "seconds, at most a day", "60", _read_wait),
    Option("rate_safety", "how much of the rate is used", "a number from 0.01 to 1", "0.9", _read_safety),
)
