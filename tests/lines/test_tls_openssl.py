"""What only OpenSSL's own server does: a new handshake in the middle (TLS 1.2), and new keys (TLS 1.3)."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import sleep

import pytest

from sesmail.lines import blocking
from sesmail.lines.dialogue import Dialogue, StartTls
from sesmail.lines.line import Line, Place
from sesmail.local.smtp.certificates import Certificates
from tests.lines.dialogues import deadline, exactly
from tests.servers.conftest import need

pytestmark = pytest.mark.server


class SServer:
    """``openssl s_server``: it says what it is told, takes single letters for commands, and prints what it hears."""

    def __init__(self, folder: Path, certificates: Certificates, *options: str) -> None:
        leaf = certificates._leaf("")
        file = folder / "leaf.pem"
        file.write_bytes(leaf.key + leaf.certificate)
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.place = Place("127.0.0.1", sock.getsockname()[1])
        self._process = subprocess.Popen(
            [
                need("openssl"),
                "s_server",
                "-accept",
                f"{self.place.host}:{self.place.port}",
                "-cert",
                str(file),
                *options,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.heard("ACCEPT")

    def say(self, text: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()
        sleep(0.1)  # what it reads at once is one word, or one command

    def heard(self, word: str) -> bool:
        """Whether it prints a line that ends so."""
        assert self._process.stdout
        return any(line.rstrip().endswith(word.encode()) for line in self._process.stdout)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def server(tmp_path: Path, certificates: Certificates, request: pytest.FixtureRequest) -> Iterator[SServer]:
    with closing(SServer(tmp_path, certificates, *request.param)) as server:
        yield server


@pytest.fixture
def line(server: SServer, trusting: ssl.SSLContext) -> Iterator[Line]:
    def start() -> Dialogue[None]:
        yield StartTls(trusting, "localhost")

    with closing(blocking.connect(server.place, deadline())) as line:
        blocking.drive(line, start(), deadline())
        yield line


def said(word: bytes) -> Dialogue[None]:
    yield word


COMMANDS = [
    pytest.param(["-tls1_2"], "R", id="a new handshake"),
    pytest.param(["-tls1_3"], "k", id="new keys"),
    pytest.param(["-tls1_3"], "K", id="new keys of both"),
]


@pytest.mark.parametrize(("server", "command"), COMMANDS, indirect=["server"])
def test_tls_may_have_things_to_settle_before_a_word(server: SServer, line: Line, command: str) -> None:
    server.say(f"{command}\n")
    server.say("good morning\n")

    assert blocking.drive(line, exactly(13), deadline()) == b"good morning\n"
    blocking.drive(line, said(b"hello\n"), deadline())
    assert server.heard("hello")
    server.say("good night\n")
    assert blocking.drive(line, exactly(11), deadline()) == b"good night\n"


@pytest.mark.parametrize(("server", "command"), COMMANDS, indirect=["server"])
def test_tls_may_have_things_to_settle_while_a_line_is_idle(server: SServer, line: Line, command: str) -> None:
    assert line.is_quiet()
    server.say(f"{command}\n")
    assert line.is_quiet()
    assert line.is_quiet()
    blocking.drive(line, said(b"hello\n"), deadline())
    assert server.heard("hello")
    server.say("good night\n")
    assert blocking.drive(line, exactly(11), deadline()) == b"good night\n"
