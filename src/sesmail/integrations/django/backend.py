"""EmailBackend: Django's mail through sesmail.

Rule 1: a backend holds nothing. Django makes one for each send, and they share mailers (`shared`).
Rule 2: ``fail_silently`` silences what Django's own backend silences: that a mail could not be sent. A mail that is
        wrong, and a program that is set up wrong, are raised.
Rule 3: what became of a mail stands on the message, as ``sesmail_result``, and never in its headers.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import BadHeaderError
from django.core.signals import setting_changed

from sesmail._logging import WARNING, log
from sesmail.errors import CredentialsMissing, InvalidAddress, InvalidHeader, SendError, SesmailError, Withheld
from sesmail.integrations.django.letter import Letter
from sesmail.integrations.django.settings import KNOWN, Settings, with_options
from sesmail.integrations.django.shared import DjangoMailer, close_all, mailer_of
from sesmail.integrations.django.signals import post_send, pre_send
from sesmail.integrations.django.stored import failed, send_stored
from sesmail.integrations.django.wishes import said_by
from sesmail.mail.outgoing import SendResult

# Credentials too: they come from a service that may be away for a while, and Django passes over a login that fails.
SILENCED = (SendError, Withheld, CredentialsMissing)
OF_SETTINGS = ("SESMAIL", "MAILERS", "ANYMAIL", "AWS_")


class EmailBackend(BaseEmailBackend):  # type: ignore[misc] # Django ships no types
    """``EMAIL_BACKEND = "sesmail.integrations.django.EmailBackend"``, or a ``BACKEND`` in ``MAILERS``.

    Settings stand in ``SESMAIL``, or in the ``OPTIONS`` of the alias: see `Settings`. `send_messages` gives the number
    of messages that went to somebody. To whom each went, and with which id, says its ``sesmail_result``.

    `close` closes no connection: connections belong to the mailer that all backends share, which keeps them for as long
    as they are of use.
    """

    def __init__(self, fail_silently: bool = False, *, alias: str | None = None, **options: Any) -> None:  # noqa: ANN401 - as Django calls it
        self._options = {name: options.pop(name) for name in KNOWN if name in options}
        # What is left is nobody's: Django says so, or lets it pass, as its version does.
        if alias is not None:
            options["alias"] = alias
        super().__init__(**options)
        self.alias = alias
        self.fail_silently = fail_silently
        self._is_open = False

    @property
    def settings(self) -> Settings:
        """What holds for it."""
        return with_options(self._options, self.alias)

    @property
    def mailer(self) -> DjangoMailer:
        """The mailer that it shares with all others of the same settings."""
        return mailer_of(self.settings)

    def open(self) -> bool:
        """Make sure that it can send. Whether that was new; raises `SetupError` for what is set up wrong."""
        was_open, self._is_open = self._is_open, bool(self.mailer)
        return not was_open

    def close(self) -> None:
        """Let go of it."""
        self._is_open = False

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        """Send them one after the other, and give the number of those that went to somebody."""
        sent = 0
        for message in email_messages:
            try:
                sent += self._send(message)
            except Exception as error:
                if sent:
                    error.add_note(f"{sent} of the messages before this one were sent")
                raise
        return sent

    def _send(self, message: EmailMessage) -> bool:
        message.sesmail_result = None
        if not message.recipients():
            return False
        error: BaseException | None = None
        try:
            pre_send.send(sender=type(self), message=message, backend=self)
            if not message.recipients():  # a receiver has taken out all of them
                return False
            message.sesmail_result = self._sent(message)
        except BaseException as exc:  # noqa: BLE001 - only what is ours, and only when asked, is not raised again
            error = _of_django(exc)
            if not (self.fail_silently and isinstance(error, SILENCED)):
                raise error from (exc if error is not exc else exc.__cause__)
            _log_silence(error)
        finally:
            self._tell(message, error)
        return error is None

    def _sent(self, message: EmailMessage) -> SendResult:
        settings = self.settings
        mailer = mailer_of(settings)
        if said_by(message).get("template_id"):
            return send_stored(mailer, message, settings)
        letter = Letter.of(message, settings)
        try:
            return mailer.send_letter(letter)
        except SesmailError as error:
            message.sesmail_result = SendResult(tuple(failed(error, letter.envelope.recipients)))
            raise

    def _tell(self, message: EmailMessage, error: BaseException | None) -> None:
        post_send.send_robust(
            sender=type(self), message=message, backend=self, result=message.sesmail_result, error=error
        )


class BadHeader(InvalidHeader, BadHeaderError):  # type: ignore[misc] # Django ships no types
    """What views of Django 5.2 catch as ``BadHeaderError``. Later ones catch ``ValueError``, which it is too."""


class BadAddress(InvalidAddress, BadHeaderError):  # type: ignore[misc] # Django ships no types
    """The same for a line break in an address."""


def _of_django(error: BaseException) -> BaseException:
    if type(error) is InvalidHeader:
        return BadHeader(error.reason, field=error.field)
    if type(error) is InvalidAddress and any(sign in str(error.value) for sign in "\r\n"):
        return BadAddress(error.reason, field=error.field, value=error.value)
    return error


_is_logging: ContextVar[bool] = ContextVar("sesmail_django_is_logging", default=False)


def _log_silence(error: BaseException) -> None:
    """Once: a handler that mails what is logged would fail in its turn, and log that, without end."""
    if _is_logging.get():
        return
    token = _is_logging.set(True)
    try:
        log(WARNING, "a mail was not sent, and the backend fails silently: %s", type(error).__name__)
    finally:
        _is_logging.reset(token)


def _setting_changed(*, setting: str, **_: object) -> None:
    """In a test with settings of its own, and at its end."""
    if setting.startswith(OF_SETTINGS):
        close_all()


setting_changed.connect(_setting_changed, dispatch_uid="sesmail")
