"""A session cut after each byte, each way: never "not sent" for a mail that was taken, and the next send works.

By default some bytes are tried, and all of them from SESMAIL_EXAMPLES=1000 on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from sesmail.errors import ConnectFailed, Outcome, SendError
from sesmail.local import LocalSes
from sesmail.testing import CuttingProxy, Flow, HostileSmtp, Plan, every_cut
from tests.transports.smtp.places import COLOURS, Send, closing, to_box, to_server
from tests.transports.smtp.talking import ADA, BOB, STEP, error_of, outgoing

pytestmark = pytest.mark.heavy

PATIENCE = {"connect_timeout_s": 5, "read_timeout_s": 5, "timeout_s": 10}
SHORT = {"connect_timeout_s": 0.3, "read_timeout_s": 0.15, "timeout_s": 0.5}
MAIL = outgoing(ADA, BOB)
ANOTHER = outgoing(ADA)
OFFERED = ("8BITMIME", "SIZE 1000000")


@dataclass(frozen=True)
class Door:
    """A server, how many mails it has taken, and a transport to it by a proxy."""

    host: str
    port: int
    taken: Callable[[], int]
    transport: Callable[..., Any]


@contextmanager
def box_door(ses: LocalSes, tls: str) -> Iterator[Door]:
    port = ses.smtp.tls_port if tls == "implicit" else ses.smtp.port

    def transport(proxy: CuttingProxy, **settings: Any) -> Any:
        return to_box(ses, **{"tls": tls, "host": proxy.host, "port": proxy.port, **settings})

    yield Door(ses.smtp.host, port, lambda: ses.box.ledger.total, transport)


@contextmanager
def plain_door(*, pipelined: bool) -> Iterator[Door]:
    with HostileSmtp(keywords=(*OFFERED, *["PIPELINING"] * pipelined)) as server:
        yield Door(server.host, server.port, lambda: len(server.messages), to_server)


def plans(door: Door, **options: Any) -> Iterator[Plan]:
    def session(host: str, port: int) -> None:
        there = type("There", (), {"host": host, "port": port})()
        with closing(door.transport(there)) as transport:
            transport.send(MAIL)

    return every_cut(door.host, door.port, session, **options)


def cut_down(door: Door, plan: Plan, send: Send, **settings: Any) -> None:
    """Send by a line that is cut, and again by those that are not. The cut may strike the second mail on its line."""
    before = door.taken()
    with CuttingProxy(door.host, door.port, [plan]) as proxy, closing(door.transport(proxy, **settings)) as transport:
        errors = [error_of(send, transport, mail) for mail in (MAIL, ANOTHER, ANOTHER)]
        if errors[-1]:
            errors.append(error_of(send, transport, ANOTHER))

    struck = [error for error in errors if error]
    assert len(struck) <= 1, f"{plan}: {errors}"
    taken = door.taken() - before
    if not struck:
        assert taken == len(errors), str(plan)
        return
    (error,) = struck
    assert isinstance(error, SendError)
    if error.outcome is Outcome.UNKNOWN:
        assert (error.stage, error.retryable) == ("reply", False), str(plan)
    else:
        assert error.outcome is Outcome.NOT_SENT, str(plan)
        assert taken == len(errors) - 1, f"{plan}: not sent, and taken"
        assert error.retryable or isinstance(error, ConnectFailed), str(plan)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("pipelined", [False, True], ids=["one by one", "pipelined"])
def test_without_tls_a_cut_at_any_byte_has_a_true_outcome(colour: str, pipelined: bool) -> None:
    with plain_door(pipelined=pipelined) as door:
        for plan in plans(door, step=STEP):
            cut_down(door, plan, COLOURS[colour], **PATIENCE)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_with_tls_a_cut_at_any_byte_has_a_true_outcome(ses: LocalSes, tls: str, colour: str) -> None:
    with box_door(ses, tls) as door:
        for plan in plans(door, step=9 * STEP if STEP > 1 else 1, by=["close"] if tls == "implicit" else ["reset"]):
            cut_down(door, plan, COLOURS[colour], **PATIENCE)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("by", ["silence", "half-close"])
def test_a_line_that_falls_silent_at_any_byte_has_a_true_outcome_in_time(colour: str, by: str) -> None:
    with plain_door(pipelined=True) as door:
        for plan in plans(door, by=[by], step=5 * STEP if STEP > 1 else 3):
            cut_down(door, plan, COLOURS[colour], **SHORT)


@pytest.mark.parametrize("colour", COLOURS)
def test_bytes_that_come_one_by_one_are_the_same_session(ses: LocalSes, colour: str) -> None:
    drip = Plan(to_server=Flow(segment_bytes=7), to_client=Flow(segment_bytes=1))
    with box_door(ses, "starttls") as door, CuttingProxy(door.host, door.port, drip) as proxy:
        before = door.taken()
        with closing(door.transport(proxy)) as transport:
            assert COLOURS[colour](transport, MAIL).failed == ()
        assert door.taken() == before + 1


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("direction", ["to_server", "to_client"])
def test_bytes_that_are_turned_inside_tls_are_a_fault_and_no_words(ses: LocalSes, direction: str, colour: str) -> None:
    with box_door(ses, "starttls") as door:
        for at in range(200, 3000, 40 * STEP if STEP > 1 else 40):
            cut_down(door, Plan(**{direction: Flow(corrupt_at=at)}), COLOURS[colour], **SHORT)  # type: ignore[arg-type]
