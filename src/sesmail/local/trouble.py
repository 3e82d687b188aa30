"""Trouble: one thing that goes wrong, where, how often, and how likely. Values; `Chaos` brings them about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from math import isfinite
from typing import Any, Final, TypedDict

from sesmail.errors import SetupError, UnknownOption
from sesmail.local.operations import SERVED


class Said(TypedDict, total=False):
    """What can be said of every trouble."""

    on: str
    times: int | None
    skip: int
    chance: float


class Kind(StrEnum):
    """What goes wrong."""

    THROTTLE = "throttle"
    QUOTA = "quota"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"
    SLOW = "slow"
    RESET = "reset"
    CUT_REQUEST = "cut_request"
    CUT_ANSWER = "cut_answer"
    GARBAGE = "garbage"
    REPLY = "reply"
    TLS = "tls"


_OF_ALL = ("on", "times", "skip", "chance")

# What an SMTP client says, and what it waits for: `connect` is the greeting, `message` the answer to the last dot.
SMTP_STEPS: Final = tuple(
    "connect ehlo helo starttls auth mail rcpt data message rset noop quit vrfy help bdat".split()
)
_BY_SMTP: Final = ("any", "smtp", "send", "credentials", *SMTP_STEPS)
_ANYWHERE: Final = ("call", "http", *_BY_SMTP)
_OF_BYTES: Final = ("any", "http", "smtp")
_OF_TLS: Final = ("tls", "any", "smtp", "connect", "starttls")


@dataclass(frozen=True, slots=True)
class _About:
    """Where a kind happens if nobody says so, where it can, and what else can be said of it."""

    on: str
    fields: tuple[str, ...] = ()
    places: tuple[str, ...] = _ANYWHERE


_KINDS: Mapping[Kind, _About] = {
    Kind.THROTTLE: _About("send"),
    Kind.QUOTA: _About("send"),
    Kind.UNAVAILABLE: _About("send", ("status",)),
    Kind.EXPIRED: _About("credentials"),
    Kind.SLOW: _About("send", ("seconds",)),
    Kind.RESET: _About("send", ("when",)),
    Kind.CUT_REQUEST: _About("any", ("at",), _OF_BYTES),
    Kind.CUT_ANSWER: _About("send", ("at",)),
    Kind.GARBAGE: _About("send"),
    Kind.REPLY: _About("message", ("code", "text"), _BY_SMTP),
    Kind.TLS: _About("tls", ("fault",), _OF_TLS),
}

TLS_FAULTS: Final = ("expired", "wrong_host", "unknown_ca", "refused", "reset")
_STATUSES = (500, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that goes wrong.

    >>> from sesmail.local.trouble import Trouble
    >>> Trouble.parse("reset,when=after,times=2").when
    'after'
    """

    kind: Kind
    on: str = "any"  # a place, or the name of an operation
    times: int | None = 1  # ``None`` is for ever
    skip: int = 0  # so many times it goes well first
    chance: float = 1.0
    status: int = 503
    seconds: float = 1.0
    when: str = "after"  # before or after the mail was taken
    at: int = 0  # bytes that still pass
    code: int = 421
    text: str = ""
    fault: str = "expired"  # one of TLS_FAULTS

    @classmethod
    def of(cls, kind: str, /, **said: object) -> Trouble:
        """A trouble of this kind; what nobody knows of it is an error that names the nearest."""
        if kind not in _KINDS:
            raise UnknownOption(kind, known=[each.value for each in Kind], where="chaos")
        about = _KINDS[Kind(kind)]
        known = (*_OF_ALL, *about.fields)
        for name in said:
            if name not in known:
                raise UnknownOption(name, known=known, where=f"the trouble {kind}")
        values: dict[str, Any] = {name: _read(name, value) for name, value in said.items()}
        return cls(**{"on": about.on, **values, "kind": Kind(kind)})

    @classmethod
    def parse(cls, text: str) -> Trouble:
        """One written in a line: the kind, and after commas what else is said of it."""
        kind, *said = (piece.strip() for piece in text.split(","))
        pairs = [piece.partition("=") for piece in said]
        said_of: dict[str, str] = {}
        for name, equals, value in pairs:
            if not equals or name.strip() in said_of:
                wrong = "is said twice" if equals else "is no pair: write name=value"
                raise SetupError(f"{name[:50]!r} in {text[:100]!r} {wrong}")
            said_of[name.strip()] = value.strip()
        return cls.of(kind, **said_of)

    def __post_init__(self) -> None:
        places = _KINDS[self.kind].places
        known = (*places, *(name for _, name in SERVED)) if "call" in places else places
        if self.on not in known:
            raise UnknownOption(self.on, known=known, where=f"the field on of the trouble {self.kind}")
        for name, holds, rule in self._rules():
            if not holds:
                raise SetupError(f"{name} of the trouble {self.kind} is {rule}")

    def _rules(self) -> tuple[tuple[str, bool, str], ...]:
        return (
            ("times", self.times is None or self.times > 0, "1 or more, or 'always'"),
            ("skip", self.skip >= 0, "0 or more"),
            ("chance", 0 < self.chance <= 1, "over 0 and at most 1"),
            ("status", self.status in _STATUSES, f"one of {_STATUSES}"),
            ("seconds", isfinite(self.seconds) and self.seconds >= 0, "0 or more"),
            ("when", self.when in ("before", "after"), "'before' or 'after'"),
            ("at", self.at >= 0, "0 or more"),
            ("code", 400 <= self.code <= 599, "a reply from 400 to 599"),
            ("text", self.text.isprintable() and self.text.isascii(), "printable ASCII"),
            ("fault", self.fault in TLS_FAULTS, f"one of {', '.join(TLS_FAULTS)}"),
        )

    @property
    def said(self) -> dict[str, object]:
        """What is said of it, by name, as `of` takes it."""
        known = ("kind", *_OF_ALL, *_KINDS[self.kind].fields)
        return {name: getattr(self, name) for name in known}


_DEFAULTS = {field.name: field.default for field in fields(Trouble) if field.default is not MISSING}


def _read(name: str, value: object) -> object:
    """A value as its field has it; on a command line everything is text."""
    if name == "times" and value in ("always", None):
        return None
    kind = type(_DEFAULTS[name])
    try:
        read: object = kind(value)
    except (TypeError, ValueError, OverflowError):
        read = None
    if read is None or (kind is int and isinstance(value, float) and read != value):
        raise SetupError(f"{name} of a trouble is {_KIND_NAMES[kind]}, and not {value!r:.50}")
    return read


_KIND_NAMES: Mapping[type, str] = {int: "a whole number", float: "a number", str: "a text"}
