"""A Region is lost: two boxes in two Regions, and the first one is stopped, ill, or its answers get lost on their way.

By default nobody gets a mail twice, whatever breaks and where: that is counted over both ledgers.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Self

import pytest
from hypothesis import settings

from sesmail import Outgoing, SendResult
from sesmail.errors import (
    AllFailed,
    ConnectFailed,
    Outcome,
    SendError,
    Throttled,
    Unavailable,
)
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.policies.failover import Failover
from sesmail.policies.round_robin import RoundRobin
from sesmail.ses.credentials import Credentials
from sesmail.testing import CuttingProxy, Plan, cuts
from sesmail.transports import SesSmtpTransport, SesTransport, Transport
from tests.policies.stepping import StillClock, outgoing

pytestmark = pytest.mark.heavy

IRELAND, FRANKFURT = "eu-west-1", "eu-central-1"
KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
PATIENCE: dict[str, Any] = {"connect_timeout_s": 5, "read_timeout_s": 5, "timeout_s": 10}
EVERY = 1 if settings().max_examples >= 1000 else 40  # byte at which a line is cut

Send = Callable[[Outgoing], SendResult]


class Regions:
    """Two boxes, a failover over both, and one loop for those who await."""

    def __init__(self, *, smtp: bool = False) -> None:
        self.clock = StillClock()
        self.boxes = [_box(region, smtp=smtp) for region in (IRELAND, FRANKFURT)]
        self.loop = asyncio.new_event_loop()
        self._stack = ExitStack()
        for box in self.boxes:
            self._stack.enter_context(box)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self.loop.close()

    def failover(
        self, client: Any = "direct", *, first_url: str = "", kind: type[Failover] = Failover, **said: Any
    ) -> Failover:
        ways: list[Transport] = [
            SesTransport(
                region, client=client, credentials=KEYS, endpoint_url=url or box.url, max_connections=1, **PATIENCE
            )
            for region, box, url in zip((IRELAND, FRANKFURT), self.boxes, (first_url, ""), strict=True)
        ]
        return self.of(*ways, kind=kind, **said)

    def of(self, *ways: Transport, kind: type[Failover] = Failover, **said: Any) -> Failover:
        policy = kind(*ways, clock=self.clock, **said)
        self._stack.callback(lambda: self.loop.run_until_complete(policy.aclose()))
        return policy

    def sender(self, policy: Failover, colour: str) -> Send:
        if colour == "now":
            return policy.send
        return lambda mail: self.loop.run_until_complete(policy.asend(mail))

    @property
    def taken(self) -> list[int]:
        """How many mails each Region has taken."""
        return [len(box.sent) for box in self.boxes]

    def copies(self) -> Counter[str]:
        """How often each mail is out, over both ledgers."""
        return Counter(mail.subject for box in self.boxes for mail in box.sent)


def _box(region: str, *, smtp: bool) -> LocalSes:
    box = LocalSes(sandbox=False, quota=-1, rate=1e9, region=region, smtp=smtp)
    box.identity("example.com").verify()
    return box


def mail(number: int) -> Outgoing:
    return outgoing(subject=f"mail {number}")


@pytest.fixture
def regions() -> Iterator[Regions]:
    with Regions() as both:
        yield both


colours = pytest.mark.parametrize("colour", ["now", "awaited"])
clients = pytest.mark.parametrize("client", ["boto3", "direct"])


@colours
@clients
def test_the_first_mail_after_the_circuit_opens_does_not_touch_the_region_that_is_ill(
    regions: Regions, colour: str, client: str
) -> None:
    policy = regions.failover(client)
    send = regions.sender(policy, colour)
    ill = regions.boxes[0].chaos
    ill.unavailable(times=None)
    results = [send(mail(number)) for number in range(8)]

    assert [len(ill.happened), *regions.taken] == [5, 0, 8]
    assert all(one.message_id_header.endswith(f"@{FRANKFURT}.amazonses.com>") for one in results)
    assert {one.transport for one in results} == {"ses"}
    assert policy.health[0].last_error == "Unavailable"

    ill.clear()
    regions.clock.time += 29
    send(mail(8))
    assert regions.taken == [0, 9], "it rests"
    regions.clock.time += 1
    send(mail(9))
    send(mail(10))

    assert regions.taken == [2, 9], "the first one after its rest tried it, and it is well again"
    assert set(regions.copies().values()) == {1}


@colours
@clients
def test_a_region_that_is_gone_is_left_alone_too(regions: Regions, colour: str, client: str) -> None:
    policy = regions.failover(client, failures=2)
    send = regions.sender(policy, colour)
    send(mail(0))
    regions.boxes[0].stop()
    ended = [_outcome(send, mail(number)) for number in range(1, 6)]

    # A line that was kept open may break when the mail has left already. Then nobody knows, and it stays.
    assert ended[1:] == [Outcome.SENT] * 4
    assert ended[0] in (Outcome.SENT, Outcome.UNKNOWN)
    assert policy.health[0].is_open
    assert policy.health[0].last_error in ("ConnectFailed", "ConnectionLost")
    assert max(regions.copies().values()) == 1


def _outcome(send: Send, outgoing: Outgoing) -> Outcome:
    try:
        (one,) = send(outgoing).recipients
    except SendError as error:
        return error.outcome
    return one.outcome


@colours
@clients
def test_an_account_that_is_paused_is_asked_once(regions: Regions, colour: str, client: str) -> None:
    policy = regions.failover(client)
    send = regions.sender(policy, colour)
    regions.boxes[0].account.suspend()
    for number in range(3):
        assert send(mail(number)).failed == ()

    assert regions.taken == [0, 3]
    assert (policy.health[0].faults, policy.health[0].last_error) == (1, "SendingPaused")


@colours
@pytest.mark.parametrize(
    ("trouble", "kind"),
    [("throttle", Throttled), ("quota", SendError), ("expire_credentials", SendError), ("unavailable", Unavailable)],
)
def test_whatever_the_box_says_before_it_takes_a_mail_moves_it_on(
    regions: Regions, colour: str, trouble: str, kind: type[SendError]
) -> None:
    policy = regions.failover()
    for box in regions.boxes:
        getattr(box.chaos, trouble)(times=1)
    with pytest.raises(AllFailed) as caught:
        regions.sender(policy, colour)(mail(0))

    assert [isinstance(one, kind) for one in caught.value.exceptions] == [True, True]
    assert regions.taken == [0, 0]


@colours
@clients
def test_a_mail_that_the_first_region_refuses_stays_refused(regions: Regions, colour: str, client: str) -> None:
    policy = regions.failover(client)
    refused = outgoing(sender="shop@nobody.example")
    regions.boxes[1].identity("nobody.example").verify()
    with pytest.raises(SendError) as caught:
        regions.sender(policy, colour)(refused)

    assert caught.value.outcome is Outcome.REFUSED
    assert (regions.taken, policy.health[0].faults) == ([0, 0], 0)


@colours
@clients
@pytest.mark.parametrize("arm", ["reset", "cut_answer", "garble"])
def test_an_answer_that_got_lost_makes_no_duplicate(regions: Regions, colour: str, client: str, arm: str) -> None:
    policy = regions.failover(client)
    send = regions.sender(policy, colour)
    getattr(regions.boxes[0].chaos, arm)(*([20] if arm == "cut_answer" else []), times=None)
    for number in range(8):
        _outcome(send, mail(number))

    assert regions.taken == [5, 3], "five are out and nobody knows it, and the next ones went elsewhere"
    assert set(regions.copies().values()) == {1}


@colours
def test_with_resend_it_does_and_each_is_told(regions: Regions, colour: str) -> None:
    policy = regions.failover(on_unknown="resend")
    send = regions.sender(policy, colour)
    regions.boxes[0].chaos.reset(when="after", times=2)
    results = [send(mail(number)) for number in range(4)]

    assert regions.copies() == {"mail 0": 2, "mail 1": 2, "mail 2": 1, "mail 3": 1}
    assert [one.recipients[0].error is not None for one in results] == [True, True, False, False]


@colours
@clients
@pytest.mark.parametrize("kind", [Failover, RoundRobin])
def test_wherever_the_line_is_cut_nobody_gets_it_twice(
    regions: Regions, colour: str, client: str, kind: type[Failover]
) -> None:
    first = regions.boxes[0]
    host, _, port = first.url.rpartition("//")[2].partition(":")
    plans = _plans(regions, client, host, int(port))
    first.forget()
    ended: list[Outcome] = []
    with CuttingProxy(host, int(port), plans) as proxy:
        policy = regions.failover(client, first_url=f"http://{proxy.host}:{proxy.port}", kind=kind, failures=10**6)
        send = regions.sender(policy, colour)
        while len(proxy.passages) < len(plans):
            ended.append(_outcome(send, mail(len(ended))))
        regions.loop.run_until_complete(policy.aclose())

    copies = regions.copies()
    told = Counter(ended)
    assert max(copies.values()) == 1
    assert {Outcome.SENT, Outcome.UNKNOWN} == told.keys(), "what surely was not sent went the other way"
    for number, outcome in enumerate(ended):
        assert outcome is Outcome.UNKNOWN or copies[f"mail {number}"] == 1


def _plans(regions: Regions, client: str, host: str, port: int) -> list[Plan]:
    with CuttingProxy(host, port) as proxy:
        policy = regions.failover(client, first_url=f"http://{proxy.host}:{proxy.port}")
        policy.send(mail(0))
        policy.close()
        proxy.join()
        return list(cuts(proxy.passages[0], by=["reset"], step=EVERY))


@colours
def test_a_mail_that_smtp_could_not_hand_over_goes_by_the_api(colour: str) -> None:
    with Regions(smtp=True) as regions:
        door = regions.boxes[0].smtp
        smtp = SesSmtpTransport(
            IRELAND, user=door.user, password=door.password, host=door.host, port=door.port, ca_file=door.ca_file
        )
        api = SesTransport(FRANKFURT, client="direct", credentials=KEYS, endpoint_url=regions.boxes[1].url)
        policy = regions.of(smtp, api, failures=3)
        send = regions.sender(policy, colour)
        regions.boxes[0].chaos.reply(421, "4.3.0 Not now", on="mail", times=None)
        results = [send(mail(number)) for number in range(5)]

        assert {one.transport for one in results} == {"ses"}
        assert (regions.taken, len(regions.boxes[0].chaos.happened)) == ([0, 5], 3)
        regions.boxes[0].chaos.clear()
        regions.clock.time += 30
        assert send(mail(5)).transport == "ses+smtp"
        assert regions.taken == [1, 5]


def test_both_are_gone_and_the_error_says_it_of_each(regions: Regions) -> None:
    policy = regions.failover(failures=1)
    for box in regions.boxes:
        box.stop()
    with pytest.raises(AllFailed) as caught:
        policy.send(mail(0))
    assert [type(one) for one in caught.value.exceptions] == [ConnectFailed, ConnectFailed]
    with pytest.raises(AllFailed) as caught:
        policy.send(mail(1))

    assert [type(one) for one in caught.value.exceptions] == [ConnectFailed, Unavailable]
    assert (caught.value.retryable, caught.value.outcome) == (True, Outcome.NOT_SENT)
