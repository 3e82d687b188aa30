"""The gate: what is refused in every field and every form, by name, and never repeated."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

import pytest

from sesmail import Address, Alternative, Attachment, Email, SesOptions, Unsubscribe, mime
from sesmail.errors import MailError
from tests.strategies import BIDI

CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xD800, 0xDBFF, 0xDC00, 0xDFFF)]


class Text(str):
    """A subclass that lies about what it is, except to those who ask `str` itself."""

    __slots__ = ()

    def isprintable(self) -> bool:
        return True

    def __str__(self) -> str:
        return "harmless"


def _mail(**fields: object) -> Email:
    return Email(**fields)  # type: ignore[arg-type]


class Person:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    def __mail_address__(self) -> object:
        return self.answer


Place = tuple[str, str, Callable[[str], object]]

# Every place where text can reach a header, parameter or command: the field that the error names, a text with a gap,
# and what is built of it.
HEADER_FIELDS: dict[str, Place] = {
    "subject": ("subject", "{}", lambda t: _mail(subject=t)),
    "header name": ("headers", "X-{}", lambda t: _mail(headers={t: "v"})),
    "header value": ("headers['X-A']", "{}", lambda t: _mail(headers={"X-A": t})),
    "header pair": ("headers['X-A']", "{}", lambda t: _mail(headers=[("X-A", t)])),
    "tag name": ("tags", "{}", lambda t: _mail(tags={t: "v"})),
    "tag value": ("tags['a']", "{}", lambda t: _mail(tags={"a": t})),
    "metadata name": ("metadata", "{}", lambda t: _mail(metadata={t: "v"})),
    "metadata value": ("metadata['a']", "{}", lambda t: _mail(metadata={"a": t})),
    "message id": ("message_id", "<a{}@b>", lambda t: _mail(message_id=t)),
    "in reply to": ("in_reply_to", "<a{}@b>", lambda t: _mail(in_reply_to=t)),
    "references": ("references", "<a{}@b>", lambda t: _mail(references=[t])),
    "references text": ("references", "<a{}@b>", lambda t: _mail(references=t)),
    "unsubscribe": ("unsubscribe", "https://x.example/{}", lambda t: _mail(unsubscribe=t)),
    "unsubscribe address": ("unsubscribe", "mailto:{}", lambda t: _mail(unsubscribe=t)),
    "unsubscribe value": ("mailto", "a{}@example.com", lambda t: Unsubscribe(mailto=t)),
    "configuration set": ("configuration_set", "{}", lambda t: SesOptions(configuration_set=t)),
    "tenant": ("tenant", "{}", lambda t: SesOptions(tenant=t)),
    "endpoint": ("endpoint_id", "{}", lambda t: SesOptions(endpoint_id=t)),
    "contact list": ("contact_list", "{}", lambda t: SesOptions(contact_list=t)),
    "arn": ("from_arn", "arn:{}", lambda t: SesOptions(from_arn=t)),
    "feedback address": ("feedback_address", "a{}@example.com", lambda t: SesOptions(feedback_address=t)),
    "content type": ("content_type", "text/plain; a={}", lambda t: Attachment("a", b"", content_type=t)),
    "content id": ("content_id", "a{}", lambda t: Attachment("a", b"", content_id=t)),
    "alternative": ("content_type", "text/{}", lambda t: Alternative("", t)),
    "boundary": ("boundary", "a{}", lambda t: mime.write(_mail(sender="a@b.example"), boundary=t)),
    "id domain": ("message_id_domain", "{}", lambda t: mime.write(_mail(sender="a@b.example"), message_id_domain=t)),
    "added header": (
        "headers['X-A']",
        "{}",
        lambda t: mime.write(_mail(sender="a@b.example")).with_headers([("X-A", t)]),
    ),
}
SPOKEN_FIELDS: dict[str, Place] = {
    "sender": ("sender", "a{}@example.com", lambda t: _mail(sender=t)),
    "sender's name": ("sender.name", "{}", lambda t: _mail(sender=(t, "a@example.com"))),
    "to text": ("to", "Ada{} <a@example.com>", lambda t: _mail(to=t)),
    "to list": ("to[1]", "Ada{} <a@example.com>", lambda t: _mail(to=["b@example.com", t])),
    "to pair": ("to[0].name", "A{}", lambda t: _mail(to=[(t, "a@example.com")])),
    "to pair's address": ("to[0]", "a{}@example.com", lambda t: _mail(to=[("A", t)])),
    "quoted local part": ("to", '"a{}"@example.com', lambda t: _mail(to=t)),
    "cc object": ("cc[0]", "a{}@example.com", lambda t: _mail(cc=[Person(t)])),
    "bcc object's pair": ("bcc[0].name", "{}", lambda t: _mail(bcc=[Person((t, "a@example.com"))])),
    "reply to domain": ("reply_to", "a@exam{}ple.com", lambda t: _mail(reply_to=t)),
    "address name": ("name", "A{}", lambda t: Address("a@example.com", t)),
    "attachment name": ("name", "a{}.txt", lambda t: Attachment(t, b"")),
    "attachment in a mapping": ("attachments", "a{}.txt", lambda t: _mail(attachments={t: b""})),
}
PLACES = HEADER_FIELDS | SPOKEN_FIELDS


@pytest.mark.parametrize("place", PLACES)
def test_controls_are_refused_everywhere(place: str) -> None:
    field, template, build = PLACES[place]
    for control in CONTROLS:
        inside = template.format(f"a{control}b")
        for text in (inside, Text(inside), template.format(control), template.format("a") + control):
            with pytest.raises(MailError) as caught:
                build(text)
            message = str(caught.value)
            assert caught.value.field.startswith(field), f"{control!a} in {place}: {caught.value.field}"
            assert message.isprintable(), f"{control!a} is repeated by {place}"


@pytest.mark.parametrize("place", SPOKEN_FIELDS)
def test_bidi_overrides_are_refused_where_people_read_names(place: str) -> None:
    _, template, build = SPOKEN_FIELDS[place]
    for control in BIDI:
        with pytest.raises(MailError):
            build(template.format(f"a{control}b"))


def test_marks_and_joiners_are_fine() -> None:
    name = "\u200eAda\u200f \U0001f469\u200d\U0001f4bb"  # LRM, RLM and a zero-width joiner

    assert Address("a@example.com", name).name == name
    assert Email(subject="\u202eevil").subject == "\u202eevil"  # nobody takes a subject for a name


@pytest.mark.parametrize("text", ["\0", "a\0", "\ud800", "a\udfffb"])
@pytest.mark.parametrize("field", ["text", "html"])
def test_bodies_refuse_nul_and_lone_surrogates_only(field: str, text: str) -> None:
    with pytest.raises(MailError, match=rf"{field}: the character U\+"):
        _mail(**{field: text})


@pytest.mark.parametrize("field", ["text", "html"])
def test_bodies_take_all_else(field: str) -> None:
    text = "".join(chr(code) for code in range(1, 0x3000) if not 0xD800 <= code < 0xE000) + BIDI

    assert getattr(_mail(**{field: text}), field) == text


def test_a_subclass_of_text_is_taken_for_what_it_holds() -> None:
    subject = _mail(subject=Text("real")).subject

    assert subject == "real"
    assert type(subject) is str


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"subject": None}, "subject: expected text"),
        ({"subject": b"bytes"}, "subject: expected text"),
        ({"text": b"bytes"}, "text: expected text"),
        ({"tags": {"a": 1}}, r"tags\['a'\]: expected text"),
        ({"metadata": {"a": [1]}}, r"metadata\['a'\]: expected text, a number"),
        ({"metadata": {"a": float("nan")}}, "no infinity"),
        ({"metadata": {"a": float("inf")}}, "no infinity"),
        ({"metadata": {"a": 10**5000}}, "beyond 64 bits"),
        ({"references": 5}, "references: expected message ids"),
        ({"bulk": "no"}, "bulk: expected one of False, True"),
        ({"to": 0}, "to: expected addresses"),
        ({"headers": ["ab", "cd"]}, "headers: expected a mapping or pairs"),
        ({"headers": {"Resent-Bcc": "eve@example.com"}}, "bcc"),
        ({"attachments": [io.BytesIO(b"x")]}, "Attachment.from_file"),
        ({"attachments": io.BytesIO(b"x")}, "Attachment.from_file"),
        ({"headers": {"X-A": 1}}, "expected text"),
        ({"headers": {"": "v"}}, "headers: a header name"),
        ({"headers": {"a:b": "v"}}, "headers: a header name"),
        ({"headers": {"a b": "v"}}, "headers: a header name"),
        ({"headers": {"X" * 127: "v"}}, "headers: a header name"),
        ({"headers": {"Bcc": "eve@example.com"}}, r"headers\['Bcc'\]: .* bcc"),
        ({"headers": {"CONTENT-type": "x"}}, "follows"),
        ({"headers": {"mime-version": "1.0"}}, "follows"),
        ({"headers": {"X-SES-CONFIGURATION-SET": "x"}}, "configuration_set"),
        ({"headers": "X-A: b"}, "headers: expected a mapping or pairs"),
        ({"headers": [("X-A",)]}, "headers: expected a mapping or pairs"),
        ({"headers": 7}, "headers: expected a mapping or pairs"),
        ({"tags": [("a", "b")]}, "tags: expected a mapping"),
        ({"metadata": "x"}, "metadata: expected a mapping"),
        ({"date": "2026"}, "date: expected a datetime"),
        ({"alternatives": 7}, "alternatives: expected several Alternative"),
        ({"attachments": [Attachment("a", b"", content_id="x")] * 2}, "attachments: two have the content id x"),
        ({"priority": "urgent"}, "priority: expected one of high, normal, low"),
        ({"auto_submitted": "yes"}, "auto_submitted: expected one of"),
        ({"date": datetime(2026, 1, 1)}, "date: .*time zone"),  # noqa: DTZ001
        ({"message_id": "a b"}, "message_id: "),
        ({"message_id": "<>"}, "message_id: "),
        ({"message_id": "<=?utf-8?q?x?=@example.com>"}, "message_id: .*encoded word"),
        ({"references": ["<=?utf-8?B?eA==?=>"]}, "references: .*encoded word"),
        ({"headers": {"=?utf-8?q?x?=": "v"}}, "headers: .*encoded word"),
        ({"unsubscribe": "https://x.example/?=?utf-8?q?x?="}, "unsubscribe.url: .*encoded word"),
        ({"references": ["<a", "b"]}, "references: "),
        ({"alternatives": ["x"]}, "alternatives: expected Alternative"),
        ({"ses": "x"}, "ses: expected SesOptions"),
        ({"unsubscribe": "ftp://x.example"}, "unsubscribe.url: one click needs"),
        ({"unsubscribe": "http://x.example"}, "unsubscribe.url: one click needs"),
        ({"unsubscribe": "https://x.example/ü"}, "unsubscribe.url: expected a URL"),
        ({"unsubscribe": "https://x.example/<>"}, "unsubscribe.url: expected a URL"),
        ({"attachments": 7}, "attachments: expected attachments"),
        ({"attachments": "file.txt"}, "attachments: expected attachments"),
        ({"attachments": ["file.txt"]}, r"attachments\[0\]: expected an Attachment"),
        ({"sender": ""}, "sender: an address is expected"),
        ({"to": [""]}, r"to\[0\]: an address is expected"),
    ],
)
def test_what_a_mail_cannot_hold_is_refused_by_name(fields: dict[str, object], message: str) -> None:
    with pytest.raises(MailError, match=message):
        _mail(**fields)
