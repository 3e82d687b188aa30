"""Reader: answers in HTTP/1.1, as h11 reads them. The only file that knows h11. Pure: it yields steps.

What comes back has a bound everywhere, and what is no HTTP is a line that broke. The `usual` answer is read without
h11, which would take a third of all the time for a mail. A process that hears no other never imports it.
"""

from __future__ import annotations

from typing import Any

from sesmail.lines.dialogue import HEAR, Dialogue
from sesmail.lines.fault import Kind, LineFault
from sesmail.ses.client.direct.answer import Answer
from sesmail.ses.client.direct.usual import MOST_HEAD, usual_answer

MOST_BODY = 1024 * 1024  # a page of a thousand identities is a third of it
MOST_NOTICES = 20  # answers 1xx before the one that counts
_NOTICE = b"HTTP/1.1 1"


def next_answer() -> Dialogue[Answer]:
    """The answer to a request, heard to its end."""
    heard = yield HEAR
    return usual_answer(heard) or (yield from Reader().answer(heard))


class Reader:
    """Reads one answer. h11 is told of a request only where it asks for one: that takes longer than to read."""

    __slots__ = ("_h11", "_http")

    def __init__(self) -> None:
        import h11

        self._h11: Any = h11
        self._http: Any = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)

    def _tell(self) -> None:
        """That there was a request. What it said, no answer depends on."""
        h11 = self._h11
        self._http.send(h11.Request(method="POST", target="/", headers=[("host", "-")]))
        self._http.send(h11.EndOfMessage())

    def answer(self, heard: bytes) -> Dialogue[Answer]:
        """An answer that begins with what was heard, to its end."""
        is_data = self._h11.Data
        answer = yield from self.head(heard)
        body: list[bytes] = []
        size = 0
        while True:
            event = self._next() or (yield from self._awaited())
            if type(event) is not is_data:
                answer.body = b"".join(body)
                answer.leaves_open = self._http.their_state is self._h11.DONE and not self.has_more
                return answer
            body.append(bytes(event.data))
            size += len(event.data)
            if size > MOST_BODY:
                raise LineFault(Kind.LOST, f"the answer has more than {MOST_BODY} bytes")

    def head(self, heard: bytes) -> Dialogue[Answer]:
        """An answer that begins with what was heard, without its body. Notices before it are passed by."""
        is_head = self._h11.Response
        yield from self._begin(heard)
        event = self._next() or (yield from self._awaited())
        for _ in range(MOST_NOTICES):
            if type(event) is is_head:
                return Answer(event.status_code, event.headers.raw_items())
            event = self._next() or (yield from self._awaited())
        raise LineFault(Kind.LOST, f"there were {MOST_NOTICES} notices and no answer")

    def _begin(self, heard: bytes) -> Dialogue[None]:
        """Hear so much that a notice can be told from an answer: h11 takes one only from who was asked."""
        more = heard
        while more and len(heard) < len(_NOTICE):
            more = yield HEAR
            heard += more
        if heard.startswith(_NOTICE) and self._http.our_state is self._h11.IDLE:
            self._tell()
        for data in (heard, more) if heard and not more else (heard,):  # words, an end, or both
            self._http.receive_data(data)

    def _awaited(self) -> Dialogue[Any]:
        """The next event of h11, when enough was heard for one."""
        event = None
        while event is None:
            self._http.receive_data((yield HEAR))
            event = self._next()
        return event

    def _next(self) -> Any | None:  # noqa: ANN401 - one of h11's events
        """The next event of h11, if enough was heard for one."""
        try:
            event = self._http.next_event()
        except self._h11.RemoteProtocolError as error:
            # What h11 says of it quotes the peer, so it stays the cause.
            is_over = self._http.trailing_data[1]
            detail = "the answer did not come to its end" if is_over else "what came back is no HTTP"
            raise LineFault(Kind.LOST, detail) from error
        if type(event) is self._h11.ConnectionClosed:
            raise LineFault(Kind.LOST, "it was closed before an answer")
        return None if event is self._h11.NEED_DATA else event

    @property
    def has_more(self) -> bool:
        """Whether more was heard than the answer: a word, or the end."""
        return any(self._http.trailing_data)
