"""The reader: other people's mail, as it comes."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Address, Attachment, Email, Unsubscribe, mime
from sesmail.errors import InvalidAddress, InvalidHeader, MailError
from sesmail.mime.decoding import decoded_body, decoded_words, to_text
from tests.strategies import mails

ONE_CLICK = "List-Unsubscribe-Post: List-Unsubscribe=One-Click"


def read(head: str, body: str = "") -> Email:
    return mime.read(f"{head}\r\n\r\n{body}".encode())


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?a=20b?=", "a b"),
        ("=?UTF-8?B?w6k=?=", "é"),
        ("=?iso-8859-1?Q?=E9?=", "é"),
        ("=?utf-8*en?q?x?=", "x"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=  =?iso-8859-1?q?=E9?= c", "aé c"),
        ("x =?utf-8?q?a?= y", "x a y"),
        ("=?utf-8?b?w6?= =?utf-8?b?k=?=", "\ufffd\ufffd"),  # whole groups only
        ("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
        ("=?utf-8?q?under_score?=", "under score"),
        ("=?no-such?q?=E9?=", "é"),
        ("=?rot13?q?a?=", "a"),  # a codec, and no charset
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=? =?= ?=", "=? =?= ?="),
    ],
)
def test_encoded_words_are_decoded(text: str, decoded: str) -> None:
    if decoded == "\ufffd\ufffd":
        assert "\ufffd" in decoded_words(text) or decoded_words(text) == ""
    else:
        assert decoded_words(text) == decoded


@pytest.mark.parametrize(
    ("data", "encoding", "decoded"),
    [
        (b"YQ==", "base64", b"a"),
        (b"YQ", " BASE64 ", b""),
        (b"YWJj\r\nZA", "base64", b"abc"),
        (b"a=3Db=\r\nc", "Quoted-Printable", b"a=bc"),
        (b"a=3D", "7bit", b"a=3D"),
        (b"a=3D", "x-unknown", b"a=3D"),
    ],
)
def test_transfer_encodings(data: bytes, encoding: str, decoded: bytes) -> None:
    assert decoded_body(data, encoding) == decoded


def test_a_charset_that_nobody_knows_counts_as_latin_1() -> None:
    assert to_text(b"\xe9", "no-such") == "é"
    assert to_text(b"\xe9", "utf-8") == "\ufffd"


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ("From: Ada <a@example.com>", {"sender": Address("a@example.com", "Ada")}),
        ("from:a@example.com", {"sender": Address("a@example.com")}),
        ("To: a@example.com,\r\n\tb@example.com", {"to": (Address("a@example.com"), Address("b@example.com"))}),
        ("To: undisclosed-recipients:;", {"to": ()}),
        (
            "To: Team: a@example.com, B <b@example.com>;",
            {"to": (Address("a@example.com"), Address("b@example.com", "B"))},
        ),
        ("Cc: a@example.com (Ada)", {"cc": (Address("a@example.com"),)}),
        ("Bcc: a@example.com", {"bcc": (Address("a@example.com"),)}),
        ("Reply-To: =?utf-8?q?J=C3=BCrgen?= <a@example.com>", {"reply_to": (Address("a@example.com", "Jürgen"),)}),
        ("Subject: a\r\n b", {"subject": "a b"}),
        ("Subject: first\r\nSubject: second", {"subject": "first"}),
        ("Date: Fri, 20 Nov 2026 12:00:00 -0000", {"date": datetime(2026, 11, 20, 12, tzinfo=UTC)}),
        (
            "Date: Fri, 20 Nov 2026 12:00:00 +0200",
            {"date": datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=2)))},
        ),
        ("Date: yesterday", {"date": None}),
        ("Message-ID: <a@b> (comment)", {"message_id": "<a@b>"}),
        ("Message-ID: a b", {"message_id": ""}),
        ("References: <a@b> <c@d>", {"references": ("<a@b>", "<c@d>")}),
        ("In-Reply-To: <a@b>", {"in_reply_to": "<a@b>", "references": ()}),
        ("X-Priority: 2 (High)", {"priority": "high"}),
        ("X-Priority: 5", {"priority": "low"}),
        ("Auto-Submitted: auto-replied", {"auto_submitted": "auto-replied"}),
        ("Auto-Submitted: no", {"auto_submitted": None}),
        ("Precedence: bulk", {"bulk": True}),
        (
            "List-Unsubscribe: <mailto:u@x.example>, <https://x.example/u,v>\r\n" + ONE_CLICK,
            {"unsubscribe": Unsubscribe("https://x.example/u,v", "mailto:u@x.example")},
        ),
        (
            "List-Unsubscribe: <http://x.example/u>",
            {"unsubscribe": Unsubscribe("http://x.example/u", one_click=False)},
        ),
        ("List-Unsubscribe: none", {"unsubscribe": None}),
        ('X-Metadata: {"a": 1}', {"metadata": {"a": 1}}),
        ("X-Metadata: [1]", {"metadata": {}}),
        ("X-Metadata: {broken", {"metadata": {}}),
        ('X-Metadata: {"a": [1]}', {"metadata": {}}),
        ("X-A: b\r\nX-A: c", {"headers": (("X-A", "b"), ("X-A", "c"))}),
        ("X-Empty:", {"headers": (("X-Empty", ""),)}),
        ("X-A: b\x07ell", {"headers": ()}),
        ("X-Raw: Grüße", {"headers": (("X-Raw", "Grüße"),)}),
        ("Received: from x\r\nDKIM-Signature: v=1\r\nARC-Seal: x\r\nReturn-Path: <x>", {"headers": ()}),
        ("X-A : spaced", {"headers": (("X-A", "spaced"),)}),
    ],
)
def test_a_header_becomes_its_field(head: str, fields: dict[str, object]) -> None:
    mail = read(head)

    for name, value in fields.items():
        found = getattr(mail, name)
        assert (dict(found) if name == "metadata" else found) == value


@pytest.mark.parametrize(
    ("head", "error"),
    [
        ("From: a@example.com, b@example.com", InvalidAddress),
        ("From: broken", InvalidAddress),
        ("To: a@[127.0.0.1]", InvalidAddress),
        ("To: a@x(<b@y>", InvalidAddress),
        ("To: a@x.example) (b", InvalidAddress),
        ("Subject: a\x07b", InvalidHeader),
        ("Subject: =?utf-8?q?a=0AX-Evil=3A_b?=", InvalidHeader),
        ("From: =?utf-8?q?a=0Ab?= <a@example.com>", InvalidAddress),
    ],
)
def test_what_people_see_must_be_right(head: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(head)


def test_a_header_that_is_left_out_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "sesmail"):
        read("X-Secret: hunter2\x07")

        read('Date: yesterday\r\nX-Metadata: {"hunter2": "\\u0000"}')

    assert [record.getMessage().split()[4] for record in caplog.records] == ["X-Secret", "date", "x-metadata"]
    assert "hunter2" not in caplog.text


def test_a_mail_is_bytes() -> None:
    with pytest.raises(TypeError, match="from bytes, not str"):
        mime.read("Subject: x")  # type: ignore[arg-type]


def test_line_ends_of_any_system_are_read() -> None:
    assert mime.read(b"Subject: a\n\nb\n").text == "b\n"
    assert mime.read(b"Subject: a\r\n\r\nb\r\n").text == "b\n"
    assert mime.read(b"Subject: a").subject == "a"
    assert mime.read(b"").text == ""
    assert mime.read(b"no header at all\n").text == "no header at all\n"
    assert mime.read(b"Subject: a\nno header\n\nb").text == "no header\n\nb"


MULTIPART = 'Content-Type: multipart/{}; boundary="b"'


@pytest.mark.parametrize(
    ("head", "body", "text", "html", "files"),
    [
        ("Content-Type: text/html", "<p>", None, "<p>", []),
        (
            "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable",
            "=E9",
            "é",
            None,
            [],
        ),
        ("Content-Type: broken", "a", "a", None, []),
        ("Content-Type: application/pdf", "a", None, None, [("", "application/pdf", b"a")]),
        ("Content-Type: text/csv; name=a.csv", "a", None, None, [("a.csv", "text/csv", b"a")]),
        ("Content-Disposition: attachment", "a", None, None, [("", "text/plain", b"a")]),
        (
            'Content-Type: text/plain; name="=?utf-8?q?=C3=A9.txt?="',
            "a",
            None,
            None,
            [("é.txt", "text/plain", b"a")],
        ),
        (
            MULTIPART.format("mixed"),
            "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--",
            "one",
            None,
            [("", "text/plain", b"two")],
        ),
        (
            MULTIPART.format("mixed"),
            "--b\r\nContent-Type: text/html\r\n\r\n1\r\n--b\r\nContent-Type: text/html\r\n\r\n2\r\n--b--",
            None,
            "1",
            [("", "text/html", b"2")],
        ),
        (
            MULTIPART.format("mixed"),
            "preamble\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n--b\r\n\r\nlost",
            "one",
            None,
            [],
        ),
        (MULTIPART.format("mixed"), "--b\r\n\r\nno end", "no end", None, []),
        (MULTIPART.format("mixed"), "no part at all", "no part at all", None, []),
        ("Content-Type: multipart/mixed", "no boundary", "no boundary", None, []),
        (MULTIPART.format("mixed"), "--b\r\n--b--\r\n", "", None, []),
        (MULTIPART.format("mixed"), " \r\n", None, None, []),
        (
            MULTIPART.format("mixed"),
            "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx\r\n--b--",
            None,
            None,
            [("", "message/rfc822", b"Subject: in\r\n\r\nx")],
        ),
        (
            MULTIPART.format("mixed"),
            "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: é\r\n\r\nx\r\n--b--",
            None,
            None,
            [("", "application/octet-stream", "Subject: é\r\n\r\nx".encode())],
        ),
        (
            MULTIPART.format("mixed"),
            '--b\r\nContent-Type: a/b; c="d\\"e"; c*=utf-8\'\'%C3%A9\r\n\r\nx\r\n--b--',
            None,
            None,
            [("", "a/b", b"x")],
        ),
    ],
)
def test_bodies_and_files(head: str, body: str, text: str, html: str, files: list[tuple[str, str, bytes]]) -> None:
    mail = read(f"Subject: x\r\n{head}", body)

    assert (mail.text, mail.html) == (text, html)
    assert [(file.name, file.content_type, file.data) for file in mail.attachments] == files


@pytest.mark.parametrize(
    ("inside", "disposition", "content_id"),
    [("related", "", "x"), ("mixed", "inline", "x"), ("mixed", "attachment", ""), ("mixed", "", "")],
)
def test_a_content_id_counts_where_something_is_shown(inside: str, disposition: str, content_id: str) -> None:
    said = f"Content-Disposition: {disposition}\r\n" * bool(disposition)
    part = f"--b\r\nContent-Type: image/png\r\n{said}Content-ID: <x>\r\n\r\ndata\r\n--b--"
    (file,) = read(MULTIPART.format(inside), part).attachments

    assert file.content_id == content_id


def test_of_two_files_with_one_content_id_the_first_is_shown() -> None:
    part = "--b\r\nContent-Type: image/png\r\nContent-ID: <x>\r\n\r\ndata\r\n"
    files = read(MULTIPART.format("related"), f"{part}{part}--b--").attachments

    assert [file.content_id for file in files] == ["x", ""]


def test_a_file_that_no_attachment_can_be_is_refused() -> None:
    part = "--b\r\nContent-Disposition: attachment; filename*=utf-8''a%0Ab\r\n\r\ndata\r\n--b--"

    with pytest.raises(MailError, match=r"attachments\.name: "):
        read(MULTIPART.format("mixed"), part)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("X-Metadata: " + "[" * 100_000, ""),
        ("Date: 1 Jan 99999999999999999999 00:00:00 +0000", ""),
        ("Date: 1 Jan 2026 00:00:00 +99999999999999999999", ""),
        ("Content-Type: text/plain; charset=idna", "é"),
        ("Content-Type: text/plain; charset=undefined", "é"),
        ("Content-Type: text/plain; charset=utf\0", "é"),
        ("Content-Type: text/plain; charset=punycode", "é-ö"),
        ("Subject: =?idna?q?=FF?=", ""),
        ("Content-Type: a/b; name*=idna''%ff", "x"),
        ("Content-Disposition: attachment; filename*=utf%00''x", "x"),
        ("Content-Disposition: attachment; filename*=y; filename*0=x", "x"),
        ("Content-Disposition: attachment; filename*" + "9" * 5000 + "=x", "x"),
        ("Content-Type: a/b; c*" + "9" * 5000 + "=x", "x"),
        ("Content-Type: multipart/mixed; boundary*=unicode_escape''%5Cud800", "x"),
        ("Content-Type: multipart/mixed; boundary*0=a; boundary*=b", "x"),
    ],
)
def test_what_the_standard_library_stumbles_over_is_read_or_refused(head: str, body: str) -> None:
    with suppress(MailError):
        assert isinstance(read(head, body), Email)


def test_nobody_is_lost_when_a_header_stands_twice() -> None:
    assert read("To: a@example.com\r\nTo: b@example.com").to == (Address("a@example.com"), Address("b@example.com"))
    with pytest.raises(InvalidAddress, match="more than one author"):
        read("From: a@example.com\r\nFrom: b@example.com")


def test_a_calendar_is_an_alternative() -> None:
    part = "--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN\r\n--b--"
    (other,) = read(MULTIPART.format("alternative"), part).alternatives

    assert (other.content_type, other.parameters, other.text) == ("text/calendar", (("method", "REQUEST"),), "BEGIN")


def test_an_alternative_that_cannot_be_one_is_a_file() -> None:
    part = "--b\r\nContent-Type: text/calendar; method=é\r\n\r\nBEGIN\r\n--b--"
    mail = read(MULTIPART.format("alternative"), part)

    assert mail.alternatives == ()
    assert [(file.content_type, file.data) for file in mail.attachments] == [("text/calendar", b"BEGIN")]


def test_nesting_is_bounded() -> None:
    deep = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(5000))

    began = time.process_time()
    with pytest.raises(MailError, match="nested more than 50 deep"):
        mime.read(deep.encode())
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "hostile",
    [
        b"A" * 100_000,
        b"A: b\r\n" * 20_000,
        b"Subject: " + b"=?utf-8?q?" * 10_000,
        b"Subject: " + b"=?utf-8?q?a?= " * 10_000,
        b"Subject: x" + b"\r\n " * 30_000,
        b"To: " + b"a@example.com, " * 5000,
        b"To: " + b"(" * 50_000,
        b"Content-Type: text/plain; " + b"a=b; " * 20_000,
        b'Content-Type: multipart/mixed; boundary="' + b"b" * 50_000 + b'"\r\n\r\n' + b"--" * 50_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 20_000,
        b"List-Unsubscribe: " + b"<" * 100_000,
    ],
    ids=lambda data: data[:24].decode(),
)
def test_hostile_mails_cost_no_more_than_their_size(hostile: bytes) -> None:
    began = time.process_time()
    try:
        mime.read(hostile)
    except MailError:
        outcome = "refused"
    else:
        outcome = "read"
    spent = time.process_time() - began

    assert spent < 5, f"{outcome} after {spent:.1f} s"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for whole in (data, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + data + b"\r\n--b--\r\n"):
        try:
            mail = mime.read(whole)
        except MailError:
            continue
        assert isinstance(mail, Email)


@given(mails, st.data())
def test_a_damaged_mail_is_read_or_refused(mail: Email, data: st.DataObject) -> None:
    whole = bytearray(mime.write(mail).to_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(MailError):
        assert isinstance(mime.read(bytes(whole)), Email)


def test_a_mail_can_be_forwarded() -> None:
    came_in = mime.read(b"Received: x\r\nFrom: a@example.com\r\nTo: me@example.com\r\nSubject: Hi\r\n\r\nText\r\n")
    forwarded = came_in.replace(sender="me@example.com", to="you@example.com", subject=f"Fwd: {came_in.subject}")

    again = mime.read(mime.write(forwarded).to_bytes())
    assert (again.subject, again.text, again.to) == ("Fwd: Hi", "Text\n", (Address("you@example.com"),))
    whole = Attachment("original.eml", mime.write(came_in.replace(to="me@example.com")).to_bytes())
    assert mime.read(whole.data).subject == "Hi"


def test_the_line_end_before_a_boundary_belongs_to_the_boundary() -> None:
    """RFC 2046 5.1.1, also where some lines or all end with LF, as in mails that went through files."""
    mail = (
        b'Subject: x\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: application/x-one\r\nContent-Disposition: attachment\r\n\r\none\r\n"
        b"--b\r\nContent-Type: application/x-two\r\nContent-Disposition: attachment\r\n\r\n\r\n"
        b"--b\r\nContent-Type: application/x-three\r\nContent-Disposition: attachment\r\n\r\nthree\n\r\n--b--\r\n"
    )
    on_unix = mail.replace(b"\r\n", b"\n")
    mixed = mail.replace(b"one\r\n--b", b"one\n--b")

    for data, last in ((mail, b"three\n"), (on_unix, b"three\r\n"), (mixed, b"three\n")):
        assert [file.data for file in mime.read(data).attachments] == [b"one", b"", last]
