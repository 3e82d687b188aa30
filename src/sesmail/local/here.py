"""Where and when a call happens, and who asks: all that an operation of the box is given beside its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sesmail.local.call import Call, Params
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.keys import AccessKey
from sesmail.local.policy import Question, Verdict
from sesmail.local.quota import Rate
from sesmail.local.region import Region

if TYPE_CHECKING:
    from sesmail.local.box import Box

_RESOURCES = (
    (("ContactListName",), "contact-list"),
    (("EmailIdentity", "Identity", "Domain", "EmailAddress"), "identity"),
    (("ConfigurationSetName",), "configuration-set"),
    (("PoolName",), "dedicated-ip-pool"),
    (("TenantName",), "tenant"),
)
_SECOND = frozenset({"sesv2", "smtp"})  # what counts as version 2 of the API


@dataclass(frozen=True, slots=True)
class Here:
    """The box, the account's state in the Region, the caller, the time and the call."""

    box: Box
    region: Region
    caller: AccessKey
    now: float
    call: Call

    def resource(self, params: Params) -> str:
        """What a call is about, as an ARN, or ``*``."""
        for names, kind in _RESOURCES:
            for name in names:
                if isinstance(params.get(name), str):
                    tenant = self.region.tenants.get(params[name]) if kind == "tenant" else None
                    return tenant.arn if tenant else self.region.arn(kind, params[name])
        return "*"

    def check_allowed(self, action: str, resource: str, context: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Whether the caller's policy lets this happen; without one, everything does."""
        if self.caller.policy is None:
            return
        facts = {**(context or {}), "ses:ApiVersion": ("2" if self.call.service in _SECOND else "1",)}
        facts |= {"aws:SourceIp": (self.call.source_ip,), "aws:RequestedRegion": (self.region.name,)}
        question = Question(action, resource, self.caller.arn, facts)
        if self.caller.policy.verdict(question) is not Verdict.ALLOWED:
            raise self.denied(action, resource)

    def denied(self, action: str, resource: str) -> Fault:
        """The wording of SES, odd quotes and all; that of STS has none."""
        said = f"User `{self.caller.arn}' is not authorized to perform `{action}' on resource `{resource}'"
        if action.startswith("sts:"):
            said = f"User: {self.caller.arn} is not authorized to perform: {action} on resource: {resource}"
        return Fault(FaultKind.DENIED, said)

    def check_call_rate(self) -> None:
        """SES takes one call a second of each operation that is no send. The box does so when it is told to."""
        if self.box.control_rate is None:
            return
        what = (self.region.account, self.region.name, self.call.service, self.call.operation)
        rate = self.box.call_rates.setdefault(what, Rate(self.box.control_rate))
        if not rate.has_room(self.now):
            raise Fault(FaultKind.CONTROL_TOO_FAST, "Rate exceeded")
        rate.count(1, self.now)

    def token(self, length: int = 32) -> str:
        """Letters and digits, as DKIM tokens are."""
        return "".join(self.box.random.choices("abcdefghijklmnopqrstuvwxyz234567", k=length))

    def message_id(self) -> str:
        """An id as SES gives them: the time, then what is random."""
        return f"0100{int(self.now * 1000):012x}-{UUID(int=self.box.random.getrandbits(128))}-000000"
