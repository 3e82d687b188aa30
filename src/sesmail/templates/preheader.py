"""Preheader: what an inbox shows behind the subject, and the opened mail does not show."""

from __future__ import annotations

import re

_COMMENT_OR_BODY = re.compile(r"<!--(?:[^-]|-(?!->))*+-->|(<body(?=[\s>/])[^>]*+>)", re.IGNORECASE)
# What stands before the body of a page that does not name it.
_HEAD = re.compile(r"</head\s*+>|<html(?=[\s>])[^>]*+>|<!doctype[^>]*+>", re.IGNORECASE)
# An inbox fills up with what comes next. These are blanks to it, so that nothing else does.
_FILL = "&#847;&zwnj;&nbsp;" * 60
_HIDDEN = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;mso-hide:all"


def with_preheader(page: str, preheader: str) -> str:
    """The page with this, which is HTML, at the beginning of its body."""
    start = _body_of(page)
    return f'{page[:start]}<div style="{_HIDDEN}">{preheader.strip()}{_FILL}</div>{page[start:]}'


def _body_of(page: str) -> int:
    for found in _COMMENT_OR_BODY.finditer(page):
        if found[1]:
            return found.end()
    return max((found.end() for found in _HEAD.finditer(page)), default=0)
