"""SesTransport: carries mails to Amazon SES by its API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from sesmail.errors import SendError, SetupError, Unsupported
from sesmail.lines.patience import Patience
from sesmail.lines.pool import Keeping
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.ses.call import ApiFault, Call, Client, Reply, Service
from sesmail.ses.calls import Api, Kind, send_call
from sesmail.ses.credentials import Credentials
from sesmail.ses.endpoints import message_id_domain
from sesmail.ses.simple import MOST_HEADERS
from sesmail.transports.base import BaseTransport
from sesmail.transports.limits import SES, SES_API, Limits
from sesmail.transports.option import Option, choice, count, read_options, seconds, switch
from sesmail.transports.url import TransportUrl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.ses.account import Account
    from sesmail.ses.stored.errand import Steps
    from sesmail.ses.stored.sends import StoredSends
    from sesmail.ses.stored.templates import StoredTemplates

ClientName = Literal["boto3", "direct"]
_SERVICES: dict[Api, Service] = {"v2": "sesv2", "v1": "ses"}
_V1_LARGEST = 10_000_000  # SES says 10 MB and not which kind; this is the smaller one
CONNECTIONS = 10
PATIENCE = Patience(connect_s=10, read_s=60, total_s=120)


class SesTransport(BaseTransport):
    """Sends by the API of SES: ``ses://eu-west-1``, or ``ses://`` for the Region of the environment.

    >>> from sesmail import Mailer
    >>> from sesmail.local import LocalSes
    >>> from sesmail.ses.credentials import Credentials
    >>> from sesmail.transports import SesTransport
    >>> with LocalSes(sandbox=False) as ses:
    ...     ses.identity("example.com").verify()
    ...     keys = Credentials(access_key="AKIASESMAILLOCALBOX0", secret_key="any")
    ...     transport = SesTransport("us-east-1", credentials=keys, endpoint_url=ses.url)
    ...     with Mailer(transport, sender="shop@example.com") as mailer:
    ...         mailer.send(to="ada@example.org", subject="Hello", text="Hello Ada").failed
    ()

    ``client`` is ``boto3``, which reads all that AWS tools read, or ``direct``, which costs a fraction of its time and
    memory and needs the extra of that name. ``api`` is ``v2`` or ``v1``. ``content`` is ``raw``, our own bytes, or
    ``simple``, parameters of which SES makes the mail; what cannot be said so is refused.

    Mails of templates that SES keeps go by ``v2``. Before the first of a template, SES is asked for it, so that
    variables that the data lacks are found; ``check_templates=False`` leaves that out.

    ``session`` is a boto3 session of yours, ``boto3_client`` a client of yours; both go with ``client="boto3"``. Of the
    timeouts, ``timeout_s`` is for a whole send. boto3 has none such, and only where you set it, its calls are made in a
    thread that can be waited for. No call is ever repeated: SES may have taken the mail of which no answer came.
    """

    name = "ses"

    def __init__(
        self,
        region: str = "",
        *,
        client: ClientName = "boto3",
        api: Api = "v2",
        content: Kind = "raw",
        credentials: Credentials | None = None,
        session: object = None,
        boto3_client: object = None,
        endpoint_url: str = "",
        fips: bool | None = None,
        dual_stack: bool | None = None,
        connect_timeout_s: float = PATIENCE.connect_s,
        read_timeout_s: float = PATIENCE.read_s,
        timeout_s: float | None = None,
        max_connections: int = CONNECTIONS,
        check_templates: bool = True,
        limits: Limits | None = None,
    ) -> None:
        for name, value, words in (
            ("client", client, ("boto3", "direct")),
            ("api", api, ("v2", "v1")),
            ("content", content, ("raw", "simple")),
        ):
            if value not in words:
                raise SetupError(f"{name} is one of {', '.join(words)}")
        super().__init__(limits=_limits(api, content, limits))
        if client == "direct" and not (session is None and boto3_client is None):
            raise SetupError("a boto3 session or client goes with client='boto3' only")
        if api == "v1" and not check_templates:
            raise SetupError("check_templates goes with API v2 only: v1 sends no stored templates")
        self._api: Api = api
        self._checks_templates = check_templates
        self._content: Kind = content
        total_s = PATIENCE.total_s if timeout_s is None else timeout_s
        patience = Patience(connect_s=connect_timeout_s, read_s=read_timeout_s, total_s=total_s)
        settings: dict[str, Any] = {
            "region": region,
            "credentials": credentials or Credentials(),
            "endpoint_url": endpoint_url,
            "use_fips": fips,
            "use_dual_stack": dual_stack,
            "patience": patience,
        }
        if client == "boto3":
            settings |= {"session": session, "client": boto3_client, "total_s": timeout_s}
        self._settings = settings
        self._new_client: Callable[[Service], Client] = partial(
            _CLIENTS[client], settings, max_connections=max_connections
        )
        self._client = self._new_client(_SERVICES[api])
        self._asking: Client | None = None  # of v1, which knows neither the sandbox nor its end
        self._account: Account | None = None
        self._stored: dict[Api, StoredSends] = {}  # one, for which many threads may come at once

    @classmethod
    def from_url(cls, url: TransportUrl) -> SesTransport:
        """``ses://[KEY:SECRET@]REGION`` and ``ses+v1://…``, with `OPTIONS`."""
        if url.port or url.path.strip("/"):
            raise SetupError(f"{url.scheme}:// names a Region, and no port or path; another host is for endpoint_url=")
        said: dict[str, Any] = dict(read_options(url, OPTIONS))
        keys = {name: said.pop(name) for name in _OF_CREDENTIALS if name in said}
        credentials = Credentials(access_key=url.user, secret_key=url.password, **keys)
        return cls(url.host, api="v1" if url.scheme == "ses+v1" else "v2", credentials=credentials, **said)

    @property
    def region(self) -> str:
        """The Region that it sends through."""
        return self._client.region

    @property
    def account(self) -> Account | None:
        """The account that it sends from. With a client of yours for v1 there is none: nobody could be asked by it."""
        client = self._client_v2() if self._account is None else None
        if client is not None:
            from sesmail.ses.account import Account, holder_of

            given = self._settings
            session = given.get("client") or given.get("session")
            holder = holder_of(given["credentials"], session=session, endpoint_url=given["endpoint_url"])
            self._account = Account(client, holder=holder)
        return self._account

    @property
    def templates(self) -> StoredTemplates | None:
        """The templates that SES keeps for it. With a client of yours for v1 there is none, as with `account`."""
        client = self._client_v2()
        if client is None:
            return None
        from sesmail.ses.stored.templates import StoredTemplates

        stored = self._sends_stored() if self._api == "v2" else None
        return StoredTemplates(client, on_change=stored.copies.forget if stored else None)

    def _client_v2(self) -> Client | None:
        """What speaks v2: v1 knows neither the sandbox nor what else is asked."""
        if self._api == "v2":
            return self._client
        if self._asking is None and self._settings.get("client") is None:
            self._asking = self._new_client("sesv2")
        return self._asking

    def admit(self, *, awaited: bool) -> None:
        """Say what is not installed, or set up wrong."""
        self._client.admit(awaited=awaited)

    def send(self, outgoing: Outgoing) -> SendResult:
        """Carry it, and wait for SES's answer."""
        if outgoing.stored_template:
            from sesmail._clock import SYSTEM_CLOCK
            from sesmail.ses.stored.errand import run

            return run(self._steps(outgoing), self._client, SYSTEM_CLOCK)
        call = self._call(outgoing)
        try:
            reply = self._client.call(call)
        except ApiFault as fault:
            raise self._error(fault, outgoing) from fault
        return self._result(outgoing, reply)

    async def asend(self, outgoing: Outgoing) -> SendResult:
        """Carry it without blocking the loop. Cancelled while it is under way, the mail may be out or not."""
        if outgoing.stored_template:
            from sesmail._clock import SYSTEM_CLOCK
            from sesmail.ses.stored.errand import arun

            return await arun(self._steps(outgoing), self._client, SYSTEM_CLOCK)
        call = self._call(outgoing)
        try:
            reply = await self._client.acall(call)
        except ApiFault as fault:
            raise self._error(fault, outgoing) from fault
        return self._result(outgoing, reply)

    def close(self) -> None:
        """Close the connections. A later send opens new ones."""
        self._client.close()
        if self._asking:
            self._asking.close()

    async def aclose(self) -> None:
        """Close the connections. A later send opens new ones."""
        await self._client.aclose()
        if self._asking:
            await self._asking.aclose()

    def _steps(self, outgoing: Outgoing) -> Steps[SendResult]:
        if self._api == "v1":
            raise Unsupported(
                "stored templates go by API v2 only; take ses:// in place of ses+v1://",
                feature="stored templates",
                instead=("API v2",),
                field="template",
            )
        return self._sends_stored().steps(outgoing)

    def _sends_stored(self) -> StoredSends:
        if self._api not in self._stored:
            from sesmail._clock import SYSTEM_CLOCK
            from sesmail.ses.stored.sends import StoredSends

            stored = StoredSends(
                transport=self.name,
                region=self._client.region,
                id_domain=message_id_domain(self._client.region),
                now=SYSTEM_CLOCK.now,
                check=self._checks_templates,
                patience_s=self._settings["patience"].total_s,
            )
            self._stored.setdefault(self._api, stored)  # so that all share the copies of the first
        return self._stored[self._api]

    def _call(self, outgoing: Outgoing) -> Call:
        return send_call(outgoing, api=self._api, kind=self._content)

    def _error(self, fault: ApiFault, outgoing: Outgoing) -> SendError:
        from sesmail.ses.faults import People, api_error  # which most programs never need

        return api_error(fault, people=People.of(outgoing), region=self._client.region)

    def _result(self, outgoing: Outgoing, reply: Reply) -> SendResult:
        message_id = str(reply.values.get("MessageId", ""))
        seen = f"<{message_id}@{message_id_domain(self._client.region)}>" if message_id else ""
        return self.accepted(
            outgoing, message_id=message_id, message_id_header=seen, request_id=reply.request_id, raw=reply.values
        )

    @property
    def notation(self) -> str:
        """How it is written in a URL, without secrets: the Region, and what differs from the defaults."""
        scheme = "ses" if self._api == "v2" else "ses+v1"
        checks = "yes" if self._checks_templates else "no"
        said = {"client": self._client.name, "content": self._content, "check_templates": checks}
        usual = {"client": "boto3", "content": "raw", "check_templates": "yes"}
        query = "&".join(f"{name}={word}" for name, word in said.items() if word != usual[name])
        return f"{scheme}://{self._client.region}{query and '?'}{query}"

    def __repr__(self) -> str:
        return f"SesTransport({self._client.region!r}, {self._client.name}, {self._api}, {self._content})"


def _direct(settings: dict[str, Any], service: Service, *, max_connections: int) -> Client:
    from sesmail.ses.client.direct.client import DirectClient

    return DirectClient(**settings, service=service, keeping=Keeping(connections=max_connections, idle_s=20))


def _boto3(settings: dict[str, Any], service: Service, *, max_connections: int) -> Client:
    from sesmail.ses.client.boto import BotoClient

    return BotoClient(**settings, service=service, max_connections=max_connections)


_CLIENTS: dict[ClientName, Callable[..., Client]] = {"boto3": _boto3, "direct": _direct}


def _limits(api: Api, content: Kind, given: Limits | None) -> Limits:
    rows = SES_API.stored_templates if api == "v2" else 0
    if given is not None:  # what it does not say of stored templates is as ever
        return replace(given, stored_templates=rows) if given.stored_templates is None else given
    limits = replace(SES, max_size=_V1_LARGEST) if api == "v1" else SES
    return replace(limits, stored_templates=rows, max_headers=MOST_HEADERS if content == "simple" else None)


_OF_CREDENTIALS = (
    *("session_token", "profile"),
    *("role_arn", "external_id", "role_session_name", "role_duration_s", "sts_endpoint_url"),
)
OPTIONS: tuple[Option, ...] = (
    choice("client", "who carries the calls", "boto3", "direct", default="boto3"),
    choice("content", "our own bytes, or parameters of which SES makes the mail", "raw", "simple", default="raw"),
    Option("profile", "a profile of AWS's configuration files", "a name"),
    Option("session_token", "what belongs to keys that are temporary", "a token"),
    Option("role_arn", "the role to assume; its keys are renewed before they run out", "an ARN"),
    Option("external_id", "what the role's owner asks for beside it", "text"),
    Option("role_session_name", "how CloudTrail names the sessions of the role", "text", "`sesmail`"),
    count("role_duration_s", "how long the role's keys live, in seconds", default="what the role says"),
    Option("sts_endpoint_url", "another place for assuming the role", "a URL"),
    Option("endpoint_url", "another place than Amazon, such as a local SES", "a URL"),
    switch("fips", "endpoints that hold to FIPS 140", default="as AWS's environment says"),
    switch("dual_stack", "endpoints with IPv6", default="as AWS's environment says"),
    seconds("connect_timeout_s", "for a connection", default=f"{PATIENCE.connect_s:g}"),
    seconds("read_timeout_s", "for each answer", default=f"{PATIENCE.read_s:g}"),
    seconds("timeout_s", "for a whole send", default=f"{PATIENCE.total_s:g}; none with `client=boto3`"),
    switch(
        "check_templates",
        "of stored templates, look whether the data has all variables; not for `ses+v1`",
        default="`yes`",
    ),
    count("max_connections", "at once; of awaited sends with boto3 also the threads", default=str(CONNECTIONS)),
)
