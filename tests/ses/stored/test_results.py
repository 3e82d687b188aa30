"""What SES says of each mail of a bulk, and what becomes of it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from botocore.session import get_session

from sesmail import Outcome
from sesmail.errors import (
    MailError,
    NotFound,
    QuotaExceeded,
    Rejected,
    RejectedUnverified,
    SendError,
    SendingPaused,
    Throttled,
    Unavailable,
)
from sesmail.mail.outgoing import SendResult, results_of
from sesmail.ses.stored.content import StoredRow
from sesmail.ses.stored.errand import run
from sesmail.ses.stored.sends import StoredSends
from sesmail.ses.stored.statuses import STATUSES, folded
from tests.policies.stepping import StillClock
from tests.ses.asking import Told
from tests.ses.stored.test_calls import outgoing

ROWS = [StoredRow(to=f"{name}@example.org") for name in ("ada", "bob", "eve")]
NOT_VERIFIED = (
    "Email address is not verified. The following identities failed the check in region EU-WEST-1: bob@example.org"
)
NOT_SENT, REFUSED, UNKNOWN = Outcome.NOT_SENT, Outcome.REFUSED, Outcome.UNKNOWN


def bulk(*entries: Any, rows: int = 3) -> SendResult:
    return sent({"BulkEmailEntryResults": list(entries)}, rows=rows)


def sent(values: dict[str, Any], rows: int = 3) -> SendResult:
    sends = StoredSends(transport="ses", region="eu-west-1", id_domain="x.example", now=lambda: 0.0, check=False)
    clock = StillClock()
    return run(sends.steps(outgoing(*ROWS[:rows])), Told(values), clock)


def good(message_id: str) -> dict[str, str]:
    return {"Status": "SUCCESS", "MessageId": message_id}


@pytest.mark.parametrize(
    ("status", "text", "kind", "outcome", "retryable"),
    [
        ("MESSAGE_REJECTED", "a virus", Rejected, REFUSED, False),
        ("MESSAGE_REJECTED", NOT_VERIFIED, RejectedUnverified, REFUSED, False),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", "", RejectedUnverified, REFUSED, False),
        ("CONFIGURATION_SET_NOT_FOUND", "", NotFound, NOT_SENT, False),
        ("CONFIGURATION_SET_DOES_NOT_EXIST", "", NotFound, NOT_SENT, False),
        ("TEMPLATE_NOT_FOUND", "Template news does not exist.", NotFound, NOT_SENT, False),
        ("TEMPLATE_DOES_NOT_EXIST", "", NotFound, NOT_SENT, False),
        ("TemplateDoesNotExist", "", NotFound, NOT_SENT, False),
        ("ACCOUNT_SUSPENDED", "", SendingPaused, NOT_SENT, False),
        ("ACCOUNT_THROTTLED", "Maximum sending rate exceeded.", Throttled, NOT_SENT, True),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", "Daily message quota exceeded.", QuotaExceeded, NOT_SENT, True),
        ("INVALID_SENDING_POOL_NAME", "", NotFound, NOT_SENT, False),
        ("ACCOUNT_SENDING_PAUSED", "", SendingPaused, NOT_SENT, False),
        ("CONFIGURATION_SET_SENDING_PAUSED", "", SendingPaused, NOT_SENT, False),
        ("INVALID_PARAMETER", "Illegal address", Rejected, REFUSED, False),
        ("INVALID_PARAMETER_VALUE", "", Rejected, REFUSED, False),
        ("TRANSIENT_FAILURE", "", Unavailable, NOT_SENT, True),
        ("FAILED", "Email address is not verified.", RejectedUnverified, REFUSED, False),
        ("FAILED", "who knows", SendError, NOT_SENT, False),
        ("SOMETHING_NEW", "", SendError, UNKNOWN, False),
        ("PENDING", "Email address is not verified.", SendError, UNKNOWN, False),
        ("", "", SendError, UNKNOWN, False),
        (None, "", SendError, UNKNOWN, False),
        (7, "", SendError, UNKNOWN, False),
    ],
)  # fmt: skip
def test_a_status_is_an_error_with_an_outcome(
    status: object, text: str, kind: type[SendError], outcome: Outcome, retryable: bool
) -> None:
    result = bulk(good("1"), {"Status": status, "Error": text}, good("3"))
    ada, bob, eve = result.recipients

    assert (ada.outcome, eve.outcome) == (Outcome.SENT, Outcome.SENT)
    error = bob.error
    assert isinstance(error, SendError)
    assert type(error) is kind
    assert (bob.outcome, error.outcome, error.retryable) == (outcome, outcome, retryable)
    assert error.code == (status if isinstance(status, str) else "")


def test_the_table_knows_every_status_of_the_model() -> None:
    model = get_session().get_service_model("sesv2")
    known = model.shape_for("BulkEmailStatus").enum

    assert len(known) > 10
    assert {folded(status) for status in known} <= {*STATUSES, "success"}


def test_who_is_not_verified_is_named_where_it_is_one_of_the_entry() -> None:
    said = (
        "Email address is not verified. The following identities failed the check in region EU-WEST-1: bob@example.org"
    )
    result = bulk(good("1"), {"Status": "MESSAGE_REJECTED", "Error": said}, good("3"))
    error = result.recipients[1].error

    assert isinstance(error, RejectedUnverified)
    assert error.recipients == ("bob@example.org",)
    assert error.senders == ()


def test_each_has_the_id_of_its_own_mail() -> None:
    result = bulk({"Status": "ACCOUNT_THROTTLED"}, good("2"), {"Status": "SUCCESS"})

    assert [one.message_id for one in result.recipients] == ["", "2", ""]
    assert (result.message_id, result.message_id_header) == ("2", "<2@x.example>")
    assert result.transport == "ses"
    assert bulk(*[{"Status": "SUCCESS"}] * 3).message_id_header == ""
    assert sent({"MessageId": "1"}, rows=1).recipients[0].message_id == "1"


def test_all_failed_for_one_reason_is_that_reason() -> None:
    for status, kind in (("ACCOUNT_THROTTLED", Throttled), ("TEMPLATE_NOT_FOUND", NotFound)):
        with pytest.raises(kind):
            bulk(*[{"Status": status, "Error": "so"}] * 3)
    with pytest.raises(SendError, match="3 of 3") as caught:
        bulk({"Status": "FAILED", "Error": "a"}, *[{"Status": "FAILED", "Error": "b"}] * 2)
    a, b, c = results_of(caught.value)
    assert a.error is not b.error
    assert b.error is c.error


def test_all_failed_for_several_reasons_is_one_error_that_holds_them_all() -> None:
    with pytest.raises(SendError, match="3 of 3 recipients failed") as caught:
        bulk({"Status": "ACCOUNT_THROTTLED"}, {"Status": "MESSAGE_REJECTED"}, {"Status": "TRANSIENT_FAILURE"})
    results = results_of(caught.value)

    assert [type(one.error) for one in results] == [Throttled, Rejected, Unavailable]
    assert [one.outcome for one in results] == [NOT_SENT, REFUSED, NOT_SENT]
    assert results_of(MailError("x")) == ()
    again = results_of(pickle.loads(pickle.dumps(caught.value)))
    assert [(one.address, type(one.error)) for one in again] == [(one.address, type(one.error)) for one in results]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"BulkEmailEntryResults": None},
        {"BulkEmailEntryResults": 7},
        {"BulkEmailEntryResults": [good("1")]},
        {"BulkEmailEntryResults": [good("1")] * 4},
    ],
)
def test_an_answer_that_does_not_say_it_of_each_leaves_all_unknown(values: dict[str, Any]) -> None:
    with pytest.raises(Unavailable) as caught:
        sent(values)
    assert (caught.value.outcome, caught.value.retryable) == (Outcome.UNKNOWN, False)


@pytest.mark.parametrize("entry", [None, 7, [], "SUCCESS", {"Status": {}, "Error": 7, "MessageId": 3}])
def test_of_a_strange_entry_nobody_knows_whether_it_was_sent(entry: object) -> None:
    (_, strange, _) = bulk(good("1"), entry, good("3")).recipients

    assert type(strange.error) is SendError
    assert (strange.outcome, strange.error.retryable) == (UNKNOWN, False)


def test_a_reply_is_kept_as_it_came() -> None:
    values = {"BulkEmailEntryResults": [good("1"), good("2"), good("3")]}

    assert sent(values).raw == values
