"""Connections: how many there are, how long they are kept, and who shares them: threads, loops, processes, and tasks
that are cancelled.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from sesmail import AsyncMailer, Mailer
from sesmail.errors import Outcome, TimedOut
from sesmail.local import LocalSes
from sesmail.testing import HostileSmtp
from sesmail.transports.smtp.transport import SmtpTransport
from tests.transports.smtp.places import Tls, closing, to_box, to_server
from tests.transports.smtp.talking import ADA, BOB, FROM, HELLO, STEP, Foreign, error_of, outgoing

MANY, FEW = 64, 4
ROOT = Path(__file__).parents[3]


def reader(number: int) -> str:
    return f"reader{number}@example.org"


# ── how many, and how long ───────────────────────────────────────────────────────────────────────────────────────


def test_64_threads_share_few_connections_and_each_gets_its_own_answer(tls: Tls) -> None:
    with HostileSmtp(tls=tls.context) as server:
        there = to_server(server, tls="starttls", ca_file=tls.ca_file, max_connections=FEW)
        with Mailer(there, sender=FROM) as mailer, ThreadPoolExecutor(MANY) as pool:
            results = list(pool.map(lambda number: mailer.send(to=reader(number), text="Hi"), range(2 * MANY)))

    assert [list(result.by_recipient) for result in results] == [[reader(number)] for number in range(2 * MANY)]
    assert Counter(mail.recipients for mail in server.messages) == Counter([(reader(n),) for n in range(2 * MANY)])
    assert server.connections <= FEW, "as many handshakes at most"


def test_64_tasks_share_few_connections_and_each_gets_its_own_answer(tls: Tls) -> None:
    async def main(there: SmtpTransport) -> list[list[str]]:
        async with AsyncMailer(there, sender=FROM) as mailer:
            results = await asyncio.gather(*[mailer.send(to=reader(number), text="Hi") for number in range(2 * MANY)])
            return [list(result.by_recipient) for result in results]

    with HostileSmtp(tls=tls.context) as server:
        there = to_server(server, tls="starttls", ca_file=tls.ca_file, max_connections=FEW)
        results = asyncio.run(main(there))

    assert results == [[reader(number)] for number in range(2 * MANY)]
    assert Counter(mail.recipients for mail in server.messages) == Counter([(reader(n),) for n in range(2 * MANY)])
    assert server.connections <= FEW


def test_a_connection_is_opened_anew_behind_so_many_mails() -> None:
    with HostileSmtp() as server:
        with closing(to_server(server, messages_per_connection=3)) as transport:
            for _ in range(7):
                transport.send(outgoing(ADA))
        server.join()

    assert server.connections == 3
    assert Counter(mail.connection for mail in server.messages) == {0: 3, 1: 3, 2: 1}
    assert [command.step for command in server.commands].count("quit") == 3, "each is left in order"


def test_a_connection_that_was_idle_for_long_is_left() -> None:
    with HostileSmtp() as server, closing(to_server(server, idle_s=0.02)) as transport:
        transport.send(outgoing(ADA))
        sleep(0.05)
        transport.send(outgoing(ADA))

    assert server.connections == 2


def test_a_box_that_sends_idle_clients_away_is_no_trouble() -> None:
    from sesmail.local.smtp.options import SmtpOptions

    with LocalSes(sandbox=False, quota=-1, rate=1e9, smtp=SmtpOptions(idle_s=0.05)) as ses:
        ses.identity("example.com").verify()
        with closing(to_box(ses)) as transport:
            for _ in range(3):
                assert transport.send(outgoing(ADA)).failed == ()
                sleep(0.15)
        assert len(ses.sent) == 3


def test_who_waits_too_long_for_a_connection_is_told() -> None:
    go_on = threading.Event()

    class Slow(Foreign):
        def chunks(self) -> Iterator[bytes]:
            yield HELLO
            go_on.wait(10)

    with (
        HostileSmtp() as server,
        closing(to_server(server, max_connections=1, timeout_s=0.2)) as transport,
        ThreadPoolExecutor(1) as pool,
    ):
        slow = pool.submit(error_of, transport.send, outgoing(ADA, content=Slow((HELLO,))))
        while not any(command.step == "data" for command in server.commands):
            sleep(0.01)
        error = error_of(transport.send, outgoing(BOB))
        go_on.set()
        slow.result()

    assert isinstance(error, TimedOut)
    assert (error.outcome, error.retryable, error.stage) == (Outcome.NOT_SENT, True, "connect")
    assert "max_connections" in str(error)


def test_a_closed_transport_says_goodbye_and_opens_anew() -> None:
    with HostileSmtp() as server:
        transport = to_server(server)
        transport.send(outgoing(ADA))
        transport.close()
        server.join()
        assert [command.step for command in server.commands][-1] == "quit"

        asyncio.run(transport.asend(outgoing(BOB)))
        asyncio.run(transport.aclose())
        server.join()

    assert server.connections == 2
    assert len(server.messages) == 2


def test_a_closed_transport_has_no_threads_left() -> None:
    def ours() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name.startswith("sesmail-smtp")]

    with HostileSmtp() as server:
        there = to_server(server)
        asyncio.run(there.asend(outgoing(ADA)))
        assert ours()
        there.close()
        for thread in ours():
            thread.join(10)

    assert not ours()


def test_a_server_that_never_says_goodbye_keeps_nobody_waiting() -> None:
    with HostileSmtp("silence", at="quit") as server:
        transport = to_server(server)
        transport.send(outgoing(ADA))
        transport.close()

    assert len(server.messages) == 1


# ── a fork ───────────────────────────────────────────────────────────────────────────────────────────────────────

FORKING = """
import asyncio, os, sys
from sesmail import Email, Envelope, Outgoing, mime
from sesmail.transports import SmtpTransport

def outgoing(name):
    email = Email(sender="shop@example.com", to=f"{name}@example.org", text="Hi")
    return Outgoing(email, Envelope.of(email), mime.write(email), email.ses)

transport = SmtpTransport("127.0.0.1", int(sys.argv[1]), tls="none")
transport.send(outgoing("before"))
child = os.fork()
if child == 0:
    transport.send(outgoing("child"))
    asyncio.run(transport.asend(outgoing("awaited")))
    transport.close()
    os._exit(0)
_, status = os.waitpid(child, 0)
transport.send(outgoing("parent"))
transport.close()
sys.exit(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_fork_shares_no_connection() -> None:
    with HostileSmtp() as server:
        subprocess.run([sys.executable, "-W", "error", "-c", FORKING, str(server.port)], check=True, cwd=ROOT)
        server.join()

    by_connection = [(mail.connection, mail.recipients[0].partition("@")[0]) for mail in server.messages]
    assert by_connection == [(0, "before"), (1, "child"), (2, "awaited"), (0, "parent")]
    assert [command.step for command in server.commands].count("quit") == 3


# ── cancellation ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("keywords", [(), ("PIPELINING",)], ids=["one by one", "pipelined"])
def test_a_send_that_is_cancelled_at_any_await_has_one_end_and_the_next_one_works(
    tls: Tls, keywords: tuple[str, ...]
) -> None:
    """Cancelled after each number of turns of the loop, until there are no more: all awaits are among them."""
    loose: list[dict[str, object]] = []

    async def cancelled_after(turns: int, there: SmtpTransport) -> bool:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: loose.append(context))
        before = set(asyncio.all_tasks())
        sending = asyncio.ensure_future(there.asend(outgoing(reader(turns))))
        for _ in range(turns):
            await asyncio.sleep(0)
        was_done = sending.done()
        sending.cancel()
        (end,) = await asyncio.gather(sending, return_exceptions=True)
        assert isinstance(end, asyncio.CancelledError) is not was_done
        assert (await there.asend(outgoing(ADA))).failed == ()
        await there.aclose()
        assert asyncio.all_tasks() == before, "nothing goes on behind our back"
        return was_done

    with HostileSmtp(tls=tls.context, keywords=keywords) as server:
        turns = 0
        while True:
            there = to_server(server, tls="starttls", ca_file=tls.ca_file)
            if asyncio.run(cancelled_after(turns, there)):
                break
            turns += 1 if STEP == 1 or turns < 30 else 40
    gc.collect()

    mails = Counter(mail.recipients[0] for mail in server.messages)
    assert not loose
    assert mails.pop(ADA) == len({mail.connection for mail in server.messages if mail.recipients == (ADA,)})
    assert set(mails.values()) <= {1}, "at most once"


def test_a_send_that_is_interrupted_leaves_no_line_that_is_out_of_step() -> None:
    """KeyboardInterrupt is no fault of the line, but nobody listens to the answer any more."""

    class Interrupted(BaseException):
        pass

    class Interrupting(Foreign):
        def chunks(self) -> Iterator[bytes]:
            yield HELLO
            raise Interrupted

    with HostileSmtp() as server, closing(to_server(server)) as transport:
        transport.send(outgoing(ADA))
        with pytest.raises(Interrupted):
            transport.send(outgoing(BOB, content=Interrupting((HELLO,))))
        assert transport.send(outgoing(ADA)).failed == ()

    assert server.connections == 2
    assert [mail.recipients for mail in server.messages] == [(ADA,), (ADA,)]


# ── in the long run ──────────────────────────────────────────────────────────────────────────────────────────────


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to look at")
def test_failures_leave_no_descriptor_open() -> None:
    with HostileSmtp("closed", at="data") as server:
        transport = to_server(server)

        def once() -> None:
            error_of(transport.send, outgoing(ADA))
            error_of(asyncio.run, transport.asend(outgoing(ADA)))

        once()
        before = descriptors()
        for _ in range(50):
            once()
        transport.close()
        server.join()
        assert descriptors() <= before
