"""sesmail's backend for Django, a plain install."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from benchmarks.encoder import plain_install
from benchmarks.ways.django_mail import sent_by_django
from benchmarks.ways.errand import REGION, Errand

if TYPE_CHECKING:
    from benchmarks.ways.worker import Ready

plain_install().__enter__()  # for as long as this process lives


def build(errand: Errand) -> Ready:
    """Django's message, through our backend."""
    options = urlencode({"endpoint_url": errand.endpoint_url, **errand.options}, quote_via=quote)
    return sent_by_django(
        EMAIL_BACKEND="sesmail.integrations.django.EmailBackend", SESMAIL={"url": f"ses://{REGION}?{options}"}
    )
