"""Any script of troubles by SMTP: what a client was told, what the ledger holds and what the quota counts fit together.

No socket is needed: a session takes bytes and gives steps, and behind it is a real box.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.box import Box
from sesmail.local.chaos import Chaos
from sesmail.local.keys import DEFAULT_KEY
from sesmail.local.smtp.endpoint import SmtpEndpoint
from sesmail.local.smtp.office import Offer
from sesmail.local.smtp.session import Session
from sesmail.local.smtp.steps import Then
from sesmail.local.trouble import TLS_FAULTS, Kind, Trouble
from tests.local.asking import REGION, box
from tests.local.smtp.talking import in_base64

MAIL = b"From: shop@example.com\r\nTo: ada@example.org\r\nSubject: Hello\r\n\r\nHello Ada\r\n.\r\n"
RECIPIENTS = ("ada@example.org", "eve@example.org")
STEPS = ["connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "message", "rset", "quit"]


class Broken(Exception):
    """Nobody knows what became of it."""


class Refused(Exception):
    """A reply that is no good."""


class Client:
    """Says what a client says to send one mail, in a session of its own."""

    def __init__(self, asked: Box, chaos: Chaos) -> None:
        self._endpoint = SmtpEndpoint(asked, REGION)
        self._session = Session(office=self._endpoint, offer=Offer(), chaos=chaos)

    def send(self) -> str | None:
        """An id, "" for a refusal, or ``None`` when nobody knows."""
        login = in_base64("", DEFAULT_KEY, self._endpoint.password_of(DEFAULT_KEY))
        recipients = [f"RCPT TO:<{one}>" for one in RECIPIENTS]
        try:
            self._hear("220")
            for line in ("EHLO client.example", "STARTTLS", "EHLO client.example", f"AUTH PLAIN {login}"):
                self._say(line, "2")
            for line in ("MAIL FROM:<shop@example.com>", *recipients):
                self._say(line, "250")
            self._say("DATA", "354")
            self._session.receive(MAIL)
            return self._hear("250").removeprefix("250 Ok ").strip()
        except Refused:
            return ""
        except Broken:
            return None

    def _say(self, line: str, wanted: str) -> None:
        self._session.receive(f"{line}\r\n".encode())
        self._hear(wanted)

    def _hear(self, wanted: str) -> str:
        heard = b""
        while step := self._session.next_step():
            heard += step.data
            if step.then is Then.BREAK or step.tls_fault:
                raise Broken
            if step.then is Then.SECURE:
                self._session.secured()
        said = heard.decode("ascii", "replace")
        if not said.endswith("\r\n") or not said[:3].isdigit():
            raise Broken
        if not said.startswith(wanted):
            raise Refused
        return said


of_all = {"times": st.none() | st.integers(1, 3), "skip": st.integers(0, 2), "chance": st.sampled_from([1.0, 1.0, 0.5])}
places = st.sampled_from([*STEPS, "any", "send", "smtp", "credentials"])


def armed(
    kind: Kind, on: st.SearchStrategy[str] = places, **more: st.SearchStrategy[object]
) -> st.SearchStrategy[Trouble]:
    return st.fixed_dictionaries({**of_all, "on": on, **more}).map(lambda said: Trouble.of(kind, **said))


troubles = st.one_of(
    armed(Kind.THROTTLE),
    armed(Kind.QUOTA),
    armed(Kind.UNAVAILABLE),
    armed(Kind.EXPIRED),
    armed(Kind.SLOW),
    armed(Kind.RESET, when=st.sampled_from(["before", "after"])),
    armed(Kind.CUT_ANSWER, at=st.integers(0, 60)),
    armed(Kind.CUT_REQUEST, st.just("any"), at=st.integers(0, 500)),
    armed(Kind.GARBAGE),
    armed(Kind.REPLY, code=st.sampled_from([421, 450, 451, 454, 535, 554])),
    armed(Kind.TLS, st.just("tls"), fault=st.sampled_from(TLS_FAULTS)),
)


@given(
    script=st.lists(troubles, max_size=4),
    seed=st.integers(0, 9),
    sends=st.integers(1, 8),
    quota=st.sampled_from([-1.0, 5.0]),
)
def test_whatever_goes_wrong_ledger_quota_and_replies_agree(
    script: list[Trouble], seed: int, sends: int, quota: float
) -> None:
    asked, chaos = box(quota=quota), Chaos(seed=seed)
    for trouble in script:
        chaos.arm(trouble)
    told = [Client(asked, chaos).send() for _ in range(sends)]
    sent, region = list(asked.ledger), asked.region(REGION)

    ids = [mail.message_id for mail in sent]
    known = [message_id for message_id in told if message_id]
    assert known == [message_id for message_id in ids if message_id in known], "every id that was told, in order"
    assert len(sent) <= len(known) + told.count(None), "nothing is taken that was refused"
    assert region.quota.sent(asked.clock.now()) == len(RECIPIENTS) * len(sent)
    assert [event.mail.message_id for event in asked.events.all()] == [one for one in ids for _ in ("Send", "Delivery")]
    assert {mail.recipients for mail in sent} <= {RECIPIENTS}


def test_each_break_at_the_last_step_is_before_or_after_as_it_says() -> None:
    """The table behind the property."""
    for kind, said, told, taken in (
        (Kind.THROTTLE, {}, "", 0),
        (Kind.QUOTA, {}, "", 0),
        (Kind.UNAVAILABLE, {}, "", 0),
        (Kind.EXPIRED, {}, "", 0),
        (Kind.REPLY, {"code": 454}, "", 0),
        (Kind.RESET, {"when": "before"}, None, 0),
        (Kind.RESET, {"when": "after"}, None, 1),
        (Kind.CUT_ANSWER, {"at": 40}, None, 1),
        (Kind.GARBAGE, {}, None, 1),
        (Kind.CUT_REQUEST, {"at": 300}, None, 0),
        (Kind.TLS, {"fault": "expired"}, None, 0),
    ):
        asked, chaos = box(), Chaos()
        chaos.arm(Trouble.of(kind, **said))

        assert (Client(asked, chaos).send(), len(asked.ledger)) == (told, taken), kind
        assert Client(asked, chaos).send(), kind
        assert asked.region(REGION).quota.sent(asked.clock.now()) == len(RECIPIENTS) * (taken + 1), kind
