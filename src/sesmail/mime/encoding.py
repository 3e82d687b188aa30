"""Encodings: quoted-printable and base64 for bodies, encoded words and RFC 2231 for headers.

Rule 1: everything that comes out is 7-bit and has CRLF line ends only.
Rule 2: no character is cut in two: each encoded word and each RFC 2231 section decodes on its own.
Rule 3: lengths can be told without encoding, so that a size costs nothing.
"""

from __future__ import annotations

import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Callable, Iterator
from functools import cache
from struct import Struct

Data = bytes | memoryview

# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────

MAX_LINE = 998  # RFC 5322 2.1.1, without CRLF
_QP_LINE = 76  # RFC 2045 6.7, rule 5
_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"


def encode_text(text: str) -> tuple[bytes, str]:
    """A text body as CRLF lines, the last one ended too, and its transfer encoding: as it is where that is safe."""
    body = canonical_lines(text.encode())
    if text.isascii() and _is_safe(body):
        return body, "7bit"
    return _quoted_printable(body), "quoted-printable"


def canonical_lines(body: bytes) -> bytes:
    """CRLF for every CRLF, CR and LF, and one at the end. All that other standards call a line end is left alone."""
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if body and not body.endswith(b"\n"):
        body += b"\n"
    return body.replace(b"\n", b"\r\n")


def _is_safe(body: bytes) -> bool:
    """Whether every relay leaves ASCII alone: short lines, no controls, no blank at a line's end, no mbox ``From``."""
    text = body.decode("ascii")  # in short text, `in` is five times quicker than in bytes
    return (
        not (" \r\n" in text or "\t\r\n" in text or "\nFrom " in text or text.startswith("From "))
        and not body.translate(None, _PRINTABLE)
        and _longest_line(body) <= MAX_LINE
    )


def _quoted_printable(body: bytes) -> bytes:
    # b2a_qp takes the kind of line end from the first line, which is why the body must have CRLF already.
    encoded = b2a_qp(body, istext=True)
    has_from = b"\nFrom " in encoded or encoded.startswith(b"From ")
    if has_from:
        encoded = (b"\n" + encoded).replace(b"\nFrom ", b"\n=46rom ")[1:]
    # b2a_qp does not count what it makes of a last blank, nor can it know of the line above.
    if has_from or b"=20\r\n" in encoded or (b"\t" in body and b"=09\r\n" in encoded):
        encoded = b"\r\n".join([_broken(line) for line in encoded.split(b"\r\n")])
    return encoded


def _longest_line(body: bytes) -> int:
    return max(map(len, body.split(b"\r\n"))) if len(body) > _QP_LINE else len(body)


def _broken(line: bytes) -> bytes:
    if len(line) <= _QP_LINE:
        return line
    cut = _QP_LINE - 4
    while b"=" in line[cut - 2 : cut]:  # not in the middle of an escape
        cut -= 1
    return line[:cut] + b"=\r\n" + line[cut:]


# Lines of 57 bytes become 76 characters (RFC 2045 6.8). 512 of them at a time stay in the processor's cache, and one
# struct call cuts them four times quicker than any loop.
_LINE = 57
_LINES = 512
_BLOCK = _LINE * _LINES
_cut = Struct("76s" * _LINES).unpack


def base64_size(length: int) -> int:
    """How many bytes `base64_lines` makes of so many."""
    characters = (length + 2) // 3 * 4
    return characters + (characters + 75) // 76 * 2


def base64_lines(data: bytes) -> Iterator[bytes]:
    """Base64 in lines of 76 characters, each ended by CRLF, in blocks of about 40 kB."""
    encode = _encoder()
    view = memoryview(data)
    whole = len(view) - len(view) % _BLOCK
    for start in range(0, whole, _BLOCK):
        yield b"\r\n".join(_cut(encode(view[start : start + _BLOCK])))
        yield b"\r\n"  # to put it behind the others would copy them all
    if rest := encode(view[whole:]):
        yield b"".join([rest[start : start + 76] + b"\r\n" for start in range(0, len(rest), 76)])


@cache
def _encoder() -> Callable[[Data], bytes]:
    try:
        from pybase64 import b64encode
    except ImportError:
        return _encode
    encoder: Callable[[Data], bytes] = b64encode
    return encoder


def _encode(data: Data) -> bytes:
    return b2a_base64(data, newline=False)


# ── header words (RFC 2047) ──────────────────────────────────────────────────────────────────────────────────────

WORD = 75  # RFC 2047 2: no encoded word is longer
_FRAME = len("=?utf-8?b??=")
MIN_ROOM = _FRAME + 16  # less room than this is not worth the start of a word


def encoded_words(text: str, room: int = WORD) -> list[str]:
    """Text as encoded words, the first of at most ``room`` characters. Readers join them without blanks.

    Always base64: it is one way in place of two, and never longer than Q for a text that is mostly not Latin.
    """
    raw = text.encode()
    start, capacity = 0, (min(room, WORD) - _FRAME) // 4 * 3
    if len(raw) <= capacity:
        return [f"=?utf-8?b?{b2a_base64(raw, newline=False).decode()}?="]
    words = []
    while start < len(raw):
        end = start + capacity
        while end < len(raw) and raw[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        words.append(f"=?utf-8?b?{b2a_base64(raw[start:end], newline=False).decode()}?=")
        start, capacity = end, (WORD - _FRAME) // 4 * 3
    return words


# ── parameters (RFC 2231) ────────────────────────────────────────────────────────────────────────────────────────

_TOKEN = re.compile(r"[A-Za-z0-9!#$&+\-.^_`{|}~]++\Z")
# What every reader takes from a quoted string without a doubt: no quotes, no backslash, no percent, no encoded word.
_QUOTABLE = re.compile(r"[A-Za-z0-9!#$&+\-.^_`{|}~()<>@,;:/\[\]=]++(?: [A-Za-z0-9!#$&+\-.^_`{|}~()<>@,;:/\[\]=]++)*+\Z")
_LONGEST_PLAIN = 60
_SECTION = 50  # characters a section; with name, number and charset it stays within a line


def parameter(name: str, value: str) -> list[str]:
    """One parameter as it follows a semicolon: a token, a quoted string, or as many RFC 2231 sections as it takes."""
    if len(value) <= _LONGEST_PLAIN:
        if _TOKEN.match(value):
            return [f"{name}={value}"]
        if _QUOTABLE.match(value):
            return [f'{name}="{value}"']
    sections = _percent_encoded(value)
    if len(sections) == 1:
        return [f"{name}*=utf-8''{sections[0]}"]
    sections[0] = f"utf-8''{sections[0]}"
    return [f"{name}*{number}*={section}" for number, section in enumerate(sections)]


def _percent_encoded(value: str) -> list[str]:
    sections = [""]
    for character in value:
        encoded = character if _TOKEN.match(character) else "".join(f"%{byte:02X}" for byte in character.encode())
        if len(sections[-1]) + len(encoded) > _SECTION:
            sections.append("")
        sections[-1] += encoded
    return sections
