"""Conversation: what is said to one client, good or bad, from the greeting to whichever end.

Rule 1: what a command does is done before its reply is sent. So who hears of an outcome finds it in the record.
Rule 2: where a command is not obeyed, the dialogue stays as it was, and nothing is recorded but the command.
Rule 3: a connection that a misbehaviour ends is ended in that manner alone: after a close the client's bytes are still
        read, for unread ones would turn the end into a reset.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NoReturn

from sesmail.testing.hostile_smtp.commands import encrypt, greet, hear, take
from sesmail.testing.hostile_smtp.dialogue import Answer, Dialogue, Step, Then
from sesmail.testing.hostile_smtp.misbehaviour import Act, Endless, Misbehaviour
from sesmail.testing.hostile_smtp.record import Command, Record, TakenMail
from sesmail.testing.hostile_smtp.stream import Stream


class _Over(ConnectionError):
    """There is nothing more to say on this connection."""


class Conversation:
    """One client, from the greeting to whichever end."""

    def __init__(
        self,
        number: int,
        stream: Stream,
        dialogue: Dialogue,
        misbehaviours: tuple[Misbehaviour, ...],
        *,
        record: Record,
        tls: ssl.SSLContext,
        pause: Callable[[], Awaitable[object]],
    ) -> None:
        self._number = number
        self._stream = stream
        self._dialogue = dialogue
        self._misbehaviours = misbehaviours
        self._record = record
        self._tls = tls
        self._pause = pause
        self._times: Counter[Step] = Counter()

    async def run(self, *, implicit: bool) -> None:
        if implicit:
            await self._perform(encrypt(self._dialogue))
        await self._perform(greet(self._dialogue))
        while True:
            line = await self._stream.line()
            answer = hear(self._dialogue, line)
            self._note(answer.step, line)
            await self._perform(answer)

    def _note(self, step: Step, line: bytes) -> None:
        text = line.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
        self._record.commands.append(Command(self._number, step, text, self._dialogue.is_encrypted))

    async def _perform(self, answer: Answer, data: bytes = b"") -> None:
        misbehaviour = self._next_at(answer.step)
        is_obeyed = misbehaviour is None or misbehaviour.is_obeyed
        if is_obeyed:
            self._obey(answer, data)
        for act in misbehaviour.acts(answer.reply) if misbehaviour else [answer.reply.to_bytes()]:
            await self._act(act)
        if is_obeyed:
            await self._go_on(answer.then)

    def _next_at(self, step: Step) -> Misbehaviour | None:
        self._times[step] += 1
        found = (each for each in self._misbehaviours if (each.at, each.nth) == (step, self._times[step]))
        return next(found, None)

    def _obey(self, answer: Answer, data: bytes) -> None:
        before, self._dialogue = self._dialogue, answer.dialogue
        if answer.step == "message":
            mail = TakenMail(
                self._number, before.sender or "", before.recipients, data, before.user, before.is_encrypted
            )
            self._record.messages.append(mail)

    # ── what is said ─────────────────────────────────────────────────────────────────────────────────────────

    async def _act(self, act: bytes | Endless | Act) -> None:
        if isinstance(act, bytes):
            await self._stream.say(act)
        elif isinstance(act, Endless):
            await self._say_for_ever(act)
        else:
            do = {Act.PAUSE: self._wait, Act.CLOSE: self._close, Act.RESET: self._reset, Act.SILENCE: self._fall_silent}
            await do[act]()

    async def _say_for_ever(self, act: Endless) -> NoReturn:
        while True:
            await (
                self._pause() if act.is_slow else asyncio.sleep(0)
            )  # also when nothing blocks, others have their turn
            await self._stream.say(act.data)

    async def _wait(self) -> None:
        await self._pause()

    async def _close(self) -> NoReturn:
        self._stream.end()
        await self._fall_silent()

    async def _reset(self) -> NoReturn:
        await self._stream.reset()
        raise _Over

    async def _fall_silent(self) -> NoReturn:
        await self._stream.drop()
        raise _Over

    # ── what comes then ──────────────────────────────────────────────────────────────────────────────────────

    async def _go_on(self, then: Then) -> None:
        next_: dict[Then, Callable[[], Awaitable[None]]] = {
            "encrypt": self._encrypt,
            "handshake": self._shake_hands,
            "read": self._read,
            "end": self._end,
        }
        if then in next_:
            await next_[then]()

    async def _encrypt(self) -> None:
        await self._perform(encrypt(self._dialogue))

    async def _shake_hands(self) -> None:
        await self._stream.encrypt(self._tls)

    async def _read(self) -> None:
        data = await self._stream.message()
        await self._perform(take(self._dialogue), data)

    async def _end(self) -> NoReturn:
        await self._stream.part()
        await self._fall_silent()
