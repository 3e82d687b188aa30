"""A session without a line: what is said, what an answer may be cut into, and what a broken line means for a mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import ConnectFailed, ConnectionLost, Outcome, SendError, TimedOut
from sesmail.lines.dialogue import HEAR, Dialogue, Do, StartTls
from sesmail.lines.fault import Kind, LineFault, StaleLine
from sesmail.ses.client.direct.answer import Answer
from sesmail.ses.client.direct.http import HttpSession
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.client.direct.reader import MOST_BODY, MOST_NOTICES
from sesmail.ses.client.direct.routes import Request, Routes
from sesmail.ses.client.direct.usual import MOST_HEAD
from sesmail.ses.client.direct.way import Way
from tests.ses.client.direct.asking import GET_ACCOUNT, Spoken, send, slices, spoken

ORIGIN = Origin("http", "ses.example", 8080)
SMALL = Routes(ORIGIN).request(send())
LARGE = Routes(ORIGIN).request(send(text="long line " * 30_000))
ACCOUNT = Routes(ORIGIN).request(GET_ACCOUNT)
HEAD = b"POST / HTTP/1.1\r\nhost: x\r\n\r\n"

BODY = b'{"MessageId":"1"}'
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\nx: y\r\n\r\n" + BODY
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\n"
    + BODY[:5]
    + b"\r\nc\r\n"
    + BODY[5:]
    + b"\r\n0\r\nX: y\r\n\r\n"
)
CONTINUED = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + GOOD
CLOSING = GOOD.replace(b"x: y", b"Connection: close")
OLD = GOOD.replace(b"HTTP/1.1", b"HTTP/1.0")
UNTIL_END = b"HTTP/1.1 200 OK\r\n\r\n" + BODY

LOST = LineFault(Kind.LOST, "reset")
LATE = LineFault(Kind.LATE, "")


def size_of(request: Request) -> int:
    return sum(map(len, request.body.pieces()))


def session(**environ: str) -> HttpSession:
    return HttpSession(Way.to(ORIGIN, environ))


def open_session(**environ: str) -> HttpSession:
    made = session(**environ)
    assert spoken(made.open(), []).said == []
    return made


def exchange(
    made: HttpSession,
    heard: list[bytes | LineFault],
    request: Request = SMALL,
    broken: dict[int, LineFault] | None = None,
) -> Spoken:
    return spoken(made.exchange(HEAD, request, size_of(request)), heard, broken=broken or {})


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_small_mail_is_one_word() -> None:
    story = exchange(open_session(), [GOOD])
    assert story.said == [HEAD + next(SMALL.body.pieces())]
    assert story.pauses == 0


def test_a_large_mail_is_said_piece_by_piece_with_pauses() -> None:
    story = exchange(open_session(), [GOOD], LARGE)
    assert story.all == HEAD + b"".join(LARGE.body.pieces())
    assert len(story.said) == story.pauses + 1 > 5
    assert story.result.body == BODY


def test_a_request_without_a_body_is_its_head() -> None:
    assert exchange(open_session(), [GOOD], ACCOUNT).said == [HEAD]


def test_nothing_is_said_to_freshen_a_line_or_to_leave() -> None:
    made = open_session()
    assert spoken(made.freshen(1.0), []).said == []
    assert made.farewell() == b""


# ── what is heard ────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    data=st.data(), answer=st.sampled_from([GOOD, CHUNKED, CONTINUED, CLOSING, OLD, UNTIL_END]), times=st.integers(1, 3)
)
def test_an_answer_does_not_show_where_it_was_cut(data: st.DataObject, answer: bytes, times: int) -> None:
    made = open_session()
    for _ in range(times):
        sizes = st.integers(1, data.draw(st.sampled_from([40, len(answer)])))  # also in one piece
        heard: list[bytes | LineFault] = [*slices(answer, partial(data.draw, sizes)), b""]
        story = exchange(made, heard)
        assert (story.result.status, story.result.body) == (200, BODY)
        assert made.is_open == (answer in (GOOD, CHUNKED, CONTINUED))
        if not made.is_open:
            break


@pytest.mark.parametrize("before", [[], [GOOD], [CHUNKED, GOOD]])
@pytest.mark.parametrize("answer", [CLOSING, OLD, GOOD + b"HTTP/1.1 200 OK\r\n", GOOD + b"\r\n", CHUNKED + b"x"])
def test_a_line_with_a_last_word_or_one_too_many_is_not_used_again(answer: bytes, before: list[bytes]) -> None:
    made = open_session()
    for good in before:
        assert exchange(made, [good]).result.body == BODY
        assert made.is_open
    assert exchange(made, [answer]).result.body == BODY
    assert not made.is_open


def test_a_line_is_not_open_while_something_is_said_on_it() -> None:
    made = open_session()
    assert made.is_open
    steps = made.exchange(HEAD, SMALL, size_of(SMALL))
    next(steps)
    heard = [made.is_open, next(steps) is HEAR, made.is_open]
    steps.close()
    assert [*heard, made.is_open] == [False, True, False, False]


def test_headers_come_with_the_answer() -> None:
    answer = exchange(open_session(), [GOOD]).result
    assert answer.header(b"content-type") == "application/json"
    assert answer.header(b"x") == "y"
    assert answer.header(b"y") == ""


# ── hostile answers ──────────────────────────────────────────────────────────────────────────────────────────────

ENDLESS_HEAD = [b"HTTP/1.1 200 OK\r\n", *([b"X: " + b"y" * 1000 + b"\r\n"] * 50)]
NOTICES = [b"HTTP/1.1 100 Continue\r\n\r\n"] * 100_000
HUGE = [b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", *([b"x" * 65536] * 100)]
HUGE_CHUNKS = [
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    *([b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 100),
]
TRAILERS = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", *([b"X: " + b"y" * 1000 + b"\r\n"] * 50)]
HOSTILE: list[list[bytes]] = [
    ENDLESS_HEAD,
    [b"HTTP/1.1 200 " + b"O" * 100_000],
    NOTICES,
    HUGE,
    HUGE_CHUNKS,
    TRAILERS,
    [b"\x15\x03\x00\xff \x1b[31m garbage\r\n\r\n"],
    [b"SSH-2.0-OpenSSH\r\n\r\n"],
    [b"HTTP/x 200 OK\r\n\r\n"],
    [b"HTTP/1.1 99 x\r\n\r\n"],
    [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345"],
    [b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"],
    [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
    [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n"],
    [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdeXX"],
    [b"HTTP/1.1 200 OK\r\n folded\r\n\r\n"],
    [b"HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n"],
    [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
    [b""],
    [GOOD[:20], b""],
    [GOOD[:3], b""],
    [GOOD[:-1], b""],
    [CHUNKED[:-3], b""],
]


@pytest.mark.parametrize("heard", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("request_", [SMALL, LARGE, ACCOUNT])
def test_what_is_no_answer_leaves_it_open_whether_a_mail_is_out(heard: list[bytes], request_: Request) -> None:
    made = open_session()
    with pytest.raises(ConnectionLost) as caught:
        exchange(made, list(heard), request_)
    assert not made.is_open
    is_mail = request_ is not ACCOUNT
    assert caught.value.outcome is (Outcome.UNKNOWN if is_mail else Outcome.NOT_SENT)
    assert (caught.value.retryable, caught.value.stage) == (not is_mail, "reply")
    assert "ses.example:8080" in str(caught.value)
    assert "garbage" not in str(caught.value)


def test_what_is_too_much_is_heard_no_further() -> None:
    for heard, most in ((ENDLESS_HEAD, MOST_HEAD), (HUGE, MOST_BODY), (HUGE_CHUNKS, MOST_BODY), (TRAILERS, MOST_HEAD)):
        taken: list[int] = []

        def stream(pieces: list[bytes] = heard, taken: list[int] = taken) -> Iterator[bytes]:
            for piece in pieces:
                taken.append(len(piece))
                yield piece

        with pytest.raises(ConnectionLost):
            spoken(open_session().exchange(HEAD, SMALL, size_of(SMALL)), stream())
        assert sum(taken) <= most + 2 * 65_600


def test_a_few_notices_are_passed_by_and_many_are_not() -> None:
    notice = b"HTTP/1.1 100 Continue\r\n\r\n"
    for number, is_good in ((MOST_NOTICES - 1, True), (MOST_NOTICES, False)):
        made = open_session()
        if is_good:
            assert exchange(made, [notice * number, GOOD]).result.body == BODY
        else:
            with pytest.raises(ConnectionLost):
                exchange(made, [notice * number, GOOD])


# ── broken lines ─────────────────────────────────────────────────────────────────────────────────────────────────


def used_session() -> HttpSession:
    made = open_session()
    exchange(made, [GOOD])
    assert made.is_open
    return made


def error_of(made: HttpSession, heard: list[bytes | LineFault], request: Request, broken: dict[int, LineFault]) -> Any:
    with pytest.raises((SendError, StaleLine)) as caught:
        exchange(made, heard, request, broken)
    assert not made.is_open
    return caught.value


LAST = len(exchange(open_session(), [GOOD], LARGE).said) - 1
assert LAST > 3


@pytest.mark.parametrize("number", [0, 1, LAST - 1, LAST])
def test_a_new_line_that_breaks_while_a_mail_is_written_has_not_sent_it(number: int) -> None:
    error = error_of(open_session(), [LOST], LARGE, {number: LOST})
    assert isinstance(error, ConnectionLost)
    assert (error.outcome, error.retryable, error.stage) == (Outcome.NOT_SENT, True, "data")


@pytest.mark.parametrize("number", [0, 1, LAST - 1, LAST])
def test_a_used_line_that_breaks_while_a_mail_is_written_was_dead(number: int) -> None:
    assert isinstance(error_of(used_session(), [LOST], LARGE, {number: LOST}), StaleLine)
    assert isinstance(error_of(used_session(), [b""], LARGE, {number: LOST}), StaleLine)
    assert isinstance(error_of(used_session(), [LOST], SMALL, {0: LOST}), StaleLine)


@pytest.mark.parametrize("made", [open_session, used_session])
def test_a_wait_that_ends_while_the_last_piece_is_written_leaves_it_open(made: Any) -> None:
    for number in range(LAST + 1):
        error = error_of(made(), [], LARGE, {number: LATE})
        assert isinstance(error, TimedOut)
        expected = Outcome.UNKNOWN if number == LAST else Outcome.NOT_SENT
        assert (error.outcome, error.stage) == (expected, "data")
    assert error_of(made(), [], SMALL, {0: LATE}).outcome is Outcome.UNKNOWN
    assert error_of(made(), [], ACCOUNT, {0: LATE}).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("made", [open_session, used_session])
@pytest.mark.parametrize("fault", [LOST, LATE])
def test_a_line_that_breaks_before_the_answer_leaves_it_open(made: Any, fault: LineFault) -> None:
    stories: list[list[bytes | LineFault]] = [[fault], [GOOD[:30], fault], [GOOD[:-1], fault]]
    for heard in stories:
        for request in (SMALL, LARGE):
            error = error_of(made(), heard, request, {})
            assert (error.outcome, error.retryable, error.stage) == (Outcome.UNKNOWN, False, "reply")
        assert error_of(made(), heard, ACCOUNT, {}).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("made", [open_session, used_session])
@pytest.mark.parametrize("number", [0, 1, LAST])
def test_an_answer_that_came_before_all_was_written_is_heard(made: Any, number: int) -> None:
    early = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}"
    session = made()
    answer = exchange(session, [early[:10], early[10:]], LARGE, {number: LOST}).result
    assert (answer.status, answer.body) == (413, b"{}")
    assert not session.is_open


def test_a_wait_is_not_followed_by_another_one() -> None:
    steps = open_session().exchange(HEAD, LARGE, size_of(LARGE))
    next(steps)
    with pytest.raises(TimedOut):
        steps.throw(LATE)


# ── proxies ──────────────────────────────────────────────────────────────────────────────────────────────────────

SECURE = Origin("https", "email.eu-west-1.amazonaws.com", 443)
PROXY = {"HTTPS_PROXY": "http://me:word@proxy.example:3128"}
GRANTED = b"HTTP/1.1 200 Connection established\r\nProxy-Agent: x\r\n\r\n"


def opened(
    heard: Iterable[bytes | LineFault],
    origin: Origin = SECURE,
    environ: Mapping[str, str] = {},
) -> tuple[list[bytes], list[StartTls]]:
    """What is said to open a session, and the handshakes."""
    made = HttpSession(Way.to(origin, environ))
    said: list[bytes] = []
    handshakes: list[StartTls] = []
    steps: Dialogue[None] = made.open()
    answers = iter(heard)
    try:
        step = next(steps)
        while True:
            answer: bytes | LineFault = b""
            if isinstance(step, bytes):
                said.append(step)
            elif isinstance(step, StartTls):
                handshakes.append(step)
            elif isinstance(step, Do):
                step.perform()
            else:
                assert step is HEAR
                answer = next(answers)
            step = steps.throw(answer) if isinstance(answer, LineFault) else steps.send(answer)
    except StopIteration:
        assert made.is_open
        return said, handshakes


def test_tls_is_with_the_host_of_the_endpoint() -> None:
    said, (handshake,) = opened([])
    assert said == []
    assert handshake.host == "email.eu-west-1.amazonaws.com"
    _, (handshake,) = opened([], Origin.parse("https://[::1]:1", "x"))
    assert handshake.host == "::1"


def test_a_proxy_is_asked_for_a_tunnel_and_told_nothing_more() -> None:
    for pieces in ([GRANTED], [GRANTED[:7], GRANTED[7:]], [b"HTTP/1.1 100 x\r\n\r\n" + GRANTED]):
        (said,), (handshake,) = opened([*pieces], environ=PROXY)
        assert said == (
            b"CONNECT email.eu-west-1.amazonaws.com:443 HTTP/1.1\r\nhost: email.eu-west-1.amazonaws.com:443\r\n"
            b"proxy-authorization: Basic bWU6d29yZA==\r\n\r\n"
        )
        assert handshake.host == "email.eu-west-1.amazonaws.com"


def test_a_tunnel_to_an_address_of_ipv6_has_brackets() -> None:
    (said,), (handshake,) = opened([GRANTED], Origin.parse("https://[::1]:8443", "x"), {"HTTPS_PROXY": "proxy.example"})
    assert said.startswith(b"CONNECT [::1]:8443 HTTP/1.1\r\nhost: [::1]:8443\r\n\r\n")
    assert handshake.host == "::1"


@pytest.mark.parametrize("status", [301, 400, 403, 407, 502])
def test_a_proxy_that_grants_no_tunnel_is_named(status: int) -> None:
    with pytest.raises(ConnectFailed, match=r"the proxy proxy\.example:3128 answered") as caught:
        opened([b"HTTP/1.1 %d No\r\nContent-Length: 100000\r\n\r\n" % status], environ=PROXY)
    assert (caught.value.code, caught.value.retryable) == (str(status), status >= 500)
    assert "bWU6d29yZA" not in str(caught.value)


@pytest.mark.parametrize(
    "heard",
    [
        [GRANTED + b"x"],  # it would pass for the endpoint's
        [b""],
        [LOST],
        [LATE],
        [b"garbage\r\n\r\n"],
        [GRANTED[:-2], *[b"X: " + b"y" * 1000 + b"\r\n"] * 50],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 50,
    ],
    ids=range(7),
)
def test_advisory_what_a_proxy_says_beside_its_answer_ends_the_line_before_tls(heard: list[bytes | LineFault]) -> None:
    with pytest.raises(ConnectFailed) as caught:
        opened(heard, environ=PROXY)
    assert (caught.value.outcome, caught.value.retryable, caught.value.stage) == (Outcome.NOT_SENT, True, "connect")
    assert "through the proxy proxy.example:3128" in str(caught.value)


def test_a_handshake_that_fails_is_not_tried_again() -> None:
    steps = HttpSession(Way.to(SECURE, {})).open()
    step = next(steps)
    assert isinstance(step, Do), "the certificates are read where nobody waits for it"
    step.perform()
    assert isinstance(steps.send(b""), StartTls)
    with pytest.raises(ConnectFailed) as caught:
        steps.throw(LineFault(Kind.TLS, "the certificate is not accepted"))
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.NOT_SENT, False)


def test_a_proxy_that_relays_needs_no_opening_and_may_ask_for_a_password() -> None:
    made = open_session(HTTP_PROXY="http://proxy.example:3128")
    for heard, broken in (
        ([b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"], {}),
        ([b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"], {0: LOST}),
    ):
        with pytest.raises(ConnectFailed, match=r"the proxy proxy\.example:3128 answered 407"):
            exchange(made, [*heard], broken=broken)


def test_without_a_proxy_a_407_is_an_answer_like_others() -> None:
    answer: Answer = exchange(open_session(), [b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"]).result
    assert answer.status == 407
