"""Messages: the texts that templates have translated, and how the translation is printed.

Rule 1: a message that a template spells is as trusted as the template, and so is its translation: it may hold HTML or
        Markdown. One that comes from a value (``_(order.status)``) is a value, and is escaped like any.
Rule 2: what is put into a message is a value, and held to what may be printed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from jinja2 import Environment, TemplateNotFound, nodes, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from sesmail.templates.gaps import printable
from sesmail.templates.kept import Kept
from sesmail.templates.languages import Catalogues

Form = Literal["gettext", "ngettext", "pgettext", "npgettext"]
Show = Callable[[object], object]
_FUNCTIONS = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})
_MOST_KNOWN = 1000


class Messages:
    """What the templates of an environment spell, read when it is first asked for."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: Kept[str, frozenset[str]] = Kept(_MOST_KNOWN, forgets=environment.auto_reload)

    def are_spelled(self, texts: tuple[object, ...], template: str | None) -> bool:
        """Whether a template spells all these messages, and not only looks them up."""
        name = template or ""
        spelled = self._known.get(name, lambda: self._read(name))
        return all(text in spelled for text in texts)

    def _read(self, template: str) -> frozenset[str]:
        loader = self._environment.loader
        assert loader is not None  # noqa: S101 - ours has one
        try:
            source, _, _ = loader.get_source(self._environment, template)
        except TemplateNotFound:  # gone since
            return frozenset()
        calls = self._environment.parse(source, template).find_all(nodes.Call)
        called = [call for call in calls if isinstance(call.node, nodes.Name) and call.node.name in _FUNCTIONS]
        return frozenset(one.value for call in called for one in call.args if isinstance(one, nodes.Const))


def install(environment: Environment, catalogues: Catalogues, show: Show) -> None:
    """Give templates gettext and its kin. ``show`` makes a value fit to stand in a message of theirs."""
    messages = Messages(environment)
    environment.install_gettext_callables(  # type: ignore[attr-defined] # given by the extension i18n
        catalogues.gettext, catalogues.ngettext, newstyle=True
    )
    for form in _TEXTS:
        environment.globals[form] = _translator(form, getattr(catalogues, form), messages, show)


# Where the messages, the context and the number stand among what is said.
_TEXTS: dict[Form, slice] = {
    "gettext": slice(0, 1),
    "ngettext": slice(0, 2),
    "pgettext": slice(1, 2),
    "npgettext": slice(1, 3),
}
_NUMBER: dict[Form, int] = {"ngettext": 2, "npgettext": 3}


def _translator(form: Form, translate: Callable[..., str], messages: Messages, show: Show) -> Callable[..., object]:
    @pass_context
    def translated(context: Context, *said: object, **variables: object) -> object:
        text = translate(*said)
        if form in _NUMBER:
            variables.setdefault("num", said[_NUMBER[form]])
        if form.endswith("pgettext"):
            variables.setdefault("context", said[0])
        if not messages.are_spelled(said[_TEXTS[form]], context.name):
            return text % {name: printable(value) for name, value in variables.items()}
        whole = text % {name: show(printable(value)) for name, value in variables.items()}
        return Markup(whole) if context.eval_ctx.autoescape else whole  # noqa: S704 - see rule 1

    return translated
