"""Weight: about how long a value is when it is written out. Counting ends as soon as it is too much.

A list that holds one long text a thousand times is small in memory and long in print; two lists that hold each other's
likes take time without end to compare. Both are met by counting what is written out, not what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Collection

_OF_AN_ITEM = 4  # its comma, its quotes
_OF_ANYTHING = 20
_WIDEST_EXPONENT = 400
_DEEPEST = 100
_SEQUENCES = (list, tuple, range)


def weight(value: object, most: int) -> int:
    """About how many characters the value takes; some number over ``most`` as soon as it is more than that."""
    if isinstance(value, str | bytes):
        return len(value)
    if not is_sized(value):
        return _OF_ANYTHING
    total = 0
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[object] = []
        for part in level:
            total += _own_weight(part)
            if total > most:
                return total
            if is_sized(part):
                inner += _parts(part)
        if not inner:
            return total
        level = inner
    return most + 1  # Python hashes by recursion and does not look at its stack


def _own_weight(part: object) -> int:
    if isinstance(part, str | bytes):
        return len(part)
    return _OF_AN_ITEM * (1 + length_of(part)) if is_sized(part) else _OF_ANYTHING


def is_sized(value: object) -> bool:
    """Whether it is a list, a dict or the like: what Python reads all of when it compares or prints it."""
    return isinstance(value, (*_SEQUENCES, Mapping, AbstractSet))


def length_of(value: object) -> int:
    """How many items it has; of a range too that is longer than Python can say."""
    if isinstance(value, range):
        return max(0, (value.stop - value.start + value.step - (1 if value.step > 0 else -1)) // value.step)
    return len(cast("Collection[object]", value))


def is_fitting_number(value: object, bits: int) -> bool:
    """Whether it is no number at all, or one that is quick to print and to reckon with."""
    if isinstance(value, int):
        return value.bit_length() <= bits
    if isinstance(value, Decimal) and value.is_finite():
        return -_WIDEST_EXPONENT <= value.adjusted() <= _WIDEST_EXPONENT
    return True


def _parts(value: object) -> list[object]:
    if isinstance(value, range):
        return []  # its numbers are not stored, and counted already
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    return list(cast("Collection[object]", value))
