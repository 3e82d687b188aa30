"""What goes wrong on purpose: every kind of trouble at every step, on the session alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.chaos import Chaos
from sesmail.local.smtp.mishaps import NOISE, OF_ANSWERS
from sesmail.local.smtp.replies import usual
from sesmail.local.smtp.session import Phase
from sesmail.local.smtp.steps import Step, Then
from sesmail.local.trouble import SMTP_STEPS as STEPS
from sesmail.local.trouble import TLS_FAULTS, Kind, Trouble
from tests.local.smtp.talking import ENVELOPE, LOGIN, MAIL, Client
from tests.local.smtp.test_lines import CUTS, slices

MESSAGE = MAIL + b".\r\n"

# By step: what a client has said before, and what it says then.
BEFORE: dict[str, Callable[[Client], object]] = {
    "connect": lambda client: None,
    "auth": Client.ready,
    "mail": Client.known,
    "rcpt": lambda client: client.known().say(ENVELOPE[0]),
    "data": lambda client: client.known().say(*ENVELOPE),
    "message": Client.at_data,
    "rset": lambda client: client.known().say(ENVELOPE[0]),
}
SAID: dict[str, bytes] = {
    "connect": b"",
    "ehlo": b"EHLO a\r\n",
    "helo": b"HELO a\r\n",
    "auth": LOGIN.encode() + b"\r\n",
    "mail": ENVELOPE[0].encode() + b"\r\n",
    "rcpt": ENVELOPE[1].encode() + b"\r\n",
    "message": MESSAGE,
    "vrfy": b"VRFY ada\r\n",
}
# How it shows that a step was done; the others leave no trace.
_DONE: dict[str, Callable[[Client], bool]] = {
    "ehlo": lambda client: client.session._dialogue.is_greeted,
    "helo": lambda client: client.session._dialogue.is_greeted,
    "starttls": lambda client: any(step.then is Then.SECURE for step in client.steps),
    "auth": lambda client: bool(client.session._dialogue.user),
    "mail": lambda client: bool(client.session._dialogue.sender),
    "rcpt": lambda client: bool(client.session._dialogue.recipients),
    "data": lambda client: client.session.phase is Phase.MAIL,
    "message": lambda client: bool(client.clerk.letters),
    "rset": lambda client: not client.session._dialogue.sender,
}


def is_done(step: str, client: Client, *, otherwise: bool = True) -> bool:
    return _DONE[step](client) if step in _DONE else otherwise


def taken(step: str, trouble: Trouble | None) -> tuple[Client, Step]:
    """A client, and what its step led to."""
    client = Client()
    if step != "connect":
        client.hear()
    if step in BEFORE:
        BEFORE[step](client)
    if trouble:
        client.chaos.arm(trouble)
    client.send(SAID.get(step, step.upper().encode() + b"\r\n"))
    assert [mishap.step for mishap in client.chaos.happened] == [step] * bool(trouble)
    return client, client.last


@pytest.mark.parametrize("step", STEPS)
def test_without_trouble_each_step_is_done(step: str) -> None:
    client, answer = taken(step, None)

    assert answer.data[:1] in (b"2", b"3") or step == "bdat"
    assert is_done(step, client)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("trouble", "reply"),
    [
        ({"kind": "throttle"}, b"454 Throttling failure: Maximum sending rate exceeded\r\n"),
        ({"kind": "quota"}, b"454 Throttling failure: Daily message quota exceeded\r\n"),
        ({"kind": "unavailable"}, b"451 Temporary service failure\r\n"),
        ({"kind": "expire"}, b"535 Authentication Credentials Invalid\r\n"),
        ({"kind": "reply", "code": 450, "text": "4.2.0 Greylisted"}, b"450 4.2.0 Greylisted\r\n"),
        ({"kind": "reply", "code": 554}, b"554 Transaction failed\r\n"),
        ({"kind": "reply", "code": 421}, b"421 Too many concurrent SMTP connections\r\n"),
    ],
)
def test_a_refusal_comes_in_place_of_a_step(step: str, trouble: dict[str, object], reply: bytes) -> None:
    kind = {"expire": "expired"}.get(str(trouble["kind"]), str(trouble["kind"]))
    client, answer = taken(step, Trouble.of(kind, on=step, **{k: v for k, v in trouble.items() if k != "kind"}))

    is_last = reply.startswith(b"421") or step == "connect"
    assert answer == Step(reply, Then.END if is_last else Then.GO_ON)
    assert not is_done(step, client, otherwise=False)
    if not is_last:
        assert client.say("NOOP") == "250 Ok\r\n"


@pytest.mark.parametrize("step", STEPS)
def test_a_reset_comes_before_a_step_or_after_it(step: str) -> None:
    before, broken = taken(step, Trouble.of("reset", on=step, when="before"))
    after, broken_too = taken(step, Trouble.of("reset", on=step, when="after"))

    assert broken == broken_too == Step(then=Then.BREAK)
    assert not is_done(step, before, otherwise=False)
    if step not in ("starttls", "data"):  # what comes behind them cannot come any more
        assert is_done(step, after)
    assert before.send(b"NOOP\r\n") == after.send(b"NOOP\r\n") == b""


@pytest.mark.parametrize("step", STEPS)
def test_an_answer_is_cut_after_what_was_asked_for(step: str) -> None:
    _, whole = taken(step, None)
    client, answer = taken(step, Trouble.of("cut_answer", on=step, at=5))

    assert answer == Step(whole.data[:5], Then.BREAK)
    if step not in ("starttls", "data"):
        assert is_done(step, client)
    assert client.send(b"NOOP\r\n") == b""


@pytest.mark.parametrize("step", STEPS)
def test_an_answer_is_noise_behind_what_was_asked_for(step: str) -> None:
    _, whole = taken(step, None)
    client, answer = taken(step, Trouble.of("garbage", on=step))

    assert answer == Step(NOISE, whole.then)
    assert not NOISE[:3].isdigit()
    assert is_done(step, client)


@pytest.mark.parametrize("step", STEPS)
def test_an_answer_is_late_behind_what_was_asked_for(step: str) -> None:
    _, whole = taken(step, None)
    client, answer = taken(step, Trouble.of("slow", on=step, seconds=3))

    assert answer == Step(whole.data, whole.then, wait_s=3.0)
    assert is_done(step, client)


@pytest.mark.parametrize(
    ("trouble", "step"),
    [
        ("throttle", "message"),
        ("quota", "message"),
        ("unavailable", "message"),
        ("expired", "auth"),
        ("slow", "message"),
        ("reset", "message"),
        ("cut_answer", "message"),
        ("garbage", "message"),
        ("reply", "message"),
        ("reply,on=smtp,code=554", "connect"),
        ("reply,on=any,code=554", "connect"),
        ("throttle,on=smtp,skip=1", "ehlo"),
    ],
)
def test_a_trouble_is_met_where_it_is_meant(trouble: str, step: str) -> None:
    client = Client()
    client.chaos.arm(Trouble.parse(trouble))
    client.send(b"")
    for line in ("EHLO a", "STARTTLS", "EHLO a", LOGIN, *ENVELOPE, "DATA"):
        client.say(line)
    client.send(MESSAGE)

    assert [mishap.step for mishap in client.chaos.happened] == [step]


@pytest.mark.parametrize("place", ["http", "call", "SendEmail", "bdat"])
def test_a_trouble_of_somewhere_else_is_not_met(place: str) -> None:
    client = Client()
    client.chaos.throttle(on=place)
    client.at_data()
    client.send(MESSAGE)

    assert client.chaos.happened == ()
    assert client.clerk.letters


def test_a_mail_that_was_refused_can_be_sent_again() -> None:
    client = Client()
    client.chaos.throttle(times=2)
    client.at_data()
    replies = [client.send(MESSAGE)[:3]]
    for _ in range(2):
        assert client.say("DATA")[:3] == "503"
        client.say(*ENVELOPE, "DATA")
        replies.append(client.send(MESSAGE)[:3])

    assert replies == [b"454", b"454", b"250"]
    assert len(client.clerk.letters) == 1


def test_a_login_by_prompts_meets_its_trouble_at_the_end() -> None:
    client = Client().ready()
    client.chaos.expire_credentials()
    answers = [client.say(line)[:3] for line in ("AUTH LOGIN", "*", LOGIN, LOGIN)]

    assert answers == ["334", "501", "535", "235"]


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", TLS_FAULTS)
@pytest.mark.parametrize(("is_wrapped", "step"), [(False, "starttls"), (True, "connect")])
def test_tls_fails_where_it_begins(fault: str, is_wrapped: bool, step: str) -> None:
    client = Client(is_wrapped=is_wrapped)
    client.chaos.break_tls(fault)
    client.say("EHLO a", "STARTTLS")

    (securing,) = (one for one in client.steps if one.then is Then.SECURE)
    assert securing.tls_fault == fault
    assert [mishap.step for mishap in client.chaos.happened] == [step]


def test_tls_that_does_not_begin_does_not_fail() -> None:
    client = Client()
    client.chaos.reply(454, on="starttls")
    client.chaos.break_tls("expired")

    assert client.say("EHLO a", "STARTTLS")[:3] == "454"
    assert [trouble.kind for trouble in client.chaos.armed] == [Kind.TLS]


# ── what the client says is cut ──────────────────────────────────────────────────────────────────────────────────

WHOLE = "\r\n".join(("EHLO a", LOGIN, *ENVELOPE, "DATA", "")).encode() + MESSAGE + b"QUIT\r\n"


@given(st.integers(0, len(WHOLE)), CUTS, st.booleans())
def test_what_a_client_says_is_cut_at_the_byte(at: int, cuts: list[int], is_wrapped: bool) -> None:
    whole = (b"EHLO a\r\nSTARTTLS\r\n", WHOLE)[is_wrapped]
    client, cut = Client(is_wrapped=is_wrapped), Client(is_wrapped=is_wrapped)
    cut.chaos.cut_request(at=at)
    for piece in slices(whole, cuts):
        cut.send(piece)
    cut.hear()
    client.send(whole[:at])

    is_over = client.session.phase is Phase.OVER
    broken = [] if is_over or at > len(whole) else [Step(then=Then.BREAK)]
    assert cut.steps == client.steps + broken
    assert cut.clerk.letters == client.clerk.letters
    assert len(cut.session._inbox) <= len(MESSAGE)


def test_what_came_before_anybody_looked_is_counted_too() -> None:
    client = Client()
    client.chaos.cut_request(at=6)
    client.session.receive(b"NOOP\r\nNOOP\r\n")

    assert client.hear().count(b"250 Ok") == 1
    assert client.last == Step(then=Then.BREAK)


# ── the whole ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_has_its_place() -> None:
    assert OF_ANSWERS | {Kind.TLS, Kind.CUT_REQUEST} == set(Kind)


@pytest.mark.parametrize("code", range(400, 600, 3))
def test_every_code_has_a_text(code: int) -> None:
    data = usual(code).to_bytes()

    assert data.startswith(f"{code} ".encode())
    assert len(data) > 10
    assert usual(code, "x").to_bytes() == f"{code} x\r\n".encode()


SCRIPTS = st.lists(
    st.sampled_from(
        [
            "throttle",
            "quota,on=any,chance=0.3,times=always",
            "unavailable,on=rcpt",
            "expired,on=any,chance=0.2,times=always",
            "reset,when=before,on=any,skip=3",
            "reset,on=any,chance=0.1",
            "cut_answer,at=3,on=any,skip=4",
            "cut_request,at=150",
            "garbage,on=any,skip=2",
            "slow,seconds=5,on=any,times=always",
            "reply,code=421,on=any,chance=0.1",
            "reply,code=451,on=data",
            "break",
        ]
    ),
    max_size=4,
)


@given(SCRIPTS, st.integers(0, 99), CUTS)
def test_a_script_does_the_same_each_time_whatever_the_slices(script: list[str], seed: int, cuts: list[int]) -> None:
    def play(cuts: list[int]) -> tuple[list[Step], int, list[tuple[str, str]]]:
        client = Client(is_wrapped=True, chaos=Chaos(seed=seed))
        for line in script:
            if line == "break":
                client.chaos.break_tls("expired")
            else:
                client.chaos.arm(Trouble.parse(line))
        client.hear()
        for piece in slices(WHOLE, cuts):
            client.send(piece)
        return client.steps, len(client.clerk.letters), [(one.step, one.trouble.kind) for one in client.chaos.happened]

    played = play(cuts)

    assert played == play([])
    steps, letters, _ = played
    told = sum(step.data.startswith(b"250 Ok 1") for step in steps)
    assert letters in (0, 1)
    assert told <= letters, "nobody is told that a mail was taken that was not"
