"""The small values: frozen, comparable, and short to print."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from sesmail import (
    Address,
    Alternative,
    Attachment,
    Email,
    Envelope,
    Outcome,
    Outgoing,
    RecipientResult,
    SendResult,
    SesOptions,
    Unsubscribe,
    mime,
)
from sesmail.errors import InvalidHeader, MailError, PartlySent, SendError, Throttled, Withheld
from sesmail.mail.frozen_map import FrozenMap

FULL = Email(
    sender="Shop <shop@example.com>",
    to=["ada@example.org", ("Charles", "charles@example.org")],
    cc="cc@example.org",
    bcc="bcc@example.org",
    reply_to="reply@example.com",
    subject="Your order",
    text="text",
    html="<p>html",
    attachments={"a.txt": "a"},
    alternatives=[Alternative.amp("<html ⚡4email>")],
    headers={"X-A": "b"},
    tags={"campaign": "spring"},
    metadata={"user": 42},
    message_id="1@example.com",
    date=datetime(2026, 11, 20, tzinfo=UTC),
    in_reply_to="0@example.com",
    unsubscribe="https://example.com/u",
    priority="high",
    auto_submitted="auto-generated",
    bulk=True,
    ses=SesOptions(configuration_set="main", contact_list="news", topic="spring", feedback_address="b@Bücher.example"),
)
VALUES = [
    FULL,
    Email(),
    Address("ada@example.com", "Ada"),
    Attachment("a.txt", b"a"),
    Alternative.calendar("BEGIN:VCALENDAR"),
    Unsubscribe("https://example.com/u"),
    SesOptions(tenant="acme"),
    Envelope.of(FULL),
    RecipientResult(Address("a@example.com"), Outcome.SENT),
    SendResult((RecipientResult(Address("a@example.com"), Outcome.SENT),), raw={"a": 1}),
    FrozenMap({"a": 1}),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_are_frozen_equal_hashable_and_travel(value: object) -> None:
    again = pickle.loads(pickle.dumps(value))

    assert again == value
    assert hash(again) == hash(value)
    assert copy.deepcopy(value) == value
    assert not hasattr(value, "__dict__")
    if dataclasses.is_dataclass(value):
        name = dataclasses.fields(value)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, None)


def test_replace_makes_a_copy() -> None:
    changed = FULL.replace(subject="Other", to="eve@example.org")

    assert changed.subject == "Other"
    assert changed.to == (Address("eve@example.org"),)
    assert changed.replace(subject=FULL.subject, to=FULL.to) == FULL
    assert FULL.subject == "Your order"
    with pytest.raises(TypeError, match="subjekt"):
        FULL.replace(subjekt="x")  # type: ignore[call-arg]


def test_normal_forms() -> None:
    assert FULL.message_id == "<1@example.com>"
    assert FULL.references == ()
    assert Email(in_reply_to="<2@x>", references="<0@x> <1@x>").references == ("<0@x>", "<1@x>")
    assert FULL.ses.feedback_address == "b@xn--bcher-kva.example"
    assert FULL.tags["campaign"] == "spring"
    assert dict(FULL.metadata) == {"user": 42}
    assert Email(to=None, cc=None, attachments=None, tags=None, metadata=None) == Email()
    assert Email(unsubscribe="mailto:u@example.com").unsubscribe == Unsubscribe(mailto="u@example.com")
    assert Email(unsubscribe=Unsubscribe("https://x.example")).unsubscribe == Unsubscribe("https://x.example")


def test_repr_says_how_much_and_not_what() -> None:
    assert repr(FULL) == ("Email(from shop@example.com: 2 to, 1 cc, 1 bcc, 1 attachments, text of 4, html of 7)")
    assert repr(Email()) == "Email(from nobody yet: empty)"
    assert repr(FULL.unsubscribe) == "Unsubscribe(by a URL, one click)"
    assert (
        repr(Unsubscribe("https://x.example", "u@x.example", one_click=False)) == "Unsubscribe(by a URL and an address)"
    )
    assert repr(FrozenMap({"a": 1})) == "{'a': 1}"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (Unsubscribe, "a URL, an address, or both"),
        (lambda: Unsubscribe("https://x.example/" + "a" * 900), "at most 900"),
        (lambda: Unsubscribe("javascript:alert(1)", one_click=False), "one click needs"),
        (lambda: SesOptions(topic="x"), "topic: a topic belongs"),
        (lambda: SesOptions(feedback_address="broken"), "feedback_address: there is no @"),
        (lambda: Unsubscribe(mailto="https://example.com"), "mailto: "),
        (lambda: Alternative.calendar("x", method="REQUEST; name*0=evil.exe"), "method: "),
        (lambda: Alternative("x", "text/calendar; name*0=evil.exe"), "content_type: "),
        (lambda: Alternative("x", "text/plain"), "other than plain and html"),
        (lambda: Alternative("x", "application/json"), "other than plain and html"),
        (lambda: Alternative("x", "text/calendar; charset=utf-8"), "charset is always utf-8"),
    ],
)
def test_what_a_value_cannot_be_is_refused(build: object, message: str) -> None:
    with pytest.raises(MailError, match=message):
        build()  # type: ignore[operator]


def test_an_address_is_no_unsubscribe_header_without_a_way() -> None:
    assert Unsubscribe("http://x.example", one_click=False).headers == (("List-Unsubscribe", "<http://x.example>"),)
    assert Unsubscribe(mailto="mailto:u@example.com").headers == (("List-Unsubscribe", "<mailto:u@example.com>"),)


# ── envelope ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everyone_is_in_the_envelope_once_at_the_first_mention() -> None:
    mail = Email(
        sender="s@example.com",
        to=["a@example.com", "A@example.com", "a@EXAMPLE.com"],
        cc=["b@example.com", "Ada <a@example.com>"],
        bcc=["c@example.com", "b@example.com"],
    )
    envelope = Envelope.of(mail)

    assert [address.email for address in envelope.to] == ["a@example.com", "A@example.com"]
    assert [address.email for address in envelope.cc] == ["b@example.com"]
    assert [address.email for address in envelope.bcc] == ["c@example.com"]
    assert len(envelope.recipients) == 4
    assert envelope.return_path == Address("s@example.com")


def test_a_return_path_of_ones_own() -> None:
    bounces = Address("bounces@example.com")

    assert Envelope.of(Email(to="a@example.com"), return_path=bounces).return_path == bounces


def test_an_envelope_takes_text_as_a_mail_does() -> None:
    envelope = Envelope("Bounces <b@example.com>", to="a@example.com, c@example.com")  # type: ignore[arg-type]

    assert [address.email for address in envelope.recipients] == ["a@example.com", "c@example.com"]
    assert Envelope.of(Email(to="a@example.com"), return_path="b@example.com").return_path.email == "b@example.com"
    with pytest.raises(MailError, match="return_path: "):
        Envelope.of(Email(to="a@example.com"), return_path="broken")
    with pytest.raises(MailError, match=r"cc\[1\]: "):
        Envelope(Address("a@example.com"), cc=["a@example.com", "broken"])  # type: ignore[arg-type]


def test_an_envelope_is_never_empty() -> None:
    with pytest.raises(MailError, match="to: there is no recipient"):
        Envelope.of(Email(sender="a@example.com"))
    with pytest.raises(MailError, match="sender: there is no sender"):
        Envelope.of(Email(to="a@example.com"))


def test_bcc_alone_is_enough() -> None:
    assert Envelope.of(Email(sender="a@example.com", bcc="b@example.com")).recipients == (Address("b@example.com"),)


def test_an_envelope_knows_what_it_needs() -> None:
    plain, local = Address("a@example.com"), Address("jürgen@example.com")

    assert not Envelope(plain, (plain,)).needs_smtputf8
    assert Envelope(local, (plain,)).needs_smtputf8
    assert Envelope(plain, bcc=(local,)).needs_smtputf8
    assert repr(Envelope(plain, (plain,), bcc=(local,))) == "Envelope(from a@example.com: 1 to, 1 bcc)"


# ── what goes in and what comes out ──────────────────────────────────────────────────────────────────────────────


def test_outgoing_holds_it_all_and_prints_little() -> None:
    outgoing = Outgoing(FULL, Envelope.of(FULL), mime.write(FULL), FULL.ses)

    assert "Your order" not in repr(outgoing)
    assert "ada@example.org" not in repr(outgoing)


def _result(*outcomes: Outcome) -> SendResult:
    return SendResult(
        tuple(
            RecipientResult(
                Address(f"r{number}@example.com"),
                outcome,
                None if outcome is Outcome.SENT else Throttled("slow", outcome=outcome),
            )
            for number, outcome in enumerate(outcomes)
        ),
        request_id="req",
        transport="memory",
    )


def test_a_full_success_raises_nothing() -> None:
    result = _result(Outcome.SENT, Outcome.SENT)

    result.raise_if_any_failed()
    assert result.failed == ()
    assert repr(result) == "SendResult(2 sent; message_id='', transport='memory')"


@pytest.mark.parametrize(
    ("outcomes", "outcome"),
    [
        ((Outcome.REFUSED, Outcome.REFUSED), Outcome.REFUSED),
        ((Outcome.WITHHELD, Outcome.REFUSED), Outcome.REFUSED),
        ((Outcome.NOT_SENT, Outcome.REFUSED), Outcome.NOT_SENT),
        ((Outcome.NOT_SENT, Outcome.UNKNOWN), Outcome.UNKNOWN),
    ],
)
def test_a_partial_failure_says_for_whom_and_the_worst(outcomes: tuple[Outcome, ...], outcome: Outcome) -> None:
    result = _result(*outcomes)

    with pytest.raises(SendError) as caught:
        result.raise_if_any_failed()
    error = caught.value
    assert error.outcome is outcome
    assert error.recipients == tuple(one.address.email for one in result.failed)
    assert error.retryable
    assert error.request_id == "req"
    assert isinstance(error.__cause__, Throttled)
    assert result.by_recipient["r0@example.com"].outcome is outcomes[0]


def test_what_somebody_has_is_not_sent_to_all_again() -> None:
    with pytest.raises(PartlySent) as caught:
        _result(Outcome.SENT, Outcome.NOT_SENT).raise_if_any_failed()

    error = caught.value
    assert (error.retryable, error.outcome, error.recipients) == (False, Outcome.UNKNOWN, ("r1@example.com",))


def test_what_policies_withheld_stays_withheld() -> None:
    with pytest.raises(Withheld) as caught:
        _result(Outcome.SENT, Outcome.WITHHELD).raise_if_any_failed()

    assert caught.value.recipients == ("r1@example.com",)


def test_metadata_takes_scalars() -> None:
    mail = Email(metadata={"a": None, "b": True, "c": 1.5, "d": "é"})

    assert dict(mail.metadata) == {"a": None, "b": True, "c": 1.5, "d": "é"}


def test_dates_keep_their_zone() -> None:
    zone = timedelta(hours=2)
    from datetime import timezone

    assert Email(date=datetime(2026, 1, 1, tzinfo=timezone(zone))).date.utcoffset() == zone  # type: ignore[union-attr]
    with pytest.raises(InvalidHeader):
        Email(date=datetime(2026, 1, 1))  # noqa: DTZ001
