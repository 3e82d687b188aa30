"""The account of a way out: by which client it is asked, whose it is, and that it costs nothing until then."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sesmail.errors import SetupError
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.client.boto import BotoClient
from sesmail.ses.client.direct.client import DirectClient
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesSmtpTransport, SesTransport, TransportUrl
from tests.ses.asking import Told

KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(check_signatures=True) as ses:
        ses.identity("shop.example").verify()
        yield ses


def api(ses: LocalSes, **settings: Any) -> SesTransport:
    return SesTransport("us-east-1", **{"credentials": KEYS, "endpoint_url": ses.url, **settings})


def smtp(**settings: Any) -> SesSmtpTransport:
    return SesSmtpTransport("us-east-1", **{"user": DEFAULT_KEY, "secret_key": DEFAULT_SECRET, **settings})


# ── the API ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("version", ["v2", "v1"])
@pytest.mark.parametrize("client", ["boto3", "direct"])
def test_both_apis_know_their_account_by_either_client(ses: LocalSes, client: Any, version: Any) -> None:
    with_account = api(ses, client=client, api=version)
    account = with_account.account

    assert account is with_account.account
    assert account is not None
    assert account.standing().answer().production is False
    assert asyncio.run(account.identities().aanswer()) == {"shop.example": True}
    assert account.key == f"{DEFAULT_KEY} at {ses.url}@us-east-1"
    assert account.region == "us-east-1"
    with_account.close()
    asyncio.run(with_account.aclose())


def test_v2_asks_by_the_client_that_sends_and_v1_by_one_like_it(ses: LocalSes) -> None:
    v2, v1 = api(ses), api(ses, api="v1", timeout_s=7, client="direct")
    for there in (v2, v1):
        assert there.account
    assert v2._asking is None
    assert isinstance(v1._asking, DirectClient)
    assert v1._asking is not v1._client
    for there in (v2, v1):
        there.close()


@pytest.mark.parametrize("awaited", [False, True])
@pytest.mark.parametrize("kind", ["v1", "smtp"])
def test_what_is_asked_by_is_closed_with_the_way(ses: LocalSes, kind: str, awaited: bool) -> None:
    way = smtp(account_endpoint_url=ses.url) if kind == "smtp" else api(ses, api="v1", client="direct")
    assert way.account
    asking = way._asking = Told()
    if awaited:
        asyncio.run(way.aclose())
    else:
        way.close()
    assert asking.is_closed


def test_a_session_of_the_program_is_asked_by(ses: LocalSes) -> None:
    session = boto3.Session(DEFAULT_KEY, DEFAULT_SECRET, region_name="us-east-1")
    one, other = (api(ses, credentials=None, session=session, api=version) for version in ("v1", "v2"))

    assert one.account
    assert other.account
    assert one.account.standing().answer().production is False
    assert one.account.key == other.account.key
    assert one.account.key.startswith("session ")
    one.close()
    other.close()


def test_a_client_of_the_program_is_asked_by_where_it_is_one_of_v2(ses: LocalSes) -> None:
    once = Config(retries={"total_max_attempts": 1})
    clients = [boto3.client(service, config=once, **ses.client_options) for service in ("sesv2", "ses")]
    v2, v1 = SesTransport(boto3_client=clients[0]), SesTransport(boto3_client=clients[1], api="v1")

    assert v2.account
    assert v2.account.standing().answer().production is False
    assert v1.account is None
    for client in clients:
        client.close()


# ── SMTP ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_smtp_asks_by_the_api_with_the_secret_key(ses: LocalSes) -> None:
    way = smtp(account_endpoint_url=ses.url)

    assert way.account is way.account
    assert way.account.standing().answer().production is False
    assert way.account.key == f"{DEFAULT_KEY} at {ses.url}@us-east-1"
    assert isinstance(way._asking, DirectClient)
    for shown in (repr(way), repr(vars(way)), repr(way.account)):
        assert DEFAULT_SECRET not in shown.replace(f"'{DEFAULT_KEY}", "")
    way.close()
    way.close()


def test_smtp_with_a_password_asks_with_what_aws_tools_would_find(
    ses: LocalSes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ses.environment.items():
        monkeypatch.setenv(name, value)
    way = smtp(secret_key="", password="BPassword" + "x" * 35)

    assert way.account.standing().answer().production is False
    assert isinstance(way._asking, DirectClient)
    assert way.account.key == f"{DEFAULT_KEY} at {ses.url}@us-east-1"
    asyncio.run(way.aclose())


@pytest.mark.parametrize("lacks", ["keys", "h11"])
def test_smtp_asks_by_boto3_where_the_lighter_client_will_not_do(
    ses: LocalSes, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    if lacks == "h11":
        monkeypatch.setattr("sesmail.transports.smtp.ses.find_spec", lambda _name: None)
        way = smtp(account_endpoint_url=ses.url)
    else:
        way = smtp(secret_key="", password="BPassword" + "x" * 35, account_endpoint_url=ses.url)

    assert way.account.region == "us-east-1"
    assert isinstance(way._asking, BotoClient)
    way.close()


def test_where_smtp_asks_can_be_said_in_a_url(ses: LocalSes) -> None:
    url = TransportUrl.parse(f"ses+smtp://AKIA2:hidden@us-east-1?secret=yes&account_endpoint_url={ses.url}")
    way = SesSmtpTransport.from_url(url)
    assert way.account.key == f"AKIA2 at {ses.url}@us-east-1"
    with pytest.raises(SetupError):
        _ = smtp(account_endpoint_url="not a url", fips=True).account
    way.close()


# ── not before somebody asks ─────────────────────────────────────────────────────────────────────────────────────

_BUILDS = """
import sys
from sesmail.transports import SesSmtpTransport, SesTransport
SesTransport("eu-west-1", client="direct", api="v1")
SesSmtpTransport("eu-west-1", user="AKIA1", secret_key="hidden").close()
print([name for name in ("sesmail.ses.account", "sesmail.ses.identities", "boto3", "h11") if name in sys.modules])
"""


def test_nothing_is_imported_for_it_before_somebody_asks() -> None:
    environment = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "hidden"}
    ran = subprocess.run([sys.executable, "-c", _BUILDS], capture_output=True, text=True, check=True, env=environment)
    assert ran.stdout == "[]\n"
