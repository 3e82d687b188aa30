"""Meter: counts what a render does, and ends it when it is too much. Whoever writes a template need not be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from sesmail.ses.handlebars.failures import LimitReached


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """How much one render may do. The numbers are ours; those of SES are not known.

    >>> from sesmail.ses.handlebars import RenderLimits
    >>> RenderLimits(max_steps=1000).max_characters
    10485760
    """

    max_characters: int = 10 * 1024 * 1024
    max_steps: int = 250_000
    """Of tags, rounds of blocks, printed items, and names on the way to a value."""
    max_calls: int = 100
    """Of partials within partials."""


class Meter:
    """The counts of one render, or of several together."""

    def __init__(self, limits: RenderLimits, template: str) -> None:
        self._limits = limits
        self._template = template
        self.steps = 0
        self._characters = 0

    def step(self, number: int = 1) -> None:
        """So much work is about to be done."""
        self.steps += number
        if self.steps > self._limits.max_steps:
            raise self._reached("the template takes too many steps", self._limits.max_steps)

    def write(self, characters: int) -> None:
        """So much text is about to be kept."""
        self._characters += characters
        if self._characters > self._limits.max_characters:
            raise self._reached("the template prints too many characters", self._limits.max_characters)

    def call(self, calls: int, line: int) -> None:
        """A partial is about to be run within so many others."""
        if calls >= self._limits.max_calls:
            what = "partials call one another too deep, or one calls itself for ever"
            raise self._reached(what, self._limits.max_calls, line)

    def _reached(self, what: str, limit: int, line: int | None = None) -> LimitReached:
        return LimitReached(what, limit, template=self._template, line=line)
