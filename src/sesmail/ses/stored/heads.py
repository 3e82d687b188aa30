"""Heads: headers as SES takes them beside a template, whoever gives them."""

from __future__ import annotations

from collections.abc import Iterable

from sesmail.errors import Unsupported
from sesmail.ses.simple import MOST_HEADERS, is_header, text_values, word_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.ses.stored.content import StoredRow

Pairs = list[tuple[str, str]]


def own_headers(row: StoredRow) -> Pairs:
    """Those of one row.

    >>> from sesmail.ses.stored.content import StoredRow
    >>> from sesmail.ses.stored.heads import own_headers
    >>> own_headers(StoredRow(to="ada@example.org", headers={"X-Reader": "Ada Löwe"}))
    [('X-Reader', 'Ada =?utf-8?b?TMO2d2U=?=')]
    """
    marks = row.unsubscribe.headers if row.unsubscribe else ()
    return [*word_values((name, value.split(" ")) for name, value in marks), *text_values(row.headers)]


def checked(headers: Iterable[tuple[str, str]], field: str = "headers") -> Pairs:
    """The same, if SES takes them. Raises `Unsupported`."""
    pairs = list(headers)
    if len(pairs) > MOST_HEADERS:
        raise Unsupported(
            f"{len(pairs)} headers, and SES takes {MOST_HEADERS} beside a template; leave some out",
            feature=f"more than {MOST_HEADERS} headers",
            field=field,
        )
    for name, value in pairs:
        if not is_header(name, value):
            raise Unsupported(
                f"the header {name} is empty or too long to stand beside a template; shorten it or leave it out",
                feature="long headers",
                field=field,
            )
    return pairs
