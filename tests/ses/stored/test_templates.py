"""The tool for templates that SES keeps, before the box: by both clients, in both colours, with boto3 as the judge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from botocore.config import Config

from sesmail.errors import (
    AccountError,
    ConnectFailed,
    ConnectionLost,
    CredentialsMissing,
    MailError,
    SetupError,
    TemplateError,
)
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.call import ApiFault, Call, Client
from sesmail.ses.credentials import Credentials
from sesmail.ses.stored.errand import Errand, work
from sesmail.ses.stored.kept import KeptTemplate, TemplateEntry
from sesmail.ses.stored.templates import APART_S, TRIES, Pushed, StoredTemplates
from sesmail.testing.blocking import blocking_calls
from sesmail.transports import SesTransport
from tests.policies.stepping import StillClock
from tests.ses.asking import MAKERS, Told, client

T = TypeVar("T")
CLIENTS = pytest.mark.parametrize("name", MAKERS)
CONTENT = {"Subject": "Hi {{name}}", "Text": "Hello\nthere", "Html": "<b>{{name}}</b>"}
Do = Callable[[Errand[Any]], Any]


def now(errand: Errand[T]) -> T:
    return errand.answer()


def awaited(errand: Errand[T]) -> T:
    return asyncio.run(errand.aanswer())


COLOURS = pytest.mark.parametrize("do", [now, awaited])


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes() as ses:
        yield ses


@pytest.fixture
def there(ses: LocalSes) -> Iterator[Client]:
    made = client(ses, "direct")
    yield made
    made.close()


def judge(ses: LocalSes) -> Any:
    return boto3.client("sesv2", **ses.client_options)


def tool(client: Client, **settings: Any) -> StoredTemplates:
    return StoredTemplates(client, **{"clock": StillClock(), **settings})


def fault(code: str, status: int = 400) -> ApiFault:
    return ApiFault(Call("sesv2", "ListEmailTemplates", {}), code=code, message="", status=status)


# ── boto3 is the judge ───────────────────────────────────────────────────────────────────────────────────────────


@CLIENTS
@COLOURS
def test_what_the_tool_made_boto3_sees_and_tries(ses: LocalSes, name: str, do: Do) -> None:
    there = client(ses, name)
    templates, boto = tool(there), judge(ses)
    do(templates.create("welcome", subject="Hi {{name}}", text="Hello {{name}}", html="<b>é</b>"))

    assert [one["TemplateName"] for one in boto.list_email_templates()["TemplatesMetadata"]] == ["welcome"]
    kept = boto.get_email_template(TemplateName="welcome")["TemplateContent"]
    assert kept == {"Subject": "Hi {{name}}", "Text": "Hello {{name}}", "Html": "<b>é</b>"}
    tried = boto.test_render_email_template(TemplateName="welcome", TemplateData='{"name": "Ada"}')
    assert "Subject: Hi Ada" in tried["RenderedTemplate"]

    do(templates.update("welcome", subject="Bye"))
    assert boto.get_email_template(TemplateName="welcome")["TemplateContent"] == {"Subject": "Bye"}
    do(templates.delete("welcome"))
    assert boto.list_email_templates()["TemplatesMetadata"] == []
    there.close()


@CLIENTS
@COLOURS
def test_what_boto3_made_the_tool_sees_and_tries(ses: LocalSes, name: str, do: Do) -> None:
    there = client(ses, name)
    templates, boto = tool(there), judge(ses)
    boto.create_email_template(TemplateName="welcome", TemplateContent=CONTENT)

    (entry,) = do(templates.list())
    assert entry.name == "welcome"
    assert abs((datetime.now(UTC) - entry.created).total_seconds()) < 60
    assert entry.created.tzinfo is UTC
    assert do(templates.get("welcome")) == KeptTemplate("welcome", *CONTENT.values())
    ours = do(templates.test_render("welcome", {"name": "Adä"}))
    theirs = boto.test_render_email_template(TemplateName="welcome", TemplateData='{"name": "Adä"}')
    assert _without_boundary(ours) == _without_boundary(theirs["RenderedTemplate"])
    there.close()


def _without_boundary(mail: str) -> list[str]:
    return [line for line in mail.splitlines() if "==" not in line and not line.startswith("Date:")]


@CLIENTS
@COLOURS
def test_what_is_not_there_is_told_by_name(ses: LocalSes, name: str, do: Do) -> None:
    there = client(ses, name)
    templates = tool(there)
    errands: list[tuple[Errand[Any], str]] = [
        (templates.get("no"), "GetEmailTemplate"),
        (templates.update("no", subject="x"), "UpdateEmailTemplate"),
        (templates.delete("no"), "DeleteEmailTemplate"),
        (templates.test_render("no", {}), "TestRenderEmailTemplate"),
    ]
    for errand, operation in errands:
        with pytest.raises(AccountError, match="there is no template no") as caught:
            do(errand)
        assert (caught.value.operation, caught.value.code) == (operation, "NotFoundException")
        assert not caught.value.retryable
    there.close()


def test_what_is_there_is_not_made_again(ses: LocalSes, there: Client) -> None:
    templates = tool(there)
    templates.create("welcome", subject="x").answer()
    with pytest.raises(AccountError) as caught:
        templates.create("welcome", subject="x").answer()
    assert caught.value.code == "AlreadyExistsException"


def test_a_variable_that_is_missing_in_a_trial_is_said_by_ses(ses: LocalSes, there: Client) -> None:
    templates = tool(there)
    templates.create("welcome", subject="{{name}}").answer()
    with pytest.raises(AccountError, match="Attribute 'name' is not present"):
        templates.test_render("welcome", {}).answer()
    with pytest.raises(MailError, match="JSON"):
        templates.test_render("welcome", {"a": object()})


def test_what_ses_could_not_render_is_refused_before_it_is_asked(there: Client) -> None:
    told = Told()
    templates = tool(told)
    for make in (templates.create, templates.update):
        with pytest.raises(TemplateError, match=r"a\.html: line 2: ") as caught:
            make("a", subject="x", html="\n{{#if}}")
        assert (caught.value.template, caught.value.line) == ("a", 2)
        with pytest.raises(TemplateError, match="needs a subject"):
            make("a", subject="", html="x")
    assert not told.calls
    answers = Told({})
    tool(answers).create("a", subject="{{upper name}}", check=False).answer()
    assert answers.calls[0].operation == "CreateEmailTemplate"


@pytest.mark.parametrize("name", ["", "../a", "a b", "é"])
def test_a_name_that_ses_would_not_give_is_refused(name: str) -> None:
    templates = tool(Told())
    for make in (
        lambda: templates.get(name),
        lambda: templates.delete(name),
        lambda: templates.create(name, subject="x"),
        lambda: templates.update(name, subject="x"),
        lambda: templates.test_render(name, {}),
    ):
        with pytest.raises(MailError, match="name of a template"):
            make()


@CLIENTS
def test_all_pages_are_read(ses: LocalSes, name: str) -> None:
    boto = judge(ses)
    everything = {f"t{number}" for number in range(205)}
    for one in everything:
        boto.create_email_template(TemplateName=one, TemplateContent={"Subject": "x"})
    there = client(ses, name)

    assert {entry.name for entry in tool(there).list().answer()} == everything
    there.close()


def test_a_list_that_turns_in_a_circle_has_an_end() -> None:
    page = {"TemplatesMetadata": [{"TemplateName": "a"}, {}, 7], "NextToken": "2"}
    assert tool(Told(page, page)).list().answer() == (TemplateEntry("a"),)
    around = [{"TemplatesMetadata": [{"TemplateName": name}], "NextToken": name} for name in "abab"]
    assert [entry.name for entry in tool(Told(*around)).list().answer()] == ["a", "b"]
    assert tool(Told({"TemplatesMetadata": None})).list().answer() == ()


def test_a_time_that_is_none_is_nothing() -> None:
    assert TemplateEntry.of({"TemplateName": "a", "CreatedTimestamp": "soon"}).created is None


# ── its pace ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_calls_of_one_kind_are_a_second_apart_and_others_do_not_wait_for_them() -> None:
    clock = StillClock()
    templates = tool(Told(*[{}] * 6), clock=clock)
    templates.get("a").answer()
    templates.list().answer()
    assert clock.slept == []
    templates.get("b").answer()
    assert clock.slept == [pytest.approx(APART_S)]
    clock.time += 10
    templates.get("c").answer()
    assert len(clock.slept) == 1


@COLOURS
def test_who_is_told_to_slow_down_waits_and_asks_again(do: Do) -> None:
    clock = StillClock()
    throttled = fault("TooManyRequestsException", 429)
    told = Told(throttled, fault("ThrottlingException"), {"TemplatesMetadata": []})
    assert do(tool(told, clock=clock).list()) == ()
    assert len(told.calls) == 3
    assert sum(clock.slept) >= 3 * APART_S

    told = Told(*[throttled] * TRIES)
    with pytest.raises(AccountError) as caught:
        do(tool(told).list())
    assert caught.value.retryable
    assert len(told.calls) == TRIES


@CLIENTS
def test_a_push_goes_through_where_ses_takes_one_call_a_second(tmp_path: Path, name: str) -> None:
    with LocalSes(control_rate=1) as ses:
        write(tmp_path, {"a.subject.txt": "A", "b.subject.txt": "B"})
        there = client(ses, name)
        assert StoredTemplates(there).push(tmp_path).answer().created == ("a", "b")
        there.close()


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectFailed("no such name", stage="connect"), "no such name"),
        (ConnectionLost("cut", stage="reply"), "ConnectionLost, at reply"),
        (CredentialsMissing("no credentials"), "no credentials"),
    ],
)
@COLOURS
def test_a_line_that_fails_says_what_may_have_been_done(error: Exception, said: str, do: Do) -> None:
    with pytest.raises(AccountError, match="it may be asked again") as caught:
        do(tool(Told(error)).list())
    assert said in str(caught.value)
    assert caught.value.retryable
    with pytest.raises(AccountError, match="it may be done or not: look"):
        do(tool(Told(error)).delete("a"))


def test_who_may_not_is_told_what_to_allow(ses: LocalSes, there: Client) -> None:
    ses.allow({"Statement": {"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*"}})
    with pytest.raises(AccountError, match='"Action": "ses:ListEmailTemplates"'):
        tool(there).list().answer()


def test_an_error_of_the_work_is_raised_in_both_colours() -> None:
    def fail() -> None:
        raise OSError("full")

    errand = Errand(lambda: work(fail), Told(), StillClock())
    for do in (now, awaited):
        with pytest.raises(OSError, match="full"):
            do(errand)


# ── a folder ─────────────────────────────────────────────────────────────────────────────────────────────────────


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@CLIENTS
@COLOURS
def test_a_push_makes_changes_and_deletes_and_boto3_sees_it(ses: LocalSes, tmp_path: Path, name: str, do: Do) -> None:
    boto = judge(ses)
    for one in ("old", "same", "other"):
        boto.create_email_template(TemplateName=one, TemplateContent=CONTENT)
    write(
        tmp_path,
        {
            "new.subject.txt": "Hi é\n",
            "new.html": "<b>",
            "other.subject.txt": "Bye",
            "same.subject.txt": "Hi {{name}}",
            "same.txt": "Hello\r\nthere",
            "same.html": "<b>{{name}}</b>",
            "README.md": "no template",
        },
    )
    there = client(ses, name)
    templates = tool(there)

    difference = do(templates.diff(tmp_path))
    assert (difference.added, difference.changed) == (("new",), ("other",))
    assert (difference.gone, difference.same) == (("old",), ("same",))
    dry = do(templates.push(tmp_path, delete=True, dry_run=True))
    assert dry == Pushed(("new",), ("other",), ("old",), ("same",))
    assert len(boto.list_email_templates()["TemplatesMetadata"]) == 3
    assert do(templates.push(tmp_path)) == Pushed(("new",), ("other",), (), ("same",))
    assert boto.get_email_template(TemplateName="new")["TemplateContent"] == {"Subject": "Hi é", "Html": "<b>"}
    assert boto.get_email_template(TemplateName="other")["TemplateContent"] == {"Subject": "Bye"}
    assert do(templates.push(tmp_path, delete=True)).deleted == ("old",)
    assert do(templates.diff(tmp_path)).is_empty
    there.close()


def test_a_push_of_what_is_there_reads_and_changes_nothing(ses: LocalSes, there: Client, tmp_path: Path) -> None:
    write(tmp_path, {"a.subject.txt": "A", "a.txt": "text"})
    tool(there).push(tmp_path).answer()
    heard: list[str] = []
    told = Told(
        {"TemplatesMetadata": [{"TemplateName": "a"}, {"TemplateName": "b"}]},
        {"TemplateName": "a", "TemplateContent": {"Subject": "A", "Text": "text"}},
    )
    assert tool(told, on_change=heard.append).push(tmp_path).answer().unchanged == ("a",)
    assert [call.operation for call in told.calls] == ["ListEmailTemplates", "GetEmailTemplate"]
    assert not heard


def test_who_holds_copies_is_told_of_each_change(tmp_path: Path) -> None:
    heard: list[str] = []
    templates = tool(Told({}, {}, {}), on_change=heard.append)
    templates.create("a", subject="x").answer()
    templates.update("b", subject="x").answer()
    templates.delete("c").answer()
    assert heard == ["a", "b", "c"]


@CLIENTS
@COLOURS
def test_what_was_pulled_is_what_ses_has_and_pushes_nothing(ses: LocalSes, tmp_path: Path, name: str, do: Do) -> None:
    boto = judge(ses)
    boto.create_email_template(TemplateName="a", TemplateContent={**CONTENT, "Text": "é\r\n\n"})
    boto.create_email_template(TemplateName="b", TemplateContent={"Subject": "B", "Html": "b"})
    folder = tmp_path / "not" / "yet"
    there = client(ses, name)
    templates = tool(there)

    assert do(templates.pull(folder)) == ("a", "b")
    assert read(folder) == {
        "a.subject.txt": b"Hi {{name}}\n",
        "a.txt": "é\r\n\n".encode(),
        "a.html": b"<b>{{name}}</b>",
        "b.subject.txt": b"B\n",
        "b.html": b"b",
    }
    assert do(templates.push(folder)).unchanged == ("a", "b")
    there.close()


def test_a_part_that_ses_has_not_is_not_left_behind(ses: LocalSes, there: Client, tmp_path: Path) -> None:
    judge(ses).create_email_template(TemplateName="a", TemplateContent={"Subject": "A"})
    write(tmp_path, {"a.subject.txt": "old", "a.html": "old", "mine.html": "mine", ".a.subject.txt.part": "left"})
    tool(there).pull(tmp_path).answer()
    assert read(tmp_path) == {"a.subject.txt": b"A\n", "mine.html": b"mine"}


@pytest.mark.parametrize("name", ["../evil", "a/b", "/etc/passwd", "..", "a\x00", "C:evil", "é"])
def test_a_name_that_would_leave_the_folder_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    listed = {"TemplatesMetadata": [{"TemplateName": "good"}, {"TemplateName": name}]}
    told = Told(listed)
    with pytest.raises(TemplateError, match="no name that SES gives"):
        tool(told).pull(folder).answer()
    assert list(tmp_path.rglob("*")) == [folder]
    assert len(told.calls) == 1


def test_names_that_many_disks_take_for_one_are_refused(ses: LocalSes, there: Client, tmp_path: Path) -> None:
    for name in ("order", "Order"):
        judge(ses).create_email_template(TemplateName=name, TemplateContent={"Subject": "x"})
    with pytest.raises(TemplateError, match="case of letters"):
        tool(there).pull(tmp_path).answer()
    assert not read(tmp_path)


def test_an_answer_with_another_name_than_was_asked_for_writes_nothing_elsewhere(tmp_path: Path) -> None:
    told = Told(
        {"TemplatesMetadata": [{"TemplateName": "a"}]},
        {"TemplateName": "../evil", "TemplateContent": {"Subject": "x"}},
    )
    with pytest.raises(TemplateError, match="no name that SES gives"):
        tool(told).pull(tmp_path / "in").answer()
    assert not list(tmp_path.iterdir())


def test_a_link_is_replaced_and_not_followed(ses: LocalSes, there: Client, tmp_path: Path) -> None:
    judge(ses).create_email_template(TemplateName="a", TemplateContent={"Subject": "A"})
    folder, outside = tmp_path / "in", tmp_path / "outside"
    folder.mkdir()
    outside.write_text("mine")
    (folder / "a.subject.txt").symlink_to(outside)
    (folder / ".a.subject.txt.part").symlink_to(outside)
    tool(there).pull(folder).answer()
    assert outside.read_text() == "mine"
    assert read(folder) == {"a.subject.txt": b"A\n"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.html": "x"}, r"a\.subject\.txt is missing or empty"),
        ({"a.subject.txt": "", "a.html": "x"}, r"a\.subject\.txt is missing or empty"),
        ({"a.subject.txt": "one\ntwo"}, r"a\.subject\.txt: a subject has one line"),
        ({"a.subject.txt": b"\xff"}, r"a\.subject\.txt is not UTF-8 \(byte 0\)"),
        ({"a.subject.txt": "x", "a.html": "1\n{{#each}}"}, r"a\.html: line 2"),
        ({"a.subject.txt": "x", "A.subject.txt": "x"}, "case of letters"),
    ],
)
def test_what_is_wrong_in_a_folder_stops_a_push_before_anything_is_asked(
    tmp_path: Path, files: dict[str, str | bytes], said: str
) -> None:
    write(tmp_path, files)
    told = Told()
    with pytest.raises(TemplateError, match=said):
        tool(told).push(tmp_path).answer()
    assert not told.calls


def test_a_mark_of_utf8_at_the_beginning_is_no_text(tmp_path: Path) -> None:
    write(tmp_path, {"a.subject.txt": b"\xef\xbb\xbfA"})
    told = Told({}, {})
    tool(told).push(tmp_path).answer()
    assert told.calls[1].parameters == {"TemplateName": "a", "TemplateContent": {"Subject": "A"}}


def test_what_our_reader_does_not_know_is_pushed_on_request(tmp_path: Path) -> None:
    write(tmp_path, {"a.subject.txt": "{{upper name}}"})
    assert tool(Told({}, {})).push(tmp_path, check=False).answer().created == ("a",)
    assert tool(Told({})).diff(tmp_path).answer().added == ("a",)


@COLOURS
def test_a_folder_that_is_not_there_is_told(tmp_path: Path, do: Do) -> None:
    for make in (tool(Told()).push, tool(Told()).diff):
        with pytest.raises(SetupError, match="is no folder"):
            do(make(tmp_path / "nowhere"))


def test_the_difference_is_told_file_by_file_from_ses_to_the_folder(
    ses: LocalSes, there: Client, tmp_path: Path
) -> None:
    judge(ses).create_email_template(TemplateName="a", TemplateContent={"Subject": "A", "Text": "one\ntwo\n"})
    write(tmp_path, {"a.subject.txt": "A", "a.txt": "one\nTWO\n", "b.subject.txt": "B"})
    difference = tool(there).diff(tmp_path).answer()

    assert difference.texts == {
        "a.txt": "--- SES/a.txt\n+++ a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO",
        "b.subject.txt": "--- SES/b.subject.txt\n+++ b.subject.txt\n@@ -0,0 +1 @@\n+B",
    }
    write(tmp_path, {"a.txt": "one\ntwo"})
    assert tool(there).diff(tmp_path).answer().texts["a.txt"].endswith("-two\n+two\n\\ No newline at end of file")
    assert repr(difference) == "Difference(1 added, 1 changed, 0 gone, 0 same)"
    assert not difference.is_empty


def test_awaited_no_file_is_opened_in_the_loop(ses: LocalSes, tmp_path: Path) -> None:
    judge(ses).create_email_template(TemplateName="a", TemplateContent={"Subject": "A"})
    there = client(ses, "direct")

    async def main() -> list[str]:
        await tool(there).list().aanswer()  # imports what it needs
        with blocking_calls() as heard:
            await tool(there).pull(tmp_path).aanswer()
            await tool(there).push(tmp_path).aanswer()
        await there.aclose()
        return [call for call in heard if "connect" not in call]

    assert asyncio.run(main()) == []


# ── where it is had ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("api", ["v2", "v1"])
@CLIENTS
def test_a_transport_hands_it_out_for_both_apis(ses: LocalSes, name: Any, api: Any) -> None:
    keys = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
    there = SesTransport("us-east-1", client=name, api=api, credentials=keys, endpoint_url=ses.url)
    assert there.templates
    there.templates.create("a", subject="A").answer()
    assert [entry.name for entry in there.templates.list().answer()] == ["a"]
    there.close()


def test_a_client_of_yours_for_v1_has_none(ses: LocalSes) -> None:
    mine = boto3.client("ses", config=Config(retries={"total_max_attempts": 1}), **ses.client_options)
    assert SesTransport(api="v1", boto3_client=mine).templates is None


def test_no_text_is_printed_and_what_a_template_asks_for_is_told() -> None:
    kept = KeptTemplate("a", "Hi {{name}}", html="{{order.number}}")
    assert repr(kept) == "KeptTemplate('a', subject and html)"
    assert repr(KeptTemplate("a", "")) == "KeptTemplate('a', empty)"
    assert kept.variables == {"name", "order.number"}
    with pytest.raises(TemplateError, match=r"a\.txt: line 1"):
        _ = KeptTemplate("a", "x", "{{#if}}").variables
