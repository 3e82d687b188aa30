"""Previews: mails with made-up contents, one for each case that somebody should have seen before a reader does.

A preview is a function without arguments that gives a mail. It stands in a module of the program's own, beside its
fixtures, and `previews_in` finds it there. Nothing here renders: whoever shows previews does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from inspect import Parameter, iscoroutinefunction, signature
from types import ModuleType
from typing import overload

from sesmail.errors import SetupError, TemplateError
from sesmail.mail.message import Email
from sesmail.templates.languages import spellings
from sesmail.templates.mail import Mail

Previewed = Mail | Email | Mapping[str, object]
Function = Callable[[], Previewed]
_NEEDS_VALUE = {Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}
_AS_TEMPLATES_SAY = ("",)


@dataclass(frozen=True, slots=True)
class Preview:
    """One case of a mail, in the languages in which it is to be seen. It is called like its function.

    >>> from sesmail import Email
    >>> from sesmail.templates import preview
    >>> @preview(locales=("en", "de"))
    ... def greeting():
    ...     return Email(subject="Hello", text="Hello")
    >>> greeting
    Preview('greeting', locales=('en', 'de'))
    >>> greeting().subject
    'Hello'
    """

    name: str
    function: Function = field(repr=False)
    locales: tuple[str, ...] = _AS_TEMPLATES_SAY
    """``""`` is the language that the mail, or else the templates, have by themselves."""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise SetupError("a preview has a name of printable characters: @preview(name='…')")
        _check_function(self.name, self.function)
        _check_locales(self.name, self.locales)

    def __call__(self) -> Previewed:
        """The mail: a `Mail`, an `Email`, or the fields of one, with or without a template."""
        return self.function()

    def __repr__(self) -> str:
        return f"Preview({self.name!r}, locales={self.locales!r})"


@overload
def preview(function: Function, /) -> Preview: ...
@overload
def preview(*, locales: str | Iterable[str] = ..., name: str = ...) -> Callable[[Function], Preview]: ...
def preview(
    function: Function | None = None, /, *, locales: str | Iterable[str] = _AS_TEMPLATES_SAY, name: str = ""
) -> Preview | Callable[[Function], Preview]:
    """Make a preview of a function without arguments: ``@preview``, or ``@preview(locales=("en", "de"))``.

    Its name is that of the function, unless ``name`` says another.
    """
    spoken = (locales,) if isinstance(locales, str) else tuple(locales)

    def made(given: Function) -> Preview:
        return Preview(name or str(getattr(given, "__name__", "")), given, spoken)

    return made if function is None else made(function)


def previews_in(module: ModuleType, *names: str) -> tuple[Preview, ...]:
    """The previews of a module in the order of their definition; or those with these names, in the order of the names.

    >>> from types import ModuleType
    >>> from sesmail.templates import preview, previews_in
    >>> module = ModuleType("shop.previews")
    >>> module.receipt = preview(name="receipt")(lambda: {"text": "Thank you."})
    >>> previews_in(module)
    (Preview('receipt', locales=('',)),)
    >>> previews_in(module, "reciept")
    Traceback (most recent call last):
    sesmail.errors.SetupError: shop.previews has no preview 'reciept'; did you mean 'receipt'?
    """
    found: dict[str, Preview] = {}
    for one in _defined_in(module):
        if found.setdefault(one.name, one) is not one:
            raise SetupError(f"{module.__name__} has two previews {one.name!r}: give one of them another name=")
    return tuple(_named(name, found, module.__name__) for name in names) if names else tuple(found.values())


def _defined_in(module: ModuleType) -> Iterator[Preview]:
    return (value for value in vars(module).values() if isinstance(value, Preview))


def _named(name: str, known: Mapping[str, Preview], where: str) -> Preview:
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}" if known else "it has none"
    raise SetupError(f"{where} has no preview {name[:100]!r}; {hint}")


def _check_function(name: str, function: object) -> None:
    if not callable(function):
        raise SetupError(f"the preview {name!r} is made of a function, and not of {type(function).__name__}")
    if iscoroutinefunction(function):
        raise SetupError(f"the preview {name!r} is async, and nobody awaits it: write def")
    for parameter in signature(function).parameters.values():
        if parameter.default is Parameter.empty and parameter.kind in _NEEDS_VALUE:
            raise SetupError(
                f"the preview {name!r} takes {parameter.name!r}, and is called without arguments: make what it needs"
                " inside"
            )


def _check_locales(name: str, locales: tuple[str, ...]) -> None:
    if not locales or len(set(locales)) < len(locales):
        raise SetupError(f"the preview {name!r} has locales, each once")
    for locale in locales:
        try:
            spellings(locale)
        except TemplateError as error:
            raise SetupError(f"the preview {name!r} has the locale {locale!a}: {error}") from error
