"""Names: the functions that every template finds, ``range``, ``dict`` and ``namespace``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jinja2.exceptions import SecurityError
from jinja2.utils import Namespace

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.failures import LimitReached
from sesmail.templates.untrusted.weight import length_of


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    most = budget().limits.steps
    if length_of(numbers) > most:
        raise LimitReached("steps", most)
    return numbers


def _dict(values: object = (), /, **named: object) -> dict[str, object]:
    if not isinstance(values, Mapping | list | tuple):
        raise SecurityError("a dict is made of a dict, a list of pairs, or names")
    return dict(values, **named)


def _namespace(values: object = (), /, **named: object) -> Namespace:
    made = _dict(values, **named)
    budget().keep(made)
    return Namespace(made)


NAMES: dict[str, Callable[..., object]] = {"dict": _dict, "namespace": _namespace, "range": _range}
