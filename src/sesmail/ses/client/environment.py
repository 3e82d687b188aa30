"""Environment: tells clients that the variables of AWS have changed, so that each is made anew of them.

Programs make their mailers when they start, and a test that leads them elsewhere comes later. A client that was made
before would go on to Amazon, with a test's mail.
"""

from __future__ import annotations

_age = 0


def age() -> int:
    """A number that is another one after each change."""
    return _age


def changed() -> None:
    """From now on, all clients look at the environment anew: Region, endpoint, keys, proxies."""
    global _age  # noqa: PLW0603 - there is one environment
    _age += 1
