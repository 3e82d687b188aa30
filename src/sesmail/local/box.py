"""The box: SES as a state machine. A call goes in, a result or a `Fault` comes out; no sockets, and time is given.

Rule 1: what a call may hold, and what a result must be, is in botocore's models; both are held to them here.
Rule 2: what the box does not do is a fault that says so. No answer is made up.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from random import Random, SystemRandom
from typing import Any

from sesmail._logging import WARNING, log
from sesmail.errors import SetupError
from sesmail.local.call import Call, Params, Result
from sesmail.local.clock import BoxClock
from sesmail.local.events import EventLog
from sesmail.local.faults import Fault, FaultKind, not_here
from sesmail.local.here import Here
from sesmail.local.keeper import Forgetful, Keeper
from sesmail.local.keys import DEFAULT_ACCOUNT, KeyRing
from sesmail.local.ledger import Ledger, SentMail
from sesmail.local.models.service import Operation, Service
from sesmail.local.models.shapes import violations
from sesmail.local.operations import SERVED, Served
from sesmail.local.quota import UNLIMITED, Rate
from sesmail.local.region import Region
from sesmail.local.verification.links import Letters

DEFAULT_REGION = "us-east-1"
_MOST_TOLD = 10  # violations, or the refusal of a request would be many times its size
_READS = ("Get", "List", "Describe")
_NO_CALL = Call("sesmail", "something that is no call")


@dataclass(frozen=True, slots=True)
class Start:
    """What a Region of an account is like before anything happened in it. Without numbers, as SES has them."""

    sandbox: bool = True
    quota: float | None = None
    rate: float | None = None

    def __post_init__(self) -> None:
        if self.quota is not None and not (isfinite(self.quota) and (self.quota >= 0 or self.quota == UNLIMITED)):
            raise SetupError(f"quota is a number of recipients, or -1 for no limit, and not {self.quota}")
        if self.rate is not None and not (isfinite(self.rate) and self.rate >= 0):
            raise SetupError(f"rate is a number of recipients a second, 1e6 for hardly a limit, and not {self.rate}")

    def region(self, account: str, name: str) -> Region:
        """A new one."""
        region = Region(account, name)
        if not self.sandbox:
            region.grant_production()
        self.limit(region)
        return region

    def limit(self, region: Region) -> None:
        """The numbers that were given take the place of those of SES."""
        region.limit(self.quota, self.rate)


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
        clock: BoxClock | None = None,
        random: Random | None = None,
        keep: int = 10_000,
        control_rate: float | None = None,
    ) -> None:
        self.clock = clock or BoxClock()
        self.random = random or SystemRandom()
        self.keeper: Keeper = Forgetful()
        self.ledger = Ledger(keep=keep, on_drop=self._dropped)
        self.events = EventLog()
        self.url = "http://sesmail.local"  # what links begin with; a door that is opened puts its own there
        self.letters = Letters()
        self.keys = KeyRing.with_default()
        self.lock = threading.RLock()
        self.regions: dict[tuple[str, str], Region] = {}
        self.control_rate = control_rate
        self.call_rates: dict[tuple[str, str, str, str], Rate] = {}
        self.start = start or Start()

    def region(self, name: str = "", account: str = DEFAULT_ACCOUNT) -> Region:
        """The state of an account in a Region; it begins when it is first asked for."""
        place = (account, name or DEFAULT_REGION)
        with self.lock:
            if place not in self.regions:
                self.regions[place] = self.start.region(*place)
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
            caller = self.keys.owner(call.access_key)
            here = Here(self, self.region(call.region, caller.account), caller, self.clock.now(), call)
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
        """Count a mail and put it into the ledger. First it is kept: what cannot be written down was not taken."""
        self.keeper.took(mail)
        self.region(mail.region, mail.account).count(mail)
        self.ledger.add(mail)

    def keep(self) -> None:
        """Write down what a mail changed beside itself. The mail was taken, so a failure must not look otherwise."""
        try:
            self.keeper.changed()
        except OSError as error:
            log(WARNING, "the box's state could not be written: %s", error.strerror or type(error).__name__)

    def _dropped(self, mail: SentMail) -> None:
        self.keeper.dropped(mail)
        self.events.forget(mail)

    def here_in(self, region: Region) -> Here:
        """For what happens without a call."""
        return Here(self, region, self.keys.owner(""), self.clock.now(), _NO_CALL)


def _check(operation: Operation, served: Served, params: Params) -> None:
    wrong = list(islice(violations(operation.takes, params), _MOST_TOLD))
    if wrong:
        errors = "1 validation error" if len(wrong) == 1 else f"{len(wrong)} validation errors"
        raise Fault(FaultKind.MALFORMED, f"{errors} detected: {'; '.join(wrong)}")
    for path in served.lacks:
        if _holds(params, path.split(".")):
            raise not_here(f"{operation.name} with {path}")


def _holds(params: Any, path: list[str]) -> bool:  # noqa: ANN401 - parameters
    inside = params.get(path[0]) if isinstance(params, Mapping) else None
    return bool(inside) and (len(path) == 1 or _holds(inside, path[1:]))  # clients say "" and [] for what is not said
