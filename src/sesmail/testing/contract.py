"""TransportContract: the tests that every transport passes, ours and yours.

They are written for pytest and for unittest, and need neither to be imported. What a transport cannot do (await, or be
told to refuse) is skipped, and the skip says so.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from unittest import SkipTest

from sesmail.errors import MissingExtra, Outcome, SendError, Unsupported
from sesmail.mail.address import Address
from sesmail.mail.envelope import Envelope
from sesmail.mail.message import Email
from sesmail.mail.outgoing import Outgoing, SendResult
from sesmail.mime.writer import write
from sesmail.testing.blocking import blocked_s, blocking_calls
from sesmail.transports.base import Transport
from sesmail.transports.limits import Limits

Send = Callable[[Transport, Outgoing], SendResult]
_THREADS = 8
_EACH = 8
_BLOCKED_S = 0.02  # several times what a thread may keep the interpreter to itself


class TransportContract(ABC):
    """Tests a transport in both colours: derive from it, name the class ``Test…``, and say how one is made.

    >>> from sesmail.testing import TransportContract
    >>> from sesmail.transports import MemoryTransport
    >>> class TestMemory(TransportContract):
    ...     def make_transport(self):
    ...         return MemoryTransport()
    ...     def delivered(self, transport):
    ...         return [outgoing.content.to_bytes() for outgoing in transport.sent]
    ...     def refuse(self, transport, addresses):
    ...         transport.refuse(*addresses)
    >>> TestMemory().test_a_blind_copy_reaches_the_envelope_and_nothing_else()
    """

    # ── for you to say ───────────────────────────────────────────────────────────────────────────────────────

    @abstractmethod
    def make_transport(self) -> Transport:
        """A new transport, ready to send."""

    def delivered(self, transport: Transport) -> list[bytes]:  # noqa: ARG002 - for others to override
        """The bytes of every mail that arrived, if that can be known."""
        raise SkipTest("what this transport delivers cannot be looked at")

    def refuse(self, transport: Transport, addresses: list[Address]) -> None:  # noqa: ARG002
        """Have these recipients refused from now on, if that can be arranged."""
        raise SkipTest("this transport cannot be told to refuse a recipient")

    # ── what it is ───────────────────────────────────────────────────────────────────────────────────────────

    def test_it_has_a_name_and_limits(self) -> None:
        transport = self.make_transport()

        assert transport.name, "a name, for results and logs"
        assert isinstance(transport.limits, Limits)
        transport.close()

    def test_its_repr_is_one_short_line(self) -> None:
        transport = self.make_transport()

        assert "\n" not in repr(transport)
        assert " object at 0x" not in repr(transport), "say what it is"
        assert len(repr(transport)) < 500
        transport.close()

    def test_it_can_be_used_in_one_colour_at_least(self) -> None:
        assert self._colours(self.make_transport())

    def test_who_cannot_await_says_so_and_never_blocks(self) -> None:
        transport = self.make_transport()
        if _asend in self._colours(transport):
            raise SkipTest("it can")
        try:
            asyncio.run(transport.asend(_outgoing()))
        except (Unsupported, MissingExtra):
            return
        raise AssertionError("asend must raise what admit raises")

    # ── a send ───────────────────────────────────────────────────────────────────────────────────────────────

    def test_a_result_names_every_recipient_once_and_in_order(self) -> None:
        for transport, send in self._sends():
            outgoing = _outgoing(to=["a@example.com", "b@example.com"], cc="c@example.com", bcc="d@example.com")
            result = send(transport, outgoing)

            assert [one.address for one in result.recipients] == list(outgoing.envelope.recipients)
            assert all(one.outcome is Outcome.SENT for one in result.recipients)
            assert result.failed == ()
            transport.close()

    def test_a_result_says_where_the_mail_can_be_found_again(self) -> None:
        for transport, send in self._sends():
            outgoing = _outgoing()
            one, other = send(transport, outgoing), send(transport, outgoing)

            assert one.transport in _names(transport)
            assert one.message_id
            assert one.message_id != other.message_id, "each send has an id of its own"
            assert one.message_id_header.startswith("<")
            assert one.message_id_header.endswith(">")
            transport.close()

    def test_recipients_come_from_the_envelope_and_not_from_the_headers(self) -> None:
        for transport, send in self._sends():
            outgoing = _outgoing(to="header@example.com")
            redirected = Outgoing(
                outgoing.email,
                Envelope(Address("bounce@example.com"), (Address("real@example.com"),)),
                outgoing.content,
                outgoing.ses,
            )
            result = send(transport, redirected)

            assert [one.address.email for one in result.recipients] == ["real@example.com"]
            transport.close()

    def test_a_blind_copy_reaches_the_envelope_and_nothing_else(self) -> None:
        for transport, send in self._sends():
            result = send(transport, _outgoing(to="seen@example.com", bcc="unseen@example.com"))

            assert "unseen@example.com" in result.by_recipient
            (data,) = self.delivered(transport)
            assert b"seen@example.com" in data
            assert b"unseen" not in data
            transport.close()

    def test_a_mail_may_have_blind_copies_only(self) -> None:
        for transport, send in self._sends():
            result = send(transport, _outgoing(to=[], bcc=["a@example.com", "b@example.com"]))

            assert list(result.by_recipient) == ["a@example.com", "b@example.com"]
            transport.close()

    def test_the_mail_arrives_byte_for_byte_and_can_be_sent_again(self) -> None:
        for transport, send in self._sends():
            outgoing = _outgoing(
                text="Grüße\r\n.\r\n..\nFrom me\n" * 50, attachments={"a.bin": bytes(range(256)) * 300}
            )
            before = outgoing.content.to_bytes()
            send(transport, outgoing)
            send(transport, outgoing)

            # Compared before they are asserted: of two long texts that differ, pytest makes a table that takes minutes.
            is_unchanged, is_delivered = (
                outgoing.content.to_bytes() == before,
                self.delivered(transport) == [before] * 2,
            )
            assert is_unchanged, "the content is not changed"
            assert is_delivered, "what arrived is not what was sent, byte for byte"
            transport.close()

    # ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────

    def test_some_refused_is_a_result_that_says_which(self) -> None:
        for transport, send in self._sends():
            self.refuse(transport, [Address("b@example.com")])
            result = send(transport, _outgoing(to=["a@example.com", "b@example.com"]))

            assert result.by_recipient["a@example.com"].outcome is Outcome.SENT
            assert result.by_recipient["b@example.com"].outcome is Outcome.REFUSED
            assert isinstance(result.by_recipient["b@example.com"].error, SendError)
            transport.close()

    def test_all_refused_is_raised(self) -> None:
        for transport, send in self._sends():
            everyone = [Address("a@example.com"), Address("b@example.com")]
            self.refuse(transport, everyone)
            error = _error_of(send, transport, _outgoing(to=everyone))

            assert error is not None, "nobody got the mail, and nothing was raised"
            assert error.outcome is Outcome.REFUSED
            assert not error.retryable
            transport.close()

    # ── many at once, and the end ────────────────────────────────────────────────────────────────────────────

    def test_many_threads_get_each_its_own_result(self) -> None:
        transport = self.make_transport()
        if _send not in self._colours(transport):
            raise SkipTest("it can only be awaited")

        def task(number: int) -> tuple[str, str]:
            address = f"reader{number}@example.com"
            return address, next(iter(transport.send(_outgoing(to=address)).by_recipient))

        with ThreadPoolExecutor(_THREADS) as pool:
            answers = list(pool.map(task, range(_THREADS * _EACH)))
        assert all(asked == answered for asked, answered in answers)
        transport.close()

    def test_many_tasks_in_several_loops_get_each_its_own_result(self) -> None:
        transport = self._awaitable()

        async def task(number: int) -> tuple[str, str]:
            address = f"reader{number}@example.com"
            return address, next(iter((await transport.asend(_outgoing(to=address))).by_recipient))

        async def loop() -> list[tuple[str, str]]:
            return await asyncio.gather(*map(task, range(_THREADS * _EACH)))

        for _ in range(2):
            assert all(asked == answered for asked, answered in asyncio.run(loop()))
        with ThreadPoolExecutor(2) as pool:
            for answers in pool.map(asyncio.run, [loop(), loop()]):
                assert all(asked == answered for asked, answered in answers)
        asyncio.run(transport.aclose())

    def test_a_cancelled_send_is_cancelled_and_the_next_one_works(self) -> None:
        transport = self._awaitable()

        async def cancelled_after(steps: int) -> None:
            task = asyncio.ensure_future(transport.asend(_outgoing()))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            try:
                await task  # it may have been done before
            except asyncio.CancelledError:
                assert task.cancelled()
            assert (await transport.asend(_outgoing(to="next@example.com"))).by_recipient.keys() == {"next@example.com"}

        for steps in range(6):
            asyncio.run(cancelled_after(steps))
        asyncio.run(transport.aclose())

    def test_an_awaited_send_does_not_block_the_loop(self) -> None:
        transport = self._awaitable()

        async def main() -> tuple[list[str], float]:
            await transport.asend(_outgoing())  # the first one imports and connects
            with blocking_calls() as heard:
                await transport.asend(_outgoing())
            # The shortest of several, since a busy machine may stop any process for a while.
            blocked = min([await blocked_s(lambda: transport.asend(_outgoing())) for _ in range(_EACH)])
            await transport.aclose()
            return heard, blocked

        heard, blocked = asyncio.run(main())
        assert not heard, f"on the loop's thread: {', '.join(heard)}"
        assert blocked < _BLOCKED_S, f"the loop stood still for {blocked:.3f} s and more at each send"

    def test_closing_twice_is_fine_and_a_send_opens_it_anew(self) -> None:
        for transport, send in self._sends():
            transport.close()
            transport.close()
            asyncio.run(transport.aclose())

            assert send(transport, _outgoing()).failed == ()
            transport.close()

    # ── how ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _colours(self, transport: Transport) -> list[Send]:
        colours: list[Send] = []
        for awaited, send in ((False, _send), (True, _asend)):
            try:
                transport.admit(awaited=awaited)
            except (Unsupported, MissingExtra):
                continue
            colours.append(send)
        return colours

    def _sends(self) -> list[tuple[Transport, Send]]:
        """A new transport for each colour that it has."""
        probe = self.make_transport()
        colours = self._colours(probe)
        probe.close()
        return [(self.make_transport(), send) for send in colours]

    def _awaitable(self) -> Transport:
        transport = self.make_transport()
        if _asend not in self._colours(transport):
            raise SkipTest("it cannot be awaited")
        return transport


def _send(transport: Transport, outgoing: Outgoing) -> SendResult:
    return transport.send(outgoing)


def _asend(transport: Transport, outgoing: Outgoing) -> SendResult:
    return asyncio.run(transport.asend(outgoing))


def _error_of(send: Send, transport: Transport, outgoing: Outgoing) -> SendError | None:
    try:
        send(transport, outgoing)
    except SendError as error:
        return error
    return None


def _names(transport: Transport) -> set[str]:
    """Its name, and for a policy those of the ways inside it: what carried the mail is named."""
    return {transport.name}.union(*[_names(way) for way in getattr(transport, "ways", ())])


def _outgoing(
    to: str | list[str] | list[Address] = "reader@example.com",
    cc: str = "",
    bcc: str | list[str] = "",
    text: str = "Hello",
    attachments: dict[str, bytes] | None = None,
) -> Outgoing:
    email = Email(
        sender="writer@example.com", to=to, cc=cc, bcc=bcc, subject="Grüße", text=text, attachments=attachments
    )
    return Outgoing(email, Envelope.of(email), write(email), email.ses)
