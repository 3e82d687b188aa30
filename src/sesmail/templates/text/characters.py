"""Characters: which of them a reader gets to see, and what counts as a blank.

Dropped are controls and lone surrogates, which a mail cannot carry, and what mails are filled up with to keep an inbox
from showing more. One of the fillers, the zero width non-joiner, is orthography in Persian and Indic scripts: there it
stays between two letters.
"""

from __future__ import annotations

import re

_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u180e\u200b\u2060\ufeff\ud800-\udfff]"
    "|(?<![\u0600-\u0dff])\u200c|\u200c(?![\u0600-\u0dff])"
)
# Those of HTML, no-break spaces, and what some reader would take for the end of a line.
_BLANKS = re.compile("[\t-\r\x1c- \x85\xa0\u2028\u2029]++")
_BLANKS_IN_LINES = re.compile("[\x0b-\r\x1c-\x1f\x85\xa0\u2028\u2029]")


def collapsed(text: str) -> str:
    """The text with one blank for many; one at each end stays."""
    if text.isascii():
        words = " ".join(text.split())
        if words.isprintable():
            before = " " if text[:1].isspace() else ""
            return f"{before}{words} " if words and text[-1].isspace() else before + words
    return _BLANKS.sub(" ", _DROPPED.sub("", text))


def kept(text: str) -> str:
    """The text of a ``<pre>``: its blanks, tabs and lines stay."""
    return _BLANKS_IN_LINES.sub(" ", _DROPPED.sub("", text))
