"""Clients that a program gives: which ones are taken, and that what the program did to them still works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sesmail.errors import SetupError
from sesmail.local import LocalSes
from sesmail.ses.client.boto import BotoClient

from .asking import KEYS, Ask, both_colours, send

ONE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def given(ses: LocalSes) -> Iterator[Any]:
    made = boto3.client("sesv2", config=ONE, **ses.client_options)
    yield made
    made.close()


@both_colours
def test_a_client_of_yours_carries_the_call_and_stays_open(
    ses: LocalSes, given: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(given, "close", lambda: closed.append(True))
    boto = BotoClient(client=given)
    for _ in range(2):
        ask(boto, send())
        boto.close()

    assert boto.region == "us-east-1"
    assert len(ses.sent) == 2
    assert not closed
    monkeypatch.undo()


def test_one_for_v1_carries_v1(ses: LocalSes) -> None:
    given = boto3.client("ses", config=ONE, **ses.client_options)
    BotoClient(service="ses", client=given).call(send("v1"))
    given.close()

    assert len(ses.sent) == 1


@pytest.mark.parametrize(
    "retries",
    [
        {},
        {"mode": "legacy"},
        {"max_attempts": 1},
        {"max_attempts": 1, "mode": "adaptive"},
        {"total_max_attempts": 3, "mode": "standard"},
    ],
)
def test_one_that_would_repeat_a_call_is_refused_with_the_line_to_write(ses: LocalSes, retries: dict[str, Any]) -> None:
    given = boto3.client("sesv2", config=Config(retries=retries), **ses.client_options)
    with pytest.raises(SetupError) as caught:
        BotoClient(client=given)

    line = re.search(r"config=botocore\.config\.(Config\(.*\))$", str(caught.value))
    assert line
    BotoClient(client=boto3.client("sesv2", config=eval(line[1], {"Config": Config}), **ses.client_options))


@pytest.mark.parametrize("retries", [{"max_attempts": 0}, {"total_max_attempts": 1, "mode": "legacy"}])
def test_one_that_would_not_is_taken_however_it_was_said(ses: LocalSes, retries: dict[str, Any]) -> None:
    BotoClient(client=boto3.client("sesv2", config=Config(retries=retries), **ses.client_options))


def test_one_for_another_service_is_refused(ses: LocalSes, given: Any) -> None:
    with pytest.raises(SetupError, match=r"this client is one of sesv2: give what boto3\.client\('ses'\) makes"):
        BotoClient(service="ses", client=given)
    with pytest.raises(SetupError, match="this client is one of sts"):
        BotoClient(client=boto3.client("sts", config=ONE, **ses.client_options))


def test_what_is_no_client_is_refused() -> None:
    with pytest.raises(SetupError, match=r"a client is what boto3\.client\('sesv2'\) gives, and not a Session"):
        BotoClient(client=boto3.Session())


def test_one_that_can_only_be_awaited_is_refused(given: Any) -> None:
    class Awaited:
        meta = given.meta

        async def close(self) -> None:
            """As aiobotocore has it."""

    with pytest.raises(SetupError, match="aiobotocore"):
        BotoClient(client=Awaited())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session", boto3.Session()),
        ("credentials", KEYS),
        ("region", "eu-west-1"),
        ("endpoint_url", "http://localhost"),
        ("use_fips", False),
        ("use_dual_stack", True),
    ],
)
def test_what_it_has_of_its_own_cannot_be_given_beside_it(given: Any, name: str, value: object) -> None:
    with pytest.raises(SetupError, match=f"a client of yours has its own {name}"):
        BotoClient(client=given, **{name: value})  # type: ignore[arg-type]
