"""The mailer of Django's settings, for code that speaks sesmail itself."""

from __future__ import annotations

from sesmail.integrations.django.settings import current, with_options
from sesmail.integrations.django.shared import mailer_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.mailer.mailer import Mailer


def get_mailer(alias: str | None = None) -> Mailer:
    """The mailer that the backend uses: of ``SESMAIL``, or of an alias in ``MAILERS`` (Django 6.1).

    It is shared, so nobody closes it.
    """
    if alias is None:
        return mailer_of(current())
    from django.conf import settings

    return mailer_of(with_options(settings.MAILERS[alias].get("OPTIONS", {}), alias))
