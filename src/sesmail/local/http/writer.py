"""HttpWriter: the one place where an answer becomes bytes. It would rather raise than write a header that is two."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from time import gmtime, time

from sesmail.local.http.message import HttpReply
from sesmail.local.http.section import PLAIN, header_name

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
BODILESS = frozenset({204, 304})
NOT_YOURS = frozenset({"", "connection", "content-length", "date", "transfer-encoding"})  # and what is no name

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}
_JOINED_BELOW = 64 * 1024
# strftime would write them in the language of the machine.
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class HttpWriter:
    """Writes answers. ``now`` is the clock on the wall, for the ``Date`` header."""

    def __init__(self, now: Callable[[], float] = time) -> None:
        self._now = now
        self._second = -1
        self._date = ""

    def write(self, reply: HttpReply, *, to_head: bool = False, last: bool = False) -> tuple[bytes, ...]:
        """The bytes, in one piece where copying them costs less than sending twice."""
        head = self._head(reply, last=last)
        body = b"" if to_head or reply.status in BODILESS else reply.body
        return (head + body,) if len(body) < _JOINED_BELOW else (head, body)

    def _head(self, reply: HttpReply, *, last: bool) -> bytes:
        lines = [_status_line(reply.status), self._date_line(), f"Connection: {'close' if last else 'keep-alive'}"]
        if reply.status not in BODILESS:  # RFC 9110 8.6 forbids it for 204
            lines.append(f"Content-Length: {len(reply.body)}")
        for name, value in reply.headers.items():
            if header_name(name) in NOT_YOURS:
                raise ValueError(f"an answer may not have the header {name!r}")
            lines.append(f"{name}: {value}")
        lines += "", ""
        head = "\r\n".join(lines).encode("latin-1")
        if len(head.translate(None, PLAIN)) != 2 * (len(lines) - 1):
            raise ValueError("a header of the answer has a control character")
        return head

    def _date_line(self) -> str:
        second = int(self._now())
        if second != self._second:
            self._second, self._date = second, f"Date: {http_date(second)}"
        return self._date


def _status_line(status: int) -> str:
    if not 200 <= status <= 599:
        raise ValueError(f"{status} is not the status of a whole answer")
    return _STATUS_LINES.get(status) or f"HTTP/1.1 {status} "


def http_date(second: float) -> str:
    """RFC 9110 5.6.7.

    >>> from sesmail.local.http.writer import http_date
    >>> http_date(784111777)
    'Sun, 06 Nov 1994 08:49:37 GMT'
    """
    year, month, day, hour, minute, seconds, weekday, _, _ = gmtime(second)
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{seconds:02} GMT"
