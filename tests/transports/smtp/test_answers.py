"""What the answers to a mail come to, and which error a refusal is at a server of any kind."""

from __future__ import annotations

import pytest

from sesmail.errors import AuthFailed, ConnectFailed, Outcome, Rejected, SendError, Unavailable
from sesmail.lines.line import Place
from sesmail.transports.smtp.answers import Answers, Refused
from sesmail.transports.smtp.relay_replies import LONGEST_TEXT, relay_error
from sesmail.transports.smtp.replies import Reply

YES, GO_ON = Reply(250, (b"Ok",)), Reply(354, (b"Go on",))
NEVER, LATER = Reply(550, (b"5.1.1 No",)), Reply(450, (b"4.2.1 Later",))
NOT_NOW, ALSO_NOT_NOW = Reply(451, ()), Reply(452, ())


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        (Answers(YES, [YES], GO_ON, YES), None),
        (Answers(YES, [YES, NEVER], GO_ON, YES), None),
        (Answers(NEVER, [], None, None), (NEVER, "mail")),
        (Answers(LATER, [Reply(503, ())], Reply(503, ()), None), (LATER, "mail")),
        (Answers(YES, [NEVER], None, None), (NEVER, "mail")),
        (Answers(YES, [NEVER, LATER, NOT_NOW], None, None), (LATER, "mail")),
        (Answers(YES, [NEVER, Reply(551, ())], GO_ON, None), (NEVER, "mail")),
        (Answers(YES, [YES, NEVER], LATER, None), (LATER, "data")),
        (Answers(YES, [YES, NEVER], GO_ON, NOT_NOW), (NOT_NOW, "reply")),
        (Answers(YES, [YES], GO_ON, NEVER), (NEVER, "reply")),
        (Answers(NEVER, [YES], GO_ON, None), (NEVER, "mail")),
    ],
)
def test_a_refusal_is_the_reason_for_which_nobody_gets_it(answers: Answers, refusal: tuple[Reply, str] | None) -> None:
    found = answers.refusal

    assert (found and (found.reply, found.stage)) == refusal


def test_a_mail_whose_sender_was_refused_is_for_nobody() -> None:
    assert Answers(YES, [NEVER, YES]).is_for_somebody
    assert not Answers(NEVER, [YES]).is_for_somebody
    assert not Answers(YES, [NEVER]).is_for_somebody
    assert not Answers().is_for_somebody


def test_a_refusal_says_its_code_and_no_text() -> None:
    assert str(Refused(Reply(535, (b"secret",)), "auth")) == "535 (auth)"


# ── errors of servers that are not SES ───────────────────────────────────────────────────────────────────────────

TABLE = [
    ("connect", 421, "4.3.2 busy", Unavailable, Outcome.NOT_SENT, True),
    ("connect", 554, "5.3.2 no", ConnectFailed, Outcome.NOT_SENT, False),
    ("auth", 535, "5.7.8 wrong", AuthFailed, Outcome.NOT_SENT, False),
    ("auth", 501, "what?", AuthFailed, Outcome.NOT_SENT, False),
    ("auth", 454, "4.7.0 later", Unavailable, Outcome.NOT_SENT, True),
    ("mail", 530, "5.7.0 login", AuthFailed, Outcome.NOT_SENT, False),
    ("mail", 535, "5.7.8 wrong", AuthFailed, Outcome.NOT_SENT, False),
    ("mail", 538, "5.7.11 TLS", AuthFailed, Outcome.NOT_SENT, False),
    ("mail", 450, "4.2.0 greylisted", Unavailable, Outcome.NOT_SENT, True),
    ("mail", 452, "", Unavailable, Outcome.NOT_SENT, True),
    ("mail", 550, "5.1.1 unknown", Rejected, Outcome.REFUSED, False),
    ("mail", 550, "5.7.1 relay", Rejected, Outcome.REFUSED, False),
    ("mail", 552, "5.3.4 too big", Rejected, Outcome.REFUSED, False),
    ("data", 554, "no valid recipients", Rejected, Outcome.REFUSED, False),
    ("reply", 421, "4.3.2 closing", Unavailable, Outcome.NOT_SENT, True),
    ("reply", 554, "5.6.0 spam", Rejected, Outcome.REFUSED, False),
    ("reply", 599, "", Rejected, Outcome.REFUSED, False),
]


@pytest.mark.parametrize(("stage", "code", "text", "kind", "outcome", "retryable"), TABLE)
def test_a_refusal_is_an_error_by_its_codes(
    stage: str, code: int, text: str, kind: type[SendError], outcome: Outcome, retryable: bool
) -> None:
    error = relay_error(Reply(code, (text.encode(),)), stage=stage, place=Place("::1", 25), recipients=["a@b.example"])

    assert type(error) is kind
    assert (error.outcome, error.retryable, error.stage) == (outcome, retryable, stage)
    assert error.code == f"{code} {text.split(' ', 1)[0] if text[:1].isdigit() else ''}".rstrip()
    assert error.recipients == ("a@b.example",)
    assert str(error).startswith(f"[::1]:25 said {code}")
    assert text in str(error)


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (Reply(550, (b"5.1.1 x",)), "nobody has this address"),
        (Reply(552, ()), "larger"),
        (Reply(550, (b"5.3.4 x",)), "larger"),
        (Reply(550, (b"5.7.1 x",)), "unchanged"),
        (Reply(450, ()), "later"),
        (Reply(530, ()), "give user and password"),
    ],
)
def test_an_error_says_what_to_do(reply: Reply, advice: str) -> None:
    assert advice in str(relay_error(reply, stage="mail", place=Place("mail.example.com", 25)))


def test_an_error_repeats_the_server_safely_and_not_for_ever() -> None:
    error = relay_error(Reply(550, (b"\x1b[2J" + b"x" * 5000,)), stage="mail", place=Place("mail.example.com", 25))

    assert str(error).isprintable()
    assert len(str(error)) < LONGEST_TEXT + 150
