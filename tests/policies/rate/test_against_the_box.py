"""Once for real: real threads and tasks, real connections, the machine's clock, and a limiter as SES has it.

SESMAIL_RATE_SECONDS makes each run longer. With ``-s`` the figures are printed.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from sesmail.errors import Throttled
from sesmail.local import LocalSes
from sesmail.local.call import Call
from sesmail.local.faults import Fault
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.mail.outgoing import Outgoing
from sesmail.policies.rate.bucket import Pace
from sesmail.policies.rate.rate_limit import RateLimit
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesTransport
from tests.policies.stepping import outgoing, people

pytestmark = pytest.mark.heavy

RATE = 14
SECONDS = float(os.environ.get("SESMAIL_RATE_SECONDS", "1.6"))
PACE = Pace.of(RATE * 0.9)
MAILS = int(PACE.burst + PACE.rate * SECONDS)
KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)


class Heard:
    """What the box was asked, and what it refused."""

    def __init__(self) -> None:
        self.asked = 0
        self.faults: list[Fault] = []

    def __call__(self, call: Call | None, fault: Fault | None) -> None:
        self.asked += call is not None and call.operation == "GetAccount"
        if fault is not None:
            self.faults.append(fault)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def ses(heard: Heard) -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=50_000, rate=RATE, on_call=heard) as ses:
        ses.identity("example.com").verify()
        yield ses


def way_to(ses: LocalSes) -> SesTransport:
    return SesTransport(region="us-east-1", client="direct", credentials=KEYS, endpoint_url=ses.url)


def figures(name: str, ses: LocalSes, heard: Heard, began: float) -> None:
    """Nothing was refused, and nearly all of the rate was used."""
    sent = sorted((mail.at, len(mail.recipients)) for mail in ses.sent)
    busiest = max(sum(n for at, n in sent if start <= at <= start + 1) for start, _ in sent)
    span = sent[-1][0] - sent[0][0]
    paid = sum(n for _, n in sent[:-1]) + 1 - PACE.burst  # what had to be there before the last one left
    print(
        f"\n{name}: {len(sent)} mails to {sum(n for _, n in sent)} recipients in {time.monotonic() - began:.2f} s, "
        f"busiest second {busiest}, throttles {len(heard.faults)}, used {paid / (PACE.rate * span):.1%} of "
        f"{PACE.rate:g} a second (account: {RATE}), account asked {heard.asked} times"
    )
    assert heard.faults == []
    assert heard.asked == 1


def test_threads_that_send_as_fast_as_they_can_are_never_throttled(ses: LocalSes, heard: Heard) -> None:
    began, mail, left = time.monotonic(), outgoing(), iter(range(MAILS))

    with closing(RateLimit(way_to(ses))) as limited:

        def work() -> None:
            for _ in left:
                limited.send(mail)

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        usage = limited.usage

    figures("16 threads", ses, heard, began)
    assert len(ses.sent) == MAILS
    assert (usage.rate, usage.quota, usage.sent_here) == (RATE, 50_000, MAILS)
    assert usage.sent is not None
    assert usage.sent >= MAILS
    assert time.monotonic() - began < SECONDS + 5


def test_tasks_with_mails_to_several_are_never_throttled(ses: LocalSes, heard: Heard) -> None:
    began, mails, recipients = time.monotonic(), list[Outgoing](), 0
    while recipients < MAILS:
        mails.append(outgoing(people(1 + len(mails) % 3 * 2)))
        recipients += len(mails[-1].envelope.recipients)

    async def send_all() -> None:
        limited = RateLimit(way_to(ses))
        try:
            await asyncio.gather(*[limited.asend(mail) for mail in mails])
        finally:
            await limited.aclose()

    asyncio.run(send_all())

    figures(f"{len(mails)} tasks", ses, heard, began)
    assert len(ses.sent) == len(mails)


def test_without_it_the_same_threads_are_throttled(ses: LocalSes, heard: Heard) -> None:
    """So that the tests above can fail."""
    mail: Outgoing = outgoing()
    refused: list[Any] = []

    with closing(way_to(ses)) as way:

        def work() -> None:
            for _ in range(3):
                try:
                    way.send(mail)
                except Throttled as error:
                    refused.append(error)

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert refused
    assert len(refused) == len(heard.faults)
