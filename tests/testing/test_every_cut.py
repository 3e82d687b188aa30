"""The plans for every byte, and a session of smtplib that is cut by them."""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Iterator

import pytest

from sesmail.errors import SetupError
from sesmail.testing import CuttingProxy, HostileSmtp, Passage, Plan, cuts, every_cut
from sesmail.testing.plan import Manner
from tests.testing.peer import Peer

MAIL = "Subject: Hi\r\n\r\nHello\r\n"


def send(host: str, port: int) -> None:
    with smtplib.SMTP(host, port, "client.example", timeout=20) as client:
        client.sendmail("ada@example.com", ["bob@example.org"], MAIL)


def test_there_is_a_cut_for_each_byte_each_way_in_each_manner() -> None:
    plans = list(cuts(Passage(0, Plan(), to_server=2, to_client=1)))

    assert [str(plan) for plan in plans] == [
        "to_server: reset after 0",
        "to_server: close after 0",
        "to_server: reset after 1",
        "to_server: close after 1",
        "to_server: reset after 2",
        "to_server: close after 2",
        "to_client: reset after 0",
        "to_client: close after 0",
        "to_client: reset after 1",
        "to_client: close after 1",
    ]


@pytest.mark.parametrize(
    ("size", "step", "places"), [(5, 2, [0, 2, 4, 5]), (4, 2, [0, 2, 4]), (3, 10, [0, 3]), (0, 1, [0])]
)
def test_a_step_leaves_out_and_keeps_the_end(size: int, step: int, places: list[int]) -> None:
    passage = Passage(0, Plan(), to_server=9, to_client=size)
    once: Iterator[Manner] = iter(["silence"])
    plans = cuts(passage, directions=["to_client"], by=once, step=step)

    assert [plan.to_client.cut_after for plan in plans] == places


def test_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(SetupError, match="the step of cuts is 0; give 1 or more"):
        cuts(Passage(0, Plan(), 1, 1), step=0)


@pytest.mark.parametrize("by", ["reset", "close"])
def test_whatever_is_cut_the_server_has_what_the_client_believes(by: Manner) -> None:
    with HostileSmtp() as server:
        for plan in every_cut(server.host, server.port, send, by=[by], step=7):
            before = len(server.messages)
            believes = False
            with CuttingProxy(server.host, server.port, plan) as proxy:
                with contextlib.suppress(OSError):
                    send(proxy.host, proxy.port)
                    believes = True
                (passage,) = proxy.passages
            server.join()

            passed = passage.to_server if plan.to_client.cut_after is None else passage.to_client
            assert passed == (
                plan.to_server.cut_after if plan.to_client.cut_after is None else plan.to_client.cut_after
            )
            assert not believes or len(server.messages) == before + 1
    assert all(mail.data == MAIL.encode() for mail in server.messages)
    assert len(server.messages) > 1, "besides that of the first session, some were taken"


@pytest.mark.parametrize(("peers", "number"), [(0, "0"), (2, "2")])
def test_a_session_makes_one_connection(peers: int, number: str) -> None:
    def session(host: str, port: int) -> None:
        for _ in range(peers):
            Peer.to(port).socket.close()

    with (
        HostileSmtp() as server,
        pytest.raises(SetupError, match=f"made {number} connections; give one that makes a single one"),
    ):
        every_cut(server.host, server.port, session)


def test_a_session_needs_a_server() -> None:
    def session(host: str, port: int) -> None:
        with Peer.to(port) as peer:
            peer.exactly(1)

    with HostileSmtp() as server:
        port = server.port

    with pytest.raises(SetupError, match=rf"there is no server at 127.0.0.1:{port} \(ConnectionRefusedError\)"):
        every_cut("127.0.0.1", port, session)
