"""What is said where keys could not be had: each code of STS, and what no table knows."""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import pytest

from sesmail.errors import AuthFailed, Outcome, SendError
from sesmail.ses.client.boto_faults import Origin, credentials_error

ROLE = "arn:aws:iam::123456789012:role/mailer"
SECRET = "hunter2-planted"


def refusal(code: str, status: int | None = 400, operation: str = "AssumeRole") -> Exception:
    response = {
        "Error": {"Code": code, "Message": f"Value '{SECRET}' at 'externalId' failed"},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "42"},
    }
    error: Exception = botocore.exceptions.ClientError(response, operation)
    return error


@pytest.mark.parametrize(
    ("error", "name", "retryable", "text"),
    [
        (refusal("AccessDenied", 403), "AccessDenied", False, "they must be allowed sts:AssumeRole on it"),
        (refusal("AccessDeniedException", 403), "AccessDenied", False, "Its trust policy must name who asks"),
        (refusal("ExpiredToken", 403), "CredentialsExpired", False, "are over (AssumeRole: ExpiredToken)"),
        (refusal("ExpiredTokenException"), "CredentialsExpired", False, "Renew them where they come from"),
        (refusal("ExpiredIdentityToken"), "CredentialsExpired", False, "Renew them"),
        (refusal("InvalidClientTokenId", 403), "AuthFailed", False, "are wrong (AssumeRole: InvalidClientTokenId)"),
        (refusal("UnrecognizedClientException", 403), "AuthFailed", False, "are wrong"),
        (refusal("SignatureDoesNotMatch", 403), "AuthFailed", False, "this machine's clock"),
        (refusal("RequestExpired", 403), "AuthFailed", False, "this machine's clock"),
        (refusal("RegionDisabledException", 403), "AuthFailed", False, "STS is not switched on in eu-west-1"),
        (refusal("ValidationError"), "AuthFailed", False, "is role_duration_s more?"),
        (refusal("Throttling"), "Unavailable", True, "Try again later"),
        (refusal("IDPCommunicationError"), "Unavailable", True, "Try again later"),
        (refusal("Strange", 429), "Unavailable", True, "Try again later"),
        (refusal("Strange", 503), "Unavailable", True, "(AssumeRole: Strange)"),
        (refusal("Strange", 400), "AuthFailed", False, "AWS gave no keys (AssumeRole: Strange)"),
        (refusal("Strange", None), "AuthFailed", False, "Its own words are in the cause"),
        (refusal("ForbiddenException", 403, "GetRoleCredentials"), "AuthFailed", False, "(GetRoleCredentials: Forb"),
    ],
)
def test_what_aws_refuses_says_what_to_do(error: Exception, name: str, retryable: bool, text: str) -> None:
    found = credentials_error(error, Origin(region="eu-west-1", role_arn=ROLE))

    assert isinstance(found, SendError)
    assert (type(found).__name__, found.retryable, found.outcome) == (name, retryable, Outcome.NOT_SENT)
    assert (found.stage, found.request_id) == ("auth", "42")
    assert found.code
    assert text in str(found)
    assert SECRET not in f"{found} {found!r}"


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        (Origin(role_arn=ROLE), f"the role {ROLE} may not"),
        (Origin(profile="shop"), "the role of the profile 'shop' may not"),
        (Origin(), "the role may not"),
        (Origin(profile="sh\x1b[31mop\n"), "the role of the profile 'sh [31mop' may not"),
    ],
)
def test_whose_role_it_was_is_said_as_far_as_it_is_known(origin: Origin, text: str) -> None:
    assert text in str(credentials_error(refusal("AccessDenied"), origin))


def test_a_region_that_is_not_known_is_not_named() -> None:
    assert "in this Region (RegionDisabled" in str(credentials_error(refusal("RegionDisabledException"), Origin()))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (EOFError(), "ask for an MFA code, and nobody can type one for a program"),
        (RuntimeError(SECRET), "look at this machine's clock"),
        (KeyError(SECRET), "fetching credentials failed (KeyError); nothing was sent"),
        (botocore.exceptions.WaiterError("name", SECRET, {}), "fetching credentials failed (WaiterError)"),
    ],
)
def test_what_no_table_knows_is_no_send(error: Exception, text: str) -> None:
    found: Any = credentials_error(error, Origin())

    assert type(found) is AuthFailed
    assert (found.retryable, found.outcome, found.stage) == (False, Outcome.NOT_SENT, "auth")
    assert text in str(found)
    assert SECRET not in f"{found} {found!r}"


def test_a_command_names_the_profile_if_there_is_one() -> None:
    over = botocore.exceptions.UnauthorizedSSOTokenError()
    assert str(credentials_error(over, Origin(profile="shop"))).endswith("has to run aws sso login --profile shop")
    assert str(credentials_error(over, Origin())).endswith("has to run aws sso login")
    if not hasattr(botocore.exceptions, "LoginError"):
        pytest.skip("this botocore knows no aws login")
    login = botocore.exceptions.LoginRefreshRequired()
    assert str(credentials_error(login, Origin(profile="shop"))).endswith("has to run aws login --profile shop")
