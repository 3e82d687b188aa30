"""Languages: from a locale to the file names that are looked for, and to the catalogue of its translations."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations, translation
from pathlib import Path

from sesmail.errors import SetupError, TemplateError
from sesmail.templates.kept import Kept
from sesmail.templates.rendering import current

_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:[_\-][A-Za-z0-9]{1,8}){0,4}")
_MOST_CATALOGUES = 200  # a locale may come from a request
NONE = NullTranslations()
Translations = str | os.PathLike[str] | Callable[[str], NullTranslations]


@lru_cache(maxsize=1024)
def spellings(locale: str) -> tuple[tuple[str, ...], ...]:
    """The locale and what is more general, each as files may spell it; the last is no locale at all.

    >>> from sesmail.templates.languages import spellings
    >>> spellings("de-AT")
    (('de_AT', 'de-AT'), ('de',), ('',))
    """
    if not locale:
        return (("",),)
    if not _LOCALE.fullmatch(locale):
        raise TemplateError("a locale is written like de, de_AT or zh-Hans-CN", template="")
    words = re.split("[_-]", locale)
    chain = [words[:length] for length in range(len(words), 0, -1)]
    return (*(_spelled(part, [_in_its_case(place, word) for place, word in enumerate(part)]) for part in chain), ("",))


def _spelled(*ways: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(joint.join(way) for way in ways for joint in "_-"))


def _in_its_case(place: int, word: str) -> str:
    """A language in small letters, a script with one large one, a Region in large ones (RFC 5646 2.1.1)."""
    if place == 0:
        return word.lower()
    return word.title() if len(word) == 4 and word.isalpha() else word.upper()


class Catalogues:
    """The translations of each locale, read once each."""

    def __init__(self, translations: Translations | None, domain: str) -> None:
        if isinstance(translations, str | os.PathLike):
            if not Path(translations).is_dir():
                raise SetupError(f"there is no folder {os.fspath(translations)!r} for translations")
            translations = Path(translations).absolute()
        self._translations = translations
        self._domain = domain
        self._known: Kept[str, NullTranslations] = Kept(_MOST_CATALOGUES)

    def of(self, locale: str) -> NullTranslations:
        """The translations into this locale; what it lacks comes from the more general one, or stays as it is."""
        return self._known.get(locale, lambda: self._read(locale))

    def _read(self, locale: str) -> NullTranslations:
        if self._translations is None or not locale:
            return NONE
        if callable(self._translations):
            return self._translations(locale)
        languages = [words[0] for words in spellings(locale)[:-1]]
        return translation(self._domain, self._translations, languages=languages, class_=GNUTranslations, fallback=True)

    # ── what Jinja's i18n calls ──────────────────────────────────────────────────────────────────────────────────

    def gettext(self, message: str) -> str:
        """The message in the language of the mail in the making."""
        return self.of(current().locale).gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The form of the message for this number."""
        return self.of(current().locale).ngettext(one, many, number)

    def pgettext(self, context: str, message: str) -> str:
        """The message as it is said in a context."""
        return self.of(current().locale).pgettext(context, message)

    def npgettext(self, context: str, one: str, many: str, number: int) -> str:
        """The form of the message for this number, as it is said in a context."""
        return self.of(current().locale).npgettext(context, one, many, number)
