"""Every misbehaviour on a raw socket: what is on the wire, how it ends, and whether the command took effect."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sesmail.errors import SetupError, UnknownOption
from sesmail.testing import MISBEHAVIOURS, HostileSmtp, Misbehaviour
from sesmail.testing.hostile_smtp import Act, Endless, Reply, Step
from tests.testing.conftest import Certificate
from tests.testing.hostile_smtp.script import LINES, MESSAGE, arrived
from tests.testing.peer import Peer

EHLO = b"250-hostile.example\r\n250-8BITMIME\r\n250-SIZE 41943040\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"
GREETING = b"220 hostile.example ESMTP\r\n"
TAKEN = b"250 2.0.0 Ok, taken\r\n"
GONE = b"421 4.3.2 hostile.example is closing\r\n"
NOISE = bytes(number for number in range(256) if number not in b"\r\n") + b"\r\n"


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


# What is on the wire at the step where it usually happens, and how it goes on: "on" when the next command is answered.
WIRE: dict[str, tuple[bytes, str]] = {
    "long line": (b"".join(line + b" " + b"x" * 100_000 + b"\r\n" for line in EHLO.splitlines()), "on"),
    "421 in its place": (GONE, "closed"),
    "421 behind a reply": (GREETING + GONE, "closed"),
    "421 while idle": (EHLO + GONE, "closed"),
    "text before the handshake": (
        b"220 2.0.0 Ready to start TLS\r\n250-injected.example\r\n250 AUTH PLAIN LOGIN\r\n",
        "handshake",
    ),
    "no STARTTLS": (EHLO.replace(b"250-STARTTLS\r\n", b""), "on"),
    "454 to STARTTLS": (b"454 4.7.0 TLS is not available\r\n", "on"),
    "noise for a handshake": (NOISE, "closed"),
    "noise": (NOISE, "on"),
    "another protocol": (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "closed"),
    "8-bit text": (EHLO.replace(b"\r\n", b" \x80\xff\xc3\xa9\r\n"), "on"),
    "escape sequences": (b"250 2.1.0 Ok \x1b[2J\x1b[31mroot\x1b]0;title\x07\r\n", "on"),
    "NUL": (b"250 \x002.1.0 Ok\x00\r\n", "on"),
    "bare LF": (EHLO.replace(b"\r\n", b"\n"), "on"),
    "bare CR": (EHLO.replace(b"\r\n", b"\r"), "on"),
    "two replies": (b"250 2.1.0 Ok\r\n250 2.1.0 Ok\r\n", "on"),
    "no reply": (b"", "on"),
    "late reply": (b"250 2.1.0 Ok\r\n", "on"),
    "pipelining, one reply short": (b"", "on"),
    "two digits": (b"25 2.1.0 Ok\r\n", "on"),
    "four digits": (b"2500 2.1.0 Ok\r\n", "on"),
    "letters for a code": (b"OKE 2.1.0 Ok\r\n", "on"),
    "code out of range": (b"650 2.1.0 Ok\r\n", "on"),
    "code alone": (b"250\r\n", "on"),
    "empty reply": (b"\r\n", "on"),
    "mixed codes": (b"250-hostile.example\r\n554 5.0.0 No\r\n", "on"),
    "3xx for 2xx": (b"350 2.1.0 Ok\r\n", "on"),
    "354 out of turn": (b"354 Go on\r\n", "on"),
    "250 for 354": (b"250 2.0.0 Ok\r\n", "on"),
    "554 for a greeting": (b"554 5.3.2 No SMTP service here\r\n", "on"),
    "451 in its place": (b"451 4.3.0 Try again later\r\n", "on"),
    "554 in its place": (b"554 5.6.0 Refused\r\n", "on"),
    "refused but taken": (b"451 4.3.0 Try again later\r\n", "on"),
    "closed": (b"", "closed"),
    "reset": (b"", "reset"),
    "silence": (b"", "silent"),
    "reply lost, closed": (b"", "closed"),
    "reply lost, reset": (b"", "reset"),
    "reply lost, silence": (b"", "silent"),
    "half a reply, closed": (TAKEN[:10], "closed"),
    "half a reply, silence": (TAKEN[:10], "silent"),
    "closed behind a reply": (b"250 2.1.0 Ok\r\n", "closed"),
}
# What never ends, and what it begins with.
ENDLESS = {
    "endless line": b"250-" + b"x" * 300_000,
    "endless reply": b"250-X-ANOTHER-LINE\r\n" * 20_000,
    "dripping line": b"250-" + b"x" * 200,
    "dripping reply": b"250-x\r\n" * 100,
}
ELSEWHERE = {"huge keyword list"}


def test_every_misbehaviour_is_shown_here() -> None:
    assert {*WIRE, *ENDLESS, *ELSEWHERE} == set(MISBEHAVIOURS)
    assert not set(WIRE) & set(ENDLESS)
    assert all(name == each.name for name, each in MISBEHAVIOURS.items())


def goes_on(peer: Peer, how: str) -> bool:
    """Whether the connection goes on, or ends, in this way."""
    if how == "on":
        return peer.send(b"NOOP\r\n").reply() == b"250 2.0.0 Ok\r\n"
    if how == "silent":
        return peer.send(b"NOOP\r\n").is_silent()
    if how == "handshake":  # which a command of SMTP is not
        data, end = peer.send(b"NOOP\r\n").rest()
        return b"250" not in data and end == "closed"
    return peer.rest() == (b"", how)


@pytest.mark.parametrize("name", WIRE)
def test_a_misbehaviour_is_what_its_name_says(name: str, certificate: Certificate) -> None:
    wire, how = WIRE[name]
    with (
        HostileSmtp(name, tls=certificate.server, pause=no_pause) as server,
        arrived(server, MISBEHAVIOURS[name].at) as peer,
    ):
        assert peer.exactly(len(wire)) == wire
        assert goes_on(peer, how)


@pytest.mark.parametrize("name", ENDLESS)
def test_what_is_endless_goes_on_until_the_client_leaves(name: str) -> None:
    begin = ENDLESS[name]
    with HostileSmtp(name, pause=no_pause) as server:
        with arrived(server, "ehlo") as peer:
            assert peer.exactly(len(begin)) == begin
        server.join()


def test_what_is_endless_ends_with_the_context() -> None:
    with HostileSmtp("endless line", at="connect") as server:
        peer = Peer.to(server.port)
        assert peer.exactly(8) == b"220-xxxx"
    with peer:
        assert set(peer.rest()[0]) <= {ord("x")}


def test_a_huge_keyword_list_is_a_good_reply() -> None:
    with HostileSmtp("huge keyword list") as server, arrived(server, "ehlo") as peer:
        lines = peer.reply().splitlines()

        assert lines[0] == b"250-hostile.example"
        assert lines[1] == b"250-X-KEYWORD-0 A B C"
        assert lines[-1] == b"250 AUTH PLAIN LOGIN"
        assert len(lines) == 10_004


def test_a_server_that_is_one_reply_short_has_offered_pipelining() -> None:
    with HostileSmtp("pipelining, one reply short", nth=2) as server, arrived(server, "ehlo") as peer:
        assert b"250-PIPELINING\r\n" in peer.reply()
        peer.send(b"MAIL FROM:<a>\r\nRCPT TO:<1>\r\nRCPT TO:<2>\r\nRCPT TO:<3>\r\nDATA\r\n")

        assert peer.exactly(65) == b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.1.5 Ok\r\n354 Go on; a dot alone "
        assert [command.step for command in server.commands] == ["ehlo", "mail", "rcpt", "rcpt", "rcpt", "data"]


def test_a_server_without_starttls_does_not_begin_it_either(certificate: Certificate) -> None:
    with HostileSmtp("no STARTTLS", tls=certificate.server) as server, arrived(server, "starttls") as peer:
        assert peer.reply() == b"502 5.5.1 STARTTLS is not offered\r\n"


@pytest.mark.parametrize(("name", "before"), [("late reply", b""), ("421 while idle", b"250 2.1.0 Ok\r\n")])
def test_what_is_late_comes_behind_a_pause(name: str, before: bytes) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        raise ConnectionAbortedError  # so that nothing comes behind it

    with HostileSmtp(name, at="mail", pause_s=12, pause=pause) as server, arrived(server, "mail") as peer:
        assert peer.rest() == (before, "closed")
        assert pauses == [12]


def test_what_drips_pauses_before_each_drop() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 3:
            raise ConnectionAbortedError

    with HostileSmtp("dripping line", pause_s=7, pause=pause) as server, arrived(server, "ehlo") as peer:
        assert peer.rest() == (b"250-xxx", "closed")
        assert pauses == [7, 7, 7, 7]


# ── at every step ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", LINES)
@pytest.mark.parametrize(("name", "how"), [("closed", "closed"), ("reset", "reset"), ("silence", "silent")])
def test_a_connection_ends_at_each_step(name: str, how: str, step: Step, certificate: Certificate) -> None:
    with HostileSmtp(name, at=step, tls=certificate.server) as server:
        try:
            with arrived(server, step) as peer:
                assert goes_on(peer, how)
        except ConnectionResetError:
            assert (name, step) == ("reset", "connect"), "only a client that connects hears of it as early as that"
        assert server.messages == ()


def test_behind_a_close_what_the_client_says_is_dropped() -> None:
    with HostileSmtp("closed", at="mail") as server:
        with arrived(server, "mail") as peer:
            assert peer.rest() == (b"", "closed")
            peer.send(bytes(1 << 22))
        server.join()

        assert len(server.commands) == 2


SILENT_STEPS = {"connect", "handshake", "message"}  # at which no command is said


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_misbehaviour_can_be_at_each_of_its_steps(name: str, certificate: Certificate) -> None:
    for step in MISBEHAVIOURS[name].steps:
        with HostileSmtp(name, at=step, tls=certificate.server, pause=no_pause) as server:
            with contextlib.suppress(ConnectionResetError), arrived(server, step):
                pass  # the client leaves without having read anything
            server.join()

            assert step in SILENT_STEPS or server.commands[-1].step == step


@pytest.mark.parametrize("name", [name for name, each in MISBEHAVIOURS.items() if "message" in each.steps])
def test_a_mail_is_taken_when_the_command_is_obeyed(name: str) -> None:
    with HostileSmtp(name, at="message", pause=no_pause) as server:
        with arrived(server, "message"):
            pass  # the client leaves without having read anything
        server.join()

        assert [mail.data for mail in server.messages] == [MESSAGE] * MISBEHAVIOURS[name].is_obeyed


def test_a_recipient_who_was_not_obeyed_is_none() -> None:
    with HostileSmtp("451 in its place", at="rcpt", nth=2) as server, arrived(server, "mail") as peer:
        peer.reply()
        replies = [peer.send(b"RCPT TO:<%d@example.com>\r\n" % number).reply()[:3] for number in range(3)]
        peer.send(b"DATA\r\n").reply()
        peer.send(b".\r\n").reply()

        assert replies == [b"250", b"451", b"250"]
        assert server.messages[0].recipients == ("0@example.com", "2@example.com")
        assert server.messages[0].data == b""


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_misbehaviour_can_be_placed() -> None:
    placed = MISBEHAVIOURS["two replies"].placed("rcpt", nth=3)

    assert (placed.name, placed.at, placed.nth) == ("two replies", "rcpt", 3)
    assert placed.placed(nth=1).placed("noop") == MISBEHAVIOURS["two replies"].placed("noop")


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda: HostileSmtp("endless lime"), UnknownOption, "the table of misbehaviours.*did you mean 'endless line'"),
        (
            lambda: HostileSmtp("closed", at="rcptt"),  # type: ignore[arg-type]
            UnknownOption,
            "a conversation has no option 'rcptt'; did you mean",
        ),
        (
            lambda: HostileSmtp("no STARTTLS", at="mail"),
            SetupError,
            "'no STARTTLS' makes no sense at mail; choose from eh",
        ),
        (lambda: HostileSmtp("closed", nth=0), SetupError, "nth of 'closed' is 0; 1 is the first time"),
        (lambda: HostileSmtp("closed", "reset", at="mail"), SetupError, "place one misbehaviour, not 2"),
        (lambda: HostileSmtp(at="mail"), SetupError, "place one misbehaviour, not 0"),
        (lambda: HostileSmtp(implicit=True), SetupError, "implicit TLS needs a context; give tls="),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: Callable[[], object], error: type[SetupError], said: str) -> None:
    with pytest.raises(error, match=said):
        wrong()


def test_one_can_be_made_by_hand() -> None:
    def acts(due: Reply) -> list[bytes | Endless | Act]:
        return [b"250-Well, ", Act.PAUSE, b"let me see\r\n", due.to_bytes(), Act.RESET]

    with HostileSmtp(Misbehaviour("moody", "noop", acts), pause=no_pause) as server, arrived(server, "noop") as peer:
        assert peer.rest() == (b"250-Well, let me see\r\n250 2.0.0 Ok\r\n", "reset")


def test_one_made_by_hand_that_raises_is_heard() -> None:
    def acts(due: Reply) -> list[bytes]:
        raise ZeroDivisionError

    server = HostileSmtp(Misbehaviour("broken", "noop", acts))
    with pytest.raises(ZeroDivisionError), server, arrived(server, "noop") as peer:
        peer.rest()


def test_the_page_names_them_all() -> None:
    page = (Path(__file__).parents[3] / "docs" / "testing.md").read_text("utf-8")
    table = page.partition("| Name | What it does |")[2].partition("\n\n")[0]
    names = [name for row in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE) for name in re.findall("`(.+?)`", row)]

    assert sorted(names) == sorted(MISBEHAVIOURS)
