"""Links: what is shown of a target. The text stands before it: ``our shop <https://shop.example/>``."""

from __future__ import annotations

import re

from sesmail.templates.text.characters import collapsed

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*+):")
_LEADS_NOWHERE = frozenset({"javascript", "vbscript", "data", "cid", "mid", "about", "blob", "file"})
_IN_NO_URL = str.maketrans({" ": "%20", "<": "%3C", ">": "%3E"})
_BREAKS = str.maketrans("", "", "\t\n\r")
_DIALLED = re.compile(r"[0-9+*#().\-]*+")
_NOT_DIALLED = re.compile(r"[^0-9+*#]")


def shown(href: str) -> str:
    """What stands between the angle brackets; nothing for what leads nowhere in a text."""
    target = collapsed(href.translate(_BREAKS)).strip() if href else ""
    if not target or target[0] == "#":
        return ""
    found = _SCHEME.match(target)
    scheme = found[1].lower() if found else ""
    if scheme in _LEADS_NOWHERE:
        return ""
    if scheme in ("mailto", "tel"):
        target = target.partition(":")[2].partition("?")[0].strip()
    return target.translate(_IN_NO_URL)


def text_for(text: str, target: str) -> str | None:
    """The one text that says both, where the text is the target already; None where both are needed."""
    if _bare(text) == _bare(target):
        return target
    if _SCHEME.match(target):
        return None
    if "@" in target and text.lower() == target.lower():
        return text
    return text if _DIALLED.fullmatch(target) and _NOT_DIALLED.sub("", text) == _NOT_DIALLED.sub("", target) else None


def _bare(url: str) -> str:
    for scheme in ("https://", "http://", "mailto:", "tel:"):
        url = url.removeprefix(scheme)
    return url.removesuffix("/")


class Link:
    """A link that is open: its target, how deep it stands, and where its text begins."""

    __slots__ = ("_line", "_start", "_target", "depth")

    def __init__(self, target: str, depth: int, line: list[str]) -> None:
        self.depth = depth
        self._target = target
        self._line = line
        self._start = len(line)

    def write_on(self, line: list[str]) -> None:
        """Write the target behind the text. Where that went over lines, this is the last of them."""
        start = self._start if line is self._line else 1
        text = "".join(line[start:]).strip()
        if not text:
            return
        both = text_for(text, self._target)
        if both is None:
            line.append(f" <{self._target}>")
        elif both != text:
            line[start:] = [" " * line[start].startswith(" ") + both]
