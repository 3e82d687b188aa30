"""django-anymail with its SES backend, with its connection kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.ways.django_mail import sent_by_django
from benchmarks.ways.errand import ACCESS_KEY, REGION, SECRET_KEY, Errand

if TYPE_CHECKING:
    from benchmarks.ways.worker import Ready


def build(errand: Errand) -> Ready:
    """Django's message, through its backend."""
    return sent_by_django(
        EMAIL_BACKEND="anymail.backends.amazon_ses.EmailBackend",
        ANYMAIL={
            "AMAZON_SES_CLIENT_PARAMS": {
                "endpoint_url": errand.endpoint_url,
                "region_name": REGION,
                "aws_access_key_id": ACCESS_KEY,
                "aws_secret_access_key": SECRET_KEY,
            }
        },
    )
