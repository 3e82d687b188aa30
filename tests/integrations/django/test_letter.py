"""What Django describes is the mail that goes out: the same people, texts and files, whoever has written it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from email.headerregistry import Address as StandardAddress
from email.message import EmailMessage as StandardMessage
from email.message import Message, MIMEPart
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr
from pathlib import Path
from typing import Any

import django
import pytest
from django.core.mail import EmailAlternative, EmailAttachment, EmailMessage, EmailMultiAlternatives
from django.test import override_settings
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Address, MailError, Outgoing, SesOptions, mime
from sesmail.errors import InvalidAddress, InvalidHeader, TooLarge, Unsupported
from sesmail.integrations.django.finished import FinishedContent, bytes_of
from sesmail.integrations.django.letter import Letter
from sesmail.integrations.django.settings import Settings

from .conftest import Sent

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"
PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256))
SETTINGS = Settings.of({"sender": "Shop <shop@example.com>"})


def message(**fields: Any) -> EmailMultiAlternatives:
    return EmailMultiAlternatives(**{"subject": "Hello", "body": "Hello Ada", "to": [ADA], **fields})


def letter(**fields: Any) -> Letter:
    return Letter.of(message(**fields), SETTINGS)


def image(**headers: str) -> MIMEImage:
    part = MIMEImage(PNG, "png")
    for name, value in headers.items():
        part.add_header(name.replace("_", "-"), value)
    return part


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_people_are_those_of_the_message() -> None:
    found = letter(
        from_email="Ada Löwe <a@bücher.example>",
        to=[f"Bob <{BOB}>", "", lazystr(EVE)],
        cc=[("Cc", "c@example.org")],
        bcc=[Address("d@example.org")],
        reply_to=["r@example.org"],
    )

    assert found.content is None
    assert found.email.sender == Address("a@xn--bcher-kva.example", "Ada Löwe")
    assert found.email.to == (Address(BOB, "Bob"), Address(EVE))
    assert found.email.reply_to == (Address("r@example.org"),)
    envelope = found.envelope
    assert [str(one.email) for one in envelope.recipients] == [BOB, EVE, "c@example.org", "d@example.org"]
    assert envelope.return_path == found.email.sender


def test_djangos_placeholder_is_nobodys_word() -> None:
    assert letter().email.sender == Address("shop@example.com", "Shop")
    assert letter(from_email="root@localhost").email.sender == Address("shop@example.com", "Shop")
    assert letter(from_email="a@example.com").email.sender == Address("a@example.com")
    assert Letter.of(message(), Settings()).email.sender == Address("webmaster@localhost")


def test_encoded_words_in_addresses_are_read() -> None:
    found = letter(from_email=formataddr(("Jürgen", "j@example.com")), to=[formataddr(("Größe", ADA))])

    assert found.email.sender == Address("j@example.com", "Jürgen")
    assert found.email.to[0].name == "Größe"
    with pytest.raises(InvalidAddress, match=r"to\[0\]: expected one address"):
        letter(to=["=?utf-8?q?a?= <a@example.org>, b@example.org"])


def test_a_from_header_is_shown_and_bounces_go_to_from_email() -> None:
    found = letter(from_email="bounces@example.com", headers={"From": "News <news@example.com>"})

    assert found.email.sender == Address("news@example.com", "News")
    assert found.envelope.return_path == Address("bounces@example.com")


@pytest.mark.parametrize("name", ["To", "to"])
def test_a_to_header_is_shown_and_changes_nobody(name: str) -> None:
    found = letter(headers={name: "Everyone <list@example.com>", "Cc": "c@example.org", "Reply-To": "r@example.org"})

    assert found.email.to == (Address("list@example.com", "Everyone"),)
    assert found.email.cc == (Address("c@example.org"),)
    assert found.email.reply_to == (Address("r@example.org"),)
    assert found.envelope.recipients == (Address(ADA),)


def test_a_to_header_that_is_no_list_stays_what_it_is() -> None:
    found = letter(headers={"To": "all of you"})

    assert found.content is not None
    assert b"To: all of you\r\n" in found.content.to_bytes()
    assert found.envelope.recipients == (Address(ADA),)


def test_djangos_bytes_hold_nothing_that_is_for_ses() -> None:
    found = letter(from_email="a@example.com", headers={"To": "all of you", "X-SES-TENANT": "acme"})

    assert found.content is not None
    assert b"acme" not in found.content.to_bytes()
    assert found.email.ses == SesOptions(tenant="acme")
    assert found.email.sender == Address("a@example.com")


def test_recipients_are_what_the_message_says() -> None:
    class Redirected(EmailMultiAlternatives):  # type: ignore[misc]
        def recipients(self) -> list[str]:
            return [BOB, ADA]

    found = Letter.of(Redirected("Hi", "Hi", None, [ADA, EVE]), SETTINGS)

    assert [one.email for one in found.envelope.recipients] == [BOB, ADA]
    assert [one.email for one in found.email.to] == [ADA, EVE]
    assert [one.email for one in found.email.bcc] == [BOB]


def test_recipients_are_what_one_message_says_for_itself() -> None:
    mail = message(to=[ADA, EVE])
    mail.recipients = lambda: [EVE]
    found = Letter.of(mail, SETTINGS)

    assert [one.email for one in found.envelope.recipients] == [EVE]
    assert [one.email for one in found.email.to] == [ADA, EVE]


@pytest.mark.parametrize("fields", [{"to": ["nobody"]}, {"from_email": "nobody"}, {"cc": [ADA, 4]}, {"to": []}])
def test_what_is_no_address_names_its_place(fields: dict[str, Any]) -> None:
    with pytest.raises(MailError) as caught:
        letter(**fields)
    assert caught.value.field.partition("[")[0] == next(iter(fields))


def test_a_return_path_header_is_where_bounces_go() -> None:
    assert letter(headers={"Return-Path": "b@example.com"}).envelope.return_path == Address("b@example.com")
    assert Letter.of(message(), Settings.of({"return_path": "s@example.com"})).envelope.return_path == Address(
        "s@example.com"
    )


def test_bcc_as_a_header_is_refused() -> None:
    with pytest.raises(InvalidHeader, match="tell everyone"):
        letter(headers={"Bcc": EVE})


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_texts_are_as_they_were_given() -> None:
    found = letter(subject=gettext_lazy("Hello"), body=lazystr("täxt"), alternatives=[("<p>täxt", "text/html")])

    assert (found.email.subject, found.email.text, found.email.html) == ("Hello", "täxt", "<p>täxt")


def test_an_empty_body_is_left_out_beside_something_else() -> None:
    assert letter(body="", alternatives=[EmailAlternative("<p>", "text/html")]).email.text is None
    assert letter(body=None, attachments=[("a.txt", "a", "text/plain")]).email.text is None
    assert letter(body=None).email.text == ""


def test_a_body_set_to_none_is_an_empty_one() -> None:
    mail = message()
    mail.body = None

    assert Letter.of(mail, SETTINGS).email.text == ""


def test_a_body_may_be_html() -> None:
    mail = EmailMessage("Hi", "<p>Hi", None, [ADA])
    mail.content_subtype = "html"
    found = Letter.of(mail, SETTINGS)

    assert (found.email.text, found.email.html) == (None, "<p>Hi")


def test_other_forms_go_beside_the_html() -> None:
    ics = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    found = letter(
        alternatives=[
            ("<html amp4email>", "text/x-amp-html"),
            ("<p>", "text/html"),
            (ics, 'text/calendar; method=REQUEST; charset="UTF-8"'),
        ]
    )

    assert found.content is None
    amp, calendar = found.email.alternatives
    assert amp.content_type == "text/x-amp-html"
    assert (calendar.content_type, calendar.parameters) == ("text/calendar", (("method", "REQUEST"),))


@pytest.mark.parametrize(
    "alternatives",
    [
        [("<p>1", "text/html"), ("<p>2", "text/html")],
        [("BEGIN:VCALENDAR", "text/calendar"), ("<p>", "text/html")],
        [("plain", "text/plain")],
        [(b"%PDF", "application/pdf")],
        [("text", 'text/x-a; b="c')],
    ],
    ids=["two of a kind", "an order of its own", "two texts", "no text", "a broken type"],
)
def test_forms_that_we_would_write_otherwise_are_written_by_django(alternatives: list[tuple[Any, str]]) -> None:
    found = letter(alternatives=alternatives)

    assert found.content is not None
    made = mime.read(found.content.to_bytes())
    assert made.subject == "Hello"


@pytest.mark.parametrize("kind", ["markdown", "calendar"])
def test_a_body_of_another_kind_is_written_by_django(kind: str) -> None:
    mail = message()
    mail.content_subtype = kind
    found = Letter.of(mail, SETTINGS)

    assert found.content is not None
    assert f"text/{kind}".encode() in found.content.to_bytes()


def test_another_charset_is_written_by_django() -> None:
    mail = message(body="täxt")
    mail.encoding = "iso-8859-1"
    found = Letter.of(mail, SETTINGS)

    assert found.content is not None
    assert b"iso-8859-1" in found.content.to_bytes()
    assert found.content.to_bytes().isascii()
    assert b"From: Shop <shop@example.com>\r\n" in found.content.to_bytes(), "with what our settings say"
    assert found.email.text == "täxt\n" or found.email.text == "täxt"
    assert mail.from_email == "webmaster@localhost", "the message is not changed"


def test_a_charset_of_the_project_counts_too() -> None:
    with override_settings(DEFAULT_CHARSET="iso-8859-15"):
        assert letter(body="täxt").content is not None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_whatever_text_it_is_arrives(text: str) -> None:
    found = letter(body=text)
    made = mime.read(mime.write(found.email).to_bytes()).text or ""

    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert made in (lines, lines + "\n")


@pytest.mark.parametrize("fields", [{"body": "a\0b\ud800"}, {"alternatives": [("<p>a\0b\ud800", "text/html")]}])
def test_characters_that_no_text_may_hold_are_shown_as_such(fields: dict[str, Any]) -> None:
    email = letter(**fields).email

    assert (email.html or email.text or "").endswith("a\ufffdb\ufffd")


def test_characters_that_no_subject_may_hold_are_shown_as_such() -> None:
    email = letter(subject="a\tb\vc\x00d\x7fe\x85f\u2028g\ud800 \xa0ä漢\u200f").email

    assert email.subject == "a b c\ufffdd\ufffde\ufffdf\ufffdg\ufffd \xa0ä漢\u200f"
    for sign in "\r\n":
        with pytest.raises(InvalidHeader, match="subject"):
            letter(subject=f"a{sign}b\t")


AS_DJANGO_WRITES = {"encoding": "iso-8859-1"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"headers": {name: f"x\r\nBcc: {EVE}"}}, f"headers['{name}']")
        for name in ("X-A", "Message-ID", "Date", "References", "To", "From", "List-Unsubscribe", "Content-Type")
    ]
    + [
        ({"headers": {f"X-A: x\r\nBcc: {EVE}\r\nX-B": "x"}}, "headers"),
        ({"subject": f"x\nBcc: {EVE}"}, "subject"),
        ({"attachments": [(f"a\nBcc: {EVE}", "x", "text/plain")]}, "message()"),
    ],
)
@pytest.mark.parametrize("how", [{}, AS_DJANGO_WRITES])
def test_who_writes_the_mail_is_no_way_around_a_line_break(fields: Any, place: str, how: Any) -> None:
    mail = message(**fields)
    vars(mail).update(how)
    with pytest.raises(InvalidHeader) as caught:
        Letter.of(mail, SETTINGS)

    assert caught.value.field in (place, "attachments[0].name")
    assert EVE not in str(caught.value).partition(":")[2], "the value is not repeated"


def test_characters_that_no_subject_may_hold_are_shown_where_django_writes() -> None:
    mail = message(subject="a\tb\x07ä")
    mail.encoding = "iso-8859-15"
    content = Letter.of(mail, SETTINGS).content

    assert content is not None
    assert mime.read(content.to_bytes()).subject == "a b?ä"
    assert mail.subject == "a\tb\x07ä", "the message is not changed"


@pytest.mark.parametrize("charset", ["iso-8859-1", "x-nonsense"])
def test_what_django_cannot_write_is_a_mail_that_is_wrong(charset: str) -> None:
    mail = message(body="€")
    mail.encoding = charset
    with pytest.raises(MailError, match=r"message\(\): Django does not write this mail: (Unicode|Lookup)"):
        Letter.of(mail, SETTINGS)


def test_what_a_class_of_the_projects_raises_is_its_own() -> None:
    class Signed(EmailMessage):  # type: ignore[misc]
        def message(self) -> Any:
            raise ValueError("no key")

    with pytest.raises(ValueError, match="no key") as caught:
        Letter.of(Signed("Hi\tthere", "", None, [ADA]), SETTINGS)
    assert not isinstance(caught.value, MailError)


# ── attachments ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("attachment", "name", "kind", "data"),
    [
        (("a.txt", "täxt", "text/plain"), "a.txt", "text/plain", "täxt".encode()),
        (("a.csv", "a;b", None), "a.csv", "text/csv", b"a;b"),
        (("a.txt", "täxt".encode(), "text/plain"), "a.txt", "text/plain", "täxt".encode()),
        (("a.txt", b"\xff\xfe", "text/plain"), "a.txt", "application/octet-stream", b"\xff\xfe"),
        (("a.pdf", b"%PDF", "application/pdf"), "a.pdf", "application/pdf", b"%PDF"),
        (("a.json", "{}", "application/json"), "a.json", "application/json", b"{}"),
        ((None, b"x", None), "", "application/octet-stream", b"x"),
        (("a.unknown", bytearray(b"x"), None), "a.unknown", "application/octet-stream", b"x"),
        (("a.bin", memoryview(b"x"), "application/x-a"), "a.bin", "application/x-a", b"x"),
        (("Übersicht.txt", lazystr("x"), "text/plain"), "Übersicht.txt", "text/plain", b"x"),
        (EmailAttachment("a.txt", "x", "text/plain"), "a.txt", "text/plain", b"x"),
    ],
)
def test_a_file_arrives_byte_for_byte(attachment: Any, name: str, kind: str, data: bytes) -> None:
    mail = message()
    mail.attachments = [attachment]
    (file,) = Letter.of(mail, SETTINGS).email.attachments

    assert (file.name, file.content_type, file.data) == (name, kind, data)


def test_a_file_of_the_disk_is_attached(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    mail = message()
    mail.attach_file(os.fspath(tmp_path / "a.png"))
    (file,) = Letter.of(mail, SETTINGS).email.attachments

    assert (file.name, file.content_type, file.data) == ("a.png", "image/png", PNG)


def test_a_pair_is_a_file_without_a_type() -> None:
    mail = message()
    mail.attachments = [("a.png", PNG)]

    assert Letter.of(mail, SETTINGS).email.attachments[0].content_type == "image/png"


@pytest.mark.parametrize(
    ("attachment", "field"),
    [
        (("a.txt", None, "text/plain"), "attachments[0].content"),
        (("a\n.txt", "x", "text/plain"), "attachments[0].name"),
        (("a.txt", "x\0", "text/plain"), "attachments[0].content"),
        (("a.txt", "x", "text/plain; charset=latin1"), "attachments[0].content_type"),
        (("a.eml", 4, "message/rfc822"), ""),
    ],
)
def test_a_file_that_is_none_names_its_place(attachment: Any, field: str) -> None:
    mail = message()
    mail.attachments = [attachment]

    if not field:  # a number is text, as Django has it
        assert Letter.of(mail, SETTINGS).email.attachments
        return
    with pytest.raises(MailError) as caught:
        Letter.of(mail, SETTINGS)
    assert caught.value.field == field


def test_a_picture_that_the_html_shows_stands_beside_it() -> None:
    logo = image(Content_ID="<logo>", Content_Disposition='inline; filename="logo.png"')
    mail = message(alternatives=[("<img src='cid:logo'>", "text/html")], attachments=[logo])
    found = Letter.of(mail, SETTINGS)

    assert found.content is None
    (file,) = found.email.attachments
    assert (file.name, file.content_id, file.data) == ("logo.png", "logo", PNG)
    assert b"multipart/related" in mime.write(found.email).to_bytes()


@pytest.mark.parametrize(
    ("headers", "html", "content_id"),
    [
        ({"Content_ID": "<logo>"}, "", "logo"),
        ({"Content_ID": "<logo>", "Content_Disposition": "attachment"}, "<img src='cid:logo'>", "logo"),
        ({"Content_ID": "<logo>", "Content_Disposition": "attachment"}, "<p>", ""),
        ({"Content_Disposition": "attachment", "X_Attachment_Id": "1"}, "<p>", ""),
        ({}, "<p>", ""),
    ],
)
def test_a_part_is_shown_where_it_is_meant_to_be(headers: dict[str, str], html: str, content_id: str) -> None:
    found = letter(alternatives=[(html, "text/html")], attachments=[image(**headers)])

    assert found.content is None
    assert found.email.attachments[0].content_id == content_id


def test_a_part_of_the_newer_kind_is_read_too() -> None:
    part = MIMEPart()
    part.set_content(PNG, "image", "png", cid="<logo>", disposition="inline", filename="logo.png")
    mail = message(alternatives=[("<img src='cid:logo'>", "text/html")])
    mail.attachments = [part]
    found = Letter.of(mail, SETTINGS)

    assert found.content is None
    (file,) = found.email.attachments
    assert (file.name, file.content_type, file.content_id, file.data) == ("logo.png", "image/png", "logo", PNG)


def _with(part: Message, **headers: str) -> Message:
    for name, value in headers.items():
        part.add_header(name.replace("_", "-"), value)
    return part


def _typed(kind: str, parameter: str) -> Message:
    part = MIMEApplication(b"x", kind)
    part.set_param("a", parameter)
    return part


@pytest.mark.parametrize(
    "part",
    [
        MIMEMultipart("related"),
        _with(MIMEText("footer")),
        _with(image(), Content_Description="a picture"),
        _with(image(), Content_Disposition="inline"),
        _with(image(), Content_ID="<a b>"),
        _typed("octet-stream", "1"),
    ],
    ids=["a multipart", "a text where it stands", "a header of its own", "inline without an id", "an odd id", "a type"],
)
def test_a_part_that_no_attachment_holds_is_written_by_django(part: Message) -> None:
    found = letter(attachments=[part])

    assert found.content is not None
    assert found.envelope.recipients == (Address(ADA),)


def test_a_text_part_keeps_its_charset() -> None:
    found = letter(attachments=[_with(MIMEText("täxt", _charset="iso-8859-1"), Content_Disposition="attachment")])

    (file,) = found.email.attachments
    assert file.data == "täxt".encode("iso-8859-1")
    assert dict(file.parameters)["charset"] == "iso-8859-1"


def test_a_part_with_a_bad_name_is_refused() -> None:
    part = MIMEBase("application", "pdf")
    part.set_payload("x")
    part.add_header("Content-Disposition", "attachment", filename="a\u202eb")

    with pytest.raises(MailError, match=r"attachments\[0\].name"):
        letter(attachments=[part])


# ── mails in mails ───────────────────────────────────────────────────────────────────────────────────────────────


def standard(**headers: str) -> StandardMessage:
    inner = StandardMessage()
    inner["Subject"] = "Inner Größe"
    inner["From"] = StandardAddress("Eve", "eve", "example.org")
    inner.set_content("täxt\n", cte="8bit")
    return inner


@pytest.mark.parametrize(
    "content",
    [
        standard(),
        standard().as_bytes(),
        standard().as_string(),
        message(subject="Inner Größe", body="täxt"),
        message(subject="Inner Größe", body="täxt", to=[]),
    ],
    ids=["standard", "bytes", "text", "Django's", "to nobody"],
)
def test_a_mail_in_a_mail_is_written_in_seven_bits(content: Any) -> None:
    found = letter(attachments=[("inner.eml", content, "message/rfc822")])

    assert found.content is None
    (file,) = found.email.attachments
    assert file.content_type == "message/rfc822"
    inner = mime.read(file.data)
    assert (inner.subject, (inner.text or "").strip()) == ("Inner Größe", "täxt")


@pytest.mark.parametrize("content", [b"Subject: x\r\n\r\n" + b"a" * 1200, b"Subject: t\xe4xt\r\n\r\nx"])
def test_a_mail_that_cannot_be_written_so_is_written_by_django(content: Any) -> None:
    found = letter(attachments=[("inner.eml", content, "message/rfc822")])

    assert found.content is not None
    assert b"Subject: " in found.content.to_bytes()


def test_bodies_of_djangos_are_in_seven_bits() -> None:
    found = letter(
        body="Gr\u00f6\u00dfe " * 30,
        alternatives=[("<p>Gr\u00f6\u00dfe", "text/html"), ("plain", "text/plain")],
        attachments=[("inner.eml", b"Content-Type: application/x-a\n\n\xff\xfe", "message/rfc822")],
    )

    assert found.content is not None
    data = found.content.to_bytes()
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert found.email.text is not None
    assert found.email.text.strip() == ("Gr\u00f6\u00dfe " * 30).strip()
    assert found.email.html is not None
    assert found.email.html.strip() == "<p>Gr\u00f6\u00dfe"


def test_a_multipart_as_a_file_is_written_by_django() -> None:
    mail = message()
    mail.attachments = [("a", "x", "multipart/x-a")]
    if django.VERSION < (6, 0):
        assert Letter.of(mail, SETTINGS).content is not None


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_headers_with_a_field_go_into_it() -> None:
    found = letter(
        headers={
            "Date": "Fri, 20 Nov 2026 08:00:00 +0100",
            "Message-ID": "<1@example.com>",
            "In-Reply-To": "<2@example.com>",
            "References": "<2@example.com> <3@example.com>",
            "List-Unsubscribe": "<https://example.com/u>, <mailto:leave@example.com>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "X-Priority": "1 (Highest)",
            "Importance": "high",
            "Auto-Submitted": "auto-generated",
            "Precedence": "bulk",
            "X-Free": lazystr("Größe"),
        }
    )
    email = found.email

    assert found.content is None
    assert email.date == datetime(2026, 11, 20, 8, tzinfo=timezone(timedelta(hours=1)))
    assert (email.message_id, email.in_reply_to) == ("<1@example.com>", "<2@example.com>")
    assert email.references == ("<2@example.com>", "<3@example.com>")
    assert email.unsubscribe is not None
    assert (email.unsubscribe.url, email.unsubscribe.one_click) == ("https://example.com/u", True)
    assert (email.priority, email.auto_submitted, email.bulk) == ("high", "auto-generated", True)
    assert email.headers == (("X-Free", "Größe"),)


def test_dates_come_in_many_forms() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)

    assert letter(headers={"Date": noon}).email.date == noon
    assert letter(headers={"date": "Fri, 20 Nov 2026 12:00:00 -0000"}).email.date == noon


def test_an_unsubscribe_address_needs_no_post() -> None:
    unsubscribe = letter(headers={"List-Unsubscribe": "<mailto:leave@example.com>"}).email.unsubscribe

    assert unsubscribe is not None
    assert unsubscribe.mailto == "mailto:leave@example.com"


@pytest.mark.parametrize(
    "headers",
    [
        {"Date": "yesterday"},
        {"Message-ID": "two words"},
        {"Precedence": "list"},
        {"Auto-Submitted": "no"},
        {"X-Priority": "3"},
        {"X-Priority": "1", "Importance": "low"},
        {"List-Unsubscribe": "<https://a.example/>, <https://b.example/>"},
        {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        {"Content-Language": "de"},
        {"X-Metadata": "{}"},
    ],
    ids=", ".join,
)
def test_headers_that_no_field_holds_stay_what_they_are(headers: dict[str, str]) -> None:
    found = letter(headers=headers)

    assert found.content is not None
    head = found.content.to_bytes().partition(b"\r\n\r\n")[0].decode()
    for name, value in headers.items():
        assert (
            f"{name}:" if name == "Date" else f"{name}: {value}"
        ) in head  # of a date that is none Django 6 is silent


def test_what_speaks_to_ses_becomes_options() -> None:
    found = letter(
        headers={
            "X-SES-CONFIGURATION-SET": "main",
            "X-SES-MESSAGE-TAGS": "a=1, b=2",
            "X-SES-SOURCE-ARN": "arn:s",
            "X-SES-FROM-ARN": "arn:f",
            "X-SES-RETURN-PATH-ARN": "arn:r",
            "X-SES-TENANT": "acme",
            "X-SES-LIST-MANAGEMENT-OPTIONS": "readers; topic=news",
        }
    )

    assert found.email.ses == SesOptions(
        configuration_set="main",
        source_arn="arn:s",
        from_arn="arn:f",
        return_path_arn="arn:r",
        tenant="acme",
        contact_list="readers",
        topic="news",
    )
    assert found.email.tags == {"a": "1", "b": "2"}
    assert found.email.headers == ()
    assert letter(headers={"X-SES-LIST-MANAGEMENT-OPTIONS": "readers"}).email.ses == SesOptions(contact_list="readers")
    with pytest.raises(InvalidHeader, match="name=value"):
        letter(headers={"X-SES-MESSAGE-TAGS": "a"})


def test_local_time_is_what_the_settings_say() -> None:
    with override_settings(EMAIL_USE_LOCALTIME=True, TIME_ZONE="Asia/Tokyo"):
        date = letter().email.date
        assert date is not None
        assert date.utcoffset() == timedelta(hours=9)
        assert letter(headers={"Date": "Fri, 20 Nov 2026 12:00:00 +0000"}).email.date == datetime(
            2026, 11, 20, 12, tzinfo=UTC
        )


# ── classes of the user's ────────────────────────────────────────────────────────────────────────────────────────


class Signed(EmailMultiAlternatives):  # type: ignore[misc]
    def message(self, **options: Any) -> Any:
        made = super().message(**options)
        made["X-Signature"] = "4711"
        return made


def test_what_a_class_writes_is_sent_as_it_is(sent: Sent) -> None:
    mail = Signed("Hello", "täxt", None, [ADA], bcc=[EVE])
    mail.tags, mail.metadata = {"a": "1"}, {"order": 42}
    mail.send()
    outgoing = sent.last

    data = outgoing.content.to_bytes()
    assert b"\r\nX-Signature: 4711\r\n" in data
    assert b'X-Metadata: {"order": 42}\r\n' in data
    assert EVE.encode() not in data
    assert [one.email for one in outgoing.envelope.recipients] == [ADA, EVE]
    assert outgoing.email.tags == {"a": "1"}
    assert outgoing.email.subject == "Hello"
    assert [one.email for one in outgoing.email.bcc] == [EVE]
    again = FinishedContent(bytes_of(Signed("Hello", "x", None, [ADA]).message()))
    assert b"X-Signature" in again.to_bytes()


def test_what_is_replaced_on_one_message_counts_too() -> None:
    mail = message()
    mail.message = standard
    found = Letter.of(mail, SETTINGS)

    assert found.content is not None
    assert found.email.subject == "Inner Größe"


@pytest.mark.skipif(django.VERSION >= (6, 0), reason="Django 6 has no subtypes of its own")
def test_a_subtype_of_its_own_is_written_by_django() -> None:
    class Related(EmailMultiAlternatives):  # type: ignore[misc]
        mixed_subtype = "related"

    mail = Related("Hi", "Hi", None, [ADA])
    mail.attach(image(Content_ID="<logo>"))
    one = message(attachments=[("a.txt", "x", "text/plain")])
    one.mixed_subtype = "related"

    for found in (Letter.of(mail, SETTINGS), Letter.of(one, SETTINGS)):
        assert found.content is not None
        assert b"multipart/related" in found.content.to_bytes()


def test_a_class_that_adds_no_way_of_writing_is_described() -> None:
    class Welcome(EmailMultiAlternatives):  # type: ignore[misc]
        template = "welcome"

    assert Letter.of(Welcome("Hi", "Hi", None, [ADA]), SETTINGS).content is None


def test_what_is_no_message_says_so() -> None:
    class Odd(EmailMessage):  # type: ignore[misc]
        def message(self, **_: Any) -> str:
            return "Hello"

    with pytest.raises(MailError, match=r"message\(\): message\(\) gave str"):
        Letter.of(Odd("Hi", "Hi", None, [ADA]), SETTINGS)


def test_bytes_that_nobody_can_read_are_sent_all_the_same() -> None:
    class Odd(EmailMessage):  # type: ignore[misc]
        def message(self, **_: Any) -> Message:
            made = Message()
            made["From"] = "a@example.com, b@example.com"
            made.set_payload("x")
            return made

    found = Letter.of(Odd("Hi\tthere", "Hi", None, [ADA]), SETTINGS)

    assert found.content is not None
    assert found.email.subject == "Hi there"
    assert found.email.sender == Address("shop@example.com", "Shop")


def test_what_our_settings_say_is_in_djangos_bytes_too(sent: Sent) -> None:
    said = {"url": "memory://", "sender": "s@example.com", "reply_to": "r@example.com", "headers": {"X-Shop": "tea"}}
    with override_settings(SESMAIL=said):
        from sesmail.integrations.django import get_mailer

        mail = message()
        mail.encoding = "iso-8859-1"
        mail.send()
        answered = message(reply_to=["own@example.com"])
        answered.encoding = "iso-8859-1"
        answered.send()
        one, two = get_mailer().transport.sent  # type: ignore[attr-defined]

    for line in (b"From: s@example.com\r\n", b"Reply-To: r@example.com\r\n", b"X-Shop: tea\r\n"):
        assert line in one.content.to_bytes()
    assert b"Reply-To: own@example.com\r\n" in two.content.to_bytes()


def test_djangos_bytes_are_held_to_the_limits(sent: Sent) -> None:
    mail = Signed("Hello", "x" * 41_000_000, None, [ADA])

    with pytest.raises(TooLarge):
        mail.send()
    assert mail.sesmail_result.failed


def test_simple_content_takes_no_finished_bytes() -> None:
    from sesmail.ses.calls import send_call

    found = letter(headers={"To": "all of you"})
    assert found.content is not None
    outgoing = Outgoing(found.email.replace(to=ADA), found.envelope, found.content, found.email.ses)

    with pytest.raises(Unsupported, match="written by somebody else"):
        send_call(outgoing, api="v2", kind="simple")


# ── finished bytes ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_said_elsewhere_is_taken_out_of_the_head() -> None:
    head = b"A: 1\r\nBCC: eve@example.org,\r\n eve2@example.org\r\nX-SES-TENANT: a\r\nB: 2"
    content = FinishedContent(head + b"\r\n\r\nBcc: stays\r\n")

    assert content.to_bytes() == b"A: 1\r\nB: 2\r\n\r\nBcc: stays\r\n"
    assert content.size == len(content.to_bytes()) == sum(map(len, content.chunks()))
    assert content.message_id == ""
    assert content.as_utf8() is content
    assert FinishedContent(b"no head at all").to_bytes() == b"no head at all"


def test_headers_can_be_put_in_front() -> None:
    content = FinishedContent(b"Message-ID:\r\n <1@example.com>\r\n\r\nx").with_headers([("X-A", "Größe")])

    assert content.to_bytes().startswith(b"X-A: =?utf-8?b?R3LDtsOfZQ==?=\r\nMessage-ID")
    assert content.added_headers == (("X-A", "Größe"),)
    assert content.message_id == "<1@example.com>"
    assert "hunter2" not in repr(FinishedContent(b"A: hunter2\r\n\r\nhunter2"))
    with pytest.raises(InvalidHeader):
        content.with_headers([("To", "eve@example.org")])
