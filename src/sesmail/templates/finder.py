"""Finder: which files a mail is made of.

Rule 1: a mail is in one language. The most specific locale that has a text or HTML is the locale of both; a subject may
        come from a more general one.
Rule 2: whoever puts another HTML in the place of a shipped one does not get the shipped text beside it: text counts
        only from the source of the HTML, or from one before it.
Rule 3: one source says the HTML once: ``.html``, ``.mjml`` or ``.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from jinja2 import BaseLoader, Environment

from sesmail.errors import TemplateError
from sesmail.templates.kept import Kept
from sesmail.templates.languages import spellings
from sesmail.templates.sources import Sources, has

PAGES = ("html", "mjml", "md")
_ENDINGS = ("", ".jinja", ".j2")
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one mail, by name; ``""`` for what there is not."""

    page: str = ""
    kind: str = ""
    """How the page is written: one of ``PAGES``."""
    text: str = ""
    subject: str = ""
    general_subject: str = ""
    """A subject of a more general locale, for a page that has none itself."""


class NoSuchTemplate(TemplateError):
    """There is nothing of this name, in this language. What a user sees is made of it by the border."""


class Finder:
    """Looks in all sources, and remembers unless it is told to look again each time."""

    def __init__(self, sources: Sources, environment: Environment, *, forgets: bool) -> None:
        self._sources = sources
        self._environment = environment
        self._known: Kept[tuple[str, str], Files] = Kept(_MOST_KNOWN, forgets=forgets)

    def files(self, name: str, locale: str) -> Files:
        """The files of this mail, in this language."""
        return self._known.get((name, locale), lambda: self._look(name, locale))

    def _look(self, name: str, locale: str) -> Files:
        levels = [[f"{name}.{one}" if one else name for one in spelled] for spelled in spellings(locale)]
        for number, stems in enumerate(levels):
            page, kind, source = self._page(stems)
            text = self._first(stems, ".txt", source)
            if page or text:
                general = (self._first(stems, ".subject.txt") for stems in levels[number + 1 :])
                return Files(page, kind, text, self._first(stems, ".subject.txt"), next(filter(None, general), ""))
        raise self._nothing(name)

    def _page(self, stems: list[str]) -> tuple[str, str, int]:
        """The HTML, how it is written, and the number of its source; without one, that of the last."""
        each = self._sources.each
        for number, loader in enumerate(each):
            found = [(file, kind) for kind in PAGES for file in self._files_in(loader, stems, f".{kind}")]
            if len(found) > 1:
                names = " and ".join(file for file, _ in found)
                raise TemplateError(f"{names} all say its HTML: keep one", template=found[0][0])
            if found:
                return *found[0], number
        return "", "", len(each) - 1

    def _first(self, stems: list[str], ending: str, last: int | None = None) -> str:
        each = self._sources.each if last is None else self._sources.each[: last + 1]
        return next((file for loader in each for file in self._files_in(loader, stems, ending)), "")

    def _files_in(self, loader: BaseLoader, stems: list[str], ending: str) -> Iterator[str]:
        for stem in stems:
            for last in _ENDINGS:
                if has(loader, file := f"{stem}{ending}{last}", environment=self._environment):
                    yield file

    def _nothing(self, name: str) -> NoSuchTemplate:
        known = sorted({mail_of(file) for file in self._sources.names} - {""})
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "none of .html, .mjml, .md and .txt was found"
        return NoSuchTemplate(f"there is no such template; {hint}", template=name)


def kind_of(file: str) -> str:
    """How a page is written, by the name of its file.

    >>> from sesmail.templates.finder import kind_of
    >>> kind_of("shop/welcome.mjml.j2"), kind_of("welcome.subject.txt")
    ('mjml', 'txt')
    """
    return _plain(file).rpartition(".")[2]


def _plain(file: str) -> str:
    for last in _ENDINGS[1:]:
        file = file.removesuffix(last)
    return file


_LOCALE = re.compile(r"\.[a-z]{2,3}(?:[_\-][A-Za-z0-9]{2,8})*+\Z")


def mail_of(file: str) -> str:
    """The name of the mail that a file belongs to, if it looks like one.

    >>> from sesmail.templates.finder import mail_of
    >>> mail_of("shop/welcome.de_AT.subject.txt.j2"), mail_of("style.css")
    ('shop/welcome', '')
    """
    file = _plain(file)
    for ending in (".subject.txt", ".txt", *(f".{kind}" for kind in PAGES)):
        if file.endswith(ending):
            return _LOCALE.sub("", file.removesuffix(ending))
    return ""
