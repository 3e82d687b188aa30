"""Replies: what a server says, out of bytes in whatever slices. Pure.

Rule 1: a line ends with CRLF, and neither stands alone (RFC 5321 2.3.8). Where a client guesses, somebody else guesses
        differently, so what is no reply ends the session.
Rule 2: nothing is held without a limit: a line, a reply, and all that one session hears.
Rule 3: text is decoded when a reply is whole, never by slice, and what a terminal or a log would obey becomes a ``?``.
Rule 4: nothing is looked at twice, however thin the slices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# RFC 5321 4.5.3.1.5 says 512. SES names all identities that are not verified on one line, and 50 may be.
LONGEST_LINE = 16_384
LONGEST_REPLY = 65_536
LONGEST_SESSION = 16 * 1024 * 1024
_USUAL = 512  # bytes, of what is remembered
_WHOLE = re.compile(rb"(?:[2-5][0-9]{2}(?: [^\r\n]*+)?\r\n)++")
_CODE = re.compile(rb"([2-5][0-9]{2})([ -]?)")
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |\Z)")


class BadReply(Exception):
    """The server said what is no answer to what it was asked. What it says next cannot be trusted to be one."""


@dataclass(frozen=True, slots=True)
class Reply:
    r"""A code, and the text of each line.

    >>> from sesmail.transports.smtp.replies import Reply
    >>> reply = Reply(550, (b"5.1.1 No such user", b"\x1b[2J here"))
    >>> reply.enhanced, reply.text
    ('5.1.1', '5.1.1 No such user ?[2J here')
    """

    code: int
    lines: tuple[bytes, ...]

    @property
    def is_yes(self) -> bool:
        """It was done."""
        return 200 <= self.code < 300

    @property
    def is_no(self) -> bool:
        """It was not done: for now (4xx), or for good (5xx)."""
        return self.code >= 400

    @property
    def text(self) -> str:
        """All lines as one, safe to print."""
        text = b" ".join(self.lines).decode("utf-8", "replace")
        return text if text.isprintable() else "".join([c if c.isprintable() else "?" for c in text])

    @property
    def enhanced(self) -> str:
        """The code of RFC 3463 behind the code, if there is one."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""

    @property
    def codes(self) -> str:
        """Both codes, as errors carry them: ``550 5.1.1``."""
        return f"{self.code} {self.enhanced}".rstrip()


class ReplyReader:
    r"""Takes replies out of what was heard.

    >>> from sesmail.transports.smtp.replies import ReplyReader
    >>> reader = ReplyReader()
    >>> reader.hear(b"250-mail.example\r\n250 SI")
    >>> reader.take() is None
    True
    >>> reader.hear(b"ZE 1000\r\n")
    >>> reader.take()
    Reply(code=250, lines=(b'mail.example', b'SIZE 1000'))
    """

    __slots__ = ("_code", "_inbox", "_length", "_lines", "_ready", "_seen", "heard")

    def __init__(self) -> None:
        self._ready: list[Reply] = []  # the last one comes first
        self._inbox = bytearray()
        self._seen = 0  # so much of the inbox holds no line end
        self._code = 0  # of a reply that has begun
        self._lines: list[bytes] = []
        self._length = 0
        self.heard = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was heard but whole replies, and all were taken."""
        return not (self._ready or self._inbox or self._lines)

    def hear(self, data: bytes) -> None:
        """More bytes."""
        self.heard += len(data)
        if self.heard > LONGEST_SESSION:
            raise BadReply("more than a whole session may say")
        if self._ready or self._inbox or self._lines or len(data) > _USUAL:
            self._inbox += data
        elif replies := _replies_in(data):
            self._ready += replies
        else:
            self._inbox += data

    def take(self) -> Reply | None:
        """The next reply, or nothing while it is not whole."""
        if self._ready:
            return self._ready.pop()
        if not self._inbox:
            return None
        while (end := self._inbox.find(b"\n", self._seen) + 1) > 0:
            line = bytes(self._inbox[:end])
            del self._inbox[:end]
            self._seen = 0
            if self._is_last(line):
                reply = Reply(self._code, tuple(self._lines))
                self._lines, self._code, self._length = [], 0, 0
                return reply
        self._check_beginning()
        return None

    def _is_last(self, line: bytes) -> bool:
        """Add a line to the reply, and tell whether it was the last one."""
        if len(line) > LONGEST_LINE or (length := self._length + len(line)) > LONGEST_REPLY:
            raise BadReply("a reply without an end")
        if line.find(b"\r") != len(line) - 2:
            raise BadReply("a CR or LF that stands alone")
        found = _CODE.match(line)
        # ``250`` alone is a reply, ``2500`` none.
        if not found or not (found[2] or len(line) == len("250\r\n")):
            raise BadReply("a line that begins with no code")
        code = int(found[1])
        if self._lines and code != self._code:
            raise BadReply("two codes in one reply")
        self._code, self._length = code, length
        self._lines.append(line[4:-2])
        return found[2] != b"-"

    def _check_beginning(self) -> None:
        """What has no line end yet may still be seen to be none."""
        inbox = self._inbox
        if len(inbox) > LONGEST_LINE:
            raise BadReply("a line without an end")
        alone = inbox.find(b"\r", max(0, self._seen - 1))
        if 0 <= alone < len(inbox) - 1:
            raise BadReply("a CR that stands alone")
        self._seen = len(inbox)


@lru_cache(maxsize=64)
def _replies_in(data: bytes) -> tuple[Reply, ...]:
    """The replies, last one first, if it is nothing but whole ones of a line each: mostly so, and mostly the same."""
    if not _WHOLE.fullmatch(data):
        return ()
    return tuple([Reply(int(line[:3]), (line[4:],)) for line in reversed(data.split(b"\r\n")[:-1])])
