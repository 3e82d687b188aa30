"""asyncio's side of a connection, whose peer reads when the test says so, and timers that run when it says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sesmail.local.line import Line


class Plug:
    """A socket, as far as it can be told to reset."""

    def __init__(self) -> None:
        self.options: list[tuple[int, int]] = []

    def setsockopt(self, level: int, option: int, value: bytes) -> None:
        self.options.append((level, option))


class Wire(asyncio.Transport):
    """A transport whose peer reads when the test says so."""

    def __init__(self) -> None:
        super().__init__({"socket": Plug(), "peername": ("192.0.2.7", 4242)})
        self.sent = b""
        self.unsent = 0  # of what was sent
        self.is_read_from = True
        self.is_ended = False
        self.is_closed = False
        self.connection: Line
        self._is_full = False
        self._high = 65536

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)
        self._tell()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high is not None
        self._high = high
        self._tell()

    def _tell(self) -> None:
        if self.unsent > self._high and not self._is_full:
            self._is_full = True
            self.connection.pause_writing()

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def peer_reads(self) -> None:
        self.unsent = 0
        self._is_full = False
        self.connection.resume_writing()

    def pause_reading(self) -> None:
        self.is_read_from = False

    def resume_reading(self) -> None:
        self.is_read_from = True

    def write_eof(self) -> None:
        self.is_ended = True

    @property
    def is_reset(self) -> bool:
        """Whether it was told to close as a line breaks."""
        return bool(self.get_extra_info("socket").options)

    def is_closing(self) -> bool:
        return self.is_closed

    def abort(self) -> None:
        self.is_closed = True
        self.connection.connection_lost(None)


class Later:
    """What is to happen at a time."""

    def __init__(self, at: float, do: Callable[[], None]) -> None:
        self.at = at
        self.do: Callable[[], None] | None = do

    def cancel(self) -> None:
        self.do = None
