"""smtplib and aiosmtplib, with one connection that is kept, and a mail that was built before."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from benchmarks.email_message import email_message
from benchmarks.mail import Mail, name_and_email
from benchmarks.ways.errand import Errand

if TYPE_CHECKING:
    from benchmarks.ways.worker import AwaitedReady, AwaitedSend, Ready, Send


def by_smtplib(errand: Errand) -> Ready:
    """The standard library."""
    from smtplib import SMTP

    client = SMTP("127.0.0.1", errand.port)

    def ready(mail: Mail) -> Send:
        data, sender, recipients = email_message(mail)(), *_envelope(mail)
        return lambda: client.sendmail(sender, recipients, data)

    return ready


async def by_aiosmtplib(errand: Errand, stack: AsyncExitStack) -> AwaitedReady:
    """The same, awaited."""
    from aiosmtplib import SMTP

    client = await stack.enter_async_context(SMTP(hostname="127.0.0.1", port=errand.port, start_tls=False))

    def ready(mail: Mail) -> AwaitedSend:
        data, sender, recipients = email_message(mail)(), *_envelope(mail)
        return lambda: client.sendmail(sender, recipients, data)

    return ready


def _envelope(mail: Mail) -> tuple[str, list[str]]:
    (sender,), recipients = name_and_email((mail.sender,)), name_and_email(mail.to)
    return sender[1], [email for _, email in recipients]
