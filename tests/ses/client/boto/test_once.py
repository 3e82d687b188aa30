"""One request a call, whatever goes wrong and whatever the environment says of retries."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from sesmail.errors import ConnectionLost, Outcome, SendError, TimedOut
from sesmail.lines.patience import Patience
from sesmail.local import LocalSes, Trouble
from sesmail.ses.call import ApiFault
from sesmail.ses.calls import Api
from sesmail.testing.loopback import Loopback

from .asking import Ask, awaited, blocking, client, send

UNKNOWN, NOT_SENT = (Outcome.UNKNOWN, False), (Outcome.NOT_SENT, True)
# What goes wrong, whether the mail was taken, and how it ends.
TROUBLES = {
    "reset,when=before": (False, UNKNOWN),
    "reset,when=after": (True, UNKNOWN),
    "cut_answer,at=10": (True, UNKNOWN),
    "cut_answer,at=100": (True, UNKNOWN),
    "garbage": (True, UNKNOWN),
    "throttle": (False, 429),
    "quota": (False, 400),
    "unavailable,status=500": (False, 500),
    "unavailable,status=503": (False, 503),
    "expired": (False, 403),
}
ENVIRONMENTS = [
    {},
    {"AWS_MAX_ATTEMPTS": "5"},
    {"AWS_RETRY_MODE": "legacy"},
    {"AWS_RETRY_MODE": "adaptive", "AWS_MAX_ATTEMPTS": "3"},
    {"AWS_NEW_RETRIES_2026": "true"},
]


@pytest.mark.parametrize(("api", "ask"), [("v2", blocking), ("v2", awaited), ("v1", blocking)])
@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda said: " ".join(said) or "nothing said")
def test_no_call_is_repeated(
    ses: LocalSes, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], api: Api, ask: Ask
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    boto = client(ses, service="sesv2" if api == "v2" else "ses")
    ended = {}
    for trouble in TROUBLES:
        ses.chaos.clear()
        ses.forget()
        ses.chaos.arm(Trouble.parse(f"{trouble},times=always"))
        try:
            ask(boto, send(api))
        except SendError as error:
            end: object = (error.outcome, error.retryable)
        except ApiFault as fault:
            end = fault.status
        assert len(ses.chaos.happened) == 1, trouble
        ended[trouble] = bool(ses.sent), end
    boto.close()

    v1 = {"throttle": (False, 400), "quota": (False, 400)} if api == "v1" else {}
    assert ended == {**TROUBLES, **v1}


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda said: " ".join(said) or "nothing said")
def test_a_call_whose_answer_is_late_is_not_repeated(
    ses: LocalSes, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ses.chaos.slow(1, times=None)
    boto = client(ses, patience=Patience(read_s=0.3))
    with pytest.raises(TimedOut):
        boto.call(send())
    boto.close()
    while not ses.sent:  # by a box that is slower than our patience
        threading.Event().wait(0.01)

    assert len(ses.chaos.happened) == len(ses.sent) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(ses: LocalSes, status: int) -> None:
    """Whoever stands between us and SES could have the mail and its signature sent elsewhere."""
    answer = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {ses.url}/v2/email/outbound-emails\r\nContent-Length: 0\r\n\r\n"

    async def serve(peer: socket.socket, _: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_recv(peer, 65536)
        await loop.sock_sendall(peer, answer.encode())
        while await loop.sock_recv(peer, 65536):
            pass

    server = Loopback(serve, name="elsewhere")
    server.start()
    boto = client(ses, endpoint_url=f"http://{server.host}:{server.port}")
    with pytest.raises((ApiFault, ConnectionLost)) as caught:  # urllib3 stumbles over a 303
        boto.call(send())
    boto.close()
    server.stop()

    assert getattr(caught.value, "status", status) == status
    assert not ses.sent
