"""Limits: how much a template of an untrusted author may do in one rendering."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sesmail.errors import SetupError

_DEEPEST = 100  # beyond that Python's own stack would be the limit, and it differs from program to program


@dataclass(frozen=True, slots=True, kw_only=True)
class UntrustedLimits:
    """How much one rendering may do. All loops, macros and included templates of it share one budget.

    >>> from sesmail.templates.untrusted import UntrustedLimits
    >>> UntrustedLimits(steps=20_000).characters
    1000000
    """

    steps: int = 100_000
    """Of rounds of loops, calls, filters, and about eight parts of an expression each."""
    characters: int = 1_000_000
    """Of all text that is made, the output and what is put together on the way; an item of a list counts for four."""
    operand: int = 100_000
    """The length of one text, or of a list or dict when it is written out."""
    bits: int = 1024
    """Of a whole number."""
    source: int = 64_000
    """Characters of one template."""
    depth: int = 50
    """Of macros, blocks, loops and templates within one another, and of what is nested in the source."""

    def __post_init__(self) -> None:
        for field in fields(self):
            number = getattr(self, field.name)
            if type(number) is not int or number < 1:
                raise SetupError(f"the limit {field.name} takes a whole number, over 0")
        if self.depth > _DEEPEST:
            raise SetupError(f"the limit depth takes at most {_DEEPEST}")
