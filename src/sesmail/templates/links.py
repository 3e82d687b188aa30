"""Links: which URLs may stand behind a link or an image of a mail. The filter ``link`` of the templates.

Escaping keeps a value inside its attribute; it does not keep ``javascript:`` out of it. So a URL is taken only if it
begins with one of a few schemes, and is whole: in a mail there is no page that a relative one could be relative to.
"""

from __future__ import annotations

import re

from markupsafe import Markup

from sesmail.errors import MailError

# No blanks, no control characters (clients drop them, and ``java\nscript:`` is whole again), nothing that ends an attribute.
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
    sesmail.errors.MailError: a link is a whole URL that begins with https://, http://, mailto:, tel: or cid:, and is ...
    """
    text = url if isinstance(url, str) else str(url)
    # What a {% set %} block made is HTML already: it is read as a browser reads it, and not escaped twice.
    read = text.unescape() if isinstance(text, Markup) else text
    if not all(one == _FILLED_BY_SES or _URL.fullmatch(one) for one in (text, read)):
        raise MailError(
            "a link is a whole URL that begins with https://, http://, mailto:, tel: or cid:, "
            "and is percent-encoded where it holds blanks or quotes"
        )
    return text
