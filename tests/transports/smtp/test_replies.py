"""Replies: what is one, what is none, in whatever slices it comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.transports.smtp.replies import (
    LONGEST_LINE,
    LONGEST_REPLY,
    LONGEST_SESSION,
    BadReply,
    Reply,
    ReplyReader,
)

GOOD = [
    (b"250 Ok\r\n", [Reply(250, (b"Ok",))]),
    (b"250\r\n", [Reply(250, (b"",))]),
    (b"250 \r\n", [Reply(250, (b"",))]),
    (b"250-\r\n250\r\n", [Reply(250, (b"", b""))]),
    (b"250-one\r\n250-two\r\n250 three\r\n", [Reply(250, (b"one", b"two", b"three"))]),
    (b"250 Ok\r\n550 No\r\n354 Go on\r\n", [Reply(250, (b"Ok",)), Reply(550, (b"No",)), Reply(354, (b"Go on",))]),
    (b"220-a\r\n220 b\r\n250 Ok\r\n", [Reply(220, (b"a", b"b")), Reply(250, (b"Ok",))]),
    (b"299 \x80\xff\0\r\n", [Reply(299, (b"\x80\xff\0",))]),
    (b"250 Ok\r\n" * 70, [Reply(250, (b"Ok",))] * 70),
]
BAD = {
    "an empty line": b"\r\n",
    "two digits": b"25 Ok\r\n",
    "four digits": b"2500 Ok\r\n",
    "letters": b"OKE Ok\r\n",
    "first digit too small": b"150 Ok\r\n",
    "first digit too large": b"650 Ok\r\n",
    "no blank": b"250Ok\r\n",
    "another separator": b"250+Ok\r\n",
    "digits of another script": "٢٥٠ Ok\r\n".encode(),
    "a blank before": b" 250 Ok\r\n",
    "LF alone": b"250 Ok\n",
    "LF alone, in a reply": b"250-Ok\n250 Ok\r\n",
    "LF alone behind a CR": b"250 a\rb\r\n",
    "CR alone": b"250 Ok\r250 Ok",
    "two CR": b"250 Ok\r\r\n",
    "two codes": b"250-Ok\r\n550 No\r\n",
    "a code and none": b"250-Ok\r\nNo\r\n",
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n",
    "a line without an end": b"250 " + b"x" * LONGEST_LINE,
    "a long line": b"250 " + b"x" * LONGEST_LINE + b"\r\n",
    "a reply without an end": b"250-x\r\n" * (LONGEST_REPLY // 7 + 1),
}


def taken(reader: ReplyReader) -> list[Reply]:
    return list(iter(reader.take, None))


def read(data: bytes, size: int = 0) -> list[Reply]:
    """All replies in it, heard in slices of a size."""
    reader, found = ReplyReader(), []
    for start in range(0, len(data), size or len(data)):
        reader.hear(data[start : start + (size or len(data))])
        found += taken(reader)
    assert reader.is_empty
    return found


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 8])
@pytest.mark.parametrize(("data", "replies"), GOOD)
def test_a_reply_is_the_same_in_any_slices(data: bytes, replies: list[Reply], size: int) -> None:
    assert read(data, size) == replies


@pytest.mark.parametrize("size", [0, 1, 7, 1000])
@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_reply_is_refused(data: bytes, size: int) -> None:
    with pytest.raises(BadReply):
        read(data, size)


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_good_reply_counts_before_a_bad_one_is_looked_at(data: bytes) -> None:
    reader = ReplyReader()
    reader.hear(b"250 Ok\r\n" + data)

    assert reader.take() == Reply(250, (b"Ok",))
    assert not reader.is_empty
    with pytest.raises(BadReply):
        taken(reader)


@pytest.mark.parametrize("begun", [b"2", b"250", b"250 Ok", b"250 Ok\r", b"250-Ok\r\n", b"250-Ok\r\n25"])
def test_a_reply_that_has_begun_is_not_nothing(begun: bytes) -> None:
    reader = ReplyReader()
    reader.hear(begun)

    assert reader.take() is None
    assert not reader.is_empty
    reader.hear(b"250 Ok\r\n".removeprefix(begun) if b"\n" not in begun else b"250 Ok\r\n".removeprefix(begun[8:]))
    assert reader.take() is not None
    assert reader.is_empty


def test_the_longest_lines_and_replies_are_taken() -> None:
    line = b"250-" + b"x" * (LONGEST_LINE - 6) + b"\r\n"
    (reply,) = read(line * 3 + b"250 " + b"x" * (LONGEST_REPLY - 3 * LONGEST_LINE - 6) + b"\r\n")

    assert sum(map(len, reply.lines)) == LONGEST_REPLY - 4 * 6


def test_a_new_reply_has_its_whole_length_again() -> None:
    half = b"250-" + b"x" * (LONGEST_LINE - 6) + b"\r\n"

    assert len(read((half * 3 + b"250 Ok\r\n") * 4)) == 4


def test_a_session_has_a_limit_too() -> None:
    reader = ReplyReader()
    for _ in range(LONGEST_SESSION // 1024):
        reader.hear(b"250 " + b"x" * 1018 + b"\r\n")
        assert reader.take()

    with pytest.raises(BadReply, match="session"):
        reader.hear(b"2")


def test_thin_slices_cost_no_time() -> None:
    reader = ReplyReader()
    for start in range(LONGEST_LINE - 10):
        reader.hear(b"250-"[start : start + 1] or b"x")
        assert reader.take() is None
    assert reader._seen == LONGEST_LINE - 10, "nothing is looked at twice"


@given(st.lists(st.binary(min_size=1, max_size=8), max_size=40))
def test_any_bytes_are_replies_or_refused(slices: list[bytes]) -> None:
    reader = ReplyReader()
    for data in slices:
        try:
            reader.hear(data)
            for reply in taken(reader):
                assert 200 <= reply.code < 600
                assert reply.text.isprintable()
        except BadReply:
            return


codes = st.sampled_from([220, 250, 354, 421, 550])
texts = st.binary(max_size=20).map(lambda text: text.replace(b"\r", b"").replace(b"\n", b""))


@given(st.lists(st.tuples(codes, st.lists(texts, min_size=1, max_size=4)), max_size=5), st.data())
def test_what_is_written_is_read(written: list[tuple[int, list[bytes]]], data: st.DataObject) -> None:
    stream = b""
    for code, lines in written:
        marks = [b"-"] * (len(lines) - 1) + [b" "]
        stream += b"".join(b"%d%b%b\r\n" % (code, mark, line) for mark, line in zip(marks, lines, strict=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    reader, found = ReplyReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        reader.hear(stream[start:end])
        found += taken(reader)

    assert found == [Reply(code, tuple(lines)) for code, lines in written]


# ── what a reply says ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Gr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"\x1b[2J\x1b]0;title\x07root", "?[2J?]0;title?root"),
        (b"a\0b\tc\x7f", "a?b?c?"),
        (b"\xc2\x85\xe2\x80\xa8\xe2\x80\xae", "???"),
        (b"\x80\xff", "��"),
        (b"\xc2\x9b31m", "?31m"),
    ],
)
def test_the_text_is_safe_to_print(raw: bytes, text: str) -> None:
    assert Reply(550, (raw,)).text == text


def test_a_character_that_two_slices_share_is_one() -> None:
    reader = ReplyReader()
    for data in (b"550 Gr\xc3", b"\xbc\xc3\x9fe\r\n"):
        reader.hear(data)

    assert reader.take() == Reply(550, ("Grüße".encode(),))


@pytest.mark.parametrize(
    ("reply", "codes"),
    [
        (Reply(550, (b"5.1.1 No such user",)), "550 5.1.1"),
        (Reply(550, (b"5.1.1",)), "550 5.1.1"),
        (Reply(450, (b"4.123.456 x", b"4.1.1 y")), "450 4.123.456"),
        (Reply(550, (b"5.1.1x",)), "550"),
        (Reply(550, (b"3.1.1 x",)), "550"),
        (Reply(550, (b"No 5.1.1",)), "550"),
        (Reply(550, ()), "550"),
    ],
)
def test_the_codes_are_both(reply: Reply, codes: str) -> None:
    assert reply.codes == codes


def test_yes_and_no() -> None:
    assert [code for code in (200, 250, 299, 354, 421, 550) if Reply(code, ()).is_yes] == [200, 250, 299]
    assert [code for code in (250, 354, 399, 400, 421, 550) if Reply(code, ()).is_no] == [400, 421, 550]
