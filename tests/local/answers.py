"""How SES says no: the codes of both APIs, which of them no model has, and what an operation may answer."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import Loader

from sesmail.local.box import Box
from sesmail.local.call import Call
from tests.local.asking import refusal

Answer = tuple[str, int]  # code and HTTP status

# Codes that no model has, with the status that the sheet or AWS's list of common errors gives them.
UNMODELLED = {
    "sesv2": {
        "AccessDeniedException": 403,
        "ExpiredTokenException": 403,
        "IncompleteSignatureException": 400,
        "InvalidSignatureException": 403,
        "MissingAuthenticationTokenException": 403,
        "NotImplementedHere": 501,
        "SerializationException": 400,
        "ServiceUnavailable": 503,
        "ThrottlingException": 400,
        "UnknownOperationException": 404,
        "UnrecognizedClientException": 403,
    },
    "ses": {
        "AccessDenied": 403,
        "ExpiredToken": 403,
        "IncompleteSignature": 400,
        "InternalFailure": 500,
        "InvalidAction": 400,
        "InvalidClientTokenId": 403,
        "InvalidParameterValue": 400,
        "MalformedInput": 400,
        "MissingAuthenticationToken": 403,
        "NotImplementedHere": 501,
        "ServiceUnavailable": 503,
        "SignatureDoesNotMatch": 403,
        "Throttling": 400,
        "ValidationError": 400,
    },
}

# What both APIs say to the same, by the fact sheet's sections 2.1 and 2.2.
BAD = {"sesv2": ("BadRequestException", 400), "ses": ("InvalidParameterValue", 400)}
REJECTED = {"sesv2": ("MessageRejected", 400), "ses": ("MessageRejected", 400)}
NO_SET = {"sesv2": ("NotFoundException", 404), "ses": ("ConfigurationSetDoesNotExist", 400)}
LIMIT = {"sesv2": ("LimitExceededException", 400), "ses": ("LimitExceeded", 400)}


@cache
def codes_of(service: str, operation: str) -> frozenset[str]:
    """What an operation may answer, by its model and the list above."""
    model: dict[str, Any] = Loader().load_service_model(service, "service-2")
    names = [error["shape"] for error in model["operations"][operation].get("errors", [])]
    codes = {model["shapes"][name].get("error", {}).get("code", name) for name in names}
    return frozenset(codes | set(UNMODELLED[service]))


def refused(asked: Box, call: Call) -> tuple[Answer, str]:
    """Code and status by the API that was asked, and the text."""
    fault = refusal(asked, call.operation, call.service, **call.params)
    return (fault.v2 if call.service == "sesv2" else fault.v1), fault.message
