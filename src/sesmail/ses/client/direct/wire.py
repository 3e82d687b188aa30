"""Wire: HTTP/1.1 as h11 writes and reads it. The only file that knows h11. Pure: it yields steps.

What comes back has a bound everywhere, and what is no HTTP is a line that broke.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sesmail.lines.dialogue import HEAR, Dialogue
from sesmail.lines.fault import Kind, LineFault
from sesmail.ses.client.direct.answer import Answer

MOST_HEAD = 16 * 1024
MOST_BODY = 1024 * 1024  # a page of a thousand identities is a third of it
MOST_NOTICES = 20  # answers 1xx before the one that counts

Headers = list[tuple[bytes, bytes]]


def written(method: str, target: str, headers: Headers) -> bytes:
    """The head of a request. What HTTP does not allow in one is a mistake of ours, and raises h11's error."""
    import h11

    return h11.Connection(h11.CLIENT).send(h11.Request(method=method, target=target, headers=headers))


class Wire:
    """The answers on one line, one after another."""

    __slots__ = ("_h11", "_http")

    def __init__(self) -> None:
        import h11

        self._h11: Any = h11
        self._http: Any = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)

    def ask(self, method: str = "POST") -> None:
        """A request goes out: what comes from now on is its answer. What else it says, no answer depends on."""
        request, end = _told(method)
        self._http.send(request)
        self._http.send(end)

    def answer(self) -> Dialogue[Answer]:
        """An answer, heard to its end."""
        answer = yield from self.head()
        body: list[bytes] = []
        size = 0
        while type(event := (yield from self._event())) is self._h11.Data:
            body.append(bytes(event.data))
            size += len(event.data)
            if size > MOST_BODY:
                raise LineFault(Kind.LOST, f"the answer has more than {MOST_BODY} bytes")
        answer.body = b"".join(body)
        return answer

    def head(self) -> Dialogue[Answer]:
        """An answer whose body is still to come. Notices before it are passed by."""
        self._http.receive_data((yield HEAR))
        for _ in range(MOST_NOTICES + 1):
            event = yield from self._event()
            if type(event) is self._h11.Response:
                return Answer(event.status_code, event.headers.raw_items(), b"")
        raise LineFault(Kind.LOST, f"there were more than {MOST_NOTICES} notices before the answer")

    def _event(self) -> Dialogue[Any]:
        http = self._http
        while True:
            try:
                event = http.next_event()
            except self._h11.RemoteProtocolError as error:
                # What h11 says of it quotes the peer, so it stays the cause.
                is_over = http.trailing_data[1]
                detail = "the answer did not come to its end" if is_over else "what came back is no HTTP"
                raise LineFault(Kind.LOST, detail) from error
            if event is not self._h11.NEED_DATA:
                return event
            http.receive_data((yield HEAR))

    @property
    def has_more(self) -> bool:
        """Whether more was heard than the answer."""
        return bool(self._http.trailing_data[0])

    def renew(self) -> bool:
        """Get ready for another answer, if the peer lets the line stay and has said nothing more."""
        done = self._h11.DONE
        if self._http.our_state is not done or self._http.their_state is not done or self.has_more:
            return False
        self._http.start_next_cycle()
        return True


@cache
def _told(method: str) -> tuple[object, object]:
    import h11

    return h11.Request(method=method, target="/", headers=[("host", "-")]), h11.EndOfMessage()
