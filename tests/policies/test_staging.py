"""Staging: whatever a mail says and by whichever path it goes, nobody gets it who is not meant to.

Proven for redirect, allow and drop, alone and nested with each other and with what goes around mails beside them; on a
way that remembers envelopes, and once against a local SES by each of its doors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Address, AsyncMailer, Envelope, Mailer, Outgoing, SendResult, SesOptions
from sesmail.errors import MailError, SendError, Throttled, Unsupported, Withheld
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.policies.allow import Allow
from sesmail.policies.drop import Drop
from sesmail.policies.flow import Question
from sesmail.policies.observe import Observe
from sesmail.policies.redirect import Redirect
from sesmail.policies.retry import Retry
from sesmail.policies.split import Split
from sesmail.policies.suppression import Suppression
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesSmtpTransport, SesTransport
from sesmail.transports.base import Transport
from tests.policies.carrying import PATHS, Fields
from tests.policies.stepping import Scripted, StillClock

DEV = ("dev@example.com", "ops@example.com")
LISTED = ("@example.net", "*.example.net", "ada@example.org")

# Half of them are near misses of what is allowed.
_locals = st.sampled_from(["ada", "Ada", "eve", "dev", "ops", "ada+x", '"a b"', "example.net", "*"])
_domains = st.sampled_from(
    [
        "example.com",
        "EXAMPLE.net",
        "sub.example.net",
        "badexample.net",
        "example.net.example",
        "example.org",
        "bücher.de",
    ]
)
addresses = st.builds(lambda local, domain: f"{local}@{domain}", _locals, _domains)
several = st.lists(addresses, max_size=5)
# The writer refuses to write this one, but an envelope may name it.
in_envelopes = st.lists(addresses | st.just("a=?utf-8?q?b?=@example.org"), max_size=5)


def envelopes(to: list[str], cc: list[str], bcc: list[str]) -> Envelope | None:
    if not to + cc + bcc:
        return None
    return Envelope("bounce@example.com", to, cc, bcc)  # type: ignore[arg-type]


mails: st.SearchStrategy[Fields] = st.fixed_dictionaries(
    {
        "to": several,
        "cc": several,
        "bcc": several,
        "envelope": st.builds(envelopes, in_envelopes, in_envelopes, in_envelopes) | st.none(),
        "ses": st.builds(lambda address: SesOptions(feedback_address=address), addresses) | st.just(SesOptions()),
        "sender": st.just("shop@example.com"),
        "reply_to": several,
        "text": st.just("Hello"),
        "attachments": st.sampled_from([None, {"a.txt": b"a"}]),
    }
)


class Listed:
    """A list that every third address is on."""

    def suppressed(self, addresses: Sequence[str]) -> Question[Mapping[str, str]]:
        self._answer = dict.fromkeys(addresses[::3], "bounce")
        return self

    def answer(self) -> Mapping[str, str]:
        return self._answer

    async def aanswer(self) -> Mapping[str, str]:
        return self._answer


Around = Callable[[Transport], Transport]


def some_fail(outgoing: Outgoing) -> SendResult:
    raise Throttled("slower")


BESIDE: list[Around] = [
    lambda way: Split(way, 2),
    lambda way: Split(way, each=True),
    lambda way: Suppression(way, Listed()),
    lambda way: Observe(way, lambda attempt: None),
    lambda way: Retry(way, clock=StillClock()),
]
REDIRECT: Around = lambda way: Redirect(way, DEV)  # noqa: E731
ALLOW: Around = lambda way: Allow(way, LISTED)  # noqa: E731
beside = st.lists(st.sampled_from(BESIDE), max_size=2)
paths = st.sampled_from(PATHS)


def stack(way: Transport, *layers: Around) -> Transport:
    for layer in layers:
        way = layer(way)
    return way


def reached(way: Scripted) -> set[str]:
    """Everybody whom an envelope named."""
    return {email for mail in way.people for email in mail}


def is_listed(email: str) -> bool:
    """The rule of LISTED, said once more and in another way."""
    local, _, domain = Address(email).email.rpartition("@")
    labels = domain.split(".")
    return labels[-2:] == ["example", "net"] or (local, domain) == ("ada", "example.org")


def carry(path: Callable[[Transport, list[Fields]], None], transport: Transport, mail: Fields) -> None:
    """What cannot be built or written at all may be refused, but must not get past."""
    with suppress(MailError):
        path(transport, [mail, {**mail, "to": "eve@evil.example", "envelope": None}])


# ── whatever a mail says ─────────────────────────────────────────────────────────────────────────────────────────


@given(mails, beside, beside, paths)
def test_behind_a_redirect_nobody_else_is_reached(
    mail: Fields, below: list[Around], above: list[Around], path: Any
) -> None:
    way = Scripted(None, some_fail)
    carry(path, stack(way, *below, REDIRECT, *above), mail)

    assert reached(way) <= set(DEV)


@given(mails, beside, beside, paths)
def test_behind_an_allow_nobody_is_reached_who_is_not_on_the_list(
    mail: Fields, below: list[Around], above: list[Around], path: Any
) -> None:
    way = Scripted(None, some_fail)
    carry(path, stack(way, *below, ALLOW, *above), mail)

    assert all(is_listed(email) for email in reached(way))


@given(mails, beside, beside, paths, st.sampled_from([REDIRECT, ALLOW, Split]))
def test_behind_a_drop_nobody_is_reached(
    mail: Fields, below: list[Around], above: list[Around], path: Any, other: Around
) -> None:
    for layers in ([*below, Drop, other, *above], [*below, other, Drop, *above]):
        way = Scripted()
        carry(path, stack(way, *layers), mail)
        assert way.seen == []


@given(mails, beside, paths)
def test_nested_in_each_other_each_holds(mail: Fields, between: list[Around], path: Any) -> None:
    way = Scripted()
    carry(path, stack(way, ALLOW, *between, REDIRECT), mail)
    assert way.seen == [], "the new addresses are not on the list either"

    carry(path, stack(way, lambda inner: Allow(inner, DEV[:1]), *between, REDIRECT), mail)
    assert reached(way) <= set(DEV[:1])

    way = Scripted()
    carry(path, stack(way, REDIRECT, *between, ALLOW), mail)
    assert reached(way) <= set(DEV)


@given(mails, paths)
def test_the_feedback_address_is_no_recipient(mail: Fields, path: Any) -> None:
    way = Scripted()
    carry(path, REDIRECT(way), mail)
    for seen in way.seen:
        assert seen.ses == (mail["ses"] or SesOptions())
        assert {one.email for one in seen.envelope.recipients} == set(DEV)


# ── the pitfalls, by name ────────────────────────────────────────────────────────────────────────────────────────

FULL: Fields = {
    "sender": "shop@example.com",
    "to": ["customer1@example.org", "customer2@example.org"],
    "cc": "customer3@example.org",
    "bcc": "customer4@example.org",
    "subject": "Your order",
    "text": "It is on its way.",
    "attachments": {"invoice.txt": b"1 EUR"},
}
OVERRIDE = Envelope("bounce@example.com", to=["customer5@example.org"], bcc=["customer6@example.org"])  # type: ignore[arg-type]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("envelope", [None, OVERRIDE])
@pytest.mark.parametrize("attachments", [None, {"invoice.txt": b"1 EUR"}])
def test_pitfall_4_a_redirect_holds_on_every_path(path: Any, envelope: Envelope | None, attachments: Any) -> None:
    way = Scripted()
    path(Redirect(way, DEV[0]), [{**FULL, "envelope": envelope, "attachments": attachments}] * 3)
    assert way.people == [[DEV[0]]] * 3


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("envelope", [None, OVERRIDE])
def test_pitfall_16_a_staging_guard_lets_nobody_else_through(path: Any, envelope: Envelope | None) -> None:
    way = Scripted()
    path(Allow(way, ["example.com"]), [{**FULL, "envelope": envelope}] * 3)
    path(Drop(way), [{**FULL, "envelope": envelope}] * 3)
    assert way.seen == []

    path(Allow(way, ["example.com"]), [{**FULL, "cc": "us@example.com", "envelope": envelope}] * 3)
    assert way.people == ([] if envelope else [["us@example.com"]] * 3)


# Pitfall 51, an empty list means nobody, is in test_allow.py.


# ── against a local SES ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e9, region="eu-west-1", smtp=True) as ses:
        ses.identity("example.com").verify()
        yield ses


def by_api(ses: LocalSes, **settings: Any) -> Transport:
    keys = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
    return SesTransport("eu-west-1", credentials=keys, endpoint_url=ses.url, **settings)


def by_smtp(ses: LocalSes) -> Transport:
    door = ses.smtp
    there: Any = {"host": door.host, "port": door.port, "ca_file": door.ca_file}
    return SesSmtpTransport("eu-west-1", user=door.user, password=door.password, **there)


def everybody_there(ses: LocalSes, since: int) -> list[list[str]]:
    return [list(mail.recipients) for mail in ses.sent[since:]]


@pytest.mark.parametrize("way", [by_api, by_smtp])
@pytest.mark.parametrize("envelope", [None, OVERRIDE])
def test_by_raw_content_and_by_smtp_the_ledger_names_nobody_else(
    ses: LocalSes, way: Callable[[LocalSes], Transport], envelope: Envelope | None
) -> None:
    before = len(ses.sent)
    with Mailer(Redirect(way(ses), DEV)) as mailer:
        result = mailer.send(**{**FULL, "envelope": envelope})
    assert list(result.by_recipient) == list(DEV)
    assert everybody_there(ses, before) == [list(DEV)]
    raw = ses.sent[before].raw
    assert b"X-Original-Bcc-Count: 1\r\n" in raw
    assert b"customer4@" not in raw

    with Mailer(Allow(way(ses), DEV)) as mailer:
        if envelope is None:
            mailer.send(**{**FULL, "bcc": ["customer4@example.org", DEV[1]]})
        with pytest.raises(Withheld):
            mailer.send(**{**FULL, "envelope": envelope})
    with Mailer(Drop(way(ses))) as mailer:
        mailer.send(**{**FULL, "envelope": envelope})
    assert everybody_there(ses, before)[1:] == ([[DEV[1]]] if envelope is None else [])


def test_awaited_the_ledger_names_nobody_else_either(ses: LocalSes) -> None:
    before = len(ses.sent)

    async def main() -> None:
        async with AsyncMailer(Redirect(by_api(ses, client="direct"), DEV)) as mailer:
            await mailer.send_many([FULL, {**FULL, "envelope": OVERRIDE}])  # type: ignore[list-item]

    asyncio.run(main())
    assert everybody_there(ses, before) == [list(DEV)] * 2


@pytest.mark.parametrize("around", [lambda way: Redirect(way, DEV), lambda way: Allow(way, DEV)])
def test_simple_content_is_refused_and_not_sent_to_whom_the_headers_name(ses: LocalSes, around: Around) -> None:
    before = len(ses.sent)
    mail = {**FULL, "cc": DEV[0], "bcc": ()}
    with (
        Mailer(around(by_api(ses, content="simple"))) as mailer,
        pytest.raises(Unsupported, match="its envelope names"),
    ):
        mailer.send(**mail)
    with Mailer(Drop(by_api(ses, content="simple"))) as mailer:
        mailer.send(**mail)
    with (
        Mailer(Split(by_api(ses, content="simple"), 1)) as mailer,
        pytest.raises(Unsupported, match="its envelope names"),
    ):
        mailer.send(**mail)
    assert everybody_there(ses, before) == []

    with Mailer(Allow(by_api(ses, content="simple"), DEV)) as mailer:
        mailer.send(**{**mail, "to": DEV[1]})
    assert everybody_there(ses, before) == [[DEV[1], DEV[0]]]


def test_more_people_than_ses_takes_get_it_in_parts(ses: LocalSes) -> None:
    before = len(ses.sent)
    readers = [f"reader{number}@example.org" for number in range(120)]
    with Mailer(Split(by_api(ses)), sender="shop@example.com") as mailer:
        result = mailer.send(to=readers[0], bcc=readers[1:], text="News")

    assert [len(part) for part in everybody_there(ses, before)] == [50, 50, 20]
    assert [email for part in everybody_there(ses, before) for email in part] == readers
    parts: Any = result.raw["parts"]
    assert [part.message_id for part in parts] == [mail.message_id for mail in ses.sent[before:]]


def test_fifty_long_addresses_in_headers_reach_ses(ses: LocalSes) -> None:
    before = len(ses.sent)
    domain = ".".join(["a" * 60] * 3)
    readers = [f"{'x' * 58}{number:02}@{domain}.com" for number in range(50)]
    for way in (by_api(ses), by_smtp(ses)):
        with Mailer(Redirect(way, DEV[0]), sender="shop@example.com") as mailer:
            mailer.send(to=readers, text="News")
    assert everybody_there(ses, before) == [[DEV[0]]] * 2


def test_a_paused_account_stops_a_split(ses: LocalSes) -> None:
    attempts: list[Any] = []
    with LocalSes(sandbox=False, quota=60, rate=1e9, region="eu-west-1") as small:
        small.identity("example.com").verify()
        split = Split(Observe(by_api(small), attempts.append))
        with Mailer(split, sender="shop@example.com") as mailer:
            result = mailer.send(to=[f"reader{number}@example.org" for number in range(200)], text="News")
    outcomes = [str(one.outcome) for one in result.recipients]
    assert outcomes == ["sent"] * outcomes.count("sent") + ["not_sent"] * outcomes.count("not_sent")
    assert 0 < outcomes.count("sent") < 200
    assert attempts[-1].error == "QuotaExceeded"
    with suppress(SendError):
        result.raise_if_any_failed()
