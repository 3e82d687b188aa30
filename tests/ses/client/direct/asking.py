"""Calls, clients, colours, and dialogues that are spoken without a line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, repeat
from typing import Any, TypeVar

import pytest

from sesmail import Email, Envelope, Outgoing, mime
from sesmail.lines.dialogue import HEAR, PAUSE, Dialogue, Do, Step
from sesmail.lines.fault import LineFault
from sesmail.lines.line import Place
from sesmail.local import LocalSes
from sesmail.local.keys import DEFAULT_KEY, DEFAULT_SECRET
from sesmail.ses.call import Call, Reply
from sesmail.ses.calls import Api, Kind, send_call
from sesmail.ses.client.direct.client import DirectClient
from sesmail.ses.credentials import Credentials, Keys

T = TypeVar("T")

KEYS = Credentials(access_key=DEFAULT_KEY, secret_key=DEFAULT_SECRET)
REGION = "us-east-1"
ADDRESS = Place("127.0.0.1", 9)


def send(api: Api = "v2", kind: Kind = "raw", **fields: Any) -> Call:
    """The call that sends a small mail."""
    mail = Email(
        **{"sender": "shop@example.com", "to": "ada@example.org", "subject": "Hello", "text": "Hello Ada", **fields}
    )
    return send_call(Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses), api=api, kind=kind)


GET_ACCOUNT = Call("sesv2", "GetAccount", {})


@contextmanager
def client_of(url: str, **settings: Any) -> Iterator[DirectClient]:
    """A client of an endpoint; its lines are closed in the end."""
    made = DirectClient(**{"region": REGION, "credentials": KEYS, "endpoint_url": url, **settings})
    try:
        yield made
    finally:
        made.close()


@contextmanager
def box(**options: Any) -> Iterator[LocalSes]:
    """A box that checks signatures, and lets anybody mail anybody."""
    with LocalSes(**{"sandbox": False, "rate": 10_000, "quota": 1_000_000, "check_signatures": True, **options}) as ses:
        ses.identity("example.com").verify()
        yield ses


# ── colours ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Colour:
    """One way to carry calls: waiting, or awaiting in one loop."""

    def __init__(self, runner: asyncio.Runner | None) -> None:
        self._runner = runner

    def __call__(self, client: DirectClient, call: Call) -> Reply:
        return self._runner.run(client.acall(call)) if self._runner else client.call(call)


@pytest.fixture(params=["now", "awaited"])
def carry(request: pytest.FixtureRequest) -> Iterator[Colour]:
    """Carries a call in each colour."""
    if request.param == "now":
        yield Colour(None)
    else:
        with asyncio.Runner() as runner:
            yield Colour(runner)


# ── dialogues without a line ─────────────────────────────────────────────────────────────────────────────────────


class Spoken:
    """What was said in a dialogue, and what it came to."""

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.pauses = 0
        self.result: Any = None

    @property
    def all(self) -> bytes:
        return b"".join(self.said)


def spoken(
    dialogue: Dialogue[T], heard: Iterable[bytes | LineFault], *, broken: Mapping[int, LineFault] = {}
) -> Spoken:
    """Speak it: what is heard comes from a list, and words of these numbers break the line."""
    story, answers = Spoken(), chain(heard, repeat(AssertionError("nothing more is to be heard")))
    try:
        step: Step = next(dialogue)
        while True:
            answer: bytes | LineFault = b""
            if isinstance(step, bytes):
                answer = broken.get(len(story.said), b"")
                story.said.append(step)
            elif step is HEAR:
                heard_next = next(answers)
                if isinstance(heard_next, AssertionError):
                    raise heard_next
                answer = heard_next
            elif step is PAUSE:
                story.pauses += 1
            elif isinstance(step, Do):
                step.perform()
            step = dialogue.throw(answer) if isinstance(answer, LineFault) else dialogue.send(answer)
    except StopIteration as stop:
        story.result = stop.value
    return story


def slices(data: bytes, sizes: Callable[[], int]) -> list[bytes]:
    """Data in pieces of these sizes."""
    pieces = []
    while data:
        size = sizes()
        pieces.append(data[:size])
        data = data[size:]
    return pieces


class Given:
    """Credentials whose keys a test gives, or fetches."""

    def __init__(self, at_hand: Keys | None = None, fetch: Callable[[], Keys] | None = None) -> None:
        self._at_hand = at_hand
        self._fetch = fetch
        self.fetched = 0

    def source(self, region: str) -> Given:
        return self

    def at_hand(self) -> Keys | None:
        return self._at_hand

    def fetch(self) -> Keys:
        assert self._fetch
        self.fetched += 1
        return self._fetch()
