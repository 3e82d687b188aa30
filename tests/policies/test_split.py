"""Split: many people, several mails, a result for each; one part that fails is not the end of the others."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import replace
from typing import Any

import pytest

from sesmail import Address, Email, Envelope, Mailer, Outcome, Outgoing, SesOptions, mime
from sesmail.errors import (
    AccessDenied,
    AccountError,
    AllFailed,
    AuthFailed,
    CredentialsExpired,
    CredentialsMissing,
    NotFound,
    QuotaExceeded,
    Rejected,
    SendError,
    SendingPaused,
    SesmailError,
    SetupError,
    Suppressed,
    Throttled,
    TimedOut,
    Unavailable,
    Unsupported,
)
from sesmail.policies.split import OPTIONS, Split
from sesmail.testing import TransportContract
from sesmail.transports import MemoryTransport, TransportUrl
from sesmail.transports.limits import NONE, SES, Limits
from sesmail.transports.option import read_options
from tests.policies.carrying import COLOURS, Carry
from tests.policies.stepping import Scripted, Stepper, outgoing, partly, people


class TestContract(TransportContract):
    def make_transport(self) -> Split:
        return Split(MemoryTransport())

    def delivered(self, transport: Any) -> list[bytes]:
        return [mail.content.to_bytes() for mail in transport.inner.sent]

    def refuse(self, transport: Any, addresses: list[Address]) -> None:
        transport.inner.refuse(*addresses)

    # Its name is the way's, since it was the way that carried the mail.
    def test_a_result_says_where_the_mail_can_be_found_again(self) -> None:
        result = self.make_transport().send(outgoing())
        assert (result.transport, bool(result.message_id)) == ("memory", True)


class TestContractInParts(TestContract):
    """With a part for each recipient, all the same must hold."""

    def make_transport(self) -> Split:
        return Split(MemoryTransport(), each=True)

    # The bytes arrive once for each, and these count them.
    test_a_blind_copy_reaches_the_envelope_and_nothing_else = None  # type: ignore[assignment]


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_that_is_small_enough_is_left_alone() -> None:
    mail = outgoing(people(50))
    stepper = Stepper(Split(Scripted()).flow(mail))
    assert stepper.sends.outgoing is mail
    stepper.give("result")
    assert stepper.result == "result"


def test_one_more_is_too_many() -> None:
    way = Scripted()
    Split(way).send(outgoing(people(51)))
    assert [len(part) for part in way.people] == [50, 1]


@COLOURS
def test_parts_keep_kinds_and_order(carry: Carry) -> None:
    way = Scripted()
    mail = outgoing(people(3), cc=["c1@example.org", "c2@example.org"], bcc=["b1@example.org", "b2@example.org"])
    result = carry(Split(way, 2), mail)

    kinds = [(len(one.envelope.to), len(one.envelope.cc), len(one.envelope.bcc)) for one in way.seen]
    assert kinds == [(2, 0, 0), (1, 1, 0), (0, 1, 1), (0, 0, 1)]
    assert [email for part in way.people for email in part] == [one.email for one in mail.envelope.recipients]
    assert [one.address for one in result.recipients] == list(mail.envelope.recipients)
    assert result.failed == ()


def test_all_parts_have_the_same_content_options_and_return_path() -> None:
    email = Email(sender="a@example.com", to=people(4), text="Hello", ses=SesOptions(configuration_set="main"))
    mail = Outgoing(email, Envelope.of(email, return_path="bounce@example.com"), mime.write(email), email.ses)
    way = Scripted()
    Split(way, each=True).send(mail)

    assert len(way.seen) == 4
    for part in way.seen:
        assert part.content is mail.content
        assert part.ses is mail.ses
        assert part.email is mail.email
        assert part.envelope.return_path.email == "bounce@example.com"
    assert len(mail.envelope.recipients) == 4, "what the caller holds is not changed"


def test_each_is_one_mail_for_everyone() -> None:
    way = Scripted()
    Split(way, each=True).send(outgoing(people(2), bcc="b@example.org"))
    assert way.people == [["reader0@example.org"], ["reader1@example.org"], ["b@example.org"]]


@pytest.mark.parametrize(("limits", "size"), [(SES, 50), (NONE, 50), (Limits(max_recipients=7), 7)])
def test_without_a_size_parts_are_as_large_as_the_way_takes(limits: Limits, size: int) -> None:
    way = Scripted(limits=limits)
    Split(way).send(outgoing(people(60)))
    assert len(way.seen[0].envelope.recipients) == size


def test_it_takes_any_number_of_recipients_and_else_what_its_way_takes() -> None:
    assert Split(Scripted()).limits == replace(SES, max_recipients=None)
    way = Scripted()
    assert len(Mailer(Split(way), sender="shop@example.com").send(to=people(120), text="Hello").recipients) == 120
    assert [len(part) for part in way.people] == [50, 50, 20]


def test_the_ids_are_those_of_the_first_part_and_all_results_are_kept() -> None:
    way = Scripted(Rejected("no"), None, None)
    result = Split(way, 1).send(outgoing(people(3)))

    assert (result.message_id, result.transport) == ("id-2", "scripted")
    parts: Any = result.raw["parts"]
    assert [part.message_id for part in parts] == ["id-2", "id-3"]
    assert [list(part.by_recipient) for part in parts] == [["reader1@example.org"], ["reader2@example.org"]]
    assert pickle.loads(pickle.dumps(result)).raw["parts"] == parts


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "error",
    [
        Throttled("slower"),
        Unavailable("down"),
        TimedOut("late"),
        Rejected("no"),
        Suppressed("listed"),
        Unsupported("no SMTPUTF8", feature="x"),
        AccountError("cannot ask", operation="GetAccount"),
        AllFailed("all", [AuthFailed("no"), Unavailable("down")]),
    ],
)
@COLOURS
def test_one_part_that_fails_does_not_stop_the_others(carry: Carry, error: SesmailError) -> None:
    way = Scripted(None, error, None)
    result = carry(Split(way, 1), outgoing(people(3)))

    assert len(way.seen) == 3
    outcome = getattr(error, "outcome", Outcome.NOT_SENT)
    assert [one.outcome for one in result.recipients] == [Outcome.SENT, outcome, Outcome.SENT]
    assert result.recipients[1].error is error


MEETS_ALL: list[SesmailError] = [
    AuthFailed("no"),
    AccessDenied("no"),
    CredentialsExpired("old"),
    SendingPaused("paused"),
    QuotaExceeded("used up"),
    NotFound("no such set"),
    SetupError("wrong"),
    CredentialsMissing("none"),
    AllFailed("all", [AuthFailed("no"), SendingPaused("paused")]),
]


@pytest.mark.parametrize("error", MEETS_ALL)
@COLOURS
def test_a_fault_that_would_meet_all_others_stops_them(carry: Carry, error: SesmailError) -> None:
    way = Scripted(None, error)
    result = carry(Split(way, 2), outgoing(people(7)))

    assert len(way.seen) == 2
    assert [str(one.outcome) for one in result.recipients] == ["sent"] * 2 + ["not_sent"] * 5
    assert all(one.error is error for one in result.failed)


@pytest.mark.parametrize("error", MEETS_ALL)
def test_at_the_first_part_it_is_raised_as_it_is(error: SesmailError) -> None:
    way = Scripted(error)
    with pytest.raises(type(error)) as raised:
        Split(way, 2).send(outgoing(people(7)))
    assert raised.value is error
    assert len(way.seen) == 1


def test_those_who_were_not_tried_are_not_sent_whatever_became_of_the_part() -> None:
    error = SendingPaused("paused in the middle", outcome=Outcome.UNKNOWN)
    result = Split(Scripted(None, error), 1).send(outgoing(people(4)))
    assert [str(one.outcome) for one in result.recipients] == ["sent", "unknown", "not_sent", "not_sent"]


def test_where_all_failed_it_raises_with_the_word_that_asks_for_most_care() -> None:
    with pytest.raises(SendError) as raised:
        Split(Scripted(Throttled("slower"), TimedOut("late"), Rejected("no")), 1).send(outgoing(people(3)))
    assert raised.value.outcome is Outcome.UNKNOWN
    assert not raised.value.retryable
    assert len(raised.value.recipients) == 3

    with pytest.raises(SendError) as raised:
        Split(Scripted(Throttled("slower"), Throttled("slower")), 1).send(outgoing(people(2)))
    assert (raised.value.outcome, raised.value.retryable) == (Outcome.NOT_SENT, True)


def test_a_mail_that_is_wrong_itself_is_raised_as_what_it_is() -> None:
    errors = [Unsupported("raw only", feature="simple"), Unsupported("raw only", feature="simple")]
    with pytest.raises(Unsupported) as raised:
        Split(Scripted(*errors), 1).send(outgoing(people(2)))
    assert raised.value is errors[0]

    with pytest.raises(SendError) as of_both:
        Split(Scripted(TimedOut("may be out"), errors[0]), 1).send(outgoing(people(2)))
    assert of_both.value.outcome is Outcome.UNKNOWN
    assert len(of_both.value.recipients) == 2


def test_what_a_part_says_of_each_is_kept() -> None:
    way = Scripted(partly(reader1=Rejected("no")), None)
    result = Split(way, 2).send(outgoing(people(3)))
    assert [str(one.outcome) for one in result.recipients] == ["sent", "refused", "sent"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, asyncio.CancelledError])
@COLOURS
def test_after_an_interruption_nothing_more_is_sent(carry: Carry, end: type[BaseException]) -> None:
    def broken_off(_: Outgoing) -> Any:
        raise end

    way = Scripted(None, broken_off)
    with pytest.raises(end):
        carry(Split(way, 1), outgoing(people(5)))
    assert len(way.seen) == 2


def test_a_cancelled_split_sends_nothing_more() -> None:
    memory = MemoryTransport()
    memory.slow_down(0.01)

    async def main() -> int:
        task = asyncio.ensure_future(Split(memory, each=True).asend(outgoing(people(50))))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        sent = len(memory.sent)
        await asyncio.sleep(0.05)
        assert len(memory.sent) == sent
        return sent

    assert asyncio.run(main()) < 10


# ── how it is set up ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [0, -1, True, 2.5, "50"])
def test_a_size_is_a_number_over_0(size: Any) -> None:
    with pytest.raises(SetupError, match="split takes a number"):
        Split(Scripted(), size)


def test_a_size_fits_the_way() -> None:
    Split(Scripted(), 50)
    with pytest.raises(SetupError, match="parts of 51 recipients, and the way out takes 50"):
        Split(Scripted(), 51)
    Split(Scripted(limits=NONE), 1000)
    with pytest.raises(SetupError, match="either"):
        Split(Scripted(), 50, each=True)


@pytest.mark.parametrize("value", ["each", "1", "50", "7"])
def test_it_is_said_in_a_url(value: str) -> None:
    memory = MemoryTransport()
    policy = Split.around(memory, read_options(TransportUrl.parse(f"memory://?split={value}"), OPTIONS))
    assert repr(policy) == f"memory://?split={value}"
    assert Split.around(memory, {}) is memory


@pytest.mark.parametrize("value", ["", "0", "yes", "-1", "1.5", "٣", "9999999999", "Each"])
def test_other_words_are_refused(value: str) -> None:
    with pytest.raises(SetupError, match="split takes a whole number, over 0, or each"):
        read_options(TransportUrl.parse(f"memory://?split={value}"), OPTIONS)
