"""The table of misbehaviours, by name. Each is one that a server, or somebody on the line, has in its power."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from sesmail.testing.hostile_smtp.dialogue import Reply, Step
from sesmail.testing.hostile_smtp.misbehaviour import REPLIED, STEPS, Act, Endless, Misbehaviour

_BLOCK = 8192
_MANY = 10_000
_LONG = 100_000
_GONE = b"421 4.3.2 hostile.example is closing\r\n"
# What somebody on the line would like a client to believe of the server behind TLS.
_INJECTED = b"250-injected.example\r\n250 AUTH PLAIN LOGIN\r\n"
_HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
_NOISE = bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n"
_POSITIVE: tuple[Step, ...] = tuple(step for step in REPLIED if step != "data")  # where 2xx is due, but for 334 of AUTH

Acts = Iterable[bytes | Endless | Act]


def _rewrite(change: Callable[[bytes], bytes]) -> Callable[[Reply], Acts]:
    return lambda due: [change(due.to_bytes())]


def _in_lines(change: Callable[[bytes], bytes]) -> Callable[[Reply], Acts]:
    """Change the text of each line, and leave its code and its end."""
    return _rewrite(lambda due: b"".join(line[:4] + change(line[4:-2]) + b"\r\n" for line in due.splitlines(True)))


def _code(change: Callable[[int], int | str]) -> Callable[[Reply], Acts]:
    """Another code in each line."""
    digits = len("250")
    return lambda due: [
        b"".join(b"%b%b" % (str(change(due.code)).encode(), line[digits:]) for line in due.to_bytes().splitlines(True))
    ]


def _just(*acts: bytes | Endless | Act) -> Callable[[Reply], Acts]:
    return lambda _due: acts


def _due_then(*acts: bytes | Endless | Act) -> Callable[[Reply], Acts]:
    return lambda due: [due.to_bytes(), *acts]


def _due_with(data: bytes, *acts: bytes | Endless | Act) -> Callable[[Reply], Acts]:
    """In one segment, as when somebody has put it there."""
    return lambda due: [due.to_bytes() + data, *acts]


def _half_then(act: Act) -> Callable[[Reply], Acts]:
    return lambda due: [due.to_bytes()[: len(due.to_bytes()) // 2], act]


def _mixed(due: Reply) -> Acts:
    return [f"{due.code}-{due.lines[0]}\r\n554 5.0.0 No\r\n".encode()]


def _endless_reply(due: Reply) -> Acts:
    return [Endless(f"{due.code}-X-ANOTHER-LINE\r\n".encode() * 400)]


def _with_keywords(due: Reply) -> Acts:
    first, *rest = due.lines
    many = (f"X-KEYWORD-{number} A B C" for number in range(_MANY))
    return [replace(due, lines=(first, *many, *rest)).to_bytes()]


def _named(*rows: Misbehaviour) -> Mapping[str, Misbehaviour]:
    return MappingProxyType({row.name: row for row in rows})


_Unheard = partial(Misbehaviour, is_obeyed=False)

MISBEHAVIOURS: Mapping[str, Misbehaviour] = _named(
    # ── too much ─────────────────────────────────────────────────────────────────────────────────────────────
    Misbehaviour("endless line", "ehlo", lambda due: [f"{due.code}-".encode(), Endless(b"x" * _BLOCK)]),
    Misbehaviour("endless reply", "ehlo", _endless_reply),
    Misbehaviour("dripping line", "ehlo", lambda due: [f"{due.code}-".encode(), Endless(b"x", is_slow=True)]),
    Misbehaviour("dripping reply", "ehlo", lambda due: [Endless(f"{due.code}-x\r\n".encode(), is_slow=True)]),
    Misbehaviour("long line", "ehlo", _in_lines(lambda text: text + b" " + b"x" * _LONG)),
    Misbehaviour("huge keyword list", "ehlo", _with_keywords, steps=("ehlo",)),
    # ── 421 at any time ──────────────────────────────────────────────────────────────────────────────────────
    _Unheard("421 in its place", "connect", _just(_GONE, Act.CLOSE)),
    Misbehaviour("421 behind a reply", "connect", _due_with(_GONE, Act.CLOSE)),
    Misbehaviour("421 while idle", "ehlo", _due_then(Act.PAUSE, _GONE, Act.CLOSE)),
    # ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────
    Misbehaviour("text before the handshake", "starttls", _due_with(_INJECTED), steps=("starttls",)),
    Misbehaviour("no STARTTLS", "ehlo", _due_then(), steps=("ehlo",), withholds="STARTTLS"),
    _Unheard("454 to STARTTLS", "starttls", _just(b"454 4.7.0 TLS is not available\r\n"), steps=("starttls",)),
    _Unheard("noise for a handshake", "handshake", _just(_NOISE, Act.CLOSE), steps=("handshake",)),
    # ── characters ───────────────────────────────────────────────────────────────────────────────────────────
    _Unheard("noise", "starttls", _just(_NOISE)),
    _Unheard("another protocol", "connect", _just(_HTTP, Act.CLOSE)),
    Misbehaviour("8-bit text", "ehlo", _in_lines(lambda text: text + b" \x80\xff\xc3\xa9")),
    Misbehaviour("escape sequences", "mail", _in_lines(lambda text: text + b" \x1b[2J\x1b[31mroot\x1b]0;title\x07")),
    Misbehaviour("NUL", "mail", _in_lines(lambda text: b"\0" + text + b"\0")),
    Misbehaviour("bare LF", "ehlo", _rewrite(lambda due: due.replace(b"\r\n", b"\n"))),
    Misbehaviour("bare CR", "ehlo", _rewrite(lambda due: due.replace(b"\r\n", b"\r"))),
    # ── out of step ──────────────────────────────────────────────────────────────────────────────────────────
    Misbehaviour("two replies", "mail", lambda due: [due.to_bytes() * 2]),
    Misbehaviour("no reply", "mail", _just()),
    Misbehaviour("late reply", "mail", lambda due: [Act.PAUSE, due.to_bytes()]),
    Misbehaviour(
        "pipelining, one reply short", "rcpt", _just(), steps=("mail", "rcpt", "data"), offers=("PIPELINING",)
    ),
    # ── codes ────────────────────────────────────────────────────────────────────────────────────────────────
    Misbehaviour("two digits", "mail", _code(lambda code: code // 10)),
    Misbehaviour("four digits", "mail", _code(lambda code: code * 10)),
    Misbehaviour("letters for a code", "mail", _code(lambda _code: "OKE")),
    Misbehaviour("code out of range", "mail", _code(lambda code: 600 + code % 100)),
    Misbehaviour("code alone", "mail", lambda due: [f"{due.code}\r\n".encode()]),
    Misbehaviour("empty reply", "mail", _just(b"\r\n")),
    Misbehaviour("mixed codes", "ehlo", _mixed),
    Misbehaviour("3xx for 2xx", "mail", _code(lambda code: 300 + code % 100), steps=_POSITIVE),
    Misbehaviour("354 out of turn", "rcpt", _just(b"354 Go on\r\n"), steps=_POSITIVE),
    _Unheard("250 for 354", "data", _just(b"250 2.0.0 Ok\r\n"), steps=("data",)),
    # ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────
    _Unheard("554 for a greeting", "connect", _just(b"554 5.3.2 No SMTP service here\r\n"), steps=("connect",)),
    _Unheard("451 in its place", "message", _just(b"451 4.3.0 Try again later\r\n")),
    _Unheard("554 in its place", "message", _just(b"554 5.6.0 Refused\r\n")),
    Misbehaviour("refused but taken", "message", _just(b"451 4.3.0 Try again later\r\n"), steps=("message",)),
    # ── ends ─────────────────────────────────────────────────────────────────────────────────────────────────
    _Unheard("closed", "mail", _just(Act.CLOSE), steps=STEPS),
    _Unheard("reset", "mail", _just(Act.RESET), steps=STEPS),
    _Unheard("silence", "mail", _just(Act.SILENCE), steps=STEPS),
    Misbehaviour("reply lost, closed", "message", _just(Act.CLOSE)),
    Misbehaviour("reply lost, reset", "message", _just(Act.RESET)),
    Misbehaviour("reply lost, silence", "message", _just(Act.SILENCE)),
    Misbehaviour("half a reply, closed", "message", _half_then(Act.CLOSE)),
    Misbehaviour("half a reply, silence", "message", _half_then(Act.SILENCE)),
    Misbehaviour("closed behind a reply", "mail", _due_then(Act.CLOSE)),
)
