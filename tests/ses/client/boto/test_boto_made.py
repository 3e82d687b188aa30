"""Clients that are made here: where Region, endpoint and keys come from, and what is wrong at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.session import Session as BotocoreSession

from sesmail.errors import (
    AccessDenied,
    AuthFailed,
    CredentialsExpired,
    CredentialsMissing,
    Outcome,
    SesmailError,
    SetupError,
)
from sesmail.lines.patience import Patience
from sesmail.local import BoxClock, LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.call import ApiFault, Call
from sesmail.ses.client.boto import BotoClient
from sesmail.ses.credentials import Credentials

from .asking import KEYS, REGION, Ask, both_colours, client, send

ROLE = "arn:aws:iam::123456789012:role/mailer"


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """AWS's configuration file, to be written."""
    file = tmp_path / "config"
    file.touch()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    return file


def config_of(boto: BotoClient) -> Any:
    with boto._clients.lent() as made:
        return made.meta


# ── what is wrong at once ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "no Region: give one, as in ses://eu-west-1, set AWS_DEFAULT_REGION, or write one into the profile"),
        ({"region": "eu-west-1a"}, "'eu-west-1a' is no Region"),
        ({"region": "evil.example/"}, "is no Region"),
        ({"region": REGION, "endpoint_url": "localhost:4566"}, "endpoint_url is like"),
        ({"region": REGION, "endpoint_url": "http://user:hunter2@localhost"}, "endpoint_url is like"),
        ({"region": REGION, "credentials": Credentials(profile="shop")}, "there is no profile 'shop'"),
        ({"region": REGION, "max_connections": 0}, "max_connections"),
        ({"region": REGION, "service": "s3"}, "service is one of sesv2, ses"),
        ({"region": REGION, "session": "shop"}, r"a session is what boto3.Session\(\) gives, and not a str"),
        ({"region": REGION, "session": boto3.Session(), "credentials": KEYS}, "has its own credentials"),
    ],
)
def test_what_is_wrong_is_found_when_it_is_built(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(SetupError, match=text) as caught:
        BotoClient(**settings)

    assert "hunter2" not in str(caught.value)


def test_a_session_without_a_region_is_found_too() -> None:
    with pytest.raises(SetupError, match="no Region"):
        BotoClient(session=boto3.Session())


def test_an_unknown_profile_of_the_environment_names_the_nearest(
    profiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles.write_text("[profile shop]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_PROFILE", "shpo")

    with pytest.raises(SetupError, match="there is no profile 'shpo'; did you mean 'shop'"):
        BotoClient(region=REGION)


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_SESV2", "AWS_ENDPOINT_URL"])
def test_a_bad_endpoint_of_the_environment_is_found_at_the_first_call(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "no url")
    boto = BotoClient(region=REGION, credentials=KEYS)

    with pytest.raises(SetupError, match="AWS_ENDPOINT_URL") as caught:
        boto.call(send())
    assert isinstance(caught.value.__cause__, ValueError)


# ── Region and endpoint ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_region_is_what_was_given_first_and_else_what_aws_tools_would_take(
    profiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles.write_text("[profile shop]\nregion = eu-north-1\n")
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    with pytest.raises(SetupError, match=r"no Region: .*; boto3 does not read AWS_REGION"):
        BotoClient()

    shop = Credentials(profile="shop")
    assert BotoClient(credentials=shop).region == "eu-north-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    assert BotoClient().region == BotoClient(credentials=shop).region == "eu-west-2"
    assert BotoClient(session=boto3.Session(region_name="eu-west-1")).region == "eu-west-1"
    assert BotoClient(region="eu-central-1", session=boto3.Session(region_name="eu-west-1")).region == "eu-central-1"


@pytest.mark.parametrize(
    ("settings", "environment", "host"),
    [
        ({}, {}, "https://email.us-east-1.amazonaws.com"),
        ({"use_fips": True}, {}, "https://email-fips.us-east-1.amazonaws.com"),
        ({"use_dual_stack": True}, {}, "https://email.us-east-1.api.aws"),
        ({"use_fips": True, "use_dual_stack": True}, {}, "https://email-fips.us-east-1.api.aws"),
        ({}, {"AWS_USE_FIPS_ENDPOINT": "true"}, "https://email-fips.us-east-1.amazonaws.com"),
        ({"use_fips": False}, {"AWS_USE_FIPS_ENDPOINT": "true"}, "https://email.us-east-1.amazonaws.com"),
        ({}, {"AWS_ENDPOINT_URL_SESV2": "http://localhost:1"}, "http://localhost:1"),
        ({"service": "ses"}, {"AWS_ENDPOINT_URL_SES": "http://localhost:2"}, "http://localhost:2"),
        ({}, {"AWS_ENDPOINT_URL_SES": "http://localhost:2"}, "https://email.us-east-1.amazonaws.com"),
        ({"endpoint_url": "http://localhost:3/"}, {"AWS_ENDPOINT_URL": "http://localhost:1"}, "http://localhost:3/"),
    ],
)
def test_the_endpoint_is_botocores_own(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], environment: dict[str, str], host: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    boto = BotoClient(**{"region": REGION, "credentials": KEYS, **settings})

    assert config_of(boto).endpoint_url == host
    boto.close()


@pytest.mark.parametrize("variable", ["AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"])
def test_times_connections_and_attempts_are_ours_whatever_else_says(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, {"AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "adaptive"}[variable])
    core = BotocoreSession()
    core.set_default_client_config(Config(retries={"max_attempts": 9, "mode": "legacy"}, read_timeout=1))
    session = boto3.Session(botocore_session=core, aws_access_key_id=DEFAULT_KEY, aws_secret_access_key=DEFAULT_SECRET)
    boto = BotoClient(region=REGION, session=session, patience=Patience(connect_s=3, read_s=4), max_connections=5)
    config = config_of(boto).config

    assert config.retries == {"total_max_attempts": 1, "mode": "standard"}
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (3, 4, 5)
    boto.close()


def test_what_is_not_said_here_a_session_may_say(ses: LocalSes) -> None:
    core = BotocoreSession()
    core.set_default_client_config(Config(use_fips_endpoint=True, use_dualstack_endpoint=True))
    session = boto3.Session(botocore_session=core, aws_access_key_id=DEFAULT_KEY, aws_secret_access_key=DEFAULT_SECRET)
    boto = BotoClient(region=REGION, session=session)

    assert config_of(boto).endpoint_url == "https://email-fips.us-east-1.api.aws"
    boto.close()


def test_one_that_is_closed_while_it_is_used_is_closed_by_the_last(ses: LocalSes) -> None:
    boto = client(ses)
    closed: list[bool] = []
    with boto._clients.lent() as first:
        close = first.close
        first.close = lambda: closed.append(True)
        with boto._clients.lent() as again:
            assert again is first
            boto.close()
        assert not closed
        with boto._clients.lent() as second:
            assert second is not first
    assert closed == [True]
    close()
    boto.close()


def test_the_environment_of_a_local_ses_is_enough(ses: LocalSes, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ses.environment.items():
        monkeypatch.setenv(name, value)

    for service, api in (("sesv2", "v2"), ("ses", "v1")):
        boto = BotoClient(service=service)  # type: ignore[arg-type]
        boto.call(send(api))  # type: ignore[arg-type]
        boto.close()
    assert len(ses.sent) == 2


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@both_colours
def test_no_keys_says_where_was_looked(ses: LocalSes, ask: Ask) -> None:
    boto = client(ses, credentials=None)
    with pytest.raises(CredentialsMissing, match=r"\(looked in env, assume-role, .*, iam-role\)\. Give") as caught:
        ask(boto, send())
    boto.close()

    assert caught.value.looked_in[0] == "env"
    assert "shared-credentials-file" in caught.value.looked_in


def test_no_keys_of_a_given_session_are_said_too(ses: LocalSes) -> None:
    boto = client(ses, credentials=None, session=boto3.Session())
    with pytest.raises(CredentialsMissing, match=r"no credentials for AWS were found\. Give"):
        boto.call(send())
    boto.close()


def test_what_to_run_for_a_given_session_names_its_profile(
    ses: LocalSes, profiles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    profiles.write_text(
        "[profile shop]\nsso_start_url=https://sso.example\nsso_region=eu-west-1\nsso_account_id=123456789012\n"
        "sso_role_name=mailer\n"
    )
    boto = client(ses, credentials=None, session=boto3.Session(profile_name="shop"))
    with pytest.raises(CredentialsExpired, match="aws sso login --profile shop"):
        boto.call(send())
    boto.close()


def test_half_of_the_keys_is_an_error(ses: LocalSes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    boto = client(ses, credentials=None)

    with pytest.raises(CredentialsMissing, match="env has no AWS_SECRET_ACCESS_KEY"):
        boto.call(send())


def test_a_profile_has_keys(ses: LocalSes, profiles: Path) -> None:
    profiles.write_text(
        f"[profile shop]\naws_access_key_id={DEFAULT_KEY}\naws_secret_access_key={DEFAULT_SECRET}\nregion=eu-west-2\n"
    )
    boto = client(ses, region="", credentials=Credentials(profile="shop"))
    boto.call(Call("sesv2", "GetAccount", {}))
    boto.close()

    assert boto.region == "eu-west-2"


@both_colours
def test_wrong_keys_are_a_fault_of_ses(ses: LocalSes, ask: Ask) -> None:
    boto = client(ses, credentials=Credentials(access_key=DEFAULT_KEY, secret_key="wrong"))
    with pytest.raises(ApiFault, match="InvalidSignature") as caught:
        ask(boto, send())
    boto.close()

    assert caught.value.status == 403


@both_colours
def test_what_iam_denies_is_a_fault_of_ses(ses: LocalSes, ask: Ask) -> None:
    ses.allow({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ses:Get*", "Resource": "*"}})
    boto = client(ses)
    with pytest.raises(ApiFault, match="AccessDenied"):
        ask(boto, send())
    boto.close()


# ── a role ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def late(calls: list[str]) -> Iterator[LocalSes]:
    """A box whose clock is 50 minutes behind: what it gives for an hour is over in ten minutes by the client's."""
    clock = BoxClock(at=time.time() - 3000)
    with LocalSes(
        sandbox=False, quota=-1, rate=1e9, check_signatures=True, clock=clock,
        on_call=lambda call, _: calls.append(call.operation if call else ""),
    ) as ses:  # fmt: skip
        ses.identity("example.com").verify()
        ses.add_role(ROLE, external_id="4711")
        yield ses


def by_role(ses: LocalSes, external_id: str = "4711", **settings: Any) -> BotoClient:
    role = Credentials(**_keys(), role_arn=ROLE, external_id=external_id, sts_endpoint_url=ses.url)
    return client(ses, credentials=role, **settings)


def _keys() -> dict[str, Any]:
    return {"access_key": DEFAULT_KEY, "secret_key": DEFAULT_SECRET}


@both_colours
def test_keys_of_a_role_are_renewed_before_they_run_out(late: LocalSes, calls: list[str], ask: Ask) -> None:
    """With the keys that the first mail was sent with, the second would be refused."""
    boto = by_role(late)
    ask(boto, send())
    late.clock.advance(hours=1)
    ask(boto, send())
    ask(boto, send())
    boto.close()

    assert calls == ["AssumeRole", "SendEmail", "AssumeRole", "SendEmail", "SendEmail"]
    assert len(late.sent) == 3


@both_colours
def test_keys_of_a_role_that_were_given_run_out(late: LocalSes, ask: Ask) -> None:
    role = Credentials(**_keys(), role_arn=ROLE, external_id="4711", sts_endpoint_url=late.url)
    keys = role.source(REGION).fetch()
    given = Credentials(access_key=keys.access_key, secret_key=keys.secret_key, session_token=keys.token)
    boto = client(late, credentials=given)
    ask(boto, send())
    late.clock.advance(hours=2)
    with pytest.raises(ApiFault, match="ExpiredToken"):
        ask(boto, send())
    boto.close()


def test_many_threads_assume_a_role_once(ses: LocalSes, heard: list[tuple[Any, Any]]) -> None:
    ses.add_role(ROLE, external_id="4711")
    boto = by_role(ses)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(boto.call, [send() for _ in range(32)]))
    boto.close()

    assert [call.operation for call, _ in heard].count("AssumeRole") == 1
    assert len(ses.sent) == 32


@both_colours
def test_a_role_that_may_not_be_assumed_says_what_it_may_be(late: LocalSes, ask: Ask) -> None:
    boto = by_role(late, external_id="hunter2-planted")
    with pytest.raises(
        AccessDenied, match="A wrong external id, and a role that is not there, look the same"
    ) as caught:
        ask(boto, send())
    boto.close()

    error = caught.value
    assert (error.action, error.resource, error.code, error.stage) == ("sts:AssumeRole", ROLE, "AccessDenied", "auth")
    assert (error.retryable, error.outcome) == (False, Outcome.NOT_SENT)
    assert "hunter2" not in f"{error} {error!r} {error.__dict__}"


@both_colours
def test_a_role_whose_sts_is_not_there_leaves_nothing_sent(late: LocalSes, ask: Ask) -> None:
    late.chaos.reset(on="AssumeRole", when="after", times=None)
    boto = by_role(late)
    with pytest.raises(SesmailError) as caught:
        ask(boto, send())
    boto.close()

    error: Any = caught.value
    assert (error.retryable, error.outcome, error.stage) == (True, Outcome.NOT_SENT, "auth")
    assert not late.sent


def test_a_role_without_keys_to_assume_it_with_says_so(late: LocalSes) -> None:
    boto = client(late, credentials=Credentials(role_arn=ROLE, external_id="4711", sts_endpoint_url=late.url))
    with pytest.raises(CredentialsMissing, match=f"with which to assume the role {ROLE} ") as caught:
        boto.call(send())
    boto.close()

    assert "env" in caught.value.looked_in


def test_a_clock_that_is_wrong_is_thought_of(ses: LocalSes) -> None:
    clock = BoxClock(at=time.time() - 86400)
    with LocalSes(clock=clock) as ses:
        ses.add_role(ROLE, external_id="4711")
        boto = by_role(ses)
        with pytest.raises(AuthFailed, match="look at this machine's clock"):
            boto.call(send())
        boto.close()


def test_the_role_of_a_profile_is_seen_to_too(late: LocalSes, profiles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore assumes that one. What STS says then is nothing that SES said of the mail."""
    profiles.write_text(
        f"[profile base]\naws_access_key_id={DEFAULT_KEY}\naws_secret_access_key={DEFAULT_SECRET}\n"
        f"[profile shop]\nrole_arn={ROLE}\nsource_profile=base\nexternal_id=4712\n"
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", late.url)
    boto = client(late, credentials=Credentials(profile="shop"))
    with pytest.raises(AccessDenied, match="the role of the profile 'shop'"):
        boto.call(send())
    boto.close()
