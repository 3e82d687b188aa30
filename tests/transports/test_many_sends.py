"""Ten thousand sends by each way, a hundred thousand in ``make soak``: in the second half nothing grows any more."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sesmail import AsyncMailer, Mailer
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.mailer.reports import MailFields
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesSmtpTransport, SesTransport, Transport

pytestmark = pytest.mark.heavy

SENDS = int(os.environ.get("SESMAIL_SENDS", "10000"))
_HALF = SENDS // 2  # until everything is imported, cached and open, and malloc has its arenas
_GROWTH_MB = 2.0  # of a process that does nothing else; a leak of 1 kB a send is 5, or 50
_AT_ONCE = 4

needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to look at")


@pytest.fixture(scope="module")
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e9, keep=10, smtp=True) as ses:
        ses.identity("example.com").verify()
        yield ses


def by_api(ses: LocalSes, client: str) -> Transport:
    keys = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
    return SesTransport("us-east-1", client=client, credentials=keys, endpoint_url=ses.url)  # type: ignore[arg-type]


def by_smtp(ses: LocalSes) -> Transport:
    door = ses.smtp
    return SesSmtpTransport(
        "us-east-1", user=door.user, password=door.password, host=door.host, port=door.port, ca_file=door.ca_file
    )


def mail(number: int) -> MailFields:
    return {"to": f"reader{number}@example.org", "subject": f"News {number}", "text": "There is new tea."}


def held(send: Callable[[int], int], ses: LocalSes) -> None:
    """Send one half, look, send the other, and look again."""
    total = ses.box.ledger.total
    assert send(_HALF) == _HALF
    before, open_before = _memory_mb(), _descriptors()

    assert send(_HALF) == _HALF
    assert ses.box.ledger.total - total == 2 * _HALF, "each mail once"
    assert _descriptors() <= open_before + 2
    assert _memory_mb() - before < _GROWTH_MB


def _memory_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@needs_proc
@pytest.mark.parametrize("way", ["boto3", "direct", "SMTP"])
def test_many_sends_in_threads(ses: LocalSes, way: str) -> None:
    transport = by_smtp(ses) if way == "SMTP" else by_api(ses, way)
    with Mailer(transport, sender="shop@example.com") as mailer:
        held(lambda count: mailer.send_many(map(mail, range(count)), concurrency=_AT_ONCE).sent, ses)


@needs_proc
@pytest.mark.parametrize("way", ["direct", "SMTP"])
def test_many_sends_awaited(ses: LocalSes, way: str) -> None:
    transport = by_smtp(ses) if way == "SMTP" else by_api(ses, way)

    async def main() -> None:
        async with AsyncMailer(transport, sender="shop@example.com") as mailer:
            loop = asyncio.get_running_loop()

            async def send(count: int) -> int:
                report = await mailer.send_many(map(mail, range(count)), concurrency=_AT_ONCE)
                return report.sent

            await asyncio.to_thread(
                held, lambda count: asyncio.run_coroutine_threadsafe(send(count), loop).result(), ses
            )

    asyncio.run(main())
