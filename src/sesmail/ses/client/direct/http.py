"""HttpSession: requests and answers on one line, and what it means for a mail when the line fails.

Rule 1: a mail is at risk only when all of it may have left. What fails while it is written has not left whole, and HTTP
        takes no half of a request. But for a wait that ended: the last of it may have gone in the same moment.
Rule 2: a line that breaks while something is written on it was dead before, if it was used before: `StaleLine`. It is
        listened to first, since a server may answer early, and close.
Rule 3: only a line on which both sides have said all, and nothing beside that, is used again.
"""

from __future__ import annotations

from contextlib import suppress

from sesmail.errors import SendError
from sesmail.lines.dialogue import HEAR, PAUSE, Dialogue, StartTls, do
from sesmail.lines.fault import Kind, LineFault, StaleLine, send_error
from sesmail.ses.client.direct.answer import Answer
from sesmail.ses.client.direct.heads import written
from sesmail.ses.client.direct.proxy import Proxy
from sesmail.ses.client.direct.reader import Reader, next_answer
from sesmail.ses.client.direct.routes import Request
from sesmail.ses.client.direct.way import Way

_GOOD = range(200, 300)
_PROXY_ASKS = 407


class HttpSession:
    """What is spoken on one line. `sesmail.lines.pool` keeps it with its line."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._is_used = False
        self.is_open = False

    # ── what the pool asks for ───────────────────────────────────────────────────────────────────────────────────

    def open(self) -> Dialogue[None]:
        """Through the proxy, if there is one, and TLS."""
        way = self._way
        try:
            if way.tunnel:
                yield from self._tunnel(way.tunnel)
            if way.is_secure:
                context = yield from do(way.tls)  # the first time, it reads a file of all certificates of the system
                yield StartTls(context, way.origin.name)
        except LineFault as fault:
            raise self._error(fault, stage="connect", at_risk=False) from fault
        self.is_open = True

    def _tunnel(self, proxy: Proxy) -> Dialogue[None]:
        """Ask a proxy for a line to the endpoint."""
        reader, goal = Reader(), f"{self._way.origin.host}:{self._way.origin.port}"
        yield written("CONNECT", goal, [(b"host", goal.encode()), *proxy.headers])
        answer = yield from reader.head((yield HEAR))
        if answer.status not in _GOOD:
            raise proxy.refused(answer.status)
        if reader.has_more:  # it would pass for the endpoint's
            raise LineFault(Kind.LOST, "the proxy said more than it was asked")

    def freshen(self, idle_s: float) -> Dialogue[None]:  # noqa: ARG002 - as the pool calls it
        """Nothing: the pool has looked whether the line is quiet, and HTTP has no way to ask."""
        yield from ()

    def farewell(self) -> bytes:
        """Nothing: HTTP ends without a word."""
        return b""

    # ── one request ──────────────────────────────────────────────────────────────────────────────────────────────

    def exchange(self, head: bytes, request: Request, size: int) -> Dialogue[Answer]:
        """Say a request whose body has this size, and hear the answer."""
        is_used, self._is_used = self._is_used, True
        self.is_open = False
        left = len(head) + size
        try:
            for piece in request.body.pieces(head):  # the head and a small body are one word
                left -= len(piece)
                yield piece
                if left:
                    yield PAUSE
        except LineFault as fault:
            at_risk = request.sends and not left and fault.kind is Kind.LATE
            return (yield from self._unsaid(fault, is_used=is_used, at_risk=at_risk))
        try:
            answer = yield from next_answer()
        except LineFault as fault:
            raise self._error(fault, stage="reply", at_risk=request.sends) from fault
        self.is_open = answer.leaves_open
        return self._checked(answer)

    def _unsaid(self, fault: LineFault, *, is_used: bool, at_risk: bool) -> Dialogue[Answer]:
        """What there is when a request could not be written: an early answer, or an error."""
        if fault.kind is Kind.LOST:
            with suppress(LineFault):
                return self._checked((yield from next_answer()))
            if is_used:
                raise StaleLine from fault
        raise self._error(fault, stage="data", at_risk=at_risk) from fault

    def _checked(self, answer: Answer) -> Answer:
        """The same, if it is not a proxy's own word."""
        if answer.status == _PROXY_ASKS and self._way.relay:
            raise self._way.relay.refused(answer.status)
        return answer

    def _error(self, fault: LineFault, *, stage: str, at_risk: bool) -> SendError:
        return send_error(fault, stage=stage, at_risk=at_risk, peer=str(self._way))
