"""Clients for what is asked about an account: real ones before a local SES, and one that says what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.call import Call, Client, Parameters, Reply
from sesmail.ses.client.boto import BotoClient
from sesmail.ses.client.direct.client import DirectClient
from sesmail.ses.credentials import Credentials
from sesmail.ses.question import Question

T = TypeVar("T")
KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
MAKERS: dict[str, Callable[..., Client]] = {"boto3": BotoClient, "direct": DirectClient}


def client(ses: LocalSes, name: str = "direct", **settings: Any) -> Client:
    return MAKERS[name](**{"region": "us-east-1", "credentials": KEYS, "endpoint_url": ses.url, **settings})


def now(question: Question[T]) -> T:
    return question.answer()


def awaited(question: Question[T]) -> T:
    return asyncio.run(question.aanswer())


class Told:
    """Answers as it was told, one after the other."""

    name = "told"
    region = "eu-west-1"

    def __init__(self, *answers: Parameters | Exception) -> None:
        self.answers = list(answers)
        self.calls: list[Call] = []
        self.awaited = 0
        self.is_closed = False

    def admit(self, *, awaited: bool) -> None:
        """Nothing stands against either."""

    def call(self, call: Call) -> Reply:
        self.calls.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer)

    async def acall(self, call: Call) -> Reply:
        self.awaited += 1
        return self.call(call)

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.close()
