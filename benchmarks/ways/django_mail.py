"""What every way through Django has in common: the message, and the backend that takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.mail import Mail

if TYPE_CHECKING:
    from benchmarks.ways.worker import Ready, Send


def sent_by_django(**settings: Any) -> Ready:  # noqa: ANN401 - settings are whatever a backend asks for
    """Django's message, through the backend of these settings, with its connection kept."""
    from django.conf import settings as django_settings
    from django.core.mail import get_connection

    django_settings.configure(**settings)
    connection = get_connection()
    connection.open()
    return lambda mail: _send(connection, mail)


def _send(connection: Any, mail: Mail) -> Send:  # noqa: ANN401 - Django ships no types
    from django.core.mail import EmailMultiAlternatives

    def send() -> None:
        message = EmailMultiAlternatives(mail.subject, mail.text, mail.sender, mail.to)
        if mail.html:
            message.attach_alternative(mail.html, "text/html")
        for file in mail.attached:
            message.attach(file.name, file.data, file.content_type)
        if connection.send_messages([message]) != 1:
            raise RuntimeError("the backend has sent nothing")

    return send
