"""Preheader: what an inbox shows behind the subject, and the opened mail does not show."""

from __future__ import annotations

import re

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
# An inbox fills up with what comes next. These are blanks to it, so that nothing else does.
_FILL = "&#847;&zwnj;&nbsp;" * 60
_HIDDEN = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;mso-hide:all"


def with_preheader(page: str, preheader: str) -> str:
    """The page with this, which is HTML, at the beginning of its body."""
    hidden = f'<div style="{_HIDDEN}">{preheader.strip()}{_FILL}</div>'
    body = _BODY.search(page)
    start = body.end() if body else 0
    return page[:start] + hidden + page[start:]
