"""The usual answer, which h11 need not read: a 200, heard in one piece, with a length and nothing else that matters.

Rule 1: what is taken here, h11 takes too, and reads the same in it (a test compares them). What leaves any doubt, such
        as a header that is there twice, is left to h11, and so is every answer that is not 200.
Rule 2: it ends where what was heard ends. So nothing is left over, and the line stays open.
"""

from __future__ import annotations

import re

from sesmail.ses.client.direct.answer import Answer

MOST_HEAD = 16 * 1024

_HEAD = re.compile(rb"HTTP/1\.1 200 [ -~]*\r\n((?:[0-9A-Za-z-]+:[ -~]*\r\n)+)\r\n")
_KEPT = b"keep-alive"


def usual_answer(heard: bytes) -> Answer | None:
    r"""The answer that this is, if it is one that is read at a glance.

    >>> from sesmail.ses.client.direct.usual import usual_answer
    >>> usual_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").body
    b'{}'
    >>> usual_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{") is None
    True
    """
    head = _HEAD.match(heard)
    if head is None or head.end() > MOST_HEAD:
        return None
    lines = [line.partition(b":") for line in head[1].split(b"\r\n")[:-1]]
    headers = {name.lower(): value.strip() for name, _, value in lines}
    if len(headers) < len(lines) or b"transfer-encoding" in headers:
        return None
    if headers.get(b"connection", _KEPT).lower() != _KEPT:
        return None
    if headers.get(b"content-length") != b"%d" % (len(heard) - head.end()):
        return None
    return Answer(200, list(headers.items()), heard[head.end() :], leaves_open=True)
