"""Template: a text with gaps, as SES stores it, and what is printed when the gaps are filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sesmail.ses.handlebars.lexer import Lexer
from sesmail.ses.handlebars.meter import Meter, RenderLimits
from sesmail.ses.handlebars.nodes import Program
from sesmail.ses.handlebars.parser import Parser
from sesmail.ses.handlebars.renderer import Renderer
from sesmail.ses.handlebars.variables import variables_of
from sesmail.ses.handlebars.whitespace import trimmed

_LIMITS = RenderLimits()


@dataclass(frozen=True, slots=True)
class Template:
    """A template in the part of Handlebars that SES renders.

    >>> from sesmail.ses.handlebars import Template
    >>> template = Template.parse("Hello {{name}}, you ordered {{#each things}}{{this}}, {{/each}}thank you.")
    >>> template.render({"name": "Ada", "things": ["a book", "<b>"]})
    'Hello Ada, you ordered a book, <b>, thank you.'
    >>> sorted(template.variables)
    ['name', 'things']

    It knows substitutions, ``#if``, ``#unless``, ``#each``, ``#with``, plain sections, ``{{else}}``, inline partials
    and comments. Nothing is escaped: what comes from strangers must be escaped before it becomes data. Values print as
    JavaScript prints them.

    It does what handlebars.js does, with these differences. A variable that is printed and not in the data is a
    failure, and so is one that a partial is handed. ``items.0`` is read like ``items.[0]``. A tag alone on its line is
    judged by that line only (see `whitespace`). Objects are walked in the order of their data. Texts have no members.
    A partial that is nowhere in the template is refused when it is read, and so is a path of more than a hundred names
    and levels.

    That SES takes a missing variable for false in ``#if``, ``#unless``, ``#with``, ``#each`` and plain sections is
    unverified, as is whether it looks into outer levels for names that are not in the nearest one; here it does not.
    """

    name: str
    _program: Program = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, name: str = "", simple: bool = False) -> Template:
        """Read a template. Raises `TemplateError`, with the line, for what SES could not render.

        With ``simple`` it is held to what SES takes in the content of a send: names and dotted names. Which other
        spellings of these SES takes there is unverified; here braces and ``~`` are free, and comments are refused.
        """
        tokens = list(Lexer(text, template=name).tokens())
        return cls(name, Parser(template=name, simple=simple).program(trimmed(tokens)))

    def render(self, data: Mapping[str, object], *, limits: RenderLimits = _LIMITS, meter: Meter | None = None) -> str:
        """Fill the gaps. A ``meter`` counts several renders together, in place of ``limits`` for this one.

        Raises `MissingVariable` for a name that is printed and not in the data; one that is null prints nothing.
        Raises `LimitReached` when it becomes too much, and `TemplateError` for a partial out of reach.
        """
        return Renderer(template=self.name, meter=meter or Meter(limits, self.name)).render(self._program, data)

    @property
    def variables(self) -> frozenset[str]:
        """The dotted paths that a render may look up from the top of the data, conditions included.

        Names that are about the items of a list are not told, nor what is behind a plain section, nor paths of more
        than a hundred names or a thousand characters.
        """
        return variables_of(self._program)
