"""Decoding: encoded words, transfer encodings and charsets, as lenient as other people's mail needs it."""

from __future__ import annotations

import re
from binascii import Error as BinasciiError
from binascii import a2b_base64, a2b_qp

_FOLD = re.compile(r"\r?\n[ \t]")
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+\-]+)(?:\*[A-Za-z0-9\-]*)?\?([bBqQ])\?([!->@-~ ]*)\?=")


def unfolded(raw: bytes) -> str:
    """A header's text on one line. Bytes beyond ASCII, which should not be there, are taken for UTF-8."""
    return _FOLD.sub(" ", raw.decode("utf-8", "replace")).replace("\t", " ").strip(" \r\n")


def decoded_words(text: str) -> str:
    """Text with its encoded words decoded (RFC 2047 6.2): blanks between two of them do not count."""
    if "=?" not in text:
        return text
    pieces: list[str] = []
    waiting: list[bytes] = []
    charset, position = "", 0
    for word in _WORD.finditer(text):
        between = text[position : word.start()]
        if charset and (between.strip(" ") or word[1].lower() != charset):
            pieces.append(to_text(b"".join(waiting), charset))
            waiting = []
        if not charset or between.strip(" "):
            pieces.append(between)
        # Some writers cut characters in two, so the bytes of neighbours are joined before they are decoded.
        waiting.append(_word_bytes(word[2], word[3]))
        charset, position = word[1].lower(), word.end()
    if charset:
        pieces.append(to_text(b"".join(waiting), charset))
    return "".join(pieces) + text[position:]


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return a2b_qp(text.encode(), header=True)
    return _from_base64(text.encode())


def _from_base64(data: bytes) -> bytes:
    try:
        return a2b_base64(data)
    except BinasciiError:  # cut off: what is there up to the last whole group is what is there
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        return a2b_base64(letters[: len(letters) // 4 * 4])


def decoded_body(data: bytes, transfer_encoding: str) -> bytes:
    """The bytes of a body without its transfer encoding. One that nobody knows is left as it is."""
    match transfer_encoding.strip().lower():
        case "base64":
            return _from_base64(data)
        case "quoted-printable":
            return a2b_qp(data)
        case _:
            return data


def to_text(data: bytes, charset: str) -> str:
    """Bytes as text; what the charset cannot say becomes U+FFFD, and a charset that nobody knows counts as Latin-1."""
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):  # no charset at all, or one such as idna that cannot replace what it cannot say
        return data.decode("latin-1")
