"""What AWS answers when it gives no keys: to AssumeRole, or to what other sources of keys ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

from sesmail.errors import AccessDenied, AuthFailed, CredentialsExpired, SesmailError, Unavailable
from sesmail.ses.client.boto_faults.origin import Origin
from sesmail.ses.client.boto_faults.stage import Stage
from sesmail.ses.sayings import printable


def refused(error: BaseException, origin: Origin) -> SesmailError:
    """The error for a refusal."""
    refusal = _Refusal(error, origin)
    return _OF_CODES.get(refusal.code.lower().removesuffix("exception"), _of_status)(refusal)


class _Facts(TypedDict):
    code: str
    request_id: str
    stage: str


class _Refusal:
    """What AWS answered to a call for keys."""

    def __init__(self, error: BaseException, origin: Origin) -> None:
        response: Mapping[str, Mapping[str, object]] = getattr(error, "response", {})
        metadata = response.get("ResponseMetadata", {})
        self.operation = printable(str(getattr(error, "operation_name", "")), 100)
        self.code = printable(str(response.get("Error", {}).get("Code", "")), 100)
        self.request_id = printable(str(metadata.get("RequestId", "")), 100)
        self.status = metadata.get("HTTPStatusCode")
        self.origin = origin

    @property
    def facts(self) -> _Facts:
        return {"code": self.code, "request_id": self.request_id, "stage": Stage.AUTH.value}


def _denied(refusal: _Refusal) -> SesmailError:
    text = (
        f"{refusal.origin.role} may not be assumed ({refusal.code}); nothing was sent. Its trust policy must name who"
        f" asks, and they must be allowed sts:{refusal.operation} on it. A wrong external id, and a role that is not"
        " there, look the same"
    )
    return AccessDenied(text, action=f"sts:{refusal.operation}", resource=refusal.origin.role_arn, **refusal.facts)


def _source_expired(refusal: _Refusal) -> SesmailError:
    text = (
        f"the credentials with which keys are asked for are over ({refusal.operation}: {refusal.code}); nothing was"
        " sent. Renew them where they come from"
    )
    return CredentialsExpired(text, retryable=False, **refusal.facts)


def _source_wrong(refusal: _Refusal) -> SesmailError:
    text = (
        f"the credentials with which keys are asked for are wrong ({refusal.operation}: {refusal.code}); nothing was"
        " sent. Look at the access key, its secret, and this machine's clock"
    )
    return AuthFailed(text, **refusal.facts)


def _no_region(refusal: _Refusal) -> SesmailError:
    text = (
        f"STS is not switched on in {refusal.origin.region or 'this Region'} ({refusal.code}); nothing was sent. Switch"
        " it on (IAM console: Account settings), or name another place with sts_endpoint_url"
    )
    return AuthFailed(text, **refusal.facts)


def _not_taken(refusal: _Refusal) -> SesmailError:
    text = (
        f"STS does not take what is asked of it for {refusal.origin.role} ({refusal.code}); nothing was sent. Its keys"
        " hold no longer than the role allows, and an hour at most where a role assumes it: is role_duration_s more?"
    )
    return AuthFailed(text, **refusal.facts)


def _busy(refusal: _Refusal) -> SesmailError:
    text = f"AWS gave no keys just now ({refusal.operation}: {refusal.code}); nothing was sent. Try again later"
    return Unavailable(text, **refusal.facts)


def _of_status(refusal: _Refusal) -> SesmailError:
    if refusal.status == 429 or (isinstance(refusal.status, int) and refusal.status >= 500):
        return _busy(refusal)
    return AuthFailed(
        f"AWS gave no keys ({refusal.operation}: {refusal.code}); nothing was sent. Its own words are in the cause",
        **refusal.facts,
    )


_OF_CODES: Mapping[str, Callable[[_Refusal], SesmailError]] = {
    "accessdenied": _denied,
    "expiredtoken": _source_expired,
    "expiredidentitytoken": _source_expired,
    "invalidclienttokenid": _source_wrong,
    "unrecognizedclient": _source_wrong,
    "invalidaccesskeyid": _source_wrong,
    "signaturedoesnotmatch": _source_wrong,
    "invalidsignature": _source_wrong,
    "incompletesignature": _source_wrong,
    "missingauthenticationtoken": _source_wrong,
    "requestexpired": _source_wrong,
    "regiondisabled": _no_region,
    "validationerror": _not_taken,
    "throttling": _busy,
    "requestlimitexceeded": _busy,
    "idpcommunicationerror": _busy,
}
