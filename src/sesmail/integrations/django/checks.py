"""Checks: what ``manage.py check`` says of the settings, before the first mail goes out.

=================  ==============================================================================================
``sesmail.E001``   a setting that does not exist; the nearest is named
``sesmail.E002``   the mailer cannot be built: a URL that is none, a missing extra, a broken value
``sesmail.W001``   no backend is ours, so ``django.core.mail`` does not send by sesmail
``sesmail.W002``   a setting of django-ses or django-anymail that means nothing here, with what to do
``sesmail.W003``   nobody says from whom mails are: it would be Django's placeholder, which SES refuses
``sesmail.W101``   with ``--deploy``: mails and passwords cross the network without TLS
``sesmail.W102``   with ``--deploy``: mails go nowhere, as with ``memory://``
``sesmail.W103``   with ``--deploy``: a secret stands where Django's reports of errors show it
=================  ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name

from sesmail.connect.grammar import Group, Line, parse
from sesmail.errors import SesmailError, UnknownOption
from sesmail.integrations.django.aliases import IN_TESTS, aliases, is_ours, settings_of
from sesmail.integrations.django.inherited import told
from sesmail.integrations.django.people import PLACEHOLDERS
from sesmail.integrations.django.settings import SESMAIL, URL, Settings
from sesmail.integrations.django.shared import mailer_of
from sesmail.transports.url import TransportUrl

_OURS = "sesmail.integrations.django"
_NOWHERE = frozenset({"memory", "null", "console", "file"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def check_settings(**_: object) -> list[CheckMessage]:
    """What is wrong with them."""
    found: list[CheckMessage] = []
    for message in (*_of_backends(), *_of_values(), *_of_others()):
        if message not in found:  # what is wrong in SESMAIL is wrong for each alias
            found.append(message)
    return found


def check_security(**_: object) -> list[CheckMessage]:
    """What is wrong with them where people are meant to use the site."""
    found: list[CheckMessage] = []
    for alias in _all():
        with suppress(SesmailError):  # which `check_settings` tells
            found += _of_way(settings_of(alias))
    return [*found, *_of_secrets()]


def _of_backends() -> Iterator[CheckMessage]:
    named = [one.get("BACKEND", "") for one in aliases().values()] or [django_settings.EMAIL_BACKEND]
    if not any(is_ours(name) for name in named) and named != [IN_TESTS]:
        yield Warning(
            "No mail backend is sesmail's, so django.core.mail does not send by it.",
            hint=f"Set EMAIL_BACKEND = '{_OURS}.EmailBackend', or silence this where another backend sends by it.",
            id="sesmail.W001",
        )


def _of_values() -> Iterator[CheckMessage]:
    for alias in _all():
        try:
            settings = settings_of(alias)
            mailer_of(settings)
            yield from _of_sender(settings)
        except UnknownOption as error:
            yield Error(f"{error}.", id="sesmail.E001")
        except SesmailError as error:
            yield Error(f"{error}.", id="sesmail.E002")


def _of_sender(settings: Settings) -> Iterator[CheckMessage]:
    if settings.sender is not None:
        return
    if django_settings.DEFAULT_FROM_EMAIL in PLACEHOLDERS:
        yield _placeholder("Mails without from_email", "DEFAULT_FROM_EMAIL")
    if (django_settings.ADMINS or django_settings.MANAGERS) and django_settings.SERVER_EMAIL in PLACEHOLDERS:
        yield _placeholder("Mails to ADMINS and MANAGERS, such as reports of errors,", "SERVER_EMAIL")


def _placeholder(mails: str, setting: str) -> CheckMessage:
    return Warning(
        f"{mails} are from Django's placeholder, which SES refuses.",
        hint=f"Set {setting}, or SESMAIL['sender'].",
        id="sesmail.W003",
    )


def _of_others() -> Iterator[CheckMessage]:
    for name, instead in told(django_settings):
        yield Warning(f"{name} means nothing to sesmail: {instead}.", id="sesmail.W002")


def _of_way(settings: Settings) -> Iterator[CheckMessage]:
    for url in _urls(settings.url):
        if _is_bare(url):
            yield Warning(
                f"Mails and passwords cross the network without TLS by {url.scheme}://.",
                hint="Leave tls out, or give an https:// endpoint_url.",
                id="sesmail.W101",
            )
        elif url.scheme in _NOWHERE:
            yield Warning(f"Mails go nowhere: {url.scheme}:// is for tests and development.", id="sesmail.W102")


def _is_bare(url: TransportUrl) -> bool:
    if url.host in _LOOPBACK:
        return False
    return url.options.get("tls") == "none" or url.options.get("endpoint_url", "").startswith("http://")


def _of_secrets() -> Iterator[CheckMessage]:
    """Django's reports of errors show the settings, but for those whose names sound secret. ``url`` does not."""
    for place, line in _written_urls():
        with suppress(SesmailError):
            if any(url.password or "session_token" in url.options for url in _urls(line)):
                yield Warning(
                    f"{place} holds a secret, and Django's reports of errors show it, also those to ADMINS.",
                    hint=f"Leave it out and set {URL} in the environment, which is read too; or use a role.",
                    id="sesmail.W103",
                )


def _written_urls() -> Iterator[tuple[str, str]]:
    options = {f"MAILERS[{alias!r}]['OPTIONS']": one.get("OPTIONS", {}) for alias, one in aliases().items()}
    said = {**options, SESMAIL: getattr(django_settings, SESMAIL, None)}
    urls = {f"{place}['url']": one.get("url") for place, one in said.items() if isinstance(one, Mapping)}
    urls[URL] = getattr(django_settings, URL, None)
    yield from ((place, line) for place, line in urls.items() if isinstance(line, str))


def _urls(line: str) -> Iterator[TransportUrl]:
    waiting: list[Line] = [parse(line)] if line else []
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, Group):
            waiting += one.members
        else:
            yield TransportUrl.parse(one.url)


def _all() -> list[str] | list[None]:
    """The aliases that are ours; where there are none, what holds without one."""
    return [alias for alias, one in aliases().items() if is_ours(one.get("BACKEND", ""))] or [None]
