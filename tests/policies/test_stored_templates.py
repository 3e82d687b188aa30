"""Stored templates through every policy, before the box: each of them sees whom a call is for, and how it ended."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from sesmail import AsyncMailer, Mailer, Outcome
from sesmail.errors import (
    NotFound,
    QuotaExceeded,
    Rejected,
    RejectedUnverified,
    SendError,
    Suppressed,
    TemplateError,
    Throttled,
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
from sesmail.ses.credentials import Credentials
from sesmail.ses.stored.content import StoredRow
from sesmail.transports import SesTransport
from sesmail.transports.base import Transport
from sesmail.transports.limits import SES_API
from tests.policies.stepping import Scripted, StillClock, partly
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


@COLOURS
def test_split_makes_calls_of_parts(ses: LocalSes, carry: Carry) -> None:
    seen: list[Attempt] = []
    result = carry(Split(Observe(way(ses), seen.append), 2), outgoing(*rows(5)))
    assert [attempt.recipients for attempt in seen] == [2, 2, 1]
    assert not result.failed
    assert set(copies(ses).values()) == {1}
    assert len({one.message_id for one in result.recipients}) == 5


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
