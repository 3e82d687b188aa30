"""The errors: one tree, facts as attributes, safe to pickle, and told in the docs."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from pathlib import Path

import pytest

from sesmail import Outcome, errors
from sesmail.errors import (
    AllFailed,
    ConnectFailed,
    ConnectionLost,
    InvalidAddress,
    MailError,
    NotVerified,
    Rejected,
    SendError,
    SesmailError,
    TimedOut,
    Withheld,
)

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
}
# One of each, with every fact that it can carry.
SENT_FACTS = {"code": "C1", "stage": "data", "request_id": "r-1"}
SAMPLES: dict[str, SesmailError] = {
    "SesmailError": SesmailError("wrong"),
    "MailError": MailError("wrong", field="to"),
    "InvalidAddress": InvalidAddress("wrong", field="to[1]", value="x"),
    "InvalidHeader": errors.InvalidHeader("wrong", field="subject"),
    "TooLarge": errors.TooLarge("wrong", size=2, limit=1, field="text"),
    "Unsupported": errors.Unsupported("wrong", feature="x", instead=["y"], field="to"),
    "SetupError": errors.SetupError("wrong"),
    "MissingExtra": errors.MissingExtra(package="pybase64", extra="speed", purpose="fast base64"),
    "UnknownScheme": errors.UnknownScheme("memry", known=["memory", "file"]),
    "UnknownOption": errors.UnknownOption("retrys", known=["retry"], where="ses://"),
    "CredentialsMissing": errors.CredentialsMissing("wrong", looked_in=["environment"]),
    "NotVerified": NotVerified("wrong"),
    "Withheld": Withheld("wrong", policy="allow", recipients=["a@example.com"]),
    "UnverifiedSender": errors.UnverifiedSender("wrong", senders=["a@example.com"], region="eu-west-1"),
    "UnverifiedRecipients": errors.UnverifiedRecipients("wrong", recipients=["a@example.com"], region="eu-west-1"),
    "Suppressed": errors.Suppressed("wrong", recipients=["a@example.com"]),
    "RejectedUnverified": errors.RejectedUnverified(
        "wrong", senders=["s@example.com"], recipients=["a@example.com"], region="eu-west-1", **SENT_FACTS
    ),
    "AccessDenied": errors.AccessDenied("wrong", action="ses:SendEmail", resource="arn:x", **SENT_FACTS),
    "AllFailed": AllFailed("no way out", [ConnectFailed("a"), errors.Throttled("b", code="T")]),
    "AccountError": errors.AccountError("wrong", operation="GetAccount", code="C", request_id="r", retryable=True),
    "TemplateError": errors.TemplateError("wrong", template="a.html", line=3, variable="name"),
    "EventError": errors.EventError("wrong"),
    "BadSignature": errors.BadSignature("wrong"),
    "UnknownTopic": errors.UnknownTopic("wrong", topic="arn:x"),
}
for _name, _class in CLASSES.items():
    if _name not in SAMPLES and issubclass(_class, SendError):
        SAMPLES[_name] = _class(
            "wrong",
            retryable=True,
            outcome=Outcome.UNKNOWN,
            retry_after_s=1.5,
            recipients=["a@example.com"],
            **SENT_FACTS,
        )


def test_every_class_has_a_sample() -> None:
    assert set(SAMPLES) == set(CLASSES)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_error_travels_with_its_facts(name: str) -> None:
    error = SAMPLES[name]
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert again.args == error.args or name == "AllFailed"
        assert vars(again) == vars(error)
    assert isinstance(error, SesmailError)


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_is_explained(name: str) -> None:
    text = inspect.getdoc(CLASSES[name]) or ""
    page = (Path(__file__).parents[1] / "docs" / "errors.md").read_text("utf-8")

    assert len(text.split()) >= 8, "a docstring that says what the reader should do"
    assert re.search(rf"\b{name}\b", errors.__doc__ or ""), "drawn in the tree"
    assert f"`{name}`" in page, "named in docs/errors.md"


@pytest.mark.parametrize(
    ("name", "retryable", "outcome"),
    [
        ("MailError", False, "not_sent"),
        ("InvalidAddress", False, "not_sent"),
        ("TooLarge", False, "not_sent"),
        ("Unsupported", False, "not_sent"),
        ("Withheld", False, "withheld"),
        ("UnverifiedRecipients", False, "withheld"),
        ("UnverifiedSender", False, "withheld"),
        ("SendError", False, "not_sent"),
        ("ConnectFailed", True, "not_sent"),
        ("TimedOut", False, "unknown"),
        ("ConnectionLost", False, "unknown"),
        ("Unavailable", True, "not_sent"),
        ("Throttled", True, "not_sent"),
        ("QuotaExceeded", True, "not_sent"),
        ("Rejected", False, "refused"),
        ("RejectedUnverified", False, "refused"),
        ("PartlySent", False, "unknown"),
        ("AuthFailed", False, "not_sent"),
        ("AccessDenied", False, "not_sent"),
        ("CredentialsExpired", True, "not_sent"),
        ("SendingPaused", False, "not_sent"),
        ("NotFound", False, "not_sent"),
    ],
)
def test_a_class_has_its_usual_answers(name: str, retryable: bool, outcome: str) -> None:
    error = CLASSES[name]

    assert (error.retryable, error.outcome) == (retryable, outcome)  # type: ignore[attr-defined]


def test_one_error_may_answer_otherwise() -> None:
    error = TimedOut("no answer to MAIL", outcome=Outcome.NOT_SENT, retryable=True)

    assert (error.outcome, error.retryable) == (Outcome.NOT_SENT, True)
    assert TimedOut("x").outcome is Outcome.UNKNOWN


def test_the_tree() -> None:
    assert issubclass(InvalidAddress, ValueError)
    assert issubclass(errors.InvalidHeader, ValueError)
    assert issubclass(errors.MissingExtra, ImportError)
    assert issubclass(errors.UnverifiedRecipients, Withheld)
    assert issubclass(errors.RejectedUnverified, Rejected)
    assert not issubclass(Withheld, SendError)
    for guarded in ("UnverifiedRecipients", "RejectedUnverified"):
        error = SAMPLES[guarded]
        assert isinstance(error, NotVerified)
        assert (error.recipients, error.region) == (("a@example.com",), "eu-west-1")


def test_a_field_is_told_from_the_outside_in() -> None:
    assert str(MailError("wrong", field="name").inside("[2]").inside("to")) == "to[2].name: wrong"
    assert str(MailError("wrong").inside("to")) == "to: wrong"
    assert str(MailError("wrong")) == "wrong"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SAMPLES["MissingExtra"], 'fast base64 needs the package pybase64: pip install "sesmail[speed]"'),
        (SAMPLES["UnknownScheme"], "unknown scheme 'memry'; did you mean 'memory'?"),
        (SAMPLES["UnknownOption"], "ses:// has no option 'retrys'; did you mean 'retry'?"),
        (errors.UnknownScheme("zzz", known=["memory", "file"]), "unknown scheme 'zzz'; known are file, memory"),
        (errors.UnknownScheme("zzz", known=[]), "unknown scheme 'zzz'"),
    ],
)
def test_a_text_holds_the_cure(error: SesmailError, text: str) -> None:
    assert str(error) == text


def test_all_failed_is_a_group_with_one_answer() -> None:
    group = AllFailed("no way out", [ConnectFailed("a"), ConnectionLost("b")])

    assert str(group) == "no way out (2 ways tried; the first said: a)"
    assert (group.outcome, group.retryable) == (Outcome.UNKNOWN, True)
    assert AllFailed("x", [Rejected("a"), Rejected("b")]).outcome is Outcome.REFUSED
    assert AllFailed("x", [Rejected("a"), ConnectFailed("b")]).outcome is Outcome.NOT_SENT
    part = group.subgroup(ConnectFailed)
    assert isinstance(part, ExceptionGroup)
    assert not isinstance(part, AllFailed)


def test_an_outcome_says_whether_it_is_final() -> None:
    assert {str(outcome) for outcome in Outcome if outcome.is_final} == {"sent", "refused", "withheld"}
    assert [str(outcome) for outcome in Outcome] == ["sent", "refused", "withheld", "not_sent", "unknown"]
