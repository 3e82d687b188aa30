"""Mailboxes in text: ``Ada <ada@example.com>, "Lovelace, Ada" <ada@example.org>``.

Rule 1: nothing is guessed. Groups, source routes, comments behind an address and the like are refused, since other
        readers understand them in other ways, and then the mail goes to somebody else.
Rule 2: sizes are checked before anything is matched, and every expression is linear (possessive quantifiers).
Rule 3: no decoding. An encoded word in a name that somebody typed is text.
"""

from __future__ import annotations

import re

from sesmail.errors import InvalidAddress
from sesmail.mail.characters import address_text

MAX_MAILBOX = 2500  # a name of a thousand characters, each with a backslash, and an address

QUOTED = r'"(?:[^"\\]|\\.)*+"'
_PLAIN_NAMED = re.compile(r'([^"<>@,:;\\]++)<([^"<>\\]++)>\Z')
_NAMED = re.compile(rf'((?:{QUOTED}|[^"<>@,:;\\])*+)<((?:{QUOTED}|[^"<>\\])*+)>\Z')
_PIECE_OF_NAME = re.compile(rf'{QUOTED}?|[^"]++')
# An open quote is matched too, or every quote behind it would be tried again to the end of the text.
_QUOTED_OR_OPEN = re.compile(r'"(?:[^"\\]|\\.)*+("?)')
_COMMA_OR_QUOTED = re.compile(r',|"(?:[^"\\]|\\.)*+("?)')
# RFC 5322 3.2.3: the specials; and blanks that a reader would fold away.
_NEEDS_QUOTES = re.compile(r'[()<>\[\]:;@\\,."]|\A | \Z|  ')


def phrase(name: str) -> str:
    """A name as RFC 5322 writes it: bare when it is words, otherwise in quotes."""
    if not _NEEDS_QUOTES.search(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def split_mailboxes(text: str) -> list[str]:
    """Cut header-like text at the commas that stand outside quotes."""
    if not text.strip(" "):
        return []
    if '"' not in text:
        return text.split(",")
    entries, start = [], 0
    for found in _COMMA_OR_QUOTED.finditer(text):
        if found[0] == ",":
            entries.append(text[start : found.start()])
            start = found.end()
        elif not found[1]:
            raise InvalidAddress("a quote is opened and never closed", field=f"[{len(entries)}]", value=text[start:])
    entries.append(text[start:])
    return entries


def read_mailbox(text: str) -> tuple[str, str]:
    """The address and the name in the text of one mailbox. Neither is judged yet."""
    if len(text) > MAX_MAILBOX:
        raise InvalidAddress(f"longer than an address can be ({len(text)} characters)", value=text)
    text = address_text(text, "").strip(" ")
    if text.endswith(">"):
        if found := _PLAIN_NAMED.match(text):
            return found[2], found[1].strip(" ")
        if found := _NAMED.match(text):
            return found[2], _unquoted_name(found[1].strip(" "))
    return text, ""


def _unquoted_name(text: str) -> str:
    return "".join(_unquoted(piece) if piece[0] == '"' else piece for piece in _PIECE_OF_NAME.findall(text))


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


# What people write by mistake, told apart by the first sign of it that stands outside quotes.
_MISTAKES = (
    (re.compile(r"[^<]*(?:<[^>]*> *)?,"), "this is a list, and one address is expected"),
    (re.compile(r"[^<:]*;"), "addresses are separated by commas, and one address is expected"),
    (re.compile(r"@[^<:]*:"), "a source route is not an address"),
    (re.compile(r"[^<]*[:;]"), "a group is not an address; name its members"),
    (re.compile(r"[^<@]*@[^<]*<"), "a name with an @ in it belongs in quotes"),
    (re.compile(r"[^<]*<[^>]*>.*[^> ]\Z"), "there is text behind the address"),
    (re.compile(r".*[<>]"), "there must be one pair of angle brackets, around the address and at the end"),
    (
        re.compile(r"[^@]*@[^(]*[ ]\("),
        "there is a comment behind the address; a name is written: Name <user@example.com>",
    ),
)


def likely_mistake(text: str) -> str:
    """What the author of a text that is no mailbox most likely meant; nothing where that is not plain to see."""
    outside = _QUOTED_OR_OPEN.sub(lambda found: "" if found[1] else '"', text)
    if '"' in outside:
        return "a quote is opened and never closed"
    return next((reason for sign, reason in _MISTAKES if sign.match(outside)), "")
