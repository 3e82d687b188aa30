"""What a client of SMTP is told: commands, their order, logins, envelopes and mails, by the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.smtp.office import Letter, Offer
from sesmail.local.smtp.paths import Path
from sesmail.local.smtp.replies import Refused, Reply
from sesmail.local.smtp.session import Phase, Session
from sesmail.local.smtp.steps import Step, Then
from tests.local.smtp.talking import ENVELOPE, LOGIN, MAIL, PASSWORD, USER, Client, in_base64
from tests.local.smtp.test_lines import CUTS, slices

TLS_FIRST = "530 Must issue a STARTTLS command first\r\n"
LOGIN_FIRST = "530 Authentication required\r\n"
BAD_LOGIN = "535 Authentication Credentials Invalid\r\n"
LONG = f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example"

# ── hello ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_door_greets_first() -> None:
    assert Client().hear() == b"220 email-smtp.amazonaws.com ESMTP SimpleEmailService-sesmail-local\r\n"


def test_ehlo_tells_what_ses_tells() -> None:
    lines = ["250-email-smtp.amazonaws.com", "250-8BITMIME", "250-SIZE 41943040", "250-STARTTLS"]
    lines += ["250-AUTH PLAIN LOGIN", "250 Ok", ""]

    client = Client()
    assert client.say("EHLO client.example").split("\r\n") == lines
    lines.remove("250-STARTTLS")
    assert client.ready().say("EHLO client.example").split("\r\n") == lines


def test_what_is_offered_can_be_chosen() -> None:
    offered = Client(offer=Offer(largest=1000, starttls=False, pipelining=True)).say("ehlo a")

    assert offered.split("\r\n")[1:4] == ["250-8BITMIME", "250-SIZE 1000", "250-PIPELINING"]
    assert "STARTTLS" not in offered


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("HELO client.example", "250 email-smtp.amazonaws.com"),
        ("helo client.example  ", "250 email-smtp.amazonaws.com"),
        ("HELO", "501 Syntax: HELO and an argument"),
        ("EHLO ", "501 Syntax: EHLO and an argument"),
        ("NOOP", "250 Ok"),
        ("noop anything at all", "250 Ok"),
        ("RSET", "250 Ok"),
        ("RSET now", "501 Syntax: RSET and nothing else"),
        ("QUIT", "221 Bye"),
        ("HELP", "214 See RFC 5321, and the developer guide of Amazon SES"),
        ("HELP MAIL", "214 See RFC 5321, and the developer guide of Amazon SES"),
        ("VRFY ada", "252 Cannot tell whether there is such a mailbox; a mail finds out"),
        ("VRFY", "501 Syntax: VRFY and an argument"),
        ("EXPN staff", "502 Error: command not implemented"),
        ("BDAT 5 LAST", "502 Error: command not implemented"),
        ("XYZZY", "500 Error: command not recognized"),
        ("", "500 Error: command not recognized"),
        (" NOOP", "500 Error: command not recognized"),
        ("GET / HTTP/1.1", "500 Error: command not recognized"),
        ("STARTTLS now", "501 Syntax: STARTTLS and nothing else"),
        ("NOOP a\tb", "500 Error: control character in a command"),
        ("NOOP a\0b", "500 Error: control character in a command"),
        ("NOOP \xff\x80", "250 Ok"),
        ("NOOP " + "a" * 505, "250 Ok"),
        ("NOOP " + "a" * 506, "500 Error: line too long"),
        ("N" * 20_000, "500 Error: line too long"),
    ],
)
def test_a_command_has_its_reply(line: str, reply: str) -> None:
    client = Client()

    assert client.say(line) == f"{reply}\r\n"
    assert client.say("NOOP") == ("" if line == "QUIT" else "250 Ok\r\n")


# ── the order ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("line", [LOGIN, "AUTH LOGIN", *ENVELOPE, "DATA", "MAIL nonsense"])
def test_before_tls_nobody_logs_in_or_sends(line: str) -> None:
    assert Client().say("EHLO a", line) == TLS_FIRST


@pytest.mark.parametrize("line", [*ENVELOPE, "DATA"])
def test_before_the_login_nobody_sends(line: str) -> None:
    assert Client().ready().say(line) == LOGIN_FIRST


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        ((ENVELOPE[1],), "503 Error: need MAIL command"),
        (("DATA",), "503 Error: need MAIL command"),
        ((ENVELOPE[0], "DATA"), "503 Error: need RCPT command"),
        ((ENVELOPE[0], ENVELOPE[0]), "503 Error: nested MAIL command"),
        ((*ENVELOPE, ENVELOPE[0]), "503 Error: nested MAIL command"),
        ((*ENVELOPE, "RSET", "DATA"), "503 Error: need MAIL command"),
        ((*ENVELOPE, "EHLO a", "DATA"), "503 Error: need MAIL command"),
        ((*ENVELOPE, "HELO a", "DATA"), "503 Error: need MAIL command"),
        ((ENVELOPE[0], "RSET", ENVELOPE[0]), "250 Ok"),
        ((ENVELOPE[0], "NOOP", "VRFY a", ENVELOPE[1]), "250 Ok"),
        ((*ENVELOPE, "DATA now"), "501 Syntax: DATA and nothing else"),
        (("STARTTLS",), "503 Error: TLS has begun already"),
        ((LOGIN,), "503 Error: already authenticated"),
    ],
)
def test_commands_have_an_order(lines: tuple[str, ...], reply: str) -> None:
    assert Client().known().say(*lines) == f"{reply}\r\n"


def test_who_has_not_said_hello_does_not_log_in() -> None:
    assert Client().say("EHLO a", "STARTTLS", LOGIN) == "503 Error: send EHLO first\r\n"


def test_hello_does_not_end_a_login() -> None:
    assert Client().known().say("EHLO a", ENVELOPE[0]) == "250 Ok\r\n"


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_starttls_leads_to_a_handshake() -> None:
    session = Client().session
    session.receive(b"STARTTLS\r\n")
    steps = list(iter(session.next_step, None))
    session.receive(b"")

    assert steps[1:] == [Step(b"220 Ready to start TLS\r\n", Then.SECURE)]
    assert (session.phase, session.next_step()) == (Phase.SECURING, None)
    session.secured()
    assert (session.phase, session.next_step()) == (Phase.COMMAND, None)


@pytest.mark.parametrize("together", [True, False])
def test_what_is_said_between_starttls_and_the_handshake_ends_the_session(together: bool) -> None:
    session = Client().session
    for data in (b"STARTTLS\r\nEHLO evil\r\n",) if together else (b"STARTTLS\r\n", b"EHLO evil\r\n"):
        session.receive(data)
        steps = list(iter(session.next_step, None))

    assert steps[-1] == Step(then=Then.BREAK)
    assert session.phase is Phase.OVER
    session.receive(b"NOOP\r\n")
    assert session.next_step() is None


def test_a_door_that_does_not_offer_tls_does_not_begin_it() -> None:
    client = Client(offer=Offer(starttls=False))

    assert client.say("STARTTLS") == "502 Error: STARTTLS is not offered\r\n"
    assert client.say(LOGIN) == TLS_FIRST


def test_a_wrapped_session_begins_with_the_handshake() -> None:
    client = Client(is_wrapped=True)

    assert client.session.next_step() == Step(then=Then.SECURE)
    assert client.session.next_step() is None
    client.session.secured()
    assert client.hear().startswith(b"220 ")
    assert client.say("STARTTLS") == "503 Error: TLS has begun already\r\n"
    assert client.say("EHLO a", LOGIN, *ENVELOPE) == "250 Ok\r\n"


# ── who it is ────────────────────────────────────────────────────────────────────────────────────────────────────

PROMPT_USER, PROMPT_PASSWORD = "334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n"
OK = "235 Authentication successful\r\n"
NOT_BASE64 = "501 Error: what AUTH sends is base64\r\n"
CANCELLED = "501 Authentication cancelled\r\n"
RIGHT = in_base64("", USER, PASSWORD)


@pytest.mark.parametrize(
    "talk",
    [
        [(f"AUTH PLAIN {RIGHT}", OK)],
        [(f"auth plain  {RIGHT} ", OK)],
        [("AUTH PLAIN", "334 \r\n"), (RIGHT, OK)],
        [(f"AUTH PLAIN {in_base64(USER, USER, PASSWORD)}", OK)],
        [("AUTH LOGIN", PROMPT_USER), (in_base64(USER), PROMPT_PASSWORD), (in_base64(PASSWORD), OK)],
        [(f"AUTH LOGIN {in_base64(USER)}", PROMPT_PASSWORD), (in_base64(PASSWORD), OK)],
        [(f"AUTH PLAIN {in_base64('', USER, 'wrong')}", BAD_LOGIN)],
        [(f"AUTH PLAIN {in_base64('', 'nobody', PASSWORD)}", BAD_LOGIN)],
        [(f"AUTH PLAIN {in_base64('root', USER, PASSWORD)}", BAD_LOGIN)],
        [(f"AUTH PLAIN {in_base64('', USER, PASSWORD, '')}", BAD_LOGIN)],
        [(f"AUTH PLAIN {in_base64(USER, PASSWORD)}", BAD_LOGIN)],
        [(f"AUTH PLAIN {in_base64('', '', USER, PASSWORD)}", BAD_LOGIN)],
        [("AUTH PLAIN =", BAD_LOGIN)],
        [("AUTH PLAIN", "334 \r\n"), ("", BAD_LOGIN)],
        [("AUTH PLAIN AAAA/w==", BAD_LOGIN)],
        [("AUTH PLAIN AAA", NOT_BASE64)],
        [("AUTH PLAIN AAAA AAAA", NOT_BASE64)],
        [("AUTH PLAIN A?==", NOT_BASE64)],
        [("AUTH PLAIN", "334 \r\n"), ("\xff", NOT_BASE64)],
        [("AUTH PLAIN", "334 \r\n"), ("*", CANCELLED), ("NOOP", "250 Ok\r\n")],
        [("AUTH LOGIN", PROMPT_USER), ("*", CANCELLED)],
        [("AUTH LOGIN", PROMPT_USER), (in_base64(USER), PROMPT_PASSWORD), ("*", CANCELLED), (LOGIN, OK)],
        [("AUTH LOGIN", PROMPT_USER), (in_base64(USER), PROMPT_PASSWORD), (in_base64("wrong"), BAD_LOGIN)],
        [("AUTH LOGIN", PROMPT_USER), ("", PROMPT_PASSWORD), ("", BAD_LOGIN)],
        [("AUTH LOGIN", PROMPT_USER), ("A" * 20_000, "500 Error: line too long\r\n"), (LOGIN, OK)],
        [("AUTH LOGIN", PROMPT_USER), ("a\0", "500 Error: control character in a command\r\n"), (LOGIN, OK)],
        [("AUTH LOGIN", PROMPT_USER), ("QUIT", PROMPT_PASSWORD)],
        [("AUTH PLAIN " + "A" * 12_000, BAD_LOGIN)],
        [("AUTH CRAM-MD5", "504 Unrecognized authentication type\r\n")],
        [("AUTH", "501 Syntax: AUTH and an argument\r\n")],
    ],
)
def test_a_login_is_an_exchange(talk: list[tuple[str, str]]) -> None:
    client = Client().ready()

    assert [client.say(line) for line, _ in talk] == [reply for _, reply in talk]
    logged_in = talk[-1][1] == OK
    if client.session.phase is Phase.COMMAND:
        assert client.say(ENVELOPE[0]) == ("250 Ok\r\n" if logged_in else LOGIN_FIRST)


def test_a_bare_line_end_in_a_login_ends_the_session() -> None:
    client = Client().ready()
    client.say("AUTH LOGIN")

    assert client.send(b"abc\nMAIL FROM:<a@b.example>\r\n").startswith(b"500 ")
    assert client.last.then is Then.END


# ── the envelope ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("MAIL FROM:<shop@example.com>", "250 Ok"),
        ("mail from:<shop@example.com>", "250 Ok"),
        ("MAIL FROM: <shop@example.com>", "250 Ok"),
        ('MAIL FROM:<"a>b\\"c"@example.com>', "250 Ok"),
        ("MAIL FROM:<shop@example.com> SIZE=41943040 BODY=8BITMIME AUTH=<>", "250 Ok"),
        ("MAIL FROM:<shop@example.com>  size=0  body=7bit", "250 Ok"),
        ("MAIL FROM:<shop@example.com> SIZE=41943041", "552 Message is too long."),
        ("MAIL FROM:<shop@example.com> SIZE=99999999999999999999", "552 Message is too long."),
        ("MAIL FROM:<shop@example.com> SIZE=-1", "501 Syntax: this is no value of SIZE"),
        ("MAIL FROM:<shop@example.com> SIZE", "501 Syntax: this is no value of SIZE"),
        ("MAIL FROM:<shop@example.com> SIZE=" + "9" * 21, "501 Syntax: this is no value of SIZE"),
        ("MAIL FROM:<shop@example.com> BODY=BINARYMIME", "501 Syntax: this is no value of BODY"),
        ("MAIL FROM:<shop@example.com> SMTPUTF8", "555 MAIL FROM parameter not recognized: SMTPUTF8"),
        ("MAIL FROM:<shop@example.com> RET=HDRS", "555 MAIL FROM parameter not recognized: RET"),
        ("MAIL FROM:<shop@example.com> SIZE=1 SIZE=1", "501 Syntax: parameters are NAME=value, each once"),
        ("MAIL FROM:<shop@example.com> =1", "501 Syntax: parameters are NAME=value, each once"),
        ("MAIL FROM:<shop@example.com>SIZE=1", "501 Syntax: FROM:<address>"),
        ("MAIL FROM:<>", "501 Invalid MAIL FROM address provided"),
        ("MAIL FROM:shop@example.com", "501 Syntax: FROM:<address>"),
        ("MAIL FROM:<<shop@example.com>>", "501 Syntax: FROM:<address>"),
        ('MAIL FROM:<"shop@example.com>', "501 Syntax: FROM:<address>"),
        ("MAIL TO:<shop@example.com>", "501 Syntax: FROM:<address>"),
        ("MAIL", "501 Syntax: MAIL and an argument"),
        ("MAIL FROM:<shop>", "553 <shop> Invalid email address"),
        ("MAIL FROM:<shop@>", "553 <shop@> Invalid email address"),
        ("MAIL FROM:<shop@example..com>", "553 <shop@example..com> Invalid email address"),
        ("MAIL FROM:< shop@example.com >", "553 < shop@example.com > Invalid email address"),
        ("MAIL FROM:<@hop.example:shop@example.com>", "553 <@hop.example:shop@example.com> Invalid email address"),
        ("MAIL FROM:<sh\xf6p@example.com>", "553 <sh\\xf6p@example.com> Invalid email address"),
        ("MAIL FROM:<" + "a" * 600 + ">", f"553 <{'a' * 320}> Invalid email address"),
        ("MAIL FROM:<a@b.example> AUTH=" + "x" * 1024, "250 Ok"),
        ("MAIL FROM:<a@b.example> AUTH=" + "x" * 1025, "500 Error: line too long"),
        (f"MAIL FROM:<{LONG}>", "250 Ok"),
    ],
)
def test_a_sender_is_taken_or_refused(line: str, reply: str) -> None:
    client = Client().known()

    assert client.say(line) == f"{reply}\r\n"
    assert client.say(ENVELOPE[1]) == ("250 Ok\r\n" if reply == "250 Ok" else "503 Error: need MAIL command\r\n")


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("rcpt to:<ada@example.org>", "250 Ok"),
        ("RCPT TO:<postmaster>", "553 <postmaster> address unknown"),
        ("RCPT TO:<>", "553 <> address unknown"),
        ("RCPT TO:<a b@example.org>", "553 <a b@example.org> address unknown"),
        ("RCPT TO:ada@example.org", "501 Syntax: TO:<address>"),
        ("RCPT FROM:<ada@example.org>", "501 Syntax: TO:<address>"),
        ("RCPT TO:<ada@example.org> NOTIFY=NEVER", "555 RCPT TO parameter not recognized: NOTIFY"),
        ("RCPT", "501 Syntax: RCPT and an argument"),
    ],
)
def test_a_recipient_is_taken_or_refused(line: str, reply: str) -> None:
    client = Client().known()

    assert client.say(ENVELOPE[0], line) == f"{reply}\r\n"
    assert client.say("DATA")[:3] == ("354" if reply == "250 Ok" else "503")


def test_a_recipient_is_refused_alone() -> None:
    client = Client().known()
    client.say(ENVELOPE[0], "RCPT TO:<nobody>", ENVELOPE[1], "RCPT TO:<@>", "RCPT TO:<bob@example.org>", "DATA")

    assert client.send(MAIL + b".\r\n") == b"250 Ok 1\r\n"
    assert client.clerk.letters == [Letter(USER, "shop@example.com", ("ada@example.org", "bob@example.org"), MAIL)]


def test_there_is_an_end_to_recipients() -> None:
    """The box refuses a mail with more than 50; so many are kept that it can tell, and no more."""
    client = Client().at_data(*(f"user{number}@example.org" for number in range(500)))
    client.send(MAIL + b".\r\n")

    assert len(client.clerk.letters[0].recipients) == 51


@given(st.text(st.sampled_from('<>"\\ @:aT=FROM.'), max_size=40))
def test_a_path_is_read_or_refused(text: str) -> None:
    try:
        path = Path.parse(f"TO:{text}", "TO")
    except Refused:
        return

    assert f"<{path.address}>" in text


# ── mails ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_connection_takes_many_mails() -> None:
    client = Client().known()
    for number in range(1, 4):
        assert client.say(*ENVELOPE, "DATA") == "354 End data with <CR><LF>.<CR><LF>\r\n"
        assert client.send(MAIL + b".\r\n") == f"250 Ok {number}\r\n".encode()

    assert [letter.data for letter in client.clerk.letters] == [MAIL] * 3


def test_behind_a_mail_there_is_a_new_one() -> None:
    client = Client().at_data()
    client.send(MAIL + b".\r\n")

    assert client.say("DATA") == "503 Error: need MAIL command\r\n"
    assert client.say(ENVELOPE[0]) == "250 Ok\r\n"


def test_commands_in_a_mail_are_its_text() -> None:
    client = Client().at_data()

    assert client.send(b"QUIT\r\nRSET\r\nSTARTTLS\r\n") == b""
    assert client.send(b".\r\n") == b"250 Ok 1\r\n"
    assert client.clerk.letters[0].data == b"QUIT\r\nRSET\r\nSTARTTLS\r\n"


def test_a_mail_that_is_too_long_is_refused_when_it_ends() -> None:
    client = Client(offer=Offer(largest=100)).at_data()

    assert client.send(b"x" * 98 + b"\r\n.\r\n") == b"250 Ok 1\r\n"
    assert client.say(*ENVELOPE, "DATA")[:3] == "354"
    for _ in range(1000):
        assert client.send(b"x" * 1000) == b""
    assert client.send(b"\r\n.\r\n") == b"552 Message is too long.\r\n"
    assert client.say("DATA") == "503 Error: need MAIL command\r\n"
    assert len(client.clerk.letters) == 1


def test_commands_may_come_all_at_once() -> None:
    lines = ["EHLO a", LOGIN, *ENVELOPE, "DATA"]
    client = Client(is_wrapped=True)
    client.hear()
    heard = client.send("\r\n".join((*lines, "")).encode() + MAIL + b".\r\nQUIT\r\nNOOP\r\n")

    assert [line[:4] for line in heard.split(b"\r\n")][-7:] == [
        b"235 ",
        b"250 ",
        b"250 ",
        b"354 ",
        b"250 ",
        b"221 ",
        b"",
    ]
    assert client.last.then is Then.END


# ── ends ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("data", [b"NOOP\n", b"NOOP\rQUIT\r\n", b"\n", b"NOOP\n\r\n", b"NO\rOP"])
def test_a_bare_line_end_ends_the_session(data: bytes) -> None:
    client = Client()
    client.hear()

    assert client.send(data) == b"500 Error: lines end with CR LF, and neither stands alone\r\n"
    assert client.last.then is Then.END
    assert client.send(b"NOOP\r\n") == b""


def test_a_client_that_says_nothing_is_told_so() -> None:
    client = Client()
    client.hear()
    client.session.expire()

    assert client.hear() == b"451 4.4.2 Timeout waiting for data from client.\r\n"
    assert client.last.then is Then.END


def test_one_too_many_is_sent_away() -> None:
    client = Client(is_crowded=True)

    assert client.say("NOOP") == ""
    assert client.steps == [Step(b"421 Too many concurrent SMTP connections\r\n", Then.END)]


# ── any bytes ────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = [b"EHLO a", b"STARTTLS", LOGIN.encode(), b"AUTH LOGIN", in_base64(USER).encode(), b"QUIT", b"RSET", b"DATA"]
WORDS += [line.encode() for line in ENVELOPE] + [
    b".",
    b"..",
    MAIL,
    b"\0",
    b"\xff",
    b"a" * 600,
    b"\r",
    b"\n",
    b" ",
    b"*",
]
TALK = st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=25).flatmap(
    lambda words: st.sampled_from([b"\r\n".join(words) + b"\r\n", b"".join(words)])
)


def _steps(data: bytes, cuts: list[int], *, is_wrapped: bool) -> tuple[list[Step], list[Letter]]:
    client = Client(offer=Offer(largest=200), is_wrapped=is_wrapped)
    client.hear()
    for piece in slices(data, cuts):
        client.send(piece)
        assert len(client.session._inbox) <= 12_288
    return client.steps, client.clerk.letters


@given(TALK, CUTS)
def test_any_bytes_in_any_slices_have_the_same_replies(data: bytes, cuts: list[int]) -> None:
    whole = _steps(data, [], is_wrapped=True)

    assert _steps(data, cuts, is_wrapped=True) == whole
    for step in whole[0]:
        lines = step.data.split(b"\r\n")
        assert lines.pop() == b""
        for line in lines:
            assert line[:3].isdigit()
            assert line[3:4] in (b" ", b"-")


@given(TALK, CUTS)
def test_without_tls_nothing_is_taken(data: bytes, cuts: list[int]) -> None:
    session = Session(office=Client().clerk, offer=Offer(), chaos=Client().chaos)
    for piece in slices(data.replace(b"STARTTLS", b"XTLS"), cuts):
        session.receive(piece)
        for step in iter(session.next_step, None):
            assert step.data[:1] != b"3"
            assert step.data[:3] != b"235"
            assert step.then is not Then.SECURE


def test_a_reply_is_ascii_on_lines_of_its_own() -> None:
    assert Reply(554, "Zoë\r\n250 Ok", "b").to_bytes() == b"554-Zo???250 Ok\r\n554 b\r\n"
