"""Send a mail with text, HTML, an inline image and an attachment into a folder, and show what arrived there.

Run it with ``make demo``. It needs no account and no network: the folder stands in for Amazon SES.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from sesmail import Attachment, Email, Mailer, mime

# A dot in red, 1 × 1.
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)


def order_confirmation() -> Email:
    """A mail as a shop would write it. The shop's own address comes from its mailer."""
    logo = Attachment("logo.png", DOT, inline=True)
    return Email(
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
    """Send it, read what arrived, and show both."""
    with Mailer(f"file:{folder}", sender="Müllers Teeladen <shop@example.com>") as mailer:
        for problem in mailer.check(order_confirmation()):
            print(f"{problem.field}: {problem.text} ({problem.remedy})")
        result = mailer.send(order_confirmation())
    print("Sent to:")
    for recipient in result.recipients:
        print(f"  {recipient.address.email:24}{recipient.outcome}")

    path = folder / f"{result.message_id}.eml"
    data = path.read_bytes()
    print(f"\nArrived as {path}, {len(data)} bytes:\n")
    print(structure(data))
    print("\nIts first lines:\n")
    print("\n".join(data.decode("ascii").split("\r\n")[:12]))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
