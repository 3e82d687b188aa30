"""Stored templates by both mailers: one, and many in bulks, with a report for each row."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import AsyncMailer, Email, Limits, Mailer, Outcome, Outgoing, SendResult, SesOptions
from sesmail.errors import (
    InvalidAddress,
    MailError,
    Rejected,
    SetupError,
    Throttled,
    TooLarge,
    UnknownOption,
    Unsupported,
    Withheld,
)
from sesmail.mail.outgoing import RecipientResult
from sesmail.mailer.reports import MailReport, ManyReport
from sesmail.policies.drop import Drop
from sesmail.policies.redirect import Redirect
from sesmail.policies.split import Split
from sesmail.ses.stored.content import LARGEST_DATA, StoredRow, StoredTemplate
from sesmail.testing import capture
from sesmail.transports import ConsoleTransport, FileTransport, MemoryTransport, NullTransport, SesTransport
from sesmail.transports.base import LocalTransport
from sesmail.transports.limits import NONE, SES, SES_API
from tests.policies.stepping import partly

Rows = Iterable[Any]


def memory(**limits: Any) -> MemoryTransport:
    return MemoryTransport(limits=replace(SES_API, **limits))


def stored(mail: Outgoing) -> StoredTemplate:
    assert isinstance(mail.content, StoredTemplate)
    return mail.content


def one(way: Any, name: str = "news", **fields: Any) -> SendResult:
    before = fields.pop("before", ())
    return Mailer(way, sender="shop@example.com", before=before).send_stored(name, **fields)


def aone(way: Any, name: str = "news", **fields: Any) -> SendResult:
    before = fields.pop("before", ())

    async def main() -> SendResult:
        return await AsyncMailer(way, sender="shop@example.com", before=before).send_stored(name, **fields)

    return asyncio.run(main())


def many(way: Any, rows: Rows, **fields: Any) -> tuple[ManyReport, list[MailReport]]:
    reports: list[MailReport] = []
    before = fields.pop("before", ())
    mailer = Mailer(way, sender="shop@example.com", before=before)
    return mailer.send_stored_many("news", rows, on_result=reports.append, **fields), reports


def amany(way: Any, rows: Rows, **fields: Any) -> tuple[ManyReport, list[MailReport]]:
    reports: list[MailReport] = []
    before = fields.pop("before", ())

    async def heard(report: MailReport) -> None:
        reports.append(report)

    async def source() -> AsyncIterator[Any]:
        for row in rows:
            yield row

    async def main() -> ManyReport:
        mailer = AsyncMailer(way, sender="shop@example.com", before=before)
        return await mailer.send_stored_many("news", source(), on_result=heard, **fields)

    return asyncio.run(main()), reports


def amany_of_plain(way: Any, rows: Rows, **fields: Any) -> tuple[ManyReport, list[MailReport]]:
    reports: list[MailReport] = []

    async def main() -> ManyReport:
        mailer = AsyncMailer(way, sender="shop@example.com", before=fields.pop("before", ()))
        return await mailer.send_stored_many("news", rows, on_result=reports.append, **fields)

    return asyncio.run(main()), reports


ONE = pytest.mark.parametrize("send", [one, aone])
MANY = pytest.mark.parametrize("send_many", [many, amany, amany_of_plain])
SendMany = Callable[..., tuple[ManyReport, list[MailReport]]]
Send = Callable[..., SendResult]


def readers(count: int) -> Iterator[Any]:
    return ({"to": f"r{number}@example.org", "data": {"n": number}} for number in range(count))


# ── one ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@ONE
def test_defaults_of_the_mailer_and_fields_of_the_call_hold(send: Send) -> None:
    way = memory()
    send(way, to="ada@example.org", bcc="bob@example.org", data={"a": 1}, tags={"kind": "x"}, reply_to="h@example.com")
    (mail,) = way.sent

    assert mail.email.sender
    assert mail.email.sender.email == "shop@example.com"
    assert (dict(mail.email.tags), mail.email.reply_to[0].email) == ({"kind": "x"}, "h@example.com")
    assert [address.email for address in mail.envelope.recipients] == ["ada@example.org", "bob@example.org"]
    assert stored(mail).name == "news"
    assert stored(mail).rows == (StoredRow(to="ada@example.org", bcc="bob@example.org", data={"a": 1}),)


@ONE
@pytest.mark.parametrize(
    "fields",
    [{"subject": "x"}, {"text": "x"}, {"html": "x"}, {"attachments": {"a.txt": "x"}}, {"message_id": "<a@b.example>"}],
)
def test_what_the_template_says_is_refused_by_name(send: Send, fields: dict[str, Any]) -> None:
    with pytest.raises(Unsupported) as caught:
        send(memory(), to="ada@example.org", **fields)
    assert caught.value.field == next(iter(fields))


@ONE
def test_a_hook_sees_the_mail_and_may_change_it_but_gives_it_no_body(send: Send) -> None:
    way = memory()
    send(way, to="ada@example.org", before=lambda mail: mail.replace(to="dev@example.com", tags={"a": "b"}))
    assert way.sent[0].email.tags == {"a": "b"}
    assert stored(way.sent[0]).rows[0].to[0].email == "dev@example.com"
    with pytest.raises(Unsupported, match="text"):
        send(way, to="ada@example.org", before=lambda mail: mail.replace(text="x"))
    assert len(way.sent) == 1


@ONE
def test_without_a_recipient_or_a_sender_it_is_refused_as_ever(send: Send) -> None:
    with pytest.raises(MailError, match="no recipient"):
        send(memory())
    with pytest.raises(MailError, match="no sender"):
        Mailer(memory()).send_stored("news", to="ada@example.org")


def test_after_hooks_hear_of_it() -> None:
    heard: list[SendResult] = []
    Mailer(memory(), sender="shop@example.com", after=heard.append).send_stored("news", to="ada@example.org")
    assert len(heard) == 1


WAYS: list[Any] = [
    MemoryTransport,
    NullTransport,
    ConsoleTransport,
    lambda: MemoryTransport(limits=NONE),
    lambda: SesTransport("eu-west-1", api="v1"),
    lambda: Redirect(MemoryTransport(), "dev@example.com"),
    "smtp://127.0.0.1:1",
    "ses+smtp://AKIAIOSFODNN7EXAMPLE:secret@eu-west-1",
    "failover(ses://AKIA:secret@eu-west-1 smtp://127.0.0.1:1)",
]


@pytest.mark.parametrize("make", WAYS, ids=lambda way: way if isinstance(way, str) else getattr(way, "__name__", ""))
@ONE
def test_every_other_way_says_that_it_cannot_before_anything_is_tried(send: Send, make: Any) -> None:
    way = make if isinstance(make, str) else make()
    with pytest.raises(Unsupported) as caught:
        send(way, to="ada@example.org")
    assert (caught.value.feature, caught.value.instead) == ("stored templates", ("SES API v2 (ses://)",))
    with pytest.raises(Unsupported):
        many(way, [])


@pytest.mark.parametrize("limits", [SES, NONE, SES_API])
def test_a_way_that_is_called_by_hand_says_so_too(tmp_path: Any, limits: Limits, capsys: Any) -> None:
    with capture() as mailbox:
        Mailer(memory(), sender="shop@example.com").send_stored("news", to="ada@example.org")
    mail = mailbox.last.outgoing
    ways: list[Any] = [FileTransport(tmp_path / "mails", limits=limits)]
    if not limits.stored_templates:
        ways += [kind(limits=limits) for kind in (ConsoleTransport, NullTransport, MemoryTransport)]
    for way in ways:
        with pytest.raises(Unsupported, match="SES"):
            way.send(mail)
    assert not list((tmp_path / "mails").glob("*"))
    assert capsys.readouterr().out == ""


def test_a_console_that_is_told_to_take_them_shows_which_template_it_is(capsys: Any) -> None:
    with Mailer("console://?full=yes&limits=api", sender="shop@example.com") as mailer:
        mailer.send_stored("news", to="ada@example.org", data={"name": "Ada"})
    assert "Template: news" in capsys.readouterr().out


def test_more_rows_than_a_call_takes_are_refused() -> None:
    way = memory(stored_templates=2)
    mailer = Mailer(way, sender="shop@example.com")
    content = StoredTemplate("news", tuple([StoredRow.parse(row) for row in readers(3)]))
    mail = Email(sender="a@example.com", to=[f"r{n}@example.org" for n in range(3)])
    with pytest.raises(Unsupported, match="3 rows of a stored template in one call, and at most 2") as caught:
        mailer._composer.stored(mail, content)
    assert caught.value.instead == ("send_stored_many",)


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@MANY
@pytest.mark.parametrize("concurrency", [1, 4])
def test_rows_go_fifty_in_a_call_and_each_has_a_report(send_many: SendMany, concurrency: int) -> None:
    way = memory()
    report, reports = send_many(way, readers(120), data={"week": 7}, concurrency=concurrency)

    assert (report.mails, report.sent, report.failed) == (120, 120, 0)
    assert sorted(one.index for one in reports) == list(range(120))
    assert sorted(len(stored(mail).rows) for mail in way.sent) == [20, 50, 50]
    by_index = {one.index: one for one in reports}
    assert by_index[77].mail == {"to": "r77@example.org", "data": {"n": 77}}
    assert list(by_index[77].result.by_recipient) == ["r77@example.org"]  # type: ignore[union-attr]
    texts = [text for mail in way.sent for text in stored(mail).texts]
    assert '{"week": 7, "n": 77}' in texts


@MANY
def test_what_is_wrong_with_a_row_is_its_own_report(send_many: SendMany) -> None:
    bad = [{"to": "nobody"}, {"data": {}}, {"to": "a@example.org", "data": {"x": "y" * LARGEST_DATA}}]
    rows = [*readers(2), *bad, {"to": "z@example.org"}]
    report, reports = send_many(memory(), rows)

    assert [one.index for one in reports] == list(range(6))
    assert [type(one.error) for one in reports] == [
        *[type(None)] * 2,
        InvalidAddress,
        MailError,
        TooLarge,
        type(None),
    ]
    assert (report.sent, report.failed) == (3, 3)
    assert report.failures[0].index == 2


@MANY
def test_rows_of_which_none_can_be_read_are_told_in_bounded_memory(send_many: SendMany) -> None:
    way = memory()
    report, _ = send_many(way, ({"to": "nobody"} for _ in range(120)))
    assert (report.mails, report.failed, way.sent) == (120, 120, ())


@MANY
def test_who_comes_again_is_in_the_next_call(send_many: SendMany) -> None:
    way = memory()
    report, _ = send_many(way, [{"to": "ada@example.org"}, {"to": "bob@example.org"}, {"to": "Ada <ada@EXAMPLE.org>"}])
    assert report.sent == 3
    assert [len(stored(mail).rows) for mail in way.sent] == [2, 1]


@MANY
def test_recipients_are_counted_and_not_rows(send_many: SendMany) -> None:
    way = memory(max_recipients=5)
    rows = [{"to": [f"a{n}@example.org", f"b{n}@example.org"]} for n in range(5)]
    send_many(way, rows)
    assert [len(mail.envelope.recipients) for mail in way.sent] == [4, 4, 2]


@MANY
@pytest.mark.parametrize(("fields", "calls"), [({}, 1), ({"most_rows": 2}, 3), ({"most_rows": 1000}, 1)])
def test_a_call_may_be_smaller(send_many: SendMany, fields: dict[str, Any], calls: int) -> None:
    way = memory()
    send_many(way, readers(5), **fields)
    assert len(way.sent) == calls


@MANY
def test_with_a_contact_list_each_row_is_a_call(send_many: SendMany) -> None:
    way = memory()
    assert send_many(way, readers(3), ses=SesOptions(contact_list="all"))[0].sent == 3
    assert len(way.sent) == 3


@MANY
def test_behind_a_redirect_each_row_is_a_call_and_its_report_is_of_who_got_it(send_many: SendMany) -> None:
    way = memory()
    _, reports = send_many(Redirect(way, "dev@example.com"), readers(3))
    assert [mail.envelope.to[0].email for mail in way.sent] == ["dev@example.com"] * 3
    assert [list(one.result.by_recipient) for one in reports] == [["dev@example.com"]] * 3  # type: ignore[union-attr]
    assert way.sent[0].content.added_headers == (("X-Original-To", "r0@example.org"),)


@MANY
def test_with_split_and_no_limit_a_call_has_fifty(send_many: SendMany) -> None:
    way = memory()
    send_many(Split(way), readers(70))
    assert [len(mail.envelope.recipients) for mail in way.sent] == [50, 20]
    way.clear()
    assert send_many(Split(way, each=True), readers(3))[0].sent == 3
    assert [len(mail.envelope.recipients) for mail in way.sent] == [1, 1, 1]


@MANY
def test_drop_withholds_and_raises_nothing(send_many: SendMany) -> None:
    report, reports = send_many(Drop(memory()), readers(3))
    assert (report.sent, report.failed) == (0, 3)
    assert report.recipients == {"withheld": 3}
    assert all(one.result for one in reports)


@MANY
def test_who_failed_in_a_call_that_reached_others_has_the_error_of_its_own(send_many: SendMany) -> None:
    way = Answering(partly(r1=Rejected("no"), x=Throttled("slow")))
    rows = [*readers(3), {"to": ["r9@example.org", "x@example.org"]}, {"to": ["r1@example.com", "x@example.com"]}]
    report, reports = send_many(way, rows)

    assert [type(one.error).__name__ for one in reports] == [
        "NoneType",
        "Rejected",
        "NoneType",
        "NoneType",
        "SendError",
    ]
    assert (report.sent, report.partly, report.failed) == (2, 1, 2)
    assert reports[3].result
    assert [one.outcome for one in reports[3].result.recipients] == [Outcome.SENT, Outcome.NOT_SENT]


@MANY
def test_a_call_that_reached_nobody_tells_each_row_its_own_reason(send_many: SendMany) -> None:
    def nobody(outgoing: Outgoing) -> SendResult:
        result = partly(r0=Rejected("no"), r1=Throttled("slow"))(outgoing)
        result.raise_if_any_failed()
        return result

    _, reports = send_many(Answering(nobody), readers(2))
    assert [type(one.error) for one in reports] == [Rejected, Throttled]
    _, reports = send_many(Answering(Throttled("slow")), readers(2))
    assert [type(one.error) for one in reports] == [Throttled, Throttled]
    _, reports = send_many(Answering(nobody), readers(2), most_rows=1)
    assert [type(one.error) for one in reports] == [Rejected, Throttled]


class Answering(LocalTransport):
    """Answers every mail as it was told."""

    name = "answering"

    def __init__(self, answer: Any) -> None:
        super().__init__(limits=SES_API)
        self._answer = answer

    def send(self, outgoing: Outgoing) -> SendResult:
        if isinstance(self._answer, Exception):
            raise self._answer
        result: SendResult = self._answer(outgoing)
        return result


@MANY
def test_each_row_has_the_id_of_its_own_mail(send_many: SendMany) -> None:
    def answer(outgoing: Outgoing) -> SendResult:
        everybody = [
            RecipientResult(address, Outcome.SENT, message_id="" if "r2" in address.email else f"id-{address.email}")
            for address in outgoing.envelope.recipients
        ]
        return SendResult(tuple(everybody), message_id="id-r0@example.org", message_id_header="<id-r0@example.org@x>")

    _, reports = send_many(Answering(answer), readers(3))
    results = [one.result for one in reports if one.result]
    assert [result.message_id for result in results] == ["id-r0@example.org", "id-r1@example.org", ""]
    assert [result.message_id_header for result in results] == ["<id-r0@example.org@x>", "<id-r1@example.org@x>", ""]


@MANY
def test_a_hook_sees_each_call_with_everybody_in_it(send_many: SendMany) -> None:
    way = memory()
    seen: list[Email] = []

    def hook(mail: Email) -> Email:
        seen.append(mail)
        if len(mail.to) == 1:
            raise Withheld("not alone")
        return mail.replace(tags={"seen": "yes"})

    report, reports = send_many(way, readers(3), most_rows=2, before=hook)
    assert [len(mail.to) for mail in seen] == [2, 1]
    assert way.sent[0].email.tags == {"seen": "yes"}
    assert (report.sent, report.failed) == (2, 1)
    assert isinstance(reports[2].error, Withheld)


@MANY
def test_a_hook_that_changes_people_can_do_so_for_one_row(send_many: SendMany) -> None:
    way = memory()
    to_dev = lambda mail: mail.replace(to="dev@example.com")  # noqa: E731
    report, reports = send_many(way, readers(2), before=to_dev)
    assert [type(one.error) for one in reports] == [Unsupported] * 2
    assert report.failed == 2
    row = StoredRow(to="ada@example.org", data={"a": 1}, tags={"a": "b"}, headers={"X-A": "b"})
    _, reports = send_many(way, [row, *readers(1)], before=to_dev, most_rows=1)
    assert stored(way.sent[0]).rows[0].to[0].email == "dev@example.com"
    assert stored(way.sent[0]).rows[0].data == {"a": 1}
    assert [list(one.result.by_recipient) for one in reports] == [["dev@example.com"]] * 2  # type: ignore[union-attr]


@MANY
@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_source_that_breaks_is_raised_after_what_it_gave_has_gone(send_many: SendMany, concurrency: int) -> None:
    def source() -> Iterator[dict[str, Any]]:
        yield from readers(3)
        raise OSError("the file ends")

    way = memory()
    with pytest.raises(OSError, match="the file ends") as caught:
        send_many(way, source(), concurrency=concurrency)
    assert len(stored(way.sent[0]).rows) == 3
    assert "3 mails (3 sent)" in caught.value.__notes__[0]


@MANY
def test_a_source_that_breaks_at_once_is_raised(send_many: SendMany) -> None:
    class Source:
        def __iter__(self) -> Iterator[Any]:
            raise OSError("no file")

    with pytest.raises(OSError, match="no file"):
        send_many(memory(), Source())


@MANY
def test_a_source_without_rows_is_well(send_many: SendMany) -> None:
    assert send_many(memory(), [])[0].mails == 0


@MANY
def test_what_is_wrong_for_all_is_said_before_a_row_is_read(send_many: SendMany) -> None:
    class Unread:
        def __iter__(self) -> Iterator[Any]:
            raise AssertionError("nobody reads this")

    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"to": "ada@example.org"}, SetupError),
        ({"subject": "x"}, Unsupported),
        ({"most_rows": 0}, SetupError),
        ({"concurrency": 0}, SetupError),
        ({"data": {"a": object()}}, MailError),
    ]
    for fields, kind in wrong:
        with pytest.raises(kind):
            send_many(memory(), Unread(), **fields)


@MANY
def test_an_option_of_a_row_that_nobody_knows_ends_the_run(send_many: SendMany) -> None:
    way = memory()
    with pytest.raises(UnknownOption, match="did you mean 'data'"):
        send_many(way, [*readers(1), {"to": "a@example.org", "dta": {}}])
    assert len(way.sent) == 1


@MANY
def test_a_set_up_that_is_wrong_for_all_ends_the_run(send_many: SendMany) -> None:
    with pytest.raises(SetupError):
        send_many(Answering(SetupError("wrong")), readers(200))


def test_rows_are_read_as_they_are_sent() -> None:
    read: list[int] = []

    def source() -> Iterator[Any]:
        for row in readers(1000):
            read.append(1)
            yield row

    at: list[int] = []
    Mailer(memory(), sender="shop@example.com").send_stored_many(
        "news", source(), on_result=lambda _: at.append(len(read))
    )
    assert at[0] == 51
    assert at[-1] == 1000


def test_a_cancelled_run_is_cancelled() -> None:
    async def main() -> None:
        way = memory()
        way.slow_down(60)
        mailer = AsyncMailer(way, sender="shop@example.com")
        task = asyncio.ensure_future(mailer.send_stored_many("news", list(readers(3))))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


@given(
    rows=st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4), max_size=12),
    most_rows=st.integers(1, 6),
    most_people=st.integers(4, 6),
)
def test_any_rows_are_all_sent_in_order_within_the_limits(
    rows: list[list[str]], most_rows: int, most_people: int
) -> None:
    way = memory(max_recipients=most_people)
    given_rows = [{"to": [f"{name}@example.org" for name in names]} for names in rows]
    report, reports = many(way, given_rows, most_rows=most_rows)

    assert report.sent == len(rows)
    assert [one.index for one in reports] == list(range(len(rows)))
    sent = [row for mail in way.sent for row in stored(mail).rows]
    assert [[address.email for address in row.recipients] for row in sent] == [
        list(dict.fromkeys(row["to"])) for row in given_rows
    ]
    for mail in way.sent:
        assert len(stored(mail).rows) <= most_rows
        assert len(mail.envelope.recipients) <= most_people


# ── what tests of users see ──────────────────────────────────────────────────────────────────────────────────────


def test_a_mailbox_catches_them_where_the_real_way_takes_them() -> None:
    mailer = Mailer("ses://AKIA:secret@eu-west-1?client=direct", sender="shop@example.com")
    with capture() as mailbox:
        mailer.send_stored("welcome", to="ada@example.org", data={"name": "Ada"})
        mailer.send_stored_many("news", readers(2))
    mail = mailbox.assert_one(stored="welcome", to="ada@example.org")

    assert mail.stored
    assert mail.stored.rows[0].data == {"name": "Ada"}
    assert len(mailbox.assert_one(stored="news").recipients) == 2
    with pytest.raises(AssertionError, match=r"StoredTemplate\('welcome', 1 rows\)"):
        mailbox.assert_sent(stored="goodbye")
    with pytest.raises(AssertionError, match="compare its rows"):
        mail.assert_matches("welcome.eml")
    with pytest.raises(Unsupported):
        _ = mail.bytes


def test_a_mailbox_does_not_hide_that_the_real_way_takes_none() -> None:
    mailer = Mailer("smtp://127.0.0.1:1", sender="shop@example.com")
    with capture() as mailbox, pytest.raises(Unsupported):
        mailer.send_stored("welcome", to="ada@example.org")
    mailbox.assert_nothing_sent()
    with capture() as mailbox:
        Mailer("null://").send(sender="a@example.com", to="b@example.com", text="x")
    assert mailbox.last.stored is None


def test_both_mailers_take_the_same() -> None:
    for name in ("send_stored", "send_stored_many"):
        ours, theirs = (inspect.signature(getattr(kind, name)).parameters for kind in (Mailer, AsyncMailer))
        assert list(ours) == list(theirs)
        assert [one.default for one in ours.values()] == [one.default for one in theirs.values()]


def test_limits_of_several_ways_are_the_strictest() -> None:
    assert SES_API.strictest(SES).stored_templates == 0
    assert SES.strictest(SES) == SES
    assert SES_API.strictest(Limits(stored_templates=7)).stored_templates == 7


@MANY
def test_rows_that_fit_alone_and_not_together_go_in_several_calls(send_many: SendMany) -> None:
    rows = [{"to": f"r{number}@example.org", "data": {"x": "é" * 100}} for number in range(10)]
    way = memory(max_size=700)  # three of them
    report, _ = send_many(way, rows)
    assert (report.sent, report.failed) == (10, 0)
    assert [len(stored(mail).rows) for mail in way.sent] == [3, 3, 3, 1]
    assert max(mail.content.size for mail in way.sent) <= 700
    report, _ = send_many(memory(max_size=None), rows)
    assert report.mails == 10
    report, _ = send_many(memory(max_size=100), rows[:2])
    assert report.errors == {"TooLarge": 2}
