"""Templates in both mailers: render, send, send_many; what the call says stands above what the template says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sesmail import AsyncMailer, Attachment, Email, Mailer, ManyReport, Unsubscribe
from sesmail.errors import InvalidHeader, MailError, SetupError, TemplateError
from sesmail.templates import Rendered, Templates
from sesmail.transports import MemoryTransport

FILES = {
    "welcome.subject.txt": "Hi {{ name }}",
    "welcome.txt": "Hello {{ name }}{% if unsubscribe_url is defined %}, leave: {{ unsubscribe_url }}{% endif %}",
    "welcome.html": "<p>Hello {{ name }}</p>",
    "welcome.de.subject.txt": "Hallo {{ name }}",
    "welcome.de.txt": "Guten Tag {{ name }}",
}
ADA = {"name": "Ada"}
Call = Callable[..., Any]


@pytest.fixture(params=["Mailer", "AsyncMailer"])
def mailer(request: pytest.FixtureRequest) -> Mailer | AsyncMailer:
    kind: Callable[..., Mailer | AsyncMailer] = Mailer if request.param == "Mailer" else AsyncMailer
    return kind(MemoryTransport(), sender="shop@example.com", templates=Templates(FILES))


def done(answer: Any) -> Any:
    return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer


def sent(mailer: Mailer | AsyncMailer) -> list[Email]:
    assert isinstance(mailer.transport, MemoryTransport)
    return [outgoing.email for outgoing in mailer.transport.sent]


def test_a_mail_is_rendered(mailer: Mailer | AsyncMailer) -> None:
    mail = mailer.render("welcome", ADA, to="ada@example.org", tags={"kind": "welcome"})

    assert (mail.subject, mail.text, mail.html) == ("Hi Ada", "Hello Ada\n", "<p>Hello Ada</p>")
    assert mail.sender is not None
    assert mail.sender.email == "shop@example.com"
    assert mail.tags == {"kind": "welcome"}
    assert mailer.render("welcome", ADA, locale="de").subject == "Hallo Ada"


def test_to_send_a_template_is_to_send_what_is_rendered(mailer: Mailer | AsyncMailer) -> None:
    fields: dict[str, Any] = {"to": "ada@example.org", "bcc": "b@example.org", "headers": {"X-A": "1"}}
    done(mailer.send(template="welcome", context=ADA, locale="de", **fields))
    done(mailer.send(mailer.render("welcome", ADA, locale="de", **fields)))

    first, second = sent(mailer)
    assert first == second
    assert first.text == "Guten Tag Ada\n"


def test_what_the_call_says_stands_above_the_template(mailer: Mailer | AsyncMailer) -> None:
    mail = mailer.render("welcome", ADA, subject="Mine", html=None, text="Mine")

    assert (mail.subject, mail.text, mail.html) == ("Mine", "Mine", None)


def test_the_page_shows_the_subject_that_is_sent() -> None:
    mailer = Mailer("null://", templates=Templates({"a.html": "{% block subject %}A{% endblock %}<h1>{{ subject }}"}))

    assert mailer.render("a").html == "<h1>A"
    assert mailer.render("a", subject="B").html == "<h1>B"
    assert mailer.render("a", {"subject": "C"}, subject="B").html == "<h1>C"


def test_no_context_is_an_empty_one() -> None:
    mailer = Mailer(MemoryTransport(), sender="shop@example.com", templates=Templates({"a.txt": "T"}))
    fields: Any = {"template": "a", "context": None, "to": "ada@example.org"}
    mailer.send(**fields)
    assert mailer.send_many(rows=[fields]).sent == 1

    assert [mail.text for mail in sent(mailer)] == ["T\n", "T\n"]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda mailer: mailer.send("welcome", to="ada@example.org"), r"not str; a template is one: template='…'"),
        (lambda mailer: mailer.send(template="welcome", context=[("name", "Ada")]), "a mapping .* and not list"),
        (lambda mailer: mailer.send(template="welcome", name="Ada"), r"is in context=\) has no option 'name'"),
        (lambda mailer: mailer.render("welcome", ADA, subjekt="Hi"), "did you mean 'subject'"),
    ],
)
def test_what_is_said_in_the_wrong_place_is_told_the_right_one(
    mailer: Mailer | AsyncMailer, call: Call, reason: str
) -> None:
    with pytest.raises(SetupError, match=reason):
        done(call(mailer))


def test_what_is_empty_is_not_said(mailer: Mailer | AsyncMailer) -> None:
    mail = mailer.render("welcome", ADA, subject="", text="", to=())

    assert (mail.subject, mail.text, mail.to) == ("Hi Ada", "Hello Ada\n", ())


def test_files_of_the_call_and_of_the_template_come_together(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"x")
    (tmp_path / "a.html").write_text("<img src='{{ embed('logo.png') }}'>")
    mailer = Mailer("memory://", templates=tmp_path)
    mail = mailer.render("a", {}, attachments={"a.txt": "x"})

    assert [(file.name, file.inline) for file in mail.attachments] == [("a.txt", False), ("logo.png", True)]
    assert mail.attachments[1].cid in str(mail.html)
    with pytest.raises(MailError, match="attachments"):
        mailer.render("a", {}, attachments=[3])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://a.example/u/1", "https://a.example/u/1"),
        ("mailto:leave@example.com", "mailto:leave@example.com"),
        (Unsubscribe("https://a.example/u/1", mailto="leave@example.com"), "https://a.example/u/1"),
    ],
)
def test_the_header_and_the_template_show_one_url(
    mailer: Mailer | AsyncMailer, given: str | Unsubscribe, shown: str
) -> None:
    mail = mailer.render("welcome", ADA, to="ada@example.org", unsubscribe=given)

    assert str(mail.text) == f"Hello Ada, leave: {shown}\n"
    assert mail.unsubscribe is not None
    assert f"<{shown}>" in mail.unsubscribe.headers[0][1]


def test_a_subject_is_checked_like_any(mailer: Mailer | AsyncMailer) -> None:
    with pytest.raises(InvalidHeader, match="subject: the character U\\+000A"):
        mailer.render("welcome", {"name": "x\nBcc: eve@example.org"})


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"context": ADA}, "context and locale go with a template"),
        ({"locale": "de"}, "context and locale go with a template"),
    ],
)
def test_what_goes_with_a_template_is_refused_without(
    mailer: Mailer | AsyncMailer, asked: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SetupError, match=reason):
        done(mailer.send(to="ada@example.org", **asked))


def test_a_template_makes_a_mail_and_changes_none(mailer: Mailer | AsyncMailer) -> None:
    with pytest.raises(SetupError, match="a template makes a mail"):
        done(mailer.send(Email(to="ada@example.org"), template="welcome", context=ADA))


def test_a_mailer_without_templates_says_so() -> None:
    with pytest.raises(SetupError, match="this mailer has no templates: give it some"):
        Mailer("memory://").render("welcome", ADA)


def test_templates_are_a_folder_or_an_engine(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("T")

    class Own:
        def render(
            self, name: str, context: Mapping[str, object], *, locale: str = "", unsubscribe_url: str = ""
        ) -> Rendered:
            return Rendered(subject=f"{name} {dict(context)} {locale} {unsubscribe_url}")

    assert Mailer("memory://", templates=str(tmp_path)).render("a", {}).text == "T\n"
    mail = Mailer("memory://", templates=Own()).render("a", {"x": 1}, locale="de", unsubscribe="https://a.example")
    assert (mail.subject, mail.text) == ("a {'x': 1} de https://a.example", None)
    for wrong in (3, Templates):
        with pytest.raises(SetupError, match="templates are a folder or an engine"):
            Mailer("memory://", templates=wrong)  # type: ignore[arg-type]


def test_a_check_takes_a_template(mailer: Mailer | AsyncMailer) -> None:
    problems = done(mailer.check(template="welcome", context={"name": "{{ x }}"}, to="ada@example.org"))
    assert {problem.code for problem in problems} == {"template_marks"}


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def rows() -> Iterator[Any]:
    yield {"to": "ada@example.org", "context": ADA}
    yield {"to": "bob@example.org", "context": {"name": "Bob"}, "locale": "de"}
    yield {"to": "nobody", "context": {"name": "X"}}
    yield {"to": "eve@example.org"}


async def arows() -> AsyncIterator[Any]:
    for row in rows():
        yield row


@pytest.mark.parametrize("concurrency", [1, 3])
def test_rows_have_in_common_what_is_said_once(mailer: Mailer | AsyncMailer, concurrency: int) -> None:
    seen: list[int] = []
    report: ManyReport = done(
        mailer.send_many(
            rows=rows(),
            template="welcome",
            tags={"a": "b"},
            concurrency=concurrency,
            on_result=lambda report: seen.append(report.index),
        )
    )

    assert (report.mails, report.sent, report.errors) == (4, 2, {"InvalidAddress": 1, "TemplateError": 1})
    assert sorted(seen) == [0, 1, 2, 3]
    assert sorted(mail.subject for mail in sent(mailer)) == ["Hallo Bob", "Hi Ada"]
    assert all(mail.tags == {"a": "b"} for mail in sent(mailer))
    assert {one.index: one.mail for one in report.failures}[3] == {"to": "eve@example.org"}
    missing = next(one.error for one in report.failures if isinstance(one.error, TemplateError))
    assert missing.variable == "name"


def test_contexts_of_rows_are_put_over_the_common_one(mailer: Mailer | AsyncMailer) -> None:
    done(
        mailer.send_many(
            rows=[{"to": "a@example.org"}, {"to": "b@example.org", "context": {"name": "B"}}],
            template="welcome",
            context={"name": "everyone"},
        )
    )

    assert [mail.subject for mail in sent(mailer)] == ["Hi everyone", "Hi B"]


def test_mails_may_say_their_own_template(mailer: Mailer | AsyncMailer) -> None:
    done(mailer.send_many([{"to": "a@example.org", "template": "welcome", "context": ADA}]))
    assert sent(mailer)[0].subject == "Hi Ada"


def test_rows_may_come_from_an_async_generator(mailer: Mailer | AsyncMailer) -> None:
    if isinstance(mailer, AsyncMailer):
        assert asyncio.run(mailer.send_many(rows=arows(), template="welcome")).sent == 2


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "there is nothing to send"),
        ({"mails": [], "template": "welcome"}, "what is said once for all goes with rows="),
        ({"mails": [], "rows": []}, "what is said once for all goes with rows="),
    ],
)
def test_mails_come_one_way_or_the_other(mailer: Mailer | AsyncMailer, asked: dict[str, Any], reason: str) -> None:
    with pytest.raises(SetupError, match=reason):
        done(mailer.send_many(**asked))


def test_no_rows_are_no_mails(mailer: Mailer | AsyncMailer) -> None:
    assert done(mailer.send_many(rows=[], template="welcome")).mails == 0


def test_many_attachments_are_given_as_they_are(mailer: Mailer | AsyncMailer) -> None:
    file = Attachment("a.txt", "x")
    done(mailer.send_many(rows=[{"to": "a@example.org", "context": ADA}], template="welcome", attachments=[file]))
    assert sent(mailer)[0].attachments == (file,)
