"""The templates that SES renders: a part of the Handlebars language, without any HTML escaping.

From the outside in: `template` is what others hold; `lexer` cuts text into `tokens`, `whitespace` takes the blanks that
go, `arguments` reads what is inside a tag, `parser` builds the `nodes`; `renderer` runs them, with `rounds` for what
each kind of block does, `scope` for where names are looked up, `values` for what JavaScript says of data, and `meter`
for how much is too much. `variables` tells what a template asks for, and `failures` are the ways to say no.
"""

from __future__ import annotations

from sesmail.ses.handlebars.failures import LimitReached, MissingVariable, UnsupportedConstruct
from sesmail.ses.handlebars.meter import Meter, RenderLimits
from sesmail.ses.handlebars.template import Template

__all__ = ["LimitReached", "Meter", "MissingVariable", "RenderLimits", "Template", "UnsupportedConstruct"]
