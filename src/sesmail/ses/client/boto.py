"""BotoClient: carries a call by boto3. Whatever AWS's own tools read, it reads; and moto, stubbers and hooks work.

Rule 1: a call is made once. Neither botocore nor this repeats it.
Rule 2: botocore blocks. Who awaits has the call made in a thread of a pool that belongs to this client, the bytes of
        the mail included, and never in a thread of the loop's own pool.
Rule 3: a thread cannot be stopped. A call that is no longer waited for, because its time is over or its task was
        cancelled, goes on if it had begun, and nobody knows how it ends; if it had not begun, it is never made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import BoundedSemaphore
from typing import Any

from sesmail.errors import MailError, Outcome, SetupError, TimedOut
from sesmail.lines.patience import Patience
from sesmail.lines.per_process import PerProcess
from sesmail.lines.threads import Threads
from sesmail.ses.call import Blob, Call, Reply, Service
from sesmail.ses.client.boto_faults import boto_error, torn
from sesmail.ses.client.boto_given import Given
from sesmail.ses.client.boto_made import Made
from sesmail.ses.credentials import Credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future

_SERVICES = ("sesv2", "ses")
BotocoreClient = Any  # botocore makes its classes at run time, and ships no types
Value = Any  # of a parameter


class BotoClient:
    """A `Client` that is boto3.

    >>> from sesmail.local import LocalSes
    >>> from sesmail.ses.call import Call
    >>> from sesmail.ses.client.boto import BotoClient
    >>> from sesmail.ses.credentials import Credentials
    >>> with LocalSes() as ses:
    ...     keys = Credentials(access_key="AKIASESMAILLOCALBOX0", secret_key="any")
    ...     client = BotoClient(region="eu-west-1", credentials=keys, endpoint_url=ses.url)
    ...     client.call(Call("sesv2", "GetAccount", {})).values["ProductionAccessEnabled"]
    ...     client.close()
    False

    ``session`` is a boto3 session of yours, in place of ``credentials``. ``client`` is a boto3 client of yours, in
    place of both, and of Region, endpoint and time-outs: it has its own. You close it, and make a new one after a fork.

    ``patience`` holds how long a connection and each answer may take, and how long a call waits for others when
    ``max_connections`` are under way. boto3 knows no bound for a whole call. ``total_s`` is one: where it is set, calls
    that are not awaited are made in a thread too, since only so can they be waited for no longer.
    """

    name = "boto3"

    def __init__(
        self,
        *,
        service: Service = "sesv2",
        region: str = "",
        credentials: Credentials | None = None,
        session: object = None,
        client: object = None,
        endpoint_url: str = "",
        use_fips: bool | None = None,
        use_dual_stack: bool | None = None,
        max_connections: int = 10,
        patience: Patience | None = None,
        total_s: float | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._total_s = total_s if total_s is None else Patience(total_s=total_s).total_s
        if not max_connections > 0:
            raise SetupError("max_connections is a whole number over 0")
        if service not in _SERVICES:
            raise SetupError(f"service is one of {', '.join(_SERVICES)}")
        credentials = credentials or Credentials()
        keys = {"credentials": credentials if credentials != Credentials() else None}
        place = {"region": region, "endpoint_url": endpoint_url, "use_fips": use_fips, "use_dual_stack": use_dual_stack}
        self._service: Service = service
        self._clients: Given | Made
        if client is not None:
            _check_alone("client", {"session": session, **keys, **place})
            self._clients = Given(client, service)
        else:
            if session is not None:
                _check_alone("session", keys)
            self._clients = Made(
                service=service,
                region=region,
                credentials=credentials,
                session=session,
                endpoint_url=endpoint_url,
                use_fips=use_fips,
                use_dual_stack=use_dual_stack,
                max_connections=max_connections,
                patience=self._patience,
            )
        self._threads = Threads(max_connections, "sesmail-ses")
        self._turns = PerProcess(lambda: BoundedSemaphore(max_connections))
        self._most = max_connections

    @property
    def region(self) -> str:
        """The Region that it speaks with."""
        return self._clients.region

    def admit(self, *, awaited: bool) -> None:
        """Nothing stands against either: what it needs was imported when it was built."""

    def call(self, call: Call) -> Reply:
        """Carry it, and wait for the answer."""
        if self._total_s is None:
            return self._carry(call)
        from concurrent.futures import wait

        answer = self._threads.start(partial(self._carry, call))
        try:
            wait((answer,), self._total_s)
        except BaseException:  # Ctrl-C; a call that waits for a thread is not made for nobody
            answer.cancel()
            raise
        return self._in_time(answer)

    async def acall(self, call: Call) -> Reply:
        """Carry it without blocking the loop. Cancelled while it is under way, its outcome is unknown."""
        from asyncio import timeout, wrap_future

        answer = self._threads.start(partial(self._carry, call))
        with suppress(TimeoutError):  # of the total; one that a hook raised is the answer
            async with timeout(self._total_s):
                return await wrap_future(answer)
        return self._in_time(answer)

    def _in_time(self, answer: Future[Reply]) -> Reply:
        """The answer, if there is one when the time is over. What has not begun by then never will."""
        if answer.cancel():
            raise self._too_busy()
        if not answer.done():
            raise TimedOut(
                f"no answer of SES within {self._total_s:g} s; the mail may be out: do not send it again unasked",
                stage="reply",
            )
        return answer.result()

    def close(self) -> None:
        """Close the connections and let the threads go, all but a client of yours. A later call opens new ones."""
        self._clients.close()
        self._threads.close()

    async def aclose(self) -> None:
        """The same: it waits for nothing."""
        self.close()

    def _carry(self, call: Call) -> Reply:
        if call.service != self._service:
            raise SetupError(f"{call.operation} of {call.service} was asked of a client for {self._service}")
        turns = self._turns.get()
        if not turns.acquire(timeout=self._patience.total_s):
            raise self._too_busy()
        try:
            with self._clients.lent() as client:
                return self._ask(client, call)
        finally:
            turns.release()

    def _too_busy(self) -> TimedOut:
        return TimedOut(
            f"SES: all {self._most} connections were busy for too long; nothing was sent."
            " Allow more with max_connections, or send from fewer threads or tasks",
            stage="connect",
            outcome=Outcome.NOT_SENT,
            retryable=True,
        )

    def _ask(self, client: BotocoreClient, call: Call) -> Reply:
        ask = _method(client, call.operation)
        parameters = _plain(call.parameters)
        try:
            answer = ask(**parameters)
        except Exception as error:
            found = boto_error(error, call, self._clients.origin)
            if found is None:
                raise
            # What botocore says of a parameter quotes it, and it may be the mail.
            raise found from (None if type(found) is MailError else error)
        metadata = answer.pop("ResponseMetadata", {})
        if not answer and call.operation.startswith("Send") and "HTTPStatusCode" in metadata:
            # botocore takes an answer that broke off behind its first line for a whole one that says nothing.
            raise torn()
        return Reply(answer, str(metadata.get("RequestId", "")))

    def __repr__(self) -> str:
        return f"BotoClient({self._service!r}, {self.region!r})"


def _check_alone(given: str, others: Mapping[str, object]) -> None:
    for name, value in others.items():
        if value not in (None, ""):
            raise SetupError(f"a {given} of yours has its own {name}: give one of them")


def _method(client: BotocoreClient, operation: str) -> Callable[..., Any]:
    from botocore import xform_name

    method: Callable[..., Any] | None = getattr(client, xform_name(operation), None)
    if method is None:
        raise SetupError(f"this botocore knows no {operation}: pip install --upgrade boto3")
    return method


def _plain(value: Value) -> Value:
    """The same, with the bytes of a mail where it stands for them."""
    if isinstance(value, Blob):
        return value.to_bytes()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return value
