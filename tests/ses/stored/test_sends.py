"""Mails of stored templates before the box: by both clients, in both colours, with boto3 to look at what SES has."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from sesmail import AsyncMailer, Mailer, Outcome, SesOptions
from sesmail.errors import (
    AccessDenied,
    NotFound,
    Rejected,
    SetupError,
    TemplateError,
    Unsupported,
)
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.mail.outgoing import SendResult, results_of
from sesmail.ses.credentials import Credentials
from sesmail.ses.stored.content import StoredRow
from sesmail.transports import SesTransport, TransportUrl
from tests.ses.stored.test_calls import outgoing

KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
CONTENT = {"Subject": "Hello {{name}}", "Text": "Week {{week}}: {{name}}", "Html": "<b>{{name}}</b>"}
Fields = dict[str, Any]
Send = Callable[..., SendResult]


def send(way: SesTransport, template: str = "news", **fields: Any) -> SendResult:
    with Mailer(way, sender="Shop <shop@example.com>") as mailer:
        return mailer.send_stored(template, **fields)


def asend(way: SesTransport, template: str = "news", **fields: Any) -> SendResult:
    async def main() -> SendResult:
        async with AsyncMailer(way, sender="Shop <shop@example.com>") as mailer:
            return await mailer.send_stored(template, **fields)

    return asyncio.run(main())


COLOURS = pytest.mark.parametrize("carry", [send, asend])
CLIENTS = pytest.mark.parametrize("client", ["boto3", "direct"])


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, rate=1000, quota=100_000) as ses:
        ses.identity("example.com").verify()
        judge(ses).create_email_template(TemplateName="news", TemplateContent=CONTENT)
        yield ses


def judge(ses: LocalSes) -> Any:
    return boto3.client("sesv2", **ses.client_options)


def way(ses: LocalSes, client: str = "direct", **settings: Any) -> SesTransport:
    options: dict[str, Any] = {"client": client, "credentials": KEYS, "endpoint_url": ses.url, **settings}
    return SesTransport("us-east-1", **options)


@CLIENTS
@COLOURS
def test_one_mail_is_what_ses_makes_of_the_template(ses: LocalSes, client: str, carry: Send) -> None:
    result = carry(way(ses, client), to="Ada Löwe <ada@example.org>", data={"name": "Ada", "week": 7})
    (mail,) = ses.sent

    assert not result.failed
    assert (result.message_id, mail.subject) == (mail.message_id, "Hello Ada")
    assert (mail.email.text, mail.email.html) == ("Week 7: Ada", "<b>Ada</b>")
    assert mail.email.to[0].name == "Ada Löwe"
    assert result.message_id_header == mail.email.message_id
    assert result.recipients[0].message_id == mail.message_id


@CLIENTS
@COLOURS
def test_the_mail_is_the_one_that_boto3_sends_itself(ses: LocalSes, client: str, carry: Send) -> None:
    carry(
        way(ses, client),
        to="ada@example.org",
        cc="bob@example.org",
        data={"name": "Adä", "week": [1, None]},
        reply_to="help@example.com",
        headers={"X-Kind": "news"},
        tags={"kind": "news"},
        unsubscribe="https://example.com/u",
    )
    judge(ses).send_email(
        FromEmailAddress="Shop <shop@example.com>",
        ReplyToAddresses=["help@example.com"],
        Destination={"ToAddresses": ["ada@example.org"], "CcAddresses": ["bob@example.org"]},
        EmailTags=[{"Name": "kind", "Value": "news"}],
        Content={
            "Template": {
                "TemplateName": "news",
                "TemplateData": '{"name": "Ad\\u00e4", "week": [1, null]}',
                "Headers": [
                    {"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"},
                    {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                    {"Name": "X-Kind", "Value": "news"},
                ],
            }
        },
    )
    ours, theirs = ses.sent

    assert alike(ours.raw) == alike(theirs.raw)
    assert ours.recipients == theirs.recipients
    assert ours.tags == theirs.tags


def alike(raw: bytes) -> bytes:
    """Without what SES draws anew for each mail."""
    for name in (rb"Message-ID", rb"Date", rb"Return-Path"):
        raw = re.sub(rb"(?m)^" + name + rb": .*\r\n", b"", raw)
    return re.sub(rb"={15}[0-9]+==", b"boundary", raw)


@CLIENTS
@COLOURS
def test_a_row_alone_and_one_of_a_bulk_are_the_same_mail(ses: LocalSes, client: str, carry: Send) -> None:
    fields: Fields = {"reply_to": "help@example.com", "headers": {"X-Kind": "all", "X-A": "é"}, "tags": {"a": "all"}}
    row = StoredRow(to="ada@example.org", cc="bob@example.org", data={"name": "Ada"}, headers={"X-Kind": "own"},
                    tags={"b": "own"})  # fmt: skip
    other = StoredRow(to="eve@example.org", data={"name": "Eve"})
    there = way(ses, client)
    for rows in ((row,), (row, other)):
        mail = outgoing(*rows, data={"week": 7}, **fields)
        there.send(mail) if carry is send else asyncio.run(there.asend(mail))
    there.close()
    alone, together, _ = ses.sent

    assert alike(alone.raw) == alike(together.raw)
    assert alone.tags == together.tags
    assert alone.recipients == together.recipients


@CLIENTS
@COLOURS
def test_a_variable_that_is_missing_is_raised_and_nothing_is_sent(ses: LocalSes, client: str, carry: Send) -> None:
    with pytest.raises(TemplateError) as caught:
        carry(way(ses, client), to="ada@example.org", data={"name": "Ada"})
    assert (caught.value.template, caught.value.variable) == ("news", "week")
    assert not ses.sent


@CLIENTS
@COLOURS
def test_of_a_bulk_those_go_whose_data_is_whole(ses: LocalSes, client: str, carry: Send) -> None:
    rows = [StoredRow(to=f"r{n}@example.org", data={"name": "x"} if n % 2 else {}) for n in range(6)]
    mail = outgoing(*rows, data={"week": 7})
    there = way(ses, client)
    result = there.send(mail) if carry is send else asyncio.run(there.asend(mail))
    there.close()

    assert [one.outcome is Outcome.SENT for one in result.recipients] == [False, True] * 3
    assert [type(one.error) for one in result.failed] == [TemplateError] * 3
    assert {one.outcome for one in result.failed} == {Outcome.NOT_SENT}
    assert [mail.recipients[0] for mail in ses.sent] == ["r1@example.org", "r3@example.org", "r5@example.org"]
    assert [one.message_id for one in result.recipients if one.message_id] == [mail.message_id for mail in ses.sent]


@CLIENTS
@COLOURS
def test_of_a_bulk_none_of_whose_rows_is_whole_each_has_its_own_error(ses: LocalSes, client: str, carry: Send) -> None:
    mail = outgoing(StoredRow(to="a@example.org", data={"week": 7}), StoredRow(to="b@example.org", data={"name": "B"}))
    there = way(ses, client)
    with pytest.raises(TemplateError) as caught:
        there.send(mail) if carry is send else asyncio.run(there.asend(mail))
    there.close()

    assert caught.value.variable == "name"
    errors = [one.error for one in results_of(caught.value)]
    assert [error.variable for error in errors if isinstance(error, TemplateError)] == ["name", "week"]
    assert not ses.sent


@CLIENTS
@COLOURS
def test_without_the_check_ses_answers_yes_and_delivers_nothing(ses: LocalSes, client: str, carry: Send) -> None:
    result = carry(way(ses, client, check_templates=False), to="ada@example.org", data={})

    assert not result.failed
    assert [event.kind for event in ses.events] == ["Rendering Failure"]


@CLIENTS
@COLOURS
def test_a_template_that_is_not_there_is_not_found(ses: LocalSes, client: str, carry: Send) -> None:
    for checks in (True, False):
        with pytest.raises(NotFound, match="there is no template other"):
            carry(way(ses, client, check_templates=checks), template="other", to="ada@example.org")


@CLIENTS
@COLOURS
def test_who_may_send_and_not_look_hears_both_cures(ses: LocalSes, client: str, carry: Send) -> None:
    actions = ["ses:SendEmail", "ses:SendTemplatedEmail"]
    ses.allow({"Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}})
    with pytest.raises(AccessDenied, match=r"ses:GetEmailTemplate.*check_templates=no"):
        carry(way(ses, client), to="ada@example.org", data={"name": "Ada", "week": 7})
    assert not ses.sent
    carry(way(ses, client, check_templates=False), to="ada@example.org", data={"name": "Ada", "week": 7})
    assert len(ses.sent) == 1


@CLIENTS
@COLOURS
def test_ses_own_no_is_raised_as_ever(ses: LocalSes, client: str, carry: Send) -> None:
    with pytest.raises(Rejected):
        carry(way(ses, client), to="ada@example.org", sender="shop@other.example", data={"name": "Ada", "week": 7})


def test_a_template_is_looked_at_once_and_not_for_each_mail() -> None:
    heard: list[str] = []
    with LocalSes(
        sandbox=False, rate=1000, on_call=lambda call, _: heard.append(call.operation if call else "")
    ) as ses:
        ses.identity("example.com").verify()
        judge(ses).create_email_template(TemplateName="news", TemplateContent=CONTENT)
        with Mailer(way(ses), sender="shop@example.com") as mailer:
            for _ in range(5):
                mailer.send_stored("news", to="ada@example.org", data={"name": "Ada", "week": 7})
    assert heard == ["CreateEmailTemplate", "GetEmailTemplate", *["SendEmail"] * 5]


def test_many_threads_at_once_ask_once_where_ses_takes_one_question_a_second() -> None:
    with LocalSes(sandbox=False, rate=1000, control_rate=1) as ses:
        ses.identity("example.com").verify()
        judge(ses).create_email_template(TemplateName="news", TemplateContent=CONTENT)
        with Mailer(way(ses), sender="shop@example.com") as mailer:
            threads = [
                threading.Thread(
                    target=mailer.send_stored,
                    args=("news",),
                    kwargs={"to": f"r{n}@example.org", "data": {"name": "x", "week": n}},
                )
                for n in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
        assert len(ses.sent) == 8


def test_a_template_that_was_mended_by_the_tool_is_known_at_once(ses: LocalSes) -> None:
    there = way(ses)
    assert there.templates
    with Mailer(there, sender="shop@example.com") as mailer:
        mailer.send_stored("news", to="ada@example.org", data={"name": "Ada", "week": 7})
        there.templates.update("news", subject="{{other}}").answer()
        with pytest.raises(TemplateError, match="'other'"):
            mailer.send_stored("news", to="ada@example.org", data={"name": "Ada", "week": 7})
        there.templates.delete("news").answer()
        with pytest.raises(NotFound):
            mailer.send_stored("news", to="ada@example.org", data={"other": "x"})


def test_a_contact_list_has_its_link(ses: LocalSes) -> None:
    here = judge(ses)
    here.create_contact_list(ContactListName="readers")
    here.create_email_template(
        TemplateName="list", TemplateContent={"Subject": "Hi", "Text": "{{amazonSESUnsubscribeUrl}}"}
    )
    with Mailer(way(ses), sender="shop@example.com") as mailer:
        mailer.send_stored("list", to="ada@example.org", ses=SesOptions(contact_list="readers"))
        assert "https://" in (ses.sent[-1].email.text or "") or "http://" in (ses.sent[-1].email.text or "")
        rows = [{"to": f"r{n}@example.org"} for n in range(3)]
        report = mailer.send_stored_many("list", rows, ses=SesOptions(contact_list="readers"))  # type: ignore[arg-type]
    assert report.sent == 3


@CLIENTS
def test_api_v1_says_who_does_it(ses: LocalSes, client: str) -> None:
    there = way(ses, client, api="v1")
    for colour in (there.send, lambda mail: asyncio.run(there.asend(mail))):
        with pytest.raises(Unsupported, match="ses:// in place of ses\\+v1://") as caught:
            colour(outgoing(StoredRow(to="ada@example.org")))
        assert caught.value.instead == ("API v2",)
    assert there.limits.stored_templates == 0
    with Mailer(there, sender="shop@example.com") as mailer, pytest.raises(Unsupported, match="ses://"):
        mailer.send_stored("news", to="ada@example.org")


def test_the_check_is_said_in_a_url() -> None:
    url = "ses://AKIA:secret@eu-west-1?client=direct&check_templates=no"
    made = SesTransport.from_url(TransportUrl.parse(url))
    assert made.notation == "ses://eu-west-1?client=direct&check_templates=no"
    assert made.limits.stored_templates == 50
    with pytest.raises(SetupError, match="API v2 only"):
        SesTransport.from_url(TransportUrl.parse(url.replace("ses:", "ses+v1:")))


@COLOURS
def test_a_throttle_of_the_look_is_waited_for(ses: LocalSes, carry: Send) -> None:
    ses.chaos.throttle(on="GetEmailTemplate")
    carry(way(ses), to="ada@example.org", data={"name": "Ada", "week": 7})
    assert len(ses.sent) == 1


def test_threads_that_are_the_first_share_what_they_know() -> None:
    code = """
import threading, time
from sesmail import Mailer
from sesmail.ses.call import Reply
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesTransport

asked = []

class Slow:
    region = "eu-west-1"

    def admit(self, awaited):
        pass

    def call(self, call):
        if call.operation == "SendEmail":
            return Reply({"MessageId": "1"}, "")
        asked.append(call)
        time.sleep(0.2)
        return Reply({}, "")

way = SesTransport("eu-west-1", credentials=Credentials(access_key="AKIA", secret_key="any"))
way._client = Slow()
mailer = Mailer(way, sender="shop@example.com")
together = threading.Barrier(8)

def send():
    together.wait()
    mailer.send_stored("news", to="ada@example.org")

threads = [threading.Thread(target=send) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(asked))
"""  # in a process of its own, where the first send is what imports most of it
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "1\n"
