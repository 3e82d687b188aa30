"""How staging is tested: one mail by every path that a mailer has, in both colours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from sesmail import AsyncMailer, Mailer
from sesmail.errors import SendError, Withheld
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.transports.base import Transport

Fields = dict[str, Any]
Carry = Callable[[Transport, Outgoing], SendResult]


def now(transport: Transport, mail: Outgoing) -> SendResult:
    return transport.send(mail)


def awaited(transport: Transport, mail: Outgoing) -> SendResult:
    return asyncio.run(transport.asend(mail))


COLOURS = pytest.mark.parametrize("carry", [now, awaited])


def by_send(transport: Transport, mails: list[Fields]) -> None:
    mailer = Mailer(transport)
    for mail in mails:
        with suppress(SendError, Withheld):
            mailer.send(**mail)


def by_send_many(transport: Transport, mails: list[Fields]) -> None:
    Mailer(transport).send_many(mails)  # type: ignore[arg-type]


def by_threads(transport: Transport, mails: list[Fields]) -> None:
    Mailer(transport).send_many(mails, concurrency=2)  # type: ignore[arg-type]


def by_awaited_send(transport: Transport, mails: list[Fields]) -> None:
    async def main() -> None:
        mailer = AsyncMailer(transport)
        for mail in mails:
            with suppress(SendError, Withheld):
                await mailer.send(**mail)

    asyncio.run(main())


def by_awaited_send_many(transport: Transport, mails: list[Fields]) -> None:
    async def main() -> None:
        await AsyncMailer(transport).send_many(mails, concurrency=2)  # type: ignore[arg-type]

    asyncio.run(main())


PATHS: list[Callable[[Transport, list[Fields]], None]] = [
    by_send,
    by_send_many,
    by_threads,
    by_awaited_send,
    by_awaited_send_many,
]
