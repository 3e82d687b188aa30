"""Texts: filters that take a text and give one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jinja2 import Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from markupsafe import Markup, escape

from sesmail.templates.untrusted.budget import budget
from sesmail.templates.untrusted.percent import percent
from sesmail.templates.untrusted.plain import text
from sesmail.templates.untrusted.rounds import Rounds
from sesmail.templates.untrusted.value import Value

Filter = Callable[..., Value]

# Python's own module works in Python, and cuts a long word again for each line.
_CHARACTERS_OF_A_STEP_TO_WRAP = 2
_COST_OF_WRAPPING = 5


def joined(items: Iterable[object], glue: object = "", *, is_html: bool) -> str:
    """All items, and the glue between them. In HTML, as soon as one of them is markup, the others are escaped."""
    room = budget().room
    between = text(glue)
    texts: list[str] = []
    length = 0
    for item in Rounds(items):
        texts.append(part := text(item))
        length += len(part) + len(between)
        room(length - len(between))
    if is_html and any(isinstance(part, Markup) for part in (between, *texts)):
        return escape(between).join(texts)
    return str(between).join(map(str, texts))


def replaced(whole: object, old: object, new: object, count: int = -1) -> str:
    """A text with other words in it. Both are plain: what is replaced in markup is escaped, so no entity can be undone.

    Jinja takes markup for ``new``, and replacing ``&lt;`` by a ``<`` from the source makes markup of any value.
    """
    was, put = text(old), text(new)
    given = text(whole)
    is_html = isinstance(given, Markup)
    given, was, put = str(given), str(was), str(put)
    if is_html:
        was, put = str(escape(was)), str(escape(put))
    found = given.count(was)
    budget().room(len(given) + (found if count < 0 else min(found, count)) * max(0, len(put) - len(was)))
    result = given.replace(was, put, count)
    return Markup(result) if is_html else result  # noqa: S704


def _on_text(name: str, length: Callable[..., int] | None = None) -> Filter:
    """Jinja's own filter on a text, with simple arguments."""
    function = FILTERS[name]
    is_told = hasattr(function, "jinja_pass_arg")

    @pass_context
    def apply(context: Context, value: object, *args: object, **kwargs: object) -> object:
        whole = text(value)
        for argument in (*args, *kwargs.values()):
            if not isinstance(argument, str | int | float | None):
                raise SecurityError(f"the filter {name} takes texts and numbers")
        if length is not None:
            budget().room(length(whole, *args, **kwargs))
        return function(*((context.environment,) if is_told else ()), whole, *args, **kwargs)

    return apply


def _trimmed(whole: str, chars: object = None) -> int:
    budget().search(whole, chars)
    return len(whole)


def _width(whole: str, width: int = 80) -> int:
    return max(len(whole), width)


def _indented(whole: str, width: int | str = 4, *_: object, **__: object) -> int:
    lines = len(whole.splitlines()) + 1
    return len(whole) + lines * (len(width) if isinstance(width, str) else max(0, width))


def _wrapped(whole: str, width: int = 79, break_long_words: bool = True, wrapstring: str = "\n", *_: object,
             **__: object) -> int:  # fmt: skip
    del width, break_long_words
    budget().step(len(whole) // _CHARACTERS_OF_A_STEP_TO_WRAP)
    return len(whole) * (_COST_OF_WRAPPING + len(wrapstring))


_JINJAS_INDENT = _on_text("indent", _indented)


@pass_context
def _indent(context: Context, value: object, width: int | str = 4, *args: object, **kwargs: object) -> object:
    whole = text(value)
    if isinstance(width, str) and isinstance(whole, Markup):
        width = escape(width)  # Jinja takes it for markup as the text is
    return _JINJAS_INDENT(context, whole, width, *args, **kwargs)


@pass_context
def _join(context: Context, value: Iterable[object], d: object = "", attribute: str | int | None = None) -> str:
    from sesmail.templates.untrusted.filters.paths import getter

    items = value if attribute is None else map(getter(context.environment, attribute), value)
    return joined(items, d, is_html=context.eval_ctx.autoescape)


def _format(value: object, *args: object, **kwargs: object) -> str:
    if args and kwargs:
        msg = "format takes values by place or by name, not both"
        raise TypeError(msg)
    return percent(text(value), kwargs or args)


def _urlencode(value: object) -> str:
    function = FILTERS["urlencode"]
    if isinstance(value, Mapping):
        return str(function({text(key): text(part) for key, part in value.items()}))
    return str(function(text(value)))


def _forceescape(value: object) -> Markup:
    return escape(str(text(value)))


def _default(value: object, default_value: object = "", boolean: bool = False) -> object:
    return default_value if isinstance(value, Undefined) or (boolean and not value) else value


TEXTS: dict[str, Filter] = {
    **{name: _on_text(name) for name in ("capitalize", "lower", "title", "upper", "wordcount")},
    "center": _on_text("center", _width),
    "d": _default,
    "default": _default,
    "e": lambda value: escape(text(value)),
    "escape": lambda value: escape(text(value)),
    "forceescape": _forceescape,
    "format": _format,
    "indent": _indent,
    "join": _join,
    "replace": replaced,
    "string": text,
    "trim": _on_text("trim", _trimmed),
    "truncate": _on_text("truncate"),
    "urlencode": _urlencode,
    "wordwrap": _on_text("wordwrap", _wrapped),
}
