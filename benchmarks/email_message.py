"""EmailMessage of the standard library, filled as its documentation shows.

Imports nothing else, so that a worker in an environment without sesmail can build with it too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from benchmarks.mail import Mail

if TYPE_CHECKING:
    from email.message import EmailMessage


def email_message(mail: Mail) -> Callable[[], bytes]:
    """What builds this mail."""
    from datetime import UTC, datetime
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import make_msgid

    def build() -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"] = mail.sender
        message["To"] = ", ".join(mail.to)
        message["Subject"] = mail.subject
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = make_msgid(domain="example.com")  # without it, one DNS query per mail
        message.set_content(mail.text)
        if mail.html:
            message.add_alternative(mail.html, subtype="html")
        for file in mail.shown:
            kind, subtype = file.content_type.split("/")
            html = cast("list[EmailMessage]", message.get_payload())[1]
            html.add_related(
                file.data, kind, subtype, cid=f"<{file.content_id}>", filename=file.name, disposition="inline"
            )
        for file in mail.attached:
            kind, subtype = file.content_type.split("/")
            message.add_attachment(file.data, kind, subtype, filename=file.name)
        return message.as_bytes()

    return build
