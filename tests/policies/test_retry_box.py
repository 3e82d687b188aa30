"""Retry in front of SES in a box: real answers over real sockets, and the ledger of what SES took."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sesmail.errors import Outcome, QuotaExceeded, SendError, Throttled
from sesmail.local import LocalSes
from sesmail.mail.outgoing import SendResult
from sesmail.policies.budget import Budget
from sesmail.policies.retry import Retry
from sesmail.policies.retry.retry import OnUnknown
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesSmtpTransport, SesTransport
from sesmail.transports.base import Transport
from tests.policies.stepping import StillClock, outgoing

READER = "success@simulator.amazonses.com"


@pytest.fixture(scope="module")
def box() -> Iterator[LocalSes]:
    with LocalSes(smtp=True, region="eu-west-1", sandbox=False, rate=1000) as ses:
        ses.identity("example.com").verify()
        yield ses


@pytest.fixture(params=["direct", "smtp"])
def way(request: pytest.FixtureRequest, box: LocalSes) -> Iterator[Transport]:
    box.forget()
    box.chaos.clear()
    transport: Transport
    if request.param == "smtp":
        door = box.smtp
        transport = SesSmtpTransport(
            "eu-west-1", user=door.user, password=door.password, host=door.host, port=door.port, ca_file=door.ca_file
        )
    else:
        keys = Credentials(access_key="AKIASESMAILLOCALBOX0", secret_key="any")
        transport = SesTransport("eu-west-1", client="direct", credentials=keys, endpoint_url=box.url)
    yield transport
    transport.close()


class Colours:
    """The same, now and awaited."""

    def __init__(self, way: Transport, on_unknown: OnUnknown = "raise") -> None:
        self.clock = StillClock()
        budget = Budget(capacity=100, clock=self.clock)
        self._retry = Retry(way, clock=self.clock, budget=budget, on_unknown=on_unknown)

    def send(self, *, awaited: bool) -> SendResult:
        mail = outgoing([READER])
        return asyncio.run(self._awaited(mail)) if awaited else self._retry.send(mail)

    async def _awaited(self, mail: object) -> SendResult:
        try:
            return await self._retry.asend(mail)  # type: ignore[arg-type]
        finally:
            await self._retry.aclose()


def taken(box: LocalSes) -> int:
    """How many mails SES took."""
    return len(box.sent)


COLOURS = pytest.mark.parametrize("awaited", [False, True])


@COLOURS
def test_a_503_and_a_throttle_are_overcome_and_one_mail_is_in_the_ledger(
    box: LocalSes, way: Transport, awaited: bool
) -> None:
    box.chaos.unavailable(503)
    box.chaos.throttle()
    colours = Colours(way)
    result = colours.send(awaited=awaited)
    assert not result.failed
    assert [mail.message_id for mail in box.sent] == [result.message_id]
    fault, throttle = colours.clock.slept
    assert 0 <= fault < 1
    assert 2 <= throttle < 4


@COLOURS
def test_a_lost_answer_makes_a_second_copy_only_on_request(box: LocalSes, way: Transport, awaited: bool) -> None:
    box.chaos.reset(when="after")
    with pytest.raises(SendError) as raised:
        Colours(way).send(awaited=awaited)
    assert raised.value.outcome is Outcome.UNKNOWN
    assert taken(box) == 1

    box.forget()
    box.chaos.reset(when="after")
    result = Colours(way, "resend").send(awaited=awaited)
    assert taken(box) == 2
    assert result.message_id == box.sent[1].message_id
    assert isinstance(result.recipients[0].error, SendError)
    assert result.recipients[0].error.outcome is Outcome.UNKNOWN


@COLOURS
def test_a_throttle_that_lasts_is_raised_as_a_throttle(box: LocalSes, way: Transport, awaited: bool) -> None:
    box.chaos.throttle(times=3)
    with pytest.raises(Throttled):
        Colours(way).send(awaited=awaited)
    assert not box.sent


@COLOURS
def test_the_quota_of_a_day_is_raised_at_once(box: LocalSes, way: Transport, awaited: bool) -> None:
    box.chaos.quota()
    colours = Colours(way)
    with pytest.raises(QuotaExceeded):
        colours.send(awaited=awaited)
    assert not colours.clock.slept
    assert not box.sent
