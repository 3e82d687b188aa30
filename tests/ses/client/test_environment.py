"""Clients that were made before the environment changed: what a test-suite does to a program's mailers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest

from sesmail import AsyncMailer, Mailer
from sesmail.local import LocalSes
from sesmail.ses.client import environment
from sesmail.transports import SesTransport

Client = Literal["boto3", "direct"]
CLIENTS = pytest.mark.parametrize("client", ["boto3", "direct"])


@contextmanager
def box(monkeypatch: pytest.MonkeyPatch, region: str = "eu-west-1") -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, region=region) as ses, monkeypatch.context() as patch:
        ses.identity("example.com").verify()
        for name, value in ses.environment.items():
            patch.setenv(name, value)
        environment.changed()
        yield ses
    environment.changed()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a program has them that is built before any test begins."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody is there


@CLIENTS
def test_a_mailer_that_was_built_before_finds_each_box(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    mailer = Mailer(SesTransport("eu-west-1", client=client), sender="shop@example.com")
    for number in range(3):
        with box(monkeypatch) as ses:
            for _ in range(2):
                mailer.send(to="ada@example.org", subject=f"Hello {number}")
            assert [mail.subject for mail in ses.sent] == [f"Hello {number}"] * 2
    mailer.close()


async def _awaited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    mailer = AsyncMailer(SesTransport("eu-west-1", client=client), sender="shop@example.com")
    for _ in range(2):
        with box(monkeypatch) as ses:
            await mailer.send(to="ada@example.org", subject="Hello")
            assert len(ses.sent) == 1
    await mailer.close()


@CLIENTS
def test_so_does_one_that_awaits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(_awaited(client, monkeypatch))


@CLIENTS
def test_the_region_of_the_environment_is_found_anew(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = SesTransport(client=client)
    mailer = Mailer(transport, sender="shop@example.com")
    assert transport.region == "eu-central-1"
    with box(monkeypatch, region="us-east-1") as ses:
        result = mailer.send(to="ada@example.org", subject="Hello")
        assert transport.region == "us-east-1"
        assert result.message_id_header == f"<{result.message_id}@email.amazonses.com>"
        assert ses.sent[0].region == "us-east-1"
    mailer.close()


@CLIENTS
def test_the_account_is_asked_where_the_mails_go(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = SesTransport("eu-west-1", client=client, api="v1")
    account = transport.account
    assert account is not None
    for _ in range(2):
        with box(monkeypatch) as ses:
            ses.account.quota = 7
            assert account.standing().answer().quota == 7
    transport.close()


@CLIENTS
def test_what_was_given_stays(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalSes(sandbox=False) as given, box(monkeypatch) as other:
        given.identity("example.com").verify()
        mailer = Mailer(SesTransport("us-east-1", client=client, endpoint_url=given.url), sender="shop@example.com")
        environment.changed()
        mailer.send(to="ada@example.org", subject="Hello")
        mailer.close()

        assert len(given.sent) == 1
        assert not other.sent
