"""Tokens: HTML, cut into tags and the text before each of them.

Rule 1: cut as a browser does it (HTML, 13.2.5): a quotation mark counts after ``=`` only, ``<`` before a blank is text,
        and what is never closed, a tag or a comment, takes the rest of the page with it.
Rule 2: no character is looked at more than a few times. So each way to read a ``<`` either ends or takes the rest.
"""

from __future__ import annotations

import re

# The text before a tag, its name in small letters, whether it closes, and what is written in it.
# The last one has text only. A plain tuple: there are hundreds in a page, and a class costs five times as much.
Token = tuple[str, str, bool, str]

_B = r"[ \t\n\f]"
_NAME = r"[^ \t\n\f/>][^ \t\n\f/>=]*+"  # it may begin with an equals sign
_VALUE = r"""(?: "[^"]*+" | '[^']*+' | [^ \t\n\f>"'][^ \t\n\f>]*+ | (?=>) | ["'](?s:.*+) )"""
_TOKEN = re.compile(
    rf"""<(?:
        (/?+)([A-Za-z][^ \t\n\f/>]*+)((?: (?:{_B}|/)++ | {_NAME}(?: {_B}*+={_B}*+{_VALUE} )?+ )*+)>
      | /?+[A-Za-z](?s:.*+)
      | !--(?: -?+> | [^-]*+(?: -(?!-!?>)[^-]*+ )*+--!?> | (?s:.*+) )
      | (?: [!?] | /(?!\Z) )[^>]*+>?+
    )""",
    re.VERBOSE,
)
# What is in these is no HTML, and not for reading either.
_UNREAD = ("script", "style", "title", "iframe", "noembed", "noframes")
_ENDS = {name: re.compile(rf"</{name}(?=[ \t\n\f/>])", re.IGNORECASE) for name in _UNREAD}


def tokens_of(html: str) -> list[Token]:
    """All tags in order, without comments, declarations and instructions; their neighbours' texts are joined."""
    if "\r" in html:
        html = html.replace("\r\n", "\n").replace("\r", "\n")
    tokens: list[Token] = []
    start: int | None = 0
    while start is not None:
        start = _read(html, start, tokens)
    return tokens


def _read(html: str, start: int, tokens: list[Token]) -> int | None:
    """Read on from here. Tells where to go on after an element that is not read, if there is one."""
    before = ""
    for match in _TOKEN.finditer(html, start):
        at, end = match.span()
        before = before + html[start:at] if before else html[start:at]
        start = end
        slash, name, attributes = match.groups()
        if name is None:
            continue
        name = name.lower()
        if name in _ENDS and not slash:
            tokens.append((before, name, False, ""))
            found = _ENDS[name].search(html, start)
            return found and found.start()
        tokens.append((before, name, slash == "/", attributes))
        before = ""
    tokens.append((before + html[start:], "", False, ""))
    return None
