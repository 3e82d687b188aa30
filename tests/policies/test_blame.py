"""Whose fault an error is. Every class has its line, and every error that SES or a line to it can raise its verdict."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import errors
from sesmail.errors import (
    AccessDenied,
    AccountError,
    AllFailed,
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    CredentialsExpired,
    CredentialsMissing,
    InvalidAddress,
    MissingExtra,
    NotFound,
    Outcome,
    PartlySent,
    QuotaExceeded,
    Rejected,
    RejectedUnverified,
    SendError,
    SendingPaused,
    SesmailError,
    SetupError,
    Suppressed,
    Throttled,
    TimedOut,
    TooLarge,
    Unavailable,
    UnverifiedRecipients,
    Withheld,
)
from sesmail.lines.fault import Kind, LineFault, send_error
from sesmail.policies.blame import BLAME, Blame, blame_for, outcome_of
from sesmail.ses.call import ApiFault, Call, Service
from sesmail.ses.faults import People, api_error
from sesmail.ses.smtp_replies import smtp_error

MAIL, WAY, LONG = Blame.MAIL, Blame.WAY, Blame.WAY_FOR_LONG


def kinds(of: type[SesmailError]) -> set[type[SesmailError]]:
    found = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, of)}
    return {kind for kind in found if kind.__module__ == errors.__name__}


def test_every_error_of_a_send_has_its_line() -> None:
    assert kinds(SendError) <= BLAME.keys(), "decide whose fault the new one is"
    assert BLAME.keys() <= kinds(SesmailError), "and forget what is not there any more"


@pytest.mark.parametrize(
    ("error", "blame"),
    [
        (ConnectFailed("x"), WAY),
        (TimedOut("x"), WAY),
        (ConnectionLost("x"), WAY),
        (Unavailable("x"), WAY),
        (Throttled("x"), WAY),
        (QuotaExceeded("x"), WAY),
        (AuthFailed("x"), WAY),
        (AccessDenied("x"), WAY),
        (CredentialsExpired("x"), WAY),
        (CredentialsMissing("x"), WAY),
        (AllFailed("x", [ConnectFailed("x")]), WAY),
        (SendError("x"), WAY),
        (SendingPaused("x"), LONG),
        (Rejected("x"), MAIL),
        (RejectedUnverified("x"), MAIL),
        (NotFound("x"), MAIL),
        (PartlySent("x"), MAIL),
        (InvalidAddress("x"), MAIL),
        (TooLarge("x", size=2, limit=1), MAIL),
        (Withheld("x"), MAIL),
        (Suppressed("x"), MAIL),
        (UnverifiedRecipients("x", recipients=(), region=""), MAIL),
        (SetupError("x"), MAIL),
        (MissingExtra(package="x", extra="x", purpose="x"), MAIL),
        (AccountError("x", operation="GetAccount"), MAIL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whose_fault_it_is(error: SesmailError, blame: Blame) -> None:
    assert blame_for(error) is blame


def test_an_error_of_somebody_else_is_what_it_is_derived_from() -> None:
    class Greylisted(Unavailable):
        pass

    class Odd(SendError):
        pass

    class NoStamp(Rejected):
        pass

    assert [blame_for(kind("x")) for kind in (Greylisted, Odd, NoStamp)] == [WAY, WAY, MAIL]


def test_what_is_no_word_about_a_mail_was_raised_before_there_was_one() -> None:
    assert outcome_of(SetupError("x")) is Outcome.NOT_SENT
    assert outcome_of(TimedOut("x")) is Outcome.UNKNOWN


# ── what SES says, by each of its doors ──────────────────────────────────────────────────────────────────────────

# Every code that has a meaning of its own, and what failover makes of it.
MOVES_ON = (
    "Throttling ThrottlingException TooManyRequestsException RequestLimitExceeded SlowDown LimitExceededException"
    " SendingPausedException AccountSendingPausedException ConfigurationSetSendingPausedException"
    " AccountSuspendedException AccessDenied AccessDeniedException NotAuthorized UnauthorizedOperation OptInRequired"
    " SubscriptionRequiredException InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId AuthFailure"
    " SignatureDoesNotMatch InvalidSignatureException IncompleteSignature MissingAuthenticationToken RequestExpired"
    " RequestTimeTooSkewed ExpiredToken ExpiredTokenException TokenRefreshRequired InternalFailure InternalError"
    " InternalServerError InternalServiceErrorException ServiceUnavailable ServiceUnavailableException"
    " ConcurrentModificationException RequestTimeout RequestTimeoutException"
).split()
STAYS = (
    "MessageRejected BadRequestException InvalidParameterValue MailFromDomainNotVerifiedException"
    " FromEmailAddressNotVerified ProductionAccessNotGranted NotFoundException ConfigurationSetDoesNotExist"
    " TemplateDoesNotExist ValidationException UnknownOperationException InvalidAction"
).split()
SERVICES: tuple[Service, ...] = ("sesv2", "ses")


def api(code: str, status: int = 400, *, service: Service = "sesv2", text: str = "For some reason.") -> SendError:
    fault = ApiFault(Call(service, "SendEmail", {}), code=code, message=text, status=status)
    return api_error(fault, people=People(), region="eu-west-1")


def moves_on(error: SendError) -> bool:
    return blame_for(error) is not MAIL and error.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("code", "expected"), [*((code, True) for code in MOVES_ON), *((code, False) for code in STAYS)]
)
def test_pitfall_8_every_code_of_ses_is_of_the_class_that_failover_waits_for(
    service: Service, code: str, expected: bool
) -> None:
    assert moves_on(api(code, service=service)) is expected


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("", 503, True),
        ("New", 500, True),
        ("New", 503, True),
        ("New", 429, True),
        ("New", 403, True),
        ("", 500, False),  # somebody before SES may have passed it on
        ("", 502, False),
        ("", 504, False),
        ("", 200, False),
        ("New", 400, False),
        ("New", 404, False),
    ],
)
def test_pitfall_8_answers_without_a_known_code_too(code: str, status: int, expected: bool) -> None:
    assert moves_on(api(code, status)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sending paused for this account. For more information, please check the inbox", True),
        ("Email address is not verified. The following identities failed the check in region EU-WEST-1: a@b.c", False),
        ("Illegal address", False),
    ],
)
def test_pitfall_8_one_code_for_many_things_is_told_apart(text: str, expected: bool) -> None:
    assert moves_on(api("MessageRejected", text=text)) is expected


@pytest.mark.parametrize(
    ("code", "text", "stage", "expected"),
    [
        (421, "4.3.0 Too many concurrent connections", "connect", True),
        (451, "4.4.2 Timeout waiting for data from client.", "reply", True),
        (454, "4.7.0 Throttling failure: Maximum sending rate exceeded.", "reply", True),
        (454, "4.7.0 Throttling failure: Daily message quota exceeded.", "reply", True),
        (454, "4.3.0 Temporary service failure", "auth", True),
        (530, "5.7.1 Authentication required", "mail", True),
        (535, "5.7.8 Authentication Credentials Invalid", "auth", True),
        (554, "5.3.0 Not here", "connect", True),
        (554, "5.7.1 User x is not authorized to perform ses:SendRawEmail", "reply", True),
        (554, "Message rejected: Sending paused for this account.", "reply", True),
        (554, "Message rejected: Email address is not verified.", "reply", False),
        (552, "5.3.4 Message is too long", "mail", False),
        (501, "5.1.3 Invalid address", "rcpt", False),
        (250, "Ok", "reply", False),  # no no, and all of the mail had left
    ],
)
def test_pitfall_8_every_reply_by_smtp_too(code: int, text: str, stage: str, expected: bool) -> None:
    error = smtp_error(code, text, stage=stage, people=People(), region="eu-west-1", at_risk=stage == "reply")

    assert moves_on(error) is expected


@given(st.sampled_from(Kind), st.sampled_from(["connect", "auth", "mail", "data", "reply"]), st.booleans())
def test_pitfall_8_a_line_that_fails_moves_the_mail_on_unless_it_may_be_out(
    kind: Kind, stage: str, at_risk: bool
) -> None:
    error = send_error(LineFault(kind, ""), stage=stage, at_risk=at_risk, peer="mail.example.com:587")

    assert moves_on(error) is not at_risk
