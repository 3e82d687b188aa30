"""Both drivers: steps are performed and answered, what goes wrong is told to the generator, and the end closes it."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest

from sesmail._driver import awaited_driver, driver

Thinking = Generator[str, int, Any]
Tool = dict[str, int | BaseException]
Told = Callable[[Exception], Exception]


class Odd(Exception):
    """What nobody knows."""


def perform(step: str, tool: Tool) -> int:
    if step not in tool:
        raise Odd(step)
    answer = tool[step]
    if isinstance(answer, BaseException):
        raise answer
    return answer


async def later(step: str, tool: Tool) -> int:
    await asyncio.sleep(0)
    return perform(step, tool)


def at_once(step: str, tool: Tool) -> Awaitable[int]:
    """Gives what is awaited, and raises before there is any."""
    answer = asyncio.get_running_loop().create_future()
    answer.set_result(perform(step, tool))
    return answer


def now(steps: Thinking, tool: Tool, **told: Told) -> Any:
    return driver(perform, **told)(steps, tool)


def awaited(steps: Thinking, tool: Tool, **told: Told) -> Any:
    return asyncio.run(awaited_driver(later, **told)(steps, tool))


def awaited_at_once(steps: Thinking, tool: Tool, **told: Told) -> Any:
    async def main() -> Any:
        return await awaited_driver(at_once, **told)(steps, tool)

    return asyncio.run(main())


COLOURS = pytest.mark.parametrize("drive", [now, awaited, awaited_at_once])


@COLOURS
def test_each_step_gets_its_answer_and_the_last_word_is_given(drive: Callable[..., Any]) -> None:
    def sums() -> Thinking:
        return (yield "a"), (yield "b"), (yield "a")

    assert drive(sums(), {"a": 1, "b": 2}) == (1, 2, 1)


@COLOURS
def test_who_asks_for_nothing_is_driven_too(drive: Callable[..., Any]) -> None:
    def silent() -> Thinking:
        yield from ()
        return "done"

    assert drive(silent(), {}) == "done"


@COLOURS
def test_an_error_is_raised_where_it_waits_and_the_next_step_is_done(drive: Callable[..., Any]) -> None:
    error = ValueError("odd")

    def goes_on() -> Thinking:
        with pytest.raises(ValueError, match="odd") as raised:
            yield "fails"
        return raised.value is error, (yield "a")

    assert drive(goes_on(), {"fails": error, "a": 1}) == (True, 1)


@COLOURS
def test_an_error_that_nobody_catches_comes_out_as_it_is(drive: Callable[..., Any]) -> None:
    error = ValueError("odd")

    def fails() -> Thinking:
        yield "fails"

    with pytest.raises(ValueError, match="odd") as raised:
        drive(fails(), {"fails": error})
    assert raised.value is error
    assert error.__cause__ is error.__context__ is None


@COLOURS
def test_it_may_be_told_of_another_error(drive: Callable[..., Any]) -> None:
    def told(error: Exception) -> Exception:
        return Odd(error)

    def hears() -> Thinking:
        with pytest.raises(Odd) as raised:
            yield "fails"
        return raised.value.args

    error = KeyError("x")
    assert drive(hears(), {"fails": error}, told=told) == (error,)


@COLOURS
@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_an_interruption_is_not_raised_there_and_closes_it_at_once(
    drive: Callable[..., Any], end: type[BaseException]
) -> None:
    seen: list[type[BaseException] | None] = []

    def holds() -> Thinking:
        try:
            yield "ends"
        finally:
            seen.append(sys.exc_info()[0])

    with pytest.raises(end):
        drive(holds(), {"ends": end()}, told=lambda _: pytest.fail("an interruption is nothing that it is told of"))
    assert seen == [GeneratorExit]


@COLOURS
def test_what_it_raises_itself_comes_out(drive: Callable[..., Any]) -> None:
    def fails() -> Thinking:
        yield "a"
        raise Odd

    with pytest.raises(Odd):
        drive(fails(), {"a": 1})


def test_a_task_that_is_cancelled_closes_it_before_it_ends() -> None:
    seen: list[str] = []

    async def forever(_step: str, _tool: None) -> int:
        await asyncio.sleep(60)
        raise AssertionError

    def holds() -> Thinking:
        try:
            yield "waits"
        except Exception:  # noqa: BLE001 - which a cancellation is not
            seen.append("caught")
        finally:
            seen.append("given back")

    async def main() -> None:
        task = asyncio.ensure_future(awaited_driver(forever)(holds(), None))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == ["given back"]

    asyncio.run(main())


@COLOURS
def test_an_error_that_was_caught_is_gone_with_the_drive(drive: Callable[..., Any]) -> None:
    """No circle of frames and errors waits for the garbage collection: on it may hang a whole mail."""
    seen: list[weakref.ref[Exception]] = []

    def forgives() -> Thinking:
        try:
            yield "unknown"
        except Odd as error:
            seen.append(weakref.ref(error))
        return (yield "a")

    gc.collect()
    gc.disable()
    try:
        assert drive(forgives(), {"a": 1}) == 1
        assert seen[0]() is None
    finally:
        gc.enable()
