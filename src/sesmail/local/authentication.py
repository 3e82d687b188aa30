"""Who asks: the access key that a request was signed with, and the Region that it was signed for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sesmail.local.clock import BoxClock
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.http.claim import SignatureFault, SignatureReason, credential_of
from sesmail.local.http.message import HttpRequest
from sesmail.local.http.signature import check_signature
from sesmail.local.keys import OF_ROLES, KeyRing

_KINDS = {
    SignatureReason.UNSIGNED: FaultKind.UNSIGNED,
    SignatureReason.MALFORMED: FaultKind.INCOMPLETE_SIGNATURE,
    SignatureReason.BAD_TOKEN: FaultKind.UNKNOWN_KEY,
}
_SERVICE = {"sts": "sts"}  # what a signature names; both SES are "ses"


@dataclass(frozen=True, slots=True)
class Caller:
    """An access key, as ours, and a Region, empty where nobody said one."""

    key_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Authentication:
    """Believes what a request says, unless it is told to check."""

    keys: KeyRing
    clock: BoxClock
    checks: bool = False

    def caller(self, request: HttpRequest, service: str) -> Caller:
        """Who asks, or the fault that AWS would answer."""
        try:
            credential = credential_of(request)
            if credential is None:
                if self.checks:
                    raise Fault(FaultKind.UNSIGNED, "Missing Authentication Token")
                return Caller("", "")
            if self.checks:
                self._check(request, credential.access_key, _SERVICE.get(service, "ses"))
        except SignatureFault as wrong:
            raise Fault(_KINDS.get(wrong.reason, FaultKind.BAD_SIGNATURE), str(wrong)) from wrong
        self._check_life(credential.access_key)
        return Caller(credential.access_key, credential.region)

    def _check(self, request: HttpRequest, key_id: str, service: str) -> None:
        key = self.keys.keys.get(key_id)
        if key is None:
            raise Fault(FaultKind.UNKNOWN_KEY, "The security token included in the request is invalid.")
        now = datetime.now(UTC)  # clients sign by the world's clock, whatever the box's says
        check_signature(request, secret=key.secret, session_token=key.token, now=now, service=service)

    def _check_life(self, key_id: str) -> None:
        key = self.keys.keys.get(key_id)
        ends = key.expires if key else None
        # A key of a role that nobody knows any more ended long ago.
        forgotten = key is None and key_id.startswith(OF_ROLES)
        if forgotten or (ends is not None and ends <= self.clock.now()):
            raise Fault(FaultKind.EXPIRED_TOKEN, "The security token included in the request is expired")
