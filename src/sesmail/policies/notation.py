"""Notation: a stack of transports as one line, as `sesmail.connect` reads it. Without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sesmail.transports.base import Transport

# What means something in the notation itself.
_ESCAPES = {ord(sign): f"%{ord(sign):02X}" for sign in "%&#?()+ "}


def notation_of(way: Transport) -> str:
    """How a way out is written: its URL, or what it calls itself if it has none.

    >>> from sesmail.policies.notation import notation_of
    >>> from sesmail.transports import MemoryTransport
    >>> notation_of(MemoryTransport())
    'memory://'
    """
    said: str = getattr(way, "notation", "")
    return said or repr(way)


def with_options(notation: str, said: Mapping[str, str]) -> str:
    """The same with options behind it. What stands there already, such as a word for two policies, is not said twice.

    >>> from sesmail.policies.notation import with_options
    >>> with_options("ses://eu-west-1?client=direct", {"retry": "4", "redirect": "a+b@example.com"})
    'ses://eu-west-1?client=direct&retry=4&redirect=a%2Bb@example.com'
    """
    before = notation.rpartition(")")[2].partition("?")[2].split("&")
    words = [f"{name}={value.translate(_ESCAPES)}" for name, value in said.items()]
    new = [word for word in words if word not in before]
    if not new:
        return notation
    return notation + ("&" if before[0] else "?") + "&".join(new)


def group(name: str, notations: Iterable[str]) -> str:
    """Several ways in one.

    >>> from sesmail.policies.notation import group
    >>> group("failover", ["ses://eu-west-1", "ses://eu-central-1"])
    'failover(ses://eu-west-1 ses://eu-central-1)'
    """
    return f"{name}({' '.join(notations)})"
