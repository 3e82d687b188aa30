"""What SES would say about a mail in each Region, asked before it is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sesmail import Mailer, Outgoing, SendResult, SesOptions
from sesmail.errors import MissingExtra, SendingPaused, UnverifiedRecipients, UnverifiedSender
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.mail.problem import Problem
from sesmail.policies.allow import Allow
from sesmail.policies.drop import Drop
from sesmail.policies.flow import Flow, arun, run, send
from sesmail.policies.online import online_problems
from sesmail.policies.policy import Policy
from sesmail.policies.redirect import Redirect
from sesmail.policies.sandbox.guard import Mode, SandboxGuard
from sesmail.ses.account import Standing
from sesmail.ses.credentials import Credentials
from sesmail.transports import MemoryTransport, SesTransport, Transport
from tests.policies.sandbox.accounts import CUT_OFF, PRODUCTION, SANDBOX, UNKNOWN, KnownAccount
from tests.policies.stepping import StillClock, outgoing

IDENTITIES = {"shop.example": True, "ada@example.org": True}
SENDER = "me@shop.example"


class Way(MemoryTransport):
    """A way that knows its account."""

    def __init__(self, account: Any) -> None:
        super().__init__()
        self.account = account


class Group(Policy):
    """Around several ways."""

    name = "group"

    def flow(self, outgoing: Outgoing) -> Flow[SendResult]:
        return (yield from send(outgoing, self.inner))


def problems(way: Transport, *to: str, **fields: Any) -> list[Problem]:
    return run(online_problems(way, outgoing(to or ["ada@example.org"], **{"sender": SENDER, **fields})), StillClock())


def codes(found: list[Problem]) -> list[tuple[str, str, bool]]:
    return [(problem.code, problem.field, problem.blocking) for problem in found]


def test_nothing_is_said_where_all_is_well() -> None:
    assert problems(Way(KnownAccount(PRODUCTION, IDENTITIES)), "bob@example.org") == []
    assert problems(Way(KnownAccount(SANDBOX, IDENTITIES))) == []
    assert problems(MemoryTransport(), "bob@example.org") == []


def test_it_can_be_asked_awaited() -> None:
    way = Way(KnownAccount(SANDBOX, IDENTITIES))
    mail = outgoing(["bob@example.org"], sender=SENDER)
    assert len(asyncio.run(arun(online_problems(way, mail), StillClock()))) == 1


def test_each_recipient_whom_the_sandbox_does_not_take_is_named_where_it_stands() -> None:
    way = Way(KnownAccount(SANDBOX, IDENTITIES))
    found = problems(way, "ada@example.org", "bob@example.org", cc=["eve@example.org"], bcc=["ada+x@example.org"])

    assert codes(found) == [
        ("recipient_unverified", "to[1]", True),
        ("recipient_unverified", "cc[0]", True),
        ("recipient_unsure", "bcc[0]", False),
    ]
    assert found[0].text == "the account is in the sandbox in eu-west-1, and bob@example.org is not verified there"
    assert "production access" in found[0].remedy
    with pytest.raises(UnverifiedRecipients) as caught:
        found[0].raise_if_blocking()
    assert caught.value.recipients == ("bob@example.org", "eve@example.org")
    assert found[2].text == (
        "the account is in the sandbox in eu-west-1, and SES may refuse ada+x@example.org: only the address without its"
        " label is verified"
    )


def test_a_sub_domain_is_unsure_and_whom_only_the_envelope_names_is_found_there() -> None:
    mail = outgoing(["ada@example.org"], sender=SENDER)
    moved = replace(mail, envelope=replace(mail.envelope, to=["a@sub.shop.example"], bcc=["b@c.example"]))  # type: ignore[arg-type]
    found = run(online_problems(Way(KnownAccount(SANDBOX, IDENTITIES)), moved), StillClock())

    assert codes(found) == [("recipient_unverified", "envelope[1]", True), ("recipient_unsure", "envelope[0]", False)]
    assert found[1].text.endswith("only a domain above its own is verified")


def test_senders_are_looked_at_in_production_too() -> None:
    way = Way(KnownAccount(PRODUCTION, IDENTITIES))
    found = problems(way, sender="me@other.example", reply_to=["x@y.example"])
    assert codes(found) == [("sender_unverified", "sender", True)]
    assert found[0].text == "me@other.example is not verified in eu-west-1"
    with pytest.raises(UnverifiedSender):
        found[0].raise_if_blocking()

    assert codes(problems(way, ses=SesOptions(feedback_address="a@b.example"))) == [
        ("sender_unverified", "ses.feedback_address", True)
    ]
    assert codes(problems(way, headers=[("Sender", "c@d.example")])) == [("sender_unverified", "sender", True)]
    assert problems(way, sender="me@other.example", ses=SesOptions(from_arn="arn:x")) == []


def test_where_bounces_go_to_is_named_by_the_envelope() -> None:
    mail = outgoing(["ada@example.org"], sender=SENDER)
    moved = replace(mail, envelope=replace(mail.envelope, return_path="bounce@other.example"))  # type: ignore[arg-type]
    found = run(online_problems(Way(KnownAccount(PRODUCTION, IDENTITIES)), moved), StillClock())
    assert codes(found) == [("sender_unverified", "envelope.return_path", True)]


def test_replies_are_looked_at_where_a_guard_does_so() -> None:
    guard = SandboxGuard(Way(KnownAccount(PRODUCTION, IDENTITIES)), check_sender=True)
    assert codes(problems(guard, reply_to=["x@y.example"])) == [("sender_unverified", "reply_to[0]", True)]


def test_a_paused_account_is_told() -> None:
    found = problems(Way(KnownAccount(Standing(production=True, sending=False), IDENTITIES)))
    assert codes(found) == [("sending_paused", "transport", True)]
    with pytest.raises(SendingPaused, match="may not send in eu-west-1"):
        found[0].raise_if_blocking()


@pytest.mark.parametrize(
    ("account", "text", "remedy"),
    [
        (KnownAccount(UNKNOWN, IDENTITIES), "whether the account is in the sandbox", "allow ses:GetAccount in"),
        (KnownAccount(SANDBOX), "who is verified", "allow ses:ListEmailIdentities in"),
        (KnownAccount(UNKNOWN), "whether the account is in the sandbox", "allow ses:GetAccount in"),
        (KnownAccount(CUT_OFF, IDENTITIES), "whether the account is in the sandbox", "try again"),
        (KnownAccount(PRODUCTION, CUT_OFF), "who is verified", "try again"),
    ],
)
def test_what_nobody_can_say_is_advice(account: KnownAccount, text: str, remedy: str) -> None:
    found = problems(Way(account), "bob@example.org")
    assert codes(found) == [("account_unknown", "transport", False)]
    assert found[0].text == f"SES in eu-west-1 does not say {text}"
    assert found[0].remedy.startswith(remedy)


def test_who_cannot_be_asked_at_all_is_advice() -> None:
    class Broken(MemoryTransport):
        @property
        def account(self) -> KnownAccount:
            raise MissingExtra(package="h11", extra="direct", purpose="asking")

    found = problems(Group(Broken(), Way(KnownAccount(SANDBOX, IDENTITIES))), "bob@example.org")
    assert codes(found) == [("account_unknown", "transport", False), ("recipient_unverified", "to[0]", True)]
    assert "sesmail[direct]" in found[0].text


def test_each_region_is_asked_once_and_says_which_it_is() -> None:
    here, there = KnownAccount(PRODUCTION, IDENTITIES), KnownAccount(PRODUCTION, {}, region="eu-central-1")
    found = problems(Group(Group(Way(here), Way(here)), Way(there)))

    assert [(problem.code, "eu-central-1" in problem.text) for problem in found] == [("sender_unverified", True)]
    assert here.asked == there.asked == (1, 1)


@pytest.mark.parametrize(
    ("mode", "to", "blocking"),
    [
        ("refuse", ["ada@example.org", "bob@example.org"], True),
        ("warn", ["ada@example.org", "bob@example.org"], True),
        ("drop", ["ada@example.org", "bob@example.org"], False),
        ("drop", ["bob@example.org"], True),
        ("redirect", ["bob@example.org"], False),
    ],
)
def test_what_a_guard_takes_care_of_does_not_stand_against_a_mail(mode: Mode, to: list[str], blocking: bool) -> None:
    redirect_to = "ada@example.org" if mode == "redirect" else None
    guard = SandboxGuard(Way(KnownAccount(SANDBOX, IDENTITIES)), mode, redirect_to=redirect_to)
    found = problems(Group(guard), *to)

    assert [(problem.code, problem.blocking) for problem in found] == [("recipient_unverified", blocking)]
    assert found[0].remedy.startswith("nothing, or verify") is not blocking


def test_a_mail_is_looked_at_as_it_comes_there() -> None:
    """What staging takes away or sends elsewhere does not stand against a mail."""
    way = Way(KnownAccount(SANDBOX, IDENTITIES))

    assert problems(Redirect(way, "ada@example.org"), "bob@example.org") == []
    assert problems(Allow(way, ["ada@example.org"]), "ada@example.org", "bob@example.org") == []
    assert problems(Allow(Group(way), ["ada@example.org"]), "bob@example.org") == []
    assert problems(Drop(way), "bob@example.org") == []
    assert codes(problems(Redirect(way, "dev@example.org"), "ada@example.org")) == [
        ("recipient_unverified", "envelope[0]", True)
    ]


def test_what_a_guard_remembers_is_not_asked_for_again() -> None:
    account, clock = KnownAccount(SANDBOX, IDENTITIES), StillClock()
    guard = SandboxGuard(Way(account), clock=clock)
    guard.send(outgoing(["ada@example.org"], sender=SENDER))
    mail = outgoing(["bob@example.org"], sender=SENDER)
    assert len(run(online_problems(guard, mail), clock)) == 1
    assert account.asked == (1, 1)

    account.now(PRODUCTION, IDENTITIES)
    clock.time += 10
    assert run(online_problems(guard, mail), clock) == []
    assert account.lists.asked == 2, "out of the sandbox the guard does not list, and the check does"


def test_the_mailer_asks_a_local_ses() -> None:
    keys = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
    with LocalSes() as ses:
        ses.identity("shop.example").verify()
        way = SesTransport("us-east-1", credentials=keys, endpoint_url=ses.url, client="direct")
        with Mailer(SandboxGuard(way), sender=SENDER) as mailer:
            found = mailer.check(to="bob@example.org", subject="Hello", text="Hello", online=True)
    assert [(problem.code, problem.blocking) for problem in found] == [("recipient_unverified", True)]
