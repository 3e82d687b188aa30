"""A Django with settings, once for the process, and mails that land in the memory of its mailer."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Django 6.1 has something against EMAIL_BACKEND, which is tested too
    if not settings.configured:
        settings.configure(
            EMAIL_BACKEND="sesmail.integrations.django.EmailBackend",
            SESMAIL={"url": "memory://?limits=api", "sender": "Shop <shop@example.com>"},
            INSTALLED_APPS=["sesmail.integrations.django"],
            LOGGING_CONFIG=None,
            SECRET_KEY="only for tests",
            USE_TZ=True,
            TEMPLATES=[
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "DIRS": [Path(__file__).parent / "templates"],
                    "OPTIONS": {"libraries": {"stars": "tests.integrations.django.stars"}},
                }
            ],
        )
        django.setup()

from sesmail import Outgoing
from sesmail.integrations.django import get_mailer
from sesmail.integrations.django.shared import close_all

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Django 6 has against older ways, which are tried too."""
    for item in items if django.VERSION >= (6, 0) else ():
        if item.path.is_relative_to(HERE):
            for warning in ("RemovedInNextVersionWarning", "RemovedAfterNextVersionWarning"):
                ignored = f"ignore::django.utils.deprecation.{warning}"
                item.add_marker(pytest.mark.filterwarnings(ignored), append=False)


class Sent:
    """What has gone out since the test began."""

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index: int) -> Outgoing:
        return self._all[index]

    @property
    def _all(self) -> tuple[Outgoing, ...]:
        found: tuple[Outgoing, ...] = self.transport.sent
        return found

    @property
    def transport(self) -> Any:
        return get_mailer().transport

    @property
    def last(self) -> Outgoing:
        return self[-1]


@pytest.fixture
def sent() -> Iterator[Sent]:
    close_all()
    yield Sent()
    close_all()
