"""Grammar: one line of configuration as a tree. Pure, and nothing of the line is repeated in an error: it has secrets.

::

    line    = way | group
    group   = name "(" line { blanks line } ")" [ "?" options ]
    way     = a URL without blanks and parentheses outside of a group's
"""

from __future__ import annotations

import re

from sesmail.errors import SetupError

DEEPEST = 4  # groups in groups; who needs more writes Python
_GROUP = re.compile(r"([a-z]+)\(")
_WORD = re.compile(r"[^\s()]+")
_QUERY = re.compile(r"\?([^\s()]*)")
_BLANKS = re.compile(r"\s*")


class Way:
    """One URL."""

    __slots__ = ("url",)

    def __init__(self, url: str) -> None:
        self.url = url


class Group:
    """Several ways in one, and what stands behind its ``?``."""

    __slots__ = ("members", "name", "query")

    def __init__(self, name: str, members: tuple[Line, ...], query: str) -> None:
        self.name = name
        self.members = members
        self.query = query


Line = Way | Group


def parse(text: str) -> Line:
    """The tree of a line. Raises `SetupError` for a group that is none.

    >>> from sesmail.connect.grammar import parse
    >>> group = parse("failover(ses://eu-west-1 ses://eu-central-1)?retry=4")
    >>> group.name, [way.url for way in group.members], group.query
    ('failover', ['ses://eu-west-1', 'ses://eu-central-1'], 'retry=4')
    """
    if not _GROUP.match(text):
        return Way(text)
    line, end = _group(text, 0, DEEPEST)
    if end < len(text):
        raise SetupError("there is something behind the group: options follow its ) at once, as in failover(…)?retry=4")
    return line


def _line(text: str, start: int, depth: int) -> tuple[Line, int]:
    if _GROUP.match(text, start):
        return _group(text, start, depth)
    word = _WORD.match(text, start)
    if not word:
        raise SetupError("a group holds URLs with blanks between them; a ( or ) of their own is written %28 or %29")
    return Way(word[0]), word.end()


def _group(text: str, start: int, depth: int) -> tuple[Group, int]:
    opening = _GROUP.match(text, start)
    assert opening  # noqa: S101 - whoever calls has seen it
    name = opening[1]
    if not depth:
        raise SetupError(f"groups may stand in one another {DEEPEST} times, and no deeper")
    members: list[Line] = []
    end = _behind_blanks(text, opening.end())
    while end < len(text) and text[end] != ")":
        member, end = _line(text, end, depth - 1)
        members.append(member)
        end = _behind_blanks(text, end)
    if end == len(text):
        raise SetupError(f"{name}( has no ) at its end")
    if not members:
        raise SetupError(f"{name}() is empty: name the ways in it, with blanks between them")
    query = _QUERY.match(text, end + 1)
    return Group(name, tuple(members), query[1] if query else ""), query.end() if query else end + 1


def _behind_blanks(text: str, start: int) -> int:
    blanks = _BLANKS.match(text, start)
    assert blanks  # noqa: S101 - it matches nothing, too
    return blanks.end()
