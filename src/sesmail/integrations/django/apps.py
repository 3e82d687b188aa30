"""The app ``sesmail.integrations.django``: system checks, and the command ``manage.py sesmail``."""

from __future__ import annotations

from django.apps import AppConfig


class SesmailConfig(AppConfig):  # type: ignore[misc] # Django ships no types
    """For ``INSTALLED_APPS``. It has no models, so it asks for no migration."""

    name = "sesmail.integrations.django"
    label = "sesmail"
    verbose_name = "sesmail"

    def ready(self) -> None:
        """Register the checks."""
        from django.core import checks

        from sesmail.integrations.django.checks import check_security, check_settings

        checks.register(check_settings, "sesmail")
        checks.register(check_security, "sesmail", deploy=True)
