"""The transport that shows mails to whoever sits before the screen."""

from __future__ import annotations

import asyncio
from io import BytesIO, StringIO, TextIOWrapper
from time import sleep
from typing import TYPE_CHECKING

import pytest

from sesmail import Address, AsyncMailer, Attachment, Email, Envelope, Mailer
from sesmail.errors import SetupError, Unavailable
from sesmail.testing.blocking import blocked_s
from sesmail.transports import ConsoleTransport

if TYPE_CHECKING:
    from typing import TextIO


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: TextIO, *, full: bool | None = None, **fields: object) -> str:
    mail = Email(**{"sender": "shop@example.com", "to": "ada@example.org", **fields})  # type: ignore[arg-type]
    Mailer(ConsoleTransport(stream, full=full)).send(mail)
    return stream.getvalue() if isinstance(stream, StringIO) else ""


def test_a_terminal_shows_the_mail_as_its_reader_sees_it() -> None:
    text = shown(
        Terminal(),
        sender="Müller <shop@example.com>",
        cc="bob@example.org",
        reply_to="help@example.com",
        bcc="eve@example.org",
        subject="Dein Code: 4711",
        text="Hallo Ada,\r\nhier ist er.\n\n",
        html="<p>Hallo",
        attachments=[Attachment("a.txt", "x"), Attachment("b.png", b"1234", inline=True)],
    )

    rule = "─" * 72
    assert text == (
        f"{rule}\nFrom:     Müller <shop@example.com>\nTo:       ada@example.org\nCc:       bob@example.org\n"
        "Reply-To: help@example.com\nBcc:      1 not named here\nSubject:  Dein Code: 4711\n"
        "File:     a.txt (text/plain, 1 bytes)\nInline:   b.png (image/png, 4 bytes)\n"
        f"\nHallo Ada,\nhier ist er.\n\n(and HTML of 8 characters)\n{rule}\n"
    )


def test_html_stands_in_for_missing_text() -> None:
    assert "\n<p>Hallo\n" in shown(Terminal(), html="<p>Hallo\n")
    assert shown(Terminal()).count("\n") == 5


@pytest.mark.parametrize("full", [None, False])
def test_elsewhere_nothing_that_could_let_somebody_in_is_shown(full: bool | None) -> None:
    text = shown(
        StringIO(),
        full=full,
        to=["ada@example.org", "hunter2@example.org"],
        bcc="hunter2@example.com",
        subject="hunter2",
        text="hunter2",
        html="hunter2",
        headers={"X-A": "hunter2"},
        metadata={"a": "hunter2"},
        attachments={"hunter2.txt": "hunter2"},
    )

    assert text.startswith("mail from shop@example.com: 2 to, 1 bcc, ")
    assert text.count("\n") == 1
    assert "hunter2" not in text


def test_full_decides_for_good() -> None:
    assert "Hello" in shown(StringIO(), full=True, text="Hello")
    assert "Hello" not in shown(Terminal(), full=False, text="Hello")


def test_no_mail_gives_the_terminal_a_command() -> None:
    text = shown(Terminal(), text="a\x1b[2Jb\x07c\x9bd\u202ee\u2028f\tg\rh", subject="\u200fx")

    assert "a\\x1b[2Jb\\x07c\\x9bd\\u202ee\\u2028f\\tg" in text
    assert "\x1b" not in text
    assert "\u200f" not in text
    assert "\r" not in text


def test_a_stream_that_cannot_say_it_shows_escapes() -> None:
    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding="ascii")
    shown(stream, full=True, text="Grüße")

    assert b"Gr\\xfc\\xdfe" in raw.getvalue()


def test_a_closed_stream_is_an_error_of_ours() -> None:
    stream = StringIO()
    stream.close()
    for full in (True, False, None):
        with pytest.raises(Unavailable, match="cannot be written to"):
            shown(stream, full=full)


def test_a_service_without_a_console_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    with pytest.raises(Unavailable, match="there is no console"):
        Mailer("console://?stream=stderr", sender="a@example.com").send(to="b@example.org")


def test_a_mail_that_goes_elsewhere_says_so() -> None:
    stream = Terminal()
    envelope = Envelope(Address("a@example.com"), (Address("qa@example.com"),))
    Mailer(ConsoleTransport(stream)).send(sender="a@example.com", to="ada@example.org", envelope=envelope)

    assert "To:       ada@example.org\nGoes to:  qa@example.com\n" in stream.getvalue()


def test_a_slow_reader_does_not_stop_the_loop() -> None:
    class Slow(StringIO):
        def write(self, text: str) -> int:
            sleep(0.05)
            return super().write(text)

    mailer = AsyncMailer(ConsoleTransport(Slow()), sender="a@example.com")

    async def main() -> float:
        blocked = min([await blocked_s(lambda: mailer.send(to="b@example.org")) for _ in range(5)])
        await mailer.close()
        return blocked

    assert asyncio.run(main()) < 0.03


def test_urls(capsys: pytest.CaptureFixture[str]) -> None:
    for url in ("console://?full=yes", "console://?stream=stderr&full=no"):
        Mailer(url, sender="shop@example.com").send(to="ada@example.org", text="Hello")

    out, err = capsys.readouterr()
    assert "Hello" in out
    assert err.startswith("mail from")
    with pytest.raises(SetupError, match="stdout or stderr"):
        Mailer("console://?stream=file")
    assert repr(Mailer("console://")) == "Mailer(ConsoleTransport())"


def test_a_stream_that_has_another_name() -> None:
    with pytest.raises(SetupError, match="stdout or stderr"):
        ConsoleTransport("stdin")
