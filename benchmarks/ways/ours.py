"""sesmail, a plain install: transports with a mail that was built before, and mailers, which build and send."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from benchmarks.encoder import plain_install
from benchmarks.mail import Mail
from benchmarks.ways.errand import REGION, Errand
from sesmail import AsyncMailer, Attachment, Email, Envelope, Mailer, Outgoing, mime
from sesmail.transports import SesTransport, SmtpTransport
from sesmail.transports.limits import NONE

if TYPE_CHECKING:
    from benchmarks.ways.worker import AwaitedReady, AwaitedSend, Ready, Send
    from sesmail.transports import Transport

plain_install().__enter__()  # for as long as this process lives


# ── built before ─────────────────────────────────────────────────────────────────────────────────────────────────


def api_raw(errand: Errand) -> Ready:
    """A transport to the API."""
    return _sending_raw(_api(errand))


def smtp_raw(errand: Errand) -> Ready:
    """A transport by SMTP."""
    return _sending_raw(_smtp(errand))


async def api_raw_awaited(errand: Errand, stack: AsyncExitStack) -> AwaitedReady:
    """A transport to the API, awaited."""
    return _awaiting_raw(_api(errand), stack)


async def smtp_raw_awaited(errand: Errand, stack: AsyncExitStack) -> AwaitedReady:
    """A transport by SMTP, awaited."""
    return _awaiting_raw(_smtp(errand), stack)


def client_raw(errand: Errand) -> Ready:
    """The client `direct` alone, with a call that was made before."""
    from sesmail.ses.calls import send_call
    from sesmail.ses.client.direct.client import DirectClient

    client = DirectClient(region=REGION, endpoint_url=errand.endpoint_url)

    def ready(mail: Mail) -> Send:
        call = send_call(_outgoing(mail), api="v2", kind="raw")
        return lambda: client.call(call)

    return ready


def _sending_raw(transport: Transport) -> Ready:
    def ready(mail: Mail) -> Send:
        outgoing = _outgoing(mail)
        return lambda: transport.send(outgoing)

    return ready


def _awaiting_raw(transport: Transport, stack: AsyncExitStack) -> AwaitedReady:
    stack.push_async_callback(transport.aclose)

    def ready(mail: Mail) -> AwaitedSend:
        outgoing = _outgoing(mail)
        return lambda: transport.asend(outgoing)

    return ready


def _outgoing(mail: Mail) -> Outgoing:
    email = _email(mail)
    content = mime.write(email)
    content.to_bytes()
    return Outgoing(email, Envelope.of(email), content, email.ses)


# ── build and send ───────────────────────────────────────────────────────────────────────────────────────────────


def api(errand: Errand) -> Ready:
    """A mailer to the API."""
    mailer = Mailer(_api(errand))
    return lambda mail: lambda: mailer.send(_email(mail))


def api_by_line(errand: Errand) -> Ready:
    """A mailer from a line of configuration, with the retry that such a line brings."""
    options = urlencode({"endpoint_url": errand.endpoint_url, **errand.options}, quote_via=quote)
    mailer = Mailer(f"ses://{REGION}?{options}")
    return lambda mail: lambda: mailer.send(_email(mail))


async def api_awaited(errand: Errand, stack: AsyncExitStack) -> AwaitedReady:
    """A mailer to the API, awaited."""
    mailer = AsyncMailer(_api(errand))
    stack.push_async_callback(mailer.close)
    return lambda mail: lambda: mailer.send(_email(mail))


def _email(mail: Mail) -> Email:
    return Email(
        sender=mail.sender,
        to=mail.to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html or None,
        attachments=[Attachment(file.name, file.data) for file in mail.attached],
    )


# ── where to ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _api(errand: Errand) -> Transport:
    return SesTransport(
        REGION,
        endpoint_url=errand.endpoint_url,
        max_connections=errand.in_flight,
        limits=NONE if errand.mail == "recipients" else None,  # SES takes 50, and there it is about their names
        **errand.options,  # type: ignore[arg-type]
    )


def _smtp(errand: Errand) -> Transport:
    return SmtpTransport("127.0.0.1", errand.port, tls="none", max_connections=errand.in_flight)
