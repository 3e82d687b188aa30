"""The box: SES as a state machine. A call goes in, a result or a `Fault` comes out; no sockets, and time is given.

Rule 1: what a call may hold, and what a result must be, is in botocore's models; both are held to them here.
Rule 2: what the box does not do is a fault that says so. No answer is made up.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import Any

from sesmail.local.call import Call, Params, Result
from sesmail.local.clock import BoxClock, Clock
from sesmail.local.events import EventLog
from sesmail.local.faults import Fault, FaultKind, not_here
from sesmail.local.here import Here
from sesmail.local.keeper import Forgetful, Keeper
from sesmail.local.keys import DEFAULT_ACCOUNT, KeyRing
from sesmail.local.ledger import Ledger, SentMail
from sesmail.local.models.service import Operation, Service
from sesmail.local.models.shapes import violations
from sesmail.local.operations import SERVED, Served
from sesmail.local.region import Region

DEFAULT_REGION = "us-east-1"
_READS = ("Get", "List", "Describe")
_NO_CALL = Call("sesmail", "something that is no call")


@dataclass(frozen=True, slots=True)
class Start:
    """What a Region of an account is like before anything happened in it. Without numbers, as SES has them."""

    sandbox: bool = True
    quota: float | None = None
    rate: float | None = None

    def region(self, account: str, name: str) -> Region:
        """A new one."""
        region = Region(account, name)
        if not self.sandbox:
            region.grant_production()
        region.quota.maximum = self.quota if self.quota is not None else region.quota.maximum
        region.rate.change(self.rate if self.rate is not None else region.rate.a_second)
        return region


class Box:
    """A local SES without a door. `LocalSes` is one with a door.

    >>> from sesmail.local.box import Box
    >>> from sesmail.local.call import Call
    >>> Box().handle(Call("sesv2", "GetAccount"))["ProductionAccessEnabled"]
    False
    """

    def __init__(
        self,
        *,
        start: Start | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
        keep: int = 10_000,
        control_rate: float | None = None,
    ) -> None:
        self.clock = clock or BoxClock()
        self.random = random or SystemRandom()
        self.keeper: Keeper = Forgetful()
        self.ledger = Ledger(keep=keep, on_drop=self._dropped)
        self.events = EventLog()
        self.keys = KeyRing.with_default()
        self.lock = threading.RLock()
        self.regions: dict[tuple[str, str], Region] = {}
        self.control_rate = control_rate
        self._start = start or Start()

    def region(self, name: str = "", account: str = DEFAULT_ACCOUNT) -> Region:
        """The state of an account in a Region; it begins when it is first asked for."""
        place = (account, name or DEFAULT_REGION)
        if place not in self.regions:
            self.regions[place] = self._start.region(*place)
        return self.regions[place]

    def handle(self, call: Call) -> Result:
        """Do what a call asks for, or raise the `Fault` that SES would answer."""
        with self.lock:
            served = SERVED.get((call.service, call.operation))
            service = Service.of(call.service)
            if served is None or call.operation not in service.operation_names:
                raise not_here(f"{call.service} {call.operation}")
            operation = service.operation(call.operation)
            _check(operation, served, call.params)
            here = self.here(call.region, call)
            if not served.sends and call.service != "sts":  # STS has other rates, and rights of its own: see there
                here.check_call_rate()
                here.check_allowed(f"ses:{call.operation}", here.resource(call.params))
            result = served.run(here, call.params)
            wrong = list(violations(operation.gives, result))
            assert not wrong, wrong  # noqa: S101 - a reply that SES could not give is our own fault
            if not served.sends and not call.operation.startswith(_READS):
                self.keeper.changed()
            return result

    def take(self, mail: SentMail) -> None:
        """Put a mail into the ledger."""
        self.ledger.add(mail)
        self.keeper.took(mail)

    def _dropped(self, mail: SentMail) -> None:
        self.keeper.dropped(mail)

    def here(self, region: str = "", call: Call = _NO_CALL) -> Here:
        """Where and when something happens, and on whose word."""
        caller = self.keys.owner(call.access_key)
        return Here(self, self.region(region, caller.account), caller, self.clock.now(), call)


def _check(operation: Operation, served: Served, params: Params) -> None:
    wrong = list(violations(operation.takes, params))
    if wrong:
        errors = "1 validation error" if len(wrong) == 1 else f"{len(wrong)} validation errors"
        raise Fault(FaultKind.MALFORMED, f"{errors} detected: {'; '.join(wrong)}")
    for path in served.lacks:
        if _holds(params, path.split(".")):
            raise not_here(f"{operation.name} with {path}")


def _holds(params: Any, path: list[str]) -> bool:  # noqa: ANN401 - parameters
    inside = params.get(path[0]) if isinstance(params, Mapping) else None
    return bool(inside) and (len(path) == 1 or _holds(inside, path[1:]))  # clients say "" and [] for what is not said
