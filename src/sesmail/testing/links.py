"""Links: where a mail leads, as its reader can follow it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_URL = re.compile(r"(?<![*_])[*_]*+https?://[^\s<>\"'`”»«]+", re.IGNORECASE)
_AFTER_A_SENTENCE = ".,;:!?"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def links_of_html(html: str) -> list[str]:
    """The web addresses of its links, in order."""
    reader = _Links()
    reader.feed(html)
    reader.close()
    return reader.found


def links_of_text(text: str) -> list[str]:
    """The web addresses in it, without the full stop or bracket that ends a sentence."""
    return [_trimmed(found[0]) for found in _URL.finditer(text)]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("a", "area"):
            target = (dict(attrs).get("href") or "").strip()
            if target.lower().startswith(("http://", "https://")):
                self.found.append(target)


def _trimmed(found: str) -> str:
    url = found.lstrip("*_")
    marks = found[: len(found) - len(url)]  # of bold or slanted text, which stand behind it once more
    while True:
        last = url[-1]
        if last in _AFTER_A_SENTENCE or (last in _PAIRS and url.count(last) > url.count(_PAIRS[last])):
            url = url[:-1]
        elif marks and last == marks[0]:
            url, marks = url[:-1], marks[1:]
        else:
            return url
