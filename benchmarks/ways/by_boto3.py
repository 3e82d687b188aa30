"""boto3, one client that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.email_message import email_message
from benchmarks.mail import Mail
from benchmarks.ways import request
from benchmarks.ways.errand import REGION, Errand

if TYPE_CHECKING:
    from benchmarks.ways.worker import Ready, Send


def raw(errand: Errand) -> Ready:
    """A mail that was built before."""
    client = _client(errand)

    def ready(mail: Mail) -> Send:
        parameters = request.raw(mail, email_message(mail)())
        return lambda: client.send_email(**parameters)

    return ready


def build(errand: Errand) -> Ready:
    """EmailMessage and raw content."""
    client = _client(errand)

    def ready(mail: Mail) -> Send:
        built = email_message(mail)
        return lambda: client.send_email(**request.raw(mail, built()))

    return ready


def simple(errand: Errand) -> Ready:
    """Nothing is built: simple content."""
    client = _client(errand)
    return lambda mail: lambda: client.send_email(**request.simple(mail))


def _client(errand: Errand):  # type: ignore[no-untyped-def] # noqa: ANN202 - boto3 makes its classes when it runs
    import boto3

    return boto3.client("sesv2", region_name=REGION, endpoint_url=errand.endpoint_url)
