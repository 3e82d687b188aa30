"""The contract, run on every transport of ours and on faulty ones, which it must find."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING
from unittest import SkipTest

import pytest

from sesmail import Envelope, Outgoing, SendResult
from sesmail.errors import Outcome, Rejected, Unsupported
from sesmail.testing import TransportContract
from sesmail.testing.mailbox import Mailbox
from sesmail.transports import (
    BlockingTransport,
    ConsoleTransport,
    FileTransport,
    LocalTransport,
    MemoryTransport,
    NullTransport,
    Transport,
)

if TYPE_CHECKING:
    from sesmail import Address


class TestNull(TransportContract):
    def make_transport(self) -> Transport:
        return NullTransport()


class TestMemory(TransportContract):
    def make_transport(self) -> Transport:
        return MemoryTransport()

    def delivered(self, transport: Transport) -> list[bytes]:
        assert isinstance(transport, MemoryTransport)
        return [outgoing.content.to_bytes() for outgoing in transport.sent]

    def refuse(self, transport: Transport, addresses: list[Address]) -> None:
        assert isinstance(transport, MemoryTransport)
        transport.refuse(*addresses)


class TestSlowMemory(TestMemory):
    """With a wait in the middle, cancellation has somewhere to strike."""

    def make_transport(self) -> Transport:
        memory = MemoryTransport()
        memory.slow_down(0.001)
        return memory


class TestMailbox(TestMemory):
    def make_transport(self) -> Transport:
        return Mailbox().transport


class TestFile(TransportContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.made = 0

    def make_transport(self) -> Transport:
        self.made += 1
        return FileTransport(self.folder / str(self.made))

    def delivered(self, transport: Transport) -> list[bytes]:
        assert isinstance(transport, FileTransport)
        return [path.read_bytes() for path in sorted(Path(transport.folder).glob("*.eml"))]


class TestConsole(TransportContract):
    def make_transport(self) -> Transport:
        return ConsoleTransport(StringIO(), full=True)


class OnlyBlocking(BlockingTransport):
    name = "only blocking"

    def send(self, outgoing: Outgoing) -> SendResult:
        return self.accepted(outgoing)


class TestOnlyBlocking(TransportContract):
    def make_transport(self) -> Transport:
        return OnlyBlocking()


class OnlyAwaited(MemoryTransport):
    def admit(self, *, awaited: bool) -> None:
        if not awaited:
            raise Unsupported("it can only be awaited", feature="blocking")


class TestOnlyAwaited(TestMemory):
    def make_transport(self) -> Transport:
        return OnlyAwaited()


# ── faults that it must find ─────────────────────────────────────────────────────────────────────────────────────


class Nameless(NullTransport):
    name = ""


class WithoutRepr(NullTransport):
    def __repr__(self) -> str:
        return object.__repr__(self)


class Neither(NullTransport):
    def admit(self, *, awaited: bool) -> None:
        raise Unsupported("no", feature="sending")


class BlocksTheLoop(BlockingTransport):
    name = "blocks"

    def send(self, outgoing: Outgoing) -> SendResult:
        return self.accepted(outgoing)

    async def asend(self, outgoing: Outgoing) -> SendResult:
        return self.send(outgoing)


class Forgetful(NullTransport):
    """Says nothing of blind copies."""

    def send(self, outgoing: Outgoing) -> SendResult:
        result = self.accepted(outgoing)
        return replace(result, recipients=result.recipients[: len(outgoing.envelope.to)])


class SameId(NullTransport):
    def send(self, outgoing: Outgoing) -> SendResult:
        return self.accepted(outgoing, message_id="1")


class FromHeaders(MemoryTransport):
    def send(self, outgoing: Outgoing) -> SendResult:
        return super().send(replace(outgoing, envelope=Envelope.of(outgoing.email)))

    async def asend(self, outgoing: Outgoing) -> SendResult:
        return self.send(outgoing)


class TellsBlindCopies(MemoryTransport):
    def _take(self, outgoing: Outgoing) -> SendResult:
        bcc = ", ".join(address.email for address in outgoing.envelope.bcc)
        return super()._take(replace(outgoing, content=outgoing.content.with_headers({"X-Blind": bcc or "nobody"})))


class SaysSent(MemoryTransport):
    """Hides that somebody was refused."""

    def _take(self, outgoing: Outgoing) -> SendResult:
        with suppress(Rejected):
            super()._take(outgoing)
        return self.accepted(outgoing)


class MixesUp(LocalTransport):
    """Keeps what it sends in itself, where the next thread finds it."""

    name = "mixes up"

    def send(self, outgoing: Outgoing) -> SendResult:
        self.outgoing = outgoing
        for _ in range(1000):
            pass
        return self.accepted(self.outgoing)

    async def asend(self, outgoing: Outgoing) -> SendResult:
        self.outgoing = outgoing
        await asyncio.sleep(0)
        return self.accepted(self.outgoing)


class SleepsInTheLoop(LocalTransport):
    name = "sleeps"

    def send(self, outgoing: Outgoing) -> SendResult:
        sleep(0.05)
        return self.accepted(outgoing)


class ClosedForGood(NullTransport):
    def close(self) -> None:
        self.closed = True

    def send(self, outgoing: Outgoing) -> SendResult:
        if getattr(self, "closed", False):
            raise RuntimeError("closed")
        return self.accepted(outgoing)


@pytest.mark.parametrize(
    ("faulty", "test"),
    [
        (Nameless, "it_has_a_name_and_limits"),
        (WithoutRepr, "its_repr_is_one_short_line"),
        (Neither, "it_can_be_used_in_one_colour_at_least"),
        (BlocksTheLoop, "who_cannot_await_says_so_and_never_blocks"),
        (Forgetful, "a_result_names_every_recipient_once_and_in_order"),
        (Forgetful, "a_mail_may_have_blind_copies_only"),
        (SameId, "a_result_says_where_the_mail_can_be_found_again"),
        (FromHeaders, "recipients_come_from_the_envelope_and_not_from_the_headers"),
        (TellsBlindCopies, "a_blind_copy_reaches_the_envelope_and_nothing_else"),
        (TellsBlindCopies, "the_mail_arrives_byte_for_byte_and_can_be_sent_again"),
        (SaysSent, "some_refused_is_a_result_that_says_which"),
        (SaysSent, "all_refused_is_raised"),
        (MixesUp, "many_tasks_in_several_loops_get_each_its_own_result"),
        (SleepsInTheLoop, "an_awaited_send_does_not_block_the_loop"),
        (ClosedForGood, "closing_twice_is_fine_and_a_send_opens_it_anew"),
    ],
)
def test_the_contract_finds_a_fault(faulty: type[Transport], test: str) -> None:
    class Contract(TestMemory):
        def make_transport(self) -> Transport:
            return faulty()

    with pytest.raises((AssertionError, RuntimeError)):
        getattr(Contract(), f"test_{test}")()


@pytest.mark.untraced
def test_the_contract_finds_threads_that_mix_up() -> None:
    """Not in one run for sure, but in a few."""

    class Contract(TransportContract):
        def make_transport(self) -> Transport:
            return MixesUp()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with pytest.raises(AssertionError):  # noqa: PT012 - one of them is enough
            for _ in range(200):
                Contract().test_many_threads_get_each_its_own_result()
    finally:
        sys.setswitchinterval(interval)


def test_the_contract_skips_what_it_is_not_told() -> None:
    contract = TestNull()
    for skipped in (
        contract.test_a_blind_copy_reaches_the_envelope_and_nothing_else,
        contract.test_all_refused_is_raised,
        contract.test_who_cannot_await_says_so_and_never_blocks,
        TestOnlyBlocking().test_a_cancelled_send_is_cancelled_and_the_next_one_works,
        TestOnlyAwaited().test_many_threads_get_each_its_own_result,
    ):
        with pytest.raises(SkipTest):
            skipped()


@pytest.mark.parametrize(
    ("base", "missing"), [(LocalTransport, "send"), (BlockingTransport, "send"), (TransportContract, "make_transport")]
)
def test_what_is_left_out_is_found_when_it_is_built(base: type[object], missing: str) -> None:
    """And not when the first mail goes out."""

    class Forgetful(base):  # type: ignore[valid-type, misc] # each of the bases in turn
        name = "forgetful"

    with pytest.raises(TypeError, match=missing):
        Forgetful()


def test_a_blocking_transport_names_what_can_be_done() -> None:
    with pytest.raises(Unsupported) as caught:
        OnlyBlocking().admit(awaited=True)

    assert caught.value.feature == "awaiting"
    assert "Mailer" in caught.value.instead
    assert caught.value.outcome is Outcome.NOT_SENT
