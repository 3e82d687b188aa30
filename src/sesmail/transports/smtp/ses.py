"""SesSmtpTransport: carries mails to Amazon SES by SMTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Literal

from sesmail.errors import SendError, SetupError, Unsupported
from sesmail.lines.patience import Patience
from sesmail.lines.pool import Keeping
from sesmail.mail.outgoing import Outgoing
from sesmail.ses.call import Client
from sesmail.ses.credentials import Credentials
from sesmail.ses.endpoints import check_region, message_id_domain, smtp_host
from sesmail.ses.people import People
from sesmail.ses.smtp_password import smtp_password, smtp_password_hint
from sesmail.ses.smtp_replies import smtp_error
from sesmail.transports.limits import SES, Limits
from sesmail.transports.option import Option, choice, count, read_options, switch
from sesmail.transports.smtp.answers import Refused
from sesmail.transports.smtp.letter import Letter
from sesmail.transports.smtp.terms import PORTS
from sesmail.transports.smtp.transport import PATIENCE, SmtpTransport, line_options
from sesmail.transports.url import TransportUrl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext

    from sesmail.ses.account import Account

# SES closes what has said nothing for some ten seconds, and takes machines away at any time.
KEEPING = Keeping(uses=100, idle_s=8.0)
_OF_ROLES = "ASIA"
_PASSWORD_LENGTH = 44
_ID = re.compile(r"Ok ([0-9A-Za-z-]{1,200})\Z", re.IGNORECASE)


class SesSmtpTransport(SmtpTransport):
    """Sends by SES's SMTP interface: ``ses+smtp://USER:PASSWORD@eu-west-1``.

    >>> from sesmail import Mailer
    >>> from sesmail.local import LocalSes
    >>> from sesmail.transports import SesSmtpTransport
    >>> with LocalSes(sandbox=False, region="eu-west-1", smtp=True) as ses:
    ...     ses.identity("example.com").verify()
    ...     door = ses.smtp
    ...     there = {"host": door.host, "port": door.port, "ca_file": door.ca_file}
    ...     transport = SesSmtpTransport("eu-west-1", user=door.user, password=door.password, **there)
    ...     with Mailer(transport, sender="shop@example.com") as mailer:
    ...         result = mailer.send(to="ada@example.org", subject="Hello", text="Hello Ada")
    ...     result.message_id == ses.sent[0].message_id
    True

    ``user`` is the id of an access key, and ``password`` what SES derives from its secret key for this Region. Give
    ``secret_key`` in its place to have it derived here. Host and port follow from the Region, ``fips``, ``dual_stack``
    and ``tls``, unless they are given. TLS is always required. The rest is as with `SmtpTransport`.

    SMTP does not tell about the account. Policies that ask do it by the API in the same Region: with ``user`` and
    ``secret_key`` where that is given, or else with what AWS's tools would find, which must be of the same account. It
    is asked at ``account_endpoint_url`` where that is another place than Amazon.
    """

    name = "ses+smtp"

    def __init__(
        self,
        region: str,
        *,
        user: str,
        password: str = "",
        secret_key: str = "",
        fips: bool = False,
        dual_stack: bool = False,
        host: str = "",
        port: int | None = None,
        tls: Literal["starttls", "implicit"] = "starttls",
        ca_file: str = "",
        ssl_context: SSLContext | None = None,
        local_name: str = "",
        max_connections: int = KEEPING.connections,
        messages_per_connection: int = KEEPING.uses,
        idle_s: float = KEEPING.idle_s,
        connect_timeout_s: float = PATIENCE.connect_s,
        read_timeout_s: float = PATIENCE.read_s,
        timeout_s: float = PATIENCE.total_s,
        account_endpoint_url: str = "",
        limits: Limits = SES,
    ) -> None:
        if tls not in ("starttls", "implicit"):
            raise SetupError("SES speaks with nobody in clear: tls is starttls or implicit")
        self._region = check_region(region)
        super().__init__(
            host or smtp_host(region, fips=fips, dual_stack=dual_stack),
            port,
            user=_user(user),
            password=_password(password, secret_key, region),
            tls=tls,
            ca_file=ca_file,
            ssl_context=ssl_context,
            local_name=local_name,
            max_connections=max_connections,
            messages_per_connection=messages_per_connection,
            idle_s=idle_s,
            connect_timeout_s=connect_timeout_s,
            read_timeout_s=read_timeout_s,
            timeout_s=timeout_s,
            ses_options="headers",
            limits=limits,
        )
        asks = {
            "region": region,
            "credentials": Credentials(access_key=user, secret_key=secret_key) if secret_key else Credentials(),
            "endpoint_url": account_endpoint_url,
            "use_fips": fips or None,
            "use_dual_stack": dual_stack or None,
            "patience": Patience(connect_s=connect_timeout_s, read_s=read_timeout_s, total_s=timeout_s),
        }
        self._new_account: Callable[[], tuple[Client, Account]] = lambda: _account(asks)
        self._asking: Client | None = None
        self._account: Account | None = None

    @classmethod
    def from_url(cls, url: TransportUrl) -> SesSmtpTransport:
        """``ses+smtp://USER:PASSWORD@REGION``, with `OPTIONS`."""
        said = read_options(url, OPTIONS)
        if url.path.strip("/") or not url.host:
            raise SetupError("ses+smtp:// names a Region and no path: ses+smtp://USER:PASSWORD@eu-west-1")
        if url.port is not None and said.setdefault("port", url.port) != url.port:
            raise SetupError("ses+smtp:// names two ports; one is enough")
        said["secret_key" if said.pop("secret", False) else "password"] = url.password
        return cls(url.host, user=url.user, **said)

    @property
    def region(self) -> str:
        """The Region that it sends through."""
        return self._region

    @property
    def account(self) -> Account:
        """The account that it sends from, as the API knows it."""
        if self._account is None:
            self._asking, self._account = self._new_account()
        return self._account

    def close(self) -> None:
        """Close the connections. A later send opens new ones."""
        super().close()
        if self._asking:
            self._asking.close()

    def _letter(self, outgoing: Outgoing) -> Letter:
        letter = super()._letter(outgoing)
        if letter.is_utf8:
            raise Unsupported(
                "SES takes no address that is not ASCII before the @, since it does not speak SMTPUTF8",
                feature="non-ASCII local part",
                instead=("another address of that person", "a server with SMTPUTF8"),
            )
        return letter

    def _id_in(self, said: str) -> str:
        found = _ID.match(said)
        return found[1] if found else ""

    def _header_of(self, message_id: str, outgoing: Outgoing) -> str:
        """SES writes its own in the place of ours."""
        if not message_id:  # nobody knows it then
            return outgoing.content.message_id
        return f"<{message_id}@{message_id_domain(self._region)}>"

    def _error(self, refused: Refused, outgoing: Outgoing, about: tuple[str, ...] = ()) -> SendError:
        reply, people = refused.reply, People.of(outgoing)
        error = smtp_error(reply.code, reply.text, stage=refused.stage, people=people, region=self._region)
        error.recipients = about or error.recipients
        return error

    @property
    def notation(self) -> str:
        """How it is written in a URL, without user and password."""
        return f"ses+smtp://{self._region}"

    def __repr__(self) -> str:
        return f"SesSmtpTransport({self._region!r}, '{self._terms.place}', {self._terms.tls})"


def _user(user: str) -> str:
    if not user:
        raise SetupError("SES lets nobody send by SMTP who does not log in: give user and password")
    if user.startswith(_OF_ROLES):
        raise SetupError(
            "this is a key of a role, and those do not work by SMTP; take the key of an IAM user, or the API of SES"
        )
    return user


def _password(password: str, secret_key: str, region: str) -> str:
    if bool(password) == bool(secret_key):
        raise SetupError("give the SMTP password, or else the secret_key that it is derived from")
    if secret_key:
        return smtp_password(secret_key, region)
    hint = smtp_password_hint(password)
    # One from before 2019 has the length of a password, and works.
    if hint and len(password) != _PASSWORD_LENGTH:
        raise SetupError(f"the password for SMTP cannot be right: {hint}")
    return password


def _account(asks: dict[str, Any]) -> tuple[Client, Account]:
    """The account, and the client that it is asked by: the lighter one where nothing stands against it."""
    from sesmail.ses.account import Account, holder_of
    from sesmail.ses.credentials.keys import keys_in

    client: Client
    if find_spec("h11") and (asks["credentials"].keys() or keys_in()):
        from sesmail.ses.client.direct.client import DirectClient

        client = DirectClient(**asks)
    else:
        from sesmail.ses.client.boto import BotoClient

        client = BotoClient(**asks)
    holder = holder_of(asks["credentials"], endpoint_url=asks["endpoint_url"])
    return client, Account(client, holder=holder)


OPTIONS: tuple[Option, ...] = (
    choice("tls", "how TLS begins", "starttls", "implicit", default="`starttls`"),
    switch("secret", "the password is a secret key, and SES's is derived from it"),
    switch("fips", "the host that holds to FIPS 140"),
    switch("dual_stack", "the host with IPv6 too"),
    Option("host", "another host than SES's, such as a local SES", "a host name", "that of the Region"),
    Option("account_endpoint_url", "another place than Amazon for asking about the account", "a URL"),
    count("port", "another port", default=f"`{PORTS['starttls']}`; with `tls=implicit` `{PORTS['implicit']}`"),
    *line_options(KEEPING),
)
