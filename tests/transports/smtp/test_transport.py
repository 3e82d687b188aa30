"""SmtpTransport: what it is, its URLs, and mails to servers of any kind."""

from __future__ import annotations

import re
import ssl
from typing import Any

import pytest

from sesmail import Email, Envelope, Outgoing, SesOptions, mime
from sesmail.errors import (
    AuthFailed,
    ConnectFailed,
    MailError,
    Outcome,
    Rejected,
    SendError,
    SetupError,
    TooLarge,
    Unavailable,
    UnknownOption,
    Unsupported,
)
from sesmail.testing import HostileSmtp, Misbehaviour
from sesmail.transports import TransportUrl
from sesmail.transports.limits import NONE, SES
from sesmail.transports.smtp.replies import Reply
from sesmail.transports.smtp.transport import OPTIONS, SmtpTransport
from tests.transports.smtp.places import COLOURS, Tls, closing, to_server
from tests.transports.smtp.talking import ADA, BOB, EVE, FROM, Foreign, error_of, outgoing

# ── what it is, and what it is made of ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, "SmtpTransport('mail.example.com:587', starttls)"),
        ({"tls": "implicit"}, "SmtpTransport('mail.example.com:465', implicit)"),
        ({"tls": "none"}, "SmtpTransport('mail.example.com:25', none)"),
        ({"port": 2525, "user": "hunter2", "password": "hunter2"}, "SmtpTransport('mail.example.com:2525', starttls)"),
        ({"host": "::1"}, "SmtpTransport('[::1]:587', starttls)"),
    ],
)
def test_the_port_follows_from_tls_and_nothing_secret_is_printed(settings: dict[str, Any], shown: str) -> None:
    transport = SmtpTransport(**{"host": "mail.example.com", **settings})

    assert repr(transport) == shown
    assert "hunter2" not in repr(vars(transport))
    assert transport.name == "smtp"
    assert transport.limits is NONE


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"tls": "ssl"}, "tls is one of"),
        ({"user": "ada"}, "go together"),
        ({"password": "x"}, "go together"),
        ({"tls": "none", "user": "ada", "password": "x"}, "in clear"),
        ({"ses_options": "ignore"}, "ses_options is one of"),
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file"),
        ({"port": 65536}, "port"),
        ({"host": "a\r\nb"}, "host"),
        ({"local_name": "a b"}, "local_name"),
        ({"read_timeout_s": -1}, "timeout"),
        ({"connect_timeout_s": float("nan")}, "timeout"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_built(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(SetupError, match=text):
        SmtpTransport(**{"host": "mail.example.com", **settings})


def of_url(url: str) -> SmtpTransport:
    return SmtpTransport.from_url(TransportUrl.parse(url))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("smtp://mail.example.com", "SmtpTransport('mail.example.com:587', starttls)"),
        ("smtp://mail.example.com:25/", "SmtpTransport('mail.example.com:25', starttls)"),
        ("smtp://localhost:1025?tls=none", "SmtpTransport('localhost:1025', none)"),
        ("smtp://mail.example.com?tls=implicit", "SmtpTransport('mail.example.com:465', implicit)"),
        ("smtps://mail.example.com", "SmtpTransport('mail.example.com:465', implicit)"),
        ("smtps://mail.example.com:4650?tls=implicit", "SmtpTransport('mail.example.com:4650', implicit)"),
        ("smtp://[::1]:25?tls=none", "SmtpTransport('[::1]:25', none)"),
    ],
)
def test_a_url_names_host_port_and_tls(url: str, shown: str) -> None:
    assert repr(of_url(url)) == shown


def test_every_option_is_taken_and_no_other() -> None:
    values = {
        "tls": "none",
        "login_in_clear": "yes",
        "ca_file": __file__,
        "local_name": "app.example.com",
        "ses_options": "drop",
        "limits": "ses",
    }
    query = "&".join(f"{option.name}={values.get(option.name, '5')}" for option in OPTIONS)
    transport = of_url(f"smtp://ada%40example.com:p%2Fw@mail.example.com:2525?{query}")

    assert repr(transport) == "SmtpTransport('mail.example.com:2525', none)"
    assert transport.limits is SES
    assert transport._terms.local_name == "app.example.com"
    assert transport._terms.login
    assert (transport._terms.login.user, transport._terms.login.password) == ("ada@example.com", "p/w")
    assert transport._ses_options == "drop"
    with pytest.raises(UnknownOption, match="did you mean 'tls'"):
        of_url("smtp://mail.example.com?tsl=none")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("smtp://mail.example.com/inbox", "no path"),
        ("smtps://mail.example.com?tls=starttls", "TLS from the first byte"),
        ("smtps://mail.example.com?tls=none", "TLS from the first byte"),
        ("smtp://mail.example.com?tls=maybe", "tls takes"),
        ("smtp://", "host is"),
        ("smtp://ada:hunter2@mail.example.com?tls=none", "in clear"),
    ],
)
def test_what_a_url_cannot_mean_is_refused(url: str, text: str) -> None:
    with pytest.raises(SetupError, match=text) as caught:
        of_url(url)

    assert "hunter2" not in str(caught.value)


# ── a mail ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("colour", COLOURS)
def test_a_mail_goes_by_its_envelope(colour: str) -> None:
    with HostileSmtp() as server, closing(to_server(server)) as transport:
        out = outgoing(ADA, cc=BOB, bcc=EVE, return_path="bounce@example.com")
        result = COLOURS[colour](transport, out)

    (mail,) = server.messages
    assert (mail.sender, mail.recipients) == ("bounce@example.com", (ADA, BOB, EVE))
    assert mail.data == out.content.to_bytes()
    assert result.message_id_header == out.content.message_id
    assert result.raw == {"reply": "250 2.0.0 Ok, taken"}
    assert result.transport == "smtp"
    assert [command.line for command in server.commands][:2] == [
        "EHLO client.example",
        f"MAIL FROM:<bounce@example.com> SIZE={out.content.size} BODY=8BITMIME",
    ]


@pytest.mark.parametrize(
    ("said", "message_id"),
    [
        ("2.0.0 Ok: queued as 4XyZ12", "4XyZ12"),  # Postfix
        ("OK id=1tGx3k-0001-Ab", "1tGx3k-0001-Ab"),  # Exim
        ("2.0.0 Ok: queued as qVU5dJ", "qVU5dJ"),  # Mailpit
        ("Ok", ""),
        ("queued as", ""),
        ("OK ID=1abC-dE", "1abC-dE"),
        ("\u0130\u0130 queued as 4XyZ", "4XyZ"),  # each becomes two letters when it is made small
    ],
)
def test_an_id_is_read_where_the_server_says_one(said: str, message_id: str) -> None:
    assert SmtpTransport("a")._id_in(said) == message_id


def test_a_reply_is_safe_to_print() -> None:
    shout = Misbehaviour("shouts", "message", lambda _due: [b"250 queued as 5\x1b[2J\xff\r\n"])
    with HostileSmtp(shout) as server, closing(to_server(server)) as transport:
        result = transport.send(outgoing(ADA))

    assert result.raw == {"reply": "250 queued as 5?[2J�"}
    assert result.message_id == "5?[2J"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("mode", ["starttls", "implicit"])
def test_tls_and_login_go_together(mode: str, colour: str, tls: Tls) -> None:
    credentials = ("mailer", "correct horse")
    with HostileSmtp(tls=tls.context, implicit=mode == "implicit", credentials=credentials) as server:
        settings = {"tls": mode, "ca_file": tls.ca_file, "user": credentials[0], "password": credentials[1]}
        with closing(to_server(server, **settings)) as transport:
            assert COLOURS[colour](transport, outgoing(ADA)).failed == ()

    (mail,) = server.messages
    assert (mail.user, mail.is_encrypted) == ("mailer", True)


def test_a_context_of_yours_decides_whom_to_trust(tls: Tls) -> None:
    with HostileSmtp(tls=tls.context) as server:
        yours = ssl.create_default_context(cafile=tls.ca_file)
        with closing(to_server(server, tls="starttls", ssl_context=yours)) as transport:
            assert transport.send(outgoing(ADA)).failed == ()
        with closing(to_server(server, tls="starttls")) as transport:
            error = error_of(transport.send, outgoing(ADA))

    assert isinstance(error, ConnectFailed)
    assert "certificate is not accepted" in str(error)
    assert not error.retryable


def test_a_login_in_clear_is_made_only_where_you_say_so() -> None:
    with HostileSmtp(credentials=("ada", "hunter2")) as server:
        settings = {"user": "ada", "password": "hunter2"}
        with closing(to_server(server, **settings)) as transport:  # this machine
            assert transport.send(outgoing(ADA)).failed == ()

    assert server.messages[0].user == "ada"


def test_a_server_that_wants_a_login_says_so() -> None:
    with HostileSmtp(credentials=("ada", "hunter2")) as server, closing(to_server(server)) as transport:
        error = error_of(transport.send, outgoing(ADA))

    assert isinstance(error, AuthFailed)
    assert "give user and password" in str(error)


def test_nobody_at_home_is_no_connection() -> None:
    with HostileSmtp() as server:
        port = server.port
    with closing(SmtpTransport("127.0.0.1", port, tls="none")) as transport:
        for colour in COLOURS.values():
            error = error_of(colour, transport, outgoing(ADA))
            assert isinstance(error, ConnectFailed)
            assert (error.outcome, error.retryable) == (Outcome.NOT_SENT, True)


# ── who gets it ──────────────────────────────────────────────────────────────────────────────────────────────────


def choosy(*replies: bytes) -> list[Misbehaviour]:
    """What is said to each RCPT in turn, and meant."""

    def saying(reply: bytes, number: int) -> Misbehaviour:
        return Misbehaviour("choosy", "rcpt", lambda _due: [reply], nth=number, is_obeyed=reply.startswith(b"2"))

    return [saying(reply, number) for number, reply in enumerate(replies, 1)]


YES, NEVER, LATER = b"250 Ok\r\n", b"550 5.1.1 <bob@example.org> No such user\r\n", b"450 4.2.1 Later\r\n"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("keywords", [(), ("PIPELINING",)])
def test_each_recipient_has_an_outcome(colour: str, keywords: tuple[str, ...]) -> None:
    with HostileSmtp(*choosy(YES, NEVER, LATER), keywords=keywords) as server, closing(to_server(server)) as transport:
        result = COLOURS[colour](transport, outgoing(ADA, cc=BOB, bcc=EVE))

    ada, bob, eve = result.recipients
    assert [one.outcome for one in result.recipients] == [Outcome.SENT, Outcome.REFUSED, Outcome.NOT_SENT]
    assert ada.error is None
    assert isinstance(bob.error, Rejected)
    assert (bob.error.code, bob.error.recipients, bob.error.stage) == ("550 5.1.1", (BOB,), "mail")
    assert isinstance(eve.error, Unavailable)
    assert eve.error.retryable
    assert result.message_id


@pytest.mark.parametrize(
    ("replies", "kind", "outcome", "retryable", "code"),
    [
        ((NEVER, NEVER), Rejected, Outcome.REFUSED, False, "550 5.1.1"),
        ((NEVER, LATER), Unavailable, Outcome.NOT_SENT, True, "450 4.2.1"),
        ((LATER, LATER), Unavailable, Outcome.NOT_SENT, True, "450 4.2.1"),
    ],
)
def test_nobody_gets_it_is_an_error(
    replies: tuple[bytes, ...], kind: type[SendError], outcome: Outcome, retryable: bool, code: str
) -> None:
    with HostileSmtp(*choosy(*replies)) as server, closing(to_server(server)) as transport:
        error = error_of(transport.send, outgoing(ADA, BOB))

    assert type(error) is kind
    assert isinstance(error, SendError)
    assert (error.outcome, error.retryable, error.code, error.recipients) == (outcome, retryable, code, ())
    assert error.__cause__ is None
    assert not server.messages


def test_the_next_mail_forgets_the_one_that_was_refused() -> None:
    for keywords in ((), ("PIPELINING",)):
        with HostileSmtp(*choosy(NEVER), keywords=keywords) as server, closing(to_server(server)) as transport:
            error_of(transport.send, outgoing(ADA))
            assert transport.send(outgoing(BOB)).failed == ()

        assert server.connections == 1
        assert [command.step for command in server.commands].count("rset") == 1
        assert [mail.recipients for mail in server.messages] == [(BOB,)]


# ── what a server offers ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("colour", COLOURS)
def test_smtputf8_is_used_where_it_is_offered(colour: str) -> None:
    email = Email(sender=FROM, to="zoë@example.org", subject="Grüße", text="Grüße")
    out = Outgoing(email, Envelope.of(email), mime.write(email), email.ses)
    with HostileSmtp(keywords=("SMTPUTF8", "8BITMIME")) as server, closing(to_server(server)) as transport:
        COLOURS[colour](transport, out)

    (mail,) = server.messages
    assert mail.recipients == ("zoë@example.org",)
    assert mail.data == out.content.as_utf8().to_bytes()
    assert "Subject: Grüße".encode() in mail.data
    assert server.commands[1].line.endswith(" BODY=8BITMIME SMTPUTF8")


def test_smtputf8_is_missed_where_it_is_needed_and_nothing_else_is_harmed() -> None:
    with HostileSmtp() as server, closing(to_server(server)) as transport:
        error = error_of(transport.send, outgoing("zoë@example.org"))
        transport.send(outgoing(ADA))

    assert isinstance(error, Unsupported)
    assert error.feature == "SMTPUTF8"
    assert server.connections == 1


def test_an_envelope_beyond_ascii_leaves_a_content_in_ascii_as_it_is() -> None:
    out = outgoing(ADA, bcc="zoë@example.org")
    with HostileSmtp(keywords=("SMTPUTF8",)) as server, closing(to_server(server)) as transport:
        transport.send(out)

    assert server.messages[0].data == out.content.to_bytes()
    assert server.commands[1].line.endswith("> SMTPUTF8")


def test_a_mail_over_the_servers_size_is_not_tried() -> None:
    with HostileSmtp(keywords=("SIZE 100",)) as server:
        with closing(to_server(server)) as transport:
            error = error_of(transport.send, outgoing(ADA))
        server.join()

    assert isinstance(error, TooLarge)
    assert error.limit == 100
    assert [command.step for command in server.commands] == ["ehlo", "quit"]


@pytest.mark.parametrize(
    ("parts", "keywords"), [((b"a\n",), ()), (("Grüße\r\n".encode(),), ()), ((b"a\r\n" * 30000, b"\r"), ("8BITMIME",))]
)
def test_a_content_that_must_not_go_does_not_and_the_next_does(
    parts: tuple[bytes, ...], keywords: tuple[str, ...]
) -> None:
    with HostileSmtp(keywords=keywords) as server, closing(to_server(server)) as transport:
        for colour in COLOURS.values():
            assert isinstance(error_of(colour, transport, outgoing(ADA, content=Foreign(parts))), MailError)
        assert transport.send(outgoing(BOB)).failed == ()

    assert [mail.recipients for mail in server.messages] == [(BOB,)]


def test_a_content_in_8_bits_goes_where_8bitmime_is_offered() -> None:
    parts = ("Subject: Grüße\r\n".encode(), b"\r\n", "Grüße".encode())
    with HostileSmtp(keywords=("8BITMIME",)) as server, closing(to_server(server)) as transport:
        transport.send(outgoing(ADA, content=Foreign(parts)))

    assert server.messages[0].data == b"".join(parts) + b"\r\n"


# ── what is asked of SES ─────────────────────────────────────────────────────────────────────────────────────────

ASKED = SesOptions(configuration_set="main", feedback_address="bounces@example.com")


def test_what_is_asked_of_ses_is_refused_and_the_refusal_says_what_to_do() -> None:
    with pytest.raises(Unsupported, match="ses_options='drop'"):
        SmtpTransport("unreachable.invalid").send(outgoing(ADA, ses=ASKED))


@pytest.mark.parametrize(
    ("wish", "headers"), [("drop", []), ("headers", [b"X-SES-CONFIGURATION-SET: main", b"X-SES-MESSAGE-TAGS: a=b"])]
)
def test_what_is_asked_of_ses_is_left_out_or_said_in_headers(wish: str, headers: list[bytes]) -> None:
    with HostileSmtp() as server, closing(to_server(server, ses_options=wish)) as transport:
        transport.send(outgoing(ADA, ses=ASKED, tags={"a": "b"}))

    (mail,) = server.messages
    assert re.findall(rb"(?m)^X-SES[^\r]*", mail.data) == headers
    assert mail.sender == "bounces@example.com"


@pytest.mark.parametrize("ses", [SesOptions(), SesOptions(feedback_address="bounces@example.com")])
def test_a_mail_that_asks_nothing_of_ses_goes_anywhere(ses: SesOptions) -> None:
    with HostileSmtp() as server, closing(to_server(server)) as transport:
        transport.send(outgoing(ADA, ses=ses, tags={"a": "b"}))

    assert server.messages[0].sender == (ses.feedback_address or FROM)
    assert b"X-SES" not in server.messages[0].data


def test_an_unknown_kind_of_yes_is_a_yes() -> None:
    forwarded = Misbehaviour("forwards", "rcpt", lambda _due: [b"251 Will forward\r\n"])
    with HostileSmtp(forwarded) as server, closing(to_server(server)) as transport:
        assert transport.send(outgoing(ADA)).failed == ()

    assert Reply(251, ()).is_yes
