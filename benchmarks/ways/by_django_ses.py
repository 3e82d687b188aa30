"""django-ses, by API v2, with its connection kept and without its own throttle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.ways.django_mail import sent_by_django
from benchmarks.ways.errand import ACCESS_KEY, REGION, SECRET_KEY, Errand

if TYPE_CHECKING:
    from benchmarks.ways.worker import Ready


def build(errand: Errand) -> Ready:
    """Django's message, through its backend."""
    return sent_by_django(
        EMAIL_BACKEND="django_ses.SESBackend",
        AWS_SES_REGION_ENDPOINT_URL=errand.endpoint_url,
        AWS_SES_REGION_NAME=REGION,
        AWS_SES_ACCESS_KEY_ID=ACCESS_KEY,
        AWS_SES_SECRET_ACCESS_KEY=SECRET_KEY,
        AWS_SES_AUTO_THROTTLE=None,  # it asks for the quota and sleeps
        USE_SES_V2=True,
    )
