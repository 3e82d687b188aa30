"""Send a mail made of a template, with an inline image and an attachment, through a local Amazon SES.

It shows what arrived. The template is ``mails/order.html``; the layout around it and the text come with the library.

Run it with ``make demo``. It needs no account and no network: SES is in a box, and speaks as the real one does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sesmail import Attachment, Email, Mailer, NotVerified, Templates, mime
from sesmail.local import LocalSes, SentMail
from sesmail.local.keys import DEFAULT_SECRET
from sesmail.ses.credentials import Credentials
from sesmail.transports import SesSmtpTransport, SesTransport

TEMPLATES = Templates(
    Path(__file__).parent / "mails",
    base_url="https://shop.example.com",
    globals={"sender_name": "Müllers Teeladen", "sender_address": "Hafenstraße 1, Hamburg", "brand_color": "#1a7f42"},
)


def order_confirmation(mailer: Mailer) -> Email:
    """A mail as a shop would write it."""
    return mailer.render(
        "order",
        {"name": "Ada", "number": 42, "items": [["Sencha", 100], ["Assam & more", 250]]},
        sender="Müllers Teeladen <shop@example.com>",
        to=["Ada Lovelace <ada@example.org>", ("Zoë", "zoe@example.org")],
        bcc="archive@example.com",
        attachments=[Attachment("Übersicht.csv", "tea,grams\nSencha,100\n")],
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
    """Send it by the API of SES, first to be refused and then to arrive, send it by SMTP too, and show what arrived."""
    with LocalSes(smtp=True) as ses:
        ses.identity("example.com").verify()
        with Mailer(by_api(ses), templates=TEMPLATES) as mailer:
            mail = order_confirmation(mailer)
            for problem in mailer.check(mail):
                print(f"{problem.field}: {problem.text} ({problem.remedy})")
            try:
                mailer.send(mail)
            except NotVerified as refused:
                print(f"\nIn the sandbox SES says no:\n  {refused}")
            ses.account.grant_production()
            result = mailer.send(mail)
        with Mailer(by_smtp(ses)) as mailer:
            by_smtp_too = mailer.send(mail)
        arrived, again = ses.sent
    print(f"\nThen it took the mail, by its API as {result.message_id}")
    print(f"and by SMTP as {by_smtp_too.message_id}; what arrived is the same: {same(arrived, again)}")
    show(arrived, folder / f"{result.message_id}.eml")


def by_api(ses: LocalSes) -> SesTransport:
    """As for Amazon, where all but the Region may be left out: ``Mailer("ses://us-east-1")``."""
    keys = Credentials(access_key=ses.smtp.user, secret_key=DEFAULT_SECRET)
    return SesTransport("us-east-1", credentials=keys, endpoint_url=ses.url)


def by_smtp(ses: LocalSes) -> SesSmtpTransport:
    """As for Amazon, where host, port and certificate follow: ``Mailer("ses+smtp://USER:PASSWORD@us-east-1")``."""
    door = ses.smtp
    return SesSmtpTransport(
        "us-east-1", user=door.user, password=door.password, host=door.host, port=door.port, ca_file=door.ca_file
    )


def same(one: SentMail, other: SentMail) -> bool:
    """Whether two mails are the same but for what SES writes into each: its id and the time."""
    first, second = (mail.email.replace(message_id="", date=None) for mail in (one, other))
    return first == second


def show(arrived: SentMail, file: Path) -> None:
    """What the ledger of the box says, and what a recipient gets."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(arrived.raw)
    print("\nThis became of it:\n")
    for recipient, fate in arrived.fates.items():
        print(f"  {recipient:24}{fate}")
    print(f"\nArrived as {file}, {len(arrived.raw)} bytes:\n")
    print(structure(arrived.raw))
    print("\nIts text, made from the HTML:\n")
    print(arrived.email.text)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
