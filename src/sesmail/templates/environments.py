"""Environments: Jinja, set up once for each language that is written: HTML, plain text, and Markdown.

What is escaped follows from what is written and not from a file's name: a text that is included into HTML is escaped
there, and so is one that comes from a database.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

from jinja2 import BaseLoader, BytecodeCache, Environment, FileSystemBytecodeCache
from jinja2.ext import Extension
from markupsafe import Markup

from sesmail.errors import SetupError
from sesmail.templates.environment import MailEnvironment
from sesmail.templates.gaps import Gap, printable
from sesmail.templates.languages import Catalogues

Language = Literal["html", "plain", "markdown"]
Cache = str | os.PathLike[str] | BytecodeCache
_COMPILED = 1000  # of each language, the last used
_US = os.getuid() if hasattr(os, "getuid") else None
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")  # all of ASCII's punctuation may stand behind a backslash (CommonMark 2.4)
_BREAKS = re.compile(r"[\x00-\x20\x7f]+")


class Environments:
    """One environment for each language, all with the same sources, filters and globals."""

    def __init__(
        self,
        loader: BaseLoader,
        *,
        catalogues: Catalogues,
        filters: Mapping[str, Callable[..., object]],
        globals: Mapping[str, object],  # noqa: A002 - Jinja's word
        extensions: Iterable[str | type[Extension]],
        cache: Cache | None,
        reloads: bool,
    ) -> None:
        extensions = ["jinja2.ext.i18n", *extensions]
        self._made: dict[Language, Environment] = {}
        for language in _LANGUAGES:
            environment = MailEnvironment(
                loader=loader,
                autoescape=language == "html",
                finalize=_FINALIZE[language],
                undefined=Gap,
                extensions=extensions,
                trim_blocks=True,
                lstrip_blocks=True,
                auto_reload=reloads,
                bytecode_cache=_bytecode(cache, language),
                cache_size=_COMPILED,
            )
            environment.filters.update(filters)
            environment.globals.update(globals)
            environment.install_gettext_callables(  # type: ignore[attr-defined] # given by the extension i18n
                catalogues.gettext,
                catalogues.ngettext,
                newstyle=True,
                pgettext=catalogues.pgettext,
                npgettext=catalogues.npgettext,
            )
            self._made[language] = environment

    def __getitem__(self, language: Language) -> Environment:
        return self._made[language]


def _in_markdown(value: object) -> object:
    """A value as Markdown that says it and nothing else: no link, no heading, no list."""
    value = printable(value)
    if isinstance(value, Markup):
        return value
    return _MARKS.sub(r"\\\g<0>", _BREAKS.sub(" ", str(value)))


_LANGUAGES: tuple[Language, ...] = ("html", "plain", "markdown")
_FINALIZE: Mapping[Language, Callable[[object], object]] = {
    "html": printable,
    "plain": printable,
    "markdown": _in_markdown,
}


def _bytecode(cache: Cache | None, language: Language) -> BytecodeCache | None:
    """Jinja's cache in a folder. What lies there is run, so nobody else may write to it."""
    if cache is None or isinstance(cache, BytecodeCache):
        return cache
    folder = Path(cache)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_mode & _OTHERS_WRITE or _US not in (status.st_uid, None):
        raise SetupError(f"others may write to {str(folder)!r}, and what lies in this cache is run: chmod 700 it")
    return FileSystemBytecodeCache(str(folder), f"sesmail-{language}-%s.cache")
