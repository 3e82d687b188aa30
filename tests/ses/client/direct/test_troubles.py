"""What goes wrong at the box and on the way to it: the outcome is right at every position, and the next send works."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from sesmail import Outcome
from sesmail.errors import ConnectionLost, SendError, TimedOut
from sesmail.lines.patience import Patience
from sesmail.local import LocalSes
from sesmail.local.trouble import Trouble
from sesmail.ses.call import ApiFault, Call
from sesmail.ses.client.direct.client import DirectClient
from sesmail.testing import CuttingProxy, Flow, Plan, every_cut
from sesmail.testing.plan import Manner
from tests.ses.client.direct.asking import GET_ACCOUNT, Colour, box, client_of, send
from tests.ses.client.doors import Door

pytestmark = pytest.mark.heavy

HASTY = Patience(read_s=0.3)
EVERY = 1 if settings().max_examples >= 1000 else 5  # byte at which a line is cut


@pytest.fixture(scope="module")
def ses() -> Iterator[LocalSes]:
    with box() as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_was_sent(ses: LocalSes) -> Iterator[None]:
    ses.forget()
    yield
    ses.chaos.clear()


def outcome(carry: Colour, client: DirectClient, call: Call) -> Outcome:
    """How a mail ended, and no error is of another kind."""
    try:
        carry(client, call)
    except SendError as error:
        return error.outcome
    except ApiFault as fault:  # of a request that is not whole
        return Outcome.NOT_SENT if fault.status >= 400 else Outcome.UNKNOWN
    return Outcome.SENT


def agrees(ses: LocalSes, ended: Outcome) -> bool:
    """Whether that is what the ledger says: what it holds is never told to be unsent, and the other way round."""
    return {Outcome.SENT: len(ses.sent) == 1, Outcome.NOT_SENT: not ses.sent, Outcome.UNKNOWN: True}[ended]


def next_send_works(ses: LocalSes, carry: Colour, client: DirectClient) -> None:
    before = len(ses.sent)
    carry(client, send(subject="next"))
    assert len(ses.sent) == before + 1


def wait_until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.002)
    time.sleep(0.01)


# ── chaos ────────────────────────────────────────────────────────────────────────────────────────────────────────

REFUSALS = [
    ("throttle", "TooManyRequestsException", "Throttling", 429),
    ("quota", "LimitExceededException", "Throttling", 400),
    ("expired", "ExpiredTokenException", "ExpiredToken", 403),
    ("unavailable", "ServiceUnavailable", "ServiceUnavailable", 503),
]


@pytest.mark.parametrize(("kind", "v2", "v1", "status"), REFUSALS)
def test_a_refusal_is_told_as_it_was_and_keeps_the_line(
    ses: LocalSes, carry: Colour, kind: str, v2: str, v1: str, status: int
) -> None:
    for api, service, code in (("v2", "sesv2", v2), ("v1", "ses", v1)):
        with client_of(ses.url, service=service) as client:
            ses.chaos.arm(Trouble.of(kind))
            with pytest.raises(ApiFault) as caught:
                carry(client, send(api))  # type: ignore[arg-type] # mypy sees a text
            assert caught.value.code.removesuffix("Exception") == code.removesuffix("Exception")
            assert caught.value.status == status or service == "ses"
            next_send_works(ses, carry, client)
        ses.forget()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reset_leaves_it_open_whether_the_mail_is_out(ses: LocalSes, carry: Colour, when: str) -> None:
    with client_of(ses.url) as client:
        carry(client, GET_ACCOUNT)  # the line is an old one
        for _ in range(2):
            ses.chaos.arm(Trouble.of("reset", when=when))
            assert outcome(carry, client, send()) is Outcome.UNKNOWN
        assert len(ses.sent) == (2 if when == "after" else 0)
        next_send_works(ses, carry, client)


@pytest.mark.parametrize("api", ["v2", "v1"])
def test_an_answer_that_is_cut_at_any_byte_leaves_it_open(ses: LocalSes, carry: Colour, api: Any) -> None:
    service = "sesv2" if api == "v2" else "ses"
    with client_of(ses.url, service=service) as client:
        call = send(api)
        ended = Outcome.UNKNOWN
        cut = 0
        while ended is Outcome.UNKNOWN:
            ses.chaos.arm(Trouble.of("cut_answer", at=cut))
            ended = outcome(carry, client, call)
            cut += 1 if cut < 40 else 7
        assert ended is Outcome.SENT
        assert cut > 200
        client.close()  # the box has cut the line behind the last byte
        next_send_works(ses, carry, client)


def test_garbage_for_an_answer_leaves_it_open(ses: LocalSes, carry: Colour) -> None:
    with client_of(ses.url) as client:
        ses.chaos.arm(Trouble.of("garbage"))
        with pytest.raises(ConnectionLost, match="what came back is no HTTP") as caught:
            carry(client, send())
        assert (caught.value.outcome, len(ses.sent)) == (Outcome.UNKNOWN, 1)
        assert "\x1b" not in str(caught.value)
        next_send_works(ses, carry, client)


def test_a_slow_answer_is_waited_for_and_a_very_slow_one_leaves_it_open(ses: LocalSes, carry: Colour) -> None:
    with client_of(ses.url, patience=HASTY) as client:
        ses.chaos.arm(Trouble.of("slow", seconds=0.05))
        assert outcome(carry, client, send()) is Outcome.SENT
        ses.chaos.arm(Trouble.of("slow", seconds=1))
        with pytest.raises(TimedOut) as caught:
            carry(client, send())
        assert caught.value.outcome is Outcome.UNKNOWN
        next_send_works(ses, carry, client)


def test_a_request_that_was_cut_is_not_sent(ses: LocalSes, carry: Colour) -> None:
    large = send(text="a long line " * 20_000)
    with client_of(ses.url) as client:
        for cut in (0, 10, 400, 70_000):
            ses.chaos.arm(Trouble.of("cut_request", at=cut, on="http"))
            ended = outcome(carry, client, large)
            assert agrees(ses, ended)
            assert not ses.sent
        next_send_works(ses, carry, client)


# ── every byte ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_that_is_cut_at_any_byte_tells_the_truth(ses: LocalSes, carry: Colour) -> None:
    host, port = ses.url.removeprefix("http://").split(":")

    def session(host: str, port: int) -> None:
        with client_of(f"http://{host}:{port}") as client:
            carry(client, send())

    plans = list(every_cut(host, int(port), session, step=EVERY))
    ends: list[Outcome] = []
    to_come: list[Plan] = []  # of the next line; those after it are not touched
    with (
        CuttingProxy(host, int(port), lambda _: to_come.pop() if to_come else Plan()) as proxy,
        client_of(f"http://{proxy.host}:{proxy.port}") as client,
    ):
        for number, plan in enumerate(plans):
            to_come.append(plan)
            ends.append(outcome(carry, client, send(subject=f"cut {number}")))
            client.close()
            carry(client, send(subject=f"next {number}"))
            client.close()
        proxy.join()
    arrived = Counter(mail.subject for mail in ses.sent)
    most = {Outcome.SENT: (1,), Outcome.NOT_SENT: (0,), Outcome.UNKNOWN: (0, 1)}
    for number, plan in enumerate(plans):
        assert arrived[f"cut {number}"] in most[ends[number]], plan
        assert arrived[f"next {number}"] == 1, plan
    assert Counter(ends)[Outcome.UNKNOWN] > len(plans) / 4
    assert Counter(ends)[Outcome.SENT] > 0


def test_a_large_mail_that_is_cut_anywhere_tells_the_truth(ses: LocalSes, carry: Colour) -> None:
    host, port = ses.url.removeprefix("http://").split(":")
    large = send(text="a long line " * 30_000)
    size = 480_000
    for cut in (0, 300, 65_536, 200_000, size - 1000):
        for by in ("reset", "close", "half-close"):
            ses.forget()
            plan = Plan.cut("to_server", cut, by=by)
            with (
                CuttingProxy(host, int(port), [plan]) as proxy,
                client_of(f"http://{proxy.host}:{proxy.port}") as client,
            ):
                ended = outcome(carry, client, large)
                assert agrees(ses, ended), (cut, by, ended)
                assert not ses.sent
                next_send_works(ses, carry, client)


@pytest.mark.parametrize("segment", [1, 7, 1000])
def test_a_line_in_small_segments_carries_the_same(ses: LocalSes, carry: Colour, segment: int) -> None:
    host, port = ses.url.removeprefix("http://").split(":")
    flow = Flow(segment_bytes=segment)
    with (
        CuttingProxy(host, int(port), Plan(to_client=flow, to_server=flow)) as proxy,
        client_of(f"http://{proxy.host}:{proxy.port}") as client,
    ):
        for _ in range(2):
            carry(client, send())
    assert len(ses.sent) == 2


def test_silence_is_waited_for_no_longer_than_was_said(ses: LocalSes, carry: Colour) -> None:
    host, port = ses.url.removeprefix("http://").split(":")
    for direction in ("to_server", "to_client"):
        ses.forget()
        plan = Plan.cut(direction, 100, by="silence")
        with (
            CuttingProxy(host, int(port), [plan]) as proxy,
            client_of(f"http://{proxy.host}:{proxy.port}", patience=HASTY) as client,
        ):
            assert outcome(carry, client, send()) is Outcome.UNKNOWN
            next_send_works(ses, carry, client)


@pytest.mark.parametrize("by", ["close", "reset"])
def test_a_kept_line_that_ended_is_not_the_mails_fault(ses: LocalSes, carry: Colour, by: Manner) -> None:
    host, port = ses.url.removeprefix("http://").split(":")
    with CuttingProxy(host, int(port)) as proxy, client_of(f"http://{proxy.host}:{proxy.port}") as client:
        carry(client, send())
        answer_size = proxy.passages[0].to_client
    plan = Plan.cut("to_client", answer_size, by=by)
    with CuttingProxy(host, int(port), [plan]) as proxy, client_of(f"http://{proxy.host}:{proxy.port}") as client:
        carry(client, send())
        wait_until(lambda: proxy.passages[0].is_cut)
        carry(client, send())  # on a new line, without a word
        assert len(proxy.passages) == 2
    assert len(ses.sent) == 3


# ── servers that are none ────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_that_drips_is_waited_for_no_longer_than_was_said(carry: Colour) -> None:
    def drip(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            sock.sendall(b"x")
            time.sleep(0.02)

    begun = time.monotonic()
    with Door(drip) as door, client_of(f"http://127.0.0.1:{door.port}", patience=Patience(total_s=0.4)) as client:
        assert outcome(carry, client, send()) is Outcome.UNKNOWN
    assert time.monotonic() - begun < 5


def test_a_server_that_answers_before_it_has_read_all_has_not_taken_the_mail(carry: Colour) -> None:
    def too_large(sock: socket.socket) -> None:
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        # Closed with much unread: the peer gets a reset while it writes.

    large = send(text="a long line " * 500_000)
    with Door(too_large) as door, client_of(f"http://127.0.0.1:{door.port}") as client:
        for _ in range(3):
            assert outcome(carry, client, large) is Outcome.NOT_SENT


def test_a_server_that_reads_nothing_is_waited_for_no_longer_than_was_said(carry: Colour) -> None:
    large = send(text="a long line " * 1_000_000)
    with Door(lambda _: time.sleep(0.6)) as door:
        with client_of(f"http://127.0.0.1:{door.port}", patience=HASTY) as client, pytest.raises(TimedOut) as caught:
            carry(client, large)
        assert (caught.value.outcome, caught.value.stage) == (Outcome.NOT_SENT, "data")
