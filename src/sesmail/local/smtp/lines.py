"""Lines and mails: what an SMTP client says, cut into pieces. Bytes in, a command or a whole mail out.

Rule 1: CR and LF stand together or not at all in a command, and a mail ends with CRLF.CRLF and nothing that looks like
        it. Where two servers read the same bytes differently, one mail is smuggled inside another (RFC 5321 2.3.8).
Rule 2: nothing is held without a limit. What is too long is counted and thrown away, and refused when it ends.
Rule 3: nothing is looked at twice, however thin the slices in which it comes.
"""

from __future__ import annotations

from enum import Enum

_END = b"\r\n.\r\n"


class Flaw(Enum):
    """What is wrong with a piece."""

    TOO_LONG = "too long"
    BARE = "a CR or LF that stands alone"


class LineReader:
    r"""Takes lines from the front of a buffer.

    >>> from sesmail.local.smtp.lines import LineReader
    >>> LineReader(512).take(bytearray(b"EHLO a.example\r\nRSET"))
    b'EHLO a.example'
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._seen = 0
        self._dropped = 0

    def take(self, buffer: bytearray) -> bytes | Flaw | None:
        """Remove a line and give it without its end, or nothing while it is not whole."""
        end = buffer.find(b"\n", self._seen) + 1
        if self._is_bare(buffer, end):
            return Flaw.BARE
        if not end:
            self._wait(buffer)
            return None
        line = bytes(buffer[: end - 2])
        del buffer[:end]
        length = self._dropped + end
        self._seen = self._dropped = 0
        return line if length <= self._max_bytes else Flaw.TOO_LONG

    def _is_bare(self, buffer: bytearray, end: int) -> bool:
        upto = end or len(buffer)
        returns = buffer.count(b"\r", max(0, self._seen - 1), upto)
        if end:
            return returns != 1 or buffer[max(0, end - 2) : end] != b"\r\n"
        return returns > buffer.endswith(b"\r")  # the one at the end may still get its LF

    def _wait(self, buffer: bytearray) -> None:
        if len(buffer) > self._max_bytes:
            self._dropped += len(buffer) - 1
            del buffer[:-1]
        self._seen = len(buffer)


class MailReader:
    r"""Takes one mail, as it follows DATA: up to the dot that stands alone, and without the dots that were added.

    >>> from sesmail.local.smtp.lines import MailReader
    >>> MailReader(1000).take(bytearray(b"Hello\r\n..\r\n.\r\n"))
    b'Hello\r\n.\r\n'
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held = b"\r\n"  # of the line DATA: a dot may come at once
        self._size = -2
        self._mail = bytearray()

    def take(self, buffer: bytearray) -> bytes | Flaw | None:
        """Empty the buffer up to the end of the mail; gives the mail when it is whole."""
        text = self._held + buffer
        end = text.find(_END)
        if end < 0:
            kept = len(text) - _begun(text)
            self._add(text[:kept])
            self._held = text[kept:]
            buffer.clear()
            return None
        del buffer[: end + len(_END) - len(self._held)]
        self._add(text[:end] + b"\r\n")
        return Flaw.TOO_LONG if self._size > self._max_bytes else bytes(self._mail[2:])

    def _add(self, piece: bytes) -> None:
        """A line break and what follows it are always in the same piece: what could be one is held back."""
        plain = piece.replace(b"\r\n.", b"\r\n")
        self._size += len(plain)
        if self._size > self._max_bytes:
            self._mail.clear()
        else:
            self._mail += plain


def _begun(text: bytes) -> int:
    """How many bytes at the end of a text may be the beginning of the end."""
    return next((length for length in range(len(_END) - 1, 0, -1) if text.endswith(_END[:length])), 0)
