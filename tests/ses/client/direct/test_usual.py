"""The short cut: what it takes, h11 takes too and reads the same in it."""

from __future__ import annotations

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sesmail.ses.client.direct.usual import MOST_HEAD, usual_answer

BODY = b'{"MessageId":"0100"}'
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\nx-amzn-RequestId: 4f\r\n\r\n" + BODY

LINES = st.one_of(
    st.sampled_from(
        [
            b"Content-Length: 20",
            b"content-length:20 ",
            b"Content-Length: +20",
            b"Content-Length: 020",
            b"Content-Length: 20, 20",
            b"Content-Length: 2",
            b"Content-Length : 20",
            b"Transfer-Encoding: chunked",
            b"transfer-encoding: identity",
            b"Connection: close",
            b"Connection: keep-alive, close",
            b"connection: Keep-Alive",
            b"Upgrade: websocket",
            b"Keep-Alive: timeout=5",
            b"Content-Encoding: gzip",
            b" folded",
            b" fol: ded",
            b"\tfolded",
            b"no colon",
            b": no name",
            b"x:",
            b"",
        ]
    ),
    st.binary(max_size=12),
    st.tuples(st.sampled_from([b"x-a", b"Date", b"content_length"]), st.binary(max_size=12)).map(b":".join),
)
FIRST = st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 200 ", b"HTTP/1.1 200", b"HTTP/1.0 200 OK", b"HTTP/1.1 204 No"])
BREAKS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r"])


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    breaks = draw(BREAKS)
    lines = [draw(FIRST), *draw(st.lists(LINES, max_size=4)), b"Content-Length: 20", *draw(st.lists(LINES, max_size=2))]
    return breaks.join([*lines, b"", draw(st.sampled_from([BODY, BODY, BODY[:-1], BODY + b"x", b""]))])


@given(answers())
@example(GOOD)
def test_what_is_taken_is_read_as_h11_reads_it(heard: bytes) -> None:
    usual = usual_answer(heard)
    if usual is None:
        return

    http = h11.Connection(h11.CLIENT)
    http.receive_data(heard)
    head, body, end = http.next_event(), http.next_event(), None
    if isinstance(body, h11.Data):
        end = http.next_event()
    assert isinstance(head, h11.Response)
    assert (usual.status, usual.headers) == (head.status_code, list(head.headers))
    assert usual.body == (bytes(body.data) if isinstance(body, h11.Data) else b"")
    assert isinstance(end or body, h11.EndOfMessage)
    assert http.their_state is h11.DONE
    assert not any(http.trailing_data)


def test_what_servers_say_is_taken() -> None:
    usual = usual_answer(GOOD)

    assert usual
    assert (usual.status, usual.body, usual.header(b"x-amzn-requestid")) == (200, BODY, "4f")
    assert usual_answer(GOOD.replace(b"x-amzn-RequestId: 4f", b"Connection: Keep-Alive"))
    assert usual_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"HTTP/1.1", b"HTTP/1x1"),
        (b"200", b"201"),
        (b"200", b"400"),
        (b"\r\n", b"\n"),
        (b"Content-Length", b"Content-Length "),
        (b"Content-Length", b"X"),
        (b"20\r\n", b"+20\r\n"),
        (b"20\r\n", b"020\r\n"),
        (b"20\r\n", b"19\r\n"),
        (b"20\r\n", b"21\r\n"),
        (b"20\r\n", b"2_0\r\n"),
        (b"x-amzn-RequestId: 4f", b"content-length: 20"),
        (b"x-amzn-RequestId: 4f", b"Connection: close"),
        (b"x-amzn-RequestId: 4f", b"Connection: upgrade"),
        (b"x-amzn-RequestId: 4f", b"Transfer-Encoding: chunked"),
        (b"x-amzn-RequestId: 4f", b"x-a: \x00"),
        (b"x-amzn-RequestId: 4f", b"x-a: \xff"),
        (b"x-amzn-RequestId: 4f", b" folded"),
        (b"x-amzn-RequestId: 4f", b" fol: ded"),
        (b"x-amzn-RequestId: 4f", b"x: 1\r\nX: 2"),
        (b"x-amzn-RequestId: 4f", b"x-a: " + b"a" * MOST_HEAD),
        (BODY, BODY + b"H"),
        (BODY, b""),
    ],
)
def test_what_leaves_a_doubt_is_left_to_h11(part: bytes, other: bytes) -> None:
    assert part in GOOD
    assert usual_answer(GOOD.replace(part, other)) is None
