"""Mail classes: one for each kind of mail, in both mailers."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import InitVar, dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import pytest

from sesmail import Address, AsyncMailer, Attachment, Email, Mailer, ManyReport, Problem, SendResult
from sesmail.errors import SetupError, TemplateError
from sesmail.mail.message import EmailFields
from sesmail.mailer.reports import MailFields
from sesmail.templates import Mail, Templates
from sesmail.transports import MemoryTransport

TEMPLATES = Templates(
    {
        "receipt.subject.txt": "The template's subject",
        "receipt.txt": "No. {{ number }} for {{ mail.name() }}{% if note is defined %}, {{ note }}{% endif %}",
        "receipt.de.txt": "Nr. {{ number }}",
        "reminder.txt": "Still no. {{ number }}, day {{ day }}",
        "with_link.txt": "{{ unsubscribe_url }}",
        "http_report.txt": "Down",
    }
)


@dataclass(frozen=True)
class Receipt(Mail):
    number: int
    email: str = "ada@example.org"

    def recipients(self) -> str:
        return self.email

    def name(self) -> str:
        return self.email.partition("@")[0]


@dataclass(frozen=True)
class Full(Receipt):
    template = "receipt"

    def subject(self) -> str:
        return f"Your order {self.number}"

    def attachments(self) -> Mapping[str, str]:
        return {"terms.txt": "Terms"}

    def fields(self) -> EmailFields:
        return {"sender": "orders@example.com", "tags": {"kind": "receipt"}, "bulk": True}


# ── in both mailers ──────────────────────────────────────────────────────────────────────────────────────────────


class Both:
    """A mailer, asked in the same words whether it waits or is awaited."""

    def __init__(self, kind: type[Mailer | AsyncMailer]) -> None:
        self.memory = MemoryTransport()
        self.mailer = kind(self.memory, sender="shop@example.com", tags={"site": "shop"}, templates=TEMPLATES)

    def send(self, *mail: Mail, **fields: Any) -> SendResult:
        result: SendResult = self._done(self.mailer.send(*mail, **fields))
        return result

    def send_many(self, *mails: Any, **fields: Any) -> ManyReport:
        report: ManyReport = self._done(self.mailer.send_many(*mails, **fields))
        return report

    def check(self, *mail: Mail, **fields: Any) -> list[Problem]:
        problems: list[Problem] = self._done(self.mailer.check(*mail, **fields))
        return problems

    @property
    def sent(self) -> list[Email]:
        return [outgoing.email for outgoing in self.memory.sent]

    def _done(self, answer: Any) -> Any:  # of either colour
        return asyncio.run(answer) if isinstance(self.mailer, AsyncMailer) else answer


@pytest.fixture(params=[Mailer, AsyncMailer])
def both(request: pytest.FixtureRequest) -> Both:
    return Both(request.param)


def test_a_mail_is_sent_to_whom_it_names(both: Both) -> None:
    result = both.send(Receipt(number=42))

    assert not result.failed
    (mail,) = both.sent
    assert (mail.to, mail.text) == ((Address("ada@example.org"),), "No. 42 for ada\n")
    assert mail.subject == "The template's subject"
    assert mail.sender == Address("shop@example.com")
    assert mail.tags == {"site": "shop"}


def test_what_the_class_says_stands_above_the_template_and_the_mailer(both: Both) -> None:
    both.send(Full(number=42))

    (mail,) = both.sent
    assert mail.subject == "Your order 42"
    assert mail.sender == Address("orders@example.com")
    assert mail.tags == {"site": "shop", "kind": "receipt"}
    assert mail.bulk
    assert [file.name for file in mail.attachments] == ["terms.txt"]


def test_what_the_call_says_stands_above_the_class(both: Both) -> None:
    both.send(
        Full(number=42),
        to="bob@example.org",
        subject="Again",
        sender="help@example.com",
        attachments={"other.txt": "Other"},
        context={"note": "as you asked", "number": 43},
    )

    (mail,) = both.sent
    assert (mail.to, mail.subject, mail.text) == (
        (Address("bob@example.org"),),
        "Again",
        "No. 43 for ada, as you asked\n",
    )
    assert mail.sender == Address("help@example.com")
    assert [file.name for file in mail.attachments] == ["other.txt"]


def test_tags_and_headers_are_put_together_name_by_name(both: Both) -> None:
    @dataclass(frozen=True)
    class Tagged(Receipt):
        template = "receipt"

        def fields(self) -> EmailFields:
            return {"tags": {"kind": "receipt", "a": "class"}, "headers": {"X-Kind": "receipt", "X-A": "class"}}

    both.send(Tagged(1), tags={"a": "call"}, headers=[("x-a", "call"), ("X-B", "call")])
    both.send(Tagged(1), headers={"X-A": "call"}, tags={})
    both.send(Tagged(1), tags={"b": "call"})
    both.send(Tagged(1), tags={})

    first, second, third, fourth = both.sent
    assert (fourth.tags, fourth.headers) == (second.tags, third.headers), "what is empty is not said"
    assert first.tags == {"site": "shop", "kind": "receipt", "a": "call"}
    assert first.headers == (("x-a", "call"), ("X-B", "call"), ("X-Kind", "receipt"))
    assert second.headers == (("X-A", "call"), ("X-Kind", "receipt"))
    assert second.tags == {"site": "shop", "kind": "receipt", "a": "class"}
    assert third.tags == {"site": "shop", "kind": "receipt", "a": "class", "b": "call"}
    assert third.headers == (("X-Kind", "receipt"), ("X-A", "class"))


def test_many_are_sent_by_a_generator(both: Both) -> None:
    report = both.send_many(Receipt(number, email=f"reader{number}@example.org") for number in range(5))

    assert (report.mails, report.sent) == (5, 5)
    assert [mail.to[0].local for mail in both.sent] == [f"reader{number}" for number in range(5)]


def test_one_bad_mail_of_many_stops_nothing(both: Both) -> None:
    report = both.send_many([Receipt(1), Receipt(2, email="nobody"), _Lost(), Receipt(3)], concurrency=2)

    assert (report.sent, report.failed) == (2, 2)
    assert report.errors == {"InvalidAddress": 1, "TemplateError": 1}


@dataclass
class _Lost(Mail):
    """There is no template of this name."""


def test_rows_that_are_mails_have_nothing_in_common(both: Both) -> None:
    assert both.send_many(rows=[Receipt(1)]).sent == 1
    with pytest.raises(SetupError, match="a row that is Receipt has all its fields, so tags cannot be said for all"):
        both.send_many(rows=[Receipt(1)], tags={"a": "b"})


def test_check_tells_what_send_would(both: Both) -> None:
    problems = both.check(Full(number=42, email="ada@localhost"))

    assert {problem.code for problem in problems} == {"special_use_domain", "bulk_without_unsubscribe"}
    (problem,) = both.check(Receipt(number=42, email="nobody"))
    assert problem.code == "invalid_address"
    assert problem.blocking
    assert not both.sent


def test_a_template_that_lacks_something_is_named(both: Both) -> None:
    @dataclass(frozen=True)
    class Reminder(Receipt):
        pass

    for ask in (both.send, both.mailer.render):
        with pytest.raises(TemplateError, match=r"reminder\.txt, line 1: there is no 'day' in the context"):
            ask(Reminder(1))
    (problem,) = both.check(Reminder(1))
    assert (problem.code, problem.field, problem.blocking) == ("template_error", "template", True)
    assert problem.text.startswith("reminder.txt, line 1: there is no 'day'")


def test_render_gives_the_mail(both: Both) -> None:
    mail = both.mailer.render(Full(number=42), {"note": "hello"}, to="bob@example.org", locale="")

    assert (mail.subject, mail.text) == ("Your order 42", "No. 42 for ada, hello\n")
    assert not both.sent


def test_a_mail_has_its_own_template(both: Both) -> None:
    with pytest.raises(SetupError, match="Receipt has its own template; give one of the two"):
        both.send(Receipt(1), template="reminder")


def test_a_mailer_without_templates_says_so() -> None:
    with pytest.raises(SetupError, match="this mailer has no templates"):
        Mailer("null://", sender="shop@example.com").send(Receipt(1))


def test_context_and_language_go_with_a_template() -> None:
    mailer = Mailer("null://", sender="shop@example.com", templates=TEMPLATES)
    with pytest.raises(SetupError, match="context and locale go with a template: give template= too"):
        mailer.send(to="ada@example.org", context={})
    with pytest.raises(SetupError, match="context and locale go with a template: give template= too"):
        mailer.send(to="ada@example.org", locale="de")


def test_mails_come_one_way_or_the_other(both: Both) -> None:
    with pytest.raises(SetupError, match="there is nothing to send"):
        both.send_many()
    with pytest.raises(SetupError, match="what is said once for all goes with rows="):
        both.send_many([Receipt(1)], rows=[])
    with pytest.raises(SetupError, match="what is said once for all goes with rows="):
        both.send_many([Receipt(1)], template="receipt")


def test_something_else_is_no_mail() -> None:
    with pytest.raises(SetupError, match="expected an Email, a Mail, or fields by keyword, not str"):
        Mailer("null://", sender="shop@example.com").send("receipt")  # type: ignore[arg-type]


def test_compose_gives_what_send_would_send(both: Both) -> None:
    composed = both.mailer.compose
    fields: MailFields = {"template": "receipt", "context": {"number": 1}, "locale": "en", "envelope": None}

    assert composed(Receipt(1), locale="de").text == "Nr. 1\n"
    assert composed(fields, locale="de").text == "Nr. 1\n"
    assert composed({"text": "Hi"}, locale="de").tags == {"site": "shop"}
    assert composed(Email(text="Hi"), locale="de").sender == Address("shop@example.com")
    assert fields == {"template": "receipt", "context": {"number": 1}, "locale": "en", "envelope": None}
    assert not both.sent


# ── what a class can say ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_language_is_that_of_the_call_or_of_the_class(both: Both) -> None:
    @dataclass(frozen=True)
    class Spoken(Receipt):
        template = "receipt"

        def locale(self) -> str:
            return "de_AT"

    both.send(Spoken(1))
    both.send(Spoken(1), locale="en")

    assert [mail.text for mail in both.sent] == ["Nr. 1\n", "No. 1 for ada\n"]


def test_the_way_to_unsubscribe_is_shown_by_the_template(both: Both) -> None:
    @dataclass(frozen=True)
    class WithLink(Receipt):
        def fields(self) -> EmailFields:
            return {"unsubscribe": f"https://shop.example/{self.number}", "bulk": True}

    both.send(WithLink(7))
    both.send(WithLink(7), unsubscribe="https://shop.example/other")

    assert [mail.text for mail in both.sent] == ["https://shop.example/7\n", "https://shop.example/other\n"]
    assert [str(mail.unsubscribe.url) for mail in both.sent if mail.unsubscribe] == [
        "https://shop.example/7",
        "https://shop.example/other",
    ]


def test_fields_may_say_who_gets_it_too(both: Both) -> None:
    @dataclass(frozen=True)
    class Copied(Receipt):
        template = "receipt"

        def fields(self) -> EmailFields:
            return {"to": "boss@example.org", "bcc": "archive@example.com"}

    both.send(Copied(1))

    assert [address.email for address in (*both.sent[0].to, *both.sent[0].bcc)] == [
        "boss@example.org",
        "archive@example.com",
    ]


def test_a_class_may_say_its_context(both: Both) -> None:
    @dataclass(frozen=True)
    class Reminder(Receipt):
        def context(self) -> Mapping[str, object]:
            return {**super().context(), "day": 3}

    both.send(Reminder(1))

    assert both.sent[0].text == "Still no. 1, day 3\n"


def test_fields_of_bases_are_fields(both: Both) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Reminder(Receipt):
        day: int
        unseen: str = field(default="", init=False)

    both.send(Reminder(number=1, day=3))

    assert both.sent[0].text == "Still no. 1, day 3\n"


def test_a_class_without_fields_of_its_own_needs_no_decorator() -> None:
    class Receipts(Receipt):
        template = "receipt"

    assert Receipts(1).context()["number"] == 1
    assert Receipts.template_name() == "receipt"


def test_a_dataclass_beside_it_gives_fields() -> None:
    @dataclass(frozen=True)
    class Numbered:
        number: int

    class Plain:
        unknown: int = 3  # of which dataclass knows nothing, so nobody asks for a decorator

    @dataclass(frozen=True)
    class Beside(Numbered, Plain, Mail):
        day: int

    assert {*Beside(1, 2).context()} == {"mail", "number", "day"}


def test_a_class_with_slots_has_no_dict() -> None:
    @dataclass(frozen=True, slots=True)
    class Slim(Mail):
        number: int

        def subject(self) -> str:
            return f"No. {self.number}"

    slim = Slim(3)
    assert not hasattr(slim, "__dict__")
    assert (slim.subject(), repr(slim).rpartition(".")[2]) == ("No. 3", "Slim(number)")


def test_an_attachment_of_the_template_goes_beside_those_of_the_class(tmp_path: Any) -> None:
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    (tmp_path / "full.html").write_text("<img src=\"{{ embed('logo.png') }}\">")

    class Named(Full):
        template = "full"

    mail = Mailer("null://", templates=tmp_path).render(Named(1))

    assert [file.name for file in mail.attachments] == ["terms.txt", "logo.png"]
    assert isinstance(mail.attachments[0], Attachment)


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("Receipt", "receipt"),
        ("OrderShipped", "order_shipped"),
        ("HTTPReport", "http_report"),
        ("DailyHTTPReport", "daily_http_report"),
        ("ReportByHTTP", "report_by_http"),
        ("ABTest", "ab_test"),
        ("Step2", "step2"),
        ("Step2Done", "step2_done"),
        ("V2OrderShipped", "v2_order_shipped"),
        ("X", "x"),
        ("SMS", "sms"),
        ("order_shipped", "order_shipped"),
        ("_Hidden", "_hidden"),
    ],
)
def test_the_template_is_called_like_the_class(name: str, template: str) -> None:
    assert type(name, (Mail,), {}).template_name() == template  # type: ignore[attr-defined]


# ── what is refused, and when ────────────────────────────────────────────────────────────────────────────────────


def _with_field() -> None:
    class Wrong(Mail):
        subject: str  # type: ignore[assignment]


def _with_default() -> None:
    class Wrong(Mail):
        recipients: str = "ada@example.org"  # type: ignore[assignment]


def _with_init_var() -> None:
    class Wrong(Mail):
        locale: InitVar[str]  # type: ignore[assignment]


def _with_inherited_field() -> None:
    @dataclass
    class Spoken:
        locale: str

    class Wrong(Spoken, Mail):  # type: ignore[misc]
        pass


def _with_template_field() -> None:
    class Wrong(Mail):
        template: str = "receipt"  # type: ignore[misc]


def _with_mail_field() -> None:
    class Wrong(Mail):
        mail: str


def _with_value() -> None:
    class Wrong(Mail):
        subject = "Your order"  # type: ignore[assignment]


def _with_class_variable() -> None:
    class Wrong(Mail):
        fields: ClassVar[EmailFields] = {}  # type: ignore[assignment]


def _with_property() -> None:
    class Wrong(Mail):
        @property
        def subject(self) -> str:  # type: ignore[override]
            return ""


def _with_cached_property() -> None:
    class Wrong(Mail):
        @cached_property
        def context(self) -> Mapping[str, object]:  # type: ignore[override]
            return {}


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (_with_field, "Wrong has a field 'subject', and that is a method of every Mail: call the field otherwise"),
        (_with_default, "Wrong has a field 'recipients', and that is a method of every Mail"),
        (_with_init_var, "Wrong has a field 'locale', and that is a method of every Mail"),
        (_with_inherited_field, "Wrong has a field 'locale', and that is a method of every Mail"),
        (_with_template_field, "Wrong has a field 'template', and that says for the whole class"),
        (_with_mail_field, "Wrong has a field 'mail', and that is what a template calls the object itself"),
        (_with_value, r"Wrong.subject is a value \(str\), and a Mail is asked by a call: write def subject\(self\)"),
        (_with_class_variable, r"Wrong.fields is a value \(dict\)"),
        (_with_property, r"Wrong.subject is a property, and a Mail is asked by a call: write def subject\(self\)"),
        (_with_cached_property, r"Wrong.context is a property"),
    ],
)
def test_what_stands_in_the_place_of_a_method_is_refused_when_the_class_is_made(
    write: Callable[[], None], text: str
) -> None:
    with pytest.raises(SetupError, match=text):
        write()


def test_methods_of_any_kind_are_methods() -> None:
    @dataclass
    class Odd(Mail):
        @staticmethod
        def subject() -> str:
            return "static"

        @classmethod
        def locale(cls) -> str:
            return "de"

    assert (Odd().subject(), Odd().locale()) == ("static", "de")


def test_a_mail_that_is_no_dataclass_is_told_at_its_first_use(both: Both) -> None:
    class Plain(Mail):
        number: int = 3

    class Longer(Receipt):
        day: int = 3

    for mail, name in ((Plain(), "Plain"), (Longer(1), "Longer"), (Mail(), "Mail")):
        with pytest.raises(SetupError, match=f"{name} is a Mail and no dataclass: put @dataclass above it"):
            both.send(mail)


# ── what is told of one ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Open(Mail):
    code: str

    def __repr__(self) -> str:
        return f"Open({self.code!r})"


def _printed() -> Iterator[object]:
    yield Receipt(1, email="hunter2@example.org")
    yield Full(1, email="hunter2@example.org")
    (report,) = Mailer("null://", sender="shop@example.com", templates=TEMPLATES).iter_many(
        [Receipt(1, email="hunter2")]
    )
    yield report
    yield report.mail
    yield report.error


def test_what_a_mail_holds_is_not_printed() -> None:
    for value in _printed():
        assert "hunter2" not in f"{value}{value!r}"
    assert repr(Receipt(1)) == "Receipt(number, email)"
    assert repr(Mail()) == "Mail()"
    assert repr(Open("4711")) == "Open('4711')"
    assert repr(type("Opener", (Open,), {})("4711")) == "Open('4711')"


def test_a_mail_travels_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(Full(3))) == Full(3)
    assert Full(3) != Full(4)
