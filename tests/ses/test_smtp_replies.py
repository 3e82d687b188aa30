"""What SES says by SMTP: every reply of its guide, those of the box, and what no server should say."""

from __future__ import annotations

import json
import pickle
import sys
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import (
    AccessDenied,
    AuthFailed,
    ConnectFailed,
    NotFound,
    NotVerified,
    Outcome,
    QuotaExceeded,
    Rejected,
    RejectedUnverified,
    SendError,
    SendingPaused,
    Throttled,
    TimedOut,
    Unavailable,
)
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.smtp import replies
from sesmail.local.smtp.replies import Reply, reply_to
from sesmail.ses.people import People
from sesmail.ses.sayings import MOST_NAMED
from sesmail.ses.smtp_replies import smtp_error

PEOPLE = People(senders=("shop@shop.example",), recipients=tuple(f"r{n}@example.org" for n in range(9)))
REGION = "eu-west-1"
NOT_SENT, REFUSED = Outcome.NOT_SENT, Outcome.REFUSED
USER, OF_US = "arn:aws:iam::123456789012:user/shop", "arn:aws:ses:eu-west-1:123456789012"
NOT_VERIFIED = (
    "Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1:"
)
DENIED = f"Access denied: User `{USER}' is not authorized to perform `ses:SendRawEmail' on resource"


def error_of(code: int, text: str, *, stage: str = "reply", at_risk: bool = True, region: str = REGION) -> SendError:
    return smtp_error(code, text, stage=stage, people=PEOPLE, region=region, at_risk=at_risk)


# Code, text, stage; class, whether it may be sent again, outcome, and a piece of the cure.
ROWS: list[tuple[int, str, str, type[SendError], bool, Outcome, str]] = [
    (421, "Too many concurrent SMTP connections", "connect", Throttled, True, NOT_SENT, "Open fewer at once"),
    (421, "Service closing", "mail", Unavailable, True, NOT_SENT, "growing pauses"),
    (451, "Temporary service failure", "mail", Unavailable, True, NOT_SENT, "growing pauses"),
    (451, "Timeout waiting for data from client.", "reply", TimedOut, True, NOT_SENT, "Try again"),
    (454, "Throttling failure: Maximum sending rate exceeded", "reply", Throttled, True, NOT_SENT, "Send slower"),
    (454, "Throttling failure: Maximum sending rate exceeded.", "reply", Throttled, True, NOT_SENT, "Send slower"),
    (454, "Maximum sending rate exceeded", "reply", Throttled, True, NOT_SENT, "Send slower"),
    (454, "Throttling failure: slow down", "reply", Throttled, True, NOT_SENT, "Send slower"),
    (454, "Throttling failure: Daily message quota exceeded", "reply", QuotaExceeded, True, NOT_SENT, "in hours"),
    (454, "Daily message quota exceeded", "reply", QuotaExceeded, True, NOT_SENT, "in hours"),
    (454, "Maximum SigV2 SMTP sending rate exceeded", "reply", Throttled, True, NOT_SENT, "derive a new one"),
    (454, "Temporary authentication failure", "auth", Unavailable, True, NOT_SENT, "growing pauses"),
    (454, "Temporary service failure", "reply", Unavailable, True, NOT_SENT, "growing pauses"),
    (454, "TLS not available due to temporary reason", "connect", Unavailable, True, NOT_SENT, "growing pauses"),
    (450, "", "mail", Unavailable, True, NOT_SENT, "growing pauses"),
    (530, "Authentication required", "mail", AuthFailed, False, NOT_SENT, "Give user and password"),
    (530, "Must issue a STARTTLS command first", "auth", ConnectFailed, False, NOT_SENT, "STARTTLS, or TLS from the"),
    (535, "Authentication Credentials Invalid", "auth", AuthFailed, False, NOT_SENT, "for one Region only"),
    (535, "Authentication Credentials Invalid", "mail", AuthFailed, False, NOT_SENT, "smtp_password"),
    (
        535,
        "Account not subscribed to SES",
        "auth",
        AccessDenied,
        False,
        NOT_SENT,
        "Open the console of SES in eu-west-1",
    ),
    (504, "Unrecognized authentication type", "auth", AuthFailed, False, NOT_SENT, "smtp_password"),
    (554, "No SMTP service here", "connect", ConnectFailed, False, NOT_SENT, "host, port"),
    (552, "Message is too long.", "reply", Rejected, False, REFUSED, "a link in place of the file"),
    (553, "<r1@example.org> Invalid email address", "mail", Rejected, False, REFUSED, "ASCII before the @"),
    (553, "<r1@example.org> address unknown", "mail", Rejected, False, REFUSED, "ASCII before the @"),
    (501, "Invalid MAIL FROM address provided", "mail", Rejected, False, REFUSED, "Mend what it names"),
    (500, "Error: line too long", "data", Rejected, False, REFUSED, "Mend what it names"),
    (555, "MAIL FROM parameter not recognized: X", "mail", Rejected, False, REFUSED, "Mend what it names"),
    (554, f"{DENIED} `{OF_US}:identity/shop.example'", "reply", AccessDenied, False, NOT_SENT, "Add this to the IAM"),
    (554, f"{NOT_VERIFIED} shop@shop.example", "reply", RejectedUnverified, False, REFUSED, "create-email-identity"),
    (554, "Message rejected: Email address is not verified.", "reply", RejectedUnverified, False, REFUSED, "sandbox"),
    (554, "Message rejected: Sending paused for this account.", "reply", SendingPaused, False, NOT_SENT, "AWS wrote"),
    (
        554,
        "Message rejected: Mail FROM domain is not verified",
        "reply",
        RejectedUnverified,
        False,
        REFUSED,
        "MX record",
    ),
    (554, "Transaction failed: Configuration set <a> does not exist.", "reply", NotFound, False, NOT_SENT, "Create it"),
    (554, "Transaction failed: Duplicate header 'Subject'.", "reply", Rejected, False, REFUSED, "once only"),
    (554, "Transaction failed: Recipient count exceeds 50.", "reply", Rejected, False, REFUSED, "Send several mails"),
    (554, "Transaction failed: Expected disposition", "reply", Rejected, False, REFUSED, "Mend what it names"),
    (599, "", "reply", Rejected, False, REFUSED, "Mend what it names"),
]


@pytest.mark.parametrize("enhanced", ["", "4.4.2", "5.7.1"])
@pytest.mark.parametrize(("code", "text", "stage", "kind", "retryable", "outcome", "cure"), ROWS)
def test_a_reply_has_its_class_and_its_cure(
    code: int, text: str, stage: str, kind: type[SendError], retryable: bool, outcome: Outcome, cure: str, enhanced: str
) -> None:
    error = error_of(code, f"{enhanced} {text}".strip(), stage=stage)

    assert type(error) is kind
    assert (error.retryable, error.outcome, error.stage) == (retryable, outcome, stage)
    assert error.code == f"{code} {enhanced}".strip()
    assert error.code in str(error)
    assert "SES in eu-west-1" in str(error)
    assert cure in str(error)
    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)


@pytest.mark.parametrize("stage", ["connect", "auth", "mail", "data", "reply"])
@pytest.mark.parametrize("at_risk", [False, True])
def test_a_no_is_a_no_whatever_had_left_by_then(stage: str, at_risk: bool) -> None:
    later, never = error_of(450, "", stage=stage, at_risk=at_risk), error_of(550, "", stage=stage, at_risk=at_risk)

    assert (later.retryable, later.outcome) == (True, NOT_SENT)
    assert not never.retryable
    assert never.outcome is (NOT_SENT if stage in ("connect", "auth") else REFUSED)
    assert isinstance(never, Rejected) is (stage not in ("connect", "auth"))


@pytest.mark.parametrize("code", [250, 354, 199, 399, 600, 45, 4500, 0, -450])
def test_what_is_neither_yes_nor_no_leaves_a_mail_in_doubt(code: int) -> None:
    before, after = error_of(code, "Ok", stage="mail", at_risk=False), error_of(code, "Ok", at_risk=True)

    assert (before.outcome, before.retryable) == (NOT_SENT, True)
    assert (after.outcome, after.retryable) == (Outcome.UNKNOWN, False)
    assert "may be out" in str(after)
    assert "may be out" not in str(before)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4.4.2 Timeout", "451 4.4.2"),
        ("4.4.2", "451 4.4.2"),
        ("4.4.25 Timeout", "451 4.4.25"),
        ("4.4.2Timeout", "451"),
        ("3.4.2 Timeout", "451"),
        ("4.4.2.1 Timeout", "451"),
        ("Timeout 4.4.2", "451"),
    ],
)
def test_an_enhanced_code_is_one_at_the_beginning(text: str, code: str) -> None:
    assert error_of(451, text).code == code


def test_a_recipient_that_a_reply_names_is_whom_it_is_about() -> None:
    assert error_of(553, "<R1@Example.org> address unknown", stage="mail").recipients == ("r1@example.org",)
    assert error_of(553, "<bob@other.example> address unknown", stage="mail").recipients == ()


def test_who_is_not_verified_is_told_apart() -> None:
    error = error_of(554, f"{NOT_VERIFIED} Shop <shop@shop.example>, {', '.join(PEOPLE.recipients)}")

    assert isinstance(error, NotVerified)
    assert (error.senders, error.recipients, error.region) == (PEOPLE.senders, PEOPLE.recipients, REGION)
    assert str(error).count("@example.org") == MOST_NAMED
    assert "and 7 more" in str(error)


def test_another_region_than_was_meant_is_a_hint() -> None:
    error = error_of(554, f"{NOT_VERIFIED} shop@shop.example", region="us-east-1")

    assert isinstance(error, NotVerified)
    assert error.region == REGION
    assert "It was eu-west-1 that answered, and not us-east-1" in str(error)


@pytest.mark.parametrize("resource", [f"{OF_US}:identity/shop.example", f"{OF_US}:configuration-set/main"])
def test_a_denial_prints_the_statement_to_add(resource: str) -> None:
    error = error_of(554, f"{DENIED} `{resource}'")
    text = str(error)

    assert isinstance(error, AccessDenied)
    assert (error.action, error.resource) == ("ses:SendRawEmail", resource)
    statement: dict[str, Any] = json.loads(text[text.index("{") : text.index("}") + 1])
    assert statement["Action"] == "ses:SendRawEmail"
    assert statement["Resource"] in (resource, [f"{OF_US}:identity/*", resource])


def test_a_denial_that_cannot_be_read_still_has_a_statement() -> None:
    error = error_of(554, "Access denied: somebody is not authorized to perform")

    assert isinstance(error, AccessDenied)
    assert '{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}' in str(error)


@given(st.integers(-1, 1_000), st.text(), st.sampled_from(["connect", "auth", "mail", "data", "reply"]), st.booleans())
def test_any_reply_is_an_error_of_one_line_that_pickles(code: int, text: str, stage: str, at_risk: bool) -> None:
    error = error_of(code, f"{text}\r\n\x1b[2J\u202e", stage=stage, at_risk=at_risk)

    assert str(error).isprintable()
    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)
    assert not (error.retryable and error.outcome in (REFUSED, Outcome.UNKNOWN))


# ── the box ──────────────────────────────────────────────────────────────────────────────────────────────────────

# What becomes of a fault of the box by its other door, where that is no plain refusal of the mail.
OF_BOX: dict[FaultKind, tuple[str, type[SendError]]] = {
    FaultKind.MAIL_FROM_NOT_VERIFIED: ("Mail FROM domain is not verified: b.shop.example", RejectedUnverified),
    FaultKind.TOO_FAST: ("", Throttled),
    FaultKind.TOO_MANY: ("", QuotaExceeded),
    FaultKind.INTERNAL: ("", Unavailable),
    FaultKind.PAUSED: ("Email sending has been disabled for this account.", SendingPaused),
    FaultKind.PAUSED_SET: ("Sending is paused for the configuration set <main>.", SendingPaused),
    FaultKind.PAUSED_TENANT: ("Sending is paused for the tenant <acme>.", SendingPaused),
    FaultKind.SUSPENDED: ("Sending paused for this account. For more information", SendingPaused),
    FaultKind.SET_NOT_FOUND: ("Configuration set <main> does not exist.", NotFound),
    FaultKind.NOT_FOUND: ("List with name: news doesn't exist.", NotFound),
    FaultKind.DENIED: (f"{DENIED} `{OF_US}:identity/shop.example'", AccessDenied),
}


@pytest.mark.parametrize("kind", FaultKind, ids=lambda kind: kind.name)
def test_a_fault_of_the_box_is_understood_by_smtp(kind: FaultKind) -> None:
    text, expected = OF_BOX.get(kind, ("For some reason.", Rejected))
    reply = reply_to(Fault(kind, text))

    assert type(error_of(reply.code, " ".join(reply.lines))) is expected


def test_every_refusal_that_the_box_has_at_hand_is_understood() -> None:
    expected: dict[str, type[SendError]] = {
        "BAD_LOGIN": AuthFailed,
        "TOO_LONG_A_MAIL": Rejected,
        "TOO_LONG_A_LINE": Rejected,
        "BARE_LINE_END": Rejected,
        "CONTROL_CHARACTER": Rejected,
        "IDLE": TimedOut,
        "CROWDED": Throttled,
        "UNAVAILABLE": Unavailable,
        "TOO_FAST": Throttled,
        "TOO_MANY": QuotaExceeded,
        "NO_SENDER": Rejected,
    }
    at_hand = {name: value for name, value in vars(replies).items() if isinstance(value, Reply) and value.code >= 400}

    assert {name: type(error_of(reply.code, reply.lines[0])) for name, reply in at_hand.items()} == expected
    for code in replies._USUAL:
        assert isinstance(error_of(code, replies.usual(code).lines[0]), SendError)


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pump", [",", "a@b.c, ", "<a@b>", "5.1.1 ", "\x1b", "not authorized to perform ", "é"])
def test_a_hostile_reply_costs_no_time(pump: str) -> None:
    for text in (pump * (100_000 // len(pump)), f"{NOT_VERIFIED} {pump * (100_000 // len(pump))}"):
        start = process_time()
        error = error_of(554, text)
        assert process_time() - start < (0.5 if sys.gettrace() else 0.05)
        assert len(str(error)) < 2_500
