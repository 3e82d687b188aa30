"""Failures: how a template is refused, and how a render ends early. All are `TemplateError`s.

No text here repeats a template or its data; at most a name that the template uses, cut to a bearable length.
"""

from __future__ import annotations

from sesmail.errors import TemplateError

_LONGEST_NAME = 100


class MissingVariable(TemplateError):
    """The data lacks ``variable``, which the template prints at ``line``. The text is what SES says of it.

    >>> from sesmail.ses.handlebars import MissingVariable, Template
    >>> try:
    ...     Template.parse("Hello {{name}}").render({})
    ... except MissingVariable as error:
    ...     print(error)
    Attribute 'name' is not present in the rendering data.
    """

    def __init__(self, variable: str, *, template: str, line: int) -> None:
        reason = f"Attribute '{shortened(variable)}' is not present in the rendering data."
        super().__init__(reason, template=template, line=line, variable=variable)


class UnsupportedConstruct(TemplateError):
    """This is Handlebars and not in the part of it that SES renders. ``construct`` says what it is.

    >>> from sesmail.ses.handlebars import Template, UnsupportedConstruct
    >>> try:
    ...     Template.parse("{{upper name}}")
    ... except UnsupportedConstruct as error:
    ...     print(error.construct)
    the helper 'upper'
    """

    def __init__(self, construct: str, *, template: str, line: int, where: str = "SES") -> None:
        super().__init__(f"line {line}: {where} does not know {construct}", template=template, line=line)
        self.construct = construct


class LimitReached(TemplateError):
    """A template nests, repeats or prints more than ``limit``: make it, or the lists that it is given, smaller.

    >>> from sesmail.ses.handlebars import LimitReached, Template
    >>> try:
    ...     Template.parse('{{#*inline "p"}}{{> p}}{{/inline}}{{> p}}').render({})
    ... except LimitReached as error:
    ...     print(error.limit)
    100
    """

    def __init__(self, what: str, limit: int, *, template: str, line: int | None = None) -> None:
        place = f"line {line}: " if line else ""
        super().__init__(f"{place}{what}: more than {limit}", template=template, line=line)
        self.limit = limit


def syntax_error(reason: str, *, template: str, line: int) -> TemplateError:
    """An error for what is no Handlebars at all."""
    return TemplateError(f"line {line}: {reason}", template=template, line=line)


def shortened(name: str) -> str:
    """A name that fits into a message."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
