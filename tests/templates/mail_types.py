"""What a type checker says of Mail classes. Nobody runs this: each mark is an error that mypy must find, of this kind.

A mark that it does not need is an error in turn (``warn_unused_ignores``), and so is one that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sesmail import AsyncMailer, Email, Mailer, ManyReport, SendResult
from sesmail.templates import Mail, Preview, preview


@dataclass(frozen=True)
class Order:
    number: int
    email: str


@dataclass(frozen=True)
class Receipt(Mail):
    order: Order
    copy: bool = False

    template = "receipt"

    def subject(self) -> str:
        return f"Your order {self.order.number}"

    def recipients(self) -> str:
        return self.order.email


@dataclass(frozen=True)
class Wrong(Mail):
    def subject(self) -> int:  # type: ignore[override]
        return 3


def right(mailer: Mailer, order: Order, orders: Iterable[Order]) -> tuple[SendResult, ManyReport, Email]:
    mailer.send(Receipt(order=order), to="ada@example.org", locale="de")
    mailer.check(Receipt(order, copy=True))
    many = mailer.send_many((Receipt(one) for one in orders), concurrency=4)
    mailer.send_many(rows=({"to": one.email, "context": {"order": one}} for one in orders), template="receipt")
    return mailer.send(Receipt(order)), many, mailer.render(Receipt(order), {"note": "hello"}, subject="Again")


async def right_too(mailer: AsyncMailer, order: Order, orders: Iterable[Order]) -> tuple[SendResult, ManyReport]:
    await mailer.check(Receipt(order))
    return await mailer.send(Receipt(order), to="ada@example.org"), await mailer.send_many(Receipt(o) for o in orders)


def wrong(mailer: Mailer, order: Order) -> None:
    Receipt()  # type: ignore[call-arg]
    Receipt(ordr=order)  # type: ignore[call-arg]
    Receipt(order="42")  # type: ignore[arg-type]
    print(Receipt(order).ordr)  # type: ignore[attr-defined]
    mailer.send(Receipt)  # type: ignore[arg-type]
    mailer.send(Receipt(order), too="ada@example.org")  # type: ignore[call-arg]
    mailer.send(Receipt(order), subject=3)  # type: ignore[arg-type]
    mailer.send_many([Receipt(order), 3])  # type: ignore[list-item]
    mailer.send(template=3)  # type: ignore[arg-type]


@preview
def small() -> Mail:
    return Receipt(Order(1, "ada@example.org"))


@preview(locales=("en", "de"), name="a large one")
def large() -> Receipt:
    return Receipt(Order(2, "ada@example.org"))


@preview(locales="de")
def fields() -> dict[str, str]:
    return {"to": "ada@example.org", "template": "receipt"}


@preview  # type: ignore[arg-type]
def needs(order: Order) -> Mail:
    return Receipt(order)


@preview(locales=("de",))  # type: ignore[arg-type]
def nothing() -> None: ...


def shown() -> tuple[Preview, ...]:
    return small, large, fields
