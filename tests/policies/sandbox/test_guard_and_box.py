"""The guard before a local SES: by each API, by each client, by SMTP, in both colours; and for any account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Mailer, Outcome, Outgoing, SendResult
from sesmail.errors import NotVerified, RejectedUnverified, UnverifiedRecipients, UnverifiedSender, Withheld
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.policies.sandbox.guard import SandboxGuard
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesSmtpTransport, SesTransport, Transport
from tests.policies.stepping import StillClock, outgoing

pytestmark = pytest.mark.heavy

KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
SENDER = "me@shop.example"


def api(ses: LocalSes, **settings: Any) -> SesTransport:
    return SesTransport("us-east-1", credentials=KEYS, endpoint_url=ses.url, **settings)


def smtp(ses: LocalSes) -> SesSmtpTransport:
    door = ses.smtp
    return SesSmtpTransport(
        "us-east-1",
        user=DEFAULT_KEY,
        password=door.password,
        host=door.host,
        port=door.port,
        ca_file=door.ca_file,
        account_endpoint_url=ses.url,
    )


WAYS: dict[str, Callable[[LocalSes], SesTransport | SesSmtpTransport]] = {
    "v2-boto3": lambda ses: api(ses, client="boto3"),
    "v2-direct": lambda ses: api(ses, client="direct"),
    "v1-boto3": lambda ses: api(ses, client="boto3", api="v1"),
    "v1-direct": lambda ses: api(ses, client="direct", api="v1"),
    "smtp": smtp,
}


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSes]:
    with LocalSes(quota=-1, rate=1e9, smtp=True) as ses:
        ses.identity("shop.example").verify()
        ses.identity("ada@example.org").verify()
        for name, value in ses.environment.items():
            if not name.startswith("AWS_ENDPOINT"):
                monkeypatch.setenv(name, value)
        yield ses


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, ses: LocalSes) -> Iterator[SesTransport | SesSmtpTransport]:
    made = WAYS[request.param](ses)
    yield made
    made.close()


def send(way: Transport, mail: Outgoing) -> SendResult:
    return way.send(mail)


def asend(way: Transport, mail: Outgoing) -> SendResult:
    async def once() -> SendResult:
        try:
            return await way.asend(mail)
        finally:
            await way.aclose()

    return asyncio.run(once())


COLOURS = pytest.mark.parametrize("colour", [send, asend])
Colour = Callable[[Transport, Outgoing], SendResult]


@COLOURS
def test_who_is_not_verified_is_found_before_the_send_by_each_way(
    ses: LocalSes, way: SesTransport | SesSmtpTransport, colour: Colour
) -> None:
    guard = SandboxGuard(way)
    to = ["ada@example.org", "bob@example.org", "ADA@example.org"]
    with pytest.raises(UnverifiedRecipients) as caught:
        colour(guard, outgoing(to, sender=SENDER))

    assert caught.value.recipients == ("bob@example.org", "ADA@example.org")
    assert caught.value.region == "us-east-1"
    assert ses.sent == ()
    fine = ["ada@example.org", "ada+x@example.org", "any@shop.example", "any@sub.shop.example"]
    assert not colour(guard, outgoing([*fine, "success@simulator.amazonses.com"], sender=SENDER)).failed
    assert len(ses.sent) == 1


@COLOURS
def test_those_are_dropped_or_get_it_redirected_by_each_way(
    ses: LocalSes, way: SesTransport | SesSmtpTransport, colour: Colour
) -> None:
    mail = outgoing(["ada@example.org"], cc=["bob@example.org"], bcc=["eve@example.org"], sender=SENDER)
    dropped = colour(SandboxGuard(way, "drop"), mail)
    assert [one.outcome for one in dropped.recipients] == [Outcome.SENT, Outcome.WITHHELD, Outcome.WITHHELD]
    assert not colour(SandboxGuard(way, "redirect", redirect_to="dev@shop.example"), mail).failed

    assert [one.recipients for one in ses.sent] == [("ada@example.org",), ("ada@example.org", "dev@shop.example")]
    assert b"X-Sesmail-Sandbox-Redirected: 2" in ses.sent[1].raw
    assert b"eve@example.org" not in ses.sent[1].raw


@COLOURS
def test_out_of_the_sandbox_everybody_gets_it_by_each_way(
    ses: LocalSes, way: SesTransport | SesSmtpTransport, colour: Colour
) -> None:
    ses.account.grant_production()
    assert not colour(SandboxGuard(way), outgoing(["bob@example.org"], sender=SENDER)).failed
    with pytest.raises(UnverifiedSender):
        colour(SandboxGuard(way, check_sender=True), outgoing(["bob@example.org"], sender="a@b.example"))


@pytest.mark.parametrize("denied", ["ses:GetAccount", "ses:ListEmailIdentities"])
@COLOURS
def test_who_may_not_ask_lets_ses_decide_and_says_so_once(
    ses: LocalSes,
    way: SesTransport | SesSmtpTransport,
    colour: Colour,
    denied: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rules = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": denied, "Resource": "*"},
    ]
    ses.allow({"Version": "2012-10-17", "Statement": rules})
    caplog.set_level(logging.WARNING, "sesmail")
    guard = SandboxGuard(way)

    for _ in range(2):
        with pytest.raises(RejectedUnverified) as caught:
            colour(guard, outgoing(["bob@example.org"], sender=SENDER))
    assert caught.value.recipients == ("bob@example.org",)
    assert not colour(guard, outgoing(["ada@example.org"], sender=SENDER)).failed
    assert [denied in message for message in caplog.messages] == [True]


def test_a_throttled_question_is_asked_again(ses: LocalSes) -> None:
    ses.chaos.throttle(on="GetAccount")
    ses.chaos.throttle(on="ListEmailIdentities")
    way, clock = api(ses, client="direct"), StillClock()
    with pytest.raises(UnverifiedRecipients):
        SandboxGuard(way, clock=clock).send(outgoing(["bob@example.org"], sender=SENDER))

    assert clock.slept == [1.0, 1.0]
    way.close()


@pytest.mark.parametrize("arm", ["unavailable", "reset", "garble"])
def test_where_ses_has_trouble_it_is_left_to_decide(ses: LocalSes, arm: str, caplog: pytest.LogCaptureFixture) -> None:
    getattr(ses.chaos, arm)(on="GetAccount", times=None)
    way = api(ses, client="direct")
    with pytest.raises(RejectedUnverified):
        SandboxGuard(way, clock=StillClock()).send(outgoing(["bob@example.org"], sender=SENDER))

    assert [message.endswith("it did not answer") for message in caplog.messages] == [True]
    way.close()


def test_what_changes_at_ses_is_learned_from_ses(ses: LocalSes) -> None:
    way, clock = api(ses, client="direct"), StillClock()
    guard = SandboxGuard(way, clock=clock)
    mail = outgoing(["ada@example.org"], sender=SENDER)
    assert not guard.send(mail).failed
    ses.identity("ada@example.org").fail()
    with pytest.raises(RejectedUnverified):
        guard.send(mail)
    clock.time += 1
    with pytest.raises(UnverifiedRecipients):
        guard.send(mail)

    ses.identity("ada@example.org").verify()
    clock.time += 10
    assert not guard.send(mail).failed
    way.close()


def test_the_sandbox_is_told_plainly_before_the_send(ses: LocalSes) -> None:
    """What users ask for: in the sandbox, one error with the Region, the identities and the cure, and nothing sent."""
    with Mailer(SandboxGuard(api(ses)), sender=SENDER) as mailer, pytest.raises(NotVerified) as caught:
        mailer.send(to=["ada@example.org", "customer@example.net"], subject="Hello", text="Hello")

    assert isinstance(caught.value, Withheld)
    assert caught.value.recipients == ("customer@example.net",)
    assert caught.value.region == "us-east-1"
    for fact in ("sandbox", "us-east-1", "customer@example.net", "create-email-identity", "production access"):
        assert fact in str(caught.value)
    assert ses.sent == ()


# ── any account ──────────────────────────────────────────────────────────────────────────────────────────────────

DOMAINS = ["example.org", "sub.example.org", "a.sub.example.org", "example.net", "badexample.org"]
LOCALS = ["ada", "Ada", "ADA+x", "ada+x", "ada+x+y", "bob", "o'neil", '"a,b+c"']
STATES = ["SUCCESS", "SUCCESS", "SUCCESS", "PENDING", "FAILED"]


@st.composite
def names(draw: st.DrawFn) -> str:
    domain = draw(st.sampled_from(DOMAINS))
    domain = draw(st.sampled_from([domain, domain, domain.upper(), domain.title()]))
    return domain if draw(st.booleans()) else f"{draw(st.sampled_from(LOCALS[:-1]))}@{domain}"


recipients = st.one_of(
    st.builds("{}@{}".format, st.sampled_from(LOCALS), st.sampled_from(DOMAINS)),
    st.builds("{}@{}".format, st.sampled_from(LOCALS), st.sampled_from(DOMAINS).map(str.upper)),
    st.sampled_from(["success@simulator.amazonses.com", "bounce+x@Simulator.AmazonSES.com", "a@simulator.example"]),
)
senders = st.one_of(st.just("me@always.example"), st.builds("{}@{}".format, st.just("ada+x"), st.sampled_from(DOMAINS)))


@pytest.fixture(scope="module")
def any_ses() -> Iterator[tuple[LocalSes, SesTransport]]:
    with LocalSes(quota=-1, rate=1e9) as ses:
        way = api(ses, client="direct")
        yield ses, way
        way.close()


def arrange(ses: LocalSes, sandbox: bool, identities: dict[str, str]) -> None:
    ses.forget()
    if sandbox:
        ses.account.enter_sandbox()
    else:
        ses.account.grant_production()
    kept = ses.box.region("us-east-1").identities
    kept.by_name.clear()
    for name, state in {**identities, "always.example": "SUCCESS"}.items():
        ses.identity(name).verify()
        found = kept.get(name)
        assert found
        found.status = state


def refused_by(way: Transport, mail: Outgoing) -> set[str]:
    try:
        way.send(mail)
    except NotVerified as error:
        return {name.lower() for name in (*error.recipients, *error.senders)} or {"nobody named"}
    return set()


def withheld_by(guard: SandboxGuard, mail: Outgoing) -> NotVerified | None:
    try:
        guard.send(mail).raise_if_any_failed()
    except (UnverifiedSender, UnverifiedRecipients) as error:
        return error
    return None


@given(
    sandbox=st.sampled_from([True, True, True, False]),
    identities=st.dictionaries(names(), st.sampled_from(STATES), max_size=6),
    to=st.lists(recipients, min_size=1, max_size=5),
    sender=senders,
)
def test_refuse_holds_back_what_the_box_rejects_and_nothing_else(
    any_ses: tuple[LocalSes, SesTransport], sandbox: bool, identities: dict[str, str], to: list[str], sender: str
) -> None:
    ses, way = any_ses
    arrange(ses, sandbox, identities)
    mail = outgoing(to, sender=sender)
    rejected = refused_by(way, mail)
    taken = len(ses.sent)
    guard = SandboxGuard(way, check_sender=True)

    no = withheld_by(guard, mail)
    assert bool(no) is bool(rejected)
    if isinstance(no, UnverifiedSender):
        assert set(no.senders) == {sender.lower()} <= rejected
    elif no:
        assert sandbox
        assert {name.lower() for name in no.recipients} == rejected
    assert len(ses.sent) == taken + (not rejected), "the guard lets nothing through that the box rejects"


@given(
    identities=st.dictionaries(names(), st.sampled_from(STATES), max_size=6),
    to=st.lists(recipients, min_size=1, max_size=5),
)
def test_drop_and_redirect_reach_just_those_whom_the_box_takes(
    any_ses: tuple[LocalSes, SesTransport], identities: dict[str, str], to: list[str]
) -> None:
    ses, way = any_ses
    arrange(ses, True, identities)
    mail = outgoing(to, sender="me@always.example")
    everybody = [address.email for address in mail.envelope.recipients]
    taken = [name for name in everybody if not refused_by(way, outgoing([name], sender="me@always.example"))]
    ses.forget()

    if taken:
        SandboxGuard(way, "drop").send(mail)
    else:
        assert withheld_by(SandboxGuard(way, "drop"), mail)
    SandboxGuard(way, "redirect", redirect_to="dev@always.example").send(mail)

    instead = list(dict.fromkeys([name if name in taken else "dev@always.example" for name in everybody]))
    assert [list(one.recipients) for one in ses.sent] == [*([taken] if taken else []), instead]
