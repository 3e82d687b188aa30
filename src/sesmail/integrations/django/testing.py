"""For tests: mails that land in ``django.core.mail.outbox`` and in sesmail's mailbox.

Django's test runner, and pytest-django, put a backend of their own in the place of every other, and `Mailbox` would see
nothing. `both` puts ours there, which feeds the two. The fixture ``mailbox`` does so by itself where Django is in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from warnings import catch_warnings, simplefilter

from django.core import mail
from django.core.mail import EmailMessage

from sesmail.integrations.django.aliases import aliases, has_mailers, options_of
from sesmail.integrations.django.backend import EmailBackend as _EmailBackend
from sesmail.integrations.django.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.testing.mailbox import Mailbox

BACKEND = f"{__name__}.EmailBackend"


class EmailBackend(_EmailBackend):
    """Sends as `EmailBackend` does, with all that is refused there, but nothing leaves: mails go to the outbox.

    Where a mailbox catches mails (`sesmail.testing.capture`), they are in it too.
    """

    @property
    def settings(self) -> Settings:
        """Those of the project, with a way out that leads nowhere."""
        return replace(super().settings, url="null://?limits=api")

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        """Send them, and put what was sent into the outbox."""
        if not hasattr(mail, "outbox"):
            mail.outbox = []
        sent = 0
        for message in email_messages:
            if super().send_messages([message]):
                sent += 1
                kept = deepcopy(message)
                kept.sent_using = self.alias
                mail.outbox.append(kept)
        return sent


@contextmanager
def both() -> Iterator[Mailbox]:
    """Catch what mailers and ``django.core.mail`` send.

    With unittest: ``mailbox = self.enterContext(both())``.
    """
    from sesmail.testing.mailbox import capture

    with capture() as mailbox, in_django():
        yield mailbox


@contextmanager
def in_django() -> Iterator[None]:
    """Put our backend for tests in the place of every other, for a mailbox that catches already."""
    from django.test.utils import override_settings

    # What an alias asks of SES is tested too.
    ours = {alias: {"BACKEND": BACKEND, "OPTIONS": options_of(alias)} for alias in aliases()}
    override = override_settings(**{"MAILERS": ours} if has_mailers() else {"EMAIL_BACKEND": BACKEND})
    with _quietly():
        override.enable()
    try:
        yield
    finally:
        with _quietly():
            override.disable()


@contextmanager
def _quietly() -> Iterator[None]:
    """Django 6.1 warns whoever sets or reads EMAIL_BACKEND, and here that is nobody's wish."""
    with catch_warnings():
        simplefilter("ignore")
        yield
