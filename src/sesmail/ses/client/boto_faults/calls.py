"""What a call ends with when botocore raises: the fault that SES answered, or an error of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sesmail.errors import (
    ConnectionLost,
    MailError,
    Outcome,
    SendError,
    SesmailError,
    SetupError,
    Throttled,
    Unsupported,
)
from sesmail.ses.call import ApiFault, Call, Service
from sesmail.ses.client.boto_faults.keys import OF_CREDENTIALS, credentials_error
from sesmail.ses.client.boto_faults.lines import line_error
from sesmail.ses.client.boto_faults.naming import by_class, is_of_botocore, is_one
from sesmail.ses.client.boto_faults.origin import Origin
from sesmail.ses.client.boto_faults.release import release
from sesmail.ses.client.boto_faults.stage import Stage, is_of_late_hook, stage_of
from sesmail.ses.sayings import printable

Verdict = Callable[[BaseException, Call], SesmailError]


def boto_error(error: BaseException, call: Call, origin: Origin) -> SesmailError | ApiFault | None:
    """What to raise in its place; nothing if it is ours, or raised by a hook of the program's own or a fake."""
    found = _found(error, call, origin)
    if found is not None:
        release(error)
    return found


def _found(error: BaseException, call: Call, origin: Origin) -> SesmailError | ApiFault | None:
    is_ours = isinstance(error, SesmailError)  # raised for a role whose keys could not be renewed, or by a hook
    if is_of_late_hook(error):
        return _of_hook(error) if is_ours or is_of_botocore(error) else None
    if is_ours:
        return None
    if stage_of(error) is Stage.AUTH:
        return credentials_error(error, origin)
    return _of_botocore(error, call, origin) if is_of_botocore(error) else None


def _of_botocore(error: BaseException, call: Call, origin: Origin) -> SesmailError | ApiFault:
    if is_one(error, "ClientError"):
        # Another operation's is not SES's answer: a hook has asked AWS something of its own.
        return _fault(error, call) if getattr(error, "operation_name", "") == call.operation else _strange(error)
    if verdict := by_class(error, _VERDICTS):
        return verdict(error, call)
    if is_one(error, *OF_CREDENTIALS):
        return credentials_error(error, origin)
    return line_error(error, region=origin.region) or _strange(error)


def making_error(error: BaseException, service: Service, origin: Origin) -> SesmailError:
    """What to raise where no client could be made."""
    found = _of_making(error, service, origin)
    release(error)
    return found


def _of_making(error: BaseException, service: Service, origin: Origin) -> SesmailError:
    if stage_of(error) is Stage.AUTH or is_one(error, *OF_CREDENTIALS):
        return credentials_error(error, origin)
    if verdict := by_class(error, _VERDICTS):
        return verdict(error, Call(service, "", {}))
    return SetupError(
        f"boto3 cannot make a client ({type(error).__name__}); its words are in the cause. Look at endpoint_url,"
        " AWS_ENDPOINT_URL and AWS_CA_BUNDLE, here and in the profile"
    )


def _fault(error: BaseException, call: Call) -> ApiFault:
    response: Mapping[str, Mapping[str, object]] = getattr(error, "response", {})
    said, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    status, headers = metadata.get("HTTPStatusCode"), metadata.get("HTTPHeaders")
    return ApiFault(
        call,
        code=str(said.get("Code") or ""),
        message=str(said.get("Message") or ""),
        status=status if isinstance(status, int) else 400,  # some fakes leave it out; botocore's own says 400 too
        request_id=str(metadata.get("RequestId") or ""),
        retry_after_s=_retry_after_s(headers if isinstance(headers, Mapping) else {}),
    )


_SECONDS = re.compile(r"[0-9]{1,7}")


def _retry_after_s(headers: Mapping[str, object]) -> float | None:
    """A pause that was asked for. SES asks for none; what stands in front of it may."""
    for name, a_second in (("x-amz-retry-after", 1000), ("retry-after", 1)):
        if _SECONDS.fullmatch(said := str(headers.get(name, ""))):
            return int(said) / a_second
    return None


# Of the report only its beginning is read, which is botocore's own; values that were given stand behind it.
_PARAMETER = re.compile(
    r"(?:Invalid [a-z ]{1,20} for parameter|(?:Missing required|Unknown) parameter in) ([A-Za-z0-9_.\[\]]{1,200})"
)


def _parameter(error: BaseException, call: Call) -> SesmailError:
    report = getattr(error, "kwargs", {}).get("report", "")
    found = _PARAMETER.match(str(report))
    return MailError(f"botocore refuses a parameter of {call.operation}", field=found[1] if found else "")


def _value(_error: BaseException, call: Call) -> SesmailError:
    return MailError(f"botocore refuses a parameter of {call.operation}")


def _no_region(_error: BaseException, _call: Call) -> SesmailError:
    return SetupError(NO_REGION)


def _set_up_wrong(error: BaseException, _call: Call) -> SesmailError:
    return SetupError(f"botocore is set up wrong: {printable(str(error), 300)}")


def _lacks(error: BaseException, call: Call) -> SesmailError:
    if "EndpointId" not in call.parameters:
        return _set_up_wrong(error, call)
    return Unsupported(
        'a global endpoint needs a part of botocore that is not installed: pip install "botocore[crt]"',
        feature="endpoint_id",
        field="ses.endpoint_id",
    )


def _no_capacity(_error: BaseException, _call: Call) -> SesmailError:
    return Throttled("botocore holds back because SES was too busy before; nothing was sent", stage=Stage.CONNECT.value)


def torn() -> ConnectionLost:
    """An answer came, and not the whole of it."""
    text = "the answer of SES cannot be read; the mail may be out: do not send it again unasked"
    return ConnectionLost(text, stage=Stage.REPLY.value)


def _garbled(_error: BaseException, _call: Call) -> SesmailError:
    return torn()


def _stub(_error: BaseException, call: Call) -> SesmailError:
    return SetupError(f"the Stubber in place of SES did not expect this {call.operation}; its words are in the cause")


def _strange(error: BaseException) -> SendError:
    text = f"botocore failed in a way that is not known here ({type(error).__name__}); the mail may be out"
    return SendError(text, outcome=Outcome.UNKNOWN, retryable=False, stage=(stage_of(error) or Stage.REPLY).value)


def _of_hook(error: BaseException) -> SendError:
    text = f"a hook failed when SES may have answered already ({type(error).__name__}); the mail may be out"
    return SendError(text, outcome=Outcome.UNKNOWN, retryable=False, stage=Stage.REPLY.value)


NO_REGION = "no Region: give one, as in ses://eu-west-1, set AWS_DEFAULT_REGION, or write one into the profile"
_VERDICTS: Mapping[str, Verdict] = {
    # the mail
    "ParamValidationError": _parameter,
    "ValidationError": _value,
    "MissingParametersError": _value,
    # the program
    "NoRegionError": _no_region,
    "MissingDependencyException": _lacks,
    "StubResponseError": _stub,
    **dict.fromkeys(
        (
            "ApiVersionNotFoundError",
            "BaseEndpointResolverError",
            "DataNotFoundError",
            "EndpointProviderError",
            "InvalidChecksumConfigError",
            "InvalidDefaultsMode",
            "InvalidEndpointConfigurationError",
            "InvalidHostLabelError",
            "InvalidProxiesConfigError",
            "InvalidRegionError",
            "InvalidRetryConfigurationError",
            "MD5UnavailableError",
            "ServiceNotInRegionError",
            "UnknownClientMethodError",
            "UnknownRegionError",
            "UnknownSignatureVersionError",
            "UnsupportedServiceProtocolsError",
            "UnsupportedSignatureVersionError",
        ),
        _set_up_wrong,
    ),
    # SES, or what stands before it
    "CapacityNotAvailableError": _no_capacity,
    "ResponseParserError": _garbled,
}
