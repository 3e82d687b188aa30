"""Filters of lists: what a key of the model asks of each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from sesmail.local.faults import Fault, FaultKind

Item = TypeVar("Item")
Questions = Mapping[str, Callable[[Item, str], bool]]


def filtered(items: Iterable[Item], asked: Mapping[str, str], questions: Questions[Item]) -> list[Item]:
    """The items that are as asked in every respect. The models say which keys there are, but hold nobody to them."""
    for key in asked:
        if key not in questions:
            raise Fault(FaultKind.INVALID, f"Unknown filter key {key[:100]}: known are {', '.join(questions)}.")
    return [item for item in items if all(questions[key](item, value) for key, value in asked.items())]
