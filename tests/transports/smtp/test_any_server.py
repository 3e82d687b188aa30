"""A server may say anything, in any slices: what is said to it, and what is told of the mail, stays true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import MailError, Outcome, SendError
from sesmail.lines.dialogue import HEAR, PAUSE, Ask, Do, StartTls
from sesmail.lines.fault import Kind, LineFault, StaleLine
from sesmail.transports.smtp.answers import Answers, Refused
from sesmail.transports.smtp.session import SmtpSession
from sesmail.transports.smtp.terms import TlsMode
from tests.transports.smtp.talking import (
    ADA,
    BOB,
    GO_ON,
    GREETING,
    LOGGED_IN,
    OK,
    PIPELINING,
    PLAIN_EHLO,
    READY,
    TAKEN,
    TLS,
    ehlo,
    letter,
    terms,
)

OFFERS = ehlo("STARTTLS", "AUTH PLAIN LOGIN")
PIPED_OFFERS = ehlo("STARTTLS", "AUTH LOGIN", "PIPELINING", "SIZE 10000", "8BITMIME")
END = b"\r\n.\r\n"
likely = st.sampled_from(
    [GREETING, PLAIN_EHLO, PIPELINING, OFFERS, PIPED_OFFERS, READY, LOGGED_IN, OK, GO_ON, TAKEN, b"334 \r\n"]
)
unlikely = st.sampled_from(
    [
        b"",
        b"550 5.1.1 No\r\n",
        b"450 4.2.1 Later\r\n",
        b"451 4.4.2 Timeout\r\n",
        b"421 4.3.2 Closing\r\n",
        b"503 5.5.1 Nested\r\n",
        b"250-",
        b"250 Ok",
        b"noise\r\n",
        b"250 Ok\n",
        OK + OK,
        OK + OK + OK + GO_ON,
        LineFault(Kind.LOST, ""),
        LineFault(Kind.LATE, ""),
        LineFault(Kind.TLS, ""),
    ]
)
answers = st.lists(st.one_of(likely, likely, likely, unlikely), max_size=14)
# Mostly what a good server would say, and something else at one place.
GOOD = {
    "none": [GREETING, OFFERS, LOGGED_IN, OK, OK, OK, GO_ON, TAKEN],
    "starttls": [GREETING, OFFERS, READY, OFFERS, LOGGED_IN, OK, OK, OK, GO_ON, TAKEN],
    "implicit": [GREETING, PIPED_OFFERS, b"334 \r\n", b"334 \r\n", LOGGED_IN, OK + OK + OK + GO_ON, TAKEN],
}


def nearly_good(tls: str) -> st.SearchStrategy[list[bytes | LineFault]]:
    good = GOOD[tls]
    return st.builds(
        lambda at, odd: [*good[:at], *odd, *good[at + 1 :]],
        st.integers(0, len(good)),
        st.lists(st.one_of(likely, unlikely), max_size=2),
    )


class Witness:
    """Carries a dialogue out, and remembers what was heard before each word. When answers run out, the line breaks."""

    def __init__(self, heard: list[bytes | LineFault], slices: list[int]) -> None:
        self._answers = [piece for answer in heard for piece in _sliced(answer, slices)]
        self.said: list[bytes] = []
        self.heard = b""
        self.heard_before: list[bytes] = []

    def perform(self, step: object) -> bytes | LineFault:
        if isinstance(step, Ask):
            self.perform(step.words)
            step = HEAR
        if step is HEAR:
            answer = self._answers.pop(0) if self._answers else LineFault(Kind.LOST, "")
            if isinstance(answer, bytes):
                self.heard += answer
            return answer
        if isinstance(step, Do):
            step.perform()
        elif step is not PAUSE:
            self.heard_before.append(self.heard)
            self.said.append(TLS if isinstance(step, StartTls) else step)  # type: ignore[arg-type]
        return b""

    def watch(self, session: SmtpSession) -> Answers | Exception:
        """Open it and send a mail; how that ended."""
        for dialogue in (session.open(), session.send(letter(ADA, BOB))):
            try:
                step = next(dialogue)
                while True:
                    answer = self.perform(step)
                    step = dialogue.throw(answer) if isinstance(answer, LineFault) else dialogue.send(answer)
            except StopIteration as stop:
                result = stop.value
            except (SendError, MailError, Refused, StaleLine) as error:
                return error
        assert isinstance(result, Answers)
        return result


def _sliced(answer: bytes | LineFault, slices: list[int]) -> list[bytes | LineFault]:
    if isinstance(answer, LineFault) or not answer:
        return [answer]
    size = slices[len(answer) % len(slices)] if slices else len(answer)
    return [answer[start : start + size] for start in range(0, len(answer), size)]


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
@given(data=st.data(), slices=st.lists(st.integers(1, 9), max_size=3))
def test_whatever_a_server_says_the_outcome_is_true_and_nothing_leaks(
    tls: TlsMode, data: st.DataObject, slices: list[int]
) -> None:
    heard: list[bytes | LineFault] = data.draw(st.one_of(nearly_good(tls), nearly_good(tls), answers))
    session, witness = SmtpSession(terms(tls, login=True)), Witness(heard, slices)
    result = witness.watch(session)
    said = witness.said
    is_out = any(word.endswith(END) for word in said)

    # No step back from TLS, and nothing of us before it.
    if tls != "none":
        clear = said[: said.index(TLS)] if TLS in said else said
        assert all(word in (b"EHLO client.example\r\n", b"STARTTLS\r\n") for word in clear)
    # The mail goes nowhere but behind a 354, and once.
    assert sum(word.endswith(END) for word in said) <= 1
    for word, before in zip(said, witness.heard_before, strict=True):
        assert not word.endswith(END) or b"354" in before
    # What is told of it is true.
    if isinstance(result, Answers):
        assert result.refusal is not None or (is_out and result.end and result.end.is_yes)
    elif isinstance(result, SendError):
        assert result.outcome is (Outcome.UNKNOWN if is_out else Outcome.NOT_SENT)
        assert not (is_out and result.retryable)
        assert not session.is_open
    elif isinstance(result, Refused):
        assert result.reply.is_no
        assert not session.is_open


@given(st.sampled_from(sorted(GOOD)), st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_a_good_server_is_understood_in_any_slices(tls: TlsMode, slices: list[int]) -> None:
    session, witness = SmtpSession(terms(tls, login=True)), Witness(list(GOOD[tls]), slices)
    result = witness.watch(session)

    assert isinstance(result, Answers)
    assert result.refusal is None
    assert session.is_open
