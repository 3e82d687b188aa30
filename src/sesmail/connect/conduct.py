"""Conduct: which policies a line asks for, and in which order they stand around its ways.

::

    redirect, allow, drop      who may get mail at all: outermost, so nothing goes around them
      split                    one mail for many people becomes several
        retry                  once more, for whom it surely did not go out
          failover(…)          another way
            sandbox            would SES take it?          ┐
              rate             when is it our turn?        │ once for each way
                on_attempt     sees each attempt           ┘
                  the way out

Options for each way that stand behind a group are for all of its ways that do not say something else themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sesmail.errors import SetupError
from sesmail.transports.base import Transport
from sesmail.transports.option import Option, read_options
from sesmail.transports.url import TransportUrl

if TYPE_CHECKING:
    from sesmail.policies.attempt import Attempt

OnAttempt = Callable[["Attempt"], object]


class Place:
    """Where a policy lives, and its options: the first one turns it on."""

    __slots__ = ("kind", "module", "options")

    def __init__(self, module: str, kind: str, *options: str) -> None:
        self.module = f"sesmail.policies.{module}"
        self.kind = kind
        self.options = options

    def taken(self) -> tuple[Option, ...]:
        """Its options, whole."""
        taken: tuple[Option, ...] = import_module(self.module).OPTIONS
        return taken

    def put_around(self, way: object, said: Mapping[str, Any]) -> Transport:
        """The policy around a way, or around several where it is for several."""
        transport: Transport = getattr(import_module(self.module), self.kind).around(way, said)
        return transport


# Inside first. Named here too, so that a line imports nothing that it does not ask for; a test compares.
OF_EACH_WAY = (
    Place("rate.rate_limit", "RateLimit", "rate", "rate_wait_s", "rate_safety"),
    Place("sandbox.guard", "SandboxGuard", "sandbox", "sandbox_redirect", "sandbox_sender"),
)
RETRY = Place("retry.retry", "Retry", "retry", "retry_within_s", "on_unknown")
AROUND_ALL = (
    RETRY,
    Place("split", "Split", "split"),
    Place("drop", "Drop", "drop"),
    Place("allow", "Allow", "allow"),
    Place("redirect", "Redirect", "redirect"),
)
GROUPS = {
    "failover": Place("failover", "Failover", "failures", "rest_s", "on_unknown"),
    "roundrobin": Place("round_robin", "RoundRobin", "failures", "rest_s", "on_unknown"),
}
_STAGING = ("redirect", "allow", "drop")
_OF_EACH_WAY = frozenset(name for place in OF_EACH_WAY for name in place.options)
OF_POLICIES = _OF_EACH_WAY | {name for place in AROUND_ALL for name in place.options}


def conduct_options() -> tuple[Option, ...]:
    """What stands behind any line, and behind a group, for the table in the documentation. Outermost first.

    >>> from sesmail.connect import conduct_options
    >>> "sandbox" in [option.name for option in conduct_options()]
    True
    """
    places = [*reversed((*OF_EACH_WAY, *AROUND_ALL)), GROUPS["failover"]]
    return tuple({option.name: option for place in places for option in place.taken()}.values())


def split_options(url: TransportUrl) -> tuple[TransportUrl, TransportUrl]:
    """A URL with the options of its transport only, and one with those of policies only."""
    if not url.options:
        return url, url
    return _only(url, lambda name: name not in OF_POLICIES), _only(url, lambda name: name in OF_POLICIES)


def check_inside(url: TransportUrl) -> None:
    """Who may get mail at all is said behind the outermost group: on one way of several, the others go around it."""
    for name in _STAGING:
        if name in url.options:
            raise SetupError(
                f"{name} of one way in a group lets the other ways write to anybody: put it behind the group"
            )


def for_each_way(url: TransportUrl) -> Mapping[str, str]:
    """Of a group's options, those that its ways are given."""
    return {name: text for name, text in url.options.items() if name in _OF_EACH_WAY}


def around_way(way: Transport, url: TransportUrl, on_attempt: OnAttempt | None) -> Transport:
    """One way, with what stands around each."""
    if on_attempt is not None:
        from sesmail.policies.observe import Observe

        way = Observe(way, on_attempt)
    return _stacked(way, url, OF_EACH_WAY)


def around_all(way: Transport, url: TransportUrl, *, retries: bool) -> Transport:
    """All that stands around a whole line; ``retries`` without a word."""
    if retries and not url.options:  # as nearly always
        return RETRY.put_around(way, {})
    return _stacked(way, url, AROUND_ALL, always=RETRY if retries else None)


def grouped(name: str, ways: list[Transport], url: TransportUrl) -> Transport:
    """Several ways in one."""
    place = GROUPS[name]
    return place.put_around(ways, read_options(_only(url, place.options.__contains__), place.taken()))


def _stacked(way: Transport, url: TransportUrl, places: Iterable[Place], *, always: Place | None = None) -> Transport:
    for place in places:
        names = [name for name in place.options if name in url.options]
        if not names and place is not always:
            continue
        switch = place.options[0]
        if switch not in names and place is not always and names != ["on_unknown"]:
            raise SetupError(f"{url.scheme}://: {names[0]} says something of {switch}, which is not there")
        way = place.put_around(way, read_options(_only(url, names.__contains__), place.taken()))
    return way


def _only(url: TransportUrl, is_wanted: Callable[[str], bool]) -> TransportUrl:
    from dataclasses import replace

    from sesmail.mail.frozen_map import FrozenMap

    return replace(url, options=FrozenMap({name: text for name, text in url.options.items() if is_wanted(name)}))
