"""What tests and programs put in the place of SES, or on the way to it: moto, stubbers, hooks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends

from sesmail.errors import ConnectFailed, Outcome, SendError, SetupError
from sesmail.local import LocalSes
from sesmail.ses.call import ApiFault, Call
from sesmail.ses.calls import Api
from sesmail.ses.client.boto import BotoClient

from .asking import REGION, Ask, both_colours, send

ONE = Config(retries={"total_max_attempts": 1})


# ── moto ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def mocked() -> Iterator[Any]:
    """moto gives a program keys of its own, and an account."""
    with mock_aws():
        boto3.client("sesv2", region_name=REGION).create_email_identity(EmailIdentity="example.com")
        yield ses_backends[DEFAULT_ACCOUNT_ID][REGION]


@both_colours
@pytest.mark.parametrize("api", ["v2", "v1"])
def test_moto_gets_the_mail(mocked: Any, ask: Ask, api: Api) -> None:
    boto = BotoClient(service="sesv2" if api == "v2" else "ses", region=REGION)
    reply = ask(boto, send(api))
    boto.close()

    (message,) = mocked.sent_messages
    assert message.id == reply.values["MessageId"]
    assert "Hello Ada" in message.raw_data


@both_colours
def test_a_client_that_was_built_before_moto_began_is_mocked_too(ask: Ask) -> None:
    boto = BotoClient(region=REGION)
    with mock_aws():
        boto3.client("sesv2", region_name=REGION).create_email_identity(EmailIdentity="example.com")
        ask(boto, send())
        assert len(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages) == 1
    boto.close()


@both_colours
def test_a_refusal_of_moto_is_a_fault(mocked: Any, ask: Ask) -> None:
    boto = BotoClient(region=REGION)
    with pytest.raises(ApiFault, match="MessageRejected"):
        ask(boto, send(sender="eve@example.net"))
    boto.close()


def test_what_moto_has_not_is_said_by_moto(mocked: Any) -> None:
    boto = BotoClient(region=REGION)
    with pytest.raises(NotImplementedError):
        boto.call(Call("sesv2", "PutAccountDetails", {"MailType": "MARKETING", "WebsiteURL": "https://example.com"}))
    boto.close()


# ── stubbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def given() -> Iterator[Any]:
    made = boto3.client(
        "sesv2", region_name=REGION, aws_access_key_id="AKIA", aws_secret_access_key="secret", config=ONE
    )
    yield made
    made.close()


@both_colours
def test_a_stubber_answers_in_place_of_ses(given: Any, ask: Ask) -> None:
    with Stubber(given) as stubber:
        expected = {"Content": {"Raw": {"Data": ANY}}, "Destination": {"ToAddresses": ["ada@example.org"]}}
        stubber.add_response("send_email", {"MessageId": "42"}, expected)
        stubber.add_response("send_email", {}, expected)
        stubber.add_client_error("send_email", "TooManyRequestsException", "Maximum sending rate exceeded.", 429)
        reply = ask(BotoClient(client=given), send())
        assert ask(BotoClient(client=given), send()).values == {}, "which only a stubber may say"
        with pytest.raises(ApiFault) as caught:
            ask(BotoClient(client=given), send())
        stubber.assert_no_pending_responses()

    assert (reply.values, reply.request_id) == ({"MessageId": "42"}, "")
    assert (caught.value.code, caught.value.status) == ("TooManyRequestsException", 429)
    assert caught.value.message == "Maximum sending rate exceeded."


@both_colours
def test_what_a_stubber_did_not_expect_is_said(given: Any, ask: Ask) -> None:
    boto = BotoClient(client=given)
    with Stubber(given) as stubber:
        with pytest.raises(SetupError, match="the Stubber in place of SES did not expect this SendEmail"):
            ask(boto, send())
        stubber.add_response("send_email", {}, {"Content": {"Raw": {"Data": b"another"}}})
        with pytest.raises(SetupError, match="its words are in the cause") as caught:
            ask(boto, send(text="hunter2-planted"))

    assert "hunter2" not in f"{caught.value} {caught.value!r}"
    assert type(caught.value.__cause__).__name__ == "StubAssertionError"


# ── hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@both_colours
def test_hooks_of_a_client_are_called(ses: LocalSes, ask: Ask) -> None:
    given = boto3.client("sesv2", config=ONE, **ses.client_options)
    seen: list[str] = []
    for event in ("provide-client-params", "before-call", "before-send", "after-call"):
        given.meta.events.register(f"{event}.sesv2.SendEmail", lambda event_name, **_: seen.append(event_name))
    ask(BotoClient(client=given), send())
    given.close()

    assert [name.partition(".")[0] for name in seen] == [
        "provide-client-params",
        "before-call",
        "before-send",
        "after-call",
    ]


@both_colours
def test_hooks_of_a_session_are_called_and_may_change_what_is_sent(ses: LocalSes, ask: Ask) -> None:
    keys = {name: value for name, value in ses.client_options.items() if name != "endpoint_url"}
    session = boto3.Session(**keys)
    boto = BotoClient(session=session, endpoint_url=ses.url)
    session.events.register("provide-client-params.sesv2.SendEmail", _tagged)  # after it was built, before it was used
    ask(boto, send())
    boto.close()

    assert ses.sent[0].tags["by"] == "a-hook"


def _tagged(params: dict[str, Any], **_: object) -> dict[str, Any]:
    return {**params, "EmailTags": [{"Name": "by", "Value": "a-hook"}]}


@both_colours
def test_what_a_hook_raises_is_the_programs_own(ses: LocalSes, ask: Ask) -> None:
    given = boto3.client("sesv2", config=ONE, **ses.client_options)
    given.meta.events.register("before-send.sesv2", _raise_key_error)
    with pytest.raises(KeyError, match="of a hook"):
        ask(BotoClient(client=given), send())
    given.close()


def _raise_key_error(**_: object) -> None:
    raise KeyError("of a hook")


# A hook that is called when SES has answered, and asks somebody else who is not there: what it says is not of the mail.


def _elsewhere(**settings: Any) -> Any:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    return boto3.client("sesv2", REGION, endpoint_url="http://127.0.0.1:1", config=config, **settings)


def _no_connection(**_: object) -> None:
    _elsewhere(aws_access_key_id="A", aws_secret_access_key="b").get_account()


def _no_keys(**_: object) -> None:
    _elsewhere().get_account()


def _refused(**_: object) -> None:
    raise ClientError({"Error": {"Code": "MessageRejected", "Message": "of another mail"}}, "SendEmail")


def _not_sent(**_: object) -> None:
    raise ConnectFailed("another mail")


@pytest.mark.parametrize("event", ["before-parse", "response-received", "needs-retry", "after-call"])
@pytest.mark.parametrize("hook", [_no_connection, _no_keys, _refused, _not_sent])
def test_what_fails_in_a_late_hook_says_nothing_of_the_mail(
    ses: LocalSes, monkeypatch: pytest.MonkeyPatch, event: str, hook: Any
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    given = boto3.client("sesv2", config=ONE, **ses.client_options)
    given.meta.events.register(f"{event}.sesv2.SendEmail", hook)
    with pytest.raises(SendError, match="a hook failed when SES may have answered already") as caught:
        BotoClient(client=given).call(send())
    given.close()

    assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (Outcome.UNKNOWN, False, "reply")
    assert len(ses.sent) == 1


def test_what_fails_in_a_hook_after_a_failure_says_nothing_of_the_mail(ses: LocalSes) -> None:
    ses.chaos.reset(when="after")
    given = boto3.client("sesv2", config=ONE, **ses.client_options)
    given.meta.events.register("after-call-error.sesv2.SendEmail", _not_sent)
    with pytest.raises(SendError, match="a hook failed when SES may have answered already") as caught:
        BotoClient(client=given).call(send())
    given.close()

    assert caught.value.outcome is Outcome.UNKNOWN
    assert len(ses.sent) == 1


@both_colours
def test_an_early_hook_may_say_that_nothing_is_sent(ses: LocalSes, ask: Ask) -> None:
    given = boto3.client("sesv2", config=ONE, **ses.client_options)
    given.meta.events.register("before-send.sesv2.SendEmail", _not_sent)
    with pytest.raises(ConnectFailed, match="another mail"):
        ask(BotoClient(client=given), send())
    given.close()

    assert not ses.sent


@both_colours
def test_what_a_late_hook_raises_of_its_own_stays_its_own(ses: LocalSes, ask: Ask) -> None:
    given = boto3.client("sesv2", config=ONE, **ses.client_options)
    given.meta.events.register("after-call.sesv2.SendEmail", _raise_key_error)
    with pytest.raises(KeyError, match="of a hook"):
        ask(BotoClient(client=given), send())
    given.close()


@both_colours
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_what_botocores_own_hooks_raise_again_is_known(ask: Ask, mode: str) -> None:
    """In its mode ``legacy``, the failure of a connection is raised by a hook, for whether to try again."""
    config = Config(retries={"total_max_attempts": 1, "mode": mode})
    keys = {"aws_access_key_id": "A", "aws_secret_access_key": "b"}
    given = boto3.client("sesv2", REGION, endpoint_url="http://127.0.0.1:1", config=config, **keys)
    with pytest.raises(ConnectFailed) as caught:
        ask(BotoClient(client=given), send())
    given.close()

    assert caught.value.outcome is Outcome.NOT_SENT
