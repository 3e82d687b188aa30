"""HttpDoor: a small HTTP server in a thread of its own, for one program on one machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from threading import Lock
from time import time
from typing import Self

from sesmail.errors import SetupError
from sesmail.local.http.connection import Answer, CutAfter, Desk, Patience
from sesmail.local.http.doorkeeper import Doorkeeper
from sesmail.local.http.reader import MIB, HttpReader
from sesmail.local.http.writer import HttpWriter
from sesmail.local.shift import Shift, called, listening


class HttpDoor:
    """Hands requests to ``answer``, one at a time, and its answers back.

    >>> from urllib.request import urlopen
    >>> from sesmail.local.http.door import HttpDoor
    >>> from sesmail.local.http.message import HttpReply
    >>> with HttpDoor(lambda request: HttpReply(200, body=request.path.encode())) as door:
    ...     urlopen(door.url + "/hello").read()
    b'/hello'

    ``answer`` runs in the door's thread; what it raises is logged and answered with status 500. Port 0 is any that is
    free. ``hosts`` are the names under which the door may be called beside localhost and the address it is bound to;
    ``public`` is how the paths begin that any web page may lead a browser to. ``clock`` is the loop's own where none is
    given, and ``now`` what the ``Date`` header is made of. ``cut_after`` is told how a request begins, and tells after
    how many of its bytes the line breaks, if it is to. ``on_open`` is told the URL before anybody is served.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        hosts: str | Iterable[str] = (),
        public: tuple[str, ...] = (),
        body_limit: int = 64 * MIB,
        idle_s: float = 75.0,
        head_s: float = 10.0,
        body_s: float = 20.0,
        linger_s: float = 2.0,
        linger_bytes: int = 64 * MIB,
        sweep_s: float = 1.0,
        clock: Callable[[], float] | None = None,
        now: Callable[[], float] = time,
        cut_after: CutAfter = lambda _begins: None,
        on_open: Callable[[str], None] = lambda _url: None,
    ) -> None:
        self._answer = answer
        self._host = host
        self._port = port
        self._doorkeeper = Doorkeeper(hosts, public=public)
        self._body_limit = body_limit
        self._patience = Patience(idle_s, head_s, body_s, linger_s, linger_bytes)
        self._sweep_s = sweep_s
        self._clock = clock
        self._now = now
        self._cut_after = cut_after
        self._on_open = on_open
        self._lock = Lock()
        self._shift: Shift[Desk] | None = None

    def start(self) -> None:
        """Open it. Raises the `OSError` of a port that is taken or not allowed."""
        with self._lock, ExitStack() as undo:
            if self._shift:
                raise SetupError(f"the door is open already, at {self.url}")
            listener = undo.enter_context(listening(self._host, self._port))
            loop = asyncio.SelectorEventLoop()  # also on Windows, whose own loop cannot be told to accept nobody more
            undo.callback(loop.close)
            desk = self._desk(loop, listener)
            shift = Shift(loop, [(listener, desk.connect)], desk, sweep_s=self._sweep_s, name="sesmail-http")
            self._on_open(url_of(*shift.addresses[0]))
            shift.start()
            undo.pop_all()
            self._shift = shift

    def _desk(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> Desk:
        doorkeeper = self._doorkeeper.also_for(listener.getsockname()[0])
        return Desk(
            self._answer,
            new_reader=partial(HttpReader, admit=doorkeeper.admit, max_body_bytes=self._body_limit),
            writer=HttpWriter(self._now),
            patience=self._patience,
            clock=self._clock or loop.time,
            later=loop.call_later,
            cut_after=self._cut_after,
        )

    def check_stop(self) -> None:
        """Whether this thread may stop it."""
        if self._shift and self._shift.is_mine():
            raise SetupError("an answer cannot stop the door that waits for it; stop it from another thread")

    def stop(self) -> None:
        """Close it and every connection, after the answer that is being made. It can be started again."""
        self.check_stop()
        with self._lock:
            shift, self._shift = self._shift, None
            if shift:
                shift.end()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._address()[1]

    @property
    def url(self) -> str:
        """Where to call it, such as ``http://127.0.0.1:8005``."""
        return url_of(*self._address())

    def _address(self) -> tuple[str, int]:
        shift = self._shift
        if not shift:
            raise SetupError("the door is not open and has no address; start it first")
        return shift.addresses[0]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"HttpDoor({self.url})" if self._shift else "HttpDoor(closed)"


def url_of(host: str, port: int) -> str:
    """The URL of what listens there, as it can be called from this machine."""
    host = called(host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
