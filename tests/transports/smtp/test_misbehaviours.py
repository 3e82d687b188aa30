"""Every misbehaviour of a server, in both colours, with and without PIPELINING: the right outcome, in time, and the
next send works. Nothing of us goes over the wire in clear, and nothing of the server into an error as it is.
"""

from __future__ import annotations

import asyncio
import tracemalloc
from base64 import b64encode
from time import monotonic, sleep

import pytest

from sesmail.errors import Outcome, SesmailError
from sesmail.testing import HostileSmtp
from sesmail.testing.hostile_smtp import MISBEHAVIOURS, Misbehaviour
from sesmail.transports.smtp.transport import SmtpTransport
from tests.transports.smtp.places import COLOURS, Tls, closing, to_server
from tests.transports.smtp.talking import ADA, BOB, STEP, error_of, outgoing

pytestmark = pytest.mark.heavy

USER, PASSWORD = "mailer", "correct horse"
READ_S, ALL_S = 0.5, 1.5  # long enough for a good send on a busy machine
PATIENCE = {"connect_timeout_s": ALL_S, "read_timeout_s": READ_S, "timeout_s": ALL_S}
SLACK_S = 4.0
OFFERED = ("8BITMIME", "SIZE 1000000")
SECRETS = [PASSWORD, b64encode(PASSWORD.encode()).decode(), b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()]

NONSENSE_AT_FIRST = ("ConnectFailed", Outcome.NOT_SENT, True, "connect")
TLS_FAILED = ("ConnectFailed", Outcome.NOT_SENT, False, "connect")
NOT_NOW = ("Unavailable", Outcome.NOT_SENT, True, "connect")
NONSENSE = ("ConnectionLost", Outcome.NOT_SENT, True, "mail")
LOST = ("ConnectionLost", Outcome.UNKNOWN, False, "reply")
LATE = ("TimedOut", Outcome.UNKNOWN, False, "reply")
SENT = None

# By name, where the table places it: the error, or none where the mail is sent.
EXPECTED: dict[str, tuple[str, Outcome, bool, str] | None] = {
    "endless line": NONSENSE_AT_FIRST,
    "endless reply": NONSENSE_AT_FIRST,
    "dripping line": NONSENSE_AT_FIRST,
    "dripping reply": NONSENSE_AT_FIRST,
    "long line": NONSENSE_AT_FIRST,
    "huge keyword list": NONSENSE_AT_FIRST,
    "421 in its place": NOT_NOW,
    "421 behind a reply": NONSENSE_AT_FIRST,
    "421 while idle": NOT_NOW,
    "text before the handshake": TLS_FAILED,
    "no STARTTLS": TLS_FAILED,
    "454 to STARTTLS": NOT_NOW,
    "noise for a handshake": TLS_FAILED,
    "noise": NONSENSE_AT_FIRST,
    "another protocol": NONSENSE_AT_FIRST,
    "8-bit text": SENT,
    "escape sequences": SENT,
    "NUL": SENT,
    "bare LF": NONSENSE_AT_FIRST,
    "bare CR": NONSENSE_AT_FIRST,
    "two replies": NONSENSE,
    "no reply": ("TimedOut", Outcome.NOT_SENT, True, "mail"),
    "late reply": SENT,
    "pipelining, one reply short": NONSENSE,
    "two digits": NONSENSE,
    "four digits": NONSENSE,
    "letters for a code": NONSENSE,
    "code out of range": NONSENSE,
    "code alone": SENT,
    "empty reply": NONSENSE,
    "mixed codes": NONSENSE_AT_FIRST,
    "3xx for 2xx": NONSENSE,
    "354 out of turn": NONSENSE,
    "250 for 354": ("ConnectionLost", Outcome.NOT_SENT, True, "data"),
    "554 for a greeting": ("ConnectFailed", Outcome.NOT_SENT, False, "connect"),
    "451 in its place": ("Unavailable", Outcome.NOT_SENT, True, "reply"),
    "554 in its place": ("Rejected", Outcome.REFUSED, False, "reply"),
    # It says that it has not taken the mail, so a client may send it again. Nobody can see that it lies.
    "refused but taken": ("Unavailable", Outcome.NOT_SENT, True, "reply"),
    "closed": NONSENSE,
    "reset": NONSENSE,
    "silence": ("TimedOut", Outcome.NOT_SENT, True, "mail"),
    "reply lost, closed": LOST,
    "reply lost, reset": LOST,
    "reply lost, silence": LATE,
    "half a reply, closed": LOST,
    "half a reply, silence": LATE,
    "closed behind a reply": NONSENSE,
}
# Where all is said at once, an answer that is missing shows by the next one, and DATA is no step of its own.
EXPECTED_PIPELINED = {**EXPECTED, "no reply": NONSENSE, "250 for 354": NONSENSE}


def hostile(misbehaviour: str | Misbehaviour, tls: Tls, *, pipelined: bool) -> HostileSmtp:
    """It misbehaves to the first connection alone."""
    return HostileSmtp(
        misbehaviour,
        tls=tls.context,
        credentials=(USER, PASSWORD),
        only_first=1,
        keywords=(*OFFERED, *["PIPELINING"] * pipelined),
        pause_s=0.02,
    )


def met(server: HostileSmtp, tls: Tls, colour: str) -> SesmailError | None:
    """Send a mail to it, and one more. How the first ended; what must hold in any case is looked at here."""
    send, out = COLOURS[colour], outgoing(ADA, BOB, tags={})
    settings = {"user": USER, "password": PASSWORD, "tls": "starttls", "ca_file": tls.ca_file, **PATIENCE}
    with closing(to_server(server, **settings)) as transport:
        began = monotonic()
        error = error_of(send, transport, out)
        assert monotonic() - began < ALL_S + SLACK_S
        taken = len(server.messages)
        assert send(transport, out).failed == (), "the next send works"

    assert len(server.messages) == taken + 1
    for command in server.commands:
        assert command.is_encrypted or command.line.split(" ")[0] in ("EHLO", "STARTTLS")
    if error is not None:
        assert str(error).isprintable()
        assert not [secret for secret in SECRETS if secret in f"{error!r}{error.__cause__!r}"]
    return error


def told(error: SesmailError | None) -> tuple[str, object, object, object] | None:
    return error and (type(error).__name__, *(getattr(error, name) for name in ("outcome", "retryable", "stage")))  # type: ignore[return-value]


def test_every_misbehaviour_is_expected() -> None:
    assert list(EXPECTED) == list(MISBEHAVIOURS)


@pytest.mark.parametrize(("colour", "pipelined"), [("now", False), ("now", True), ("awaited", False)])
@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_a_misbehaviour_has_its_outcome(name: str, colour: str, pipelined: bool, tls: Tls) -> None:
    with hostile(name, tls, pipelined=pipelined) as server:
        error = met(server, tls, colour)
        taken = len(server.messages) - 1

    assert told(error) == (EXPECTED_PIPELINED if pipelined else EXPECTED)[name]
    if error is None:
        assert taken == 1
    elif name != "refused but taken":
        assert (taken == 0) or getattr(error, "outcome") is Outcome.UNKNOWN  # noqa: B009 - errors of two kinds


STEPS = ("connect", "ehlo", "starttls", "handshake", "auth", "mail", "rcpt", "data", "message")
ELSEWHERE = [
    pytest.param(name, at, nth, id=f"{name} at {at}, {nth}")
    for name, misbehaviour in MISBEHAVIOURS.items()
    for at in STEPS
    for nth in (1, 2)
    if at in misbehaviour.steps and not (nth == 2 and at not in ("ehlo", "rcpt"))
]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("name", "at", "nth"), ELSEWHERE[::STEP])
def test_a_misbehaviour_at_any_step_never_makes_a_false_outcome(
    name: str, at: str, nth: int, colour: str, tls: Tls
) -> None:
    for pipelined in (False, True):
        placed = MISBEHAVIOURS[name].placed(at, nth=nth)  # type: ignore[arg-type]
        with hostile(placed, tls, pipelined=pipelined) as server:
            error = met(server, tls, colour)
            taken = len(server.messages) - 1
        outcome = getattr(error, "outcome", Outcome.SENT)

        if outcome is Outcome.SENT:
            assert taken == 1
        elif outcome is Outcome.UNKNOWN:
            # Behind the answer to DATA too: who is gone then may have heard all that was written.
            assert at == "message" or (name, at) == ("closed behind a reply", "data")
        else:
            assert taken == 0 or name == "refused but taken"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("name", ["endless line", "endless reply", "long line", "huge keyword list"])
def test_too_much_takes_no_memory(name: str, colour: str, tls: Tls) -> None:
    with hostile(name, tls, pipelined=False) as server:
        met(server, tls, colour)  # what is imported and read once
    with hostile(name, tls, pipelined=False) as server:
        tracemalloc.start()
        try:
            met(server, tls, colour)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 4_000_000, "with what the server itself holds"


def test_a_late_answer_never_answers_the_next_command() -> None:
    """It comes when its connection is closed, and the next mail has another."""
    with (
        HostileSmtp("late reply", at="mail", nth=2, pause_s=0.5) as server,
        closing(to_server(server, read_timeout_s=0.1)) as transport,
    ):
        transport.send(outgoing(ADA))
        error = error_of(transport.send, outgoing(BOB))
        result = transport.send(outgoing(BOB))

    assert told(error) == ("TimedOut", Outcome.NOT_SENT, True, "mail")
    assert result.failed == ()
    assert server.connections == 2
    assert [mail.recipients for mail in server.messages] == [(ADA,), (BOB,)]


def test_421_while_idle_is_no_answer_to_the_next_mail() -> None:
    with HostileSmtp("421 while idle", at="message", pause_s=0.02) as server, closing(to_server(server)) as transport:
        transport.send(outgoing(ADA))
        sleep(0.2)  # until it has come
        assert transport.send(outgoing(BOB)).failed == ()

    assert server.connections == 2
    assert len(server.messages) == 2


def test_421_while_idle_is_no_answer_to_the_next_mail_that_is_awaited() -> None:
    async def main(transport: SmtpTransport) -> None:
        await transport.asend(outgoing(ADA))
        await asyncio.sleep(0.2)  # until it has come
        assert (await transport.asend(outgoing(BOB))).failed == ()
        await transport.aclose()

    with HostileSmtp("421 while idle", at="message", pause_s=0.02) as server:
        asyncio.run(main(to_server(server)))

    assert server.connections == 2
    assert len(server.messages) == 2


def test_421_behind_the_last_reply_changes_nothing_about_it() -> None:
    with HostileSmtp("421 behind a reply", at="message") as server, closing(to_server(server)) as transport:
        assert transport.send(outgoing(ADA)).failed == ()
        assert transport.send(outgoing(BOB)).failed == ()

    assert server.connections == 2


@pytest.mark.parametrize("name", ["closed", "reset"])
def test_a_kept_connection_that_ends_at_its_next_word_is_replaced(name: str) -> None:
    with HostileSmtp(name, at="mail", nth=2) as server, closing(to_server(server)) as transport:
        transport.send(outgoing(ADA))
        assert transport.send(outgoing(BOB)).failed == ()

    assert server.connections == 2
    assert [mail.recipients for mail in server.messages] == [(ADA,), (BOB,)]


@pytest.mark.parametrize("name", ["closed", "reset"])
def test_a_kept_connection_that_ends_is_replaced_when_awaited(name: str) -> None:
    async def main(transport: SmtpTransport) -> None:
        await transport.asend(outgoing(ADA))
        assert (await transport.asend(outgoing(BOB))).failed == ()
        await transport.aclose()

    with HostileSmtp(name, at="mail", nth=2) as server:
        asyncio.run(main(to_server(server)))

    assert server.connections == 2
    assert [mail.recipients for mail in server.messages] == [(ADA,), (BOB,)]
