"""Environments: Jinja, set up once for each language that is written: HTML, plain text, and Markdown.

What is escaped follows from what is written and not from a file's name: a text that is included into HTML is escaped
there, and so is one that comes from a database.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal

from jinja2 import BaseLoader, BytecodeCache, Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from markupsafe import escape

from sesmail.errors import SetupError
from sesmail.templates.environment import MailEnvironment
from sesmail.templates.gaps import Gap, printable
from sesmail.templates.languages import Catalogues
from sesmail.templates.markdown import in_markdown
from sesmail.templates.messages import install

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.templates.untrusted.limits import UntrustedLimits

Language = Literal["html", "plain", "markdown"]
Cache = str | os.PathLike[str] | BytecodeCache
_COMPILED = 1000  # of each language, the last used
_US = os.getuid() if hasattr(os, "getuid") else None
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


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
        untrusted: UntrustedLimits | None,
    ) -> None:
        settings: dict[str, Any] = {
            "loader": loader,
            "undefined": Gap,
            "extensions": ["jinja2.ext.i18n", *extensions],
            "trim_blocks": True,
            "lstrip_blocks": True,
            "auto_reload": reloads,
            # None in development: an earlier source may have got the file since.
            "cache_size": 0 if reloads else _COMPILED,
        }
        make = _trusted(cache) if untrusted is None else _untrusted(untrusted, cache)
        self._made: dict[Language, Environment] = {}
        for language in _LANGUAGES:
            environment = make(
                language, {**settings, "autoescape": language != "plain", "finalize": _FINALIZE[language]}
            )
            environment.filters.update(filters)
            if language == "markdown":  # where text that is safe in HTML is not yet so: `in_markdown` sees to it
                environment.filters.update(dict.fromkeys(("e", "escape", "forceescape", "tojson"), str))
            environment.globals.update(globals)
            install(environment, catalogues, _SHOWN[language])
            self._made[language] = environment

    def metered(self) -> AbstractContextManager[object]:
        """One mail, all of whose templates share a budget if they are not trusted."""
        html = self._made["html"]
        metered: Callable[[], AbstractContextManager[object]] = getattr(html, "metered", nullcontext)
        return metered()

    def __getitem__(self, language: Language) -> Environment:
        return self._made[language]


Make = Callable[[Language, dict[str, Any]], Environment]


def _trusted(cache: Cache | None) -> Make:
    return lambda language, settings: MailEnvironment(
        bytecode_cache=_bytecode(cache, language), show=_SHOWN[language], **settings
    )


def _untrusted(limits: UntrustedLimits, cache: Cache | None) -> Make:
    from sesmail.templates.untrusted import UntrustedEnvironment

    if cache is not None:
        raise SetupError("templates of strangers are not kept compiled: leave cache= out")
    return lambda _, settings: UntrustedEnvironment(limits=limits, **settings)


_LANGUAGES: tuple[Language, ...] = ("html", "plain", "markdown")
_FINALIZE: Mapping[Language, Callable[[object], object]] = {
    "html": printable,
    "plain": printable,
    "markdown": in_markdown,
}
# As it stands in a message that is translated.
_SHOWN: Mapping[Language, Callable[[object], object]] = {"html": escape, "plain": str, "markdown": in_markdown}


def _bytecode(cache: Cache | None, language: Language) -> BytecodeCache | None:
    """Jinja's cache in a folder. What lies there is run, so nobody else may write to it."""
    if cache is None:
        return None
    if isinstance(cache, BytecodeCache):
        return _OneLanguage(cache, language)
    folder = Path(cache)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_mode & _OTHERS_WRITE or _US not in (status.st_uid, None):
        raise SetupError(f"others may write to {str(folder)!r}, and what lies in this cache is run: chmod 700 it")
    return FileSystemBytecodeCache(str(folder), f"sesmail-{language}-%s.cache")


class _OneLanguage(BytecodeCache):
    """A cache of the user's, of which each language has a part of its own: what is escaped is compiled in."""

    def __init__(self, cache: BytecodeCache, language: Language) -> None:
        self._cache = cache
        self._language = language

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return f"{self._language}-{self._cache.get_cache_key(name, filename)}"

    def load_bytecode(self, bucket: Bucket) -> None:
        self._cache.load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._cache.dump_bytecode(bucket)
