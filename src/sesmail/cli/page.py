"""Page: the HTML of a mail as a file that opens by itself, in any browser.

Rule 1: the pictures that travel with the mail stand in the page. Nothing is fetched, by us or by the browser.
Rule 2: the page runs no script. A mail that has one is shown as mail programs show it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from html import unescape
from urllib.parse import unquote

from sesmail.mail.attachment import Attachment

_CID = re.compile(r"""cid:([^"'\s<>),]+)""", re.IGNORECASE)
_DOCTYPE = re.compile(r"\ufeff?\s*+<!doctype[^>]*+>", re.IGNORECASE)
_TYPE = re.compile(r"[\w.+\-]+/[\w.+\-]+", re.ASCII)
# The mail says its charset in a header, which a file has not.
_HEAD = (
    '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
    " img-src data:; font-src data:; style-src 'unsafe-inline'\">"
)


def page_of(html: str, attachments: Iterable[Attachment]) -> str:
    """The page.

    >>> from sesmail import Attachment
    >>> from sesmail.cli.page import page_of
    >>> dot = Attachment("dot.gif", b"GIF89a", inline=True, content_id="dot@example.com")
    >>> page_of('<img src="cid:dot@example.com">', [dot]).rpartition("<img")[2]
    ' src="data:image/gif;base64,R0lGODlh">'
    """
    files = {file.content_id: file for file in attachments if file.inline}

    def shown(found: re.Match[str]) -> str:
        file = files.get(unquote(unescape(found[1])))
        return _data_url(file) if file else found[0]

    page = _CID.sub(shown, html)
    doctype = _DOCTYPE.match(page)  # anything before it would make a browser read the page as of the nineties
    start = doctype.end() if doctype else 0
    return page[:start] + _HEAD + page[start:]


def _data_url(file: Attachment) -> str:
    kind = file.content_type if _TYPE.fullmatch(file.content_type) else "application/octet-stream"
    return f"data:{kind};base64,{b64encode(file.data).decode()}"
