"""A small shop that sends mail: what a program with sesmail looks like.

The mailer is built once, from the environment, and used wherever mail is sent. Nothing here knows whether the mail goes
to Amazon SES, into a folder or to a test.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from sesmail import Address, Attachment, Mailer, SendError

SITE = "https://shop.example.com"


@cache
def mailer() -> Mailer:
    """The one mailer of the program: ``SESMAIL_URL`` says where mail goes, ``SESMAIL_FROM`` from whom it is."""
    return Mailer(tags={"app": "shop"}, headers={"X-Shop": "tea"})


@dataclass
class Customer:
    """Somebody who buys tea. sesmail takes customers wherever it takes addresses."""

    name: str
    email: str
    reset_tokens: set[str] = field(default_factory=set)

    def __mail_address__(self) -> Address:
        return Address(self.email, self.name)


@dataclass(frozen=True)
class Order:
    """What somebody bought."""

    number: int
    customer: Customer
    lines: tuple[tuple[str, int], ...]

    def receipt(self) -> Attachment:
        """The receipt as a file. It is drawn when the mail is built, not before."""
        return Attachment(f"receipt-{self.number}.csv", self._lines_as_csv)

    def _lines_as_csv(self) -> str:
        return "".join(f"{tea},{grams}\n" for tea, grams in self.lines)


def confirm(order: Order) -> str:
    """Tell a customer that the order has come in. Gives the id under which the mail can be found again."""
    result = mailer().send(
        to=order.customer,
        subject=f"Your order no. {order.number}",
        text=f"Hello {order.customer.name},\n\nthank you. Your receipt is attached.\n",
        attachments=[order.receipt()],
        tags={"kind": "order"},
        metadata={"order": order.number},
    )
    return result.message_id


def forgot_password(customer: Customer) -> bool:
    """Send a link for a new password. Says whether the mail is out; the page shows the same in any case."""
    token = secrets.token_urlsafe(24)
    customer.reset_tokens.add(token)
    try:
        mailer().send(
            to=customer,
            subject="A new password",
            text=f"Hello {customer.name},\n\nchoose it here: {SITE}/reset/{token}\n",
            auto_submitted="auto-generated",
        )
    except SendError as error:
        if error.retryable:  # a queue would try again later; this shop asks the customer to
            return False
        raise
    return True


def newsletter(readers: Iterable[Customer], text: str) -> tuple[int, list[str]]:
    """Send the news to every reader. Gives how many got it, and whose address is wrong."""
    report = mailer().send_many(
        {
            "to": reader.email,
            "subject": "News about tea",
            "text": text,
            "unsubscribe": f"{SITE}/leave",
            "bulk": True,
        }
        for reader in readers
    )
    wrong = [failure.mail["to"] for failure in report.failures if isinstance(failure.mail, dict)]
    return report.sent, [str(address) for address in wrong]
