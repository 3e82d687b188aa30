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

_mine: ContextVar[Diversion | None] = ContextVar("sesmail_diversion", default=None)
# Those that a thread without a context may fall back to: of captures inside one another, the innermost. A dict, since
# each step on it is one step for all threads.
_active: dict[int, Diversion] = {}


def diversion() -> Transport | None:
    """The transport that stands in the way here, if any does."""
    if not _active:
        return None
    mine = _mine.get()
    while mine is not None and not mine.is_open:  # one that has ended lingers in contexts that were copied
        mine = mine.outer
    if mine is not None:
        return mine.transport
    active = list(_active.values())
    if len(active) > 1:
        raise SetupError(
            f"{len(active)} tests catch mail at once, and this thread belongs to none of them; start it with"
            " contextvars.copy_context().run"
        )
    return active[0].transport if active else None


class Diversion:
    """A context manager that diverts every mailer to one transport."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.outer: Diversion | None = None
        self.is_open = False

    def __enter__(self) -> Transport:
        self.outer = _mine.get()
        self.is_open = True
        _active[id(self)] = self
        if self.outer is not None:
            _active.pop(id(self.outer), None)
        _mine.set(self)
        return self.transport

    def __exit__(self, *_: object) -> None:
        self.is_open = False
        if self.outer is not None and self.outer.is_open:
            _active[id(self.outer)] = self.outer
        _active.pop(id(self), None)
        # No token: fixtures may end in another context than the one they began in.
        if _mine.get() is self:
            _mine.set(self.outer)
