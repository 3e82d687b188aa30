"""Aliases: what ``MAILERS`` says (Django 6.1), alias by alias. Before that there is none, and all of this is empty.

Django's test runner puts a backend of its own in the place of each and forgets the options. What the project's settings
say of an alias still counts then: a test means the alias as it will be.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.conf import settings as django_settings
from django.utils.module_loading import import_string

from sesmail.errors import SetupError
from sesmail.integrations.django.backend import EmailBackend
from sesmail.integrations.django.settings import KNOWN, Settings, current, with_options

DEFAULT = "default"
IN_TESTS = "django.core.mail.backends.locmem.EmailBackend"
SILENTLY = "fail_silently"  # an option of backends, and no setting of the mailer behind them


def has_mailers() -> bool:
    """Whether the project names its mailers so."""
    return getattr(django_settings, "MAILERS", None) is not None


def aliases() -> Mapping[str, Mapping[str, Any]]:
    """Each with what is said of it."""
    found: Mapping[str, Mapping[str, Any]] = getattr(django_settings, "MAILERS", None) or {}
    return {alias: _as_written(alias, said) for alias, said in found.items()}


def is_ours(path: str) -> bool:
    """Whether this backend is ours, or of a class that is made of it."""
    return _class_of(path) is not None


def default_alias() -> str | None:
    """The alias of mails that name none; none where Django has none of ours."""
    return DEFAULT if is_ours(aliases().get(DEFAULT, {}).get("BACKEND", "")) else None


def options_of(alias: str | None) -> dict[str, Any]:
    """The options of an alias, as our backend takes them. Raises `SetupError` where there is no such alias."""
    if alias is None:
        return {}
    said = aliases().get(alias)
    if said is None:
        raise SetupError(f"MAILERS has no alias {alias!r}; it has {', '.join(sorted(aliases())) or 'none'}")
    kind = _class_of(said.get("BACKEND", ""))
    options: Mapping[str, Any] = said.get("OPTIONS", {}) if kind else {}
    if kind is not None and kind.__module__.startswith(f"{__package__}."):
        return dict(options)
    # A class of the project's has options of its own, and takes them out by itself.
    return {name: options[name] for name in (*KNOWN, SILENTLY) if name in options}


def settings_of(alias: str | None) -> Settings:
    """The settings of an alias, and of ``None`` what holds without one."""
    if alias is None:
        return current()
    return with_options({name: value for name, value in options_of(alias).items() if name != SILENTLY}, alias)


def _class_of(path: str) -> type[EmailBackend] | None:
    try:
        found = import_string(path)
    except ImportError:  # which Django tells, where it is of no use
        return None
    return found if isinstance(found, type) and issubclass(found, EmailBackend) else None


def _as_written(alias: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    if said.get("BACKEND") != IN_TESTS or not (module := getattr(django_settings, "SETTINGS_MODULE", None)):
        return said
    written: Mapping[str, Any] = getattr(import_module(module), "MAILERS", {}).get(alias, said)
    return written if is_ours(written.get("BACKEND", "")) else said
