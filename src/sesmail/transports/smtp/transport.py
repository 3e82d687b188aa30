"""SmtpTransport: carries mails to any server that speaks SMTP."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, get_args

from sesmail.errors import Outcome, SendError, SetupError, Unsupported
from sesmail.lines.line import Place
from sesmail.lines.patience import Patience
from sesmail.lines.pool import AwaitedPool, BlockingPool, Keeping
from sesmail.lines.threads import Threads
from sesmail.mail.address import Address
from sesmail.mail.frozen_map import FrozenMap
from sesmail.mail.outgoing import Content, Outgoing, RecipientResult, SendResult
from sesmail.mail.ses_options import NO_OPTIONS
from sesmail.transports.base import BaseTransport, new_id
from sesmail.transports.limits import NONE, Limits
from sesmail.transports.option import LIMITS, Option, choice, count, read_options, seconds, switch
from sesmail.transports.smtp.answers import Answers, Refused
from sesmail.transports.smtp.letter import Letter
from sesmail.transports.smtp.login import Login
from sesmail.transports.smtp.relay_replies import relay_error
from sesmail.transports.smtp.replies import Reply
from sesmail.transports.smtp.ses_headers import with_ses_headers
from sesmail.transports.smtp.session import SmtpSession
from sesmail.transports.smtp.terms import PORTS, Terms, TlsMode
from sesmail.transports.smtp.trust import Trust
from sesmail.transports.url import TransportUrl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext

SesWish = Literal["refuse", "drop", "headers"]
PATIENCE = Patience()
KEEPING = Keeping(uses=100)
_LOOK_UPS = 4  # threads for names and certificates, when awaited
_QUEUED_AS = re.compile(r"(?:queued as|id=) ?([!-~]{1,200})")


class SmtpTransport(BaseTransport):
    """Sends by SMTP to any server: ``smtp://user:password@mail.example.com``, or ``smtps://`` for TLS from the start.

    >>> from sesmail import Mailer
    >>> from sesmail.testing import HostileSmtp
    >>> from sesmail.transports import SmtpTransport
    >>> with HostileSmtp() as server, Mailer(SmtpTransport(server.host, server.port, tls="none")) as mailer:
    ...     mailer.send(sender="shop@example.com", to="ada@example.org", text="Hello Ada").failed
    ()

    ``tls`` is ``starttls``, which is required then and not only tried, ``implicit`` for TLS from the first byte, or
    ``none``. Without a word the port follows: 587, 465 or 25. The certificate must be for ``host``, by an authority of
    the system, of ``ca_file`` or of ``ssl_context``. Nobody logs in without TLS unless the server is this machine, or
    ``login_in_clear`` says so. ``local_name`` is what EHLO says: this machine's full name if it has one, which others
    then see in the mail's ``Received`` lines.

    What a mail asks of SES no other server understands, so it is refused (``ses_options="refuse"``), left out
    (``"drop"``), or said in headers for a relay that hands on to SES (``"headers"``).
    """

    name = "smtp"

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        user: str = "",
        password: str = "",
        tls: TlsMode = "starttls",
        ca_file: str = "",
        ssl_context: SSLContext | None = None,
        login_in_clear: bool = False,
        local_name: str = "",
        max_connections: int = KEEPING.connections,
        messages_per_connection: int = KEEPING.uses,
        idle_s: float = KEEPING.idle_s,
        connect_timeout_s: float = PATIENCE.connect_s,
        read_timeout_s: float = PATIENCE.read_s,
        timeout_s: float = PATIENCE.total_s,
        ses_options: SesWish = "refuse",
        limits: Limits = NONE,
    ) -> None:
        super().__init__(limits=limits)
        if ses_options not in get_args(SesWish):
            raise SetupError(f"ses_options is one of {', '.join(get_args(SesWish))}")
        self._ses_options = ses_options
        self._terms = Terms(
            place=Place(host, PORTS.get(tls, 0) if port is None else port),
            tls=tls,
            trust=Trust(ca_file=ca_file, context=ssl_context),
            local_name=local_name,
            login=Login(user, password) if user or password else None,
            login_in_clear=login_in_clear,
        )
        keeping = Keeping(connections=max_connections, uses=messages_per_connection, idle_s=idle_s)
        patience = Patience(connect_s=connect_timeout_s, read_s=read_timeout_s, total_s=timeout_s)
        self._threads = Threads(_LOOK_UPS, "sesmail-smtp")
        place = self._terms.place
        self._blocking = BlockingPool(place, self._session, keeping=keeping, patience=patience)
        self._awaited = AwaitedPool(place, self._session, keeping=keeping, patience=patience, threads=self._threads)

    @classmethod
    def from_url(cls, url: TransportUrl) -> SmtpTransport:
        """``smtp://[USER:PASSWORD@]HOST[:PORT]`` and ``smtps://…``, with `OPTIONS`."""
        said = read_options(url, OPTIONS)
        if url.path.strip("/"):
            raise SetupError(f"{url.scheme}:// names a host and no path; options stand behind a ?")
        if url.scheme == "smtps" and said.setdefault("tls", "implicit") != "implicit":
            raise SetupError("smtps:// is TLS from the first byte; for another kind, take smtp://")
        return cls(url.host.strip("[]"), url.port, user=url.user, password=url.password, **said)

    def _session(self) -> SmtpSession:
        return SmtpSession(self._terms)

    # ── a send ───────────────────────────────────────────────────────────────────────────────────────────────────

    def send(self, outgoing: Outgoing) -> SendResult:
        """Carry it, and wait for the server's last word."""
        letter = self._letter(outgoing)
        try:
            answers = self._blocking.run(lambda session: session.send(letter))
        except Refused as refused:
            raise self._error(refused, outgoing) from refused
        return self._result(outgoing, answers)

    async def asend(self, outgoing: Outgoing) -> SendResult:
        """Carry it without blocking the loop. Cancelled while it is under way, the mail may be out or not."""
        letter = self._letter(outgoing)
        try:
            answers = await self._awaited.run(lambda session: session.send(letter))
        except Refused as refused:
            raise self._error(refused, outgoing) from refused
        return self._result(outgoing, answers)

    def _letter(self, outgoing: Outgoing) -> Letter:
        return Letter.of(outgoing, self._content(outgoing))

    def _content(self, outgoing: Outgoing) -> Content:
        if self._ses_options == "headers":
            return with_ses_headers(outgoing)
        ses = outgoing.ses
        if self._ses_options == "refuse" and ses is not NO_OPTIONS and replace(ses, feedback_address="") != NO_OPTIONS:
            raise Unsupported(
                "this mail asks something of SES, which a server of another kind does not know; ses_options='drop'"
                " leaves it out, and 'headers' says it where the server hands on to SES",
                feature="options for SES",
                instead=("SesSmtpTransport", "SesTransport"),
                field="ses",
            )
        return outgoing.content

    def _result(self, outgoing: Outgoing, answers: Answers) -> SendResult:
        if refused := answers.refusal:
            raise self._error(refused, outgoing)
        assert answers.end  # noqa: S101 - nothing was refused, so it was taken
        said = answers.end.text
        message_id = self._id_in(said)
        results = [
            RecipientResult(address, Outcome.SENT) if reply.is_yes else self._refused(address, reply, outgoing)
            for address, reply in zip(outgoing.envelope.recipients, answers.recipients, strict=True)
        ]
        return SendResult(
            tuple(results),
            message_id=message_id or new_id(),
            message_id_header=self._header_of(message_id, outgoing),
            transport=self.name,
            raw=FrozenMap({"reply": f"{answers.end.code} {said}"}),
        )

    def _refused(self, address: Address, reply: Reply, outgoing: Outgoing) -> RecipientResult:
        error = self._error(Refused(reply, "mail"), outgoing, (address.email,))
        return RecipientResult(address, error.outcome, error)

    # ── what depends on who answers ──────────────────────────────────────────────────────────────────────────────

    def _id_in(self, said: str) -> str:
        """What the server calls the mail, if it says so in one of the usual ways."""
        # In small letters: a search that does not care for case takes three times as long. Beyond ASCII some letters
        # become two, and the place would be another.
        found = _QUEUED_AS.search(said.lower() if said.isascii() else said)
        return said[found.start(1) : found.end(1)] if found else ""

    def _header_of(self, message_id: str, outgoing: Outgoing) -> str:  # noqa: ARG002 - SES's is made of it
        """The Message-ID that recipients see."""
        return outgoing.content.message_id

    def _error(self, refused: Refused, outgoing: Outgoing, about: tuple[str, ...] = ()) -> SendError:  # noqa: ARG002
        """What it means that the server said no to the mail, or to some of its people."""
        return relay_error(refused.reply, stage=refused.stage, place=self._terms.place, recipients=about)

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

    def close(self) -> None:
        """Close the connections. A later send opens new ones."""
        self._blocking.close()
        self._awaited.close()
        self._threads.close()

    @property
    def notation(self) -> str:
        """How it is written in a URL, without user and password."""
        scheme = "smtps" if self._terms.tls == "implicit" else "smtp"
        return f"{scheme}://{self._terms.place}{'?tls=none' * (self._terms.tls == 'none')}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}('{self._terms.place}', {self._terms.tls})"


def line_options(keeping: Keeping) -> tuple[Option, ...]:
    """What both transports take that speak SMTP; ``keeping`` is how long this one keeps its connections."""
    return (
        Option("ca_file", "authorities for the server's certificate, in PEM", "a path", "those of the system"),
        Option("local_name", "what EHLO says", "a host name or `[address]`", "this machine's full name or its address"),
        count("max_connections", "at once", default=str(keeping.connections)),
        count("messages_per_connection", "before it is opened anew", default=str(keeping.uses)),
        seconds("idle_s", "for which a connection is kept that nobody uses", default=f"{keeping.idle_s:g}"),
        seconds("connect_timeout_s", "for a connection", default=f"{PATIENCE.connect_s:g}"),
        seconds("read_timeout_s", "for each answer", default=f"{PATIENCE.read_s:g}"),
        seconds("timeout_s", "for a whole send", default=f"{PATIENCE.total_s:g}"),
    )


OPTIONS: tuple[Option, ...] = (
    choice("tls", "how TLS begins", *get_args(TlsMode), default="`starttls`; with `smtps://` `implicit`"),
    switch("login_in_clear", "log in without TLS, on another machine than this one"),
    *line_options(KEEPING),
    choice("ses_options", "what becomes of options for SES", *get_args(SesWish), default="`refuse`"),
    LIMITS._replace(default="`none`"),
)
