"""Sources: whose keys win, what they cost, what is said when there are none, and that roles renew themselves."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import botocore.compat
import botocore.exceptions
import pytest
from botocore.session import Session

from sesmail.errors import (
    AccessDenied,
    AuthFailed,
    ConnectFailed,
    CredentialsExpired,
    CredentialsMissing,
    Outcome,
    SendError,
    SetupError,
    Unavailable,
)
from sesmail.local import BoxClock, LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.credentials import Credentials, Keys
from sesmail.testing import CuttingProxy

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/mailer"
GIVEN = {"access_key": "AKIAGIVEN", "secret_key": "given"}
BOX: dict[str, Any] = {"access_key": DEFAULT_KEY, "secret_key": DEFAULT_SECRET}
SHOP = "[profile shop]\naws_access_key_id=AKIASHOP\naws_secret_access_key=shop\n"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "env")


# ── whose keys win, as with botocore ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("said", "variables", "access_key", "at_hand"),
    [
        ({}, {}, "AKIAENV", True),
        ({}, {"AWS_PROFILE": "shop"}, "AKIAENV", True),
        ({}, {"AWS_PROFILE": "shop", "AWS_ACCESS_KEY_ID": ""}, "AKIASHOP", False),
        ({"profile": "shop"}, {}, "AKIASHOP", False),
        (GIVEN, {}, "AKIAGIVEN", True),
        (GIVEN, {"AWS_PROFILE": "shop"}, "AKIAGIVEN", True),
    ],
)
def test_the_same_keys_win_as_with_boto3(
    profiles: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: dict[str, Any],
    variables: dict[str, str],
    access_key: str,
    at_hand: bool,
) -> None:
    profiles.write_text(SHOP)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    credentials = Credentials(**said)
    source = credentials.source(REGION)
    session: Any = credentials.session(REGION)

    assert source.fetch().access_key == access_key
    assert (source.at_hand() is not None) == at_hand
    assert session.get_credentials().access_key == access_key
    assert session.region_name == REGION
    plain = boto3.Session(
        aws_access_key_id=said.get("access_key"),
        aws_secret_access_key=said.get("secret_key"),
        profile_name=said.get("profile"),
    )
    assert plain.get_credentials().access_key == access_key, "which is what boto3 does"


def test_keys_at_hand_need_no_botocore() -> None:
    code = (
        "import sys\n"
        "from sesmail.ses.credentials import Credentials, Keys\n"
        "for credentials in (Credentials(), Credentials(access_key='A', secret_key='b')):\n"
        "    source = credentials.source('eu-west-1')\n"
        "    assert source.at_hand() == source.fetch() == Keys('A', 'b')\n"
        "assert not {'boto3', 'botocore', 'ssl', 'asyncio'} & set(sys.modules)\n"
    )
    variables = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b"}
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, **variables})


def test_the_environment_is_read_anew_each_time(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Credentials().source(REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANEW")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")

    assert source.at_hand() == source.fetch() == Keys("AKIANEW", "env", "token")


def test_half_a_pair_in_the_environment_is_an_error(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Credentials().source(REGION)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for ask in (source.at_hand, source.fetch, lambda: Credentials().source(REGION)):
        with pytest.raises(CredentialsMissing, match="AWS_SECRET_ACCESS_KEY is not") as caught:
            ask()
        assert caught.value.looked_in == ("env",)


# ── when there are none ──────────────────────────────────────────────────────────────────────────────────────────────


def test_no_keys_says_where_was_looked_in_the_order_of_botocore() -> None:
    with pytest.raises(CredentialsMissing, match="no credentials for AWS were found") as caught:
        Credentials().source(REGION).fetch()
    chain = Session().get_component("credential_provider").providers

    assert caught.value.looked_in == tuple(provider.METHOD for provider in chain)
    assert "aws configure" in str(caught.value)


def test_no_keys_of_a_profile_does_not_say_the_environment(profiles: Path) -> None:
    profiles.write_text("[profile shop]\nregion=eu-west-1\n")
    with pytest.raises(CredentialsMissing) as caught:
        Credentials(profile="shop").source(REGION).fetch()

    assert "env" not in caught.value.looked_in


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (SHOP, "there is no profile 'shpo'; did you mean 'shop'?"),
        ("[profile entirely-different]\nregion=x\n", "there is no profile 'shpo' in AWS's configuration files"),
        ("", "there is no profile 'shpo': AWS's configuration files have none"),
        ("no [section", "AWS's configuration is not good: Unable to parse config file"),
    ],
)
def test_a_profile_that_is_not_there_is_found_at_once(profiles: Path, config: str, text: str) -> None:
    profiles.write_text(config)
    credentials = Credentials(profile="shpo")
    for ask in (credentials.source, credentials.session, Credentials(profile="shpo", role_arn=ROLE).source):
        with pytest.raises(SetupError) as caught:
            ask(REGION)
        assert text in str(caught.value)


# ── what botocore cannot fetch ───────────────────────────────────────────────────────────────────────────────────────

SSO = (
    "[profile shop]\nsso_start_url=https://sso.example\nsso_region=eu-west-1\nsso_account_id=123456789012\n"
    "sso_role_name=mailer\n"
)
SSO_SESSION = (
    "[profile shop]\nsso_session=company\nsso_account_id=123456789012\nsso_role_name=mailer\n"
    "[sso-session company]\nsso_start_url=https://sso.example\nsso_region=eu-west-1\n"
)
PROCESS = "[profile shop]\ncredential_process={python} -c \"import sys; sys.exit('hunter2-planted')\"\n"
NOT_JSON = "[profile shop]\ncredential_process={python} -c \"print('{{}}')\"\n"
CONTRADICTION = "[profile shop]\nrole_arn=" + ROLE + "\nsource_profile=shop2\ncredential_source=Environment\n"
LOOP = f"[profile shop]\nrole_arn={ROLE}\nsource_profile=other\n[profile other]\nrole_arn={ROLE}\nsource_profile=shop\n"
HALF = "[profile shop]\naws_access_key_id=AKIA\n"
NEWER = pytest.mark.skipif(not hasattr(botocore.exceptions, "LoginError"), reason="this botocore knows no aws login")
OF_LOGIN: tuple[type[Exception], str] = (
    (CredentialsExpired, "Somebody has to run aws login --profile shop")
    if botocore.compat.HAS_CRT
    else (SetupError, 'pip install "botocore[crt]"')
)
LOGIN = "[profile shop]\nlogin_session=arn:aws:iam::123456789012:user/me\n"


@pytest.mark.parametrize(
    ("config", "kind", "text"),
    [
        (SSO, CredentialsExpired, "the SSO session of the profile 'shop' is over or was never begun"),
        (SSO_SESSION, CredentialsExpired, "Somebody has to run aws sso login --profile shop"),
        (PROCESS, AuthFailed, "custom-process gave no credentials of the profile 'shop'"),
        (NOT_JSON, AuthFailed, "custom-process gave no credentials of the profile 'shop'"),
        (CONTRADICTION, SetupError, "AWS's configuration is not good"),
        (LOOP, SetupError, "Infinite loop in credential configuration"),
        (HALF, CredentialsMissing, "config-file has no aws_secret_access_key"),
        pytest.param(LOGIN, *OF_LOGIN, marks=NEWER),
    ],
)
def test_what_botocore_cannot_fetch_is_said_with_the_cure(
    profiles: Path, config: str, kind: type[Exception], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    profiles.write_text(config.format(python=sys.executable) if "{python}" in config else config)
    source = Credentials(profile="shop").source(REGION)
    with pytest.raises(kind) as caught:
        source.fetch()
    error = caught.value

    assert text in str(error)
    assert "hunter2" not in f"{error} {error!r}"
    assert error.__cause__
    if isinstance(error, SendError):
        assert (error.outcome, error.stage) == (Outcome.NOT_SENT, "auth")


# ── a role ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def role(ses: LocalSes, **said: Any) -> Credentials:
    return Credentials(**{**BOX, "role_arn": ROLE, "external_id": "4711", "sts_endpoint_url": ses.url, **said})


def test_a_role_is_assumed_once_and_asked_as_was_said(ses: LocalSes, heard: list[str]) -> None:
    ses.add_role(ROLE, external_id="4711")
    asked: list[Any] = []
    with LocalSes(on_call=lambda call, _: asked.append(call)) as other:
        other.add_role(ROLE, external_id="4711")
        source = role(other, role_session_name="mailer", role_duration_s=7200).source("eu-north-1")
        assert source.at_hand() is None
        first = source.fetch()
        assert source.fetch() == first

    (call,) = asked
    assert call.region == "eu-north-1", "the Region of the mail"
    assert call.params == {
        "RoleArn": ROLE,
        "RoleSessionName": "mailer",
        "ExternalId": "4711",
        "DurationSeconds": 7200,
    }
    assert first.access_key.startswith("ASIA")
    assert first.token


def test_no_connection_to_sts_is_left_open(ses: LocalSes) -> None:
    ses.add_role(ROLE, external_id="4711")
    host, _, port = ses.url.removeprefix("http://").partition(":")
    gc.disable()  # which would close it some day
    try:
        with CuttingProxy(host, int(port)) as proxy:
            role(ses, sts_endpoint_url=f"http://{proxy.host}:{proxy.port}").source(REGION).fetch()
            proxy.join(5)
            assert len(proxy.passages) == 1
    finally:
        gc.enable()


def test_what_is_not_said_of_a_role_is_not_asked() -> None:
    asked: list[Any] = []
    with LocalSes(on_call=lambda call, _: asked.append(call)) as ses:
        ses.add_role(ROLE)
        role(ses, external_id="").source(REGION).fetch()

    assert asked[0].params == {"RoleArn": ROLE, "RoleSessionName": "sesmail"}


def test_keys_of_a_role_are_renewed_before_they_run_out(heard: list[str]) -> None:
    """The box is 50 minutes behind, so what it gives for an hour holds ten minutes here."""
    clock = BoxClock(at=time.time() - 3000)
    with LocalSes(clock=clock) as ses:
        ses.add_role(ROLE, external_id="4711")
        source = role(ses).source(REGION)
        first = source.fetch()
        clock.advance(hours=1)
        second = source.fetch()

        assert first != second
        assert source.fetch() == second


def test_new_keys_that_are_old_already_make_one_think_of_the_clock() -> None:
    with LocalSes(clock=BoxClock(at=time.time() - 86_400)) as ses:
        ses.add_role(ROLE, external_id="4711")
        with pytest.raises(AuthFailed, match="look at this machine's clock") as caught:
            role(ses).source(REGION).fetch()

    assert (caught.value.outcome, caught.value.stage) == (Outcome.NOT_SENT, "auth")


@pytest.mark.parametrize("base", ["profile", "environment", "AWS_PROFILE"])
def test_a_role_stands_on_a_profile_or_the_chain(
    ses: LocalSes, profiles: Path, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    ses.add_role(ROLE, external_id="4711")
    profiles.write_text(f"[profile box]\naws_access_key_id={DEFAULT_KEY}\naws_secret_access_key={DEFAULT_SECRET}\n")
    said: dict[str, Any] = {"access_key": "", "secret_key": ""}
    if base == "profile":
        said["profile"] = "box"
    elif base == "AWS_PROFILE":
        monkeypatch.setenv("AWS_PROFILE", "box")
    else:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", DEFAULT_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", DEFAULT_SECRET)

    source = role(ses, **said).source(REGION)
    assert source.at_hand() is None
    assert source.fetch().token
    session: Any = role(ses, **said).session(REGION)
    assert session.get_credentials().get_frozen_credentials().token


def test_the_place_of_sts_may_be_one_of_the_environment(ses: LocalSes, monkeypatch: pytest.MonkeyPatch) -> None:
    ses.add_role(ROLE, external_id="4711")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", ses.url)

    assert role(ses, sts_endpoint_url="").source(REGION).fetch().token


def test_a_role_may_be_assumed_by_a_role(ses: LocalSes) -> None:
    ses.add_role(ROLE, external_id="4711")
    ses.add_role(f"{ROLE}2")
    first = role(ses).source(REGION).fetch()
    keys = {"access_key": first.access_key, "secret_key": first.secret_key, "session_token": first.token}

    assert role(ses, **keys, role_arn=f"{ROLE}2", external_id="").source(REGION).fetch().token


def test_a_role_that_may_not_be_assumed(ses: LocalSes) -> None:
    ses.add_role(ROLE, external_id="4711")
    with pytest.raises(AccessDenied, match=f"the role {ROLE} may not be assumed") as caught:
        role(ses, external_id="hunter2-planted").source(REGION).fetch()
    error = caught.value

    assert (error.action, error.resource, error.code, error.stage) == ("sts:AssumeRole", ROLE, "AccessDenied", "auth")
    assert error.request_id
    assert "A wrong external id" in str(error)
    assert "hunter2" not in f"{error} {error!r} {error.__dict__}"


def test_keys_that_are_wrong_or_over_are_not_the_roles_fault(ses: LocalSes) -> None:
    ses.add_role(ROLE, external_id="4711")
    with pytest.raises(AuthFailed, match="the credentials with which keys are asked for are wrong") as wrong:
        role(ses, secret_key="wrong").source(REGION).fetch()
    ses.chaos.expire_credentials(on="AssumeRole")
    with pytest.raises(CredentialsExpired, match="Renew them where they come from") as over:
        role(ses).source(REGION).fetch()

    assert not wrong.value.retryable
    assert not over.value.retryable


def test_no_keys_to_assume_a_role_with(ses: LocalSes) -> None:
    with pytest.raises(CredentialsMissing, match=f"with which to assume the role {ROLE}") as caught:
        role(ses, access_key="", secret_key="").source(REGION).fetch()

    assert caught.value.looked_in[0] == "env"


def test_sts_that_has_trouble_is_asked_again_and_then_it_is_said(ses: LocalSes) -> None:
    ses.add_role(ROLE, external_id="4711")
    ses.chaos.unavailable(on="AssumeRole", times=2)
    assert role(ses).source(REGION).fetch().token

    ses.chaos.unavailable(on="AssumeRole", times=None)
    with pytest.raises(Unavailable, match="AWS gave no keys just now") as caught:
        role(ses).source(REGION).fetch()
    assert (caught.value.retryable, caught.value.outcome) == (True, Outcome.NOT_SENT)


def test_sts_that_is_not_there(ses: LocalSes) -> None:
    source = role(ses).source(REGION)
    ses.stop()
    with pytest.raises(ConnectFailed, match="nobody answers there") as caught:
        source.fetch()

    assert (caught.value.retryable, caught.value.outcome, caught.value.stage) == (True, Outcome.NOT_SENT, "auth")


# ── threads and processes ────────────────────────────────────────────────────────────────────────────────────────────


def test_many_threads_assume_a_role_once(ses: LocalSes, heard: list[str]) -> None:
    ses.add_role(ROLE, external_id="4711")
    source = role(ses).source(REGION)
    with ThreadPoolExecutor(32) as pool:
        keys = list(pool.map(lambda _: source.fetch(), range(64)))

    assert len(set(keys)) == 1
    assert heard == ["AssumeRole"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_child_fetches_for_itself(ses: LocalSes, heard: list[str]) -> None:
    """A thread of the parent may hold the lock when it forks, and the child would wait for ever."""
    ses.add_role(ROLE, external_id="4711")
    source: Any = role(ses).source(REGION)
    source.fetch()
    lock: threading.Lock = source._chain.get()._lock
    lock.acquire()
    child = os.fork()
    if child == 0:
        status = 1
        signal.alarm(20)  # a child that waits for ever would outlive this test
        try:
            status = 0 if source.fetch().token else 2
        finally:
            os._exit(status)
    lock.release()
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert heard == ["AssumeRole", "AssumeRole"]
