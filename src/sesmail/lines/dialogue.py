"""The language between those who think and those who wait.

A dialogue is a generator. It yields steps and gets their answers, and neither opens a socket nor looks at a clock. So a
protocol is written once, tested without a network, and carried out by two small drivers: one that blocks, one that
awaits. The steps:

- ``bytes``: say this. The answer is nothing.
- `HEAR`: the next bytes from the peer, in whatever pieces they come; ``b""`` when it says no more.
- `Ask`: say this and hear what comes next. Two steps in one, for the turn of which a conversation consists.
- `StartTls`: all further words are encrypted.
- `PAUSE`: a good moment for others, in the middle of work that takes the processor for long. Saying so costs next to
  nothing: a driver lets others have their turn when they have had none for a quarter of a millisecond.
- `Do`: a call of the program that may block, such as fetching credentials. It has no limit of its own, since what
  blocks cannot be stopped; its time is part of the whole, of which less is left when it comes back.

Whatever goes wrong on the line is raised in the dialogue where it waits, as a `LineFault`. Cancellation and
KeyboardInterrupt are not: they end the dialogue from outside, and the line with it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Enum, auto
from typing import Any, Final, Generic, TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext

T = TypeVar("T")


class Wait(Enum):
    """Steps without a value."""

    HEAR = auto()
    PAUSE = auto()


HEAR: Final = Wait.HEAR
PAUSE: Final = Wait.PAUSE


class Ask:
    """Say these bytes, and hear the next ones. A fault does not tell in which half it happened."""

    __slots__ = ("words",)

    def __init__(self, words: bytes) -> None:
        self.words = words


class StartTls:
    """Shake hands now, as the client of a server that must prove to be ``host``."""

    __slots__ = ("context", "host")

    def __init__(self, context: SSLContext, host: str) -> None:
        self.context = context
        self.host = host


class Do(Generic[T]):
    """A call that may block. Where the dialogue is awaited, it runs in a thread."""

    __slots__ = ("_call", "_error", "_result")

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._error: Exception | None = None

    def perform(self) -> None:
        """Call it, and keep what it gives or raises."""
        try:
            self._result = self._call()
        except Exception as error:  # noqa: BLE001 - raised where the dialogue waits
            self._error = error

    def result(self) -> T:
        """What it gave, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result


Step = bytes | Wait | Ask | StartTls | Do[Any]
Dialogue = Generator[Step, bytes, T]


def do(call: Callable[[], T]) -> Dialogue[T]:
    """Have a call made that may block, and give what it gives.

    >>> from sesmail.lines.dialogue import do
    >>> dialogue = do(lambda: "a secret")
    >>> next(dialogue).perform()
    >>> try:
    ...     dialogue.send(b"")
    ... except StopIteration as stop:
    ...     print(stop.value)
    a secret
    """
    step = Do(call)
    yield step
    return step.result()
