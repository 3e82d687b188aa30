"""Failures: how a rendering ends that asks for too much, or that stumbles.

They are errors of Jinja's own tree, so that the border that turns its errors into ours needs no second table. No text
here repeats a template or its data.
"""

from __future__ import annotations

from jinja2 import TemplateRuntimeError
from jinja2.exceptions import SecurityError

_WHAT = {
    "steps": "the template takes too many steps",
    "characters": "the template makes too many characters",
    "operand": "a text or list grows too long",
    "bits": "a number grows too large",
    "source": "the template is too long",
    "depth": "the template nests too deep, or calls itself for ever",
}
# What an author's own mistake raises inside an expression.
STUMBLES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, AssertionError)
# What Python itself says of the same, before a limit of ours is met.
EXHAUSTED = (RecursionError, MemoryError)


class LimitReached(SecurityError):
    """A template asks for more than it may: make it, or the lists that it is given, smaller.

    ``name`` is the limit's name in `UntrustedLimits`, ``limit`` its number.

    >>> from sesmail.templates.untrusted import LimitReached, UntrustedEnvironment
    >>> try:
    ...     UntrustedEnvironment().from_string("{% for a in range(10**9) %}.{% endfor %}").render()
    ... except LimitReached as error:
    ...     print(error.name, error.limit)
    steps 100000
    """

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"{_WHAT[name]}: more than {limit}")
        self.name = name
        self.limit = limit

    def __reduce__(self) -> tuple[type[LimitReached], tuple[str, int]]:
        return type(self), (self.name, self.limit)


def stumble(error: Exception) -> TemplateRuntimeError:
    """What Python said of an author's mistake, as an error of a template.

    A text about types or arithmetic holds no value; any other may quote one, so its class has to do.
    """
    kind = type(error).__name__
    says = f": {error}" if isinstance(error, TypeError | ZeroDivisionError) else ""
    return TemplateRuntimeError(f"{kind}{says}")
