"""django-ses, by API v2, with its connection kept and without its own throttle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.mail import Mail
from benchmarks.ways.errand import ACCESS_KEY, REGION, SECRET_KEY, Errand

if TYPE_CHECKING:
    from benchmarks.ways.worker import Ready, Send


def build(errand: Errand) -> Ready:
    """Django's message, through its backend."""
    from django.conf import settings
    from django.core.mail import EmailMultiAlternatives, get_connection

    settings.configure(
        EMAIL_BACKEND="django_ses.SESBackend",
        AWS_SES_REGION_ENDPOINT_URL=errand.endpoint_url,
        AWS_SES_REGION_NAME=REGION,
        AWS_SES_ACCESS_KEY_ID=ACCESS_KEY,
        AWS_SES_SECRET_ACCESS_KEY=SECRET_KEY,
        AWS_SES_AUTO_THROTTLE=None,  # it asks for the quota and sleeps
        USE_SES_V2=True,
    )
    connection = get_connection()
    connection.open()

    def ready(mail: Mail) -> Send:
        def send() -> None:
            message = EmailMultiAlternatives(mail.subject, mail.text, mail.sender, mail.to)
            if mail.html:
                message.attach_alternative(mail.html, "text/html")
            for file in mail.attached:
                message.attach(file.name, file.data, file.content_type)
            if connection.send_messages([message]) != 1:
                raise RuntimeError("django-ses has sent nothing")

        return send

    return ready
