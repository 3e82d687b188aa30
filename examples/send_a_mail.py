"""Send a mail with text, HTML, an inline image and an attachment through a local Amazon SES, and show what arrived.

Run it with ``make demo``. It needs no account and no network: SES is in a box, and speaks as the real one does.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import boto3
from botocore.client import BaseClient

from sesmail import Attachment, Email, Envelope, Mailer, mime
from sesmail.local import LocalSes, SentMail

# A dot in red, 1 × 1.
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)


def order_confirmation() -> Email:
    """A mail as a shop would write it."""
    logo = Attachment("logo.png", DOT, inline=True)
    return Email(
        sender="Müllers Teeladen <shop@example.com>",
        to=["Ada Lovelace <ada@example.org>", ("Zoë", "zoe@example.org")],
        bcc="archive@example.com",
        subject="Your order № 42 is on its way",
        text="Hello Ada,\n\nyour tea is on its way.\n",
        html=f'<p><img src="{logo.cid}" alt="Müllers Teeladen"></p><p>Hello Ada,<p>your tea is on its way.</p>',
        attachments=[logo, Attachment("Übersicht.csv", "tea,grams\nSencha,100\n")],
        metadata={"order": 42},
    )


def structure(data: bytes) -> str:
    """The parts of a mail, as any reader finds them."""
    mail = mime.read(data)
    lines = [f"From     {mail.sender}", f"To       {', '.join(map(str, mail.to))}", f"Subject  {mail.subject}"]
    lines += [f"Text     {len(mail.text or '')} characters", f"HTML     {len(mail.html or '')} characters"]
    lines += [f"{'Inline' if file.inline else 'File':<9}{file.name} ({file.content_type}, {len(file.data)} bytes)"
              for file in mail.attachments]  # fmt: skip
    return "\n".join(lines)


def main(folder: Path) -> None:
    """Send it as SES v2 wants it, first to be refused, then to arrive, and show both."""
    mail = order_confirmation()
    for problem in Mailer("null://").check(mail):
        print(f"{problem.field}: {problem.text} ({problem.remedy})")
    with LocalSes() as ses:
        client = boto3.client("sesv2", **ses.client_options)
        ses.identity("example.com").verify()
        try:
            send(client, mail)
        except client.exceptions.MessageRejected as refused:
            print(f"\nIn the sandbox SES says no:\n  {refused.response['Error']['Message']}")
        ses.account.grant_production()
        message_id = send(client, mail)
        client.close()
        (arrived,) = ses.sent
    show(arrived, folder / f"{message_id}.eml")


def send(client: BaseClient, mail: Email) -> str:
    """One call of SES v2, by hand: the mailer's own way to SES is still to come."""
    envelope = Envelope.of(mail)
    answer = client.send_email(
        Destination={
            "ToAddresses": [address.email for address in envelope.to],
            "BccAddresses": [address.email for address in envelope.bcc],
        },
        Content={"Raw": {"Data": mime.write(mail).to_bytes()}},
    )
    return str(answer["MessageId"])


def show(arrived: SentMail, file: Path) -> None:
    """What the ledger of the box says, and what a recipient gets."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(arrived.raw)
    print(f"\nThen SES took it, as {arrived.message_id}, and this became of it:\n")
    for recipient, fate in arrived.fates.items():
        print(f"  {recipient:24}{fate}")
    print(f"\nArrived as {file}, {len(arrived.raw)} bytes:\n")
    print(structure(arrived.raw))
    print("\nIts first lines:\n")
    print("\n".join(arrived.raw.decode("ascii").split("\r\n")[:12]))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
