"""Floor 2: templates. From a name and a context to subject, text, HTML and the files that the HTML shows.

`Templates` is the engine on Jinja; `Engine` is what a mailer asks for, whoever fulfils it. May import floors 0 and 1,
and Jinja; css-inline, mrml, markdown-it-py and Babel inside a function. Names are imported when they are first used:
who only writes `Mail` classes loads no Jinja.
"""

from __future__ import annotations

from sesmail._door import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.templates.engine import Engine as Engine
    from sesmail.templates.engine import Rendered as Rendered
    from sesmail.templates.mail import Mail as Mail
    from sesmail.templates.previews import Preview as Preview
    from sesmail.templates.previews import preview as preview
    from sesmail.templates.previews import previews_in as previews_in
    from sesmail.templates.templates import Templates as Templates
    from sesmail.templates.untrusted.limits import UntrustedLimits as UntrustedLimits

_HOME = {
    "Engine": "engine",
    "Mail": "mail",
    "Preview": "previews",
    "Rendered": "engine",
    "Templates": "templates",
    "UntrustedLimits": "untrusted.limits",
    "preview": "previews",
    "previews_in": "previews",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - a test compares it with the imports above
__getattr__ = door(__name__, _HOME)
