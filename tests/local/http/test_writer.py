"""Answers as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.http.message import HttpReply
from sesmail.local.http.writer import HttpWriter, http_date

WRITER = HttpWriter(lambda: 784111777.9)


def test_an_answer_is_one_piece() -> None:
    (piece,) = WRITER.write(HttpReply(200, {"Content-Type": "text/plain"}, b"hello"))

    assert piece == (
        b"HTTP/1.1 200 OK\r\n"
        b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        b"Connection: keep-alive\r\n"
        b"Content-Length: 5\r\n"
        b"Content-Type: text/plain\r\n"
        b"\r\n"
        b"hello"
    )


def test_a_large_body_is_not_copied() -> None:
    body = bytes(64 * 1024)

    head, same = WRITER.write(HttpReply(200, body=body))
    assert head.endswith(b"Content-Length: 65536\r\n\r\n")
    assert same is body


def test_an_answer_to_head_has_the_length_and_not_the_body() -> None:
    (piece,) = WRITER.write(HttpReply(200, body=b"hello"), to_head=True)

    assert b"Content-Length: 5\r\n" in piece
    assert piece.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body(status: int) -> None:
    (piece,) = WRITER.write(HttpReply(status, body=b"hello"))

    assert b"Content-Length" not in piece
    assert piece.endswith(b"\r\n\r\n")


def test_the_last_answer_says_so() -> None:
    (piece,) = WRITER.write(HttpReply(200), last=True)

    assert b"Connection: close\r\n" in piece


def test_a_status_without_a_name_is_written_without_one() -> None:
    (piece,) = WRITER.write(HttpReply(299))

    assert piece.startswith(b"HTTP/1.1 299 \r\n")


@pytest.mark.parametrize(
    "reply",
    [
        HttpReply(100),
        HttpReply(99),
        HttpReply(600),
        HttpReply(200, {"X-A": "1\r\nX-B: 2"}),
        HttpReply(200, {"X-A": "1\n"}),
        HttpReply(200, {"X-A": "\r"}),
        HttpReply(200, {"X-A": "\0"}),
        HttpReply(200, {"X-A": "漢"}),
        HttpReply(200, {"X A": "1"}),
        HttpReply(200, {"X-A:": "1"}),
        HttpReply(200, {"": "1"}),
        HttpReply(200, {"content-length": "1"}),
        HttpReply(200, {"Connection": "close"}),
        HttpReply(200, {"Transfer-Encoding": "chunked"}),
        HttpReply(200, {"DATE": "today"}),
    ],
)
def test_what_would_break_the_answer_is_not_written(reply: HttpReply) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - an encoding error is one too
        WRITER.write(reply)


@given(st.dictionaries(st.text(), st.text()))
def test_no_header_becomes_two(headers: dict[str, str]) -> None:
    try:
        (piece,) = WRITER.write(HttpReply(200, headers))
    except ValueError:
        return

    assert piece.count(b"\r\n") == piece.count(b"\r") == piece.count(b"\n") == 4 + len(headers) + 1


def test_the_date_goes_on() -> None:
    moments = iter([0.0, 0.5, 1.0])
    writer = HttpWriter(lambda: next(moments))

    dates = [writer.write(HttpReply(200))[0].split(b"\r\n")[1][-12:] for _ in range(3)]
    assert dates == [b"00:00:00 GMT", b"00:00:00 GMT", b"00:00:01 GMT"]


@pytest.mark.parametrize(
    ("second", "text"),
    [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951827696, "Tue, 29 Feb 2000 12:34:56 GMT"),
        (4102444799, "Thu, 31 Dec 2099 23:59:59 GMT"),
    ],
)
def test_dates_are_those_of_http(second: int, text: str) -> None:
    assert http_date(second) == text
