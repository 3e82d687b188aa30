"""References: ``&amp;``, ``&#38;`` and ``&copy`` for what they stand for, in a text and in an attribute."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

# A number that is too long for Python, which refuses over 4300 digits, is too large or has zeros in front.
_LONG_NUMBER = re.compile(r"&#(?:([xX])([0-9a-fA-F]{10,}+)|([0-9]{10,}+))")
_IN_ATTRIBUTE = re.compile(r"&(?:(#(?:[0-9]++|[xX][0-9a-fA-F]++);?+)|([A-Za-z][A-Za-z0-9]*+(?:;|(?!=))))")


def plain_text(written: str) -> str:
    """Text between tags."""
    return unescape(_LONG_NUMBER.sub(_shortened, written) if "&#" in written else written)


def attribute_text(written: str) -> str:
    """The value of an attribute, where ``?a=1&copy=2`` is an address and no copyright (HTML, 13.2.5.73)."""
    return _IN_ATTRIBUTE.sub(_meant, written)


def _meant(found: re.Match[str]) -> str:
    return plain_text(found[0]) if found[1] else html5.get(found[2], found[0])


def _shortened(found: re.Match[str]) -> str:
    digits = (found[2] or found[3]).lstrip("0") or "0"
    return f"&#{found[1] or ''}{digits[:9]}"  # nine are beyond Unicode, as any more are
