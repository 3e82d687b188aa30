"""DirectClient: carries calls to SES without an SDK. One dialogue for each call; pools of lines for both colours."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from time import monotonic, time
from typing import Any

from sesmail.errors import ConnectFailed, MissingExtra
from sesmail.lines.dialogue import Dialogue, do
from sesmail.lines.fault import Kind, LineFault
from sesmail.lines.patience import Patience
from sesmail.lines.pool import AwaitedPool, BlockingPool, Keeping
from sesmail.lines.threads import Threads
from sesmail.ses.call import Call, Reply, Service
from sesmail.ses.client.direct.endpoint import origin_for, region_for
from sesmail.ses.client.direct.heads import Heads
from sesmail.ses.client.direct.http import HttpSession
from sesmail.ses.client.direct.replies import reply_of
from sesmail.ses.client.direct.routes import Request, Routes
from sesmail.ses.client.direct.signing import Signer
from sesmail.ses.client.direct.way import Way
from sesmail.ses.client.environment import age
from sesmail.ses.credentials import Credentials
from sesmail.ses.endpoints import region_hint

PATIENCE = Patience(connect_s=10.0, read_s=60.0, total_s=120.0)
# What keeps a line open costs nothing; what a load balancer closes first costs a mail whose outcome nobody knows.
KEEPING = Keeping(connections=10, uses=100_000, idle_s=20.0, age_s=600.0)
_ANYBODY = Credentials()
_THREADS = 4  # for names and for keys


class DirectClient:
    """Carries calls to SES: signs them itself, and speaks HTTP by h11 (extra ``direct``).

    >>> from sesmail.local import LocalSes
    >>> from sesmail.ses.call import Call
    >>> from sesmail.ses.client.direct.client import DirectClient
    >>> from sesmail.ses.credentials import Credentials
    >>> with LocalSes() as ses:
    ...     keys = Credentials(access_key="AKIASESMAILLOCALBOX0", secret_key="any")
    ...     client = DirectClient(region="eu-west-1", credentials=keys, endpoint_url=ses.url)
    ...     client.call(Call("sesv2", "GetAccount", {})).values["SendQuota"]["Max24HourSend"]
    ...     client.close()
    200.0

    Region and endpoint are looked for where botocore does (`endpoint`), but for its configuration files. Proxies and
    certificates are those of the environment (`proxy`, `trust`). ``clock`` is the time of day, which is signed.
    """

    name = "direct"

    def __init__(
        self,
        *,
        service: Service = "sesv2",
        region: str = "",
        credentials: Credentials = _ANYBODY,
        endpoint_url: str = "",
        use_fips: bool | None = None,
        use_dual_stack: bool | None = None,
        keeping: Keeping = KEEPING,
        patience: Patience = PATIENCE,
        clock: Callable[[], float] = time,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        _require_h11()
        self._asked: dict[str, Any] = {
            "endpoint_url": endpoint_url,
            "use_fips": use_fips,
            "use_dual_stack": use_dual_stack,
        }
        self._asked_region = region
        self._service: Service = service
        self._credentials = credentials
        self._clock = clock
        self._held: dict[str, Any] = {"keeping": keeping, "patience": patience, "clock": timer}
        self._begin()

    def _begin(self) -> None:
        """What is made of the environment."""
        self._age = age()
        self.region = region_for(self._asked_region, os.environ)
        origin = origin_for(self._service, self.region, os.environ, **self._asked)
        self._way = Way.to(origin, os.environ)
        self._routes = Routes(origin)
        self._heads = Heads(self._way, Signer(self.region))
        self._source = self._credentials.source(self.region)
        self._threads = Threads(_THREADS, "sesmail-direct")
        place = self._way.place
        self._blocking = BlockingPool(place, self._session, **self._held)
        self._awaited = AwaitedPool(place, self._session, threads=self._threads, **self._held)

    def admit(self, *, awaited: bool) -> None:
        """Nothing stands against it: what it needs was looked for when it was built."""

    def call(self, call: Call) -> Reply:
        """Carry it, and wait for the answer."""
        talk = self._talk(call)
        try:
            return self._blocking.run(talk)
        except ConnectFailed as error:
            raise self._explained(error) from error.__cause__

    async def acall(self, call: Call) -> Reply:
        """Carry it without blocking the loop. Cancelled while it is under way, its outcome is unknown."""
        talk = self._talk(call)
        try:
            return await self._awaited.run(talk)
        except ConnectFailed as error:
            raise self._explained(error) from error.__cause__

    def close(self) -> None:
        """Close the lines that nobody uses. A later call opens new ones."""
        self._blocking.close()
        self._awaited.close()
        self._threads.close()

    async def aclose(self) -> None:
        """Close the lines that nobody uses. A later call opens new ones."""
        self.close()

    def _session(self) -> HttpSession:
        return HttpSession(self._way)

    def _talk(self, call: Call) -> Callable[[HttpSession], Dialogue[Reply]]:
        if self._age != age():
            self.close()
            self._begin()
        request = self._routes.request(call)  # before a line is taken: what has no request needs none
        return lambda session: self._dialogue(session, call, request)

    def _dialogue(self, session: HttpSession, call: Call, request: Request) -> Dialogue[Reply]:
        """All of one call: the digest, the keys, the signature, the request and the answer."""
        digest, size = yield from request.body.measure()
        keys = self._source.at_hand() or (yield from do(self._source.fetch))
        head = self._heads.head(request, digest, size, keys, self._clock())
        return reply_of(call, (yield from session.exchange(head, request, size)))

    def _explained(self, error: ConnectFailed) -> ConnectFailed:
        """The same, and whether the Region may be the reason."""
        fault = error.__cause__
        is_unknown = isinstance(fault, LineFault) and fault.kind is Kind.NO_NAME and not self._way.proxy
        hint = region_hint(self.region) if is_unknown else ""
        if not hint:
            return error
        return ConnectFailed(f"{error}; {hint}", stage=error.stage, outcome=error.outcome, retryable=error.retryable)

    def __repr__(self) -> str:
        return f"DirectClient({self.region!r}, {self._way})"


def _require_h11() -> None:
    if find_spec("h11") is None:  # not imported: of what SES says, most is `usual`
        raise MissingExtra(package="h11", extra="direct", purpose="the client direct")
