"""What can be said against a mail before it is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sesmail import Address, AsyncMailer, Attachment, Envelope, Limits, Mailer, Problem, SesOptions, Unsubscribe
from sesmail.errors import InvalidHeader, MailError, TooLarge, Unsupported
from sesmail.transports import NullTransport
from sesmail.transports.limits import NONE

FINE: dict[str, Any] = {"to": "ada@example.org", "subject": "Hi", "text": "Hello"}
PLAIN = Limits()


def found(limits: Limits = PLAIN, **fields: Any) -> list[Problem]:
    mail = {**FINE, "sender": "shop@example.com", **fields}
    problems = Mailer(NullTransport(limits=limits)).check(**mail)
    awaited = asyncio.run(AsyncMailer(NullTransport(limits=limits)).check(**mail))
    assert problems == awaited
    for problem in problems:
        assert problem.text
        assert problem.remedy
        assert problem.blocking is (problem.error is not None)
    return problems


def codes(limits: Limits = PLAIN, **fields: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in found(limits, **fields)]


def test_nothing_can_be_said_against_a_good_mail() -> None:
    assert found(html="<p>Hello", bulk=True, unsubscribe="https://example.com/u") == []


# ── what stands in the way ───────────────────────────────────────────────────────────────────────────────────────

MANY = [f"a{number}@example.org" for number in range(40)]
BLOCKING = [
    ({"to": MANY, "cc": "b@example.org", "bcc": [f"c{n}@example.org" for n in range(10)]}, "too_many_recipients", "to"),
    ({"to": "jürgen@example.org"}, "local_part_not_ascii", "to[0]"),
    ({"sender": "jürgen@example.com"}, "local_part_not_ascii", "sender"),
    ({"bcc": ["ada@example.com", "jürgen@example.org"]}, "local_part_not_ascii", "bcc[1]"),
    ({"reply_to": "jürgen@example.org"}, "local_part_not_ascii", "reply_to[0]"),
    ({"attachments": {"a.txt": "", "Setup.EXE": b""}}, "blocked_attachment", "attachments[1].name"),
    ({"attachments": {"setup.js. ": b""}}, "blocked_attachment", "attachments[0].name"),
    ({"tags": {"ok": "fine_-1", "größe": "1"}}, "bad_tag", "tags['gr\\xf6\\xdfe']"),
    ({"tags": {"a": ""}}, "bad_tag", "tags['a']"),
    ({"tags": {"a": "x" * 257}}, "bad_tag", "tags['a']"),
    ({"headers": [("List-Post", "1"), ("List-Post", "1")]}, "repeated_header", "headers['list-post']"),
    ({"ses": SesOptions(configuration_set="has blank")}, "bad_name", "ses.configuration_set"),
    ({"ses": SesOptions(tenant="x" * 65)}, "bad_name", "ses.tenant"),
    ({"headers": [("Comments", "1"), ("X-A", "1"), ("comments", "2")]}, "repeated_header", "headers['comments']"),
]


@pytest.mark.parametrize(("fields", "code", "field"), BLOCKING)
def test_what_stands_in_the_way_is_found_and_raised(fields: dict[str, Any], code: str, field: str) -> None:
    (problem,) = (problem for problem in found(**fields) if problem.blocking)
    assert (problem.code, problem.field) == (code, field)
    assert problem.error
    with pytest.raises(type(problem.error)) as caught:
        Mailer("null://").send(**{**FINE, "sender": "shop@example.com", **fields})

    assert getattr(caught.value, "field") == field  # noqa: B009 - of those that are about the mail
    assert str(caught.value) == f"{field}: {problem.text}; {problem.remedy}"


@pytest.mark.parametrize("fields", [fields for fields, _, _ in BLOCKING])
def test_without_limits_nothing_stands_in_the_way(fields: dict[str, Any]) -> None:
    assert not any(problem.blocking for problem in found(NONE, **fields))


def test_fifty_recipients_are_taken() -> None:
    assert found(to=MANY, cc=[f"c{n}@example.org" for n in range(10)]) == []


def test_too_many_recipients_name_the_limit_and_the_option_that_splits() -> None:
    (problem,) = found(Limits(max_recipients=2), to=MANY)

    assert "40 recipients in one mail, and at most 2 are taken" in problem.text
    assert "split=2" in problem.remedy
    assert isinstance(problem.error, Unsupported)
    assert problem.error.instead == ("send_many", "split")


def test_a_name_without_an_ending_is_not_taken_for_one() -> None:
    assert found(attachments={"exe": b"", "a.exe.zip": b""}) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"attachments": {"a.bin": b"x" * 2000}}, "attachments"),
        ({"html": "x" * 2000}, "html"),
        ({"text": "x" * 2000}, "text"),
    ],
)
def test_the_size_is_that_of_the_encoded_mail(fields: dict[str, Any], field: str) -> None:
    mailer = Mailer(NullTransport(limits=Limits(max_size=2000)), sender="shop@example.com")
    with pytest.raises(TooLarge) as caught:
        mailer.send(**{**FINE, **fields})

    size = caught.value.size
    assert (caught.value.field, caught.value.limit) == (field, 2000)
    assert size > 2000
    assert codes(Limits(max_size=size), **fields) in ([], [("no_text", "text")])
    assert codes(Limits(max_size=size - 1), **fields)[0] == ("too_large", field)


def test_headers_are_counted_where_they_are_limited() -> None:
    headers = {f"X-{number}": "a" for number in range(16)}

    assert found(headers=headers) == []
    assert codes(Limits(max_headers=15), headers=headers) == [("too_many_headers", "headers")]


def test_a_return_path_is_looked_at_too() -> None:
    envelope = Envelope(Address("jürgen@example.com"), (Address("bob@example.org"), Address("jörg@example.org")))
    problems = Mailer("null://", sender="shop@example.com").check(**FINE, envelope=envelope)

    assert [problem.field for problem in problems] == ["envelope[1]", "envelope.return_path"]
    assert all(isinstance(problem.error, Unsupported) for problem in problems)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"to": "nobody"}, "invalid_address", "to"),
        ({"subject": "a\nb"}, "invalid_header", "subject"),
        ({"text": "\0"}, "mail_error", "text"),
        ({"to": []}, "mail_error", "to"),
        ({"sender": None}, "mail_error", "sender"),
    ],
)
def test_a_mail_that_cannot_be_built_is_a_problem_as_well(fields: dict[str, Any], code: str, field: str) -> None:
    (problem,) = found(**fields)

    assert (problem.code, problem.field, problem.blocking) == (code, field, True)
    assert isinstance(problem.error, MailError)


def test_what_the_writer_cannot_write_is_found_as_well() -> None:
    problems = found(to="=?utf-8?q?ada?=@example.com")

    assert [(problem.code, problem.field) for problem in problems] == [("invalid_header", "to[0]")]
    assert isinstance(problems[0].error, InvalidHeader)


# ── advice ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"to": "ada@localhost"}, [("special_use_domain", "to[0]")]),
        ({"sender": "a@shop.test"}, [("special_use_domain", "sender")]),
        ({"cc": ["a@b.example", "a@b.local"]}, [("special_use_domain", "cc[1]")]),
        ({"subject": " "}, [("no_subject", "subject")]),
        ({"text": None, "html": "<p>Hi"}, [("no_text", "text")]),
        ({"text": ""}, [("empty", "text")]),
        ({"html": "é" * 51_001}, [("gmail_clips", "html")]),
        ({"html": "é" * 50_900}, []),
        ({"unsubscribe": "mailto:leave@example.com"}, [("no_one_click", "unsubscribe")]),
        ({"unsubscribe": Unsubscribe("https://example.com/u", one_click=False)}, [("no_one_click", "unsubscribe")]),
        ({"bulk": True}, [("bulk_without_unsubscribe", "unsubscribe")]),
        ({"html": '<img src="cid:logo@example.com">'}, [("missing_image", "html")]),
        ({"subject": "Hi {{ name }}"}, [("template_marks", "subject")]),
        ({"text": "{% if %}", "html": "{{x}}"}, [("template_marks", "text"), ("template_marks", "html")]),
        ({"html": "<style>@media(max-width:600px){.a{width:100%}}</style>", "text": '{"a":{"b":1}}'}, []),
        ({"html": "<p>https://example.com/?q=cid:9 and cid:10"}, []),
        ({"text": None, "html": ""}, [("empty", "text")]),
    ],
)
def test_advice(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert codes(**fields) == expected
    for problem in found(**fields):
        assert not problem.blocking
        problem.raise_if_blocking()


def test_images_and_html_must_know_each_other() -> None:
    logo = Attachment("logo.png", b"x", content_id="50%logo@example.com")
    other = Attachment("other.png", b"x", inline=True)

    assert codes(html=f'<img src="{logo.cid}">', attachments=[logo]) == []
    assert codes(html=f"<img src='{logo.cid}'>", attachments=[logo, other]) == [("unused_image", "attachments[1]")]
    assert codes(text="Hi", attachments=[other]) == [("unused_image", "attachments[0]")]


@pytest.mark.parametrize(
    "html",
    [
        "<img src=cid:logo@example.com>",
        '<img SRC = "CID:logo@example.com">',
        '<div style="background:url(&quot;cid:logo@example.com&quot;)">',
        "<style>a{background:url( cid:logo@example.com )}</style>",
        '<img src="cid:logo&#64;example.com">',
        '<img srcset="https://example.com/a 1x, cid:logo@example.com 2x">',
    ],
)
def test_an_image_is_found_however_it_is_shown(html: str) -> None:
    logo = Attachment("logo.png", b"x", content_id="logo@example.com")

    assert codes(html=html, attachments=[logo]) == []
    assert codes(html=html) == [("missing_image", "html")]


def test_limits_are_compared_in_any_case() -> None:
    limits = Limits(blocked_extensions=frozenset({".ZIP"}), single_headers=frozenset({"X-Once"}))

    assert codes(limits, attachments={"a.zip": b""}) == [("blocked_attachment", "attachments[0].name")]
    assert codes(limits, headers=[("X-ONCE", "1"), ("x-once", "2")]) == [("repeated_header", "headers['x-once']")]
    assert "zip" not in repr(limits)


def test_what_stands_in_the_way_comes_first() -> None:
    assert [code for code, _ in codes(subject="", to="jürgen@localhost")] == [
        "local_part_not_ascii",
        "no_subject",
        "special_use_domain",
    ]


def test_a_lazy_attachment_is_read_to_be_measured() -> None:
    reads: list[int] = []

    def content() -> bytes:
        reads.append(1)
        return b"x" * 2000

    files = [Attachment("a.bin", content)]
    assert [file.is_read for file in files] == [False]
    assert codes(Limits(max_size=1000), attachments=files) == [("too_large", "attachments")]
    assert [file.is_read for file in files] == [True]
    assert reads == [1]
