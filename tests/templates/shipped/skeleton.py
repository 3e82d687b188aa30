"""A page without its texts: which elements there are, with which attributes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr"}
_CONDITIONAL = re.compile(r"<!--\[if mso\]>.*?<!\[endif\]-->", re.DOTALL)


class Skeleton(HTMLParser):
    """What a browser would make of it, as far as tags and attributes go."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[dict[str, str | None]] = []
        self.unbalanced: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self.unbalanced += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = tuple(name for name, _ in attrs)
        if len(set(names)) < len(names):
            self.unbalanced.append(f"{tag} has an attribute twice")
        self.tags.append((tag, names))
        self.attributes.append(dict(attrs))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", (data,)))

    def values(self, attribute: str) -> list[str | None]:
        return [attributes[attribute] for attributes in self.attributes if attribute in attributes]


def for_outlook(page: str) -> str:
    """The page as Word reads it."""
    return page.replace("<!--[if mso]>", "").replace("<![endif]-->", "")


def for_others(page: str) -> str:
    """The page without what is for Word."""
    return _CONDITIONAL.sub("", page)
