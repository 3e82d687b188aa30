"""What follows DATA: dots, line ends, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import MailError, Unsupported
from sesmail.transports.smtp.data import PIECE, pieces


def written(*chunks: bytes, eight_bit: bool = True) -> bytes:
    return b"".join(pieces(chunks, eight_bit=eight_bit))


@pytest.mark.parametrize(
    ("chunks", "wire"),
    [
        ((), b".\r\n"),
        ((b"",), b".\r\n"),
        ((b"Hello\r\n",), b"Hello\r\n.\r\n"),
        ((b"Hello",), b"Hello\r\n.\r\n"),
        ((b"a\r\n.\r\nb\r\n",), b"a\r\n..\r\nb\r\n.\r\n"),
        ((b".",), b"..\r\n.\r\n"),
        ((b".\r\n",), b"..\r\n.\r\n"),
        ((b"..\r\n",), b"...\r\n.\r\n"),
        ((b"a\r\n", b".\r\n"), b"a\r\n..\r\n.\r\n"),
        ((b"a\r", b"\n.\r\n"), b"a\r\n..\r\n.\r\n"),
        ((b"a\r", b"\n", b".\r\n"), b"a\r\n..\r\n.\r\n"),
        ((b"a", b".b\r\n"), b"a.b\r\n.\r\n"),
        ((b"a\r\n", b"", b".\r\n"), b"a\r\n..\r\n.\r\n"),
        ((b"\r", b"\n"), b"\r\n.\r\n"),
        ((b"a\r\n.", b"\r\n"), b"a\r\n..\r\n.\r\n"),
        ((b"a\r\n.\r\n" * 3,), b"a\r\n..\r\n" * 3 + b".\r\n"),
        ((b"a\r\n\r\n.b",), b"a\r\n\r\n..b\r\n.\r\n"),
    ],
)
def test_dots_are_doubled_and_the_end_is_added(chunks: tuple[bytes, ...], wire: bytes) -> None:
    assert written(*chunks) == wire


@pytest.mark.parametrize(
    "chunks",
    [
        (b"a\n",),
        (b"\n",),
        (b"a\rb",),
        (b"a\r",),
        (b"a\r", b"b\r\n"),
        (b"a\r", b"\r\n"),
        (b"a", b"\n"),
        (b"a\r\n", b"\n"),
        (b"a\n\r\n",),
        (b"a\r\r\n",),
        (b"a\r\n\r",),
        (b"a\r", b""),
        (b"\n.\n",),
        (b"a\r\n" * 1000 + b"\n.\r\n",),
        (b"\r\r",),
        (b"\r\r", b"\n"),
        (b"a\r\r", b"\n.\r\n"),
    ],
)
def test_a_line_end_that_stands_alone_is_refused(chunks: tuple[bytes, ...]) -> None:
    with pytest.raises(MailError, match="content: a CR or LF stands alone"):
        written(*chunks)


@pytest.mark.parametrize("around", [0, 1, 2, 3])
def test_pieces_of_a_large_chunk_meet_as_if_it_were_one(around: int) -> None:
    text = b"x" * (PIECE - around) + b"\r\n.\r\n" + b"y" * PIECE + b"\r\n"
    parts = list(pieces([text], eight_bit=False))

    assert b"".join(parts) == text.replace(b"\r\n.", b"\r\n..") + b".\r\n"
    assert max(map(len, parts)) <= PIECE + 8


def test_the_end_is_in_the_last_piece_alone_and_each_piece_is_made_when_asked_for() -> None:
    made = []

    def chunks() -> Iterator[bytes]:
        for number in range(4):
            made.append(number)
            yield b"a\r\n.\r\n"

    found = pieces(chunks(), eight_bit=False)
    first = next(found)

    assert (first, made) == (b"a\r\n..\r\n", [0, 1])
    assert list(found) == [b"a\r\n..\r\n", b"a\r\n..\r\n", b"a\r\n..\r\n.\r\n"]


def test_eight_bits_need_a_server_that_takes_them() -> None:
    assert written("Grüße\r\n".encode()) == "Grüße\r\n.\r\n".encode()
    with pytest.raises(Unsupported, match="8BITMIME"):
        written("Grüße\r\n".encode(), eight_bit=False)


def strict_server(wire: bytes) -> tuple[bytes, bytes]:
    """What RFC 5321 makes of it: the mail, and what comes behind."""
    mail, _, rest = (b"\r\n" + wire).partition(b"\r\n.\r\n")
    return re.sub(rb"(?m)^\.", b"", (mail + b"\r\n")[2:]), rest


lines = st.lists(st.sampled_from([b"", b".", b"..", b"a", b".a", b"a.", b"x" * 100, b"QUIT", "ü".encode()]), max_size=8)


@given(lines, st.data())
def test_any_text_arrives_once_and_whole_in_any_chunks(text: list[bytes], data: st.DataObject) -> None:
    content = b"".join(line + b"\r\n" for line in text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=5)))
    chunks = [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]

    assert strict_server(written(*chunks)) == (content, b"")


@pytest.mark.parametrize("length", range(6))
def test_every_short_text_has_whole_line_ends_and_one_end_or_is_refused(length: int) -> None:
    for characters in product("\r\n.a", repeat=length):
        text = "".join(characters)
        for cut in range(length + 1):
            try:
                wire = written(text[:cut].encode(), text[cut:].encode())
            except MailError:
                assert re.search(r"\r(?!\n)|(?<!\r)\n", text)
            else:
                assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
                assert strict_server(wire) == (text.encode() + b"\r\n" * (text != "" and text[-1] != "\n"), b"")


@given(st.lists(st.text("\r\n.a", max_size=5), max_size=5))
def test_any_bytes_have_whole_line_ends_or_are_refused(chunks: list[str]) -> None:
    content = "".join(chunks)
    try:
        wire = written(*[chunk.encode() for chunk in chunks])
    except MailError:
        assert re.search(r"\r(?!\n)|(?<!\r)\n", content)
        return
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
    assert wire.endswith(b".\r\n")
