"""Urls: absolute URLs of the site, on the base that the program configures. Never on what a request says of itself."""

from __future__ import annotations

import re

from sesmail.errors import SetupError, TemplateError
from sesmail.templates.gaps import printable

_BASE = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[!-~]*)?")
_BAD = re.compile(r"[\x00-\x20\x7f\\]")
_CURE = "give Templates base_url='https://…'"


class Urls:
    """``{{ url("/orders/1", page=2) }}``."""

    def __init__(self, base: str) -> None:
        if base and (not _BASE.fullmatch(base) or "?" in base or "#" in base):
            raise SetupError(f"base_url is like https://shop.example, and not {base!r}")
        self._base = base.rstrip("/")

    def url(self, path: str, **query: object) -> str:
        """The URL of a path. A path leads down from the base: ``//other.example`` is none."""
        from urllib.parse import quote, urlencode

        if not self._base:
            raise TemplateError(f"url() has no base: {_CURE}", template="")
        if not path.startswith("/") or path.startswith("//") or _BAD.search(path):
            raise TemplateError("url() takes a path that begins with one /, without blanks", template="")
        found = self._base + quote(path, safe="/%?&=#:@!$'()*+,;~-._")
        if not query:
            return found
        if "#" in path:
            raise TemplateError("url() puts the query before a #; build this URL in your program", template="")
        for value in query.values():
            printable(value)
        return f"{found}{'&' if '?' in path else '?'}{urlencode(query)}"
