"""What a good server answers, line by line and without a socket."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sesmail.testing.hostile_smtp.commands import encrypt, greet, hear, take
from sesmail.testing.hostile_smtp.dialogue import Dialogue, Reply, Terms
from tests.examples import one_in

EHLO, MAIL, RCPT = "EHLO me", "MAIL FROM:<ada@example.com>", "RCPT TO:<bob@example.org>"


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


def after(*lines: str, dialogue: Dialogue | None = None) -> Dialogue:
    """A dialogue in which these lines were said and obeyed."""
    dialogue = dialogue or Dialogue(Terms())
    for line in lines:
        dialogue = hear(dialogue, line.encode() + b"\r\n").dialogue
    return dialogue


def codes(*lines: str, terms: Terms = Terms()) -> list[int]:  # noqa: B008 - a value
    dialogue, found = Dialogue(terms), []
    for line in lines:
        answer = hear(dialogue, line.encode() + b"\r\n")
        dialogue = answer.dialogue
        found.append(answer.reply.code)
    return found


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([EHLO, MAIL, RCPT, RCPT, "DATA"], [250, 250, 250, 250, 354]),
        (["helo me", "mail from:<>", "rcpt to:<a>", "data"], [250, 250, 250, 354]),
        (["EHLO", "EHLO  ", "HELO"], [501, 501, 501]),
        ([MAIL, RCPT, "DATA"], [503, 503, 503]),
        ([EHLO, RCPT, "DATA", MAIL, MAIL, "DATA"], [250, 503, 503, 250, 503, 503]),
        ([EHLO, MAIL, RCPT, "DATA now"], [250, 250, 250, 503]),
        ([EHLO, MAIL, RCPT, "RSET", "DATA", RCPT], [250, 250, 250, 250, 503, 503]),
        ([EHLO, MAIL, RCPT, EHLO, "DATA", MAIL], [250, 250, 250, 250, 503, 250]),
        ([EHLO, MAIL, RCPT, "HELO me", "DATA", MAIL], [250, 250, 250, 250, 503, 250]),
        ([EHLO, MAIL + " SIZE=10 AUTH=<>"], [250, 250]),
        ([EHLO, 'MAIL FROM:<"a> b"@example.com>'], [250, 250]),
        ([EHLO, "MAIL FROM:ada@example.com", "MAIL FROM:<a b>", "MAIL", "MAIL FROM:<a>b"], [250, 501, 501, 501, 501]),
        ([EHLO, MAIL, "RCPT TO:<>", "RCPT TO:bob", "RCPT FROM:<bob>"], [250, 250, 501, 501, 501]),
        ([EHLO, "NOOP", "NOOP now", "VRFY ada", "HELP", "", "quit"], [250, 250, 250, 252, 500, 500, 221]),
        (["STARTTLS", "STARTTLS now"], [502, 501]),
    ],
)
def test_a_good_server_answers(lines: list[str], expected: list[int]) -> None:
    assert codes(*lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([EHLO, f"AUTH PLAIN {b64(chr(0) + 'ada' + chr(0) + 'secret')}", MAIL], [250, 235, 250]),
        ([EHLO, "auth plain", b64("other\0ada\0secret"), MAIL], [250, 334, 235, 250]),
        ([EHLO, "AUTH LOGIN", b64("ada"), b64("secret"), MAIL], [250, 334, 334, 235, 250]),
        ([EHLO, f"AUTH LOGIN {b64('ada')}", b64("secret"), MAIL], [250, 334, 235, 250]),
        ([EHLO, f"AUTH PLAIN {b64(chr(0) + 'ada' + chr(0) + 'wrong')}", MAIL], [250, 535, 530]),
        ([EHLO, f"AUTH PLAIN {b64(chr(0) + 'eve' + chr(0) + 'secret')}", MAIL], [250, 535, 530]),
        ([EHLO, "AUTH PLAIN", "*", MAIL], [250, 334, 501, 530]),
        ([EHLO, "AUTH LOGIN", "*", "NOOP"], [250, 334, 501, 250]),
        ([EHLO, "AUTH PLAIN =", "AUTH PLAIN YQ==", "AUTH PLAIN ____"], [250, 501, 501, 501]),
        ([EHLO, f"AUTH PLAIN {b64(chr(0) * 3)}", "AUTH PLAIN /w=="], [250, 501, 501]),
        ([EHLO, "AUTH CRAM-MD5", "AUTH"], [250, 504, 504]),
        (["AUTH PLAIN", EHLO], [503, 250]),
        ([EHLO, f"AUTH LOGIN {b64('ada')}", b64("secret"), "AUTH LOGIN"], [250, 334, 235, 503]),
    ],
)
def test_a_server_with_credentials_wants_them(lines: list[str], expected: list[int]) -> None:
    assert codes(*lines, terms=Terms(credentials=("ada", "secret"))) == expected


def test_a_server_without_credentials_takes_everyone_with_a_name() -> None:
    assert after(EHLO, "AUTH LOGIN", b64("eve"), b64("?")).user == "eve"
    assert codes(EHLO, "AUTH LOGIN", "=", b64("?")) == [250, 334, 501, 500]
    assert codes(EHLO, f"AUTH PLAIN {b64(chr(0) * 2)}") == [250, 535]
    assert codes(EHLO, MAIL, "AUTH LOGIN") == [250, 250, 503]


def test_login_asks_for_what_it_wants() -> None:
    asked = hear(after(EHLO), b"AUTH LOGIN\r\n")
    then = hear(asked.dialogue, b64("ada").encode() + b"\r\n")

    assert (asked.reply.to_bytes(), then.reply.to_bytes()) == (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n")
    assert hear(after(EHLO), b"AUTH PLAIN\r\n").reply.to_bytes() == b"334 \r\n"


def test_a_server_with_tls_offers_it_until_it_is_used() -> None:
    terms = Terms(("SIZE 10",), has_tls=True)
    dialogue = after(EHLO, MAIL, RCPT, dialogue=Dialogue(terms))
    answer = hear(dialogue, b"STARTTLS\r\n")
    encrypted = encrypt(answer.dialogue)
    again = hear(encrypted.dialogue, b"EHLO me\r\n")

    assert hear(dialogue, b"EHLO me\r\n").reply.lines == ("hostile.example", "SIZE 10", "STARTTLS", "AUTH PLAIN LOGIN")
    assert (answer.step, answer.reply.code, answer.then) == ("starttls", 220, "encrypt")
    assert (encrypted.reply.to_bytes(), encrypted.then) == (b"", "handshake")
    assert encrypted.dialogue == Dialogue(terms, is_encrypted=True), "all that was said before is forgotten"
    assert again.reply.lines == ("hostile.example", "SIZE 10", "AUTH PLAIN LOGIN")
    assert hear(again.dialogue, b"STARTTLS\r\n").reply.code == 502


@pytest.mark.parametrize("end", [b"\n", b"\r", b""])
@pytest.mark.parametrize("line", [b"EHLO me", b"MAIL FROM:<a@example.com>"])
def test_a_line_ends_with_cr_lf(line: bytes, end: bytes) -> None:
    dialogue = after(EHLO)

    assert hear(dialogue, line + end).reply.code == 500
    assert hear(dialogue, line + end).dialogue == dialogue


def test_a_response_that_ends_wrong_ends_the_exchange() -> None:
    answer = hear(after(EHLO, "AUTH LOGIN"), b64("ada").encode() + b"\n")

    assert (answer.step, answer.reply.code, answer.dialogue.exchange) == ("auth", 500, ())


def test_a_message_ends_a_mail() -> None:
    dialogue = after(EHLO, MAIL, RCPT, "RCPT TO:<\u00fc@example.org>")
    answer = take(dialogue)

    assert (dialogue.sender, dialogue.recipients) == ("ada@example.com", ("bob@example.org", "\u00fc@example.org"))
    assert (answer.step, answer.reply.code) == ("message", 250)
    assert answer.dialogue == after(EHLO)


def test_the_greeting_is_one_line() -> None:
    assert greet(Dialogue(Terms())).reply.to_bytes() == b"220 hostile.example ESMTP\r\n"


def test_a_reply_has_its_code_in_each_line() -> None:
    assert Reply(250, ("a", "b", "c")).to_bytes() == b"250-a\r\n250-b\r\n250 c\r\n"


def test_a_dialogue_prints_no_secret() -> None:
    dialogue = after(EHLO, f"AUTH LOGIN {b64('ada')}", dialogue=Dialogue(Terms(credentials=("ada", "secret"))))

    assert "secret" not in repr(dialogue)
    assert "ada" not in repr(dialogue)


@given(
    some.lists(some.binary(max_size=40) | some.sampled_from([b"EHLO x", b"AUTH LOGIN", b"MAIL FROM:<\xff>", b"DATA"]))
)
@one_in(1)
def test_whatever_is_said_there_is_an_answer(lines: list[bytes]) -> None:
    dialogue = Dialogue(Terms())
    for line in lines:
        answer = hear(dialogue, line.replace(b"\n", b"") + b"\r\n")
        dialogue = answer.dialogue

        assert 200 <= answer.reply.code < 600
        assert answer.reply.to_bytes().count(b"\n") == len(answer.reply.lines)


def test_a_long_path_is_judged_in_no_time() -> None:
    for path in ('"' * 60_000, '<"' + "\\" * 60_000, "<" + '"a"' * 20_000, "<" + "a" * 60_000):
        assert codes(EHLO, f"MAIL FROM:{path}") == [250, 501]
