"""The door, with real sockets: what peers send that are slow, rude, broken, many, or as they should be."""

from __future__ import annotations

import errno
import gc
import http.client
import itertools
import json
import logging
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from sesmail.errors import SetupError
from sesmail.local.http.door import HttpDoor, url_of
from sesmail.local.http.message import HttpReply, HttpRequest
from tests.local.http.peer import Peer

if TYPE_CHECKING:
    from sesmail.local.line import Line

GET = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
QUICK = 0.002


def echo(request: HttpRequest) -> HttpReply:
    """What came in, told back."""
    return HttpReply(200, {"Content-Type": "text/plain"}, f"{request.method} {request.target} ".encode() + request.body)


def post(body: bytes, *headers: bytes) -> bytes:
    lines = [b"POST /mail HTTP/1.1", b"Host: localhost", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def with_headers(*headers: bytes, line: bytes = b"GET / HTTP/1.1") -> bytes:
    return b"\r\n".join([line, *headers, b"", b""])


def ticking() -> Callable[[], float]:
    """A clock that goes on by a second whenever somebody looks at it."""
    seconds = itertools.count()
    return lambda: float(next(seconds))


def wait_until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(QUICK)


def connections(door: HttpDoor) -> set[Line]:
    assert door._shift
    return door._shift._desk.connections


@pytest.fixture
def door() -> Iterator[HttpDoor]:
    with HttpDoor(echo, body_limit=1_000_000, linger_s=60) as door:
        yield door


@pytest.fixture
def hasty_door() -> Iterator[HttpDoor]:
    """Its time-outs pass within moments, but for that before a first byte, with which a busy machine may be late."""
    with HttpDoor(echo, clock=ticking(), sweep_s=QUICK, idle_s=1_000_000) as door:
        yield door


# ── as it should be ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_connection_serves_many_requests(door: HttpDoor) -> None:
    with Peer(door.port) as peer:
        first = peer.send(GET).reply()
        second = peer.send(post(b"x" * 200_000)).reply()
        third = peer.send(GET).reply()

    assert first == third
    assert (first.status, first.body) == (200, b"GET /hello ")
    assert first.headers["connection"] == "keep-alive"
    assert first.headers["date"].endswith(" GMT")
    assert second.body == b"POST /mail " + b"x" * 200_000


def test_pipelined_requests_are_answered_in_order(door: HttpDoor) -> None:
    count = 3000
    requests = b"".join(b"GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % number for number in range(count))
    with Peer(door.port) as peer:
        peer.send(requests)
        bodies = [peer.reply().body for _ in range(count)]

    assert bodies == [b"GET /%d " % number for number in range(count)]


@pytest.mark.parametrize(
    ("request_bytes", "goes_on"),
    [
        (with_headers(b"Host: localhost"), True),
        (with_headers(b"Host: localhost", b"Connection: close"), False),
        (with_headers(line=b"GET / HTTP/1.0"), False),
        (with_headers(b"Connection: keep-alive", line=b"GET / HTTP/1.0"), True),
    ],
)
def test_a_connection_goes_on_or_ends_as_its_peer_asks(door: HttpDoor, request_bytes: bytes, goes_on: bool) -> None:
    with Peer(door.port) as peer:
        reply = peer.send(request_bytes).reply()
        assert reply.headers["connection"] == ("keep-alive" if goes_on else "close")
        if goes_on:
            assert peer.send(GET).reply().status == 200
        else:
            assert peer.is_at_end()

    wait_until(lambda: not connections(door))


def test_an_answer_to_head_has_no_body(door: HttpDoor) -> None:
    with Peer(door.port) as peer:
        head = peer.send(with_headers(b"Host: localhost", line=b"HEAD /hello HTTP/1.1")).reply(to_head=True)
        get = peer.send(GET).reply()

    assert head.headers["content-length"] == "12"
    assert get.body == b"GET /hello "


def test_a_peer_is_told_to_go_on(door: HttpDoor) -> None:
    request = post(b"hello", b"Expect: 100-continue")
    with Peer(door.port) as peer:
        leave = peer.send(request[:-5]).reply()
        reply = peer.send(b"hello").reply()
        at_once = peer.send(request).reply()

    assert leave == (100, {}, b"")
    assert reply.body == at_once.body == b"POST /mail hello"


def test_a_peer_that_may_not_send_its_body_is_not_told_to_go_on(door: HttpDoor) -> None:
    head = with_headers(
        b"Host: localhost", b"Expect: 100-continue", b"Content-Length: 1000001", line=b"POST / HTTP/1.1"
    )
    with Peer(door.port) as peer:
        reply = peer.send(head).reply()
        assert peer.is_at_end()

    assert reply.status == 413


def test_answers_do_not_wait_for_one_another(door: HttpDoor) -> None:
    """Nagle's delay holds a small packet back until the one before it is confirmed."""
    with Peer(door.port) as peer:
        peer.send(GET).reply()
        (connection,) = connections(door)
        socket_of_door = connection._transport.get_extra_info("socket")

        assert socket_of_door.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_clients_of_the_standard_library_are_served(door: HttpDoor) -> None:
    connection = http.client.HTTPConnection("localhost", door.port, timeout=20)
    bodies = []
    for _ in range(2):
        connection.request(
            "PUT", "/a?b", body=iter([b"in ", b"chunks"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
        )
        bodies.append(connection.getresponse().read())
    connection.close()
    with urllib.request.urlopen(f"{door.url}/c", data=b"d", timeout=20) as response:
        bodies.append(response.read())
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(door.url, headers={"Host": "evil.example"}), timeout=20)
    with caught.value:
        refusal = json.load(caught.value)

    assert bodies == [b"PUT /a?b in chunks"] * 2 + [b"POST /c d"]
    assert caught.value.code == 421
    assert "hosts" in refusal["message"]


# ── slow, rude and broken peers ──────────────────────────────────────────────────────────────────────────────────


def test_a_large_body_is_refused_before_it_is_sent(door: HttpDoor) -> None:
    with Peer(door.port) as peer:
        reply = peer.send(with_headers(b"Host: localhost", b"Content-Length: 1000001")).reply()

    assert (reply.status, reply.headers["connection"]) == (413, "close")
    assert json.loads(reply.body) == {"message": "the body is larger than 1000000 bytes"}


def test_who_sends_its_whole_body_first_hears_the_refusal_too(door: HttpDoor) -> None:
    with Peer(door.port) as peer:
        reply = peer.send(post(b"x" * 20_000_000)).reply()
        assert peer.is_at_end()

    assert reply.status == 413


@pytest.mark.parametrize(
    ("head", "endless", "status"),
    [
        (b"GET / HTTP/1.1\r\n", b"A: b\r\n" * 1000, 431),
        (b"GET /", b"a" * 10_000, 431),
        (with_headers(b"Host: a.localhost", b"Transfer-Encoding: chunked"), b"2710\r\n" + b"x" * 10_000 + b"\r\n", 413),
        (b"", b"\0" * 10_000, 400),
    ],
)
def test_what_has_no_end_is_cut_off(head: bytes, endless: bytes, status: int) -> None:
    with HttpDoor(echo, body_limit=100_000, linger_bytes=1_000_000) as door, Peer(door.port) as peer:
        peer.send(head)
        sent = peer.send_until_cut(endless)
        wait_until(lambda: not connections(door))

        assert sent < 20_000_000
    with HttpDoor(echo, body_limit=100_000, linger_s=60) as door, Peer(door.port) as peer:
        assert peer.send(head + endless * 12).reply().status == status


@pytest.mark.parametrize(
    ("garbage", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"EHLO localhost\r\nMAIL FROM:<a@example.com>\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/1.1\nHost: localhost\n\n", 400),
        (bytes(range(256)) * 10, 400),
    ],
)
def test_garbage_is_answered_and_the_connection_closed(door: HttpDoor, garbage: bytes, status: int) -> None:
    with Peer(door.port) as peer:
        reply = peer.send(garbage).reply()
        assert peer.is_at_end()

    assert reply.status == status
    assert json.loads(reply.body)["message"]


def test_a_slow_head_is_given_up(hasty_door: HttpDoor) -> None:
    with Peer(hasty_door.port) as peer:
        reply = peer.send(GET[:20]).reply()
        assert peer.is_at_end()

    assert reply.status == 408


def test_a_slow_body_is_given_up(hasty_door: HttpDoor) -> None:
    with Peer(hasty_door.port) as peer:
        reply = peer.send(post(b"hello")[:-1]).reply()
        assert peer.is_at_end()

    assert reply.status == 408


def test_a_silent_connection_is_closed() -> None:
    with HttpDoor(echo, clock=ticking(), sweep_s=QUICK) as door, Peer(door.port) as peer:
        assert peer.is_at_end()


def test_half_a_connection_is_enough_for_an_answer(door: HttpDoor) -> None:
    with Peer(door.port) as peer:
        peer.send(GET * 3).send_no_more()
        bodies = [peer.reply().body for _ in range(3)]
        assert peer.is_at_end()

    assert bodies == [b"GET /hello "] * 3


@pytest.mark.parametrize("part", [GET[:20], post(b"hello")[:-1]])
def test_half_a_request_is_none(door: HttpDoor, part: bytes) -> None:
    with Peer(door.port) as peer:
        reply = peer.send(part).send_no_more().reply()
        assert peer.is_at_end()

    assert reply.status == 400
    assert b"ended before" in reply.body


def test_who_hangs_up_behind_the_last_answer_is_gone(door: HttpDoor) -> None:
    with Peer(door.port) as peer:
        peer.send(b"\0").reply()
        peer.send_no_more()
        wait_until(lambda: not connections(door))


@pytest.mark.parametrize("part", [b"", GET[:20], post(b"hello")[:-1], GET * 500])
def test_a_connection_that_breaks_harms_nobody(door: HttpDoor, part: bytes) -> None:
    peer = Peer(door.port).send(part)
    peer.reset()
    wait_until(lambda: not connections(door))

    with Peer(door.port) as other:
        assert other.send(GET).reply().status == 200


def test_requests_of_a_peer_that_does_not_read_wait() -> None:
    """So what is held for it is one answer and one inbox, however many requests it sends."""
    answered = []
    size, count = 4_000_000, 40

    def large(request: HttpRequest) -> HttpReply:
        answered.append(request.target)
        return HttpReply(200, body=bytes(size))

    with HttpDoor(large) as door, Peer(door.port) as peer:
        peer.send(GET * count)
        wait_until(lambda: any(connection._is_full for connection in connections(door)))
        with Peer(door.port) as other:
            assert len(other.send(GET).reply().body) == size
        assert len(answered) < count / 2
        sizes = {len(peer.reply().body) for _ in range(count)}

        assert sizes == {size}
        assert len(answered) == count + 1


def test_who_never_reads_its_answer_is_given_up() -> None:
    never_read = HttpDoor(lambda _: HttpReply(200, body=bytes(30_000_000)), clock=ticking(), sweep_s=QUICK)
    with never_read as door, Peer(door.port) as peer:
        peer.send(GET)
        wait_until(lambda: bool(connections(door)))
        wait_until(lambda: not connections(door))


def test_a_large_last_answer_arrives_whole() -> None:
    with HttpDoor(lambda _: HttpReply(200, body=bytes(30_000_000)), linger_s=0) as door, Peer(door.port) as peer:
        peer.send(with_headers(b"Host: localhost", b"Connection: close"))
        wait_until(lambda: any(connection._is_full for connection in connections(door)))
        reply = peer.reply()
        assert peer.is_at_end()

    assert len(reply.body) == 30_000_000


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _may_open(files: int) -> bool:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < files:
        if hard not in (resource.RLIM_INFINITY, -1) and hard < files:
            return False
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return True


def test_a_thousand_idle_connections_do_not_slow_another_one(door: HttpDoor) -> None:
    if not _may_open(2500):
        pytest.skip("this machine lets a process open fewer than 2,500 files")
    with Peer(door.port) as peer:
        idle = [Peer(door.port) for _ in range(1000)]
        wait_until(lambda: len(connections(door)) == 1001)
        began = time.monotonic()
        for _ in range(200):
            assert peer.send(GET).reply().status == 200
        took = time.monotonic() - began
        served = [each.send(GET).reply().status for each in (idle[0], idle[499], idle[999])]
        for each in idle:
            each.socket.close()
        wait_until(lambda: len(connections(door)) == 1)

    assert took < 5, "a fortieth of a second each would be slow already"
    assert served == [200] * 3


def test_peers_are_served_one_at_a_time() -> None:
    inside = 0
    most = 0

    def careful(request: HttpRequest) -> HttpReply:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.001)
        inside -= 1
        return HttpReply(200, body=threading.current_thread().name.encode())

    def client() -> None:
        with Peer(door.port) as peer:
            names.update(peer.send(GET).reply().body for _ in range(10))

    names: set[bytes] = set()
    with HttpDoor(careful) as door:
        threads = [threading.Thread(target=client) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert most == 1
    assert names == {b"sesmail-http"}


# ── who may come in ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([b"Host: localhost"], 200),
        ([b"Host: SES:8005"], 200),
        ([b"Host: 127.0.0.1:1", b"Origin: http://localhost:3000"], 200),
        ([], 400),
        ([b"Host: localhost", b"Host: localhost"], 400),
        ([b"Host: evil.example"], 421),
        ([b"Host: localhost", b"Origin: https://evil.example"], 403),
        ([b"Host: localhost", b"Origin: null"], 403),
        ([b"Host: localhost", b"Sec-Fetch-Site: cross-site"], 403),
    ],
)
def test_web_pages_of_strangers_stay_outside(headers: list[bytes], status: int) -> None:
    with HttpDoor(echo, hosts=["ses"]) as door, Peer(door.port) as peer:
        reply = peer.send(with_headers(*headers)).reply()

    assert reply.status == status


def test_a_stranger_is_turned_away_before_its_body_comes() -> None:
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpReply:
        seen.append(request)
        return HttpReply(200)

    with HttpDoor(answer) as door, Peer(door.port) as peer:
        head = with_headers(b"Host: evil.example", b"Content-Length: 5", line=b"POST / HTTP/1.1")
        reply = peer.send(head).reply()

    assert (reply.status, seen) == (421, [])


# ── answers that fail ────────────────────────────────────────────────────────────────────────────────────────────


def _raises(request: HttpRequest) -> HttpReply:
    raise ValueError("s3cret")


def _exits(request: HttpRequest) -> HttpReply:
    raise SystemExit("s3cret")


def _breaks_a_header(request: HttpRequest) -> HttpReply:
    return HttpReply(200, {"X-A": "s3cret\r\nX-B: 1"})


def _is_none(request: HttpRequest) -> HttpReply:
    return None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("answer", "error"),
    [(_raises, "ValueError"), (_exits, "SystemExit"), (_breaks_a_header, "ValueError"), (_is_none, "AttributeError")],
)
def test_an_answer_that_fails_is_logged_and_told_without_details(
    answer: Callable[[HttpRequest], HttpReply], error: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "sesmail"), HttpDoor(answer) as door, Peer(door.port) as peer:
        first, second = peer.send(GET).reply(), peer.send(GET).reply()

    assert first.status == second.status == 500
    assert json.loads(first.body).keys() == {"message"}
    assert b"s3cret" not in first.body
    assert [record.getMessage() for record in caplog.records] == [f"the door failed to answer a GET: {error}"] * 2
    assert caplog.records[0].exc_info


# ── opening and closing ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_taken_port_is_told_to_who_opens_the_door(door: HttpDoor) -> None:
    second = HttpDoor(echo, port=door.port)

    with pytest.raises(OSError, match=r"[Aa]ddress") as caught:
        second.start()

    assert caught.value.errno == errno.EADDRINUSE
    door.stop()
    with second:
        assert second.port == int(second.url.rpartition(":")[2])


def test_an_address_of_another_machine_is_told_to_who_opens_the_door() -> None:
    with pytest.raises(OSError, match=r"192\.0\.2\.1") as caught:
        HttpDoor(echo, host="192.0.2.1").start()

    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_a_thread_that_cannot_begin_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    door = HttpDoor(echo)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RuntimeError, match="new thread"):
            door.start()
    gc.collect()

    with door, Peer(door.port) as peer:
        assert peer.send(GET).reply().status == 200


def test_a_door_can_be_closed_while_peers_are_in_it() -> None:
    door = HttpDoor(echo, body_limit=10)
    door.start()
    parts = [b"", GET[:9], GET, post(b"hello")[:-1], b"\0", post(b"x" * 11), GET * 100]
    peers = [Peer(door.port).send(part) for part in parts * 5]
    threads = {thread.name for thread in threading.enumerate()}
    door.stop()
    door.stop()
    gc.collect()

    assert "sesmail-http" in threads
    assert "sesmail-http" not in {thread.name for thread in threading.enumerate()}
    for peer in peers:
        with peer:
            try:
                while peer.socket.recv(1 << 16):
                    pass
            except ConnectionError:
                pass  # closed over what it sent


def test_a_door_can_be_closed_while_it_sends() -> None:
    with HttpDoor(lambda _: HttpReply(200, body=bytes(30_000_000))) as door, Peer(door.port) as peer:
        peer.send(GET)
        wait_until(lambda: any(connection._is_full for connection in connections(door)))
        door.stop()

        with pytest.raises((EOFError, ConnectionError)):
            peer.reply()


def test_a_door_can_be_opened_again() -> None:
    door = HttpDoor(echo)
    for _ in range(5):
        with door, Peer(door.port) as peer:
            assert peer.send(GET).reply().status == 200

    with pytest.raises(ConnectionError):
        Peer(int(_url_while_open(door).rpartition(":")[2]))


def _url_while_open(door: HttpDoor) -> str:
    with door:
        return door.url


def test_a_door_keeps_the_port_that_it_was_given() -> None:
    with HttpDoor(echo) as door:
        port = door.port
    again = HttpDoor(echo, port=port)
    for _ in range(2):
        with again, Peer(port) as peer:
            peer.send(with_headers(b"Host: localhost", b"Connection: close")).reply()

            assert again.port == port


def test_threads_may_close_a_door_at_the_same_time(door: HttpDoor) -> None:
    threads = [threading.Thread(target=door.stop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert repr(door) == "HttpDoor(closed)"


def test_an_open_door_is_not_opened_again(door: HttpDoor) -> None:
    with pytest.raises(SetupError, match=f"open already, at {door.url}"):
        door.start()

    with Peer(door.port) as peer:
        assert peer.send(GET).reply().status == 200


def test_a_closed_door_has_no_address() -> None:
    with pytest.raises(SetupError, match="start it first"):
        _ = HttpDoor(echo).port


def test_an_answer_cannot_close_its_own_door(caplog: pytest.LogCaptureFixture) -> None:
    doors: list[HttpDoor] = []

    def answer(request: HttpRequest) -> HttpReply:
        doors[0].stop()
        return HttpReply(200)

    with HttpDoor(answer) as own, Peer(own.port) as peer:
        doors.append(own)
        reply = peer.send(GET).reply()

    assert reply.status == 500
    assert "another thread" in caplog.text


def test_a_door_says_where_it_is(door: HttpDoor) -> None:
    assert repr(door) == f"HttpDoor({door.url})"
    assert door.url == f"http://127.0.0.1:{door.port}"


def test_a_door_can_be_called_by_an_ipv6_address() -> None:
    try:
        door = HttpDoor(echo, host="::1")
        door.start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with urllib.request.urlopen(f"{door.url}/hello", timeout=20) as response:
        body = response.read()
    url = door.url
    door.stop()

    assert body == b"GET /hello "
    assert url.startswith("http://[::1]:")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("192.0.2.1", "http://192.0.2.1:80"),
        ("fe80::1", "http://[fe80::1]:80"),
    ],
)
def test_a_url_can_be_called(host: str, url: str) -> None:
    assert url_of(host, 80) == url


def test_a_host_that_is_none_is_refused_when_the_door_is_built() -> None:
    with pytest.raises(SetupError, match="http://ses"):
        HttpDoor(echo, hosts=["http://ses"])


def test_the_clock_on_the_wall_can_be_given() -> None:
    with HttpDoor(echo, now=lambda: 784111777.0) as door, Peer(door.port) as peer:
        reply = peer.send(GET).reply()

    assert reply.headers["date"] == "Sun, 06 Nov 1994 08:49:37 GMT"
