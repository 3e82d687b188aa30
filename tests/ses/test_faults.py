"""Every code of both APIs, of the layers in front of them, and of the box: its class, its answers, and its cure."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator
from time import process_time
from typing import Any, NamedTuple

import pytest
from botocore.loaders import Loader
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import (
    AccessDenied,
    AccountError,
    AuthFailed,
    CredentialsExpired,
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
from sesmail.local import LocalSes
from sesmail.local.call import Call as BoxCall
from sesmail.local.faults import Fault, FaultKind
from sesmail.ses.call import ApiFault, Call, Service
from sesmail.ses.faults import People, account_error, api_error
from sesmail.ses.sayings import MOST_NAMED

PEOPLE = People(senders=("shop@shop.example",), recipients=tuple(f"r{n}@example.org" for n in range(9)))
REGION = "eu-west-1"
# What refusals of AWS may hold, and no error text may.
SECRET = "IQoJb3JpZ2luX2VjEXAMPLETOKEN" * 12
SERVICES: tuple[Service, ...] = ("sesv2", "ses")


def fault(
    code: str,
    text: str = "",
    status: int = 400,
    *,
    service: Service = "sesv2",
    operation: str = "SendEmail",
    retry_after_s: float | None = None,
) -> ApiFault:
    """What a client raises."""
    call = Call(service, operation, {})
    return ApiFault(call, code=code, message=text, status=status, request_id="r-1", retry_after_s=retry_after_s)


def error_of(code: str, text: str = "", status: int = 400, **more: Any) -> SendError:
    return api_error(fault(code, text, status, **more), people=PEOPLE, region=REGION)


# ── every code ───────────────────────────────────────────────────────────────────────────────────────────────────


class Row(NamedTuple):
    """A code, its status, the class of the error, and a piece of its cure."""

    code: str
    status: int
    kind: type[SendError]
    cure: str


_MEND = "Mend what it names"
# The shapes of both models, by the code on the wire.
V2 = [
    Row("AccountSuspendedException", 400, SendingPaused, "Answer the case"),
    Row("AlreadyExistsException", 400, Rejected, _MEND),
    Row("BadRequestException", 400, Rejected, _MEND),
    Row("ConcurrentModificationException", 500, Unavailable, "growing pauses"),
    Row("ConflictException", 409, Rejected, _MEND),
    Row("InternalServiceErrorException", 500, Unavailable, "growing pauses"),
    Row("InvalidNextTokenException", 400, Rejected, _MEND),
    Row("LimitExceededException", 400, QuotaExceeded, "in hours"),
    Row("MailFromDomainNotVerifiedException", 400, RejectedUnverified, "MX record"),
    Row("MessageRejected", 400, Rejected, _MEND),
    Row("NotFoundException", 404, NotFound, "Create it in eu-west-1"),
    Row("SendingPausedException", 400, SendingPaused, "Read what AWS wrote"),
    Row("TooManyRequestsException", 429, Throttled, "Send slower"),
]
V1 = [
    Row("AccountSendingPausedException", 400, SendingPaused, "Read what AWS wrote"),
    Row("AlreadyExists", 400, Rejected, _MEND),
    Row("CannotDelete", 400, Rejected, _MEND),
    Row("ConfigurationSetAlreadyExists", 400, Rejected, _MEND),
    Row("ConfigurationSetDoesNotExist", 400, NotFound, "Create it"),
    Row("ConfigurationSetSendingPausedException", 400, SendingPaused, "Read what AWS wrote"),
    Row("CustomVerificationEmailInvalidContent", 400, Rejected, _MEND),
    Row("CustomVerificationEmailTemplateAlreadyExists", 400, Rejected, _MEND),
    Row("CustomVerificationEmailTemplateDoesNotExist", 400, NotFound, "Create it"),
    Row("EventDestinationAlreadyExists", 400, Rejected, _MEND),
    Row("EventDestinationDoesNotExist", 400, NotFound, "Create it"),
    Row("FromEmailAddressNotVerified", 400, RejectedUnverified, "create-email-identity"),
    Row("InvalidCloudWatchDestination", 400, Rejected, _MEND),
    Row("InvalidConfigurationSet", 400, Rejected, _MEND),
    Row("InvalidDeliveryOptions", 400, Rejected, _MEND),
    Row("InvalidFirehoseDestination", 400, Rejected, _MEND),
    Row("InvalidLambdaFunction", 400, Rejected, _MEND),
    Row("InvalidPolicy", 400, Rejected, _MEND),
    Row("InvalidRenderingParameter", 400, Rejected, _MEND),
    Row("InvalidS3Configuration", 400, Rejected, _MEND),
    Row("InvalidSNSDestination", 400, Rejected, _MEND),
    Row("InvalidSnsTopic", 400, Rejected, _MEND),
    Row("InvalidTemplate", 400, Rejected, _MEND),
    Row("InvalidTrackingOptions", 400, Rejected, _MEND),
    Row("LimitExceeded", 400, QuotaExceeded, "in hours"),
    Row("MailFromDomainNotVerifiedException", 400, RejectedUnverified, "MX record"),
    Row("MessageRejected", 400, Rejected, _MEND),
    Row("MissingRenderingAttribute", 400, Rejected, _MEND),
    Row("ProductionAccessNotGranted", 400, Rejected, "production access"),
    Row("RuleDoesNotExist", 400, NotFound, "Create it"),
    Row("RuleSetDoesNotExist", 400, NotFound, "Create it"),
    Row("TemplateDoesNotExist", 400, NotFound, "Create it"),
    Row("TrackingOptionsAlreadyExistsException", 400, Rejected, _MEND),
    Row("TrackingOptionsDoesNotExistException", 400, NotFound, "Create it"),
]
# In no model: what v1 says besides, and what the layers in front of both APIs say.
COMMON = [
    Row("InvalidParameterValue", 400, Rejected, _MEND),
    Row("ValidationError", 400, Rejected, _MEND),
    Row("ValidationException", 400, Rejected, _MEND),
    Row("SerializationException", 400, Rejected, _MEND),
    Row("MalformedInput", 400, Rejected, _MEND),
    Row("Throttling", 400, Throttled, "Send slower"),
    Row("ThrottlingException", 400, Throttled, "Send slower"),
    Row("AccessDenied", 403, AccessDenied, '"ses:SendRawEmail"'),
    Row("AccessDeniedException", 403, AccessDenied, '"ses:SendRawEmail"'),
    Row("NotAuthorized", 400, AccessDenied, '"ses:SendRawEmail"'),
    Row("UnauthorizedOperation", 403, AccessDenied, '"ses:SendRawEmail"'),
    Row("OptInRequired", 403, AccessDenied, "Open the console"),
    Row("SubscriptionRequiredException", 403, AccessDenied, "Open the console"),
    Row("ExpiredToken", 403, CredentialsExpired, "Fetch new ones"),
    Row("ExpiredTokenException", 403, CredentialsExpired, "Fetch new ones"),
    Row("TokenRefreshRequired", 400, CredentialsExpired, "Fetch new ones"),
    Row("UnrecognizedClientException", 403, AuthFailed, "access key was deleted"),
    Row("InvalidClientTokenId", 403, AuthFailed, "access key was deleted"),
    Row("InvalidAccessKeyId", 403, AuthFailed, "access key was deleted"),
    Row("AuthFailure", 403, AuthFailed, "access key was deleted"),
    Row("SignatureDoesNotMatch", 403, AuthFailed, "the clock of this machine"),
    Row("InvalidSignatureException", 403, AuthFailed, "the clock of this machine"),
    Row("IncompleteSignature", 400, AuthFailed, "proxy"),
    Row("IncompleteSignatureException", 400, AuthFailed, "proxy"),
    Row("MissingAuthenticationToken", 403, AuthFailed, "proxy"),
    Row("MissingAuthenticationTokenException", 403, AuthFailed, "proxy"),
    Row("RequestExpired", 400, AuthFailed, "set the clock"),
    Row("RequestTimeTooSkewed", 403, AuthFailed, "set the clock"),
    Row("RequestInTheFuture", 403, AuthFailed, "set the clock"),
    Row("ServiceUnavailable", 503, Unavailable, "growing pauses"),
    Row("ServiceUnavailableException", 503, Unavailable, "growing pauses"),
    Row("InternalFailure", 500, Unavailable, "growing pauses"),
    Row("InternalError", 500, Unavailable, "growing pauses"),
    Row("InternalServerError", 500, Unavailable, "growing pauses"),
    Row("RequestTimeout", 408, TimedOut, "Try again"),
    Row("RequestTimeoutException", 400, TimedOut, "Try again"),
    Row("UnknownOperationException", 404, NotFound, "endpoint"),
    Row("InvalidAction", 400, NotFound, "endpoint"),
    Row("NotImplementedHere", 501, Rejected, _MEND),
]
ROWS = (
    [("sesv2", row) for row in V2] + [("ses", row) for row in V1] + [(one, row) for row in COMMON for one in SERVICES]
)
ANSWERS: dict[type[SendError], tuple[bool, Outcome]] = {
    kind: (kind.retryable, kind.outcome)
    for kind in (
        *(AccessDenied, AuthFailed, CredentialsExpired, NotFound, QuotaExceeded, Rejected, RejectedUnverified),
        *(SendingPaused, Throttled, Unavailable),
    )
} | {TimedOut: (True, Outcome.NOT_SENT)}
NEVER_REPEATED = f"{SECRET} {', '.join(PEOPLE.recipients)} Value 'top secret' at 'content.raw'"


def _errors_of(service: str) -> Iterator[tuple[str, int]]:
    """The code on the wire and the status of each exception in a model."""
    for name, shape in Loader().load_service_model(service, "service-2")["shapes"].items():
        if shape.get("exception"):
            error = shape["error"]
            yield error.get("code", name), error["httpStatusCode"]


@pytest.mark.parametrize(("service", "rows"), [("sesv2", V2), ("ses", V1)])
def test_every_shape_of_the_model_has_its_row(service: str, rows: list[Row]) -> None:
    assert {(row.code, row.status) for row in rows} == set(_errors_of(service))


@pytest.mark.parametrize(("service", "row"), ROWS, ids=lambda value: getattr(value, "code", value))
def test_a_code_has_its_class_and_its_cure(service: Service, row: Row) -> None:
    error = error_of(row.code, "For some reason.", row.status, service=service, retry_after_s=2.5)

    assert type(error) is row.kind
    assert (error.retryable, error.outcome) == ANSWERS[row.kind]
    assert (error.code, error.request_id, error.stage) == (row.code, "r-1", "reply")
    assert error.retry_after_s == (None if row.kind in (RejectedUnverified, AccessDenied) else 2.5)
    assert "SES in eu-west-1" in str(error)
    assert row.code in str(error)
    assert row.cure in str(error)


@pytest.mark.parametrize(("service", "row"), ROWS, ids=lambda value: getattr(value, "code", value))
def test_an_error_pickles_and_keeps_what_it_must(service: Service, row: Row) -> None:
    error = error_of(row.code, f"{NEVER_REPEATED} \x1b[31m\r\n\u202e", row.status, service=service)
    again = pickle.loads(pickle.dumps(error))

    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert str(error).isprintable()
    assert SECRET[:40] not in str(error)
    assert "top secret" not in str(error)
    assert str(error).count("@example.org") <= MOST_NAMED
    assert len(str(error)) < 1_200


@pytest.mark.parametrize(("service", "row"), ROWS, ids=lambda value: getattr(value, "code", value))
def test_the_case_and_the_ending_of_a_code_do_not_count(service: Service, row: Row) -> None:
    stem = row.code.removesuffix("Exception")

    for spelt in (row.code, stem, f"{stem}Exception", row.code.upper(), f"com.amazonaws.ses#{row.code}:http://x/"):
        assert type(error_of(spelt, "", row.status, service=service)) is row.kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("MessageRejected", Rejected),
        ("BadRequestException", Rejected),
        ("InvalidParameterValue", Rejected),
        ("NotFoundException", NotFound),
        ("Throttling", Throttled),
    ],
)
def test_a_code_that_is_known_counts_more_than_the_status(code: str, kind: type[SendError]) -> None:
    for status in (200, 403, 400, 500, 503):
        assert type(error_of(code, "", status)) is kind


def test_whatever_botocore_calls_a_throttle_is_one() -> None:
    for code in ThrottledRetryableChecker._THROTTLED_ERROR_CODES:
        error = error_of(code)
        assert isinstance(error, Throttled | QuotaExceeded | Unavailable), code
        assert error.retryable
    for code in TransientRetryableChecker._TRANSIENT_ERROR_CODES:
        assert error_of(code).retryable, code


# ── codes that nobody knows ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "status", "kind", "retryable", "outcome"),
    [
        ("New", 400, Rejected, False, Outcome.REFUSED),
        ("New", 401, AuthFailed, False, Outcome.NOT_SENT),
        ("New", 403, AccessDenied, False, Outcome.NOT_SENT),
        ("New", 404, NotFound, False, Outcome.NOT_SENT),
        ("New", 408, TimedOut, True, Outcome.NOT_SENT),
        ("New", 413, Rejected, False, Outcome.REFUSED),
        ("New", 418, Rejected, False, Outcome.REFUSED),
        ("New", 429, Throttled, True, Outcome.NOT_SENT),
        ("New", 500, Unavailable, True, Outcome.NOT_SENT),
        ("New", 501, Rejected, False, Outcome.REFUSED),
        ("New", 503, Unavailable, True, Outcome.NOT_SENT),
        ("New", 599, Unavailable, True, Outcome.NOT_SENT),
        # Without a code, whoever answered may have passed the request on.
        ("", 503, Unavailable, True, Outcome.NOT_SENT),
        ("503", 503, Unavailable, True, Outcome.NOT_SENT),
        ("", 500, Unavailable, False, Outcome.UNKNOWN),
        ("500", 500, Unavailable, False, Outcome.UNKNOWN),
        ("", 502, Unavailable, False, Outcome.UNKNOWN),
        ("504", 504, Unavailable, False, Outcome.UNKNOWN),
        ("", 307, Unavailable, False, Outcome.UNKNOWN),
        ("New", 200, Unavailable, False, Outcome.UNKNOWN),
        ("", 0, Unavailable, False, Outcome.UNKNOWN),
        ("", 400, Rejected, False, Outcome.REFUSED),
    ],
)
def test_of_an_unknown_code_the_status_decides(
    code: str, status: int, kind: type[SendError], retryable: bool, outcome: Outcome
) -> None:
    error = error_of(code, "", status)

    assert type(error) is kind
    assert (error.retryable, error.outcome) == (retryable, outcome)
    assert (code or f"status {status}") in str(error)
    assert ("may be out" in str(error)) is (outcome is Outcome.UNKNOWN)


def test_a_request_that_is_too_large_is_a_mail_that_is() -> None:
    assert "a link in place of the file" in str(error_of("", "", 413))


@given(st.text(), st.text(), st.integers(0, 999), st.sampled_from(SERVICES), st.text())
def test_any_answer_is_an_error_that_pickles(code: str, text: str, status: int, service: Service, region: str) -> None:
    answer = fault(code, text, status, service=service)
    error = api_error(answer, people=PEOPLE, region=region)
    of_account = account_error(answer, region=region)

    for one in (error, of_account):
        assert vars(pickle.loads(pickle.dumps(one))) == vars(one)
    assert error.outcome is not Outcome.SENT
    assert not (error.retryable and error.outcome is Outcome.REFUSED)
    assert not (error.retryable and error.outcome is Outcome.UNKNOWN)


# ── one code for many things ─────────────────────────────────────────────────────────────────────────────────────

CATCH_ALL = [("sesv2", "MessageRejected"), ("sesv2", "BadRequestException"), ("ses", "InvalidParameterValue")]


@pytest.mark.parametrize(("service", "code"), CATCH_ALL)
@pytest.mark.parametrize(
    ("text", "kind", "which"),
    [
        ("Email address is not verified.", RejectedUnverified, "SES does not say who"),
        ("Mail FROM domain is not verified: bounce.shop.example", RejectedUnverified, "bounce.shop.example"),
        ("MailFrom domain is not verified", RejectedUnverified, "shop@shop.example"),
        (
            "Sending paused for this account. For more information, please check the inbox of the email address of",
            SendingPaused,
            "Sending paused for this account",
        ),
        ("Email sending has been disabled for this account.", SendingPaused, "disabled for this account"),
        ("Sending is paused for the tenant <acme>.", SendingPaused, "<acme>"),
        ("Account is suspended", SendingPaused, "Answer the case"),
        ("Configuration set <main> does not exist.", NotFound, "there is no configuration set main ("),
        ("Template welcome does not exist.", NotFound, "there is no template welcome ("),
        ("Missing final '@domain'", Rejected, "ASCII before the @"),
        ("Local address contains control or whitespace", Rejected, "ASCII before the @"),
        ("Domain contains illegal character", Rejected, "ASCII before the @"),
        ("Illegal address", Rejected, "a comma in a name"),
        ("Recipient count exceeds 50.", Rejected, "SES takes 50 recipients"),
        ("Message length is more than 10485760 bytes long: '12078147'.", Rejected, "a link in place of the file"),
        ("Duplicate header 'Subject'.", Rejected, "'Subject'"),
        ("Header section too long.", Rejected, "shorter"),
        ("There are no recipients specified.", Rejected, "Give it a recipient"),
        ("The attachment type .exe is not supported.", Rejected, "no files of that kind"),
        ("Expected '=', got 'null'", Rejected, "Expected '=', got 'null'). Mend what it names"),
    ],
)
def test_where_a_code_is_for_many_things_the_text_tells(
    service: Service, code: str, text: str, kind: type[SendError], which: str
) -> None:
    error = error_of(code, text, service=service)

    assert type(error) is kind
    assert (error.retryable, error.outcome) == ANSWERS[kind]
    assert which in str(error)
    assert code in str(error)


@pytest.mark.parametrize("code", ["Throttling", "TooManyRequestsException", "LimitExceededException"])
def test_a_rate_is_told_from_a_quota(code: str) -> None:
    rate, day = error_of(code, "Maximum sending rate exceeded."), error_of(code, "Daily message quota exceeded.")

    assert type(rate) is Throttled
    assert "Send slower" in str(rate)
    assert type(day) is QuotaExceeded
    assert "in hours" in str(day)


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("Signature expired: 20240101T000000Z is now earlier than 20240101T001000Z", "set the clock"),
        ("Signature not yet current: 20240101T000000Z is still later than", "set the clock"),
        ("Credential should be scoped to a valid region, not 'us-east-1'.", "look at the Region"),
        (f"The canonical string should have been 'x-amz-security-token:{SECRET}'", "The secret key is not that of"),
    ],
)
def test_a_bad_signature_has_its_cure_and_is_never_quoted(text: str, cure: str) -> None:
    error = error_of("InvalidSignatureException", text, 403)

    assert cure in str(error)
    assert text[:20] not in str(error)


@pytest.mark.parametrize("row", [row for row in COMMON if row.kind in (AuthFailed, CredentialsExpired)])
def test_nothing_is_repeated_of_what_is_said_about_keys(row: Row) -> None:
    assert "hunter2" not in str(error_of(row.code, "hunter2", row.status))


# ── who is not verified ──────────────────────────────────────────────────────────────────────────────────────────


def _refused(*identities: str, region: str = "EU-WEST-1", end: str = "") -> RejectedUnverified:
    listed = ", ".join(identities)
    text = f"Email address is not verified. The following identities failed the check in region {region}: {listed}{end}"
    error = error_of("MessageRejected", text)
    assert isinstance(error, RejectedUnverified)
    return error


def test_who_is_not_verified_is_told_apart_and_a_few_are_named() -> None:
    error = _refused("Shop <shop@shop.example>", "shop@shop.example", *PEOPLE.recipients[2:])

    assert isinstance(error, NotVerified)
    assert (error.senders, error.recipients, error.region) == (("shop@shop.example",), PEOPLE.recipients[2:], REGION)
    assert "the sender shop@shop.example; the recipients r2@example.org, r3@example.org and 5 more" in str(error)
    assert "`aws sesv2 create-email-identity --email-identity shop@shop.example --region eu-west-1`" in str(error)
    assert "production access" in str(error)
    assert "another" not in str(error)


def test_the_cure_is_for_those_who_are_not_verified() -> None:
    sender, recipient = str(_refused("shop.example")), str(_refused("R1@example.org"))

    assert "--email-identity shop.example " in sender
    assert "production access" not in sender
    assert "create-email-identity" not in recipient
    assert "production access" in recipient
    assert "the recipient R1@example.org." in recipient


def test_a_list_that_was_cut_says_so() -> None:
    assert "(SES left some out)" in str(_refused("shop@shop.example", "r1@exam", end="..."))
    assert "left some out" not in str(_refused("shop@shop.example"))
    assert _refused("shop@shop.example", "r1@exam", end="...").recipients == ()


def test_another_region_than_was_meant_is_the_first_hint() -> None:
    error = _refused("shop@shop.example", region="US-EAST-1")

    assert error.region == "us-east-1"
    assert "It was us-east-1 that answered, and not eu-west-1: look at Region and endpoint" in str(error)
    assert "--region us-east-1`" in str(error)
    assert "that answered" not in str(_refused("shop@shop.example"))


def test_without_a_region_nobody_is_sent_to_another() -> None:
    text = "Email address is not verified. The following identities failed the check: shop@shop.example"
    error = error_of("MessageRejected", text)
    nowhere = api_error(fault("MessageRejected", text), people=PEOPLE, region="")

    assert isinstance(error, RejectedUnverified)
    assert error.region == REGION
    assert isinstance(nowhere, RejectedUnverified)
    assert nowhere.region == ""
    assert "SES refused the mail" in str(nowhere)
    assert "--region REGION`" in str(nowhere)


@pytest.mark.parametrize("name", ["a@x.example;reboot", "$(reboot)@x.example", "-x@x.example", "`reboot`@x.example"])
def test_what_is_to_be_pasted_into_a_shell_holds_nothing_for_it(name: str) -> None:
    assert "--email-identity IDENTITY --region eu-west-1`" in str(_refused(name))


def test_a_sender_of_a_verification_mail_is_named() -> None:
    error = error_of("FromEmailAddressNotVerified", "", service="ses", operation="SendCustomVerificationEmail")

    assert isinstance(error, RejectedUnverified)
    assert (error.senders, error.recipients) == (PEOPLE.senders, ())


def test_a_mail_from_domain_is_a_sender() -> None:
    said = error_of("MailFromDomainNotVerifiedException", "Mail FROM domain is not verified: bounce.shop.example")
    unsaid = api_error(fault("MailFromDomainNotVerifiedException"), people=People(), region="")

    assert isinstance(said, NotVerified)
    assert (said.senders, said.recipients, said.region) == (("bounce.shop.example",), (), REGION)
    assert "feedback-smtp.eu-west-1.amazonses.com" in str(said)
    assert "SES does not say which" in str(unsaid)
    assert "feedback-smtp.REGION.amazonses.com" in str(unsaid)


# ── who may not ──────────────────────────────────────────────────────────────────────────────────────────────────

USER = "arn:aws:iam::123456789012:user/shop"
OF_US = "arn:aws:ses:eu-west-1:123456789012"


def _denied(text: str, **more: Any) -> AccessDenied:
    error = error_of("AccessDeniedException", text, 403, **more)
    assert isinstance(error, AccessDenied)
    return error


def _statement(error: Exception) -> dict[str, Any]:
    text = str(error)
    statement: dict[str, Any] = json.loads(text[text.index("{") : text.index("}") + 1])
    return statement


def test_a_denial_prints_the_statement_to_add() -> None:
    error = _denied(
        f"User `{USER}' is not authorized to perform `ses:SendRawEmail' on resource `{OF_US}:identity/shop.example'"
    )

    assert (error.action, error.resource) == ("ses:SendRawEmail", f"{OF_US}:identity/shop.example")
    assert _statement(error) == {"Effect": "Allow", "Action": error.action, "Resource": error.resource}
    assert f"does not let {USER} do ses:SendRawEmail on {error.resource}" in str(error)
    assert "to the IAM policy" in str(error)
    assert "raw content" in str(error)
    assert "that answered" not in str(error)


def test_a_configuration_set_takes_the_identity_along() -> None:
    error = _denied(
        f"User `{USER}' is not authorized to perform `ses:SendEmail' on resource `{OF_US}:configuration-set/m'"
    )

    assert error.resource == f"{OF_US}:configuration-set/m"
    assert _statement(error)["Resource"] == [f"{OF_US}:identity/*", error.resource]
    assert "raw content" not in str(error)


def test_a_denial_names_the_kind_of_policy_that_lacks_it() -> None:
    text = f"User: {USER} is not authorized to perform: ses:SendEmail on resource: {OF_US}:identity/x because no "

    assert "Add this to the session policy: {" in str(_denied(f"{text}session policy allows the ses:SendEmail action"))


@pytest.mark.parametrize(
    ("end", "where"),
    [(" in a service control policy", "in the service control policy"), ("", "in one of its policies")],
)
def test_an_explicit_deny_is_not_cured_by_a_statement(end: str, where: str) -> None:
    error = _denied(
        f"User: {USER} is not authorized to perform: ses:SendEmail on resource: {OF_US}:identity/x with an explicit"
        f" deny{end}"
    )

    assert f"An explicit deny {where} says so" in str(error)
    assert "{" not in str(error)


def test_a_denial_in_another_region_says_so() -> None:
    arn = "arn:aws:ses:us-east-1:123456789012:identity/x"
    error = _denied(f"User `{USER}' is not authorized to perform `ses:SendEmail' on resource `{arn}'")

    assert "It was us-east-1 that answered, and not eu-west-1" in str(error)


@pytest.mark.parametrize(
    ("operation", "actions"),
    [
        ("SendEmail", ["ses:SendEmail", "ses:SendRawEmail"]),
        ("SendRawEmail", "ses:SendRawEmail"),
        ("SendBulkEmail", ["ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"]),
        ("SendTemplatedEmail", "ses:SendTemplatedEmail"),
    ],
)
def test_a_denial_without_an_action_allows_what_the_call_needs(operation: str, actions: object) -> None:
    error = _denied("Access denied", operation=operation)

    assert (error.action, error.resource) == ("", "")
    assert _statement(error) == {"Effect": "Allow", "Action": actions, "Resource": "*"}
    assert "AccessDeniedException: Access denied" in str(error)


def test_a_hostile_denial_makes_no_statement_of_its_own() -> None:
    arn = 'arn:x","Action":"*'
    error = _denied(f"User `{USER}' is not authorized to perform `ses:SendEmail' on resource `{arn}'")

    assert _statement(error) == {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "arn:x"}


# ── calls that send nothing ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("service", "row"), ROWS, ids=lambda value: getattr(value, "code", value))
def test_a_call_that_sends_nothing_fails_as_a_call(service: Service, row: Row) -> None:
    error = account_error(
        fault(row.code, f"For some reason. {NEVER_REPEATED}", row.status, service=service, operation="GetAccount"),
        region=REGION,
    )

    assert type(error) is AccountError
    assert (error.operation, error.code, error.request_id) == ("GetAccount", row.code, "r-1")
    assert error.retryable is (ANSWERS[row.kind][0] and row.kind is not QuotaExceeded)
    assert vars(pickle.loads(pickle.dumps(error))) == vars(error)
    assert "SES in eu-west-1" in str(error)
    assert "the mail" not in str(error)
    assert SECRET[:40] not in str(error)
    assert "top secret" not in str(error)


@pytest.mark.parametrize(
    ("code", "text", "status", "retryable", "told"),
    [
        ("ThrottlingException", "Rate exceeded", 400, True, "takes one GetAccount a second (ThrottlingException: Rate"),
        ("LimitExceededException", "You have 10000.", 400, False, "no room for more (LimitExceededException: You have"),
        ("NotFoundException", "Email identity x does not exist.", 404, False, "Email identity x does not exist"),
        ("BadRequestException", "not while in the sandbox.", 400, False, "Ask for production access"),
        ("AccessDenied", "", 403, False, '"Action": "ses:GetAccount", "Resource": "*"}'),
        ("", "", 502, True, "(status 502). Try again"),
        ("", "", 500, True, "(status 500). Try again"),
    ],
)
def test_what_is_to_be_done_about_a_call(code: str, text: str, status: int, retryable: bool, told: str) -> None:
    error = account_error(fault(code, text, status, operation="GetAccount"), region=REGION)

    assert error.retryable is retryable
    assert told in str(error)
    assert "raw content" not in str(error)


# ── the box ──────────────────────────────────────────────────────────────────────────────────────────────────────

SHOP, ADA = "shop@shop.example", "ada@example.org"
# What each fault of the box is, for a mail.
OF_BOX: dict[FaultKind, type[SendError]] = {
    **dict.fromkeys(
        (
            *(FaultKind.REJECTED, FaultKind.INVALID, FaultKind.MALFORMED, FaultKind.SERIALIZATION, FaultKind.EXISTS),
            *(FaultKind.CONFLICT, FaultKind.BAD_TOKEN, FaultKind.SET_EXISTS, FaultKind.SET_INVALID),
            *(FaultKind.DESTINATION_EXISTS, FaultKind.TRACKING_EXISTS, FaultKind.TRACKING_INVALID),
            *(FaultKind.TEMPLATE_INVALID, FaultKind.RENDERING_MISSING, FaultKind.RENDERING_INVALID),
            *(FaultKind.VERIFICATION_EXISTS, FaultKind.VERIFICATION_INVALID, FaultKind.PRODUCTION_ONLY),
            *(FaultKind.POLICY_INVALID, FaultKind.NOT_HERE),
        ),
        Rejected,
    ),
    **dict.fromkeys((FaultKind.MAIL_FROM_NOT_VERIFIED,), RejectedUnverified),
    **dict.fromkeys((FaultKind.TOO_FAST, FaultKind.CONTROL_TOO_FAST), Throttled),
    **dict.fromkeys((FaultKind.TOO_MANY, FaultKind.LIMIT), QuotaExceeded),
    **dict.fromkeys(
        (FaultKind.PAUSED, FaultKind.PAUSED_TENANT, FaultKind.PAUSED_SET, FaultKind.SUSPENDED), SendingPaused
    ),
    **dict.fromkeys(
        (
            *(FaultKind.NOT_FOUND, FaultKind.SET_NOT_FOUND, FaultKind.DESTINATION_NOT_FOUND),
            *(FaultKind.TRACKING_NOT_FOUND, FaultKind.TEMPLATE_NOT_FOUND, FaultKind.VERIFICATION_NOT_FOUND),
            FaultKind.UNKNOWN_OPERATION,
        ),
        NotFound,
    ),
    FaultKind.DENIED: AccessDenied,
    **dict.fromkeys(
        (
            *(FaultKind.BAD_SIGNATURE, FaultKind.INCOMPLETE_SIGNATURE, FaultKind.UNKNOWN_KEY),
            FaultKind.UNSIGNED,
        ),
        AuthFailed,
    ),
    FaultKind.EXPIRED_TOKEN: CredentialsExpired,
    **dict.fromkeys((FaultKind.INTERNAL, FaultKind.UNAVAILABLE), Unavailable),
}
# What the box says with it, where v1 has one code for many things.
TEXTS = {
    FaultKind.TOO_MANY: "Daily message quota exceeded.",
    FaultKind.SUSPENDED: "Sending paused for this account.",
    FaultKind.PAUSED_TENANT: "Sending is paused for the tenant <acme>.",
    FaultKind.NOT_FOUND: "Tenant <acme> does not exist.",
}
# By v2 the code is that of a bad request, and the text of the box is its own.
BY_V1_ONLY = {FaultKind.FROM_NOT_VERIFIED: RejectedUnverified}


def test_every_fault_of_the_box_is_known_here() -> None:
    assert OF_BOX.keys() | BY_V1_ONLY.keys() == set(FaultKind)


@pytest.mark.parametrize("kind", OF_BOX, ids=lambda kind: kind.name)
def test_a_fault_of_the_box_is_the_same_error_by_both_apis(kind: FaultKind) -> None:
    said = Fault(kind, TEXTS.get(kind, "For some reason."))

    for service, (code, status) in (("sesv2", said.v2), ("ses", said.v1)):
        assert type(error_of(code, said.message, status, service=service)) is OF_BOX[kind], (service, code)


def test_a_sender_that_v1_names_is_not_verified() -> None:
    for kind, expected in BY_V1_ONLY.items():
        code, status = Fault(kind, "").v1
        assert type(error_of(code, "", status, service="ses")) is expected


def _raw(sender: str = SHOP, *, head: str = "", size: int = 0) -> bytes:
    return f"From: {sender}\r\nTo: {ADA}\r\n{head}\r\nHello{'x' * 70 if size else ''}".encode() + b"\r\nx" * (size // 3)


def _v2(**more: Any) -> BoxCall:
    asked = {"Destination": {"ToAddresses": [ADA]}, "Content": {"Raw": {"Data": _raw()}}}
    return BoxCall("sesv2", "SendEmail", {**asked, **more}, REGION)


def _v1(**more: Any) -> BoxCall:
    return BoxCall("ses", "SendRawEmail", {"Destinations": [ADA], "RawMessage": {"Data": _raw()}, **more}, REGION)


def _error_from(ses: LocalSes, call: BoxCall) -> SendError:
    with pytest.raises(Fault) as caught:
        ses.box.handle(call)
    of_v1 = call.service == "ses"
    code, status = caught.value.v1 if of_v1 else caught.value.v2
    answer = fault(code, caught.value.message, status, service="ses" if of_v1 else "sesv2", operation=call.operation)
    return api_error(answer, people=People((SHOP,), (ADA,)), region=REGION)


@pytest.fixture
def ses() -> LocalSes:
    box = LocalSes(region=REGION)
    box.identity("shop.example").verify()
    box.account.grant_production()
    return box


@pytest.mark.parametrize("call", [_v2, _v1])
def test_what_the_box_answers_to_a_send_is_understood(ses: LocalSes, call: Any) -> None:
    of_ses = _error_from
    assert type(of_ses(ses, call(ConfigurationSetName="main"))) is NotFound
    assert "configuration set main" in str(of_ses(ses, call(ConfigurationSetName="main")))

    ses.account.enter_sandbox()
    error = of_ses(ses, call())
    assert isinstance(error, RejectedUnverified)
    assert (error.senders, error.recipients, error.region) == ((), (ADA,), REGION)
    ses.account.grant_production(quota=1, rate=1)

    ses.box.handle(call())
    assert type(of_ses(ses, call())) is QuotaExceeded
    ses.account.quota = -1
    assert type(of_ses(ses, call())) is Throttled

    ses.allow({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ses:Get*", "Resource": "*"}})
    denied = of_ses(ses, call())
    assert isinstance(denied, AccessDenied)
    assert denied.action == "ses:SendRawEmail"
    assert denied.resource == f"{OF_US}:identity/shop.example"

    ses.box.handle(BoxCall("ses", "GetSendQuota", {}, REGION))
    ses.account.suspend()
    assert type(of_ses(ses, call())) is SendingPaused


def test_a_stranger_as_sender_is_named_by_both_apis(ses: LocalSes) -> None:
    data = _raw("Bob <bob@other.example>")
    for call in (_v2(Content={"Raw": {"Data": data}}), _v1(RawMessage={"Data": data})):
        error = _error_from(ses, call)
        assert isinstance(error, RejectedUnverified)
        assert error.senders == ("bob@other.example",)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (_v2(Destination={"ToAddresses": [f"{n}@example.org" for n in range(51)]}), "SES takes 50 recipients"),
        (_v2(Destination={"ToAddresses": ["ada"]}), "ASCII before the @"),
        (_v2(Content={"Raw": {"Data": _raw(head="Subject: a\r\nSubject: b\r\n")}}), "stand in a mail once"),
        (_v1(RawMessage={"Data": _raw(size=10_600_000)}), "a link in place of the file"),
        (_v2(Content={"Raw": {"Data": _raw(head="no header\r\n")}}), _MEND),
        (_v2(EndpointId="x"), _MEND),
    ],
    ids=["recipients", "address", "header", "size", "mime", "not here"],
)
def test_what_is_wrong_with_the_mail_has_its_cure(ses: LocalSes, call: BoxCall, told: str) -> None:
    error = _error_from(ses, call)

    assert type(error) is Rejected
    assert told in str(error)


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pump", [",", "a@b.c, ", "<a@b>", "alue '", "\x1b", "paused sending ", "é"])
def test_a_hostile_answer_costs_no_time(pump: str) -> None:
    text = f"Email address is not verified: {pump * (100_000 // len(pump))}"

    for code in ("MessageRejected", "AccessDenied", "Throttling", "NotFoundException", "New"):
        start = process_time()
        error = error_of(code, text)
        assert process_time() - start < (0.5 if sys.gettrace() else 0.05), code
        assert len(str(error)) < 2_500
