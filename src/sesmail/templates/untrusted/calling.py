"""Calling: who may be called. Macros, blocks and loops of the template; the methods of `methods`; and the globals.

A function in the data is not called, whatever it is: only what the program put into ``environment.globals`` is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jinja2 import Environment, Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.methods import Method
from sesmail.templates.untrusted.rounds import Rounds
from sesmail.templates.untrusted.value import Value

_INTERNAL = ("_loop_vars", "_block_vars")  # the compiler hands them to each call


def call(environment: Environment, context: Context, function: Value, args: tuple[Value, ...], kwargs: Value) -> Value:
    """``function(*args, **kwargs)``."""
    meter = budget()
    meter.step(1 + len(args) + len(kwargs))
    if isinstance(function, Undefined):
        return function()  # it says itself what is missing
    if "caller" in kwargs and not isinstance(function, Macro):
        raise SecurityError("call takes a macro")  # Jinja prints what it gives as it is
    if isinstance(function, Macro | BlockReference | LoopContext):
        meter.enter()
        try:
            return context.call(function, *_going_over(function, args), **kwargs)
        finally:
            meter.leave()
    if isinstance(function, Method) and not isinstance(function.owner, Mapping):
        meter.look_at(function.owner)
    for value in (*args, *(kwargs[name] for name in kwargs if name not in _INTERNAL)):
        meter.look_at(value)
    if not isinstance(function, Method) and not _is_offered(environment, function):
        raise SecurityError(f"{type(function).__name__} is not for templates to call")
    result = context.call(function, *args, **kwargs)
    meter.keep(result)
    return result


def _going_over(function: Callable[..., Value], args: tuple[Value, ...]) -> tuple[Value, ...]:
    # A recursive loop that is called is given what to go over next.
    return (Rounds(args[0]), *args[1:]) if isinstance(function, LoopContext) and args else args


def _is_offered(environment: Environment, function: object) -> bool:
    return any(function is known for known in environment.globals.values())
