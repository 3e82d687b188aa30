"""The mailer of Django's settings, for code that speaks sesmail itself."""

from __future__ import annotations

from sesmail.integrations.django.aliases import default_alias, settings_of
from sesmail.integrations.django.shared import mailer_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.mailer.mailer import Mailer


def get_mailer(alias: str | None = None) -> Mailer:
    """The mailer that the backend uses: of ``SESMAIL``, or of an alias in ``MAILERS`` (Django 6.1).

    Without an alias it is that of ``default``, as in Django, where this is one of ours. It is shared, so nobody closes
    it.
    """
    return mailer_of(settings_of(alias or default_alias()))
