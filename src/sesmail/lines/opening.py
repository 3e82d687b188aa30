"""Opening: how a line is opened, all but the waiting. The name first; then one address after the other."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from sesmail.lines.fault import Kind, LineFault, detail_of
from sesmail.lines.line import Line, Place
from sesmail.lines.patience import Deadline

_Address = tuple[int, int, int, str, tuple[object, ...]]  # as getaddrinfo gives it


class Opening:
    """One line that is to be. A driver finds the name, and tries the attempts until one holds."""

    __slots__ = ("_addresses", "_end", "_last", "_place")

    def __init__(self, place: Place, deadline: Deadline) -> None:
        self._place = place
        self._end = deadline.for_connection()
        self._addresses: list[_Address] = []
        self._last = OSError(0, "it has no address")

    def left_s(self) -> float:
        """How long it may still take."""
        return self._end.left_s()

    def find(self) -> None:
        """Find out the addresses. Blocks: the system has no other way."""
        try:
            found = socket.getaddrinfo(_name_of(self._place), self._place.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise LineFault(Kind.NO_NAME, detail_of(error)) from error
        except UnicodeError as error:  # before anybody is asked
            raise LineFault(Kind.NO_NAME, "it is no host name") from error
        self._addresses = found  # type: ignore[assignment] # typeshed tells the two families apart

    def attempts(self) -> Iterator[Attempt]:
        """One for each address, each with an equal part of the time that is left."""
        for index, address in enumerate(self._addresses):
            yield Attempt(self, address, self._end.left_s() / (len(self._addresses) - index))

    def failed(self, error: OSError) -> None:
        """An attempt came to nothing."""
        self._last = error

    def fault(self) -> LineFault:
        """What is wrong when none of them held."""
        errno = self._last.errno  # of which asyncio makes another text
        fault = LineFault(Kind.NO_ROUTE, (os.strerror(errno) if errno else detail_of(self._last)) or "not in time")
        fault.__cause__ = self._last
        return fault


def _name_of(place: Place) -> str | bytes:
    """As bytes where it is plain, which spares a process the codec for names of all the world."""
    is_plain = place.host.isascii() and all(0 < len(label) < 64 for label in place.host.split("."))
    return place.host.encode() if is_plain else place.host


class Attempt:
    """One address. As a context, it closes what comes to nothing, and lets the next one have its turn."""

    __slots__ = ("_family", "_kind", "_opening", "_protocol", "_sock", "address", "seconds")

    def __init__(self, opening: Opening, address: _Address, seconds: float) -> None:
        self._opening = opening
        self._family, self._kind, self._protocol, _, self.address = address
        self._sock: socket.socket | None = None
        self.seconds = seconds

    def sock(self) -> socket.socket:
        """A socket as lines have them: each word leaves at once, and a peer that vanished is noticed some day."""
        if self.seconds <= 0:
            raise TimeoutError
        self._sock = sock = socket.socket(self._family, self._kind, self._protocol)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return sock

    def line(self) -> Line:
        """What it has become."""
        assert self._sock  # noqa: S101 - it is connected
        sock, self._sock = self._sock, None
        return Line(sock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, traceback: TracebackType | None) -> bool:
        if self._sock:
            self._sock.close()
        if not isinstance(error, OSError):
            return False
        self._opening.failed(error)
        return True
