"""Holder: the mailers of one application, in ``app.extensions["sesmail"]``."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from sesmail.errors import SetupError
from sesmail.integrations.flask.app_mailer import AppMailer
from sesmail.integrations.flask.settings import check_keys, check_name

KEY = "sesmail"


class Holder:
    """Mailers by name; the one without a name is called ``""``."""

    def __init__(self, app: Flask) -> None:
        self._config = app.config
        self._mailers: dict[str, AppMailer] = {}
        self._is_checked = False

    @classmethod
    def of(cls, app: Flask) -> Holder:
        """The holder of an application, which gets one if it has none."""
        made: Holder = app.extensions.setdefault(KEY, cls(app))
        return made

    @property
    def mailers(self) -> Mapping[str, AppMailer]:
        """All of them."""
        return self._mailers

    def check(self, name: str) -> None:
        """Whether another mailer may be called so, and the configuration has no key that could be nobody's."""
        check_name(name, self._mailers)
        check_keys(self._config, [*self._mailers, name], all_are_here=False)

    def add(self, mailer: AppMailer) -> None:
        """One more."""
        self._mailers[mailer.name] = mailer
        self._is_checked = False

    def mailer(self, name: str) -> AppMailer:
        """One of them. With the first that is asked for, all are there, and each key must be somebody's."""
        if name not in self._mailers:
            known = ", ".join(map(repr, self._mailers)) or "none"
            raise SetupError(f"this app has no mailer {name!r} (it has {known}): call init_app(app) of its SesMail")
        if not self._is_checked:
            self.check_all()
        return self._mailers[name]

    def check_all(self) -> None:
        """Hold every key against the mailers that there are."""
        check_keys(self._config, self._mailers, all_are_here=True)
        self._is_checked = True
