"""Links: which URLs may stand behind a link or an image of a mail. The filter ``link`` of the templates.

Escaping keeps a value inside its attribute; it does not keep ``javascript:`` out of it. So a URL is taken only if it
begins with one of a few schemes, and is whole: in a mail there is no page that a relative one could be relative to.
"""

from __future__ import annotations

import re

from markupsafe import Markup

from sesmail.errors import MailError

# Nothing that ends an attribute. No blanks or control characters, which clients drop: ``java\nscript:`` is whole again.
_URL = re.compile(r"""(?:https?://[^\x00-\x20\x7f"<>/?#]|(?:mailto|tel|cid):)[^\x00-\x20\x7f"<>]+""", re.IGNORECASE)
# SES puts the reader's own URL in its place, where it manages the list.
_FILLED_BY_SES = "{{amazonSESUnsubscribeUrl}}"


def link(url: object) -> str:
    """The URL as it is, if a mail may link to it.

    >>> from sesmail.templates.links import link
    >>> link("https://example.com/orders/7")
    'https://example.com/orders/7'
    >>> link("javascript:alert(1)")
    Traceback (most recent call last):
      ...
    sesmail.errors.MailError: a link is a percent-encoded URL: https://, http://, mailto:, tel: or cid:
    """
    text = url if isinstance(url, str) else str(url)
    # What a {% set %} block made is HTML already: it is read as a browser reads it, and not escaped twice.
    read = text.unescape() if isinstance(text, Markup) else text
    if not all(one == _FILLED_BY_SES or _URL.fullmatch(one) for one in (text, read)):
        raise MailError("a link is a percent-encoded URL: https://, http://, mailto:, tel: or cid:")
    return text
