"""connect: from one line of configuration to a stack of transports.

``ses://eu-west-1?sandbox=refuse`` is one way, ``failover(ses://eu-west-1 ses://eu-central-1)?retry=4`` several:
`grammar` reads the line, `schemes` finds the ways, and `conduct` puts the policies around them.
"""

from __future__ import annotations

from collections.abc import Mapping

from sesmail.connect.conduct import (
    GROUPS,
    OF_POLICIES,
    OnAttempt,
    around_all,
    around_way,
    check_inside,
    for_each_way,
    grouped,
)
from sesmail.connect.conduct import conduct_options as conduct_options
from sesmail.connect.conduct import split_options as _split_options
from sesmail.connect.grammar import Group, Line, Way, parse
from sesmail.connect.schemes import ENTRY_POINTS as ENTRY_POINTS
from sesmail.connect.schemes import FAR, known_schemes, own_options, transport_of
from sesmail.connect.schemes import options as options
from sesmail.errors import UnknownOption, UnknownScheme
from sesmail.mail.frozen_map import FrozenMap
from sesmail.transports.base import Transport
from sesmail.transports.url import TransportUrl

__all__ = ["ENTRY_POINTS", "conduct_options", "connect", "known_schemes", "options"]


def connect(line: str, *, on_attempt: OnAttempt | None = None) -> Transport:
    """The transport that a line names, with all that stands around it.

    >>> from sesmail.connect import connect
    >>> connect("memory://")
    MemoryTransport(0 mails)
    >>> connect("failover(memory:// null://)?retry=4")
    failover(memory:// null://)?retry=4
    >>> connect("memroy://")
    Traceback (most recent call last):
        ...
    sesmail.errors.UnknownScheme: unknown scheme 'memroy'; did you mean 'memory'?

    What crosses a network is tried again where that is safe (``retry``), and nothing else is done unasked.
    ``on_attempt`` sees each attempt of each way.
    """
    if line.isidentifier():
        raise UnknownScheme(line, known=[f"{scheme}://" for scheme in known_schemes()])
    return _opened(parse(line), {}, on_attempt, is_outermost=True)


def _opened(line: Line, given: Mapping[str, str], on_attempt: OnAttempt | None, *, is_outermost: bool) -> Transport:
    if isinstance(line, Group):
        return _group(line, given, on_attempt, is_outermost=is_outermost)
    return _way(line, given, on_attempt, is_outermost=is_outermost)


def _way(line: Way, given: Mapping[str, str], on_attempt: OnAttempt | None, *, is_outermost: bool) -> Transport:
    own, conduct = _split_options(TransportUrl.parse(line.url))
    _check_names(own)
    if not is_outermost:
        check_inside(conduct)
    if given:
        conduct = _with(conduct, {**given, **conduct.options})
    way = around_way(transport_of(own), conduct, on_attempt)
    return around_all(way, conduct, retries=is_outermost and own.scheme in FAR)


def _group(line: Group, given: Mapping[str, str], on_attempt: OnAttempt | None, *, is_outermost: bool) -> Transport:
    if line.name not in GROUPS:
        raise UnknownScheme(line.name, known=GROUPS)
    url = TransportUrl.parse(f"{line.name}://?{line.query}" if line.query else f"{line.name}://")
    url.only(*OF_POLICIES, *GROUPS[line.name].options)
    if not is_outermost:
        check_inside(url)
    for_ways = {**given, **for_each_way(url)}
    ways = [_opened(member, for_ways, on_attempt, is_outermost=False) for member in line.members]
    return around_all(grouped(line.name, ways, url), url, retries=is_outermost)


def _check_names(url: TransportUrl) -> None:
    """An option that neither the transport nor a policy has names the nearest one of both."""
    taken = own_options(url.scheme)
    if taken is None:
        return
    known = [option.name for option in taken]
    for name in url.options:
        if name not in known:
            raise UnknownOption(name, known=[*known, *sorted(OF_POLICIES)], where=f"{url.scheme}://")


def _with(url: TransportUrl, said: Mapping[str, str]) -> TransportUrl:
    from dataclasses import replace

    return replace(url, options=FrozenMap(said))
