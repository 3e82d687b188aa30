"""Commands: nothing but what they are goes over the wire, whatever the caller has checked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import InvalidAddress, InvalidHeader, MailError, SetupError
from sesmail.transports.smtp.commands import DATA, LONGEST_LINE, QUIT, RSET, STARTTLS, auth, ehlo, mail, rcpt, respond

CONTROLS = [chr(code) for code in (*range(32), 127, *range(128, 160))]
BEYOND = ["\u00a0", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800", "\ufeff", "\u200b"]


def test_the_commands_are_as_the_standards_say() -> None:
    assert ehlo("client.example") == b"EHLO client.example\r\n"
    assert ehlo("[IPv6:::1]") == b"EHLO [IPv6:::1]\r\n"
    assert mail("a@b.example") == b"MAIL FROM:<a@b.example>\r\n"
    assert mail("a@b.example", size=0) == b"MAIL FROM:<a@b.example> SIZE=0\r\n"
    assert mail("é@b.example", size=12, eight_bit=True, utf8=True) == (
        "MAIL FROM:<é@b.example> SIZE=12 BODY=8BITMIME SMTPUTF8\r\n".encode()
    )
    assert rcpt("a@b.example") == b"RCPT TO:<a@b.example>\r\n"
    assert rcpt('"a> b"@b.example') == b'RCPT TO:<"a> b"@b.example>\r\n'
    assert rcpt("é@b.example", utf8=True) == "RCPT TO:<é@b.example>\r\n".encode()
    assert auth("LOGIN") == b"AUTH LOGIN\r\n"
    assert auth("PLAIN", b"\0a\0b") == b"AUTH PLAIN AGEAYg==\r\n"
    assert respond(b"user") == b"dXNlcg==\r\n"
    assert (DATA, RSET, QUIT, STARTTLS) == (b"DATA\r\n", b"RSET\r\n", b"QUIT\r\n", b"STARTTLS\r\n")


@pytest.mark.parametrize("utf8", [False, True])
@pytest.mark.parametrize("character", [*CONTROLS, *BEYOND])
@pytest.mark.parametrize("form", ["{}a@b.example", "a{}@b.example", "a@b.example{}", '"a{}"@b.example'])
def test_an_address_with_a_control_character_is_refused(form: str, character: str, utf8: bool) -> None:
    for command in (mail, rcpt):
        with pytest.raises(MailError):
            command(form.format(character), utf8=utf8)


@pytest.mark.parametrize("address", ["é@b.example", "a@é.example", '"é"@b.example'])
def test_an_address_beyond_ascii_needs_smtputf8(address: str) -> None:
    for command in (mail, rcpt):
        with pytest.raises(InvalidHeader):
            command(address)
        assert address.encode() in command(address, utf8=True)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example> SIZE=1",
        "a@b.example>",
        "<a@b.example",
        "a b@b.example",
        "a@b.example BODY=8BITMIME",
        '"a"> RCPT TO:<b"@b.example',
        '"a" b@b.example',
        '"a"@b.example> x',
        '"a\\"@b.example',
        'a"b@b.example',
        '"',
        '""@b.example>',
    ],
)
def test_an_address_cannot_leave_its_path(address: str) -> None:
    for command in (mail, rcpt):
        with pytest.raises(InvalidAddress):
            command(address)


@pytest.mark.parametrize("size", ["1", "1\r\nRCPT TO:<eve@example.org>", 1.5, b"1"])
def test_a_size_is_a_number(size: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        mail("a@b.example", size=size)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "a\r\nRSET",
        "a\n",
        "\ta",
        "a\0",
        "é.example",
        "-a",
        "a-",
        "a" * 256,
        "[127.0.0.1",
        "[]",
        "[a b]",
        "[127.0.0.1]\n",
        "a\x7f",
    ],
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SetupError):
        ehlo(name)


def test_a_login_has_a_longest_line() -> None:
    assert len(auth("PLAIN", b"x" * 9000)) == 12_000 + len("AUTH PLAIN \r\n")
    with pytest.raises(InvalidHeader, match=str(LONGEST_LINE)):
        respond(b"x" * 9300)


@given(st.text(max_size=40), st.booleans())
def test_any_text_is_one_line_or_refused(text: str, utf8: bool) -> None:
    for command in (mail, rcpt):
        try:
            line = command(text, utf8=utf8)
        except MailError:
            continue
        assert line.endswith(b">\r\n") or utf8
        assert line.count(b"\r") == line.count(b"\n") == 1
        assert line.isascii() or utf8


class _Sly(str):
    """Text that answers as nothing is wrong with it."""

    __slots__ = ()

    def isprintable(self) -> bool:
        return True

    def isascii(self) -> bool:
        return True


def test_a_text_that_lies_about_itself_is_refused() -> None:
    with pytest.raises(MailError):
        rcpt(_Sly("a@b.example>\r\nDATA"))
    with pytest.raises(MailError):
        rcpt(_Sly("a\r\n@b.example"))
    with pytest.raises(SetupError):
        ehlo(_Sly("a\r\nRSET"))
