"""One mail stays one mail, at servers that find line ends by three rules: nothing in it passes for its end.

Whatever a user can put into a mail is sent to each of them, with what such a server would take for the end of the mail,
and the words of a second one behind it. What no writer of ours can have written, a foreign `Content` hands over.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import Any, Self

import pytest

from sesmail import (
    Address,
    Alternative,
    AsyncMailer,
    Attachment,
    Email,
    Envelope,
    Mailer,
    Outgoing,
    SendResult,
    SesOptions,
    Unsubscribe,
    mime,
)
from sesmail.errors import MailError, Outcome
from sesmail.mail.message import Headers
from sesmail.mail.ses_options import NO_OPTIONS
from sesmail.testing.loopback import Loopback
from sesmail.transports import SmtpTransport
from sesmail.transports.smtp.data import PIECE

pytestmark = pytest.mark.heavy

SENDER, ADA, EVE = "shop@example.com", "ada@example.org", "eve@evil.example"

# What ends a line, by rule. A line that is a dot ends a mail, and behind it stands a command.
RULES = {
    "CR LF": re.compile(rb"\r\n"),
    "CR LF or LF": re.compile(rb"\r?\n"),
    "CR LF, LF or CR": re.compile(rb"\r\n|\n|\r(?!\n)"),
}


@dataclass
class Taken:
    """A mail as a server understood it."""

    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    data: bytes = b""

    @property
    def subject(self) -> str:
        head = self.data.partition(b"\r\n\r\n")[0]
        return next((line[9:].decode() for line in head.split(b"\r\n") if line.startswith(b"Subject: ")), "")


class LineServer:
    """An SMTP server that finds line ends by a rule, and takes whatever comes."""

    def __init__(self, rule: str, *, pipelining: bool = False) -> None:
        self.end = RULES[rule]
        self.keywords = ["8BITMIME", "SMTPUTF8", *["PIPELINING"] * pipelining]
        self.heard: list[bytearray] = []  # by connection
        self.commands: list[bytes] = []
        self.mails: list[Taken] = []
        self._loopback = Loopback(self._serve, name="line-server")

    @property
    def port(self) -> int:
        return self._loopback.port

    def __enter__(self) -> Self:
        self._loopback.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loopback.stop()

    def join(self) -> None:
        """Until every connection has ended: then nothing is on its way any more."""
        self._loopback.join(10)

    async def _serve(self, client: socket.socket, number: int) -> None:
        self.heard.append(bytearray())
        await _Conversation(self, client, self.heard[-1]).run()


class _Conversation:
    def __init__(self, server: LineServer, client: socket.socket, heard: bytearray) -> None:
        self._server = server
        self._client = client
        self._heard = heard
        self._inbox = bytearray()
        self._mail = Taken()

    async def run(self) -> None:
        await self._say("220 lines.example")
        while (line := await self._line()) is not None:
            self._server.commands.append(line)
            await self._obey(line)

    async def _obey(self, line: bytes) -> None:
        verb = line[:4].upper()
        path = line.decode("utf-8", "replace").partition("<")[2].partition(">")[0]
        if verb == b"EHLO":
            await self._say("250-lines.example", *(f"250-{keyword}" for keyword in self._server.keywords), "250 HELP")
        elif verb == b"DATA":
            await self._say("354 Go on")
            await self._take()
        else:
            if verb == b"RCPT":
                self._mail.recipients.append(path)
            else:
                self._mail = Taken(path)
            await self._say("250 Ok" if verb in (b"MAIL", b"RCPT", b"RSET", b"QUIT") else "500 What?")

    async def _take(self) -> None:
        lines = []
        while (line := await self._line()) != b".":
            if line is None:  # no end, no mail
                return
            lines.append(line.removeprefix(b".") + b"\r\n")
        self._server.mails.append(replace(self._mail, data=b"".join(lines)))
        await self._say("250 Ok")

    async def _line(self) -> bytes | None:
        """The next line without its end, or nothing when the client has gone."""
        while True:
            found = self._server.end.search(self._inbox)
            # A CR that came last may still get its LF.
            if found and not (found[0] == b"\r" and found.end() == len(self._inbox)):
                line = bytes(self._inbox[: found.start()])
                del self._inbox[: found.end()]
                return line
            data = await asyncio.get_running_loop().sock_recv(self._client, 65536)
            if not data:
                return None
            self._inbox += data
            self._heard += data

    async def _say(self, *lines: str) -> None:
        await asyncio.get_running_loop().sock_sendall(self._client, "".join(f"{line}\r\n" for line in lines).encode())


@pytest.fixture(params=RULES)
def rule(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["pipelining", "one by one"])
def server(request: pytest.FixtureRequest, rule: str) -> Iterator[LineServer]:
    with LineServer(rule, pipelining=request.param == "pipelining") as server:
        yield server


def transport_to(server: LineServer) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", server.port, tls="none", read_timeout_s=10, messages_per_connection=10_000)


def assert_only(server: LineServer, *subjects: str) -> None:
    """These mails and no other, to whom they are for, and no line end that some server would read otherwise."""
    server.join()
    assert [mail.subject for mail in server.mails] == list(subjects)
    assert all((mail.sender, mail.recipients) == (SENDER, [ADA]) for mail in server.mails)
    assert {command[:4] for command in server.commands} <= {b"EHLO", b"MAIL", b"RCPT", b"DATA", b"RSET", b"QUIT"}
    for heard in server.heard:
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n", heard)


# ── what is hostile ──────────────────────────────────────────────────────────────────────────────────────────────


def second_mail(end: str) -> str:
    """The words of another mail, with these line ends."""
    words = f"MAIL FROM:<{EVE}>", "RCPT TO:<victim@example.org>", "DATA", "Subject: smuggled", "", "Gotcha", ".", "QUIT"
    return "".join([word + end for word in words])


LINE_ENDS = ("\n", "\r", "\r\n", "\r\r\n", "\n\r")
DOTS = (
    *(f"{before}.{behind}" for before, behind in product(LINE_ENDS, LINE_ENDS)),
    *(f"{end}{dots}{end}" for dots, end in product(("..", "...", " .", ". ", "\0.", ".\0"), ("\n", "\r", "\r\n"))),
    *(f"{odd}.{odd}" for odd in ("\x0b", "\x0c", "\x1e", "\x85", "\u2028")),
)
HOSTILE = tuple(f"Hello{dots}{second_mail(end)}" for dots, end in product(DOTS, ("\r\n", "\n", "\r")))


def is_clean(data: bytes) -> bool:
    """Whether CR and LF stand together, wherever they stand."""
    rest = data.replace(b"\r\n", b"")
    return not (b"\r" in rest or b"\n" in rest)


@pytest.mark.parametrize(
    ("breaks", "rules"),
    [
        ("\r\n.\r\n", list(RULES)),
        ("\n.\n", list(RULES)[1:]),
        ("\n.\r\n", list(RULES)[1:]),
        ("\r.\r", list(RULES)[2:]),
        ("\r\n.\r", list(RULES)[2:]),
    ],
)
def test_a_client_that_does_not_care_smuggles(rule: str, breaks: str, rules: list[str]) -> None:
    """So that the tests below can fail."""
    end = breaks.rpartition(".")[2]
    with LineServer(rule) as server, socket.create_connection(("127.0.0.1", server.port), 10) as client:
        client.sendall(
            f"EHLO a.example\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<{ADA}>\r\nDATA\r\nSubject: One\r\n\r\n"
            f"Hello{breaks}{second_mail(end)}\r\n.\r\n".encode()
        )
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
        server.join()

    assert [mail.sender for mail in server.mails][:2] == ([SENDER, EVE] if rule in rules else [SENDER])


# ── what our own writer writes ───────────────────────────────────────────────────────────────────────────────────

# All in one, for each of the two ways in which text is written: as it is, and as quoted-printable.
AS_IT_IS = "".join(text for text in HOSTILE if not re.search(r"[^ -~\r\n]| [\r\n]", text))
QUOTED = "Grüße" + "".join(HOSTILE).replace("\0", "\x01")  # no text may hold NUL
SOME_OF_EACH = {"as it is": AS_IT_IS, "quoted": QUOTED, "a dot at its beginning": AS_IT_IS.removeprefix("Hello\n")}


def fields_of(text: str) -> dict[str, dict[str, Any]]:
    """By the place where a user can put text: the fields of a mail."""
    data = text.encode()
    return {
        "text": {"text": text},
        "html": {"html": text},
        "text and html": {"text": text, "html": text},
        "calendar": {"text": "Come", "alternatives": [Alternative.calendar(text)]},
        "AMP": {"html": "<p>Hi</p>", "alternatives": [Alternative.amp(text)]},
        "a file": {"attachments": [Attachment("a.bin", data)]},
        "a file beside text": {"text": text, "attachments": [Attachment("a.txt", text)]},
        "a file in HTML": {"html": text, "attachments": [Attachment("a.png", data, inline=True)]},
        "a lazy file": {"text": "Hi", "attachments": [Attachment("a.csv", lambda: data)]},
    }


PLACES = tuple(fields_of(""))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", SOME_OF_EACH)
def test_what_is_hostile_in_a_mail_stays_in_it(server: LineServer, place: str, text: str) -> None:
    with Mailer(transport_to(server), sender=SENDER) as mailer:
        mailer.send(to=ADA, subject="One", **fields_of(SOME_OF_EACH[text])[place])
        mailer.send(to=ADA, subject="Two", text="The next one")

    assert_only(server, "One", "Two")
    assert len(server.heard) == 1


def test_each_hostile_text_is_one_mail(server: LineServer) -> None:
    async def main() -> None:
        async with AsyncMailer(transport_to(server), sender=SENDER) as mailer:
            for number, text in enumerate(HOSTILE):
                await mailer.send(to=ADA, subject=str(number), text=text.replace("\0", "\x01"))

    asyncio.run(main())
    assert_only(server, *map(str, range(len(HOSTILE))))
    for mail, text in zip(server.mails, HOSTILE, strict=True):
        lines = re.sub(r"\r\n|\r", "\n", text.replace("\0", "\x01"))
        assert mime.read(mail.data).text == lines + "\n" * (not lines.endswith("\n"))


def test_a_forwarded_mail_is_refused_or_one_mail(server: LineServer) -> None:
    """message/rfc822 is the one place where bytes go out as they are."""
    kept: list[bytes] = []
    with Mailer(transport_to(server), sender=SENDER) as mailer:
        for text in HOSTILE:
            inner = f"Subject: Inner\r\n\r\n{text}".encode()
            for content in (inner, lambda inner=inner: inner):
                try:
                    file = Attachment("forwarded.eml", content)
                    mailer.send(to=ADA, subject=str(len(kept)), attachments=[file])
                except MailError:
                    assert not is_clean(inner) or b"\0" in inner or not inner.isascii()
                else:
                    kept.append(inner)

    assert len(kept) > 4, "those with CR LF are lawful"
    assert all(map(is_clean, kept))
    assert_only(server, *map(str, range(len(kept))))
    assert [mime.read(mail.data).attachments[0].data for mail in server.mails] == kept


BREAKS = ("\r\n", "\n", "\r")
IN_A_HEADER = tuple(f"Hello{end}.{end}{second_mail(end)}" for end in BREAKS) + tuple(
    f"Hello{end}{end}.{end}{second_mail(end)}" for end in BREAKS
)


# By the place where a user can put text into a header, a name or a command: the fields of a mail.
IN_HEADERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "subject": lambda text: {"subject": text},
    "sender": lambda text: {"sender": f"{text}@example.com"},
    "sender in quotes": lambda text: {"sender": f'"{text}"@example.com'},
    "domain of the sender": lambda text: {"sender": f"shop@example.com{text}"},
    "name of the sender": lambda text: {"sender": (text, SENDER)},
    "recipient": lambda text: {"to": f"{text}@example.org"},
    "recipient in quotes": lambda text: {"to": f'"{text}"@example.org'},
    "blind copy": lambda text: {"bcc": f"bob@example.org{text}"},
    "name of a recipient": lambda text: {"to": [(text, ADA)]},
    "name and address in one": lambda text: {"to": f"{text} <{ADA}>"},
    "reply-to": lambda text: {"reply_to": [(text, ADA)]},
    "message id": lambda text: {"message_id": f"<{text}@example.com>"},
    "in-reply-to": lambda text: {"in_reply_to": f"<{text}@example.com>"},
    "references": lambda text: {"references": [f"<{text}@example.com>"]},
    "header": lambda text: {"headers": {"X-Note": text}},
    "name of a header": lambda text: {"headers": {f"X-{text}": "a"}},
    "unsubscribe": lambda text: {"unsubscribe": Unsubscribe(f"https://example.com/{text}")},
    "key of the metadata": lambda text: {"metadata": {text: "a"}},
    "value in the metadata": lambda text: {"metadata": {"a": text}},
    "tag": lambda text: {"tags": {"a": text}},
    "file name": lambda text: {"attachments": {text: b"a"}},
    "content id": lambda text: {"attachments": [Attachment("a.png", b"a", inline=True, content_id=text)]},
    "content type": lambda text: {"attachments": [Attachment("a", b"a", content_type=f"image/{text}")]},
    "parameter": lambda text: {"attachments": [Attachment("a", b"a", content_type=f'text/plain; a="{text}"')]},
    "method of an invitation": lambda text: {"alternatives": [Alternative.calendar("a", method=text)]},
    "type of an alternative": lambda text: {"alternatives": [Alternative("a", f"text/{text}")]},
    "option for SES": lambda text: {"ses": SesOptions(feedback_address=f"shop{text}@example.com")},
}


@pytest.mark.parametrize("place", IN_HEADERS)
def test_what_is_hostile_in_a_header_is_refused_before_anything_is_said(place: str) -> None:
    with LineServer("CR LF, LF or CR") as server, Mailer(transport_to(server)) as mailer:

        def send(text: str) -> None:
            mailer.send(**{"sender": SENDER, "to": ADA, "text": "Hello", **IN_HEADERS[place](text)})

        for text in IN_A_HEADER:
            with pytest.raises(MailError) as caught:
                send(text)
            assert "Gotcha" not in str(caught.value)
        assert server.heard == []
        send("x")  # it was the text, and nothing else
        assert len(server.mails) == 1


# ── what another writer hands over ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Foreign:
    """A content that another writer has written, in chunks as it likes."""

    parts: tuple[bytes, ...]
    message_id: str = "<1@example.com>"
    needs_smtputf8: bool = False
    added_headers: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        return sum(map(len, self.parts))

    def to_bytes(self) -> bytes:
        return b"".join(self.parts)

    def chunks(self) -> Iterator[bytes]:
        return iter(self.parts)

    def with_headers(self, pairs: Headers) -> Foreign:
        raise NotImplementedError

    def as_utf8(self) -> Foreign:
        raise NotImplementedError


HEAD = b"Subject: %d\r\n\r\n"
ENVELOPE = Envelope(Address(SENDER), (Address(ADA),))


class Handing:
    """Hands contents over, and counts those that are sent. Both colours take turns."""

    def __init__(self, server: LineServer) -> None:
        self.server = server
        self.transport = transport_to(server)
        self.taken: list[bytes] = []
        self._runner = asyncio.Runner()
        self._turn = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.transport.close()
        self._runner.close()

    def hand(self, data: bytes, cuts: Iterable[int] = (), *, head: bytes | None = None) -> None:
        """Send it if it may leave, and be refused if it may not."""
        head = HEAD % len(self.taken) if head is None else head
        whole = head + data
        ends = [0, *(len(head) + cut for cut in cuts), len(whole)]
        content = Foreign(tuple(whole[start:end] for start, end in pairwise(ends)))
        outgoing = Outgoing(Email(sender=SENDER, to=ADA), ENVELOPE, content, NO_OPTIONS)
        self._turn += 1
        if is_clean(data):
            assert not self._send(outgoing).failed
            self.taken.append(whole if whole.endswith(b"\r\n") else whole + b"\r\n")
        else:
            with pytest.raises(MailError, match="CR or LF stands alone") as caught:
                self._send(outgoing)
            assert caught.value.outcome is Outcome.NOT_SENT

    def _send(self, outgoing: Outgoing) -> SendResult:
        if self._turn % 2:
            return self.transport.send(outgoing)
        return self._runner.run(self.transport.asend(outgoing))

    def check(self) -> None:
        self.transport.close()
        assert_only(self.server, *(Taken(data=data).subject for data in self.taken))
        assert [mail.data for mail in self.server.mails] == self.taken


def test_a_foreign_content_goes_out_as_one_mail_or_not_at_all(server: LineServer) -> None:
    with Handing(server) as handing:
        for text in HOSTILE:
            handing.hand(text.encode())
            handing.hand(text.partition(".")[2].encode())  # begins with what stood behind the dot
        assert len(handing.taken) > 20
        handing.check()


@pytest.mark.parametrize("before", ["", "Hello", "Hello\r\n"])
@pytest.mark.parametrize("breaks", ["\r\n.\r\n", "\r\n..\r\n", ".\r\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r"])
def test_wherever_its_chunks_are_cut_it_is_one_mail_or_none(server: LineServer, before: str, breaks: str) -> None:
    data = f"{before}{breaks}{second_mail(chr(13) + chr(10))}".encode()
    dangerous = len(before) + len(breaks) + 4
    with Handing(server) as handing:
        for first in range(dangerous):
            handing.hand(data, [first])
            handing.hand(data, [first, first])  # with nothing in between
            handing.hand(data, range(first, dangerous))  # byte by byte
        handing.check()


@pytest.mark.parametrize("data", ["", ".", "..", "Hello", "Hello\r\n", "Hello\r", "Hello\n", "\r", "\r\n.", "\r\n.\r"])
def test_however_it_ends_it_is_one_mail_or_none(server: LineServer, data: str) -> None:
    with Handing(server) as handing:
        handing.hand(data.encode())
        handing.hand(data.encode(), range(len(data) + 1))
        handing.hand(f"{data}\r\n".encode(), [len(data)])
        handing.check()


@pytest.mark.parametrize("end", BREAKS)
def test_a_content_that_begins_with_a_dot_is_one_mail_or_none(server: LineServer, end: str) -> None:
    data = f".{end}{second_mail(end)}".encode()
    with Handing(server) as handing:
        for cut in range(6):
            handing.hand(data, [cut], head=b"")
        handing.check()


@pytest.mark.parametrize("breaks", ["\r\n.\r\n", "\r\n.\n", "\n.\r\n", "\r\n.\r"])
def test_a_dot_where_two_pieces_meet_is_one_mail_or_none(server: LineServer, breaks: str) -> None:
    """A long chunk is cut into pieces, and so is what lies at the cut."""
    with Handing(server) as handing:
        for before in range(len(breaks) + 2):
            filling = PIECE - len(HEAD % len(handing.taken)) - before
            lines = (b"x" * 70 + b"\r\n") * (filling // 72)
            data = lines + b"x" * (filling - len(lines)) + f"{breaks}{second_mail(chr(13) + chr(10))}".encode()
            handing.hand(data)
            handing.hand(data, [len(lines)])
        handing.check()


def test_what_may_not_leave_in_the_middle_of_a_long_mail_ends_it_without_a_mail(server: LineServer) -> None:
    good = (b"x" * 70 + b"\r\n") * 5000
    with Handing(server) as handing:
        for breaks in ("\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r"):
            handing.hand(good + f"{breaks}{second_mail(breaks.partition('.')[2])}".encode() + good)
        handing.hand(good)
        handing.check()
    assert not any(b"Gotcha" in heard for heard in server.heard)
