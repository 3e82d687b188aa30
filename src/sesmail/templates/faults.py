"""Faults: the one border where what Jinja raises becomes a `TemplateError`.

Rule 1: the text names the template, the line and the variable, and never a value: a key that is looked up may be
        somebody's name, so a variable is told only where the template itself spells it.
Rule 2: what goes wrong in the user's own functions is told by its type. The error itself stays attached.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from traceback import walk_tb

from jinja2 import Template, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError

from sesmail.errors import MissingExtra, SesmailError, TemplateError
from sesmail.templates.gaps import Missing, Unprintable

_SHIPPED = "sesmail/"
_UNKNOWN_NAME = re.compile(r"No (filter|test) named '([^']{1,80})'")
# Names that only the mail itself can give, and what gives them.
_CURES = {"unsubscribe_url": "give the mail unsubscribe=, and it is its URL"}
Source = Callable[[str], str]


class Faults:
    """Makes errors of what is raised while a template is compiled or rendered.

    ``source`` gives the text of a template by its name, ``known`` the filters and tests that there are, and
    ``optional`` the extra by which others would be there.
    """

    def __init__(self, source: Source, known: Callable[[str], list[str]], optional: dict[str, MissingExtra]) -> None:
        self._source = source
        self._known = known
        self._optional = optional

    def error(self, exc: Exception, name: str) -> SesmailError:
        """The error for what was raised while the mail ``name`` was made."""
        if isinstance(exc, TemplateSyntaxError):
            return self._of_syntax(exc, name)
        places = _places(exc) or [(getattr(exc, "template", "") or name, None)]
        # Who uses a shipped macro wants to know where.
        template, line = next((place for place in reversed(places) if not place[0].startswith(_SHIPPED)), places[-1])
        inside = "" if places[-1] == (template, line) else f"in {_told(*places[-1])}: "
        reason, variable = self._reason(exc, places[-1][0])
        said = f"{_told(template, line)}: {inside}{reason}"
        return TemplateError(said, template=template, line=line, variable=variable)

    def _of_syntax(self, exc: TemplateSyntaxError, name: str) -> SesmailError:
        reason = exc.message or "it cannot be read"
        if unknown := _UNKNOWN_NAME.search(reason):
            kind, word = unknown.groups()
            if word in self._optional:
                return self._optional[word]
            near = get_close_matches(word, self._known(kind), n=1)
            reason = f"there is no {kind} {word!r}" + (f"; did you mean {near[0]!r}?" if near else "")
        template = exc.name or name
        return TemplateError(f"{template}, line {exc.lineno}: {reason}", template=template, line=exc.lineno)

    def _reason(self, exc: Exception, template: str) -> tuple[str, str]:
        """What is wrong, and the variable that it is about."""
        if isinstance(exc, Missing):
            return self._missing(exc, template)
        if isinstance(exc, SesmailError):
            return str(exc), getattr(exc, "variable", "")
        if isinstance(exc, TemplateNotFound):
            name = f" {str(exc.name)[:100]!r}" if self._is_spelled(str(exc.name), template) else ""
            return f"there is no template{name}, which it names", ""
        return next((says(exc) for kind, says in _SAYINGS if isinstance(exc, kind)), _unknown(exc)), ""

    def _missing(self, exc: Missing, template: str) -> tuple[str, str]:
        if exc.hint:
            return exc.hint, ""
        where = f"this {exc.owner}" if exc.owner else "the context"
        if not isinstance(exc.name, str) or not self._is_spelled(exc.name, template):
            return f"something is looked up that is not in {where}; say what then: …|default('')", ""
        cure = _CURES.get(exc.name, "give it, or say what to print without it: …|default('')")
        return f"there is no {exc.name!r} in {where}; {cure}", exc.name

    def _is_spelled(self, word: str, template: str) -> bool:
        try:
            return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self._source(template)) is not None
        except TemplateNotFound:  # gone since; or it never had a name
            return False


def _unknown(exc: Exception) -> str:
    return str(exc) if getattr(exc, "is_told", False) else f"{type(exc).__name__} in what it calls"


def _forbidden(exc: SecurityError) -> str:
    return str(exc) if getattr(exc, "is_told", False) else "it does what a template must not do"


_SAYINGS: tuple[tuple[type[Exception], Callable[..., str]], ...] = (
    (Unprintable, lambda exc: f"what is printed {exc.what}; {exc.cure}"),
    (SecurityError, _forbidden),
    (UnicodeDecodeError, lambda _: "a file is not in UTF-8"),
)


def _places(exc: Exception) -> list[tuple[str, int | None]]:
    """The templates that it came through, from the outside in, and the line in each."""
    found: list[tuple[str, int | None]] = []
    for frame, line in walk_tb(exc.__traceback__):
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            found.append((template.name or "a template", template.get_corresponding_lineno(line)))
    return found


def _told(template: str, line: int | None) -> str:
    return f"{template}, line {line}" if line else template
