"""Glob: a pattern with ``*`` and ``?`` as IAM reads it.

All states of the match are the bits of one number: bit n says that the first n parts of the pattern are behind us. So
the text is read once, and no pattern can make the match go back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Version 2012-10-17 writes a literal *, ? or $ as a variable that is always there.
ESCAPED = re.compile(r"\$\{([*?$])\}")
_PARTS = re.compile(rf"{ESCAPED.pattern}|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Glob:
    """``*`` is any text, also none and also with colons in it; ``?`` is one character."""

    pattern: str
    _exact: str | None = field(repr=False, compare=False)
    _letters: Mapping[str, int] = field(repr=False, compare=False)
    _singles: int = field(repr=False, compare=False)
    _stars: int = field(repr=False, compare=False)
    _end: int = field(repr=False, compare=False)

    @classmethod
    def of(cls, pattern: str) -> Glob:
        """Read a pattern."""
        letters: dict[str, int] = {}
        singles, stars, here = 0, 0, 1
        for escaped, plain in _PARTS.findall(pattern):
            if plain == "*":
                if stars & here >> 1:
                    continue  # two stars are one, so that a single step below leads past all of them
                stars |= here
            elif plain == "?":
                singles |= here
            else:
                letters[escaped or plain] = letters.get(escaped or plain, 0) | here
            here <<= 1
        exact = None if singles or stars else unescaped(pattern)
        return cls(pattern, exact, letters, singles, stars, here)

    def matches(self, text: str) -> bool:
        """Whether the pattern is this text, from end to end."""
        if self._exact is not None:
            return text == self._exact
        if self.pattern == "*":
            return True
        stars, singles, letters = self._stars, self._singles, self._letters
        states = 1 | (stars & 1) << 1
        for character in text:
            states = (states & (letters.get(character, 0) | singles)) << 1 | states & stars
            states |= (states & stars) << 1
        return states & self._end != 0


def unescaped(text: str) -> str:
    """The text with its escapes read."""
    return ESCAPED.sub(r"\1", text) if "${" in text else text
