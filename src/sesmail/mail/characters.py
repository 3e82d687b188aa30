"""Which characters a mail may hold: the one gate that every text passes on its way into a value.

Rule 1: refuse, never strip. Who strips decides for the user what was meant, and every list of characters to strip was
        too short once.
Rule 2: the error names the field and the character's code point, and never repeats the text. An `InvalidAddress` has it
        as an attribute.
Rule 3: what comes out is a plain ``str``; a subclass could answer differently the next time it is asked.
"""

from __future__ import annotations

import re
from functools import cache

from sesmail.errors import InvalidAddress, InvalidHeader, MailError

# C0 (tab and line breaks too), DEL, C1 with NEL, the two Unicode line breaks, and surrogates that have no partner.
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
# The bidirectional overrides, embeddings and isolates make a name read as another one. LRM and RLM cannot.
_BIDI = "\u202a-\u202e\u2066-\u2069"
_NOT_IN_BODIES = "\x00\ud800-\udfff"
_ENCODED_WORD = re.compile(r"=\?[^?]++\?[bBqQ]\?")


def header_text(value: str, field: str) -> str:
    """Text on its way into a header, parameter or command."""
    # `isprintable` is false for all that is refused, and ten times quicker than the search.
    if type(value) is str and value.isprintable():
        return value
    return _checked(value, field, _CONTROLS, InvalidHeader)


def spoken_text(value: str, field: str) -> str:
    """Header text that people read as a name, such as a file name: no bidirectional overrides either."""
    if type(value) is str and value.isprintable():
        return value
    return _checked(value, field, _CONTROLS + _BIDI, InvalidHeader)


def address_text(value: str, field: str) -> str:
    """The same for names and addresses, with their own error."""
    if type(value) is str and value.isprintable():
        return value
    try:
        return _checked(value, field, _CONTROLS + _BIDI, InvalidAddress)
    except InvalidAddress as error:
        raise InvalidAddress(error.reason, field=field, value=value) from None


def unencoded(value: str, field: str) -> str:
    """Header text that cannot be encoded, such as a message id: nothing that some reader would decode (RFC 2047 2)."""
    if "=?" in value and _ENCODED_WORD.search(value):
        raise InvalidHeader("this looks like an encoded word, which some readers would decode here", field=field)
    return value


def body_text(value: str, field: str) -> str:
    """Text of a body: all but NUL and lone surrogates, which no charset can carry."""
    if type(value) is str and _is_encodable(value):
        return value
    return _checked(value, field, _NOT_IN_BODIES, MailError)


def _is_encodable(value: str) -> bool:
    # A lone surrogate is what UTF-8 cannot say, and encoding finds it seven times quicker than a search.
    try:
        return "\0" not in value if value.isascii() else b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def _checked(value: str, field: str, refused: str, error: type[MailError]) -> str:
    if not isinstance(value, str):
        raise error(f"expected text (str), not {type(value).__name__}", field=field)
    text = str.__str__(value)
    if found := _search_for(refused).search(text):
        raise error(f"the character U+{ord(found[0]):04X} at position {found.start()} is not allowed here", field=field)
    return text


@cache  # and not at import: these classes are large, and most programs never need one
def _search_for(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{characters}]")
