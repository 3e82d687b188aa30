"""Option: what a URL can say behind its ``?``, declared once: for the transport, for the error, and for the docs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sesmail.errors import SetupError
from sesmail.lines.patience import is_time
from sesmail.transports.limits import Limits
from sesmail.transports.url import YES_AND_NO, TransportUrl

# Python takes more for a number: blanks, underscores, digits of all scripts, and infinity.
_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


class Option(NamedTuple):
    """One option: its name, what it says, what it takes, and what holds without it.

    ``reads`` makes a value of the text and raises ``ValueError`` for what it does not take.
    """

    name: str
    says: str
    takes: str = "text"
    default: str = ""
    reads: Callable[[str], object] = str


def choice(name: str, says: str, *words: str, default: str = "") -> Option:
    """One of several words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    return Option(name, says, " or ".join(f"`{word}`" for word in words), default, read)


def switch(name: str, says: str, *, default: str = "no") -> Option:
    """Yes or no."""

    def read(text: str) -> bool:
        if text.lower() not in YES_AND_NO:
            raise ValueError
        return YES_AND_NO[text.lower()]

    return Option(name, says, "`yes` or `no`", default, read)


def seconds(name: str, says: str, *, default: str) -> Option:
    """A time."""

    def read(text: str) -> float:
        if not (_DECIMAL.fullmatch(text) and is_time(number := float(text))):
            raise ValueError
        return number

    return Option(name, says, "seconds, over 0 and at most a day", default, read)


def count(name: str, says: str, *, default: str) -> Option:
    """A whole number."""

    def read(text: str) -> int:
        if not (_WHOLE.fullmatch(text) and (number := int(text)) > 0):
            raise ValueError
        return number

    return Option(name, says, "a whole number, over 0", default, read)


def read_options(url: TransportUrl, options: Iterable[Option]) -> dict[str, Any]:
    """What a URL says, by name: only what it says. Raises `UnknownOption` and `SetupError`, which never quote a value.

    >>> from sesmail.transports.option import count, read_options
    >>> from sesmail.transports import TransportUrl
    >>> read_options(TransportUrl.parse("smtp://host?max_connections=4"), [count("max_connections", "…", default="10")])
    {'max_connections': 4}
    """
    known = {option.name: option for option in options}
    return {name: _read(known[name], text, url) for name, text in url.only(*known).items()}


def _read(option: Option, text: str, url: TransportUrl) -> object:
    try:
        return option.reads(text)
    except ValueError:
        raise SetupError(f"{url.scheme}://: {option.name} takes {option.takes.replace('`', '')}") from None


LIMITS = Option("limits", "what mails are held to", "`ses`, `api` or `none`", "`ses`", Limits.named)
