"""Colors: what may stand for a color in the styles of a mail. The filter ``color`` of the templates.

The color of a brand is often a customer's setting. Escaping keeps it inside the attribute, but what stands behind a
semicolon would still be a style more. Outlook knows neither ``rgb()`` nor ``#rrggbbaa``, so they are not taken.
"""

from __future__ import annotations

import re

from sesmail.errors import MailError

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}|[a-zA-Z]{3,20}")


def color(value: object) -> str:
    """The color as it is, if every client reads it.

    >>> from sesmail.templates.colors import color
    >>> color("#2b50d8"), color("navy")
    ('#2b50d8', 'navy')
    >>> color("red;background:url(https://example.com/)")
    Traceback (most recent call last):
      ...
    sesmail.errors.MailError: a color is #rgb, #rrggbb or a name that CSS knows
    """
    text = str(value)
    if not _COLOR.fullmatch(text):
        raise MailError("a color is #rgb, #rrggbb or a name that CSS knows")
    return text
