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
        template, line = _place(exc) or (getattr(exc, "template", "") or name, None)
        where = f"{template}, line {line}" if line else template
        reason, variable = self._reason(exc, template)
        return TemplateError(f"{where}: {reason}", template=template, line=line, variable=variable)

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
        if isinstance(exc, Missing):
            return self._missing(exc, template)
        if isinstance(exc, TemplateNotFound):
            return f"there is no template {str(exc.name)[:100]!r}, which it names", ""
        if isinstance(exc, Unprintable):
            return f"what is printed {exc.what}; {exc.cure}", ""
        if isinstance(exc, SecurityError):
            return "it does what a template must not do", ""
        if isinstance(exc, SesmailError):
            return str(exc), getattr(exc, "variable", "")
        return f"{type(exc).__name__} in what it calls", ""

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
            return word.isidentifier() and re.search(rf"\b{word}\b", self._source(template)) is not None
        except TemplateNotFound:  # gone since; or it never had a name
            return False


def _place(exc: Exception) -> tuple[str, int] | None:
    """The innermost template that it came through, and the line there."""
    found = None
    for frame, line in walk_tb(exc.__traceback__):
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            found = (template.name or "a template", template.get_corresponding_lineno(line))
    return found
