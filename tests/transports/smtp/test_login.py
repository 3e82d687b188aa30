"""Who we are: how it is said, and where it must never show."""

from __future__ import annotations

from base64 import b64encode

import pytest

from sesmail.errors import SetupError
from sesmail.transports.smtp.login import Login
from sesmail.transports.smtp.replies import Reply

LOGIN = Login("mailer", "correct horse")


def test_plain_is_one_line_and_login_three() -> None:
    assert LOGIN.lines("PLAIN") == (b"AUTH PLAIN AG1haWxlcgBjb3JyZWN0IGhvcnNl\r\n",)
    assert LOGIN.lines("LOGIN") == (b"AUTH LOGIN\r\n", b"bWFpbGVy\r\n", b"Y29ycmVjdCBob3JzZQ==\r\n")


def test_names_beyond_ascii_are_utf8() -> None:
    assert Login("zoë", "grüße").lines("PLAIN") == (b"AUTH PLAIN " + b64encode("\0zoë\0grüße".encode()) + b"\r\n",)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("PLAIN", "LOGIN"), "PLAIN"),
        (("LOGIN", "PLAIN"), "PLAIN"),
        (("XOAUTH2", "LOGIN"), "LOGIN"),
        (("CRAM-MD5", "PLAIN-CLIENTTOKEN"), ""),
        ((), ""),
    ],
)
def test_the_first_of_ours_is_chosen(offered: tuple[str, ...], chosen: str) -> None:
    assert Login.choose(offered) == chosen


@pytest.mark.parametrize("bad", ["", "a\0b", "\0", "a\n", "\r\na", "a\x7f", "a\x85", "a\u2028", "\ud800", None, b"a"])
def test_what_cannot_be_a_login_is_refused_and_not_repeated(bad: str) -> None:
    for user, password in ((bad, "hunter2"), ("hunter2", bad)):
        with pytest.raises(SetupError) as caught:
            Login(user, password)
        assert "hunter2" not in str(caught.value)


def test_it_is_never_printed() -> None:
    assert repr(LOGIN) == "Login()"


@pytest.mark.parametrize(
    "said",
    [
        b"535 no such command: AUTH PLAIN AG1haWxlcgBjb3JyZWN0IGhvcnNl",
        b"5.7.8 Y29ycmVjdCBob3JzZQ== is wrong",
        b"5.7.8 'correct horse' is wrong",
    ],
)
def test_a_refusal_that_repeats_the_login_has_no_text(said: bytes) -> None:
    assert LOGIN.kept_out_of(Reply(535, (b"No.", said))) == Reply(535, ())


def test_another_refusal_keeps_its_text() -> None:
    reply = Reply(535, (b"5.7.8 Error: authentication of mailer failed: UGFzc3dvcmQ6",))

    assert LOGIN.kept_out_of(reply) is reply
