"""Both drivers: what a flow asks for is done, and what goes wrong comes to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sesmail._clock import SYSTEM_CLOCK
from sesmail.errors import Throttled
from sesmail.policies.flow import Flow, arun, ask, run, send, sleep
from tests.policies.stepping import Scripted, StillClock, outgoing

Run = Callable[[Flow[Any], Any], Any]


def awaited(flow: Flow[Any], clock: Any) -> Any:
    return asyncio.run(arun(flow, clock))


COLOURS = pytest.mark.parametrize("carry", [run, awaited])


class Questioned:
    """A question, and how it was put."""

    def __init__(self, answer: object) -> None:
        self._answer = answer
        self.colours: list[str] = []

    def answer(self) -> object:
        self.colours.append("now")
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer

    async def aanswer(self) -> object:
        result = self.answer()
        self.colours.append("awaited")
        return result


@COLOURS
def test_steps_are_done_and_answered(carry: Run) -> None:
    clock, way, question = StillClock(), Scripted(), Questioned(42)
    mail = outgoing()

    def flow() -> Flow[tuple[str, object]]:
        yield from sleep(1.5)
        result = yield from send(mail, way)
        return result.message_id, (yield from ask(question))

    assert carry(flow(), clock) == ("id-1", 42)
    assert clock.slept == [1.5]
    assert way.seen == [mail]
    assert question.colours in (["now"], ["now", "awaited"])


@COLOURS
@pytest.mark.parametrize("error", [Throttled("slower"), ValueError("odd")])
def test_what_goes_wrong_is_raised_where_the_flow_waits(carry: Run, error: Exception) -> None:
    def flow() -> Flow[str]:
        with pytest.raises(type(error)):
            yield from ask(Questioned(error))
        yield from sleep(1)
        return "caught"

    assert carry(flow(), StillClock()) == "caught"


@COLOURS
def test_an_error_that_nobody_catches_comes_out_as_it_is(carry: Run) -> None:
    error = Throttled("slower")

    def flow() -> Flow[None]:
        yield from send(outgoing(), Scripted(error))

    with pytest.raises(Throttled) as raised:
        carry(flow(), StillClock())
    assert raised.value is error
    assert [frame.name for frame in raised.traceback][-1] == "send", "the traceback leads to the way that failed"
    assert len(raised.traceback) < 14


@COLOURS
@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_an_interruption_passes_by_and_the_flow_gives_back_what_it_holds(carry: Run, end: type[BaseException]) -> None:
    seen = []

    def flow() -> Flow[None]:
        try:
            yield from ask(Questioned(end()))
        except Exception:  # noqa: BLE001 - which an interruption is not
            seen.append("caught")
        finally:
            seen.append("given back")

    with pytest.raises(end):
        carry(flow(), StillClock())
    assert seen == ["given back"]


def test_a_cancelled_flow_is_closed_at_once() -> None:
    seen = []

    def flow() -> Flow[None]:
        try:
            yield from sleep(60)
        except Exception:  # noqa: BLE001 - which a cancellation is not
            seen.append("caught")
        finally:
            seen.append("given back")

    async def main() -> None:
        task = asyncio.create_task(arun(flow(), SYSTEM_CLOCK))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == ["given back"]

    asyncio.run(main())
