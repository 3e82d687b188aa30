"""Stored templates through every policy, before the box: each of them sees whom a call is for, and how it ended."""

from __future__ import annotations

import asyncio
import gc
import pickle
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from sesmail import Address, AsyncMailer, Envelope, Mailer, Outcome, Outgoing
from sesmail.errors import (
    AllFailed,
    ConnectionLost,
    NotFound,
    QuotaExceeded,
    Rejected,
    RejectedUnverified,
    SendError,
    SesmailError,
    Suppressed,
    TemplateError,
    Throttled,
    TimedOut,
    Unavailable,
    Unsupported,
    UnverifiedRecipients,
    Withheld,
)
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.mail.outgoing import SendResult, results_of
from sesmail.mailer.reports import ManyReport
from sesmail.policies.allow import Allow
from sesmail.policies.attempt import Attempt
from sesmail.policies.budget import Budget
from sesmail.policies.failover import Failover
from sesmail.policies.observe import Observe
from sesmail.policies.rate.rate_limit import RateLimit
from sesmail.policies.redirect import Redirect
from sesmail.policies.retry import Retry
from sesmail.policies.sandbox.guard import SandboxGuard
from sesmail.policies.split import Split
from sesmail.policies.suppression import Suppression
from sesmail.ses.call import ApiFault, Call, Reply
from sesmail.ses.credentials import Credentials
from sesmail.ses.stored.content import StoredRow
from sesmail.ses.stored.errand import arun, run
from sesmail.ses.stored.sends import StoredSends
from sesmail.transports import SesTransport
from sesmail.transports.base import BaseTransport, Transport
from sesmail.transports.limits import SES_API
from tests.policies.stepping import Scripted, StillClock, partly
from tests.ses.asking import Told
from tests.ses.stored.test_calls import outgoing

KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
Carry = Callable[[Transport, Any], SendResult]


def now(way: Transport, mail: Any) -> SendResult:
    try:
        return way.send(mail)
    finally:
        way.close()


def awaited(way: Transport, mail: Any) -> SendResult:
    async def main() -> SendResult:
        try:
            return await way.asend(mail)
        finally:
            await way.aclose()

    return asyncio.run(main())


COLOURS = pytest.mark.parametrize("carry", [now, awaited])


def box(**settings: Any) -> LocalSes:
    ses = LocalSes(**{"sandbox": False, "rate": 10_000, "quota": 100_000, **settings})
    ses.identity("example.com").verify()
    return ses


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with box() as ses:
        keep(ses)
        yield ses


def keep(ses: LocalSes, name: str = "news") -> None:
    content = {"Subject": "Hi {{name}}", "Text": "Hello {{name}}"}
    boto3.client("sesv2", **ses.client_options).create_email_template(TemplateName=name, TemplateContent=content)


def way(ses: LocalSes, client: str = "direct", **settings: Any) -> SesTransport:
    options: dict[str, Any] = {"client": client, "credentials": KEYS, "endpoint_url": ses.url, **settings}
    return SesTransport("us-east-1", **options)


def rows(count: int, **fields: Any) -> list[StoredRow]:
    return [StoredRow(to=f"r{number}@example.org", data={"name": f"N{number}"}, **fields) for number in range(count)]


def patient(inner: Transport, clock: Any = None, **settings: Any) -> Retry:
    clock = clock or StillClock()
    return Retry(inner, clock=clock, budget=Budget(capacity=100, clock=clock), **{"within_s": 1000.0, **settings})


def copies(ses: LocalSes) -> Counter[str]:
    return Counter(address for mail in ses.sent for address in mail.recipients)


def all_failed(**errors: SesmailError) -> Callable[[Any], SendResult]:
    """Raise what these local parts have, one error for all."""

    def raised(mail: Any) -> SendResult:
        result = partly(**errors)(mail)
        result.raise_if_any_failed()
        return result

    return raised


def to(name: str) -> StoredRow:
    return StoredRow(to=f"{name}@example.org")


# ── retry ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("awaits", [False, True])
@pytest.mark.parametrize("client", ["boto3", "direct"])
def test_by_url_a_retry_repeats_those_who_were_throttled_and_nobody_gets_two(awaits: bool, client: str) -> None:
    with box(rate=20) as ses:
        keep(ses)
        url = (
            f"ses://{DEFAULT_KEY}:{quote(DEFAULT_SECRET, safe='')}@us-east-1?client={client}&endpoint_url={ses.url}"
            "&retry=5&retry_within_s=30"
        )
        attempts: list[Attempt] = []
        given: Any = ({"to": row.to, "data": row.data} for row in rows(30))

        async def main() -> ManyReport:
            async with AsyncMailer(url, sender="shop@example.com", on_attempt=attempts.append) as mailer:
                return await mailer.send_stored_many("news", given)

        if awaits:
            report = asyncio.run(main())
        else:
            with Mailer(url, sender="shop@example.com", on_attempt=attempts.append) as mailer:
                report = mailer.send_stored_many("news", given)

        assert report.sent == 30
        assert copies(ses) == dict.fromkeys([f"r{number}@example.org" for number in range(30)], 1)
        asked = [attempt.recipients for attempt in attempts]
        sent = [attempt.outcomes.get("sent", 0) for attempt in attempts]
        assert len(asked) > 1
        assert asked == [30 - sum(sent[:number]) for number in range(len(sent))]
        by_id = {mail.message_id: mail.recipients for mail in ses.sent}
        assert len(by_id) == 30


@COLOURS
def test_each_has_its_own_id_also_after_a_retry(ses: LocalSes, carry: Carry) -> None:
    inner = Observe(way(ses), lambda _: None)
    first = partly(r1=Throttled("slow"))

    class Once(Scripted):
        def send(self, mail: Any) -> SendResult:
            return super().send(mail) if not self.seen else inner.send(mail)

    result = carry(patient(Once(first)), outgoing(*rows(3)))
    (mail,) = ses.sent
    assert mail.recipients == ("r1@example.org",)
    assert result.by_recipient["r1@example.org"].message_id == mail.message_id
    assert not result.failed
    inner.close()


@COLOURS
def test_the_quota_of_a_day_is_not_waited_for_and_those_before_it_went(carry: Carry) -> None:
    with box(quota=4) as ses:
        keep(ses)
        clock = StillClock()
        result = carry(patient(way(ses), clock), outgoing(*rows(6)))
        assert [one.outcome for one in result.recipients] == [Outcome.SENT] * 4 + [Outcome.NOT_SENT] * 2
        assert {type(one.error) for one in result.failed} == {QuotaExceeded}
        assert not clock.slept
        assert set(copies(ses).values()) == {1}


@COLOURS
@pytest.mark.parametrize("trouble", ["throttle", "unavailable"])
def test_a_call_that_failed_whole_is_repeated_whole(ses: LocalSes, carry: Carry, trouble: str) -> None:
    getattr(ses.chaos, trouble)(on="SendBulkEmail", times=2)
    clock = StillClock()
    result = carry(patient(way(ses), clock), outgoing(*rows(5)))
    assert not result.failed
    assert len(clock.slept) == 2
    assert copies(ses) == dict.fromkeys([f"r{number}@example.org" for number in range(5)], 1)


@COLOURS
def test_a_lost_answer_leaves_all_unknown_and_nobody_gets_two(ses: LocalSes, carry: Carry) -> None:
    ses.chaos.reset(when="after", on="SendBulkEmail")
    with pytest.raises(SendError) as caught:
        carry(patient(way(ses)), outgoing(*rows(5)))
    assert caught.value.outcome is Outcome.UNKNOWN
    assert len(ses.sent) == 5


@COLOURS
def test_a_row_with_a_variable_too_few_is_never_repeated_while_others_are(ses: LocalSes, carry: Carry) -> None:
    ses.chaos.throttle(on="SendBulkEmail")
    clock = StillClock()
    short = StoredRow(to="short@example.org")
    result = carry(patient(way(ses), clock), outgoing(*rows(2), short))
    assert len(clock.slept) == 1
    assert [type(one.error) for one in result.failed] == [TemplateError]
    assert set(copies(ses).values()) == {1}
    assert "short@example.org" not in copies(ses)


@COLOURS
def test_where_no_row_has_all_variables_it_is_raised_at_once(ses: LocalSes, carry: Carry) -> None:
    clock = StillClock()
    with pytest.raises(TemplateError):
        carry(patient(way(ses), clock), outgoing(StoredRow(to="a@example.org"), StoredRow(to="b@example.org")))
    assert not clock.slept
    assert not ses.sent


@COLOURS
def test_of_those_who_all_failed_the_ones_are_repeated_for_whom_it_may_pass(carry: Carry) -> None:
    def mixed(mail: Any) -> SendResult:
        result = partly(r0=Rejected("no"), r1=Throttled("slow"))(mail)
        result.raise_if_any_failed()
        return result

    inner = Scripted(mixed, limits=SES_API)
    result = carry(patient(inner), outgoing(*rows(2)))
    assert inner.people == [["r0@example.org", "r1@example.org"], ["r1@example.org"]]
    assert [one.outcome for one in result.recipients] == [Outcome.REFUSED, Outcome.SENT]
    assert type(result.recipients[0].error) is Rejected

    inner = Scripted(mixed, limits=SES_API)
    with pytest.raises(SendError) as caught:
        carry(patient(inner, tries=1), outgoing(*rows(2)))
    assert [type(one.error) for one in results_of(caught.value)] == [Rejected, Throttled]


class Answers(Told):
    """SES that says this of the mails of a bulk, and then that it has all of them."""

    region = "eu-west-1"

    def __init__(self, *said: Any) -> None:
        super().__init__()
        self.said = list(said)

    def call(self, call: Any) -> Reply:
        self.calls.append(call)
        if call.operation == "GetEmailTemplate":
            return Reply({"TemplateContent": {"Subject": "{{name}}"}}, "")
        if self.said and isinstance(self.said[0], Exception):
            raise self.said.pop(0)
        if call.operation == "SendEmail":
            return Reply({"MessageId": "1"}, "")
        words = self.said.pop(0) if self.said else ["SUCCESS"] * len(call.parameters["BulkEmailEntries"])
        return Reply({"BulkEmailEntryResults": [{"Status": word} for word in words]}, "")

    async def acall(self, call: Any) -> Reply:
        return self.call(call)

    @property
    def sends(self) -> list[str]:
        return [call.operation for call in self.calls if call.operation.startswith("Send")]


class ByAnswers(BaseTransport):
    """The way by which they are sent."""

    name = "ses"

    def __init__(self, client: Answers) -> None:
        super().__init__(limits=SES_API)
        self._client, self._clock = client, StillClock()
        self._sends = StoredSends(transport="ses", region="eu-west-1", id_domain="x.example", now=self._clock.now)

    def send(self, outgoing: Outgoing) -> SendResult:
        return run(self._sends.steps(outgoing), self._client, self._clock)

    async def asend(self, outgoing: Outgoing) -> SendResult:
        return await arun(self._sends.steps(outgoing), self._client, self._clock)


@COLOURS
def test_a_word_that_nobody_knows_is_not_repeated(carry: Carry) -> None:
    client = Answers(["ACCOUNT_THROTTLED", "PENDING", "SUCCESS"])
    result = carry(patient(ByAnswers(client)), outgoing(*rows(3)))
    assert [one.outcome for one in result.recipients] == [Outcome.SENT, Outcome.UNKNOWN, Outcome.SENT]
    assert client.sends == ["SendBulkEmail", "SendEmail"]


def lost() -> SendError:
    return ConnectionLost("gone", outcome=Outcome.UNKNOWN, stage="reply")


def throttled() -> Exception:
    return ApiFault(Call("sesv2", "SendBulkEmail", {}), code="TooManyRequestsException", message="slow", status=429)


SHORT = StoredRow(to="short@example.org")


@COLOURS
@pytest.mark.parametrize("count", [1, 2])
def test_a_row_that_was_in_no_call_keeps_its_own_error_where_the_call_failed(carry: Carry, count: int) -> None:
    for said, kind, outcome in (
        (lost(), ConnectionLost, Outcome.UNKNOWN),
        (throttled(), Throttled, Outcome.NOT_SENT),
    ):
        with pytest.raises(kind) as caught:
            carry(ByAnswers(Answers(said)), outgoing(SHORT, *rows(count)))
        short, *others = results_of(caught.value)
        assert (type(short.error), short.outcome) == (TemplateError, Outcome.NOT_SENT)
        assert {(type(one.error), one.outcome) for one in others} == {(kind, outcome)}
        assert len(others) == count
        assert pickle.loads(pickle.dumps(caught.value)).results[0].address == short.address
    with pytest.raises(Unavailable) as strange:
        carry(ByAnswers(Answers([])), outgoing(SHORT, *rows(2)))
    assert [one.outcome for one in results_of(strange.value)] == [Outcome.NOT_SENT, *[Outcome.UNKNOWN] * 2]
    with pytest.raises(ConnectionLost) as alone:
        carry(ByAnswers(Answers(lost())), outgoing(*rows(2)))
    assert not results_of(alone.value)


def test_an_error_of_a_call_that_tells_of_each_is_freed_at_once() -> None:
    def dead() -> weakref.ref[BaseException]:
        with pytest.raises(ConnectionLost) as caught:
            now(ByAnswers(Answers(lost())), outgoing(SHORT, *rows(2)))
        error = caught.value.with_traceback(None)
        del caught
        return weakref.ref(error)

    gc.disable()
    try:
        assert dead()() is None
    finally:
        gc.enable()


def test_rows_have_each_their_own_report_where_an_answer_was_lost() -> None:
    for policy in (ByAnswers, lambda client: patient(ByAnswers(client))):
        mailer = Mailer(policy(Answers(lost())), sender="shop@example.com")
        report = mailer.send_stored_many("news", [SHORT, *rows(2)])
        told = [(type(one.error), getattr(one.error, "outcome", None)) for one in report.failures]
        assert told == [(TemplateError, None), *[(ConnectionLost, Outcome.UNKNOWN)] * 2]


def test_a_row_is_named_by_its_place_in_the_whole_run() -> None:
    mailer = Mailer(ByAnswers(Answers()), sender="shop@example.com")
    report = mailer.send_stored_many("news", [*rows(3), SHORT], most_rows=2)
    assert [str(one.error).partition(":")[0] for one in report.failures] == ["row 3"]
    assert report.sent == 3


def headed(name: str, count: int) -> StoredRow:
    headers = {f"X-{name}-{number}": "a" for number in range(count)}
    return StoredRow(to=f"{name}@example.org", data={"name": name}, headers=headers)


@COLOURS
def test_headers_are_counted_for_each_row_with_those_of_all(carry: Carry) -> None:
    client, common = Answers(), {f"X-{number}": "a" for number in range(8)}
    result = carry(ByAnswers(client), outgoing(headed("a", 7), headed("b", 8), headed("c", 0), headers=common))
    assert [type(one.error) for one in result.recipients] == [type(None), Unsupported, type(None)]
    assert str(result.recipients[1].error).startswith("headers: row 1 of the call: 16 headers")
    with pytest.raises(Unsupported) as alone:
        carry(ByAnswers(client), outgoing(headed("b", 8), headers=common))
    assert "row" not in str(alone.value)
    with pytest.raises(SendError) as caught:
        carry(ByAnswers(client), outgoing(headed("b", 8), headed("d", 9), headers=common))
    assert [type(one.error) for one in results_of(caught.value)] == [Unsupported] * 2
    assert [type(one.error) for one in results_of(refusal(client, headed("b", 8), SHORT, headers=common))] == [
        Unsupported,
        TemplateError,
    ]
    assert [call.operation for call in client.calls] == ["GetEmailTemplate", "SendBulkEmail", "GetEmailTemplate"]


def refusal(client: Answers, *given: StoredRow, **fields: Any) -> SendError:
    with pytest.raises(SendError) as caught:
        ByAnswers(client).send(outgoing(*given, **fields))
    return caught.value


@COLOURS
def test_a_lost_answer_counts_against_the_way_and_moves_nobody_on(carry: Carry) -> None:
    second = Scripted(limits=SES_API)
    failover = Failover(ByAnswers(Answers(lost())), second)
    with pytest.raises(ConnectionLost):
        carry(failover, outgoing(SHORT, *rows(2)))
    assert (failover.health[0].faults, failover.health[0].last_error) == (1, "ConnectionLost")
    assert not second.seen


# ── other ways ───────────────────────────────────────────────────────────────────────────────────────────────────


@COLOURS
def test_another_region_takes_it_where_the_first_does_not_answer(ses: LocalSes, carry: Carry) -> None:
    with box() as other:
        keep(other)
        ses.chaos.unavailable(on="SendBulkEmail")
        result = carry(Failover(way(ses), way(other)), outgoing(*rows(3)))
        assert not result.failed
        assert (len(ses.sent), len(other.sent)) == (0, 3)


@COLOURS
def test_a_template_that_the_first_region_lacks_does_not_hide_in_another(ses: LocalSes, carry: Carry) -> None:
    with box() as other:
        keep(other, "news")
        boto3.client("sesv2", **ses.client_options).delete_email_template(TemplateName="news")
        with pytest.raises(NotFound):
            carry(Failover(way(ses), way(other)), outgoing(*rows(3)))
        assert not other.sent


@COLOURS
def test_a_look_that_fails_lets_the_mail_move_on(ses: LocalSes, carry: Carry) -> None:
    with box() as other:
        keep(other)
        ses.chaos.unavailable(on="GetEmailTemplate")
        result = carry(Failover(way(ses), way(other)), outgoing(*rows(2)))
        assert not result.failed
        assert (len(ses.sent), len(other.sent)) == (0, 2)


@COLOURS
def test_of_those_who_all_failed_only_those_move_on_whom_the_way_failed(carry: Carry) -> None:
    second = Scripted(limits=SES_API)
    failover = Failover(Scripted(all_failed(r0=Rejected("no"), r1=Throttled("slow")), limits=SES_API), second)
    result = carry(failover, outgoing(*rows(2)))
    assert second.people == [["r1@example.org"]]
    assert [one.outcome for one in result.recipients] == [Outcome.REFUSED, Outcome.SENT]
    assert type(result.recipients[0].error) is Rejected
    assert failover.health[0].last_error == "Throttled"


@COLOURS
@pytest.mark.parametrize(
    "last",
    [
        Unavailable("down"),
        NotFound("no template"),
        all_failed(r1=Unavailable("down"), r2=NotFound("no template")),
        all_failed(r1=Unavailable("down"), r2=Throttled("slow")),
    ],
)
def test_who_was_refused_by_one_way_stays_so_where_the_next_one_fails_too(carry: Carry, last: Any) -> None:
    first = all_failed(r0=Rejected("no"), r1=Throttled("slow"), r2=Throttled("slow"))
    second = Scripted(last, limits=SES_API)
    with pytest.raises(SendError) as caught:
        carry(Failover(Scripted(first, limits=SES_API), second), outgoing(*rows(3)))
    refused, *others = results_of(caught.value)
    assert type(refused.error) is Rejected
    assert {type(one.error) for one in others} <= {Unavailable, NotFound, Throttled}
    assert {one.outcome for one in others} == {Outcome.NOT_SENT}
    assert second.people == [["r1@example.org", "r2@example.org"]]


@COLOURS
def test_where_all_failed_by_the_ways_own_faults_all_move_on(carry: Carry) -> None:
    mixed = all_failed(r0=Unavailable("down"), r1=Throttled("slow"))
    second = Scripted(limits=SES_API)
    assert not carry(Failover(Scripted(mixed, limits=SES_API), second), outgoing(*rows(2))).failed
    with pytest.raises(AllFailed):
        carry(Failover(Scripted(mixed, limits=SES_API), Scripted(mixed, limits=SES_API)), outgoing(*rows(2)))
    assert len(second.people[0]) == 2


@COLOURS
def test_where_all_were_refused_for_several_reasons_nobody_moves_on(carry: Carry) -> None:
    second = Scripted(limits=SES_API)
    first = Scripted(all_failed(r0=Rejected("no"), r1=NotFound("no template")), limits=SES_API)
    with pytest.raises(SendError) as caught:
        carry(Failover(first, second), outgoing(*rows(2)))
    assert [type(one.error) for one in results_of(caught.value)] == [Rejected, NotFound]
    assert not second.seen


@COLOURS
def test_what_is_unknown_of_some_moves_on_only_if_that_is_wished_and_stays_in_doubt(carry: Carry) -> None:
    def first() -> Scripted:
        lost = TimedOut("late", outcome=Outcome.UNKNOWN)
        return Scripted(all_failed(r0=lost, r1=Throttled("slow")), limits=SES_API)

    second = Scripted(limits=SES_API)
    result = carry(Failover(first(), second), outgoing(*rows(2)))
    assert second.people == [["r1@example.org"]]
    assert [one.outcome for one in result.recipients] == [Outcome.UNKNOWN, Outcome.SENT]

    second = Scripted(limits=SES_API)
    result = carry(Failover(first(), second, on_unknown="resend"), outgoing(*rows(2)))
    assert len(second.people[0]) == 2
    assert [type(one.error) for one in result.recipients] == [TimedOut, type(None)]


@COLOURS
def test_an_error_that_speaks_of_others_keeps_the_mail_where_one_of_them_was_refused(carry: Carry) -> None:
    def redirected(_: Any) -> SendResult:
        return all_failed(dev=Rejected("no"), ops=Throttled("slow"))(outgoing(*map(to, ("dev", "ops"))))

    second = Scripted(limits=SES_API)
    with pytest.raises(SendError):
        carry(Failover(Scripted(redirected, limits=SES_API), second), outgoing(*rows(1)))
    assert not second.seen


# ── who gets it ──────────────────────────────────────────────────────────────────────────────────────────────────


class Listed:
    """Who must not get mail."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    def suppressed(self, addresses: Sequence[str]) -> Listed:
        self._asked = addresses
        return self

    def answer(self) -> Mapping[str, str]:
        return {one: "bounce" for one in self._asked if one in self._addresses}

    async def aanswer(self) -> Mapping[str, str]:
        return self.answer()


@COLOURS
def test_who_is_on_a_list_is_left_out_of_its_row_and_the_others_get_theirs(ses: LocalSes, carry: Carry) -> None:
    pair = StoredRow(to=["a@example.org", "b@example.org"], data={"name": "two"})
    stack = Suppression(way(ses), Listed("r0@example.org", "b@example.org"))
    result = carry(stack, outgoing(*rows(2), pair))
    assert copies(ses) == {"r1@example.org": 1, "a@example.org": 1}
    assert {one.address.email: type(one.error) for one in result.failed} == {
        "r0@example.org": Suppressed,
        "b@example.org": Suppressed,
    }


@COLOURS
def test_who_may_get_mail_is_held_for_each_row(ses: LocalSes, carry: Carry) -> None:
    result = carry(Allow(way(ses), ["r1@example.org"]), outgoing(*rows(3)))
    assert copies(ses) == {"r1@example.org": 1}
    assert [type(one.error) for one in result.failed] == [Withheld, Withheld]


@COLOURS
def test_a_redirect_of_one_row_goes_to_you_with_whom_it_was_for_in_a_header(ses: LocalSes, carry: Carry) -> None:
    result = carry(Redirect(way(ses), "dev@example.com"), outgoing(*rows(1)))
    (mail,) = ses.sent
    assert mail.recipients == ("dev@example.com",)
    assert b"X-Original-To: r0@example.org" in mail.raw
    assert list(result.by_recipient) == ["dev@example.com"]


def redirected_headers(carry: Carry, row: StoredRow, **fields: Any) -> dict[str, str]:
    client = Answers()
    carry(Redirect(ByAnswers(client), "dev@example.com"), outgoing(row, **fields))
    content: Any = client.calls[-1].parameters["Content"]
    return {header["Name"]: header["Value"] for header in content["Template"].get("Headers", [])}


@COLOURS
def test_a_redirect_names_as_many_as_ses_has_room_for(carry: Carry) -> None:
    people = [f"reader-number-{number}@example.org" for number in range(45)]
    named = redirected_headers(carry, StoredRow(to=people, data={"name": "x"}))["X-Original-To"]
    assert named.startswith("reader-number-0@example.org, reader-number-1@example.org, ")
    shown = named.count("@")
    assert named.endswith(f", and {45 - shown} more")
    assert 25 < shown < 45
    assert len(named) < 980
    long = StoredRow(to=[f"{'a' * 64}@{'.'.join(['b' * 55] * 3)}.{n}example" for n in range(5)], data={"name": "x"})
    assert redirected_headers(carry, long)["X-Original-To"].endswith(", and 2 more")


@COLOURS
def test_a_redirect_leaves_its_headers_out_where_there_is_no_room(carry: Carry) -> None:
    row = StoredRow(to="a@example.org", cc="b@example.org", bcc="c@example.org", data={"name": "x"})
    for count, added in ((12, 3), (13, 2), (14, 1), (15, 0)):
        people = Envelope(Address("shop@example.com"), row.to, row.cc, row.bcc)
        common = {f"X-{number}": "a" for number in range(count)}
        headers = redirected_headers(carry, row, people=people, headers=common)
        assert len(headers) == count + added
        assert sum(name.startswith("X-Original") for name in headers) == added
    own = StoredRow(to="a@example.org", data={"name": "x"}, headers={f"X-{number}": "a" for number in range(15)})
    assert len(redirected_headers(carry, own)) == 15


@COLOURS
def test_split_makes_calls_of_parts(ses: LocalSes, carry: Carry) -> None:
    seen: list[Attempt] = []
    result = carry(Split(Observe(way(ses), seen.append), 2), outgoing(*rows(5)))
    assert [attempt.recipients for attempt in seen] == [2, 2, 1]
    assert not result.failed
    assert set(copies(ses).values()) == {1}
    assert len({one.message_id for one in result.recipients}) == 5


@COLOURS
def test_split_keeps_those_of_a_row_together(carry: Carry) -> None:
    client = Answers()
    couples = [StoredRow(to=f"{n}@example.org", cc=f"boss-{n}@example.org", data={"name": n}) for n in "abc"]
    result = carry(Split(ByAnswers(client), 3), outgoing(*couples, StoredRow(bcc="d@example.org", data={"name": "d"})))
    assert not result.failed
    sent: list[Any] = []
    for call in client.calls[1:]:
        several: Any = call.parameters.get("BulkEmailEntries", [call.parameters])
        sent += several
    assert [one["Destination"] for one in sent] == [
        *[{"ToAddresses": [f"{n}@example.org"], "CcAddresses": [f"boss-{n}@example.org"]} for n in "abc"],
        {"BccAddresses": ["d@example.org"]},
    ]
    assert client.sends == ["SendEmail", "SendEmail", "SendBulkEmail"]


@COLOURS
def test_split_refuses_a_row_that_no_part_has_room_for_and_sends_the_others(carry: Carry) -> None:
    splits: Sequence[Callable[[Transport], Transport]] = (lambda way: Split(way, each=True), lambda way: Split(way, 1))
    for split in splits:
        client = Answers()
        pair = StoredRow(to=["a@example.org", "b@example.org"], data={"name": "two"})
        result = carry(split(ByAnswers(client)), outgoing(pair, *rows(2)))
        assert [type(one.error) for one in result.recipients] == [Unsupported] * 2 + [type(None)] * 2
        assert client.sends == ["SendEmail"] * 2
        with pytest.raises(Unsupported, match="send_stored_many"):
            carry(split(ByAnswers(client)), outgoing(pair))
        assert client.sends == ["SendEmail"] * 2


@COLOURS
def test_a_split_behind_a_redirect_sends_the_one_row_to_you(carry: Carry) -> None:
    client = Answers()
    carry(Redirect(Split(ByAnswers(client), 2), ["dev@example.com", "ops@example.com"]), outgoing(*rows(1)))
    with pytest.raises(Unsupported):
        carry(Redirect(Split(ByAnswers(client), 1), ["dev@example.com", "ops@example.com"]), outgoing(*rows(1)))
    assert client.sends == ["SendEmail"]


@COLOURS
def test_the_guard_of_the_sandbox_tells_who_is_not_verified_row_by_row(carry: Carry) -> None:
    with box(sandbox=True) as ses:
        keep(ses)
        ses.identity("r1@example.org").verify()
        with pytest.raises(UnverifiedRecipients):
            carry(SandboxGuard(way(ses)), outgoing(*rows(3)))
        result = carry(SandboxGuard(way(ses), mode="drop"), outgoing(*rows(3)))
        assert copies(ses) == {"r1@example.org": 1}
        assert [type(one.error) for one in result.failed] == [UnverifiedRecipients] * 2
        redirected = SandboxGuard(way(ses), mode="redirect", redirect_to="r1@example.org")
        assert redirected.limits.stored_templates == 1
        carry(redirected, outgoing(StoredRow(to="x@example.org", data={"name": "x"})))
        assert copies(ses) == {"r1@example.org": 2}


@COLOURS
def test_what_ses_says_of_the_sandbox_is_told_of_each_row(carry: Carry) -> None:
    with box(sandbox=True, rate=100) as ses:
        keep(ses)
        ses.identity("r1@example.org").verify()
        result = carry(way(ses), outgoing(*rows(3)))
        assert copies(ses) == {"r1@example.org": 1}
        errors = [one.error for one in result.failed]
        assert all(isinstance(error, RejectedUnverified) for error in errors)
        assert [error.recipients for error in errors if isinstance(error, RejectedUnverified)] == [
            ("r0@example.org",),
            ("r2@example.org",),
        ]


def test_many_rows_that_ses_all_refuses_have_each_their_own_error_also_behind_a_retry() -> None:
    with box(sandbox=True, rate=100) as ses:
        keep(ses)
        secret = quote(DEFAULT_SECRET, safe="")
        url = f"ses://{DEFAULT_KEY}:{secret}@us-east-1?client=direct&endpoint_url={ses.url}&retry=3"
        with Mailer(url, sender="shop@example.com") as mailer:
            report = mailer.send_stored_many("news", rows(3))
        assert report.errors == {"RejectedUnverified": 3}
        told = [one.error.recipients for one in report.failures if isinstance(one.error, RejectedUnverified)]
        assert told == [(f"r{number}@example.org",) for number in range(3)]
        assert not ses.sent


@COLOURS
def test_the_rate_counts_each_of_a_call(ses: LocalSes, carry: Carry) -> None:
    clock = StillClock()
    limited = RateLimit(way(ses), rate=10, wait_s=60.0, clock=clock)
    for _ in range(3):
        carry(limited, outgoing(*rows(10)))
    assert sum(clock.slept) >= 1.5
    assert len(ses.sent) == 30


# ── nobody got it, and not all for one reason ────────────────────────────────────────────────────────────────────


def nobody(mail: Any) -> SendResult:
    result = partly(r1=Throttled("slow"), r2=Rejected("no"))(mail)
    result.raise_if_any_failed()
    return result


WITHHOLDING: Sequence[Callable[[Transport], Transport]] = (
    lambda inner: Allow(inner, ["r1@example.org", "r2@example.org"]),
    lambda inner: Suppression(inner, Listed("r0@example.org")),
)


@COLOURS
@pytest.mark.parametrize("around", WITHHOLDING)
def test_who_was_left_out_stands_beside_those_who_failed(
    carry: Carry, around: Callable[[Transport], Transport]
) -> None:
    mail = outgoing(*rows(3))
    with pytest.raises(SendError) as caught:
        carry(around(Scripted(nobody, limits=SES_API)), mail)
    outcomes = [one.outcome for one in results_of(caught.value)]
    assert outcomes == [Outcome.WITHHELD, Outcome.NOT_SENT, Outcome.REFUSED]

    result = carry(patient(around(Scripted(nobody, limits=SES_API))), mail)
    assert [one.outcome for one in result.recipients] == [Outcome.WITHHELD, Outcome.SENT, Outcome.REFUSED]

    with pytest.raises(Throttled):
        carry(around(Scripted(Throttled("slow"), limits=SES_API)), mail)


def test_a_run_goes_on_where_some_were_left_out_and_the_others_failed() -> None:
    way = Allow(Scripted(nobody, limits=SES_API), ["r1@example.org", "r2@example.org"])
    report = Mailer(way, sender="shop@example.com").send_stored_many("news", rows(3))
    assert [type(one.error) for one in report.failures] == [Withheld, Throttled, Rejected]


@COLOURS
def test_of_a_part_that_nobody_got_each_has_its_own_error(carry: Carry) -> None:
    with pytest.raises(SendError) as caught:
        carry(Split(Scripted(nobody, Rejected("no"), limits=SES_API), 2), outgoing(*rows(4)[1:]))
    assert [one.outcome for one in results_of(caught.value)] == [Outcome.NOT_SENT, Outcome.REFUSED, Outcome.REFUSED]
