"""One mail is one mail, at servers that end lines and mails by other rules than we do."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sesmail.errors import MailError
from sesmail.transports.smtp.transport import SmtpTransport
from tests.examples import one_in
from tests.transports.smtp.places import closing
from tests.transports.smtp.talking import ADA, Foreign, error_of, outgoing

# How a server finds the end of a mail, and of a line. CVE-2023-51764/5/6 are the differences between these.
RULES: dict[str, tuple[re.Pattern[bytes], re.Pattern[bytes]]] = {
    "strict": (re.compile(rb"\r\n\.\r\n"), re.compile(rb"\r\n")),
    "LF is enough": (re.compile(rb"\r?\n\.\r?\n"), re.compile(rb"\r?\n")),
    "CR is enough too": (re.compile(rb"(?:\r\n?|\n)\.(?:\r\n?|\n)"), re.compile(rb"\r\n?|\n")),
}


class Lenient(socketserver.ThreadingTCPServer):
    """A server with a rule of its own, with or without PIPELINING. It takes everything, and remembers mails."""

    daemon_threads = True

    def __init__(self, rule: str, *, pipelined: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.end, self.line = RULES[rule]
        self.keywords = b"250-PIPELINING\r\n" if pipelined else b""
        self.mails: list[bytes] = []
        self.commands: list[bytes] = []


class _Talk(socketserver.BaseRequestHandler):
    server: Lenient

    def handle(self) -> None:
        self.request.sendall(b"220 lenient.example\r\n")
        inbox, in_mail = b"", False
        while data := self.request.recv(65536):
            inbox += data
            while found := (self.server.end if in_mail else self.server.line).search(
                b"\r\n" + inbox if in_mail else inbox
            ):
                head, inbox = inbox[: max(0, found.start() - 2 * in_mail)], inbox[found.end() - 2 * in_mail :]
                in_mail = self._take(head) if in_mail else self._obey(head)

    def _take(self, mail: bytes) -> bool:
        self.server.mails.append(mail)
        self.request.sendall(b"250 Ok\r\n")
        return False

    def _obey(self, line: bytes) -> bool:
        verb = line[:4].upper()
        self.server.commands.append(verb)
        answer = {
            b"EHLO": b"250-lenient.example\r\n" + self.server.keywords + b"250 8BITMIME\r\n",
            b"DATA": b"354 Go\r\n",
        }
        self.request.sendall(answer.get(verb, b"250 Ok\r\n"))
        return verb == b"DATA"


@pytest.fixture(scope="module", params=[(rule, pipelined) for rule in RULES for pipelined in (False, True)], ids=str)
def server(request: pytest.FixtureRequest) -> Iterator[Lenient]:
    rule, pipelined = request.param
    with Lenient(rule, pipelined=pipelined) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def transport(server: Lenient) -> Iterator[SmtpTransport]:
    with closing(SmtpTransport("127.0.0.1", server.server_address[1], tls="none")) as transport:
        yield transport


SMUGGLED = "MAIL FROM:<evil@example.com>{e}RCPT TO:<eve@example.org>{e}DATA{e}Subject: evil{e}{e}evil{e}.{e}"
ENDS = [
    "\r\n.\r\n",
    "\n.\n",
    "\r.\r",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r\n",
    "\r\n.\r",
    "\n.\r",
    "\r.\n",
    "\r\n..\r\n",
    "\n..\n",
]
odd = st.lists(
    st.sampled_from(["a", ".", "..", "\r", "\n", "\r\n", *ENDS, SMUGGLED.format(e="\r\n"), SMUGGLED.format(e="\n")]),
    max_size=8,
).map("".join)


def only_one_arrives(server: Lenient, send: Callable[[], object]) -> None:
    before, commands = len(server.mails), len(server.commands)
    send()

    assert len(server.mails) == before + 1
    assert set(server.commands[commands:]) <= {b"EHLO", b"MAIL", b"RCPT", b"DATA"}
    assert server.commands[commands:].count(b"MAIL") == server.commands[commands:].count(b"DATA") == 1


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_a_mail_in_a_text_stays_in_it(server: Lenient, transport: SmtpTransport, end: str, line_end: str) -> None:
    out = outgoing(ADA, text=f"Hello{end}{SMUGGLED.format(e=line_end)}", subject="Hi")
    only_one_arrives(server, lambda: transport.send(out))


@settings(one_in(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=odd)
def test_any_text_is_one_mail(server: Lenient, transport: SmtpTransport, text: str) -> None:
    only_one_arrives(server, lambda: transport.send(outgoing(ADA, text=text)))


@settings(one_in(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(odd, max_size=4))
def test_what_another_writer_wrote_is_one_mail_or_refused(
    server: Lenient, transport: SmtpTransport, chunks: list[str]
) -> None:
    parts = tuple(chunk.encode() for chunk in chunks)
    before = len(server.mails)
    error = error_of(transport.send, outgoing(ADA, content=Foreign(parts)))

    if error:
        assert isinstance(error, MailError)
        assert re.search(r"\r(?!\n)|(?<!\r)\n", "".join(chunks))
        assert len(server.mails) == before
    else:
        assert len(server.mails) == before + 1
