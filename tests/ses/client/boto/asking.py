"""Calls that send, and how a client is asked in each colour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sesmail import Email, Envelope, Outgoing, mime
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.call import Call, Reply
from sesmail.ses.calls import Api, send_call
from sesmail.ses.client.boto import BotoClient
from sesmail.ses.credentials import Credentials

KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
REGION = "us-east-1"
Ask = Callable[[BotoClient, Call], Reply]


def send(api: Api = "v2", **fields: Any) -> Call:
    """The call that sends a small mail."""
    mail = Email(
        **{"sender": "shop@example.com", "to": "ada@example.org", "subject": "Hello", "text": "Hello Ada", **fields}
    )
    return send_call(Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses), api=api, kind="raw")


def client(ses: LocalSes, **settings: Any) -> BotoClient:
    """One that speaks with the box."""
    return BotoClient(**{"region": REGION, "credentials": KEYS, "endpoint_url": ses.url, **settings})


def blocking(client: BotoClient, call: Call) -> Reply:
    return client.call(call)


def awaited(client: BotoClient, call: Call) -> Reply:
    return asyncio.run(client.acall(call))


both_colours = pytest.mark.parametrize("ask", [blocking, awaited])


def raw_of(parameters: Any) -> Any:
    """The bytes of the mail, or what stands for them."""
    return parameters["RawMessage"]["Data"] if "RawMessage" in parameters else parameters["Content"]["Raw"]["Data"]


def host_and_port(ses: LocalSes) -> tuple[str, int]:
    host, _, port = ses.url.removeprefix("http://").partition(":")
    return host, int(port)
