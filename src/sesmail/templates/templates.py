"""Templates: the engine on Jinja. From a name and a context to subject, text, HTML and the files that it shows.

The way of a page: Jinja, then MJML or Markdown, the preheader, style sheets into attributes, ``data:`` pictures into
parts, and the text made from it where none is given.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from jinja2 import pass_context
from jinja2.runtime import Context

from sesmail.errors import SetupError, TemplateError
from sesmail.mail.frozen_map import FrozenMap
from sesmail.templates import formats
from sesmail.templates.colors import color
from sesmail.templates.engine import Rendered
from sesmail.templates.environments import Cache, Environments
from sesmail.templates.faults import Faults
from sesmail.templates.finder import Files, Finder, NoSuchTemplate, kind_of, mail_of
from sesmail.templates.gaps import is_awaitable, is_read_once
from sesmail.templates.languages import Catalogues, Translations
from sesmail.templates.links import link
from sesmail.templates.pictures import Pictures
from sesmail.templates.press import Press
from sesmail.templates.rendering import begun
from sesmail.templates.sources import SHIPPED, Source, Sources
from sesmail.templates.stages import css_stage
from sesmail.templates.urls import Urls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jinja2.ext import Extension

    from sesmail.templates.untrusted.limits import UntrustedLimits

NOTHING: Mapping[str, object] = FrozenMap()
RELOAD = "SESMAIL_RELOAD"
_OFF = ("", "0", "no", "false", "off")
# What is not for the context, and what says it.
_OURS = {
    "unsubscribe_url": "it is what the mail's unsubscribe= says",
    "locale": "say locale= beside it, which chooses the files as well",
}


class Templates:
    r"""Mails out of templates.

    >>> from sesmail import Mailer
    >>> from sesmail.templates import Templates
    >>> templates = Templates({
    ...     "welcome.subject.txt": "Welcome, {{ name }}",
    ...     "welcome.html": "<p>Hello {{ name }}, <a href='{{ url('/start') }}'>begin here</a>.</p>",
    ... }, base_url="https://shop.example")
    >>> mailer = Mailer("memory://", sender="shop@example.com", templates=templates)
    >>> mail = mailer.render("welcome", {"name": "Ada <3"}, to="ada@example.org")
    >>> mail.subject, mail.text
    ('Welcome, Ada <3', 'Hello Ada <3, begin here <https://shop.example/start>.\n')

    ``sources`` are folders, ``"package:folder"``, mappings of name to text, or Jinja's loaders, one after the other.
    The mail ``welcome`` is made of ``welcome.subject.txt``, ``welcome.txt`` and ``welcome.html`` (or ``.mjml``,
    ``.md``), or of one file with the blocks ``subject``, ``text`` and ``preheader``.

    ``files`` are the folders of ``embed()``; by default those among the sources. ``inline_css`` puts style sheets into
    attributes, ``detach_images`` makes parts of ``data:`` pictures. ``translations`` is a folder of gettext's
    catalogues, or a function from a locale to one; ``locale`` is that of a mail which says none. ``cache`` is a folder
    for compiled templates. ``reload`` looks for changes at each mail, for development; unless said,
    ``SESMAIL_RELOAD=1`` says it. With ``untrusted`` limits, others may write the templates: see
    `sesmail.templates.untrusted`.

    One object serves a whole program, all its threads and mailers.
    """

    def __init__(
        self,
        *sources: Source,
        base_url: str = "",
        files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
        inline_css: bool = False,
        detach_images: bool = False,
        locale: str = "",
        translations: Translations | None = None,
        domain: str = "messages",
        filters: Mapping[str, Callable[..., object]] | None = None,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - Jinja's word
        extensions: Iterable[str | type[Extension]] = (),
        cache: Cache | None = None,
        reload: bool | None = None,
        untrusted: UntrustedLimits | None = None,
    ) -> None:
        reloads = os.environ.get(RELOAD, "").lower() not in _OFF if reload is None else reload
        self._sources = Sources(sources)
        folders = [files] if isinstance(files, str | os.PathLike) else [*files]
        pictures = Pictures(folders or self._sources.folders, forgets=reloads)
        self._locale = locale
        self._formats = formats.formats(locale or "en")
        self._environments = Environments(
            self._sources.loader,
            catalogues=Catalogues(translations, domain),
            filters=_together("filter", {"link": link, "color": color, **self._formats}, _of_each_mail(filters or {})),
            globals=_together("global", {"embed": pictures.embed, "url": Urls(base_url).url}, globals or {}),
            extensions=extensions,
            cache=cache,
            reloads=reloads,
            untrusted=untrusted,
        )
        self._finder = Finder(self._sources, self._environments["html"], forgets=reloads)
        self._faults = Faults(
            self._source, self._known, {} if self._formats else dict.fromkeys(formats.NAMES, formats.missing())
        )
        self._press = Press(self._environments, css=css_stage() if inline_css else None, detaches=detach_images)
        for file in self._sources.names:  # what is not installed is said now, and not when the first mail goes out
            if mail_of(file) and not file.startswith(f"{SHIPPED}/"):
                self._press.prepare(kind_of(file))

    def render(
        self, name: str, context: Mapping[str, object] = NOTHING, *, locale: str = "", unsubscribe_url: str = ""
    ) -> Rendered:
        """The texts of the mail ``name``, in this language.

        Raises `TemplateError`, which says template, line and variable. What the context holds is not told.
        """
        try:
            files, locale = self._found(name, locale or self._locale)
            with begun(locale), self._environments.metered():
                return self._press.rendered(files, _variables(context, locale, unsubscribe_url))
        except SetupError:
            raise
        except Exception as exc:  # Jinja's, and whatever the user's own functions raise
            raise self._faults.error(exc, name) from exc

    def _found(self, name: str, locale: str) -> tuple[Files, str]:
        """The files, and the language that they are in: the usual one, where there are none in the one asked for."""
        try:
            return self._finder.files(name, locale), locale
        except NoSuchTemplate:
            if locale == self._locale:
                raise
        return self._finder.files(name, self._locale), self._locale

    @property
    def names(self) -> list[str]:
        """The mails that there are, without those that are shipped, as far as the sources can tell."""
        found = {mail_of(file) for file in self._sources.names if not file.startswith(f"{SHIPPED}/")}
        return sorted(found - {""})

    def _source(self, name: str) -> str:
        source, _, _ = self._sources.loader.get_source(self._environments["html"], name)
        return source

    def _known(self, kind: str) -> list[str]:
        environment = self._environments["html"]
        return [*(environment.filters if kind == "filter" else environment.tests)]

    def __repr__(self) -> str:
        return f"Templates({len(self.names)} mails)"


def _variables(context: Mapping[str, object], locale: str, unsubscribe_url: str) -> Mapping[str, object]:
    """What templates see: the context, and what the mail says of itself."""
    for name in context:
        if name in _OURS:
            raise _not_so(name, f"{name} is not for the context: {_OURS[name]}")
    for name, value in context.items():
        if is_awaitable(value):
            raise _not_so(name, f"context[{name!a}] is awaitable, and templates do not await: await it before")
        if is_read_once(value):
            raise _not_so(name, f"context[{name!a}] can be read once only, and text and page each read it: give a list")
    spoken = {"lang": locale.replace("_", "-")} if locale else {}
    own = {"unsubscribe_url": unsubscribe_url} if unsubscribe_url else {}
    return {"locale": locale, **spoken, **context, **own}


def _not_so(variable: str, reason: str) -> TemplateError:
    return TemplateError(reason, template="", variable=variable)  # the border says of which template


def _of_each_mail(filters: Mapping[str, Callable[..., object]]) -> Mapping[str, Callable[..., object]]:
    """Filters that Jinja does not run on constants when it compiles: they may ask which language it is, or what day."""
    return {
        name: function if hasattr(function, "jinja_pass_arg") else _not_folded(function)
        for name, function in filters.items()
    }


def _not_folded(function: Callable[..., object]) -> Callable[..., object]:
    @pass_context
    def written(_context: Context, *values: object, **settings: object) -> object:
        return function(*values, **settings)

    return written


def _together(
    kind: str, ours: Mapping[str, Callable[..., object]], theirs: Mapping[str, object]
) -> dict[str, Callable[..., object]]:
    for name in theirs:
        if name in ours or name in _OURS:
            raise SetupError(f"{name!r} is a {kind} of sesmail's; give yours another name")
    return {**ours, **theirs}  # type: ignore[dict-item] # functions may be any value
