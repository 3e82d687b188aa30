"""Diversion: where the mails of every mailer go while a test catches them.

Applications hold their mailers for life, so a test cannot hand them another one. It puts a transport in the way: first
for the context it runs in; and a thread that has no context of a test falls back to the only one that is active.
"""

from __future__ import annotations

from contextvars import ContextVar

from sesmail.errors import SetupError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sesmail.transports.base import Transport

_mine: ContextVar[Transport | None] = ContextVar("sesmail_diversion", default=None)
_active: list[Transport] = []


def diversion() -> Transport | None:
    """The transport that stands in the way here, if any does."""
    if not _active:
        return None
    mine = _mine.get()
    # One that has ended may linger in a context that was copied from the test's.
    if mine is not None and any(mine is active for active in _active):
        return mine
    if len(_active) == 1:
        return _active[0]
    raise SetupError(
        f"{len(_active)} tests catch mail at once, and this thread belongs to none of them; start it with"
        " contextvars.copy_context().run"
    )


class Diversion:
    """A context manager that diverts every mailer to one transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._before: Transport | None = None

    def __enter__(self) -> Transport:
        self._before = _mine.get()
        _active.append(self._transport)
        _mine.set(self._transport)
        return self._transport

    def __exit__(self, *_: object) -> None:
        _active[:] = [active for active in _active if active is not self._transport]
        # No token: fixtures may end in another context than the one they began in.
        if _mine.get() is self._transport:
            _mine.set(self._before)
