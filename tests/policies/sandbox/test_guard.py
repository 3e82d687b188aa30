"""The sandbox guard, step by step: an account that a test knows, and a clock that stands still."""

from __future__ import annotations

import asyncio
import logging
import pickle
from dataclasses import replace
from typing import Any

import pytest

from sesmail import Address, Email, Outcome, SendResult, SesOptions
from sesmail.errors import (
    AccountError,
    NotVerified,
    RejectedUnverified,
    SendError,
    SesmailError,
    SetupError,
    Throttled,
    UnverifiedRecipients,
    UnverifiedSender,
    Withheld,
)
from sesmail.policies.flow import arun, run
from sesmail.policies.sandbox.facts import Facts, find_facts, senders_of
from sesmail.policies.sandbox.guard import OPTIONS, REDIRECTED, Mode, SandboxGuard
from sesmail.policies.sandbox.refusals import unverified_recipients
from sesmail.testing import TransportContract
from sesmail.transports import MemoryTransport, TransportUrl
from sesmail.transports.option import read_options
from tests.policies.sandbox.accounts import CUT_OFF, PRODUCTION, SANDBOX, THROTTLED, UNKNOWN, KnownAccount
from tests.policies.stepping import Scripted, StillClock, outgoing, partly

IDENTITIES = {"shop.example": True, "ada@example.org": True, "pending.example": False}
SENDER = "me@shop.example"


class Guarded:
    """A guard, what is behind it, and the time."""

    def __init__(
        self,
        mode: Mode = "refuse",
        *script: Any,
        account: KnownAccount | None = None,
        **settings: Any,
    ) -> None:
        self.account = account or KnownAccount(SANDBOX, IDENTITIES)
        self.clock = StillClock()
        self.way = Scripted(*script)
        self.guard = SandboxGuard(self.way, mode, account=self.account, clock=self.clock, **settings)

    def send(self, *to: str, **fields: Any) -> SendResult:
        return self.guard.send(outgoing(to, **{"sender": SENDER, **fields}))


def unverified(*recipients: str, senders: tuple[str, ...] = ()) -> RejectedUnverified:
    return RejectedUnverified("SES says no", recipients=recipients, senders=senders)


class TestContract(TransportContract):
    """Out of the sandbox it is like the way itself."""

    def transport(self) -> SandboxGuard:
        return SandboxGuard(MemoryTransport(), account=KnownAccount(PRODUCTION))


# ── out of the sandbox ───────────────────────────────────────────────────────────────────────────────────────────


def test_in_production_it_asks_once_and_carries_everything() -> None:
    it = Guarded(account=KnownAccount(PRODUCTION))

    for _ in range(3):
        assert not it.send("bob@example.org").failed
    assert it.account.asked == (1, 0)


def test_it_works_awaited() -> None:
    it = Guarded()
    assert not asyncio.run(it.guard.asend(outgoing(["ada@example.org"], sender=SENDER))).failed
    with pytest.raises(UnverifiedRecipients):
        asyncio.run(it.guard.asend(outgoing(["bob@example.org"], sender=SENDER)))


# ── refuse ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_refuse_names_all_who_are_not_verified_and_sends_nothing() -> None:
    it = Guarded()
    with pytest.raises(UnverifiedRecipients) as caught:
        it.send("ada@example.org", "bob@example.org", cc=["eve@pending.example"], bcc=["kim@example.net"])

    error = caught.value
    assert error.recipients == ("bob@example.org", "eve@pending.example", "kim@example.net")
    assert (error.region, error.policy, error.senders) == ("eu-west-1", "sandbox", ())
    assert (error.retryable, error.outcome) == (False, Outcome.WITHHELD)
    assert it.way.seen == []
    assert isinstance(error, NotVerified)
    assert isinstance(error, Withheld)
    assert not isinstance(error, SendError)


def test_the_text_says_how_many_who_where_and_what_to_do() -> None:
    with pytest.raises(UnverifiedRecipients) as caught:
        Guarded().send("ada@example.org", "bob@example.org")

    assert str(caught.value) == (
        "SES sandbox in eu-west-1: 1 of 2 recipients is not verified there (bob@example.org), and SES would refuse the"
        " mail. Either verify the address or its domain: `aws sesv2 create-email-identity --email-identity"
        " bob@example.org --region eu-west-1`, or in the console under Identities; or ask for production access in that"
        " Region (console: Account dashboard)"
    )


def test_the_text_is_no_list_of_recipients() -> None:
    with pytest.raises(UnverifiedRecipients) as caught:
        Guarded().send(*[f"reader{number}@example.org" for number in range(20)])

    assert "20 of 20 recipients are not verified there (reader0" in str(caught.value)
    assert "reader2@example.org and 17 more)" in str(caught.value)
    assert "reader3" not in str(caught.value)
    assert len(caught.value.recipients) == 20


def test_a_command_for_a_shell_holds_no_odd_name() -> None:
    text = str(unverified_recipients(['"$(x)"@example.org'], of=1, region="eu-west-1", policy="sandbox"))
    assert "--email-identity IDENTITY --region" in text


def test_who_is_verified_in_other_letters_is_told_so() -> None:
    it = Guarded()
    with pytest.raises(UnverifiedRecipients, match="1 of them verified in other capital and small letters only"):
        it.send("Ada@example.org", "bob@example.org")


def test_the_simulator_is_for_everybody() -> None:
    it = Guarded()
    assert not it.send("success@simulator.amazonses.com", "bounce+1@simulator.amazonses.com").failed


@pytest.mark.parametrize("mode", ["refuse", "drop", "redirect", "warn"])
def test_where_nobody_is_sure_ses_decides_and_the_log_counts(mode: Mode, caplog: pytest.LogCaptureFixture) -> None:
    it = Guarded(mode, redirect_to="ada@example.org" if mode == "redirect" else None)
    to = ["ada+label@example.org", "you@sub.shop.example", "ada@example.org"]
    assert not it.send(*to).failed

    assert it.way.people == [to]
    assert caplog.messages == ["the sandbox guard is not sure of 2 of 3 recipients; SES decides"]


# ── drop ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_drop_withholds_from_those_and_sends_to_the_others() -> None:
    it = Guarded("drop")
    result = it.send("ada@example.org", "bob@example.org", bcc=["eve@example.org"])

    assert it.way.people == [["ada@example.org"]]
    assert [one.outcome for one in result.recipients] == [Outcome.SENT, Outcome.WITHHELD, Outcome.WITHHELD]
    assert result.message_id == "id-1"
    error = result.failed[0].error
    assert isinstance(error, UnverifiedRecipients)
    assert error.recipients == ("bob@example.org", "eve@example.org")
    with pytest.raises(Withheld):
        result.raise_if_any_failed()


def test_drop_raises_where_nobody_is_left() -> None:
    it = Guarded("drop")
    with pytest.raises(UnverifiedRecipients):
        it.send("bob@example.org")
    assert it.way.seen == []


def test_drop_leaves_an_error_of_the_way_as_it_is() -> None:
    error = Throttled("too fast")
    it = Guarded("drop", error)
    with pytest.raises(Throttled) as caught:
        it.send("ada@example.org", "bob@example.org")
    assert caught.value is error


# ── redirect ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_redirect_puts_one_address_in_their_place_and_only_a_count_into_a_header() -> None:
    it = Guarded("redirect", redirect_to="dev@shop.example")
    result = it.send("ada@example.org", "bob@example.org", cc=["eve@example.org"], bcc=["kim@example.org"])

    sent = it.way.seen[0]
    assert [one.email for one in sent.envelope.to] == ["ada@example.org", "dev@shop.example"]
    assert sent.envelope.cc == sent.envelope.bcc == ()
    assert sent.content.added_headers == ((REDIRECTED, "3"),)
    assert sent.envelope.return_path.email == SENDER
    assert [one.address.email for one in result.recipients] == ["ada@example.org", "dev@shop.example"]
    assert not result.failed


def test_redirect_says_so_where_nobody_could_get_it_instead() -> None:
    it = Guarded("redirect", redirect_to="dev@example.org")
    with pytest.raises(UnverifiedRecipients, match=r"Nor is dev@example\.org, who would get it instead") as caught:
        it.send("ada@example.org", "bob@example.org")

    assert caught.value.recipients == ("bob@example.org",)
    assert it.way.seen == []
    assert not it.send("ada@example.org").failed


# ── warn ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_warn_logs_a_count_and_lets_ses_decide(caplog: pytest.LogCaptureFixture) -> None:
    error = unverified("bob@example.org")
    it = Guarded("warn", error)
    with pytest.raises(RejectedUnverified) as caught:
        it.send("ada@example.org", "bob@example.org")

    assert caught.value is error
    assert caplog.messages == ["SES will refuse 1 of 2 recipients and 0 senders: they are not verified"]
    it.clock.time += 1.9
    it.send("bob@example.org")
    assert it.account.asked == (1, 1), "SES said what was known"


# ── senders ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("standing", [SANDBOX, PRODUCTION, UNKNOWN])
@pytest.mark.parametrize("mode", ["refuse", "drop", "redirect"])
def test_the_sender_is_looked_at_on_request(mode: Mode, standing: Any) -> None:
    redirect_to = "ada@example.org" if mode == "redirect" else None
    it = Guarded(mode, account=KnownAccount(standing, IDENTITIES), check_sender=True, redirect_to=redirect_to)
    with pytest.raises(UnverifiedSender) as caught:
        it.send("ada@example.org", sender="me@other.example")

    assert (caught.value.senders, caught.value.region) == (("me@other.example",), "eu-west-1")
    assert "SES in eu-west-1 wants senders verified, and me@other.example is not. There, verify" in str(caught.value)
    assert isinstance(caught.value, Withheld)
    assert isinstance(caught.value, NotVerified)
    assert it.way.seen == []
    for sender in (SENDER, "me@sub.shop.example", "ada@example.org", "ada+me@example.org"):
        assert not it.send("ada@example.org", sender=sender).failed


def test_a_mail_without_a_sender_has_its_return_path() -> None:
    mail = outgoing(["ada@example.org"], sender="a@b.example")
    assert senders_of(replace(mail, email=Email(to="ada@example.org"))) == ("a@b.example",)


@pytest.mark.parametrize("lent", [False, True])
def test_where_bounces_go_to_may_be_lent(lent: bool) -> None:
    mail = outgoing(["ada@example.org"], sender=SENDER, ses=SesOptions(return_path_arn="arn:x" if lent else ""))
    moved = replace(mail, envelope=replace(mail.envelope, return_path=Address("bounce@other.example")))
    assert senders_of(moved) == ((SENDER,) if lent else (SENDER, "bounce@other.example"))


def test_without_the_request_the_sender_is_left_to_ses() -> None:
    assert not Guarded().send("ada@example.org", sender="me@other.example").failed


@pytest.mark.parametrize(
    ("fields", "senders"),
    [
        ({"reply_to": ["a@b.example", SENDER]}, ("a@b.example",)),
        ({"headers": [("Sender", "Me <c@d.example>")]}, ("c@d.example",)),
        ({"ses": SesOptions(feedback_address="e@f.example")}, ("e@f.example",)),
        ({"headers": [("X-Shop", "Me <c@d.example>"), ("sender", "x@y.example")]}, ("x@y.example",)),
        ({"sender": "Me@example.org"}, ("Me@example.org",)),
        ({"sender": "x@y.example", "reply_to": ["a@b.example"]}, ("x@y.example", "a@b.example")),
        ({"sender": "x@y.example", "ses": SesOptions(from_arn="arn:x")}, ()),
        ({"sender": "x@y.example", "ses": SesOptions(source_arn="arn:x")}, ()),
        ({"sender": "x@y.example", "ses": SesOptions(return_path_arn="arn:x")}, ("x@y.example",)),
    ],
)
def test_those_are_senders(fields: dict[str, Any], senders: tuple[str, ...]) -> None:
    it = Guarded(check_sender=True)
    if not senders:
        assert not it.send("ada@example.org", **fields).failed
        return
    with pytest.raises(UnverifiedSender) as caught:
        it.send("ada@example.org", **fields)
    assert caught.value.senders == senders


def test_a_sender_may_be_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    assert not Guarded("warn", check_sender=True).send("bob@example.org", sender="a@b.example").failed
    assert caplog.messages == ["SES will refuse 1 of 1 recipients and 1 senders: they are not verified"]


def test_the_error_pickles_with_its_facts() -> None:
    error = pickle.loads(pickle.dumps(UnverifiedSender("no", senders=["a@b.example"], region="x", policy="sandbox")))
    assert (str(error), error.senders, error.region, error.policy) == ("no", ("a@b.example",), "x", "sandbox")


# ── what is not known ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("account", "text"),
    [
        (KnownAccount(UNKNOWN), "whether it is in the sandbox: ses:GetAccount is not allowed, or there are no keys"),
        (KnownAccount(SANDBOX), "who is verified: ses:ListEmailIdentities is not allowed, or there are no keys"),
        (KnownAccount(CUT_OFF), "whether it is in the sandbox: it did not answer"),
        (KnownAccount(SANDBOX, CUT_OFF), "who is verified: it did not answer"),
    ],
)
def test_unknown_is_said_once_and_holds_nobody_back(
    account: KnownAccount, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    it = Guarded(account=account)
    for _ in range(5):
        assert not it.send("bob@example.org").failed
        it.clock.time += 400

    assert caplog.messages == [f"the sandbox guard lets mails pass, for SES did not say {text}"]
    assert account.says.asked == 5


def test_unknown_is_said_again_when_it_had_been_known(caplog: pytest.LogCaptureFixture) -> None:
    it = Guarded(account=KnownAccount([UNKNOWN, PRODUCTION, UNKNOWN]))
    for _ in range(3):
        it.send("bob@example.org")
        it.clock.time += 300
    assert len(caplog.messages) == 2


def test_that_nobody_answered_is_remembered_for_a_minute_and_no_longer() -> None:
    it = Guarded(account=KnownAccount([CUT_OFF, SANDBOX], IDENTITIES))
    it.send("bob@example.org")
    it.clock.time += 59
    it.send("bob@example.org")
    assert (it.account.asked, it.clock.slept) == ((1, 0), [])

    it.clock.time += 1
    with pytest.raises(UnverifiedRecipients):
        it.send("bob@example.org")


def test_where_ses_is_asked_too_often_it_is_asked_again_a_second_later() -> None:
    it = Guarded(account=KnownAccount([THROTTLED, THROTTLED, SANDBOX], IDENTITIES))
    with pytest.raises(UnverifiedRecipients):
        it.send("bob@example.org")
    assert (it.account.asked, it.clock.slept) == ((3, 1), [1.0, 1.0])


def test_a_mail_waits_for_two_repetitions_and_not_for_more() -> None:
    it = Guarded(account=KnownAccount(THROTTLED))
    assert not it.send("bob@example.org").failed
    assert (it.account.asked, it.clock.slept) == ((3, 0), [1.0, 1.0])


@pytest.mark.parametrize("error", [AccountError("no", operation="GetAccount", code="X"), SesmailError("odd")])
def test_what_no_repetition_mends_is_not_repeated(error: SesmailError) -> None:
    it = Guarded(account=KnownAccount(error))
    assert not it.send("bob@example.org").failed
    assert it.clock.slept == []


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_facts_hold_for_their_time() -> None:
    it = Guarded(ttl_s=30)
    for _ in range(3):
        it.send("ada@example.org")
        it.clock.time += 29
        it.send("ada@example.org")
        it.clock.time += 1
    assert it.account.asked == (3, 3)


def test_who_was_just_verified_need_not_wait_for_that_time() -> None:
    it = Guarded()
    with pytest.raises(UnverifiedRecipients):
        it.send("bob@example.org")
    it.account.now(SANDBOX, {**IDENTITIES, "bob@example.org": True})
    it.clock.time += 1.9
    with pytest.raises(UnverifiedRecipients):
        it.send("bob@example.org")
    assert it.account.asked == (1, 1)

    it.clock.time += 0.1
    assert not it.send("bob@example.org").failed


def test_who_leaves_the_sandbox_need_not_wait_for_that_time() -> None:
    it = Guarded()
    it.send("ada@example.org")
    it.account.now(PRODUCTION)
    it.clock.time += 2
    assert not it.send("bob@example.org").failed


# ── learning ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_of_somebody_verified_is_believed_and_asked_about_a_second_later() -> None:
    it = Guarded("refuse", unverified("ada@EXAMPLE.org"))  # as SES may spell it
    with pytest.raises(RejectedUnverified):
        it.send("ada@example.org", "you@shop.example")

    with pytest.raises(UnverifiedRecipients) as caught:
        it.send("ada@example.org", "you@shop.example")
    assert caught.value.recipients == ("ada@example.org",)
    assert it.account.asked == (1, 1), "at most once a second"

    it.clock.time += 1
    assert not it.send("ada@example.org").failed
    assert it.account.asked == (2, 2)


def test_it_learns_from_a_result_in_which_only_some_failed() -> None:
    it = Guarded("drop", partly(ada=unverified("ada@example.org")))
    it.send("ada@example.org", "you@shop.example")

    assert it.send("ada@example.org", "you@shop.example").failed[0].outcome is Outcome.WITHHELD
    assert it.way.people[1] == ["you@shop.example"]


def test_those_whom_ses_names_are_found_by_their_own_letters() -> None:
    it = Guarded("refuse", unverified("Any@SHOP.example"))
    with pytest.raises(RejectedUnverified):
        it.send("Any@shop.example")
    with pytest.raises(UnverifiedRecipients):
        it.send("Any@shop.example")


def test_a_refusal_of_other_letters_is_none_of_the_verified_ones() -> None:
    it = Guarded("warn", unverified("ADA@example.org"))
    with pytest.raises(RejectedUnverified):
        it.send("ada@example.org", "ADA@example.org")
    it.clock.time += 1.9
    it.send("ada@example.org")
    assert it.account.asked == (1, 1)


def test_other_errors_of_some_teach_nothing() -> None:
    it = Guarded("drop", partly(ada=Throttled("too fast")))
    it.send("ada@example.org", "you@shop.example")
    assert not it.send("ada@example.org", "you@shop.example").failed


def test_where_only_ses_can_tell_it_is_believed_as_long_as_the_identities_are_the_same() -> None:
    it = Guarded("refuse", unverified("ada+x@example.org"))
    with pytest.raises(RejectedUnverified):
        it.send("ada+x@example.org")
    assert it.account.asked == (1, 1)
    for _ in range(3):
        it.clock.time += 400
        with pytest.raises(UnverifiedRecipients):
            it.send("ada+x@example.org")
    assert not it.send("ada+y@example.org").failed

    it.account.now(SANDBOX, {**IDENTITIES, "new.example": True})
    it.clock.time += 400
    assert not it.send("ada+x@example.org").failed


def test_a_refusal_of_recipients_in_production_is_asked_about() -> None:
    it = Guarded("refuse", None, unverified("bob@example.org"), account=KnownAccount([PRODUCTION, SANDBOX], IDENTITIES))
    it.send("bob@example.org")
    with pytest.raises(RejectedUnverified):
        it.send("bob@example.org")

    it.clock.time += 1
    with pytest.raises(UnverifiedRecipients):
        it.send("bob@example.org")


@pytest.mark.parametrize("check_sender", [False, True])
def test_a_refusal_of_the_sender_alone_says_nothing_of_the_sandbox(check_sender: bool) -> None:
    account = KnownAccount(PRODUCTION, IDENTITIES)
    it = Guarded("refuse", unverified(senders=("x@y.example",)), account=account, check_sender=check_sender)
    with pytest.raises(RejectedUnverified):
        it.send("bob@example.org")
    it.clock.time += 2
    it.send("bob@example.org")
    assert it.account.says.asked == 1


def test_with_senders_looked_at_a_refusal_of_recipients_in_production_is_asked_about() -> None:
    it = Guarded("refuse", unverified("bob@example.org"), account=KnownAccount(PRODUCTION, {}), check_sender=True)
    it.account.now(PRODUCTION, IDENTITIES)
    with pytest.raises(RejectedUnverified):
        it.send("bob@example.org")
    it.clock.time += 1
    it.send("bob@example.org")
    assert it.account.asked == (2, 2)


def test_of_an_account_that_nobody_may_ask_about_a_refusal_says_nothing() -> None:
    it = Guarded("refuse", unverified("bob@example.org"), account=KnownAccount(UNKNOWN))
    with pytest.raises(RejectedUnverified):
        it.send("bob@example.org")
    it.clock.time += 2
    assert not it.send("bob@example.org").failed
    assert it.account.asked == (1, 0)


def test_a_refusal_of_a_verified_sender_is_believed_and_asked_about() -> None:
    it = Guarded("refuse", unverified(senders=("me@SHOP.example",)), check_sender=True)
    with pytest.raises(RejectedUnverified):
        it.send("ada@example.org")
    with pytest.raises(UnverifiedSender):
        it.send("ada@example.org")
    it.clock.time += 1
    assert not it.send("ada@example.org").failed
    assert it.account.asked == (2, 2)


def test_a_sender_that_was_to_be_warned_of_teaches_nothing() -> None:
    it = Guarded("warn", unverified(senders=("a@b.example",)), check_sender=True)
    with pytest.raises(RejectedUnverified):
        it.send("ada@example.org", sender="a@b.example")
    it.clock.time += 1.9
    it.send("ada@example.org")
    assert it.account.asked == (1, 1)


def test_what_is_remembered_has_a_bound() -> None:
    facts = run(find_facts(KnownAccount(SANDBOX, {"ada@example.org": True})), StillClock())
    for number in range(1500):
        name = f"ada+{number}@example.org"
        assert not facts.learn(outgoing([name]), unverified(name))
    assert len(facts.refused) <= 1000
    assert facts.findings(outgoing(["ada+1499@example.org"]), senders=False).refused


def test_facts_of_another_time_teach_nothing_where_identities_are_unknown() -> None:
    facts = Facts(SANDBOX)
    facts.inherit(None)
    facts.inherit(Facts(SANDBOX))
    assert facts.refused == set()
    assert facts.in_sandbox
    assert not facts.findings(outgoing(["bob@example.org"]), senders=True).refused


# ── how it is built ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"mode": "off"}, "sandbox is one of refuse, drop, redirect, warn"),
        ({"mode": "redirect"}, "an address to redirect to goes with sandbox=redirect"),
        ({"redirect_to": "a@b.example"}, "an address to redirect to goes with sandbox=redirect"),
        ({"ttl_s": 0}, "ttl_s"),
        ({"ttl_s": float("inf")}, "ttl_s"),
        ({"account": None}, "scripted.* knows none: put it around ses:// or ses\\+smtp://"),
    ],
)
def test_what_contradicts_itself_is_an_error_when_it_is_built(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(SetupError, match=f"(?i){says}"):
        SandboxGuard(Scripted(), **{"account": KnownAccount(), **settings})


class WithAccount(MemoryTransport):
    account = KnownAccount(SANDBOX, IDENTITIES)


def test_it_takes_the_account_of_the_way() -> None:
    guard = SandboxGuard(WithAccount())
    assert guard.account is SandboxGuard(guard).account is WithAccount.account
    with pytest.raises(UnverifiedRecipients):
        guard.send(outgoing(["bob@example.org"]))


def said_in(query: str) -> dict[str, Any]:
    return read_options(TransportUrl.parse(f"memory://?{query}"), OPTIONS)


@pytest.mark.parametrize(
    ("query", "notation"),
    [
        ("sandbox=refuse", "memory://?sandbox=refuse"),
        ("sandbox=drop&sandbox_sender=yes", "memory://?sandbox=drop&sandbox_sender=yes"),
        ("sandbox=warn&sandbox_sender=no", "memory://?sandbox=warn"),
        (
            "sandbox=redirect&sandbox_redirect=a%2Bb@example.org",
            "memory://?sandbox=redirect&sandbox_redirect=a%2Bb@example.org",
        ),
    ],
)
def test_a_url_says_it_and_it_says_so(query: str, notation: str) -> None:
    guard = SandboxGuard.around(WithAccount(), said_in(query))

    assert isinstance(guard, SandboxGuard)
    assert repr(guard) == guard.notation == notation
    assert repr(SandboxGuard.around(WithAccount(), said_in(notation.partition("?")[2]))) == notation
    assert guard.checks_sender is ("sandbox_sender=yes" in query)
    assert guard.mode in query


@pytest.mark.parametrize("query", ["sandbox=off", ""])
def test_off_leaves_the_way_as_it_is(query: str) -> None:
    way = MemoryTransport()
    assert SandboxGuard.around(way, said_in(query) if query else {}) is way


@pytest.mark.parametrize("query", ["sandbox_sender=yes", "sandbox=off&sandbox_redirect=a@b.example"])
def test_options_of_a_guard_that_is_not_there_are_an_error(query: str) -> None:
    with pytest.raises(SetupError, match="go with sandbox=refuse"):
        SandboxGuard.around(WithAccount(), said_in(query))


@pytest.mark.parametrize("query", ["sandbox=yes", "sandbox_redirect=nobody", "sandbox_sender=perhaps"])
def test_a_word_that_is_none_is_an_error(query: str) -> None:
    with pytest.raises(SetupError, match=query.partition("=")[0]):
        said_in(query)


def test_logs_hold_no_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    it = Guarded("warn", unverified("bob@example.org"))
    with pytest.raises(RejectedUnverified):
        it.send("bob@example.org", "ada+x@example.org")
    assert len(caplog.messages) == 2
    assert "@" not in "".join(caplog.messages)


def test_concurrent_mails_ask_once() -> None:
    it = Guarded()

    async def send_many() -> list[SendResult]:
        mails = [outgoing(["ada@example.org"], sender=SENDER) for _ in range(20)]
        return await asyncio.gather(*[arun(it.guard.flow(mail), it.clock) for mail in mails])

    assert len(asyncio.run(send_many())) == 20
    assert it.account.asked == (1, 1)


def test_facts_can_be_looked_at() -> None:
    it = Guarded()
    first: Facts = run(it.guard.facts(), it.clock)
    assert first is run(it.guard.facts(), it.clock)
    assert Address("you@shop.example") not in first.findings(outgoing(["you@shop.example"]), senders=False).refused
