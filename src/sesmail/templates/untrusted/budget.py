"""Budget: what one rendering has used of its limits.

It is kept in a context variable: both environments and all templates of a rendering find the same one, and other
threads and tasks do not. A nested rendering gets no new one, for else a template could get one by rendering another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from jinja2.exceptions import SecurityError, TemplateError

from sesmail.templates.untrusted.failures import EXHAUSTED, STUMBLES, LimitReached, stumble
from sesmail.templates.untrusted.limits import UntrustedLimits
from sesmail.templates.untrusted.weight import is_fitting_number, is_sized, length_of, weight

_TEXT_OF_A_STEP = 256
_WEIGHT_OF_A_STEP = 64
_PAIRS_OF_A_STEP = 10_000
_CHARACTERS_OF_AN_ITEM = 4
_CHARACTERS_OF_A_CONTAINER = 16


class Budget:
    """One rendering's counts."""

    __slots__ = ("characters", "depth", "limits", "steps")

    def __init__(self, limits: UntrustedLimits) -> None:
        self.limits = limits
        self.steps = 0
        self.characters = 0
        self.depth = 0

    def step(self, number: int = 1) -> None:
        """So much work is about to be done."""
        self.steps += number
        if self.steps > self.limits.steps:
            raise LimitReached("steps", self.limits.steps)

    def write(self, characters: int) -> None:
        """So much text is made."""
        self.characters += characters
        if self.characters > self.limits.characters:
            raise LimitReached("characters", self.limits.characters)

    def enter(self) -> None:
        """Something begins within what runs already. Whoever enters leaves, whatever happens between."""
        if self.depth >= self.limits.depth:
            raise LimitReached("depth", self.limits.depth)
        self.depth += 1

    def leave(self) -> None:
        """It has ended."""
        self.depth -= 1

    def room(self, length: int) -> None:
        """A text or list of that length is about to be made."""
        if length > self.limits.operand:
            raise LimitReached("operand", self.limits.operand)

    def room_for_bits(self, bits: int) -> None:
        """A whole number of that size is about to be made."""
        if bits > self.limits.bits:
            raise LimitReached("bits", self.limits.bits)

    def look_at(self, value: object, times: int = 1) -> None:
        """All of a value is about to be read: compared, sorted, searched, hashed or printed.

        Lists may share their parts, so a small one can take for ever to read. What counts is its length when it is
        written out, and nobody reads one that is too long for that.
        """
        if not is_fitting_number(value, self.limits.bits):
            raise LimitReached("bits", self.limits.bits)
        heavy = weight(value, self.limits.operand)
        self.room(heavy)
        self.step(times * heavy // (_TEXT_OF_A_STEP if isinstance(value, str) else _WEIGHT_OF_A_STEP))

    def search(self, whole: str, *sought: object) -> None:
        """A text is about to be searched from its end, or for many characters: Python tries all with all."""
        pairs = len(whole) * sum(len(part) for part in sought if isinstance(part, str))
        self.step(pairs // _PAIRS_OF_A_STEP)

    def keep(self, value: object) -> None:
        """A value was made. Of a list that is its own length: what stands in it was paid for when that was made."""
        if isinstance(value, str):
            self.room(len(value))
            self.write(len(value))
        elif is_sized(value) and not isinstance(value, range):  # a range holds nothing
            characters = _CHARACTERS_OF_A_CONTAINER + _CHARACTERS_OF_AN_ITEM * length_of(value)
            self.room(characters)
            self.write(characters)
        elif not is_fitting_number(value, self.limits.bits):
            raise LimitReached("bits", self.limits.bits)


_OF_THIS_RENDERING: ContextVar[Budget] = ContextVar("sesmail_untrusted_budget")


def budget() -> Budget:
    """The budget of this rendering."""
    try:
        return _OF_THIS_RENDERING.get()
    except LookupError:
        raise SecurityError("an untrusted template is rendered inside `with environment.metered():` only") from None


def is_metered() -> bool:
    """Whether there is a rendering at all."""
    return _OF_THIS_RENDERING.get(None) is not None


@contextmanager
def metered(limits: UntrustedLimits) -> Iterator[Budget]:
    """One rendering. What Python says of an author's mistake leaves it as an error of Jinja's, with its traceback."""
    outer = _OF_THIS_RENDERING.get(None)
    token = _OF_THIS_RENDERING.set(outer or Budget(limits))
    try:
        yield _OF_THIS_RENDERING.get()
    except TemplateError:
        raise  # one of them is a LookupError too
    except EXHAUSTED as error:
        raise LimitReached("depth", limits.depth).with_traceback(error.__traceback__) from error
    except STUMBLES as error:
        raise stumble(error).with_traceback(error.__traceback__) from error
    finally:
        _OF_THIS_RENDERING.reset(token)
