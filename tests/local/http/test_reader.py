"""From bytes to requests: what is refused, and that slices do not matter."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.http.fault import HttpFault
from sesmail.local.http.message import HttpRequest
from sesmail.local.http.reader import Head, HttpReader, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable

Outcome = tuple[list[HttpRequest], int]

SIZED = (
    b"POST /v2/email/outbound-emails?a=%20 HTTP/1.1\r\n"
    b"Host: 127.0.0.1:8005\r\n"
    b"Content-Type:application/json\r\n"
    b"X-Twice: 1 \r\n"
    b"x-twice:\t2\t\r\n"
    b"X-Empty:\r\n"
    b"X-Latin: \xe9\r\n"
    b"Content-Length: 13\r\n"
    b"\r\n"
    b"Hello\r\n\r\nGET "
)
CHUNKED = (
    b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
    b'5\r\nHello\r\n00A ;name="v\xe9"\r\n, wide wor\r\n2;x\r\nld\r\n'
    b"0;last\r\nX-Trailer: dropped\r\nX-More: too\r\n\r\n"
)


def read(slices: Iterable[bytes], reader: HttpReader | None = None) -> Outcome:
    """The requests in these slices and the status of the fault that ended them, or 0."""
    reader = reader or HttpReader()
    requests = []
    try:
        for piece in slices:
            reader.feed(piece)
            while request := reader.next_request():
                requests.append(request)
    except HttpFault as fault:
        return requests, fault.status
    return requests, 0


def single_bytes(data: bytes) -> list[bytes]:
    return slices(data, 1)


def slices(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def with_header(line: bytes, version: bytes = b"1.1") -> bytes:
    return b"GET / HTTP/" + version + b"\r\n" + line + b"\r\n\r\n"


def with_line(line: bytes) -> bytes:
    return line + b"\r\nHost: a\r\n\r\n"


def chunked(body: bytes) -> bytes:
    return with_header(b"Transfer-Encoding: chunked") + body


# ── what is read ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_is_read() -> None:
    requests, status = read([SIZED])

    assert status == 0
    assert requests == [
        HttpRequest(
            "POST",
            "/v2/email/outbound-emails?a=%20",
            {
                "host": "127.0.0.1:8005",
                "content-type": "application/json",
                "x-twice": "1,2",
                "x-empty": "",
                "x-latin": "é",
                "content-length": "13",
            },
            b"Hello\r\n\r\nGET ",
        )
    ]


def test_a_chunked_request_is_read_and_its_trailers_are_dropped() -> None:
    requests, status = read([CHUNKED])

    assert status == 0
    assert requests == [HttpRequest("PUT", "/", {"host": "a", "transfer-encoding": "Chunked"}, b"Hello, wide world")]


@pytest.mark.parametrize("data", [SIZED, CHUNKED, chunked(b"0\r\n\r\n"), b"\r\n" + SIZED, b"GET / HTTP/1.0\r\n\r\n"])
def test_a_request_in_single_bytes_is_the_same(data: bytes) -> None:
    whole, pieces = read([data]), read(single_bytes(data))

    assert pieces == whole
    assert len(whole[0]) == 1


@pytest.mark.parametrize("at", range(1, len(CHUNKED)))
def test_a_request_in_two_slices_is_the_same(at: int) -> None:
    assert read([CHUNKED[:at], CHUNKED[at:]]) == read([CHUNKED])


def test_requests_keep_their_order() -> None:
    requests, status = read([SIZED + CHUNKED + with_line(b"GET /3 HTTP/1.1") + SIZED[:20]])

    assert [request.method for request in requests] == ["POST", "PUT", "GET"]
    assert status == 0


@pytest.mark.parametrize(
    ("target", "read_as"),
    [
        (b"/", "/"),
        (b"//two", "//two"),
        (b"/a?b?c", "/a?b?c"),
        (b"/%00", "/%00"),
        (b"http://evil.example/a?b", "/a?b"),
        (b"HTTPS://host:80/", "/"),
        (b"http://host", "/"),
        (b"http://host?a=/b", "/?a=/b"),
        (b"http://[::1]:80/a", "/a"),
    ],
)
def test_targets_are_paths(target: bytes, read_as: str) -> None:
    requests, _ = read([with_line(b"GET " + target + b" HTTP/1.1")])

    assert [request.target for request in requests] == [read_as]


@pytest.mark.parametrize(("written", "version"), [(b"1.0", "1.0"), (b"1.1", "1.1"), (b"1.2", "1.1"), (b"1.9", "1.1")])
def test_a_later_version_is_read_as_the_last_one_known(written: bytes, version: str) -> None:
    requests, _ = read([with_line(b"GET / HTTP/" + written)])

    assert [request.version for request in requests] == [version]


@pytest.mark.parametrize(
    "chunks",
    [
        b"5\r\nhello\r\n0\r\n\r\n",
        b"0005\r\nhello\r\n000\r\n\r\n",
        b"1\r\nh\r\n4;a=b;c\r\nello\r\n0\r\nA: b\r\n\r\n",
        b"1 ;\r\nh\r\n4\t;\xff\r\nello\r\n0 ;\r\n\r\n",
    ],
)
def test_chunks_are_put_together(chunks: bytes) -> None:
    requests, status = read([chunked(chunks)])

    assert ([request.body for request in requests], status) == ([b"hello"], 0)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────

MALFORMED = {
    # the first line
    "nothing but a blank": (with_line(b" "), 400),
    "no target": (with_line(b"GET"), 400),
    "HTTP/0.9": (with_line(b"GET /"), 400),
    "two blanks": (with_line(b"GET  / HTTP/1.1"), 400),
    "a blank at the end": (with_line(b"GET / HTTP/1.1 "), 400),
    "a tab": (with_line(b"GET\t/ HTTP/1.1"), 400),
    "a blank in the target": (with_line(b"GET /a b HTTP/1.1"), 400),
    "bytes beyond ASCII in the target": (with_line(b"GET /\xc3\xa9 HTTP/1.1"), 400),
    "a method that is no token": (with_line(b"G(T / HTTP/1.1"), 400),
    "lower-case http": (with_line(b"GET / http/1.1"), 400),
    "no minor version": (with_line(b"GET / HTTP/1"), 400),
    "two digits": (with_line(b"GET / HTTP/1.10"), 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/0": (with_line(b"GET / HTTP/0.9"), 505),
    "the star": (with_line(b"OPTIONS * HTTP/1.1"), 400),
    "a tunnel": (with_line(b"CONNECT evil.example:443 HTTP/1.1"), 400),
    "no leading slash": (with_line(b"GET a/b HTTP/1.1"), 400),
    "another scheme": (with_line(b"GET ftp://host/ HTTP/1.1"), 400),
    "no authority": (with_line(b"GET http:///a HTTP/1.1"), 400),
    "a user": (with_line(b"GET http://user@host/a HTTP/1.1"), 400),
    "a fragment": (with_line(b"GET /a#b HTTP/1.1"), 400),
    "two empty lines": (b"\r\n\r\n" + with_line(b"GET / HTTP/1.1"), 400),
    "a CR and no LF": (b"\rGET / HTTP/1.1\r\n\r\n", 400),
    "an LF in front": (b"\nGET / HTTP/1.1\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "garbage": (b"\x00\xff\x00\xff", 400),
    # lines
    "LF alone": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "LF alone at the end": (b"GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
    "LF alone in the middle": (with_header(b"A: b\nC: d"), 400),
    "CR alone in the middle": (with_header(b"A: b\rC: d"), 400),
    "CR CR LF": (with_header(b"A: b\r"), 400),
    "NUL in a value": (with_header(b"A: \0"), 400),
    "NUL in a name": (with_header(b"A\0: b"), 400),
    "a control character": (with_header(b"A: \x1b"), 400),
    "DEL": (with_header(b"A: \x7f"), 400),
    # headers
    "a folded line": (with_header(b"A: b\r\n c"), 400),
    "a folded line with a tab": (with_header(b"A: b\r\n\tc: d"), 400),
    "a first line that is folded": (with_header(b" A: b"), 400),
    "no colon": (with_header(b"A"), 400),
    "no name": (with_header(b": b"), 400),
    "a blank before the colon": (with_header(b"Content-Length : 0"), 400),
    "a tab before the colon": (with_header(b"A\t: b"), 400),
    "a blank in the name": (with_header(b"A B: c"), 400),
    "a name beyond ASCII": (with_header(b"\xc9: b"), 400),
    "a name that is no token": (with_header(b"A(b): c"), 400),
    "two hosts": (with_header(b"Host: a\r\nhost: a"), 400),
    # where smuggling lives
    "both": (with_header(b"Content-Length: 0\r\nTransfer-Encoding: chunked"), 400),
    "both, the other way": (with_header(b"Transfer-Encoding: chunked\r\nContent-Length: 0"), 400),
    "both, one of them unknown": (with_header(b"Transfer-Encoding: x\r\nContent-Length: 0"), 400),
    "two lengths": (with_header(b"Content-Length: 0\r\nContent-Length: 1"), 400),
    "the same length twice": (with_header(b"Content-Length: 0\r\nContent-Length: 0"), 400),
    "a list of lengths": (with_header(b"Content-Length: 0, 0"), 400),
    "no length": (with_header(b"Content-Length:"), 400),
    "a negative length": (with_header(b"Content-Length: -1"), 400),
    "a plus": (with_header(b"Content-Length: +1"), 400),
    "a fraction": (with_header(b"Content-Length: 1.0"), 400),
    "hexadecimal": (with_header(b"Content-Length: 0x1"), 400),
    "an underscore": (with_header(b"Content-Length: 1_0"), 400),
    "a superscript": (with_header(b"Content-Length: \xb2"), 400),
    "chunks of HTTP/1.0": (with_header(b"Transfer-Encoding: chunked", b"1.0"), 400),
    "gzip": (with_header(b"Transfer-Encoding: gzip, chunked"), 501),
    "identity": (with_header(b"Transfer-Encoding: identity"), 501),
    "chunked twice": (with_header(b"Transfer-Encoding: chunked, chunked"), 501),
    "two transfer encodings": (with_header(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400),
    "chunked and something": (with_header(b"Transfer-Encoding: chunked;a=b"), 501),
    "nothing": (with_header(b"Transfer-Encoding:"), 501),
    # chunks
    "no size": (chunked(b"\r\n"), 400),
    "no number": (chunked(b"x\r\n"), 400),
    "a negative size": (chunked(b"-1\r\n"), 400),
    "a size with 0x": (chunked(b"0x1\r\n"), 400),
    "a size with a blank": (chunked(b"1 \r\n"), 400),
    "a blank and a size": (chunked(b" 1\r\n"), 400),
    "a size with an underscore": (chunked(b"1_0\r\n"), 400),
    "a size that is too long": (chunked(b"0" * 16 + b"\r\n"), 400),
    "an extension without a semicolon": (chunked(b"1 a\r\n"), 400),
    "a size that ends with LF": (chunked(b"1\nx"), 400),
    "a size that ends with CR": (chunked(b"1\rx\n"), 400),
    "an extension with CR": (chunked(b"1;a\rb\r\n"), 400),
    "an extension with NUL": (chunked(b"1;\0\r\n"), 400),
    "a chunk that is too long": (chunked(b"1\r\nhe"), 400),
    "a chunk that ends with LF": (chunked(b"1\r\nh\n"), 400),
    "a chunk that ends with CR": (chunked(b"1\r\nh\rx"), 400),
    "a trailer without a colon": (chunked(b"0\r\nA\r\n\r\n"), 400),
    "a trailer that ends with LF": (chunked(b"0\r\nA: b\n\r\n"), 400),
    "a trailer with a blank": (chunked(b"0\r\nA : b\r\n\r\n"), 400),
    "a folded trailer": (chunked(b"0\r\n A: b\r\n\r\n"), 400),
    "trailers that end with LF": (chunked(b"0\r\n\n"), 400),
    # what is expected
    "another expectation": (with_header(b"Expect: 200-maybe"), 417),
    # limits
    "an endless first line": (b"GET /" + b"a" * 70_000, 431),
    "an endless method": (b"A" * 70_000, 431),
    "an endless header": (b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000, 431),
    "endless headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000, 431),
    "a head that is too long and whole": (with_header(b"A: " + b"a" * 65_600), 431),
    "101 headers": (with_header(b"\r\n".join([b"A: b"] * 101)), 431),
    "a large body": (with_header(b"Content-Length: 67108865"), 413),
    "a length beyond all numbers": (with_header(b"Content-Length: " + b"9" * 60_000), 413),
    "a large chunk": (chunked(b"4000001\r\n"), 413),
    "a chunk beyond all numbers": (chunked(b"fffffffffffffff\r\n"), 413),
    "an endless size": (chunked(b"0" * 2000), 400),
    "an endless extension": (chunked(b"1;" + b"a" * 2000), 400),
    "endless extensions": (chunked((b"1;" + b"a" * 1000 + b"\r\nx\r\n") * 17), 400),
    "endless trailers": (chunked(b"0\r\n" + b"A: b\r\n" * 2000), 431),
}


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_malformed_is_refused(what: str) -> None:
    data, status = MALFORMED[what]

    assert read([data]) == ([], status)


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_malformed_is_refused_in_small_slices_too(what: str) -> None:
    data, status = MALFORMED[what]

    assert read(slices(data, 1 if len(data) < 3000 else 97)) == ([], status)


def test_what_came_before_a_fault_is_served() -> None:
    requests, status = read([SIZED + b"\0"])

    assert ([request.method for request in requests], status) == (["POST"], 400)


def test_a_fault_is_the_end() -> None:
    """Nobody knows where the next request begins, so what follows is none."""
    reader = HttpReader()
    first = read([b"\0", SIZED], reader)
    again = read([SIZED], reader)

    assert first == again == ([], 400)


def test_a_fault_can_be_answered() -> None:
    reply = HttpFault(400, 'no "such" thing').reply

    assert (reply.status, reply.headers) == (400, {"Content-Type": "application/json"})
    assert reply.body == b'{"message": "no \\"such\\" thing"}'


def test_whoever_speaks_tls_hears_that_this_is_http() -> None:
    reader = HttpReader()
    reader.feed(b"\x16\x03\x01")

    with pytest.raises(HttpFault, match="http://"):
        reader.next_request()


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("over", [0, 1])
def test_limits_hold_to_the_byte(over: int) -> None:
    head = with_header(b"A: b")
    sized = with_header(b"Content-Length: %d" % (5 + over)) + b"x" * (5 + over)
    in_chunks = chunked(b"4\r\nxxxx\r\n%d\r\n" % (1 + over) + b"x" * (1 + over) + b"\r\n0\r\n\r\n")
    size = b"1;" + b"a" * over + b"\r\nx\r\n0\r\n\r\n"
    trailers = b"0\r\nA: b" + b"b" * over + b"\r\n\r\n"

    assert read([head], HttpReader(max_head_bytes=len(head) - over))[1] == (0, 431)[over]
    assert read([with_header(b"A: b" + b"\r\nA: b" * over)], HttpReader(max_headers=1))[1] == (0, 431)[over]
    assert read([sized], HttpReader(max_body_bytes=5))[1] == (0, 413)[over]
    assert read([in_chunks], HttpReader(max_body_bytes=5))[1] == (0, 413)[over]
    assert read([chunked(size)], HttpReader(max_chunk_line_bytes=4))[1] == (0, 400)[over]
    assert read([chunked(size)], HttpReader(max_extension_bytes=1))[1] == (0, 400)[over]
    assert read([chunked(trailers)], HttpReader(max_trailer_bytes=10))[1] == (0, 431)[over]


def test_a_large_body_is_refused_before_it_is_there() -> None:
    reader = HttpReader(max_body_bytes=10)

    assert read([with_header(b"Content-Length: 11")], reader) == ([], 413)


def test_time_grows_with_the_bytes_and_not_with_their_square() -> None:
    """A reader that looks at everything again with each slice, or moves it, would need minutes."""
    size = 8_000_000
    body = b"x" * size
    in_small_slices = [
        with_header(b"Content-Length: %d" % size) + body,
        chunked(b"%x\r\n" % size + body + b"\r\n0\r\n\r\n"),
    ]
    at_once = [
        chunked(b"1\r\nx\r\n" * 150_000 + b"0\r\n\r\n"),
        with_header(b"A: b") * 30_000,
    ]
    began = time.process_time()
    statuses = [read(slices(stream, 64))[1] for stream in in_small_slices] + [read([stream])[1] for stream in at_once]

    assert statuses == [0, 0, 0, 0]
    assert time.process_time() - began < 20


# ── what a door asks ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reader_says_what_it_waits_for() -> None:
    reader = HttpReader()
    phases = []
    for piece in (
        b"",
        b"\r",
        b"\n",
        b"POST / HTTP/1.1\r\nContent-",
        b"Length: 2\r\n\r\n",
        b"a",
        b"bGET",
        b" / HTTP/1.0\r\n\r\n",
    ):
        read([piece], reader)
        phases.append(reader.phase)

    assert phases == [
        Phase.IDLE,
        Phase.HEAD,
        Phase.IDLE,
        Phase.HEAD,
        Phase.BODY,
        Phase.BODY,
        Phase.HEAD,
        Phase.IDLE,
    ]


@pytest.mark.parametrize(
    ("head", "wants"),
    [
        (with_header(b"Expect: 100-Continue\r\nContent-Length: 5"), True),
        (with_header(b"Expect: 100-continue\r\nTransfer-Encoding: chunked"), True),
        (with_header(b"Expect: 100-continue\r\nContent-Length: 5", b"1.0"), False),
        (with_header(b"Expect: 100-continue\r\nContent-Length: 5") + b"x", False),
        (with_header(b"Content-Length: 5"), False),
        (with_header(b"Expect: 100-continue"), False),
    ],
)
def test_a_peer_may_wait_for_leave_to_send_its_body(head: bytes, wants: bool) -> None:
    reader = HttpReader()
    read([head], reader)

    assert reader.wants_continue is wants


def test_leave_is_given_once() -> None:
    reader = HttpReader()
    read([with_header(b"Expect: 100-continue\r\nContent-Length: 5")], reader)
    reader.continued()

    assert not reader.wants_continue


def test_a_peer_that_does_not_wait_needs_no_leave() -> None:
    reader = HttpReader()
    read([with_header(b"Expect: 100-continue\r\nContent-Length: 5"), b"x"], reader)

    assert not reader.wants_continue


def test_a_head_can_be_refused_before_its_body_is_read() -> None:
    seen = []

    def admit(head: Head) -> None:
        seen.append(head)
        raise HttpFault(403, "not you")

    outcome = read([SIZED[:-13]], HttpReader(admit=admit))

    assert outcome == ([], 403)
    assert (seen[0].method, seen[0].version, seen[0].headers["x-twice"]) == ("POST", "1.1", "1,2")


# ── any slices, any bytes ────────────────────────────────────────────────────────────────────────────────────────


def _sized(body: bytes) -> bytes:
    return b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _in_chunks(parts: list[bytes]) -> bytes:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


bodies = st.one_of(st.sampled_from([b"", b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"]), st.binary())
whole_requests = st.one_of(
    st.sampled_from([SIZED, CHUNKED, b"\r\n" + SIZED, b"GET / HTTP/1.0\r\n\r\n"]),
    bodies.map(_sized),
    st.lists(bodies.filter(bool), max_size=4).map(_in_chunks),
)
pieces_of_http = st.one_of(
    whole_requests,
    st.sampled_from([data for data, _ in MALFORMED.values() if len(data) < 300]),
    st.sampled_from(b"\r \n \r\n \r\n\r\n : ; \0 0 5 G / HTTP/1.1".split(b" ")),
    st.binary(max_size=8),
)


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


@given(st.lists(whole_requests, max_size=5), st.lists(st.integers(0, 5000), max_size=20))
def test_any_slices_give_the_same_requests(requests: list[bytes], places: list[int]) -> None:
    stream = b"".join(requests)
    whole = read([stream])

    assert read(_cut(stream, places)) == whole
    assert (len(whole[0]), whole[1]) == (len(requests), 0)


@given(st.lists(pieces_of_http, max_size=6), st.lists(st.integers(0, 5000), max_size=20))
def test_any_bytes_give_requests_or_a_fault_whatever_the_slices(parts: list[bytes], places: list[int]) -> None:
    stream = b"".join(parts)
    whole = read([stream])

    assert read(_cut(stream, places)) == whole
    assert read(single_bytes(stream)) == whole
    assert whole[1] in {0, 400, 413, 417, 431, 501, 505}


@given(st.binary())
def test_any_bytes_at_all_give_requests_or_a_fault(data: bytes) -> None:
    assert read([data]) == read(single_bytes(data))
