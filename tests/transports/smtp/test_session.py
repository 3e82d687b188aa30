"""The session by hand: what is said in which order, what each answer leads to, and what a fault means where it is."""

from __future__ import annotations

from typing import Any

import pytest

from sesmail.errors import (
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    InvalidAddress,
    MailError,
    Outcome,
    SendError,
    SetupError,
    TimedOut,
    TooLarge,
    Unsupported,
)
from sesmail.lines.dialogue import Dialogue
from sesmail.lines.fault import Kind, LineFault, StaleLine
from sesmail.transports.smtp.answers import Answers, Refused
from sesmail.transports.smtp.data import PIECE
from sesmail.transports.smtp.letter import Letter
from sesmail.transports.smtp.replies import Reply
from sesmail.transports.smtp.session import AHEAD, SmtpSession
from sesmail.transports.smtp.trust import Trust
from tests.transports.smtp.talking import (
    ADA,
    BOB,
    EVE,
    FROM,
    GO_ON,
    GREETING,
    HELLO,
    LATE,
    LOGGED_IN,
    LOST,
    OK,
    PIPELINING,
    PLAIN_EHLO,
    READY,
    TAKEN,
    TLS,
    Answer,
    Foreign,
    Server,
    ehlo,
    error_of,
    letter,
    opened,
    terms,
)

EHLO = b"EHLO client.example\r\n"
MAIL = b"MAIL FROM:<shop@example.com> SIZE=25 BODY=8BITMIME\r\n"
RCPT, RCPT_BOB = b"RCPT TO:<ada@example.org>\r\n", b"RCPT TO:<bob@example.org>\r\n"
DATA, RSET, BODY = b"DATA\r\n", b"RSET\r\n", HELLO + b".\r\n"
NEVER, LATER, GONE = b"550 5.1.1 No\r\n", b"450 4.2.1 Later\r\n", b"421 4.3.2 Closing\r\n"
WITH_TLS = ehlo("STARTTLS", "AUTH PLAIN LOGIN")
BEHIND_TLS = ehlo("AUTH PLAIN LOGIN", "8BITMIME")
AUTH = b"AUTH PLAIN AG1haWxlcgBjb3JyZWN0IGhvcnNl\r\n"


def said_while_opening(session: SmtpSession, *answers: Answer, **trouble: Any) -> list[bytes]:
    server = Server(*answers, **trouble)
    server.hear_out(session.open())
    assert not server.answers
    return server.said


def said(session: SmtpSession, *answers: Answer, to: tuple[str, ...] = (ADA,)) -> tuple[list[bytes], Answers]:
    server = Server(*answers)
    result = server.hear_out(session.send(letter(*to)))
    assert not server.answers
    return server.said, result


def fails(dialogue: Dialogue[Any], *answers: Answer, **trouble: Any) -> SendError:
    error = error_of(Server(*answers, **trouble).hear_out, dialogue)
    assert isinstance(error, SendError)
    return error


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_tls_there_is_a_greeting_and_ehlo() -> None:
    session = SmtpSession(terms())
    was_open = session.is_open

    assert said_while_opening(session, GREETING, PLAIN_EHLO) == [EHLO]
    assert (was_open, session.is_open) == (False, True)
    assert session.farewell() == b"QUIT\r\n"


def test_with_starttls_all_is_said_again_behind_it() -> None:
    session = SmtpSession(terms("starttls", login=True))

    assert said_while_opening(session, GREETING, WITH_TLS, READY, BEHIND_TLS, LOGGED_IN) == [
        EHLO,
        b"STARTTLS\r\n",
        TLS,
        EHLO,
        AUTH,
    ]
    assert session.is_open


def test_with_implicit_tls_it_comes_before_the_greeting() -> None:
    session = SmtpSession(terms("implicit", login=True))

    assert said_while_opening(session, GREETING, BEHIND_TLS, LOGGED_IN) == [TLS, EHLO, AUTH]


def test_certificates_that_are_read_already_are_not_asked_for_again() -> None:
    trust = Trust()
    shared = terms("implicit", trust=trust)

    assert said_while_opening(SmtpSession(shared), GREETING, BEHIND_TLS) == [TLS, EHLO]
    assert trust.is_ready
    assert said_while_opening(SmtpSession(shared), GREETING, BEHIND_TLS) == [TLS, EHLO]


def test_what_a_server_offers_before_tls_counts_no_more_behind_it() -> None:
    session = SmtpSession(terms("starttls"))
    said_while_opening(session, GREETING, ehlo("STARTTLS", "PIPELINING", "SIZE 5"), READY, ehlo("8BITMIME"))
    lines, _ = said(session, OK, OK, GO_ON, TAKEN)

    assert lines[0] == b"MAIL FROM:<shop@example.com> BODY=8BITMIME\r\n"
    assert len(lines) == 4, "one by one"


def test_login_is_prompted_where_plain_is_not_offered() -> None:
    session = SmtpSession(terms(login=True))
    lines = said_while_opening(
        session, GREETING, ehlo("AUTH=LOGIN"), b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n", LOGGED_IN
    )

    assert lines == [EHLO, b"AUTH LOGIN\r\n", b"bWFpbGVy\r\n", b"Y29ycmVjdCBob3JzZQ==\r\n"]


REFUSALS: list[tuple[str, tuple[bytes, ...], int, str, int]] = [
    ("none", (b"554 5.3.2 No\r\n",), 554, "connect", 0),
    ("none", (b"421 4.3.2 Busy\r\n",), 421, "connect", 0),
    ("none", (b"220-a\r\n220 b\r\n", b"502 What?\r\n"), 502, "connect", 1),
    ("starttls", (GREETING, WITH_TLS, b"454 4.7.0 Not now\r\n"), 454, "connect", 2),
    ("starttls", (GREETING, WITH_TLS, READY, b"550 No\r\n"), 550, "connect", 4),
    ("starttls", (GREETING, WITH_TLS, READY, BEHIND_TLS, b"535 5.7.8 No\r\n"), 535, "auth", 5),
    ("starttls", (GREETING, WITH_TLS, READY, BEHIND_TLS, b"454 4.7.0 Later\r\n"), 454, "auth", 5),
    ("starttls", (GREETING, WITH_TLS, READY, BEHIND_TLS, b"421 4.7.0 Gone\r\n"), 421, "auth", 5),
    ("starttls", (GREETING, WITH_TLS, READY, ehlo("AUTH LOGIN"), b"504 No\r\n"), 504, "auth", 5),
    ("starttls", (GREETING, WITH_TLS, READY, ehlo("AUTH LOGIN"), b"334 \r\n", b"501 No\r\n"), 501, "auth", 6),
]


@pytest.mark.parametrize(("tls", "answers", "code", "stage", "count"), REFUSALS)
def test_a_refusal_while_opening_is_told_and_ends_it(
    tls: Any, answers: tuple[bytes, ...], code: int, stage: str, count: int
) -> None:
    session, server = SmtpSession(terms(tls, login=tls != "none")), Server(*answers)
    with pytest.raises(Refused) as caught:
        server.hear_out(session.open())

    assert (caught.value.reply.code, caught.value.stage) == (code, stage)
    assert len(server.said) == count
    assert not session.is_open


@pytest.mark.parametrize("code", [535, 421, 454])
def test_a_refused_login_is_not_repeated_by_the_refusal(code: int) -> None:
    echo = b"%d 5.7.8 I heard %b" % (code, AUTH)
    with pytest.raises(Refused) as caught:
        Server(GREETING, BEHIND_TLS, echo).hear_out(SmtpSession(terms("implicit", login=True)).open())

    assert caught.value.reply == Reply(code, ())
    assert caught.value.__suppress_context__


def test_a_server_without_starttls_hears_nothing_more() -> None:
    session, server = SmtpSession(terms("starttls", login=True)), Server(GREETING, BEHIND_TLS)
    error = error_of(server.hear_out, session.open())

    assert isinstance(error, ConnectFailed)
    assert (error.retryable, error.outcome, error.stage) == (False, Outcome.NOT_SENT, "connect")
    assert "does not offer STARTTLS" in str(error)
    assert server.said == [EHLO]
    assert not session.is_open


@pytest.mark.parametrize("more", [b"2", OK, ehlo("AUTH PLAIN"), b"\x16\x03\x03"])
def test_a_word_before_the_handshake_ends_it(more: bytes) -> None:
    session, server = SmtpSession(terms("starttls", login=True)), Server(GREETING, WITH_TLS, READY + more)
    error = error_of(server.hear_out, session.open())

    assert isinstance(error, ConnectFailed)
    assert not error.retryable
    assert "before it began" in str(error)
    assert server.said == [EHLO, b"STARTTLS\r\n"]
    assert not session.is_open


def test_a_server_without_a_login_of_ours_is_told_apart() -> None:
    error = fails(SmtpSession(terms(login=True)).open(), GREETING, ehlo("AUTH XOAUTH2"))

    assert isinstance(error, AuthFailed)
    assert (error.stage, error.retryable) == ("auth", False)


BROKEN: list[tuple[tuple[Answer, ...], type[SendError], str, bool]] = [
    ((LOST,), ConnectFailed, "connect", True),
    ((b"",), ConnectFailed, "connect", True),
    ((LATE,), ConnectFailed, "connect", True),
    ((b"HTTP/1.1 400 Bad Request\r\n",), ConnectFailed, "connect", True),
    ((b"250 Hello\r\n",), ConnectFailed, "connect", True),
    ((b"354 Hello\r\n",), ConnectFailed, "connect", True),
    ((GREETING * 2,), ConnectFailed, "connect", True),
    ((GREETING, b"220 Hello\r\n"), ConnectFailed, "connect", True),
    ((GREETING, LOST), ConnectFailed, "connect", True),
    ((GREETING, WITH_TLS, b"250 Ok\r\n"), ConnectFailed, "connect", True),
    ((GREETING, WITH_TLS + OK), ConnectFailed, "connect", True),
    ((GREETING, WITH_TLS, READY, LineFault(Kind.TLS, "no")), ConnectFailed, "connect", False),
    ((GREETING, WITH_TLS, READY, BEHIND_TLS, b"250 Ok\r\n"), ConnectionLost, "auth", True),
    ((GREETING, WITH_TLS, READY, BEHIND_TLS, b"334 More\r\n"), ConnectionLost, "auth", True),
    ((GREETING, WITH_TLS, READY, BEHIND_TLS, LOST), ConnectionLost, "auth", True),
    ((GREETING, WITH_TLS, READY, BEHIND_TLS, LATE), TimedOut, "auth", True),
    ((GREETING, WITH_TLS, READY, ehlo("AUTH LOGIN"), LOGGED_IN), ConnectionLost, "auth", True),
    ((GREETING, WITH_TLS, READY, ehlo("AUTH LOGIN"), b"334 a\r\n334 b\r\n"), ConnectionLost, "auth", True),
]


@pytest.mark.parametrize(("answers", "kind", "stage", "retryable"), BROKEN)
def test_a_line_that_breaks_while_opening_has_sent_nothing(
    answers: tuple[Answer, ...], kind: type[SendError], stage: str, retryable: bool
) -> None:
    session = SmtpSession(terms("starttls", login=True))
    error = fails(session.open(), *answers)

    assert type(error) is kind
    assert (error.outcome, error.stage, error.retryable) == (Outcome.NOT_SENT, stage, retryable)
    assert "mail.example.com:587" in str(error)
    assert error.__cause__ is not None
    assert not session.is_open


@pytest.mark.parametrize("at", range(5))
def test_a_word_that_cannot_be_said_while_opening_has_sent_nothing(at: int) -> None:
    answers = (GREETING, WITH_TLS, READY, BEHIND_TLS, LOGGED_IN)
    if at == 2:
        answers = (GREETING, WITH_TLS, READY, LOST, LOST)  # type: ignore[assignment]
    error = fails(SmtpSession(terms("starttls", login=True)).open(), *answers, breaks_at=at)

    assert error.outcome is Outcome.NOT_SENT
    assert error.retryable


def test_the_port_of_the_other_tls_is_the_likely_reason_for_silence() -> None:
    assert "tls='implicit'" in str(fails(SmtpSession(terms("starttls")).open(), LATE))
    assert "tls='implicit'" in str(fails(SmtpSession(terms("none")).open(), LATE))
    assert "tls=" not in str(fails(SmtpSession(terms("starttls")).open(), GREETING, LATE))
    assert "tls=" not in str(fails(SmtpSession(terms("implicit")).open(), LATE))


def test_the_port_of_the_other_tls_is_the_likely_reason_for_noise() -> None:
    noise, other = LineFault(Kind.TLS, "wrong version number"), LineFault(Kind.TLS, "no")
    noise.__cause__ = OSError()
    noise.__cause__.reason = "WRONG_VERSION_NUMBER"  # type: ignore[attr-defined]

    assert "tls='starttls'" in str(fails(SmtpSession(terms("implicit")).open(), noise))
    assert "tls=" not in str(fails(SmtpSession(terms("implicit")).open(), other))
    assert "tls=" not in str(fails(SmtpSession(terms("starttls")).open(), GREETING, WITH_TLS, READY, noise))


def test_a_file_of_authorities_that_holds_none_is_said_when_it_is_read(tmp_path: Any) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("")

    with pytest.raises(SetupError):
        Server().hear_out(SmtpSession(terms("implicit", trust=Trust(ca_file=str(file)))).open())


# ── a mail ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_pipelining_each_command_waits_for_its_answer() -> None:
    session = opened()
    lines, answers = said(session, OK, OK, OK, GO_ON, TAKEN, to=(ADA, BOB))

    assert lines == [MAIL, RCPT, RCPT_BOB, DATA, BODY]
    assert answers.end == Reply(250, (b"2.0.0 Ok: queued as 4XyZ",))
    assert answers.refusal is None
    assert session.is_open


def test_with_pipelining_there_are_two_words() -> None:
    session = opened(PIPELINING)
    lines, answers = said(session, OK * 3 + GO_ON, TAKEN, to=(ADA, BOB))

    assert lines == [MAIL + RCPT + RCPT_BOB + DATA, BODY]
    assert [reply.code for reply in answers.recipients] == [250, 250]
    assert session.is_open


@pytest.mark.parametrize("recipients", [AHEAD - 3, AHEAD - 2, AHEAD - 1, AHEAD, 2 * AHEAD - 1, 3 * AHEAD])
def test_many_recipients_are_named_in_groups(recipients: int) -> None:
    session = opened(PIPELINING)
    to = tuple(f"reader{number}@example.org" for number in range(recipients))
    sizes = [AHEAD] * ((recipients + 2) // AHEAD) + [(recipients + 2) % AHEAD] * bool((recipients + 2) % AHEAD)
    heard = (OK * (recipients + 1) + GO_ON).splitlines(keepends=True)
    groups = []
    for size in sizes:
        groups.append(b"".join(heard[:size]))
        del heard[:size]
    lines, answers = said(session, *groups, TAKEN, to=to)

    assert [line.count(b"\r\n") for line in lines[:-1]] == sizes
    assert b"".join(lines).count(b"RCPT TO:<reader") == recipients == len(answers.recipients)
    assert session.is_open


def test_a_group_is_small_enough_for_any_buffer() -> None:
    session, server = opened(PIPELINING), Server((OK * AHEAD), LOST)
    error_of(server.hear_out, session.send(letter(*[f"{'a' * 64}@{'b' * 180}.example"] * 500)))

    assert max(map(len, server.said)) < 32_768


@pytest.mark.parametrize("greeting", [PLAIN_EHLO, PIPELINING])
def test_who_is_accepted_gets_it_and_who_is_refused_does_not(greeting: bytes) -> None:
    session = opened(greeting)
    heard = [OK, OK, NEVER, LATER, GO_ON]
    grouped = [b"".join(heard)] if greeting is PIPELINING else heard
    lines, answers = said(session, *grouped, TAKEN, to=(ADA, BOB, EVE))

    assert [reply.code for reply in answers.recipients] == [250, 550, 450]
    assert answers.refusal is None
    assert lines[-1] == BODY
    assert session.is_open


def test_without_pipelining_nobody_accepted_means_no_data() -> None:
    session = opened()
    lines, answers = said(session, OK, NEVER, LATER, to=(ADA, BOB))

    assert lines == [MAIL, RCPT, RCPT_BOB]
    assert answers.refusal
    assert answers.refusal.reply.code == 450
    assert session.is_open


def test_without_pipelining_a_refused_sender_means_nothing_more() -> None:
    session = opened()
    lines, answers = said(session, NEVER)

    assert lines == [MAIL]
    assert answers.refusal
    assert answers.refusal.stage == "mail"
    assert session.is_open
    assert said(session, OK, OK, GO_ON, TAKEN)[0] == [MAIL, RCPT, DATA, BODY], "and nothing to forget"


def test_with_pipelining_nobody_accepted_and_data_refused_is_the_end() -> None:
    session = opened(PIPELINING)
    lines, answers = said(session, OK + NEVER + b"554 5.5.1 No valid recipients\r\n")

    assert len(lines) == 1
    assert answers.refusal
    assert answers.refusal.reply.code == 550
    assert session.is_open


@pytest.mark.parametrize("last", [b"554 5.5.1 No\r\n", TAKEN, b"354 Go on\r\n"])
def test_with_pipelining_nobody_accepted_and_data_accepted_takes_a_lone_dot(last: bytes) -> None:
    session = opened(PIPELINING)
    lines, answers = said(session, OK + NEVER + GO_ON, last)

    assert lines[1:] == [b".\r\n"]
    assert answers.refusal
    assert answers.refusal.reply.code == 550
    assert session.is_open


@pytest.mark.parametrize("last", [LOST, LATE, b"", GONE, b"noise\r\n"])
def test_what_was_refused_stays_refused_when_the_line_breaks_behind_it(last: Answer) -> None:
    session = opened(PIPELINING)
    _, answers = said(session, OK + NEVER + GO_ON, last)

    assert answers.refusal
    assert answers.refusal.reply.code == 550
    assert not session.is_open


def test_with_pipelining_a_refused_sender_never_lets_the_mail_out() -> None:
    session = opened(PIPELINING)
    lines, answers = said(session, NEVER + OK + GO_ON, b"554 No\r\n")

    assert lines[1:] == [b".\r\n"]
    assert answers.refusal
    assert answers.refusal.stage == "mail"


def test_in_groups_a_refused_sender_ends_it_with_the_first() -> None:
    session = opened(PIPELINING)
    to = tuple(f"reader{number}@example.org" for number in range(AHEAD))
    lines, answers = said(session, NEVER + b"503 5.5.1 MAIL first\r\n" * (AHEAD - 1), to=to)

    assert len(lines) == 1
    assert answers.refusal
    assert answers.refusal.reply.code == 550
    assert session.is_open


@pytest.mark.parametrize("reply", [b"552 5.3.4 Too large\r\n", b"451 4.3.0 Later\r\n"])
def test_a_mail_that_is_refused_behind_its_end_leaves_the_session_open(reply: bytes) -> None:
    session = opened()
    _, answers = said(session, OK, OK, GO_ON, reply)

    assert answers.refusal
    assert answers.refusal.stage == "reply"
    assert session.is_open
    assert said(session, OK, OK, GO_ON, TAKEN)[0] == [MAIL, RCPT, DATA, BODY], "and nothing to forget"


def test_data_may_be_refused() -> None:
    session = opened()
    lines, answers = said(session, OK, OK, LATER)

    assert lines == [MAIL, RCPT, DATA]
    assert answers.refusal
    assert answers.refusal.stage == "data"
    assert session.is_open


def test_a_large_mail_goes_in_pieces_with_pauses_between() -> None:
    server = Server(OK, OK, GO_ON, TAKEN)
    text = (b"x" * 98 + b"\r\n") * 3000
    server.hear_out(opened().send(letter(parts=(text,))))
    body = server.said[3:]

    assert b"".join(body) == text + b".\r\n"
    assert len(body) == len(text) // PIECE + 1
    assert server.pauses == len(body) - 1


# ── parameters ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("keywords", "is_utf8", "parameters"),
    [
        ((), False, b""),
        (("SIZE",), False, b" SIZE=25"),
        (("SIZE 25",), False, b" SIZE=25"),
        (("8BITMIME",), False, b" BODY=8BITMIME"),
        (("SMTPUTF8",), False, b""),
        (("SMTPUTF8",), True, b" SMTPUTF8"),
        (("SMTPUTF8", "8BITMIME", "SIZE 0"), True, b" SIZE=25 BODY=8BITMIME SMTPUTF8"),
    ],
)
def test_parameters_are_said_where_they_are_offered(
    keywords: tuple[str, ...], is_utf8: bool, parameters: bytes
) -> None:
    server = Server(OK, OK, GO_ON, TAKEN)
    server.hear_out(opened(ehlo(*keywords)).send(letter(is_utf8=is_utf8)))

    assert server.said[0] == b"MAIL FROM:<shop@example.com>" + parameters + b"\r\n"


def test_an_address_beyond_ascii_is_said_in_utf8() -> None:
    server = Server(OK, OK, GO_ON, TAKEN)
    server.hear_out(opened(ehlo("SMTPUTF8")).send(letter("zoë@example.org", is_utf8=True)))

    assert server.said[1] == "RCPT TO:<zoë@example.org>\r\n".encode()


REFUSED_HERE: list[tuple[bytes, dict[str, Any], type[MailError]]] = [
    (PLAIN_EHLO, {"is_utf8": True}, Unsupported),
    (ehlo("SIZE 24"), {}, TooLarge),
    (PLAIN_EHLO, {"sender": "a\r\nRCPT TO:<eve@example.org>@b.example"}, MailError),
    (PLAIN_EHLO, {"sender": "a@b.example> SIZE=1"}, InvalidAddress),
]


@pytest.mark.parametrize(("greeting", "fields", "kind"), REFUSED_HERE)
def test_a_mail_that_cannot_go_is_refused_before_a_word_and_the_session_stays_open(
    greeting: bytes, fields: dict[str, Any], kind: type[MailError]
) -> None:
    session, server = opened(greeting), Server()
    with pytest.raises(kind):
        server.hear_out(session.send(letter(**fields)))

    assert server.said == []
    assert session.is_open


def test_too_large_says_how_large() -> None:
    error = error_of(Server().hear_out, opened(ehlo("SIZE 24")).send(letter()))

    assert isinstance(error, TooLarge)
    assert (error.size, error.limit) == (25, 24)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [((b"a\r\n", b"b\n"), MailError), (("Grüße\r\n".encode(),), Unsupported), ((b"a" * PIECE, b"\n"), MailError)],
)
def test_a_content_that_must_not_go_ends_the_session_without_its_dot(
    parts: tuple[bytes, ...], kind: type[MailError]
) -> None:
    session, server = opened(ehlo("PIPELINING")), Server(OK + OK + GO_ON)
    with pytest.raises(kind):
        server.hear_out(session.send(letter(parts=parts)))

    assert not b"".join(server.said).endswith(b".\r\n")
    assert not session.is_open


def test_a_content_that_fails_while_it_is_made_ends_the_session_without_its_dot() -> None:
    class Vanishing(Foreign):
        def chunks(self) -> Any:
            yield b"a\r\n"
            yield b"b\r\n"
            yield b"c\r\n"
            raise OSError("the file is gone")

    session, server = opened(), Server(OK, OK, GO_ON)
    with pytest.raises(OSError, match="gone"):
        server.hear_out(session.send(Letter(FROM, (ADA,), Vanishing((b"",)))))

    assert server.said[3:] == [b"a\r\n"]
    assert not session.is_open


# ── where the line breaks ────────────────────────────────────────────────────────────────────────────────────────

WORDS = [OK, OK, GO_ON, TAKEN]  # the answers to MAIL, RCPT, DATA and the mail itself
STAGES = ["mail", "mail", "data", "reply"]


@pytest.mark.parametrize("fault", [LOST, LATE, b"", b"25", b"noise\r\n", b"354 Go\r\n", b"250-Ok\r\n550 No\r\n"])
@pytest.mark.parametrize("at", range(4))
def test_a_fault_means_that_nothing_was_sent_until_the_end_was_written(at: int, fault: Answer) -> None:
    if at == 2 and fault == b"354 Go\r\n":
        fault = b"250 Ok\r\n"
    answers: list[Answer] = [*WORDS[:at], fault]
    if fault == b"25":
        answers.append(LOST)
    session = opened()
    error = fails(session.send(letter()), *answers)

    assert error.outcome is (Outcome.UNKNOWN if at == 3 else Outcome.NOT_SENT)
    assert error.retryable is (at != 3)
    assert error.stage == STAGES[at]
    assert type(error) is (TimedOut if fault is LATE else ConnectionLost)
    assert not session.is_open


@pytest.mark.parametrize("fault", [LOST, LATE])
@pytest.mark.parametrize("at", range(4))
def test_a_word_that_cannot_be_said_is_unknown_when_it_holds_the_end(at: int, fault: LineFault) -> None:
    session = opened()
    error = fails(session.send(letter()), *WORDS, breaks_at=at, fault=fault)

    assert error.outcome is (Outcome.UNKNOWN if at == 3 else Outcome.NOT_SENT)
    assert not session.is_open


@pytest.mark.parametrize("fault", [LOST, LATE])
def test_a_large_mail_that_breaks_before_its_last_piece_is_not_sent(fault: LineFault) -> None:
    parts = (b"a\r\n" * 20000,) * 3
    for at, outcome in ((3, Outcome.NOT_SENT), (4, Outcome.NOT_SENT), (5, Outcome.UNKNOWN)):
        error = fails(opened().send(letter(parts=parts)), OK, OK, GO_ON, fault, breaks_at=at, fault=fault)
        assert error.outcome is outcome


def test_a_server_that_leaves_in_the_middle_of_a_mail_may_have_said_why() -> None:
    parts = (b"a\r\n" * 20000,) * 3
    session, server = opened(), Server(OK, OK, GO_ON, b"552 5.3.4 Too large\r\n", breaks_at=4)
    answers = server.hear_out(session.send(letter(parts=parts)))

    assert answers.refusal
    assert answers.refusal.reply.codes == "552 5.3.4"
    assert not session.is_open


def test_a_server_that_takes_nothing_more_in_time_is_not_waited_for_again() -> None:
    parts = (b"a\r\n" * 20000,) * 3
    server = Server(OK, OK, GO_ON, b"552 5.3.4 Too large\r\n", breaks_at=4, fault=LATE)

    assert isinstance(error_of(server.hear_out, opened().send(letter(parts=parts))), TimedOut)
    assert len(server.answers) == 1


@pytest.mark.parametrize("word", [GONE, b"451 4.4.2 Timeout waiting for data from client.\r\n"])
def test_a_server_that_closes_in_the_middle_of_a_mail_says_why(word: bytes) -> None:
    session, server = opened(), Server(OK, OK, GO_ON, word, breaks_at=4)
    with pytest.raises(Refused) as caught:
        server.hear_out(session.send(letter(parts=(b"a\r\n" * 20000,) * 3)))

    assert caught.value.stage == "data"
    assert not session.is_open


@pytest.mark.parametrize("word", [TAKEN, b"", LATE, b"noise\r\n", GO_ON])
def test_what_cannot_have_been_said_of_half_a_mail_is_no_reason(word: Answer) -> None:
    error = fails(opened().send(letter(parts=(b"a\r\n" * 20000,) * 3)), OK, OK, GO_ON, word, breaks_at=4)

    assert isinstance(error, ConnectionLost)
    assert error.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("at", range(4))
def test_421_is_an_answer_at_any_time_and_the_last_one(at: int) -> None:
    session = opened()
    with pytest.raises(Refused) as caught:
        Server(*WORDS[:at], GONE).hear_out(session.send(letter()))

    assert (caught.value.reply.code, caught.value.stage) == (421, STAGES[at])
    assert not session.is_open


def test_451_ends_a_session_only_when_it_says_so() -> None:
    session = opened()
    with pytest.raises(Refused):
        Server(OK, b"451 4.4.2 Timeout\r\n").hear_out(session.send(letter()))
    assert not session.is_open

    session = opened()
    said(session, OK, b"451 4.3.0 Later\r\n")
    assert session.is_open


@pytest.mark.parametrize("at", range(3))
def test_a_word_too_much_ends_the_session_before_anything_else_is_said(at: int) -> None:
    answers = [*WORDS[:at], WORDS[at] + OK]
    session, server = opened(), Server(*answers)
    error = error_of(server.hear_out, session.send(letter()))

    assert isinstance(error, ConnectionLost)
    assert (error.outcome, error.retryable) == (Outcome.NOT_SENT, True)
    assert len(server.said) == at + 1
    assert not session.is_open


@pytest.mark.parametrize("more", [OK, b"2", GONE, b"noise"])
def test_a_mail_that_was_taken_is_sent_whatever_comes_behind(more: bytes) -> None:
    session = opened()
    _, answers = said(session, OK, OK, GO_ON, TAKEN + more)

    assert answers.refusal is None
    assert not session.is_open


@pytest.mark.parametrize("heard", [OK + OK + OK + GO_ON, OK + OK + GO_ON + OK, OK + GO_ON + OK, OK + OK + OK])
def test_with_pipelining_an_answer_too_much_or_out_of_place_ends_it(heard: bytes) -> None:
    session, server = opened(PIPELINING), Server(heard)
    error = error_of(server.hear_out, session.send(letter()))

    assert isinstance(error, ConnectionLost)
    assert error.outcome is Outcome.NOT_SENT
    assert len(server.said) == 1
    assert not session.is_open


def test_with_pipelining_an_answer_too_few_is_waited_for() -> None:
    error = fails(opened(PIPELINING).send(letter()), OK + OK, LATE)

    assert isinstance(error, TimedOut)
    assert error.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("answers", [(b"503 5.5.1 Nested\r\n",), (OK, b"503 x\r\n"), (OK, OK, b"503 x\r\n")])
def test_a_server_that_has_lost_count_is_left_and_the_mail_may_go_again(answers: tuple[bytes, ...]) -> None:
    session = opened()
    error = fails(session.send(letter()), *answers)

    assert isinstance(error, ConnectionLost)
    assert (error.outcome, error.retryable) == (Outcome.NOT_SENT, True)
    assert not session.is_open


def test_a_session_that_has_heard_enough_is_not_used_again() -> None:
    session = opened()
    session._reader.heard = 9_000_000
    said(session, OK, OK, GO_ON, TAKEN)

    assert not session.is_open


def test_who_stops_listening_leaves_the_session_closed() -> None:
    for opening in (True, False):
        session = opened()
        dialogue: Dialogue[Any] = SmtpSession(terms()).open() if opening else session.send(letter())
        next(dialogue)
        dialogue.close()
        assert opening or not session.is_open


# ── a line that was kept ─────────────────────────────────────────────────────────────────────────────────────────


def kept(greeting: bytes = PLAIN_EHLO) -> SmtpSession:
    session = opened(greeting)
    said(session, *([OK, OK, GO_ON] if greeting is PLAIN_EHLO else [OK + OK + GO_ON]), TAKEN)
    Server().hear_out(session.freshen(5.0))
    return session


def test_a_kept_line_costs_no_word_more() -> None:
    session = kept()

    assert session.is_open
    assert said(session, OK, OK, GO_ON, TAKEN)[0] == [MAIL, RCPT, DATA, BODY]


@pytest.mark.parametrize("answer", [LOST, b"", GONE, b"451 Timeout\r\n", b"451 4.4.2 Timeout\r\n", b"503 x\r\n"])
@pytest.mark.parametrize("greeting", [PLAIN_EHLO, PIPELINING])
def test_a_kept_line_that_has_ended_is_stale_and_not_the_mails_fault(greeting: bytes, answer: Answer) -> None:
    session = kept(greeting)
    with pytest.raises(StaleLine):
        Server(answer).hear_out(session.send(letter()))

    assert not session.is_open


def test_a_kept_line_on_which_nothing_can_be_said_is_stale() -> None:
    with pytest.raises(StaleLine):
        Server(breaks_at=0).hear_out(kept().send(letter()))


@pytest.mark.parametrize("answers", [(LATE,), (b"noise\r\n",), (OK, LOST), (OK, b""), (OK, LATE)])
def test_a_kept_line_that_answers_or_is_slow_is_not_stale(answers: tuple[Answer, ...]) -> None:
    session = kept()
    error = fails(session.send(letter()), *answers)

    assert error.outcome is Outcome.NOT_SENT
    assert not session.is_open


@pytest.mark.parametrize("answer", [LATER, NEVER, b"451 4.3.0 Disk full\r\n"])
def test_a_refusal_of_the_mail_itself_is_no_stale_line(answer: bytes) -> None:
    _, answers = said(kept(), answer)

    assert answers.refusal


@pytest.mark.parametrize("answers", [(OK, OK, b"451 4.3.0 Later\r\n"), (OK, b"451 4.3.0 Later\r\n")])
def test_behind_its_first_answer_a_kept_line_is_as_any_other(answers: tuple[bytes, ...]) -> None:
    _, result = said(kept(), *answers)

    assert result.refusal


def test_without_pipelining_a_mail_that_came_to_nothing_is_forgotten_before_the_next() -> None:
    session = opened()
    said(session, OK, NEVER)
    server = Server(OK)
    server.hear_out(session.freshen(1.0))

    assert server.said == [RSET]
    assert session.is_open
    assert said(session, OK, OK, GO_ON, TAKEN)[0] == [MAIL, RCPT, DATA, BODY]
    Server().hear_out(session.freshen(1.0))  # and not once more


@pytest.mark.parametrize("answer", [LOST, LATE, b"", GONE, b"550 No\r\n", b"354 Go\r\n", OK + OK])
def test_who_cannot_forget_is_stale(answer: Answer) -> None:
    session = opened()
    said(session, OK, NEVER)
    try:
        Server(answer).hear_out(session.freshen(1.0))
    except StaleLine:
        assert not session.is_open
    else:
        assert answer == OK + OK
        with pytest.raises(ConnectionLost):
            Server().hear_out(session.send(letter()))


def test_with_pipelining_forgetting_costs_no_round_trip() -> None:
    session = opened(PIPELINING)
    said(session, OK + NEVER + b"554 No\r\n")
    Server().hear_out(session.freshen(1.0))
    lines, answers = said(session, OK * 3 + GO_ON, TAKEN)

    assert lines == [RSET + MAIL + RCPT + DATA, BODY]
    assert answers.refusal is None
    assert said(session, OK * 2 + GO_ON, TAKEN)[0] == [MAIL + RCPT + DATA, BODY], "and not once more"


def test_with_pipelining_who_does_not_forget_is_left() -> None:
    session = opened(PIPELINING)
    said(session, OK + NEVER + b"554 No\r\n")
    with pytest.raises(Refused):
        Server(b"550 No\r\n" + OK * 2 + GO_ON).hear_out(session.send(letter()))
    assert not session.is_open
