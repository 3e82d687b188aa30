"""Lines and mails out of bytes: where each ends, what is refused, and that nothing is held without a limit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.smtp.lines import Flaw, LineReader, MailReader

# What makes ends, and what only looks like one.
PIECES = st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"a", b"..", b"\r\n.\r\n", b"\0", b"bcdef"])
BYTES = st.lists(PIECES, max_size=30).map(b"".join)


def slices(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)] or [data]


CUTS = st.lists(st.integers(0, 1000), max_size=12)


def lines_of(data: bytes, cuts: list[int], limit: int = 8) -> list[bytes | Flaw]:
    reader, buffer, lines = LineReader(limit), bytearray(), list[bytes | Flaw]()
    for piece in slices(data, cuts):
        buffer += piece
        while (line := reader.take(buffer)) is not None:
            lines.append(line)
            if line is Flaw.BARE:
                return lines
        assert len(buffer) <= limit
    return lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\r\n", [b""]),
        (b"EHLO a\r\n", [b"EHLO a"]),
        (b"EHLO a\r\nQUIT\r\n.", [b"EHLO a", b"QUIT"]),
        (b"123456\r\n", [b"123456"]),
        (b"1234567\r\n", [Flaw.TOO_LONG]),
        (b"1" * 100 + b"\r\na\r\n", [Flaw.TOO_LONG, b"a"]),
        (b"a\n", [Flaw.BARE]),
        (b"\n", [Flaw.BARE]),
        (b"a\nb\r\n", [Flaw.BARE]),
        (b"a\rb\r\n", [Flaw.BARE]),
        (b"a\r\r\n", [Flaw.BARE]),
        (b"\rb", [Flaw.BARE]),
        (b"a\r", []),
        (b"a\r\n\r", [b"a"]),
        (b"1" * 100 + b"\n", [Flaw.BARE]),
        (b"1" * 100 + b"\r1\r\n", [Flaw.BARE]),
        (b"a\0b\xff\r\n", [b"a\0b\xff"]),
    ],
)
def test_a_line_ends_with_cr_lf_and_nothing_else(data: bytes, lines: list[bytes | Flaw]) -> None:
    assert lines_of(data, []) == lines
    assert lines_of(data, list(range(len(data)))) == lines


@given(BYTES, CUTS)
def test_lines_are_the_same_however_they_come(data: bytes, cuts: list[int]) -> None:
    assert lines_of(data, cuts) == lines_of(data, [])


@given(BYTES)
def test_no_line_has_a_cr_or_lf_in_it(data: bytes) -> None:
    for line in lines_of(data, [], limit=1000):
        assert isinstance(line, Flaw) or not {*b"\r\n"} & {*line}


def mail_of(data: bytes, cuts: list[int], limit: int = 1000) -> tuple[bytes | Flaw | None, bytes]:
    """The mail, if it ends, and what stands behind it."""
    reader, buffer, mail = MailReader(limit), bytearray(), None
    for piece in slices(data, cuts):
        buffer += piece
        if mail is None:
            mail = reader.take(buffer)
            assert mail is not None or not buffer
            assert len(reader._mail) <= (limit + 2 if reader._size <= limit else 0)
    return mail, bytes(buffer)


@pytest.mark.parametrize(
    ("data", "mail", "rest"),
    [
        (b".\r\n", b"", b""),
        (b"Hi\r\n.\r\n", b"Hi\r\n", b""),
        (b"\r\n.\r\nQUIT\r\n", b"\r\n", b"QUIT\r\n"),
        (b"..\r\n.\r\n", b".\r\n", b""),
        (b".a\r\n..b\r\nc.d\r\n.\r\n", b"a\r\n.b\r\nc.d\r\n", b""),
        (b"Hi\r\n.\r\n.\r\n", b"Hi\r\n", b".\r\n"),
        (b"Hi\r\n.\r\r\n.\r\n", b"Hi\r\n\r\r\n", b""),
    ],
)
def test_a_mail_ends_with_a_dot_and_loses_those_that_were_added(data: bytes, mail: bytes, rest: bytes) -> None:
    assert mail_of(data, []) == (mail, rest)
    assert mail_of(data, list(range(len(data)))) == (mail, rest)


@pytest.mark.parametrize(
    "end",
    [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\n\0.\r\n", b"\n\n.\r\n", b"\r\n. \r\n"],
)
def test_what_looks_like_an_end_is_none(end: bytes) -> None:
    """Each has ended a mail for some server, and let a second one be smuggled in behind it."""
    smuggled = b"Hi" + end + b"MAIL FROM:<eve@example.com>\r\n"

    assert mail_of(smuggled, []) == (None, b"")
    mail, rest = mail_of(smuggled + b".\r\n", list(range(100)))
    assert rest == b""
    assert isinstance(mail, bytes)
    assert b"MAIL FROM:<eve@example.com>\r\n" in mail


@given(BYTES, CUTS)
def test_a_mail_is_the_same_however_it_comes(data: bytes, cuts: list[int]) -> None:
    assert mail_of(data, cuts) == mail_of(data, [])


@given(BYTES.map(lambda text: text.replace(b"\r\n", b"\n") + b"\r\n"), CUTS)
def test_what_is_stuffed_comes_out_as_it_was(mail: bytes, cuts: list[int]) -> None:
    stuffed = (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:]

    assert mail_of(stuffed + b".\r\n", cuts) == (mail, b"")


@pytest.mark.parametrize(("length", "flaw"), [(8, False), (9, True), (10_000, True)])
def test_a_mail_over_the_limit_is_thrown_away_and_refused(length: int, flaw: bool) -> None:
    mail = b"." * length + b"\r\n"
    data = b"." + mail + b".\r\nQUIT\r\n"

    for cuts in ([], list(range(0, len(data), 3))):
        assert mail_of(data, cuts, limit=10) == (Flaw.TOO_LONG if flaw else mail, b"QUIT\r\n")
