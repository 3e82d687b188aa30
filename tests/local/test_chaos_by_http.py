"""Any script of troubles: what a client was told, what the ledger holds and what the quota counts fit together.

A client that got an id finds that mail in the ledger. One that was refused finds none. One whose line broke does not
know, and the ledger does: what broke before the mail was taken is not there, and what broke after it is, and counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given
from hypothesis import strategies as st

from sesmail.local import LocalSes
from sesmail.local.trouble import Kind, Trouble
from tests.examples import one_in
from tests.local.http.peer import Peer

BODY = json.dumps(
    {
        "FromEmailAddress": "shop@shop.example",
        "Destination": {"ToAddresses": ["ada@example.org"], "BccAddresses": ["eve@example.org"]},
        "Content": {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}},
    }
).encode()
HEAD = b"POST /v2/email/outbound-emails HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(BODY)
REQUEST = HEAD + BODY
RECIPIENTS = 2


of_all = {"times": st.none() | st.integers(1, 3), "skip": st.integers(0, 2), "chance": st.sampled_from([1.0, 1.0, 0.5])}


places = st.sampled_from(["send", "any", "call", "SendEmail", "GetAccount"])


def armed(kind: Kind, **more: st.SearchStrategy[object]) -> st.SearchStrategy[Trouble]:
    on = st.just("any") if kind is Kind.CUT_REQUEST else places
    return st.fixed_dictionaries({**of_all, "on": on, **more}).map(lambda said: Trouble.of(kind, **said))


troubles = st.one_of(
    armed(Kind.THROTTLE),
    armed(Kind.QUOTA),
    armed(Kind.UNAVAILABLE, status=st.sampled_from([500, 503])),
    armed(Kind.EXPIRED),
    armed(Kind.SLOW, seconds=st.just(0.001)),
    armed(Kind.RESET, when=st.sampled_from(["before", "after"])),
    armed(Kind.CUT_ANSWER, at=st.integers(0, 400)),
    armed(Kind.CUT_REQUEST, at=st.integers(0, len(REQUEST) + 10)),
    armed(Kind.GARBAGE),
)
scripts = st.lists(troubles, max_size=4)
seeds = st.integers(0, 9)


class Line:
    """A connection that is made again when it has broken."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._peer: Peer | None = None

    def send(self) -> str | None:
        """An id, "" for a refusal, or ``None`` when nobody knows."""
        self._peer = self._peer or Peer(self._port)
        try:
            reply = self._peer.send(REQUEST).reply()
            told = json.loads(reply.body)
        except (OSError, EOFError, ValueError, IndexError):
            self.close()
            return None
        return str(told["MessageId"]) if reply.status == 200 else ""

    def close(self) -> None:
        if self._peer:
            self._peer.socket.close()
        self._peer = None


@contextmanager
def line(ses: LocalSes) -> Iterator[Line]:
    made = Line(int(ses.url.rpartition(":")[2]))
    try:
        yield made
    finally:
        made.close()


@one_in(4)
@given(script=scripts, seed=seeds, sends=st.integers(1, 8), quota=st.sampled_from([-1, 5]))
def test_whatever_goes_wrong_ledger_quota_and_answers_agree(
    script: list[Trouble], seed: int, sends: int, quota: int
) -> None:
    with LocalSes(sandbox=False, quota=quota, rate=1e6) as ses, line(ses) as connection:
        ses.identity("shop.example").verify()
        ses.chaos.seed(seed)
        for trouble in script:
            ses.chaos.arm(trouble)
        told = [connection.send() for _ in range(sends)]
        ses.chaos.clear()
        sent = ses.sent
        region = ses.box.region()

    ids = [mail.message_id for mail in sent]
    known = [message_id for message_id in told if message_id]
    assert known == [message_id for message_id in ids if message_id in known], "every id that was told, in order"
    assert len(sent) <= len(known) + told.count(None), "nothing is taken that was refused"
    assert region.quota.sent(ses.clock.now()) == RECIPIENTS * len(sent)
    assert sum(point.attempts for point in region.statistics.points) == RECIPIENTS * len(sent)
    kinds = [(event.kind, event.mail.message_id) for event in ses.events]
    assert kinds == [(kind, message_id) for message_id in ids for kind in ("Send", "Delivery")]
    assert len(ses.events) == 2 * len(sent)


@one_in(4)
@given(script=scripts, seed=seeds)
def test_the_same_script_makes_the_same_troubles(script: list[Trouble], seed: int) -> None:
    def run() -> tuple[list[bool | None], list[tuple[str, str]], int]:
        with LocalSes(sandbox=False, quota=-1, rate=1e6) as ses, line(ses) as connection:
            ses.identity("shop.example").verify()
            ses.chaos.seed(seed)
            for trouble in script:
                ses.chaos.arm(trouble)
            told = [connection.send() for _ in range(5)]
            happened = [(str(mishap.trouble.kind), mishap.step) for mishap in ses.chaos.happened]
            return [None if one is None else bool(one) for one in told], happened, len(ses.sent)

    assert run() == run()


def test_each_break_is_before_or_after_as_it_says() -> None:
    """The table behind the property: what is in the ledger after each kind of trouble."""
    for kind, said, told, taken in (
        (Kind.THROTTLE, {}, "", 0),
        (Kind.QUOTA, {}, "", 0),
        (Kind.UNAVAILABLE, {}, "", 0),
        (Kind.EXPIRED, {}, "", 0),
        (Kind.RESET, {"when": "before"}, None, 0),
        (Kind.RESET, {"when": "after"}, None, 1),
        (Kind.CUT_ANSWER, {"at": 40}, None, 1),
        (Kind.GARBAGE, {}, None, 1),
        (Kind.CUT_REQUEST, {"at": len(REQUEST) - 1}, None, 0),
    ):
        with LocalSes(sandbox=False, quota=-1, rate=1e6) as ses, line(ses) as connection:
            ses.identity("shop.example").verify()
            ses.chaos.arm(Trouble.of(kind, **said))

            assert (connection.send(), len(ses.sent)) == (told, taken), kind
            assert connection.send(), kind
            assert ses.box.region().quota.sent(ses.clock.now()) == RECIPIENTS * (taken + 1), kind
