"""What SES itself has against a mail, before it is sent: in each Region on its way, now or awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sesmail import AsyncMailer, Mailer
from sesmail.local import LocalSes
from sesmail.local.call import Call
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.mail.problem import Problem

Check = Callable[..., list[Problem]]
MAIL: dict[str, Any] = {"to": "ada@example.org", "subject": "Hello", "text": "Hello Ada"}


def now(url: str, **fields: Any) -> list[Problem]:
    with Mailer(url, sender="shop@example.com") as mailer:
        return mailer.check(**fields)


def awaited(url: str, **fields: Any) -> list[Problem]:
    async def main() -> list[Problem]:
        async with AsyncMailer(url, sender="shop@example.com") as mailer:
            return await mailer.check(**fields)

    return asyncio.run(main())


@pytest.fixture(params=[now, awaited])
def check(request: pytest.FixtureRequest) -> Check:
    found: Check = request.param
    return found


@pytest.fixture
def boxes() -> Iterator[tuple[LocalSes, LocalSes]]:
    with LocalSes(region="eu-west-1") as one, LocalSes(region="eu-central-1", sandbox=False) as other:
        yield one, other


def way(ses: LocalSes, region: str) -> str:
    return f"ses://{DEFAULT_KEY}:{DEFAULT_SECRET.replace('/', '%2F')}@{region}?client=direct&endpoint_url={ses.url}"


def test_each_region_on_the_way_is_asked(check: Check, boxes: tuple[LocalSes, LocalSes]) -> None:
    one, other = boxes
    line = f"failover({way(one, 'eu-west-1')} {way(other, 'eu-central-1')})"
    one.identity("example.com").verify()

    found = check(line, **MAIL, online=True)

    assert [(problem.code, problem.blocking) for problem in found] == [
        ("recipient_unverified", True),
        ("sender_unverified", True),
    ]
    assert "eu-west-1" in found[0].text
    assert "eu-central-1" in found[1].text
    one.identity("ada@example.org").verify()
    other.identity("example.com").verify()
    assert check(line, **MAIL, online=True) == []


def test_nobody_is_asked_unasked(check: Check) -> None:
    calls: list[str] = []

    def heard(call: Call | None, _: object) -> None:
        calls.append(call.operation if call else "")

    with LocalSes(region="eu-west-1", on_call=heard) as ses:
        assert check(way(ses, "eu-west-1"), **MAIL) == []
        assert calls == []
        check(way(ses, "eu-west-1"), **MAIL, online=True)
        assert calls == ["GetAccount", "ListEmailIdentities"]


def test_a_mail_that_cannot_be_built_is_not_asked_about(check: Check, boxes: tuple[LocalSes, LocalSes]) -> None:
    found = check(way(boxes[0], "eu-west-1"), **{**MAIL, "to": "no address"}, online=True)
    assert [problem.code for problem in found] == ["invalid_address"]


def test_what_is_wrong_without_ses_comes_first(check: Check, boxes: tuple[LocalSes, LocalSes]) -> None:
    boxes[0].identity("example.com").verify()
    found = check(way(boxes[0], "eu-west-1"), **{**MAIL, "subject": ""}, online=True)
    assert [problem.code for problem in found] == ["no_subject", "recipient_unverified"]
