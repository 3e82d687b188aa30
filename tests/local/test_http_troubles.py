"""Troubles by HTTP: a client of boto3 in the box when it fails in every way that SES fails, and the ledger after it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError

from sesmail.local import LocalSes
from sesmail.local.trouble import Kind
from tests.clients.boto import Client

MAIL = {
    "FromEmailAddress": "shop@shop.example",
    "Destination": {"ToAddresses": ["ada@example.org"]},
    "Content": {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}},
}


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e6) as ses:
        ses.identity("shop.example").verify()
        yield ses


@pytest.fixture
def v2(ses: LocalSes) -> Iterator[Client]:
    yield from _client(ses, "sesv2")


@pytest.fixture
def v1(ses: LocalSes) -> Iterator[Client]:
    yield from _client(ses, "ses")


def _client(ses: LocalSes, service: str, **config: object) -> Iterator[Client]:
    import boto3

    once = Config(retries={"total_max_attempts": 1}, **config)
    made = boto3.client(service, config=once, **ses.client_options)
    yield made
    made.close()


def refusal(client: Client) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        client.send_email(**MAIL)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_what_ses_refuses_is_not_taken(ses: LocalSes, v2: Client) -> None:
    ses.chaos.throttle()
    ses.chaos.quota()
    ses.chaos.unavailable()
    ses.chaos.unavailable(500)
    ses.chaos.expire_credentials()

    assert [refusal(v2)[:2] for _ in range(5)] == [
        ("TooManyRequestsException", 429),
        ("LimitExceededException", 400),
        ("ServiceUnavailable", 503),
        ("InternalServiceErrorException", 500),
        ("ExpiredTokenException", 403),
    ]
    assert ses.sent == ()
    v2.send_email(**MAIL)
    assert len(ses.sent) == 1


def test_v1_says_it_in_its_own_words(ses: LocalSes, v1: Client) -> None:
    mail = {
        "Source": "shop@shop.example",
        "Destination": MAIL["Destination"],
        "Message": MAIL["Content"]["Simple"],  # type: ignore[index]
    }
    ses.chaos.throttle()
    ses.chaos.quota()
    ses.chaos.unavailable()
    said = []
    for _ in range(3):
        with pytest.raises(ClientError) as caught:
            v1.send_email(**mail)
        said.append((caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]))

    assert said == [
        ("Throttling", "Maximum sending rate exceeded."),
        ("Throttling", "Daily message quota exceeded."),
        ("ServiceUnavailable", "Service is temporarily unavailable."),
    ]


def test_a_trouble_of_sends_leaves_other_calls_alone(ses: LocalSes, v2: Client) -> None:
    ses.chaos.throttle()

    assert v2.get_account()["SendQuota"]["SentLast24Hours"] == 0
    assert refusal(v2)[0] == "TooManyRequestsException"


def test_a_call_that_is_no_send_is_throttled_as_such(ses: LocalSes, v2: Client) -> None:
    ses.chaos.throttle(on="GetAccount")
    v2.send_email(**MAIL)
    with pytest.raises(ClientError, match="Rate exceeded"):
        v2.get_account()

    assert v2.get_account()["SendQuota"]["SentLast24Hours"] == 1


@pytest.mark.parametrize(("when", "taken"), [("before", 0), ("after", 1)])
def test_a_connection_is_reset_before_or_after_the_mail_was_taken(
    ses: LocalSes, v2: Client, when: str, taken: int
) -> None:
    ses.chaos.reset(when=when)
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        v2.send_email(**MAIL)

    assert len(ses.sent) == taken
    assert v2.get_account()["SendQuota"]["SentLast24Hours"] == taken


@pytest.mark.parametrize("at", [0, 1, 15, 200])
def test_an_answer_is_cut_after_so_many_bytes(ses: LocalSes, v2: Client, at: int) -> None:
    ses.chaos.cut_answer(at)
    with pytest.raises(HTTPClientError):
        v2.send_email(**MAIL)

    assert len(ses.sent) == 1


@pytest.mark.parametrize("at", [0, 1, 100, 500])
def test_a_request_is_cut_after_so_many_bytes(ses: LocalSes, v2: Client, at: int) -> None:
    ses.chaos.cut_request(at)
    with pytest.raises(HTTPClientError):
        v2.send_email(**MAIL)

    assert ses.sent == ()
    v2.send_email(**MAIL)
    assert len(ses.sent) == 1


def test_the_control_and_links_always_work(ses: LocalSes, v2: Client) -> None:
    ses.chaos.cut_request(0, times=None)
    with pytest.raises(HTTPClientError):
        v2.get_account()
    with urlopen(Request(f"{ses.url}/_sesmail/chaos", method="DELETE"), timeout=10) as done:
        assert done.status == 200

    assert v2.get_account()


def test_noise_is_no_answer(ses: LocalSes, v2: Client) -> None:
    ses.chaos.garble()
    with pytest.raises(HTTPClientError):
        v2.send_email(**MAIL)

    assert len(ses.sent) == 1


def test_a_slow_answer_comes_late_and_others_do_not_wait_for_it(ses: LocalSes, v2: Client) -> None:
    ses.chaos.slow(30)
    for hasty in _client(ses, "sesv2", read_timeout=0.2):
        with pytest.raises(ReadTimeoutError):
            hasty.send_email(**MAIL)

    assert len(ses.sent) == 1
    assert v2.get_account()["SendQuota"]["SentLast24Hours"] == 1


def test_a_slow_answer_is_whole(ses: LocalSes, v2: Client) -> None:
    ses.chaos.slow(0.1)
    before = time.monotonic()
    answer = v2.send_email(**MAIL)

    assert time.monotonic() - before >= 0.1
    assert answer["MessageId"] == ses.sent[-1].message_id


def test_a_refusal_too_comes_over_the_bad_line(ses: LocalSes, v2: Client) -> None:
    ses.account.quota = 0
    ses.chaos.reset(when="after")
    with pytest.raises(HTTPClientError):
        v2.send_email(**MAIL)

    assert refusal(v2)[2] == "Daily message quota exceeded."


def test_what_happened_can_be_looked_at(ses: LocalSes, v2: Client) -> None:
    ses.chaos.throttle()
    refusal(v2)

    assert [(mishap.trouble.kind, mishap.step) for mishap in ses.chaos.happened] == [(Kind.THROTTLE, "SendEmail")]
