"""Driver: carries out what a generator thinks. One loop for whoever blocks, one for whoever awaits, and no third.

A generator that thinks waits for nothing. It yields steps and gets their answers. What the steps are is its own
language; whoever speaks that says how one step is performed, with which tool, and a driver does the rest:

Rule 1: what goes wrong with a step is raised in the generator, where it waits. What it does not catch comes out.
Rule 2: cancellation and KeyboardInterrupt are not raised there. They end the generator from outside.
Rule 3: when the driver is done, however that came, the generator is closed: what it holds it gives back in a
        ``finally``, now, and not when somebody collects garbage.

A step may take long, and under asyncio others run meanwhile. So no generator holds a lock over a ``yield``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TypeVar

Step = TypeVar("Step")
Answer = TypeVar("Answer")
Tool = TypeVar("Tool")
Result = TypeVar("Result")


def _as_it_is(error: Exception) -> Exception:
    return error


# Functions in functions, and no methods: a policy is driven for each mail, and what a driver costs, it costs there.


def driver(
    perform: Callable[[Step, Tool], Answer], *, told: Callable[[Exception], Exception] = _as_it_is
) -> Callable[[Generator[Step, Answer, Result], Tool], Result]:
    """What carries generators out in the thread of the caller. ``told`` gives what they are told of an error.

    >>> from sesmail._driver import driver
    >>> def first_over(bound):
    ...     while (number := (yield "next")) <= bound:
    ...         pass
    ...     return number
    >>> run = driver(lambda step, numbers: next(numbers))
    >>> run(first_over(10), iter([4, 8, 15, 16]))
    15
    """

    def run(steps: Generator[Step, Answer, Result], tool: Tool) -> Result:
        try:
            step = next(steps)
            while True:
                try:
                    answer = perform(step, tool)
                except Exception as error:  # noqa: BLE001 - it is the generator's to catch
                    step = steps.throw(told(error))
                else:
                    step = steps.send(answer)
        except StopIteration as stop:
            result: Result = stop.value
            return result
        finally:
            steps.close()

    return run


def awaited_driver(
    perform: Callable[[Step, Tool], Awaitable[Answer]], *, told: Callable[[Exception], Exception] = _as_it_is
) -> Callable[[Generator[Step, Answer, Result], Tool], Coroutine[object, object, Result]]:
    """What carries them out without blocking the loop. ``perform`` gives what is awaited, and need not await itself."""

    async def run(steps: Generator[Step, Answer, Result], tool: Tool) -> Result:
        try:
            step = next(steps)
            while True:
                try:
                    answer = await perform(step, tool)
                except Exception as error:  # noqa: BLE001 - it is the generator's to catch
                    step = steps.throw(told(error))
                else:
                    step = steps.send(answer)
        except StopIteration as stop:
            result: Result = stop.value
            return result
        finally:
            steps.close()

    return run
