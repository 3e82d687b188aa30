"""Rounds: how often, and with which context, each kind of block runs its inside. No round at all means ``{{else}}``.

Missing variables count as false, or as an empty list, and are no failure here. That SES does the same is unverified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sesmail.ses.handlebars.nodes import Arm
from sesmail.ses.handlebars.scope import Loop, Scope
from sesmail.ses.handlebars.values import MISSING, is_list, is_there, is_true

Rounds = Callable[[Arm, object, Scope], Iterator[Scope]]


def _if(_: Arm, value: object, scope: Scope) -> Iterator[Scope]:
    if is_true(value):
        yield scope


def _unless(_: Arm, value: object, scope: Scope) -> Iterator[Scope]:
    if not is_true(value):
        yield scope


def _with(arm: Arm, value: object, scope: Scope) -> Iterator[Scope]:
    if is_there(value):
        yield scope.enter(value, parameters=dict(zip(arm.parameters, (value,), strict=False)))


def _each(arm: Arm, value: object, scope: Scope) -> Iterator[Scope]:
    if not isinstance(value, Mapping) and not is_list(value):
        return
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
    for index, (key, item) in enumerate(pairs):
        loop = Loop(key, index, index + 1 == len(value), scope.loop)
        yield scope.enter(item, loop=loop, parameters=dict(zip(arm.parameters, (item, key), strict=False)))


def _section(arm: Arm, value: object, scope: Scope) -> Iterator[Scope]:
    if is_list(value):
        yield from _each(arm, value, scope)
    elif value is True:
        yield scope
    elif value is not False and value is not None and value is not MISSING:
        yield scope.enter(value, parameters={})


ROUNDS: Mapping[str, Rounds] = {"if": _if, "unless": _unless, "with": _with, "each": _each, "": _section}
# How many block parameters each kind gives.
PARAMETERS = {"if": 0, "unless": 0, "with": 1, "each": 2, "": 0}
