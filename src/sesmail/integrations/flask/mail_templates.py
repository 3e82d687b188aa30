"""MailTemplates: mails out of the templates of the application and its blueprints, where nothing else is configured."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from flask import Flask

from sesmail.errors import SetupError
from sesmail.integrations.flask.settings import OF_TEMPLATES, Settings
from sesmail.integrations.flask.site import Site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.mailer.base import TemplatesLike
    from sesmail.templates.engine import Rendered
    from sesmail.templates.sources import Source
    from sesmail.templates.templates import Templates


def engine_of(app: Flask, settings: Settings, site: Site, given: TemplatesLike | None) -> TemplatesLike:
    """What makes the mails: what the extension was given, what is configured, or the application's own templates."""
    if given is not None:
        for key in OF_TEMPLATES:
            if key in settings.said:
                raise SetupError(f"SesMail has templates= of its own, so app.config[{settings.prefix + key!r}] is idle")
        return given
    if "TEMPLATES" in settings.said:
        return _templates(app, settings, site)
    return MailTemplates(app, settings, site)


class MailTemplates:
    """An engine on the application's templates. They are looked for when the first mail is made of one.

    By then all blueprints are there; and an application that sends no templates has nothing to install for them.
    """

    def __init__(self, app: Flask, settings: Settings, site: Site) -> None:
        self._app = app
        self._settings = settings
        self._site = site

    @cached_property
    def _engine(self) -> Templates:
        return _templates(self._app, self._settings, self._site)

    def render(
        self, name: str, context: Mapping[str, object], *, locale: str = "", unsubscribe_url: str = ""
    ) -> Rendered:
        """The texts of the mail ``name``."""
        return self._engine.render(name, context, locale=locale, unsubscribe_url=unsubscribe_url)


def _templates(app: Flask, settings: Settings, site: Site) -> Templates:
    from sesmail.templates.templates import Templates

    own: list[Source] = [] if "TEMPLATES" in settings.said else [app.create_global_jinja_loader()]
    reloads = app.config["TEMPLATES_AUTO_RELOAD"]
    return Templates(
        *settings.sources,
        *own,
        base_url=settings.base_url,
        files=_folders(app) if own else (),
        inline_css=settings.inlines_css,
        locale=settings.text("LOCALE"),
        translations=settings.translations,
        globals={"url_for": site.url_for},
        reload=(app.debug or None) if reloads is None else bool(reloads),
    )


def _folders(app: Flask) -> list[Path]:
    """Where the pictures of mails are: beside the templates, of the application and its blueprints."""
    holders = [app, *app.iter_blueprints()]
    found = [Path(one.root_path, one.template_folder) for one in holders if one.template_folder]
    return [folder for folder in found if folder.is_dir()]
