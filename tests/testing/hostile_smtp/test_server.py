"""The server where it is good: with smtplib, with TLS, and in what it remembers."""

from __future__ import annotations

import gc
import smtplib
import socket
import ssl
import sys
import threading
from pathlib import Path

import pytest

from sesmail.local.smtp.lines import MailReader
from sesmail.testing import MISBEHAVIOURS, HostileSmtp
from sesmail.testing.hostile_smtp import stream
from tests.testing.conftest import Certificate
from tests.testing.hostile_smtp.script import LINES, MESSAGE, arrived, in_tls
from tests.testing.peer import Peer

MAIL = "Subject: Hi\r\n\r\n.dot\r\n..dots\r\n"
CREDENTIALS = ("ada", "hunter2-planted")


def connect(server: HostileSmtp) -> smtplib.SMTP:
    return smtplib.SMTP(server.host, server.port, "client.example", timeout=20)


def test_a_mail_is_taken_to_the_letter() -> None:
    with HostileSmtp() as server:
        with connect(server) as client:
            client.sendmail("ada@example.com", ["bob@example.org", "eve@example.org"], MAIL)
            client.sendmail("ada@example.com", ["bob@example.org"], "")
        first, second = server.messages

    assert (first.sender, first.recipients) == ("ada@example.com", ("bob@example.org", "eve@example.org"))
    assert first.data == MAIL.encode()
    assert second.data in (b"", b"\r\n")
    assert (first.connection, first.user, first.is_encrypted) == (0, "", False)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (b"Subject: Hi\r\n\r\n.hidden\r\nend\r\n.\r\n", b"Subject: Hi\r\n\r\nhidden\r\nend\r\n"),
        (b".hidden\r\n...\r\na.b\r\n..\r\n.\r\n", b"hidden\r\n..\r\na.b\r\n.\r\n"),
        (b".\r\n", b""),
    ],
)
def test_a_client_that_doubles_no_dots_loses_them(said: bytes, taken: bytes) -> None:
    """RFC 5321 4.5.2: of a line that has more, the first dot goes, whoever put it there."""
    with HostileSmtp() as server, arrived(server, "data") as peer:
        peer.reply()
        peer.send(said).reply()
        (mail,) = server.messages

    assert mail.data == taken
    assert mail.data == MailReader(1000).take(bytearray(said)), "as the box takes it"


def test_commands_are_remembered_with_their_steps() -> None:
    with HostileSmtp() as server:
        with connect(server) as client:
            client.sendmail("ada@example.com", ["bob@example.org"], MAIL)
        with connect(server) as client:
            client.noop()

    assert [(command.connection, command.step) for command in server.commands] == [
        *((0, step) for step in ("ehlo", "mail", "rcpt", "data", "quit")),
        *((1, step) for step in ("noop", "quit")),
    ]
    assert server.commands[1].line.upper() == "MAIL FROM:<ADA@EXAMPLE.COM> SIZE=29"
    assert server.connections == 2


@pytest.mark.parametrize("implicit", [False, True])
def test_tls_from_the_beginning_or_when_it_is_asked_for(implicit: bool, certificate: Certificate) -> None:
    with HostileSmtp(tls=certificate.server, implicit=implicit, credentials=CREDENTIALS) as server:
        if implicit:
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, "client.example", timeout=20, context=certificate.client
            )
        else:
            client = connect(server)
            client.starttls(context=certificate.client)
        with client:
            assert not client.has_extn("starttls")
            client.login(*CREDENTIALS)
            client.sendmail("ada@example.com", ["bob@example.org"], MAIL + "x" * 300_000)
        (mail,) = server.messages

    assert (mail.user, mail.is_encrypted, len(mail.data)) == ("ada", True, len(MAIL) + 300_002)
    assert [command.is_encrypted for command in server.commands if command.step == "auth"] == [True]
    assert [command.is_encrypted for command in server.commands if command.step == "starttls"] == [False] * (
        not implicit
    )


def test_wrong_credentials_are_refused() -> None:
    with HostileSmtp(credentials=CREDENTIALS) as server, connect(server) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("ada", "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            client.sendmail("ada@example.com", ["bob@example.org"], MAIL)


def test_nothing_that_is_printed_holds_a_secret_or_an_address() -> None:
    with HostileSmtp("refused but taken", credentials=CREDENTIALS) as server, connect(server) as client:
        client.login(*CREDENTIALS)
        with pytest.raises(smtplib.SMTPDataError):
            client.sendmail("ada@example.com", ["bob@example.org"], "hunter2-planted")
        printed = repr([server, *server.commands, *server.messages])

        assert server.messages
        assert "hunter2" not in printed
        assert "example.org" not in printed
        assert "aHVudGVyMi1wbGFudGVk" not in printed
        assert "AGFkYQBodW50ZXIyLXBsYW50ZWQ" not in printed


def test_it_says_what_it_is() -> None:
    server = HostileSmtp("closed", MISBEHAVIOURS["reset"].placed("rcpt", nth=2))

    assert repr(server) == "HostileSmtp('closed' at mail, 'reset' at rcpt)"


def test_only_the_first_connections_meet_it() -> None:
    with HostileSmtp("554 for a greeting", only_first=2) as server:
        greetings = []
        for _ in range(4):
            with Peer.to(server.port) as peer:
                greetings.append(peer.reply()[:3])

    assert greetings == [b"554", b"554", b"220", b"220"]


def test_several_can_be_met_on_one_connection() -> None:
    both = "two replies", MISBEHAVIOURS["empty reply"].placed("noop")
    with HostileSmtp(*both) as server, arrived(server, "mail") as peer:
        assert peer.exactly(28) == b"250 2.1.0 Ok\r\n" * 2
        assert peer.send(b"NOOP\r\nNOOP\r\n").exactly(16) == b"\r\n250 2.0.0 Ok\r\n"


def test_keywords_are_those_that_are_given() -> None:
    with HostileSmtp(keywords=["SMTPUTF8"]) as server, connect(server) as client:
        client.ehlo()

        assert set(client.esmtp_features) == {"smtputf8", "auth"}


def test_commands_may_come_in_pieces_or_at_once() -> None:
    said = b"".join(LINES[step][1] for step in ("ehlo", "mail", "rcpt", "data", "message", "quit"))
    with HostileSmtp() as server:
        with Peer.to(server.port) as peer:
            assert peer.send(said).rest()[0].endswith(b"221 2.0.0 Bye\r\n")
        with Peer.to(server.port) as peer:
            for number in range(len(said)):
                peer.send(said[number : number + 1])
            assert peer.rest()[0].endswith(b"221 2.0.0 Bye\r\n")

    assert [mail.data for mail in server.messages] == [MESSAGE, MESSAGE]


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_text_before_the_handshake_is_in_front_of_a_good_handshake(certificate: Certificate) -> None:
    wrong = HostileSmtp("text before the handshake", tls=certificate.server)
    with wrong as server, arrived(server, "starttls") as peer:
        assert peer.reply() == b"220 2.0.0 Ready to start TLS\r\n"
        assert peer.exactly(44) == b"250-injected.example\r\n250 AUTH PLAIN LOGIN\r\n"
        with in_tls(peer, certificate.client) as encrypted:
            assert b"250-SIZE" in encrypted.send(b"EHLO me\r\n").reply()


def test_the_text_before_the_handshake_is_in_the_segment_of_the_reply(certificate: Certificate) -> None:
    wrong = HostileSmtp("text before the handshake", tls=certificate.server)
    with wrong as server, arrived(server, "starttls") as peer:
        assert peer.socket.recv(1000).count(b"\r\n") == 3


def test_a_client_that_talks_before_the_handshake_fails_in_it(certificate: Certificate) -> None:
    with HostileSmtp(tls=certificate.server) as server:
        with arrived(server, "ehlo") as peer:
            peer.reply()
            assert peer.send(b"STARTTLS\r\nNOOP\r\n").reply()[:3] == b"220"
            data, end = peer.rest()
            assert (b"250" in data, end) == (False, "closed")
        server.join()

    assert [command.step for command in server.commands] == ["ehlo", "starttls"]


def test_a_client_that_leaves_in_the_handshake_is_gone(certificate: Certificate) -> None:
    with HostileSmtp(tls=certificate.server) as server:
        with arrived(server, "handshake") as peer:
            assert peer.send_no_more().rest()[1] == "closed"
        server.join()


@pytest.mark.parametrize("at", ["mail", "quit"])
def test_in_tls_a_close_is_not_announced_and_quit_is(at: str, certificate: Certificate) -> None:
    context = certificate.client
    with HostileSmtp("closed", at="mail", tls=certificate.server, implicit=True) as server:
        raw = socket.create_connection((server.host, server.port), timeout=20)
        with context.wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False) as secured:
            peer = Peer(secured)
            peer.reply()
            peer.send(b"EHLO me\r\n").reply()
            if at == "quit":
                assert peer.send(b"QUIT\r\n").reply()[:3] == b"221"
                assert secured.recv(1) == b""
            else:
                peer.send(b"MAIL FROM:<>\r\n")
                with pytest.raises(ssl.SSLEOFError):
                    secured.recv(1)


def test_a_misbehaviour_can_wait_for_the_second_ehlo_behind_tls(certificate: Certificate) -> None:
    wrong = HostileSmtp("mixed codes", at="ehlo", nth=2, tls=certificate.server)
    with wrong as server, arrived(server, "starttls") as peer:
        peer.reply()
        with in_tls(peer, certificate.client) as encrypted:
            assert b"554 5.0.0 No" in encrypted.send(b"EHLO me\r\n").exactly(35)


# ── limits, and the end ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_without_an_end_is_given_up() -> None:
    with HostileSmtp() as server, arrived(server, "ehlo") as peer:
        peer.reply()
        peer.send(b"x" * (stream.LONGEST_LINE + 70_000))
        server.join()

    assert [command.step for command in server.commands] == ["ehlo"]


def test_a_message_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LARGEST_MESSAGE", 100_000)
    with HostileSmtp() as server, arrived(server, "data") as peer:
        peer.reply()
        peer.send(b"x\r\n" * 80_000)
        server.join()

    assert server.messages == ()


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files where Linux lists them")
def test_nothing_is_left_at_the_end(certificate: Certificate) -> None:
    files, threads = open_files(), threading.active_count()
    for name in ("silence", "closed", "endless line", "late reply", "no reply"):
        with HostileSmtp(name, at="mail", tls=certificate.server, pause_s=3600) as server, arrived(server, "mail"):
            pass

    assert (open_files(), threading.active_count()) == (files, threads)


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def test_more_than_one_stop_does_nothing_more() -> None:
    with HostileSmtp() as server:
        server.stop()
        server.stop()

    assert server.host == "127.0.0.1"
