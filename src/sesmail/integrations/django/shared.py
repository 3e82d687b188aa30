"""Shared: one mailer for each set of settings, in the whole process.

Django makes a backend for each send, and a mailer that is made for each send keeps no connection. So mailers are kept
here, by what they were made of. They are closed when settings change and when the program ends; a closed one opens anew
if somebody still holds it. After a fork each process opens its own connections: the transports see to that.
"""

from __future__ import annotations

import atexit
from pathlib import Path

from sesmail.errors import SetupError
from sesmail.integrations.django import settings as our_settings
from sesmail.integrations.django.letter import Letter
from sesmail.integrations.django.settings import Settings
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.mailer.mailer import Mailer
from sesmail.mailer.refusals import refusals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.mailer.base import TemplatesLike


class DjangoMailer(Mailer):
    """A mailer that sends letters too: mails whose bytes are there already."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            settings.url or None,
            sender=settings.sender,
            reply_to=settings.reply_to,
            headers=settings.headers,
            tags=settings.tags,
            configuration_set=settings.ses.get("configuration_set", ""),
            templates=templates_of(settings),
        )
        self.settings = settings

    def send_letter(self, letter: Letter) -> SendResult:
        """Send one. Raises what `send` raises."""
        if letter.content is None:
            return self.send(letter.email, envelope=letter.envelope)
        email = self._composer.email(letter.email, {})
        content = letter.content
        if added := [pair for pair in email.headers if pair not in letter.email.headers]:
            content = content.with_headers(added)
        outgoing = Outgoing(email, letter.envelope, content, email.ses)
        for problem in refusals(outgoing, self._composer.limits):
            problem.raise_if_blocking()
        return self._way_out().send(outgoing)


def templates_of(settings: Settings) -> TemplatesLike | None:
    """What renders: a folder, an engine, or the dotted name of a class of engines."""
    named = settings.templates
    if isinstance(named, str) and "." in named and not Path(named).exists():
        from django.utils.module_loading import import_string

        try:
            engine: TemplatesLike = import_string(named)()
        except ImportError as exc:
            raise SetupError("templates is a folder, an engine, or the dotted name of a class of engines") from exc
        return engine
    return named


_mailers: dict[Settings, DjangoMailer] = {}


def mailer_of(settings: Settings) -> DjangoMailer:
    """The mailer of these settings."""
    mailer = _mailers.get(settings)
    if mailer is None:
        # Two threads may make one each: the one that is not taken has opened nothing.
        mailer = _mailers.setdefault(settings, DjangoMailer(settings))
    return mailer


def close_all() -> None:
    """Close what is open, and begin anew."""
    our_settings.forget()
    while _mailers:
        _, mailer = _mailers.popitem()
        mailer.close()


atexit.register(close_all)
