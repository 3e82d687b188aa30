"""What SES says of an account: read by both clients, in both colours; and all that keeps it from answering."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sesmail.errors import (
    AccessDenied,
    AccountError,
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    CredentialsExpired,
    CredentialsMissing,
    TimedOut,
)
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_SECRET
from sesmail.policies.account import Account as Asked
from sesmail.ses.account import UNKNOWN, Account, Standing, holder_of
from sesmail.ses.call import ApiFault, Call, Client
from sesmail.ses.credentials import Credentials
from sesmail.ses.question import Question
from tests.ses.asking import MAKERS, Told, awaited, client, now

COLOURS = pytest.mark.parametrize("ask", [now, awaited])
CLIENTS = pytest.mark.parametrize("name", MAKERS)
Ask = Callable[[Question[Any]], Any]
QUESTIONS = pytest.mark.parametrize("question", ["standing", "identities"])


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(check_signatures=True) as ses:
        yield ses


def asked(there: Client, question: str) -> Question[Any]:
    made: Question[Any] = getattr(Account(there), question)()
    return made


def test_it_is_what_policies_ask() -> None:
    there: Asked = Account(Told())
    assert (there.region, there.key) == ("eu-west-1", "default@eu-west-1")


@CLIENTS
@COLOURS
def test_the_sandbox_and_its_limits_are_read(ses: LocalSes, name: str, ask: Ask) -> None:
    there = client(ses, name)
    assert ask(Account(there).standing()) == Standing(production=False, sending=True, rate=1, quota=200, sent=0)
    ses.account.grant_production(quota=5000, rate=28)
    assert ask(Account(there).standing()) == Standing(production=True, sending=True, rate=28, quota=5000, sent=0)
    ses.account.suspend()
    assert ask(Account(there).standing()).sending is False
    there.close()


@pytest.mark.parametrize(
    ("values", "standing"),
    [
        ({}, UNKNOWN),
        ({"SendQuota": None, "SendingEnabled": "yes", "ProductionAccessEnabled": 1}, UNKNOWN),
        ({"SendQuota": {"MaxSendRate": True, "Max24HourSend": "many"}}, UNKNOWN),
        ({"SendQuota": {"Max24HourSend": -1}}, Standing(quota=-1.0)),
        ({"SendingEnabled": False}, Standing(sending=False)),
        ({"EnforcementStatus": "PROBATION", "SendingEnabled": True}, Standing(sending=True)),
        ({"EnforcementStatus": "SHUTDOWN", "SendingEnabled": True}, Standing(sending=False)),
    ],
)
def test_no_member_must_be_there(values: dict[str, object], standing: Standing) -> None:
    assert Account(Told(values)).standing().answer() == standing


@pytest.mark.parametrize(("ask", "count"), [(now, 0), (awaited, 1)])
def test_who_awaits_does_not_block(ask: Ask, count: int) -> None:
    there = Told({}, {})
    ask(Account(there).standing())
    assert there.awaited == count
    ask(Account(there).identities())
    assert there.awaited == 2 * count


# ── who may not ask ──────────────────────────────────────────────────────────────────────────────────────────────


def is_unknown(answer: object) -> bool:
    return answer is None or answer == UNKNOWN


@CLIENTS
@COLOURS
@QUESTIONS
def test_who_is_denied_hears_that_it_is_unknown(ses: LocalSes, name: str, ask: Ask, question: str) -> None:
    ses.allow({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ses:Send*", "Resource": "*"}})
    there = client(ses, name)
    assert is_unknown(ask(asked(there, question)))
    there.close()


@CLIENTS
@QUESTIONS
def test_who_has_wrong_keys_hears_that_it_is_unknown(ses: LocalSes, name: str, question: str) -> None:
    for keys in (("AKIANOBODY", "secret"), ("AKIASESMAILLOCALBOX0", "another")):
        there = client(ses, name, credentials=Credentials(access_key=keys[0], secret_key=keys[1]))
        assert is_unknown(asked(there, question).answer())
        there.close()


@CLIENTS
@QUESTIONS
def test_who_has_no_keys_hears_that_it_is_unknown(
    ses: LocalSes, name: str, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    there = client(ses, name, credentials=Credentials())
    assert is_unknown(asked(there, question).answer())
    there.close()


@QUESTIONS
@COLOURS
@pytest.mark.parametrize(
    "error", [AccessDenied("no role"), AuthFailed("bad keys"), CredentialsMissing("none", looked_in=["env"])]
)
def test_whatever_is_wrong_with_the_keys_it_is_unknown(error: Exception, question: str, ask: Ask) -> None:
    assert is_unknown(ask(asked(Told(error), question)))


# ── what keeps it from being answered ────────────────────────────────────────────────────────────────────────────


@CLIENTS
@COLOURS
@pytest.mark.parametrize("arm", ["throttle", "unavailable", "expire_credentials", "reset", "garble"])
def test_trouble_is_an_account_error_that_may_be_asked_again(ses: LocalSes, name: str, ask: Ask, arm: str) -> None:
    there = client(ses, name)
    question = Account(there).standing()
    getattr(ses.chaos, arm)(on="call")
    with pytest.raises(AccountError) as caught:
        ask(question)

    error = caught.value
    assert error.operation == "GetAccount"
    assert error.retryable
    assert "us-east-1" in str(error)
    assert "mail" not in str(error).replace("email.", "")
    assert DEFAULT_SECRET not in str(error)
    assert type(error.__cause__).__module__.startswith("sesmail.")
    assert ask(question).production is False
    there.close()


@CLIENTS
def test_nobody_at_home_is_an_account_error(name: str) -> None:
    with LocalSes() as ses:
        there = client(ses, name)
    with pytest.raises(AccountError, match="gave no answer to GetAccount") as caught:
        Account(there).standing().answer()
    assert caught.value.retryable
    there.close()


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [
        (
            ConnectFailed("no such host", stage="connect"),
            "SES in eu-west-1 gave no answer to GetAccount (no such host, at connect); it may be asked again",
            "",
        ),
        (
            ConnectionLost("the mail may be out", stage="reply"),
            "SES in eu-west-1 gave no answer to GetAccount (ConnectionLost, at reply); it may be asked again",
            "",
        ),
        (
            TimedOut("the mail may be out"),
            "SES in eu-west-1 gave no answer to GetAccount (TimedOut); it may be asked again",
            "",
        ),
        (
            CredentialsExpired("over", code="ExpiredToken"),
            "SES in eu-west-1 gave no answer to GetAccount (CredentialsExpired); it may be asked again",
            "ExpiredToken",
        ),
    ],
)
def test_a_broken_line_is_told_without_the_words_on_mails(error: Exception, text: str, code: str) -> None:
    with pytest.raises(AccountError) as caught:
        Account(Told(error)).standing().answer()

    assert str(caught.value) == text
    assert (caught.value.retryable, caught.value.code, caught.value.__cause__) == (True, code, error)


def test_what_ses_does_not_know_is_not_asked_again() -> None:
    fault = ApiFault(Call("sesv2", "GetAccount", {}), code="UnknownOperationException", message="", status=404)
    with pytest.raises(AccountError) as caught:
        Account(Told(fault)).standing().answer()
    assert not caught.value.retryable
    assert caught.value.code == "UnknownOperationException"


def test_an_error_that_is_nobodys_passes() -> None:
    with pytest.raises(ZeroDivisionError):
        Account(Told(ZeroDivisionError())).standing().answer()


# ── whose it is ──────────────────────────────────────────────────────────────────────────────────────────────────

ROLE = "arn:aws:iam::123456789012:role/mailer"


@pytest.mark.parametrize(
    ("said", "environment", "holder"),
    [
        ({}, {}, "default"),
        ({}, {"AWS_PROFILE": "shop"}, "shop"),
        ({}, {"AWS_PROFILE": "shop", "AWS_ACCESS_KEY_ID": "AKIA1"}, "AKIA1"),
        ({"profile": "mine"}, {"AWS_ACCESS_KEY_ID": "AKIA1"}, "mine"),
        ({"access_key": "AKIA2", "secret_key": "hidden"}, {"AWS_PROFILE": "shop"}, "AKIA2"),
        ({"profile": "mine", "role_arn": ROLE}, {}, ROLE),
        ({}, {"AWS_ENDPOINT_URL": "http://b", "AWS_ENDPOINT_URL_SESV2": "http://a"}, "default at http://a"),
    ],
)
def test_the_holder_is_what_is_known_without_a_call(
    said: dict[str, str], environment: dict[str, str], holder: str
) -> None:
    assert holder_of(Credentials(**said), environment=environment) == holder  # type: ignore[arg-type]


def test_each_session_of_the_program_is_its_own_holder() -> None:
    one, other = object(), object()
    first = holder_of(Credentials(), session=one, environment={"AWS_PROFILE": "shop"})

    assert first == holder_of(Credentials(), session=one, environment={})
    assert first != holder_of(Credentials(), session=other, environment={})


def test_it_shows_no_secret() -> None:
    keys = Credentials(access_key="AKIA2", secret_key="hidden", session_token="hidden")
    assert repr(Account(Told(), holder=holder_of(keys, environment={}))) == "Account('AKIA2@eu-west-1')"
