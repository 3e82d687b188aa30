"""Data: from the chunks of a content to what follows DATA, with the dot at its end (RFC 5321 4.5.2).

Rule 1: CR and LF leave together or not at all. A server that takes another line end for one would see a second mail in
        the first. Our own writer makes none; what another wrote is refused where it does.
Rule 2: a dot at the beginning of a line is doubled, also where chunks meet.
Rule 3: the end is in the last piece, and in no other. Until that one is written, no server can take the mail.
Rule 4: pieces are small, so that nobody waits long for one, and each is made when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import IncrementalNewlineDecoder

from sesmail.errors import MailError, Unsupported

PIECE = 65_536
END = b".\r\n"  # behind a line end
_DOT = re.compile(rb"\n\.")  # found in half the time of a search in bytes
_GOOD_ENDS = (None, "\r\n")


def pieces(chunks: Iterable[bytes], *, eight_bit: bool) -> Iterator[bytes]:
    r"""What is written, piece by piece, and always one at least. Raises `MailError` at what must not be written.

    >>> from sesmail.transports.smtp.data import pieces
    >>> list(pieces([b"Hello\r\n", b".\r\n"], eight_bit=False))
    [b'Hello\r\n', b'..\r\n.\r\n']
    """
    waiting = b""  # for what comes behind it: it could be the last one
    held = b""  # a CR, for its LF
    is_new_line = True  # behind the line DATA
    for chunk in _small(chunks):
        text = held + chunk
        held = b"\r" if text.endswith(b"\r") else b""
        if held:
            text = text[:-1]
        _check(text, eight_bit=eight_bit)
        if waiting:
            yield waiting
        waiting = text.replace(b"\n.", b"\n..") if _DOT.search(text) else text
        if is_new_line and text.startswith(b"."):
            waiting = b"." + waiting
        is_new_line = text.endswith(b"\r\n") if text else is_new_line
    if held:
        raise _bare()
    yield waiting + (END if is_new_line else b"\r\n" + END)


def _small(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if len(chunk) <= PIECE:
            yield chunk
        else:
            for start in range(0, len(chunk), PIECE):
                yield chunk[start : start + PIECE]


def _check(text: bytes, *, eight_bit: bool) -> None:
    # Looks at each byte once, which no search for a CR without its LF does: a fifth of the time.
    ends = IncrementalNewlineDecoder(None, translate=False)
    ends.decode(text.decode("latin-1"), final=True)  # or a CR at the end would wait for more
    if ends.newlines not in _GOOD_ENDS:
        raise _bare()
    if not (eight_bit or text.isascii()):
        raise Unsupported(
            "the mail is not ASCII, and this server does not offer 8BITMIME",
            feature="8-bit content",
            instead=("a content in 7 bits, as sesmail writes it", "a server with 8BITMIME"),
            field="content",
        )


def _bare() -> MailError:
    return MailError("a CR or LF stands alone in it, which some server would take for a line end", field="content")
