"""Heads: headers as SES takes them beside a template, whoever gives them."""

from __future__ import annotations

from collections.abc import Iterable

from sesmail.errors import Unsupported
from sesmail.ses.simple import MOST_HEADERS, is_header, metadata_values, text_values, word_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.ses.stored.content import StoredRow

Pairs = list[tuple[str, str]]
MANY = f"more than {MOST_HEADERS} headers"
PAIR = ("list-unsubscribe", "list-unsubscribe-post")


def own_headers(row: StoredRow) -> Pairs:
    """Those of one row.

    >>> from sesmail.ses.stored.content import StoredRow
    >>> from sesmail.ses.stored.heads import own_headers
    >>> own_headers(StoredRow(to="ada@example.org", headers={"X-Reader": "Ada Löwe"}))
    [('X-Reader', 'Ada =?utf-8?b?TMO2d2U=?=')]
    """
    marks = row.unsubscribe.headers if row.unsubscribe else ()
    words = word_values((name, value.split(" ")) for name, value in marks)
    return [*words, *metadata_values(row.metadata), *text_values(row.headers)]


def merged(common: Pairs, row: StoredRow) -> Pairs:
    """Those of all with a row's own above them, name by name; of an unsubscribe the pair (RFC 8058).

    >>> from sesmail.ses.stored.content import StoredRow
    >>> from sesmail.ses.stored.heads import merged
    >>> common = [("List-Unsubscribe", "<https://example.com/u>"), ("List-Unsubscribe-Post", "…"), ("X-Kind", "news")]
    >>> merged(common, StoredRow(to="ada@example.org", unsubscribe="mailto:leave@example.com"))
    [('List-Unsubscribe', '<mailto:leave@example.com>'), ('X-Kind', 'news')]
    """
    own = own_headers(row)
    replaced = {name.lower() for name, _ in own}
    if row.unsubscribe:
        replaced.update(PAIR)
    return [*own, *[(name, value) for name, value in common if name.lower() not in replaced]]


def pulled_apart(common: Pairs, rows: Iterable[StoredRow]) -> tuple[Pairs, Pairs]:
    """Those of all that a bulk can have as default, and those that each row must be given for itself.

    A row can put a header in the place of a default one, and take none away: where one has another way to leave than by
    one click, the default has no pair.
    """
    has_post = any(name.lower() == PAIR[1] for name, _ in common)
    lacks_post = has_post and any(row.unsubscribe and len(row.unsubscribe.headers) < len(PAIR) for row in rows)
    pair = [one for one in common if lacks_post and one[0].lower() in PAIR]
    return [one for one in common if one not in pair], pair


def too_many(common: Pairs, row: StoredRow, whose: str) -> Unsupported | None:
    """What SES has against a row's headers beside those of all, if anything."""
    count = len(merged(common, row))
    if count <= MOST_HEADERS:
        return None
    text = f"{whose}{count} headers with those of all, and SES takes {MOST_HEADERS} beside a template; leave some out"
    return Unsupported(text, feature=MANY, field="headers")


def checked(headers: Iterable[tuple[str, str]], field: str = "headers") -> Pairs:
    """The same, if SES takes them. Raises `Unsupported`."""
    pairs = list(headers)
    if len(pairs) > MOST_HEADERS:
        raise Unsupported(
            f"{len(pairs)} headers, and SES takes {MOST_HEADERS} beside a template; leave some out",
            feature=MANY,
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
