"""The writer: what is in a mail, in which order, how it nests, and equal bytes each time."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sesmail import Address, Alternative, Attachment, Email, mime
from sesmail.errors import InvalidHeader, MailError, Unsupported
from sesmail.mime.encoding import base64_lines, base64_size, encode_text, encoded_words, parameter
from sesmail.mime.structure import Multipart, structure
from tests.mime import readers

if TYPE_CHECKING:
    from sesmail.mime.structure import Part

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LOGO = Attachment("logo.png", b"\x89PNG logo", content_id="logo@example.com")
PDF = Attachment("Übersicht.pdf", b"%PDF-1.7\n", content_type="application/pdf")
ICS = Alternative.calendar("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
AMP = Alternative.amp("<!doctype html><html ⚡4email></html>")


def mail(**fields: object) -> Email:
    given = {
        "sender": "Shop <shop@example.com>",
        "to": "ada@example.org",
        "date": NOON,
        "message_id": "<1@example.com>",
    }
    return Email(**{**given, **fields})  # type: ignore[arg-type]


GOLDEN_MAILS = {
    "plain": mail(subject="Your order", text="It is on its way.\n"),
    "empty": mail(),
    "international": mail(
        sender=("Müller, Jürgen", "juergen@Bücher.example"),
        to=["Zoë <zoe@example.org>", "漢字 <kanji@example.org>", "Ada Lovelace <ada@example.org>"],
        subject="Grüße aus Köln und ein  doppeltes Leerzeichen, das bleibt, wo es war",
        text="Schöne Grüße\n",
    ),
    "everything": mail(
        cc="cc@example.org",
        bcc="secret@example.org",
        reply_to="Help <help@example.com>",
        subject="Everything",
        text="From here\nthe text goes \non.\n",
        html='<img src="cid:logo@example.com">',
        attachments=[PDF, LOGO, Attachment("note.txt", "a note")],
        alternatives=[ICS, AMP],
        headers={"X-Campaign": "spring"},
        metadata={"order": 42},
        in_reply_to="<0@example.com>",
        unsubscribe="https://example.com/u/4f2a",
        priority="high",
        auto_submitted="auto-generated",
        bulk=True,
    ),
}


@pytest.mark.parametrize("name", GOLDEN_MAILS)
def test_golden(name: str) -> None:
    """Equal to the letter. When a change is meant, delete the file: the test writes it anew, and the diff shows it."""
    written = mime.write(GOLDEN_MAILS[name], boundary="=_golden").to_bytes()
    path = GOLDEN / f"{name}.eml"
    if not path.exists():  # pragma: no cover - only after a change that is meant
        path.write_bytes(written)
        pytest.fail(f"{path.name} was not there and has been written; look at it and commit it")

    assert written == path.read_bytes()


def test_date_id_and_boundary_are_drawn_once() -> None:
    drawn = mime.write(mail(date=None, message_id="", text="a", html="b"))

    assert drawn.to_bytes() == drawn.to_bytes() == b"".join(drawn.chunks())
    assert drawn.message_id.encode() in drawn.to_bytes()
    assert re.fullmatch(r"<[0-9a-f]{20}@example\.com>", drawn.message_id)
    assert drawn.message_id != mime.write(mail(message_id="")).message_id
    assert repr(drawn) == f"MimeContent({drawn.message_id})"


def test_the_id_takes_a_domain_of_ones_own() -> None:
    assert mime.write(mail(message_id=""), message_id_domain="mail.example").message_id.endswith("@mail.example>")
    assert mime.write(mail()).message_id == "<1@example.com>"


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (NOON, "Fri, 20 Nov 2026 12:00:00 +0000"),
        (NOON.astimezone(timezone(timedelta(hours=-3, minutes=-30))), "Fri, 20 Nov 2026 08:30:00 -0330"),
        (datetime(2000, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=14))), "Sun, 02 Jan 2000 03:04:05 +1400"),
    ],
)
def test_a_date_is_written_as_rfc_5322_wants_it(date: datetime, text: str) -> None:
    assert f"Date: {text}\r\n".encode() in mime.write(mail(date=date)).to_bytes()


def test_now_is_the_date_when_none_is_given() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    date = mime.read(mime.write(mail(date=None)).to_bytes()).date

    assert date is not None
    assert before <= date <= datetime.now(UTC)


def test_a_sender_is_needed() -> None:
    with pytest.raises(MailError, match="sender: there is no sender"):
        mime.write(Email(to="ada@example.org"))


# ── nesting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(part: Part) -> object:
    if isinstance(part, Multipart):
        return {part.subtype: [shape(child) for child in part.parts]}
    return part.name if isinstance(part, Attachment) else part.content_type


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "text/plain"),
        ({"text": ""}, "text/plain"),
        ({"text": "t"}, "text/plain"),
        ({"html": "h"}, "text/html"),
        ({"html": ""}, "text/html"),
        ({"text": "t", "html": "h"}, {"alternative": ["text/plain", "text/html"]}),
        ({"html": "h", "attachments": [LOGO]}, {"related": ["text/html", "logo.png"]}),
        (
            {"text": "t", "html": "h", "attachments": [LOGO]},
            {"alternative": ["text/plain", {"related": ["text/html", "logo.png"]}]},
        ),
        ({"text": "t", "attachments": [PDF]}, {"mixed": ["text/plain", "Übersicht.pdf"]}),
        ({"text": "t", "attachments": [LOGO]}, {"mixed": ["text/plain", "logo.png"]}),
        ({"attachments": [PDF, LOGO]}, {"mixed": ["Übersicht.pdf", "logo.png"]}),
        ({"alternatives": [ICS]}, "text/calendar"),
        ({"text": "t", "alternatives": [ICS]}, {"alternative": ["text/plain", "text/calendar"]}),
        (
            {"text": "t", "html": "h", "alternatives": [ICS, AMP], "attachments": [PDF, LOGO]},
            {
                "mixed": [
                    {
                        "alternative": [
                            "text/plain",
                            "text/x-amp-html",
                            {"related": ["text/html", "logo.png"]},
                            "text/calendar",
                        ]
                    },
                    "Übersicht.pdf",
                ]
            },
        ),
    ],
)
def test_every_mix_nests_right(fields: dict[str, object], expected: object) -> None:
    assert shape(structure(mail(**fields))) == expected


# ── boundaries ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_boundary_is_the_beginning_of_another() -> None:
    data = mime.write(mail(text="t", html="h", attachments=[PDF, LOGO])).to_bytes()
    boundaries = re.findall(rb'boundary="([^"]+)"', data)

    assert len(boundaries) == 3
    assert not any(one != other and other.startswith(one) for one in boundaries for other in boundaries)


def test_a_given_boundary_that_occurs_in_the_content_is_refused() -> None:
    two = mail(text="--abc\n", html="h")

    with pytest.raises(MailError, match="boundary: "):
        mime.write(two, boundary="abc").to_bytes()
    assert mime.write(two, boundary="abd").size


def test_a_drawn_boundary_that_occurs_in_the_content_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = bytes(22)
    draws = iter([first, bytes(12), b"\1" * 12])
    monkeypatch.setattr(os, "urandom", lambda _: next(draws))
    inner = Attachment("a.eml", b"Subject: x\r\n\r\n--=_" + b"0" * 24 + b"_1\r\n")

    content = mime.write(mail(attachments=[inner]))
    data = content.to_bytes()
    assert b"--=_" + b"01" * 12 + b"_1--" in data
    assert data == content.to_bytes()
    assert mime.read(data).attachments == (inner,)


@pytest.mark.parametrize("boundary", ["a b", "é", "a" * 61, 'a"'])
def test_what_is_no_boundary_is_refused(boundary: str) -> None:
    with pytest.raises(InvalidHeader, match="boundary: "):
        mime.write(mail(), boundary=boundary)


# ── text bodies ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "encoded", "encoding"),
    [
        ("", b"", "7bit"),
        ("a", b"a\r\n", "7bit"),
        ("a\n\nb\n", b"a\r\n\r\nb\r\n", "7bit"),
        ("a\rb\r\nc\n", b"a\r\nb\r\nc\r\n", "7bit"),
        (".\n..\n", b".\r\n..\r\n", "7bit"),
        ("a" * 998, b"a" * 998 + b"\r\n", "7bit"),
        ("a" * 999, None, "quoted-printable"),
        ("é", b"=C3=A9\r\n", "quoted-printable"),
        ("a \nb", b"a=20\r\nb\r\n", "quoted-printable"),
        ("a\t\nb", b"a=09\r\nb\r\n", "quoted-printable"),
        ("From me", b"=46rom me\r\n", "quoted-printable"),
        ("a\nFrom me", b"a\r\n=46rom me\r\n", "quoted-printable"),
        ("Fromage", b"Fromage\r\n", "7bit"),
        ("a\x0bb", b"a=0Bb\r\n", "quoted-printable"),
        ("a=b é", b"a=3Db =C3=A9\r\n", "quoted-printable"),
        ("x" * 74 + " \né", b"x" * 72 + b"=\r\nxx=20\r\n=C3=A9\r\n", "quoted-printable"),
    ],
)
def test_text_is_encoded_only_where_it_must_be(text: str, encoded: bytes | None, encoding: str) -> None:
    data, used = encode_text(text)

    assert used == encoding
    assert encoded is None or data == encoded
    assert max(map(len, data.split(b"\r\n"))) <= (998 if encoding == "7bit" else 76)


def test_lines_that_grow_are_broken_outside_escapes() -> None:
    for fill in range(40, 80):
        data, _ = encode_text("From " + "é" * 3 + "x" * fill + "=" * 8 + "\n")
        lines = data.split(b"\r\n")

        assert max(map(len, lines)) <= 76
        assert not any(re.search(rb"=[0-9A-F]=$", line) for line in lines)


@pytest.mark.parametrize("size", [*range(201), 57 * 512 - 1, 57 * 512, 57 * 512 + 1, 57 * 512 * 3, 57 * 600, 100_000])
@pytest.mark.parametrize("fast", [True, False])
def test_base64_is_exact_at_every_size(size: int, fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from base64 import encodebytes

    from sesmail.mime import encoding

    if not fast:
        monkeypatch.setattr(encoding, "_encoder", lambda: encoding._encode)
    data = bytes(number % 251 for number in range(size))

    encoded = b"".join(base64_lines(data))
    assert encoded == encodebytes(data).replace(b"\n", b"\r\n")
    assert base64_size(size) == len(encoded)


def test_without_the_extra_the_standard_library_encodes(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from sesmail.mime import encoding

    encoding._encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "pybase64", None)
    assert encoding._encoder() is encoding._encode
    encoding._encoder.cache_clear()


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def header(name: str, **fields: object) -> str:
    data = mime.write(mail(**fields)).to_bytes().decode("ascii")
    found = re.search(rf"(?m)^{name}:.*\r\n(?: .*\r\n)*", data)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("subject", "written"),
    [
        ("", "Subject: \r\n"),
        ("Hello", "Subject: Hello\r\n"),
        ("two  blanks", "Subject: two  blanks\r\n"),
        (" edge ", "Subject: =?utf-8?b?IGVkZ2Ug?=\r\n"),
        ("   ", "Subject: =?utf-8?b?ICAg?=\r\n"),
        ("=?utf-8?q?x?=", "Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=\r\n"),
        ("plain é plain", "Subject: plain =?utf-8?b?w6k=?= plain\r\n"),
        ("é  é", "Subject: =?utf-8?b?w6kgIMOp?=\r\n"),
        ("a " * 35 + "b", f"Subject: {'a ' * 33}a\r\n a b\r\n"),
        ("x" * 67, f"Subject: {'x' * 67}\r\n"),
        ("x" * 70, f"Subject: {'x' * 70}\r\n"),
        ("x" * 70 + " y", f"Subject: {'x' * 70}\r\n y\r\n"),
        ("x" * 600, f"Subject: {'x' * 600}\r\n"),
    ],
)
def test_a_subject_is_written_so_that_it_is_read_back(subject: str, written: str) -> None:
    assert header("Subject", subject=subject) == written


def test_a_word_too_long_for_any_line_is_encoded() -> None:
    lines = header("Subject", subject="x" * 2000).split("\r\n")

    assert max(map(len, lines)) <= 76


def test_several_blanks_are_never_at_a_fold() -> None:
    subject = "word  " * 30 + "end"
    written = header("Subject", subject=subject)

    assert "\r\n  " not in written
    assert readers.strict(mime.write(mail(subject=subject)).to_bytes()).subject == subject


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (Address("a@example.com"), "a@example.com"),
        (Address("a@example.com", "Ada Lovelace"), "Ada Lovelace <a@example.com>"),
        (Address("a@example.com", "Lovelace, Ada"), '"Lovelace, Ada" <a@example.com>'),
        (Address("a@example.com", "Ada (x)"), '"Ada (x)" <a@example.com>'),
        (Address("a@example.com", "a@b"), '"a@b" <a@example.com>'),
        (Address("a@example.com", 'say "hi"'), "=?utf-8?b?c2F5ICJoaSI=?= <a@example.com>"),
        (Address("a@example.com", "two  blanks"), "=?utf-8?b?dHdvICBibGFua3M=?= <a@example.com>"),
        (Address("a@example.com", "=?utf-8?q?x?="), "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@example.com>"),
        (Address("a@example.com", "Zoë"), "=?utf-8?b?Wm/Dqw==?= <a@example.com>"),
        (Address('"a b"@example.com'), '<"a b"@example.com>'),
        (Address("a@Bücher.example"), "a@xn--bcher-kva.example"),
    ],
)
def test_a_mailbox_is_written_so_that_every_reader_agrees(address: Address, written: str) -> None:
    assert header("To", to=[address, address]) == f"To: {written}, {written}\r\n".replace(
        f"{written}, {written}", f"{written}, {written}" if len(written) < 35 else f"{written},\r\n {written}"
    )


def test_no_bcc_and_no_to_without_recipients() -> None:
    data = mime.write(mail(to=(), bcc="b@example.org")).to_bytes()

    assert b"To:" not in data
    assert b"b@example.org" not in data


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("report.pdf", ["filename=report.pdf"]),
        ("my report.pdf", ['filename="my report.pdf"']),
        ("a;b=c.txt", ['filename="a;b=c.txt"']),
        ("r\u00e9sum\u00e9", ["filename*=utf-8''r%C3%A9sum%C3%A9"]),
        ('q"x', ["filename*=utf-8''q%22x"]),
        ("back\\", ["filename*=utf-8''back%5C"]),
        ("100%", ["filename*=utf-8''100%25"]),
        ("it's", ["filename*=utf-8''it%27s"]),
        ("=?x", ["filename*=utf-8''%3D%3Fx"]),
        ("a  b", ["filename*=utf-8''a%20%20b"]),
        ("x" * 70, [f"filename*0*=utf-8''{'x' * 50}", f"filename*1*={'x' * 20}"]),
        ("é" * 9, [f"filename*0*=utf-8''{'%C3%A9' * 8}", "filename*1*=%C3%A9"]),
    ],
)
def test_a_parameter_is_written_so_that_every_reader_agrees(value: str, written: list[str]) -> None:
    assert parameter("filename", value) == written


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Übersicht – 概要.pdf", "Ubersicht_.pdf"),
        ("概要.pdf", "file.pdf"),
        ("概要", "file"),
        ("a" * 100 + ".longextension", "a" * 40 + ".longextens"),
        ("résumé", "resume"),
        ('a"b\\c.txt', "a_b_c.txt"),
        ("plain.txt", "plain.txt"),
    ],
)
def test_old_clients_get_a_plain_name(name: str, plain: str) -> None:
    data = mime.write(mail(attachments=[Attachment(name, b"", content_type="a/b")])).to_bytes()

    assert f"Content-Type: a/b; name={plain}\r\n".encode() in data


@pytest.mark.parametrize("room", [28, 40, 75, 200])
@pytest.mark.parametrize("text", ["é" * 200, "漢" * 200, "\U0001f600" * 100, "a" * 300, "aé漢\U0001f600" * 40])
def test_encoded_words_are_short_and_whole(text: str, room: int) -> None:
    from base64 import b64decode

    words = encoded_words(text, room)

    assert len(words[0]) <= room
    assert max(map(len, words)) <= 75
    assert "".join(b64decode(word[10:-2]).decode() for word in words) == text


# ── derived contents ─────────────────────────────────────────────────────────────────────────────────────────────


def test_added_headers_come_first_and_change_nothing_else() -> None:
    content = mime.write(mail(text="t", html="h", attachments=[PDF]))
    added = content.with_headers([("X-SES-CONFIGURATION-SET", "main"), ("X-Note", "é")]).with_headers(
        [("X-Third", "3")]
    )

    expected = b"X-Third: 3\r\nX-SES-CONFIGURATION-SET: main\r\nX-Note: =?utf-8?b?w6k=?=\r\n" + content.to_bytes()
    assert added.to_bytes() == expected
    assert added.size == len(expected)
    assert added.message_id == content.message_id
    assert added.added_headers == (("X-Third", "3"), ("X-SES-CONFIGURATION-SET", "main"), ("X-Note", "é"))
    assert content.added_headers == ()


@pytest.mark.parametrize(
    "name", ["To", "Bcc", "from", "Content-Type", "Message-ID", "MIME-Version", "a b", "Return-Path"]
)
def test_added_headers_may_not_be_the_writers_own(name: str) -> None:
    with pytest.raises(InvalidHeader):
        mime.write(mail()).with_headers({name: "x"})


def test_a_local_part_beyond_ascii_needs_utf8() -> None:
    content = mime.write(mail(to=[("Jürgen", "jürgen@Bücher.example")], subject="Grüße  aus =?x", headers={"X-A": "é"}))

    with pytest.raises(Unsupported) as caught:
        content.to_bytes()
    assert caught.value.field == "to[0]"
    assert "SMTPUTF8" in str(caught.value)
    assert content.needs_smtputf8
    assert not mime.write(mail()).needs_smtputf8
    with pytest.raises(Unsupported, match="sender: "):
        mime.write(mail(sender="jürgen@example.com")).to_bytes()
    utf8 = content.as_utf8()
    assert "To: Jürgen <jürgen@xn--bcher-kva.example>\r\n".encode() in utf8.to_bytes()
    assert "X-A: é\r\n".encode() in utf8.to_bytes()
    assert "Subject: Grüße =?utf-8?b?IGF1cyA9P3g=?=\r\n".encode() in utf8.to_bytes()
    assert utf8.size == len(utf8.to_bytes())
    assert utf8.with_headers([("X-B", "ü")]).to_bytes() == "X-B: ü\r\n".encode() + utf8.to_bytes()


def test_large_contents_come_in_moderate_chunks() -> None:
    content = mime.write(mail(text="t", attachments=[Attachment("a.bin", bytes(1_000_000))]))
    chunks = list(content.chunks())

    assert b"".join(chunks) == content.to_bytes()
    assert max(map(len, chunks)) < 64_000
    assert len(chunks) < 45


@pytest.mark.parametrize("local", ["=?utf-8?q?x?=", '"=?utf-8?q?=0D=0ABcc=3A_eve?="'])
def test_a_local_part_that_readers_would_decode_is_refused(local: str) -> None:
    with pytest.raises(InvalidHeader, match=r"to\[0\]: .*encoded word"):
        mime.write(mail(to=f"{local}@example.org")).to_bytes()


def test_a_long_text_is_one_chunk() -> None:
    content = mime.write(mail(text="a line of text\n" * 5000))

    assert len(list(content.chunks())) == 1
    assert b"".join(content.chunks()) == content.to_bytes()


def test_header_writer_refuses_what_slipped_through() -> None:
    broken = mail(to=["Ada <a@example.com>"] * 2)
    object.__setattr__(broken.to[0], "name", "x\r\nBcc: eve@example.com")

    with pytest.raises(InvalidHeader, match="control character"):
        mime.write(broken).to_bytes()
