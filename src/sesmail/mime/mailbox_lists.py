"""Mailbox lists as other people's mail has them: with comments, groups and entries left empty (RFC 5322 3.4 and 4.4).

The standard library's parser is not asked: it calls itself once for each bracket, and it finds a mailbox in
``a@x(<b@y>``, where a careful reader finds none.
"""

from __future__ import annotations

import re

from sesmail.errors import InvalidAddress
from sesmail.mail.address import Address
from sesmail.mail.mailbox import QUOTED, read_mailbox, split_mailboxes
from sesmail.mime.decoding import decoded_words

_PIECE = re.compile(rf"{QUOTED}|<[^<>]*>|[(),:;]|\\.|[^\"\\(),:;<]+|.")


def read_mailboxes(text: str) -> tuple[Address, ...]:
    """Every mailbox in a header, with encoded words in names decoded. All or nothing."""
    try:
        return tuple(_mailbox(entry) for entry in split_mailboxes(text))
    except InvalidAddress:
        return tuple(_mailbox(entry) for entry in _loose_entries(text))


def _mailbox(text: str) -> Address:
    email, name = read_mailbox(text)
    return Address(email, decoded_words(name))


def _loose_entries(text: str) -> list[str]:
    """The entries without comments and without the names of groups."""
    entries = [""]
    depth = 0
    for piece in _PIECE.findall(text):
        if piece in "()":
            depth += 1 if piece == "(" else -1
            if depth < 0:
                break
        elif depth:
            continue
        elif piece in ",;":
            entries.append("")
        elif piece == ":":
            if "@" in entries[-1] or "<" in entries[-1]:
                raise InvalidAddress("an address stands where the name of a group should")
            entries[-1] = ""
        else:
            entries[-1] += piece
    if depth:
        raise InvalidAddress("the brackets of a comment do not match")
    return [entry for entry in entries if entry.strip(" ")]
