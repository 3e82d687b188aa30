"""Pages of a list, and the tokens that lead from one to the next."""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from typing import TypeVar

from sesmail.local.faults import Fault, FaultKind

Item = TypeVar("Item")
_MARK = b"page"
_MOST_DIGITS = 9


def page(items: Sequence[Item], token: str | None, size: int | None, most: int) -> tuple[list[Item], str | None]:
    """The items of one page, and the token for the next one if there is one."""
    start = _start(token) if token else 0
    end = start + min(size or most, most)
    following = b2a_base64(b"%b:%d" % (_MARK, end), newline=False).decode() if end < len(items) else None
    return list(items[start:end]), following


def _start(token: str) -> int:
    try:
        mark, _, start = a2b_base64(token, strict_mode=True).partition(b":")
    except (NotBase64, ValueError):  # the second is for what is not ASCII
        mark, start = b"", b""
    if mark != _MARK or not start.isdigit() or len(start) > _MOST_DIGITS:
        raise Fault(FaultKind.BAD_TOKEN, "The next token is invalid.")
    return int(start)
