"""Shades: what hides an element. 0 is plainly seen.

Rule 1: what is removed is gone with all that is in it.
Rule 2: what is unseen or tiny can have parts that are seen again. A cell with ``font-size: 0`` is the usual cure
        against gaps between pictures and columns, and the text in it says its own size; pictures have theirs anyway.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sesmail.templates.text.attributes import Attributes, attributes_of

REMOVED = 1
UNSEEN = 2
TINY = 4

# What an element makes of the shade that it stands in: which bits it keeps, and which it adds.
Change = tuple[int, int]
NO_CHANGE: Change = (REMOVED | UNSEEN | TINY, 0)

_LONGEST_KEPT = 400
_COMMENT = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?+")
_ZERO = re.compile(r"[+-]?+(?:0++(?:\.0*+)?+|\.0++)(?:[a-z]++|%)?+")
_RELATIVE = re.compile(r"[0-9.+-]++(?:e[mx]|ch|%)|inherit|unset|smaller|larger")  # to nothing, they are nothing


def change_by_tag(written: str) -> Change:
    """How what is written in a tag changes the shade. The tags of a layout are the same in every mail: kept."""
    return _kept_change(written) if len(written) <= _LONGEST_KEPT else _change(written)


def change_by(attributes: Attributes) -> Change:
    """The same, where the attributes are known already."""
    if "hidden" in attributes:
        return (0, REMOVED)
    style = attributes.get("style")
    if not style:
        return NO_CHANGE
    return _kept_change_by_style(style) if len(style) <= _LONGEST_KEPT else _change_by_style(style)


def _change(written: str) -> Change:
    return change_by(attributes_of(written))


def _change_by_style(style: str) -> Change:
    says = _declarations(style).get
    if (
        says("display") == "none"
        or says("mso-hide") == "all"
        or _ZERO.fullmatch(says("opacity", ""))
        or (_ZERO.fullmatch(says("max-height", "")) and says("overflow") in ("hidden", "clip"))
    ):
        return (0, REMOVED)
    keeps, adds = NO_CHANGE
    if visibility := says("visibility"):
        adds |= UNSEEN * (visibility in ("hidden", "collapse"))
        keeps &= ~(UNSEEN * (visibility == "visible"))
    if size := says("font-size"):
        adds |= TINY * bool(_ZERO.fullmatch(size))
        keeps &= ~(TINY * (not _RELATIVE.fullmatch(size)))
    return (keeps, adds)


def _declarations(style: str) -> dict[str, str]:
    """The last of each name counts, unless one before it is important."""
    found: dict[str, str] = {}
    important: set[str] = set()
    for declaration in _COMMENT.sub("", style).lower().split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip()
        value, mark, _ = value.partition("!")
        if mark or name not in important:
            found[name] = value.strip()
        if mark:
            important.add(name)
    return found


_kept_change = lru_cache(1024)(_change)
_kept_change_by_style = lru_cache(1024)(_change_by_style)
