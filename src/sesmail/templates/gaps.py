"""Gaps: what must not be printed into a mail, since nobody ever wants to read it there.

Rule 1: a name that is not there is an error, and so is a value that prints as ``None``, ``b'…'`` or ``<object at …>``.
Rule 2: an error carries the name that the template uses, and never a value.
"""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import StrictUndefined, Undefined, UndefinedError
from jinja2.utils import missing


class Missing(UndefinedError):
    """A name that is not there. It never reaches a user: `faults` makes an error of it."""

    def __init__(self, name: object, *, owner: str, hint: str) -> None:
        super().__init__(hint)
        self.name = name
        self.owner = owner
        """The type of what should have it; nothing for the context itself."""
        self.hint = hint


class Unprintable(Exception):
    """A value that must not be printed. It never reaches a user either."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure


class Gap(StrictUndefined):
    """Stands where a name was not found. Whoever does more than ask whether it is defined hears so."""

    __slots__ = ()

    # Jinja keeps the class of the error in each gap. Ours is one for all, and knows the gap that it is raised for.
    @property  # type: ignore[override]
    def _undefined_exception(self) -> Callable[[str | None], Missing]:
        return self._missing

    @_undefined_exception.setter
    def _undefined_exception(self, _: object) -> None:
        """What Jinja says of it does not count."""

    def _missing(self, _message: str | None) -> Missing:
        owner = "" if self._undefined_obj is missing else type(self._undefined_obj).__name__
        return Missing(self._undefined_name, owner=owner, hint=self._undefined_hint or "")


_PLAIN = (str, int, float, Undefined)


def printable(value: object) -> object:
    """The value, on its way into a text: Jinja asks for each that is printed."""
    if isinstance(value, _PLAIN):
        return value
    for what, cure, is_so in _NOT_PRINTED:
        if is_so(value):
            raise Unprintable(what, cure)
    return value


def is_awaitable(value: object) -> bool:
    """Whether it is a promise of a value."""
    return hasattr(type(value), "__await__")


def is_read_once(value: object) -> bool:
    """Whether it is empty when it is read again, as it is for subject, text and page."""
    return hasattr(type(value), "__next__")


def _has_no_text(value: object) -> bool:
    return {type(value).__str__, type(value).__repr__} == {object.__str__, object.__repr__}


_NOT_PRINTED: tuple[tuple[str, str, Callable[[object], bool]], ...] = (
    ("is None", "say what to print in its place, such as {{ name or '' }}", lambda value: value is None),
    ("is awaitable", "await it before it goes into the context", is_awaitable),
    ("is bytes", "decode it", lambda value: isinstance(value, bytes | bytearray | memoryview)),
    ("is a function", "call it", callable),
    (
        "is an object without a text of its own",
        "print one of its attributes, or give its class a __str__",
        _has_no_text,
    ),
)
