"""Each class that botocore can raise, raised through a real client, ends in our tree and says what is known."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Iterator
from string import Formatter
from typing import Any

import boto3
import botocore.compat
import botocore.discovery
import botocore.exceptions
import botocore.parsers
import pytest
from botocore.config import Config

from sesmail import errors
from sesmail.errors import MailError, Outcome, SendError, SesmailError, SetupError
from sesmail.ses.call import ApiFault, Call
from sesmail.ses.client.boto import BotoClient
from sesmail.ses.client.boto_faults.naming import is_of_botocore
from tests.ses.client.boto.asking import Ask, both_colours, send

SECRET = "hunter2-planted"
CLASSES = [
    *(
        kind
        for _, kind in inspect.getmembers(botocore.exceptions, inspect.isclass)
        if issubclass(kind, Exception)
        and not issubclass(kind, Warning)
        and kind.__module__ == botocore.exceptions.__name__
    ),
    botocore.discovery.EndpointDiscoveryException,
    botocore.parsers.ResponseParserError,
]
UNKNOWN = ("SendError", Outcome.UNKNOWN, False)
# What is known: our class, the outcome, and whether to try again. Of all others, only that they are botocore's.
EXPECTED: dict[str, tuple[str, Outcome | None, bool | None]] = {
    # lines
    **dict.fromkeys(
        ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "ConnectionError"),
        ("ConnectFailed", Outcome.NOT_SENT, True),
    ),
    "SSLError": ("ConnectFailed", Outcome.NOT_SENT, False),
    "ReadTimeoutError": ("TimedOut", Outcome.UNKNOWN, False),
    **dict.fromkeys(
        (
            "ConnectionClosedError",
            "HTTPClientError",
            "ResponseStreamingError",
            "IncompleteReadError",
            "ResponseParserError",
        ),
        ("ConnectionLost", Outcome.UNKNOWN, False),
    ),
    # keys
    **dict.fromkeys(
        ("NoCredentialsError", "NoAuthTokenError", "PartialCredentialsError"), ("CredentialsMissing", None, None)
    ),
    **dict.fromkeys(
        (
            "SSOError",
            "SSOTokenLoadError",
            "UnauthorizedSSOTokenError",
            "TokenRetrievalError",
            "LoginError",
            "LoginRefreshRequired",
            "LoginTokenLoadError",
            "LoginAuthorizationCodeError",
        ),
        ("CredentialsExpired", Outcome.NOT_SENT, False),
    ),
    "LoginInsufficientPermissions": ("AccessDenied", Outcome.NOT_SENT, False),
    "RefreshWithMFAUnsupportedError": ("AuthFailed", Outcome.NOT_SENT, False),
    **dict.fromkeys(("CredentialRetrievalError", "MetadataRetrievalError"), ("AuthFailed", Outcome.NOT_SENT, True)),
    # the mail
    **dict.fromkeys(
        (
            "ParamValidationError",
            "ValidationError",
            "MissingParametersError",
            "UnknownKeyError",
            "RangeError",
            "UnknownParameterError",
            "AliasConflictParameterError",
        ),
        ("MailError", Outcome.NOT_SENT, False),
    ),
    # the program
    **dict.fromkeys(
        (
            "ApiVersionNotFoundError",
            "BaseEndpointResolverError",
            "ConfigNotFound",
            "ConfigParseError",
            "DataNotFoundError",
            "EndpointProviderError",
            "EndpointResolutionError",
            "EndpointVariantError",
            "InfiniteLoopConfigError",
            "InvalidChecksumConfigError",
            "InvalidConfigError",
            "InvalidDefaultsMode",
            "InvalidEndpointConfigurationError",
            "InvalidHostLabelError",
            "InvalidIMDSEndpointError",
            "InvalidIMDSEndpointModeError",
            "InvalidMaxRetryAttemptsError",
            "InvalidProxiesConfigError",
            "InvalidRegionError",
            "InvalidRetryConfigurationError",
            "InvalidRetryModeError",
            "InvalidSTSRegionalEndpointsConfigError",
            "MD5UnavailableError",
            "MissingDependencyException",
            "NoRegionError",
            "ProfileNotFound",
            "ServiceNotInRegionError",
            "StubAssertionError",
            "StubResponseError",
            "UnStubbedResponseError",
            "UnknownClientMethodError",
            "UnknownCredentialError",
            "UnknownEndpointError",
            "UnknownEndpointResolutionBuiltInName",
            "UnknownFIPSEndpointError",
            "UnknownRegionError",
            "UnknownServiceError",
            "UnknownSignatureVersionError",
            "UnknownTokenProviderError",
            "UnsupportedServiceProtocolsError",
            "UnsupportedSignatureVersionError",
        ),
        ("SetupError", None, None),
    ),
    "CapacityNotAvailableError": ("Throttled", Outcome.NOT_SENT, True),
}


def made(kind: Any) -> Exception:
    """One of them, with a secret wherever it repeats what it was given."""
    said = {name for _, name, _, _ in Formatter().parse(getattr(kind, "fmt", "")) if name}
    given: dict[str, Any] = {name: "env" if name in ("provider", "cred_var") else SECRET for name in said}
    if issubclass(kind, botocore.exceptions.ClientError):
        given = {"error_response": {"Error": {"Code": "Strange", "Message": SECRET}}, "operation_name": "Another"}
    if kind is botocore.exceptions.WaiterError:
        given = {"name": "name", "reason": SECRET, "last_response": {}}
    exception: Exception = kind(**given)
    return exception


@pytest.fixture(scope="module")
def given() -> Iterator[Any]:
    config = Config(retries={"total_max_attempts": 1})
    client = boto3.client("sesv2", "eu-west-1", aws_access_key_id="A", aws_secret_access_key="b", config=config)
    yield client
    client.close()


@pytest.fixture
def raising(given: Any) -> Iterator[Any]:
    """The next call raises this, where the request is about to be sent."""
    raised: list[Exception] = []

    def hook(**_: object) -> None:
        raise raised[0]

    given.meta.events.register("before-send.sesv2", hook)
    yield raised.append
    given.meta.events.unregister("before-send.sesv2", hook)


@both_colours
@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_what_botocore_raises_ends_in_our_tree(given: Any, raising: Any, kind: type[Exception], ask: Ask) -> None:
    raising(made(kind))
    with pytest.raises(SesmailError) as caught:
        ask(BotoClient(client=given), send())
    error = caught.value

    name, outcome, retryable = EXPECTED.get(kind.__name__, UNKNOWN)
    assert type(error) is getattr(errors, name)
    if outcome is not None:
        assert isinstance(error, SendError | MailError)
        assert (error.outcome, error.retryable) == (outcome, retryable)
    if isinstance(error, SendError):
        assert error.stage
    assert str(error)
    if isinstance(error, MailError):
        assert error.__suppress_context__, "botocore's words quote the mail"
    else:
        assert type(error.__cause__) is kind
    if not isinstance(error, SetupError):
        assert SECRET not in f"{error} {error!r} {error.__dict__}", "only settings are repeated"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_every_class_that_is_expected_is_there() -> None:
    """What a later botocore renames is found here. The lowest that we claim lacks a few."""
    lacking = set(EXPECTED) - {kind.__name__ for kind in CLASSES}

    assert all(name.startswith("Login") or name == "UnknownTokenProviderError" for name in lacking)
    assert not lacking or not hasattr(botocore.exceptions, "LoginError")
    assert len(CLASSES) > 90


def test_what_is_not_of_botocore_is_the_programs_own(given: Any, raising: Any) -> None:
    assert not is_of_botocore(ValueError())
    raising(ValueError("of a hook"))
    with pytest.raises(ValueError, match="of a hook"):
        BotoClient(client=given).call(send())


# ── ClientError ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({}, ("", "", 400, "", None)),
        ({"Error": {"Code": None}, "ResponseMetadata": {"HTTPStatusCode": "429"}}, ("", "", 400, "", None)),
        (
            {
                "Error": {"Code": "Throttling", "Message": "Slow"},
                "ResponseMetadata": {
                    "HTTPStatusCode": 429,
                    "RequestId": "42",
                    "HTTPHeaders": {"retry-after": "7"},
                },
            },
            ("Throttling", "Slow", 429, "42", 7.0),
        ),
        ({"ResponseMetadata": {"HTTPHeaders": {"x-amz-retry-after": "1500"}}}, ("", "", 400, "", 1.5)),
        (
            {"ResponseMetadata": {"HTTPHeaders": {"retry-after": "Wed, 21 Oct 2026"}}},
            ("", "", 400, "", None),
        ),
        ({"ResponseMetadata": {"HTTPHeaders": {"retry-after": "9" * 500}}}, ("", "", 400, "", None)),
        ({"ResponseMetadata": {"HTTPHeaders": None}}, ("", "", 400, "", None)),
    ],
)
def test_an_answer_becomes_a_fault_however_little_it_says(
    given: Any, raising: Any, response: dict[str, Any], expected: tuple[object, ...]
) -> None:
    raising(botocore.exceptions.ClientError(response, "SendEmail"))
    with pytest.raises(ApiFault) as caught:
        BotoClient(client=given).call(send())

    fault = caught.value
    assert (fault.code, fault.message, fault.status, fault.request_id, fault.retry_after_s) == expected


# ── what the mail cannot be sent with ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"Content": {"Simple": {"Subject": {"Data": 42}, "Body": {}}}}, "Content.Simple.Subject.Data"),
        ({"Content": {"Simple": {"Subject": {}, "Body": {}}}}, "Content.Simple.Subject"),
        ({"Content": {"Simple": {SECRET: ""}}}, "Content.Simple"),
        ({"Content": {}, "Nonsense": SECRET}, "input"),
        ({"Content": {}, "EmailTags": [{"Name": "a", "Value": SECRET}, SECRET]}, "EmailTags[1]"),
        ({}, "input"),
    ],
)
def test_a_parameter_that_botocore_refuses_is_named_and_not_quoted(
    given: Any, parameters: dict[str, Any], field: str
) -> None:
    with pytest.raises(MailError) as caught:
        BotoClient(client=given).call(Call("sesv2", "SendEmail", parameters))

    assert caught.value.field == field
    assert str(caught.value) == f"{field}: botocore refuses a parameter of SendEmail"
    assert caught.value.__suppress_context__


def test_a_report_that_cannot_be_read_names_nothing(given: Any, raising: Any) -> None:
    raising(botocore.exceptions.ParamValidationError(report=f"Strange value for parameter {SECRET}"))
    with pytest.raises(MailError) as caught:
        BotoClient(client=given).call(send())

    assert caught.value.field == ""


@pytest.mark.skipif(botocore.compat.HAS_CRT, reason="awscrt is installed")
def test_a_global_endpoint_without_its_part_of_botocore_says_what_to_install(given: Any) -> None:
    call = send()
    with pytest.raises(errors.Unsupported, match=r'pip install "botocore\[crt\]"') as caught:
        BotoClient(client=given).call(Call("sesv2", "SendEmail", {**call.parameters, "EndpointId": "abcdef12.g3h"}))

    assert (caught.value.feature, caught.value.field) == ("endpoint_id", "ses.endpoint_id")
    assert type(caught.value.__cause__).__name__ == "MissingDependencyException"


def test_a_global_endpoint_with_a_bad_id_is_a_set_up_error(given: Any) -> None:
    call = send()
    with pytest.raises(SetupError, match="EndpointId must be a valid host label"):
        BotoClient(client=given).call(Call("sesv2", "SendEmail", {**call.parameters, "EndpointId": "no host/"}))
