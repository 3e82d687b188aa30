"""A call as a value, and what comes back."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from sesmail import Email, mime
from sesmail.ses.call import ApiFault, Blob, Call, Reply

CONTENT = mime.write(Email(sender="shop@example.com", to="ada@example.org", subject="Your order", text="It is sent."))
CALL = Call("sesv2", "SendEmail", {"Content": {"Raw": {"Data": Blob(CONTENT)}}, "FromEmailAddress": "a@example.com"})


def test_a_blob_is_the_bytes_of_a_mail_at_once_or_in_pieces_and_as_often_as_asked() -> None:
    blob = Blob(CONTENT)

    assert blob.to_bytes() == CONTENT.to_bytes()
    assert blob.size == len(blob.to_bytes())
    for _ in range(2):
        assert b"".join(blob.chunks()) == blob.to_bytes()


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Blob(CONTENT), f"Blob({CONTENT.size} bytes)"),
        (CALL, "Call(service='sesv2', operation='SendEmail')"),
        (Reply({"MessageId": "0100"}, "r-1"), "Reply(request_id='r-1')"),
        (Reply({}), "Reply(request_id='')"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_nothing_of_a_mail_is_printed(value: object, printed: str) -> None:
    assert repr(value) == printed


def test_equal_calls_are_equal() -> None:
    assert Call("ses", "GetSendQuota", {}) == Call("ses", "GetSendQuota", {})
    assert Call("ses", "GetSendQuota", {}) != Call("sesv2", "GetSendQuota", {})


@pytest.mark.parametrize(("value", "field"), [(CALL, "operation"), (Reply({}), "values"), (Blob(CONTENT), "content")])
def test_none_can_be_changed(value: object, field: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, field, None)


def test_a_fault_holds_what_ses_said_and_prints_none_of_it() -> None:
    fault = ApiFault(
        CALL,
        code="MessageRejected",
        message="Email address is not verified: ada@example.org",
        status=400,
        request_id="r-1",
        retry_after_s=2.5,
    )

    assert (fault.service, fault.operation, fault.code) == ("sesv2", "SendEmail", "MessageRejected")
    assert (fault.status, fault.request_id, fault.retry_after_s) == (400, "r-1", 2.5)
    assert fault.message == "Email address is not verified: ada@example.org"
    assert str(fault) == "SendEmail: MessageRejected (400)"
    assert "ada" not in repr(fault)


def test_a_fault_may_say_little() -> None:
    fault = ApiFault(CALL, code="", message="", status=503)

    assert (fault.request_id, fault.retry_after_s) == ("", None)
