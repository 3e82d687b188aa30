"""How SES says no. One fault has two spellings, since the two APIs name the same thing differently.

What the models of botocore know of a code, its HTTP status above all, a test holds against this table.
"""

from __future__ import annotations

from enum import Enum


class FaultKind(Enum):
    """v2 code, its status, v1 code, its status. STS speaks as v1 does."""

    # the mail, or who it is from and to
    REJECTED = ("MessageRejected", 400, "MessageRejected", 400)
    INVALID = ("BadRequestException", 400, "InvalidParameterValue", 400)
    MAIL_FROM_NOT_VERIFIED = (
        "MailFromDomainNotVerifiedException",
        400,
        "MailFromDomainNotVerifiedException",
        400,
    )
    # how much was sent
    TOO_FAST = ("TooManyRequestsException", 429, "Throttling", 400)
    TOO_MANY = ("LimitExceededException", 400, "Throttling", 400)
    # who may send at all
    PAUSED = ("SendingPausedException", 400, "AccountSendingPausedException", 400)
    PAUSED_TENANT = ("SendingPausedException", 400, "MessageRejected", 400)
    PAUSED_SET = ("SendingPausedException", 400, "ConfigurationSetSendingPausedException", 400)
    SUSPENDED = ("AccountSuspendedException", 400, "MessageRejected", 400)
    # the shape of the request
    MALFORMED = ("BadRequestException", 400, "ValidationError", 400)
    UNKNOWN_OPERATION = ("UnknownOperationException", 404, "InvalidAction", 400)
    SERIALIZATION = ("SerializationException", 400, "MalformedInput", 400)
    # things that are there, or are not
    NOT_FOUND = ("NotFoundException", 404, "InvalidParameterValue", 400)
    EXISTS = ("AlreadyExistsException", 400, "AlreadyExists", 400)
    CONFLICT = ("ConflictException", 409, "InvalidParameterValue", 400)
    BAD_TOKEN = ("InvalidNextTokenException", 400, "InvalidParameterValue", 400)
    LIMIT = ("LimitExceededException", 400, "LimitExceeded", 400)
    CONTROL_TOO_FAST = ("ThrottlingException", 400, "Throttling", 400)
    SET_NOT_FOUND = ("NotFoundException", 404, "ConfigurationSetDoesNotExist", 400)
    SET_EXISTS = ("AlreadyExistsException", 400, "ConfigurationSetAlreadyExists", 400)
    SET_INVALID = ("BadRequestException", 400, "InvalidConfigurationSet", 400)
    DESTINATION_NOT_FOUND = ("NotFoundException", 404, "EventDestinationDoesNotExist", 400)
    DESTINATION_EXISTS = ("AlreadyExistsException", 400, "EventDestinationAlreadyExists", 400)
    TRACKING_NOT_FOUND = ("NotFoundException", 404, "TrackingOptionsDoesNotExistException", 400)
    TRACKING_EXISTS = ("AlreadyExistsException", 400, "TrackingOptionsAlreadyExistsException", 400)
    TRACKING_INVALID = ("BadRequestException", 400, "InvalidTrackingOptions", 400)
    TEMPLATE_NOT_FOUND = ("NotFoundException", 404, "TemplateDoesNotExist", 400)
    TEMPLATE_INVALID = ("BadRequestException", 400, "InvalidTemplate", 400)
    RENDERING_MISSING = ("BadRequestException", 400, "MissingRenderingAttribute", 400)
    RENDERING_INVALID = ("BadRequestException", 400, "InvalidRenderingParameter", 400)
    VERIFICATION_NOT_FOUND = ("NotFoundException", 404, "CustomVerificationEmailTemplateDoesNotExist", 400)
    VERIFICATION_EXISTS = ("AlreadyExistsException", 400, "CustomVerificationEmailTemplateAlreadyExists", 400)
    VERIFICATION_INVALID = ("BadRequestException", 400, "CustomVerificationEmailInvalidContent", 400)
    FROM_NOT_VERIFIED = ("BadRequestException", 400, "FromEmailAddressNotVerified", 400)
    PRODUCTION_ONLY = ("BadRequestException", 400, "ProductionAccessNotGranted", 400)
    POLICY_INVALID = ("BadRequestException", 400, "InvalidPolicy", 400)
    # who asks
    DENIED = ("AccessDeniedException", 403, "AccessDenied", 403)
    BAD_SIGNATURE = ("InvalidSignatureException", 403, "SignatureDoesNotMatch", 403)
    INCOMPLETE_SIGNATURE = ("IncompleteSignatureException", 400, "IncompleteSignature", 400)
    UNKNOWN_KEY = ("UnrecognizedClientException", 403, "InvalidClientTokenId", 403)
    EXPIRED_TOKEN = ("ExpiredTokenException", 403, "ExpiredToken", 403)
    UNSIGNED = ("MissingAuthenticationTokenException", 403, "MissingAuthenticationToken", 403)
    # what goes wrong on this side
    INTERNAL = ("InternalServiceErrorException", 500, "InternalFailure", 500)
    UNAVAILABLE = ("ServiceUnavailable", 503, "ServiceUnavailable", 503)
    # what this box lacks: no code of SES, so that nobody takes it for an answer of SES
    NOT_HERE = ("NotImplementedHere", 501, "NotImplementedHere", 501)


class Fault(Exception):
    """A request was refused, in the words of SES."""

    def __init__(self, kind: FaultKind, message: str, **facts: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.facts = facts  # further members of the error, which v1 has and v2 has not

    @property
    def v2(self) -> tuple[str, int]:
        """Code and status in v2."""
        return self.kind.value[0], self.kind.value[1]

    @property
    def v1(self) -> tuple[str, int]:
        """Code and status in v1 and STS."""
        return self.kind.value[2], self.kind.value[3]


def not_here(what: str) -> Fault:
    """What the box does not do, said so that nobody takes it for an answer of SES."""
    return Fault(FaultKind.NOT_HERE, f"{what} is not implemented here: sesmail.local has it not, though SES may")
