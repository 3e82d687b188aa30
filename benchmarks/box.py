"""The local SES: how many mails a second it takes, what memory it needs, how soon it is ready.

The server runs in a process of its own, on one core; the client is a bare socket that is kept open, so that nearly all
of the time is the server's. Beside it stand the standard library's `http.server` with a constant answer, which is the
floor of what a server in Python can be asked for, and moto's server, the other fake of SES in Python.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from time import perf_counter, process_time, sleep
from typing import ClassVar

from benchmarks.imports import environment
from benchmarks.mail import SMALL
from benchmarks.measure import Figure, in_rounds
from benchmarks.memory import ROOT
from benchmarks.peers import SESMAIL
from benchmarks.sends import peak_mb
from sesmail import Email, mime
from sesmail.local import LocalSes

HTTP_SERVER = "http.server, constant answer"
MOTO = "moto's server"
MAILS = ("20000", "100000")
FIXTURE = "start, one identity, stop"
_TURN = 1000  # sends
_ANSWER = b'{"MessageId": "0100019a9d3f1b2c-00000000-0000-0000-0000-000000000000-000000"}'


def peers() -> tuple[str, ...]:
    """Whoever is installed."""
    return (SESMAIL, HTTP_SERVER, *((MOTO,) if find_spec("moto") and find_spec("flask") else ()))


# ── sends ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class BoxSends:
    """Small raw mails by SES v2, one after the other on a connection that stays open."""

    name: str
    unit: ClassVar = "us per send"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure every server."""
        with _served(peers()) as ports:
            return in_rounds(lambda name: _send(ports[name], _TURN) / _TURN * 1e6, ports, rounds)


def _send(port: int, count: int) -> float:
    """Seconds for so many sends."""
    request, connection = _request(port), _connected(port)
    start = perf_counter()
    for _ in range(count):
        connection.sendall(request)
        answer = connection.recv(65536)
        while b'"MessageId"' not in answer and (more := connection.recv(65536)):
            answer += more
        if b" 200 " not in answer[:20]:
            raise RuntimeError(answer[:200])
        if b"Connection: close" in answer:  # moto's server keeps none open
            connection.close()
            connection = _connected(port)
    connection.close()
    return perf_counter() - start


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _request(port: int) -> bytes:
    raw = mime.write(Email(sender=SMALL.sender, to=SMALL.to, subject=SMALL.subject, text=SMALL.text)).to_bytes()
    destination = {"ToAddresses": ["ada@example.org"]}
    asked = {"FromEmailAddress": "shop@example.com", "Destination": destination}
    body = json.dumps({**asked, "Content": {"Raw": {"Data": b64encode(raw).decode()}}})
    scope = "AKIASESMAILLOCALBOX0/20261120/us-east-1/ses/aws4_request"
    head = [
        "POST /v2/email/outbound-emails HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept-Encoding: identity",
        "Content-Type: application/json",
        "User-Agent: Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux lang/python",
        "X-Amz-Date: 20261120T080000Z",
        f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "amz-sdk-invocation-id: 5c4f3a52-7d2f-4a0b-8a5c-3a8a8d6f2b10",
        "amz-sdk-request: attempt=1",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", body]).encode()


@contextmanager
def _served(names: tuple[str, ...]) -> Iterator[dict[str, int]]:
    processes = {name: _process("serve", name) for name in names}
    try:
        yield {name: int(process.stdout.readline()) for name, process in processes.items() if process.stdout}
    finally:
        for process in processes.values():
            process.kill()
            process.communicate()


def _process(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.box", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _serve(name: str) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    _SERVERS[name]()
    while True:
        sleep(60)


def _serve_box() -> None:
    ses = LocalSes(sandbox=False, quota=-1, rate=1e9, keep=1000).start()
    ses.identity("example.com").verify()
    print(ses.url.rpartition(":")[2], flush=True)


def _serve_constant() -> None:
    class Constant(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(_ANSWER)))
            self.end_headers()
            self.wfile.write(_ANSWER)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in http.server
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Constant)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def _serve_moto() -> None:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    client = boto3.client("sesv2", endpoint_url=f"http://127.0.0.1:{port}", **keys)
    for name in ("example.com", "shop@example.com"):
        client.create_email_identity(EmailIdentity=name)
    print(port, flush=True)


_SERVERS: dict[str, Callable[[], None]] = {SESMAIL: _serve_box, HTTP_SERVER: _serve_constant, MOTO: _serve_moto}


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class BoxMemory:
    """A box whose ledger keeps the latest 1,000, after few mails and after many, each in a process of its own."""

    name: str
    unit: ClassVar = "MB of the process"

    def figures(self, rounds: int) -> dict[str, Figure]:  # noqa: ARG002 - one contract for all cases
        """Measure both counts."""
        return in_rounds(lambda count: _printed("memory", count), MAILS, 1)


def _memory(count: int) -> float:
    with LocalSes(sandbox=False, quota=-1, rate=1e9, keep=1000) as ses:
        ses.identity("example.com").verify()
        _send(int(ses.url.rpartition(":")[2]), count)
    return peak_mb()


# ── time to be there ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class BoxReady:
    """From the start of an interpreter to the first answer of a server in it."""

    name: str
    unit: ClassVar = "ms"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure every server."""
        return in_rounds(_ready_ms, peers(), rounds)


def _ready_ms(name: str) -> float:
    code = _READY[name]
    start = perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), check=True, capture_output=True)
    return (perf_counter() - start) * 1000


_ASK = "from urllib.request import urlopen; urlopen(url + path, timeout=9).read()"
_READY = {
    SESMAIL: (
        "from sesmail.local import LocalSes\n"
        f"s = LocalSes().start(); url, path = s.url, '/v2/email/account'\n{_ASK}; s.stop()"
    ),
    HTTP_SERVER: (
        "import http.server, threading\n"
        "s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n"
        "threading.Thread(target=s.serve_forever, daemon=True).start()\n"
        f"url, path = f'http://127.0.0.1:{{s.server_address[1]}}', '/'\n{_ASK}"
    ),
    MOTO: (
        "from moto.server import ThreadedMotoServer\n"
        "s = ThreadedMotoServer(port=0, verbose=False); s.start(); host, port = s.get_host_and_port()\n"
        f"url, path = f'http://127.0.0.1:{{port}}', '/moto-api/data.json'\n{_ASK}; s.stop()"
    ),
}


@dataclass(frozen=True, slots=True)
class BoxFixture:
    """What a test pays for a box of its own, in a program that has one behind it."""

    name: str
    unit: ClassVar = "ms of CPU"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure it."""
        return in_rounds(lambda _: _fixture_ms(), (FIXTURE,), rounds)


def _fixture_ms(count: int = 50) -> float:
    _fixture()
    start = process_time()
    for _ in range(count):
        _fixture()
    return (process_time() - start) / count * 1000


def _fixture() -> None:
    with LocalSes(sandbox=False) as ses:
        ses.identity("example.com").verify()


def _printed(*arguments: str) -> float:
    command = [sys.executable, "-m", "benchmarks.box", *arguments]
    return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(sys.argv[2])
    print(_memory(int(sys.argv[2])))
