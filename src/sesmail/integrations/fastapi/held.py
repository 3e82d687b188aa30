"""Held: the mailers of an application, on its ``state``."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from sesmail.errors import SetupError
from sesmail.mailer.async_mailer import AsyncMailer

_STATE = "sesmail"


def mailer_of(app: Starlette | HTTPConnection, name: str = "") -> AsyncMailer:
    """The mailer of an application, or of the one that answers a request or a web socket.

    >>> from starlette.applications import Starlette
    >>> from sesmail import AsyncMailer
    >>> from sesmail.integrations.fastapi import add_mailer, mailer_of
    >>> app = Starlette()
    >>> add_mailer(app, AsyncMailer("null://", sender="shop@example.com"))
    >>> mailer_of(app)
    AsyncMailer(NullTransport())
    """
    held = _held(app.app if isinstance(app, HTTPConnection) else app)
    if name in held:
        return held[name]
    if held:
        raise SetupError(f"this app has no mailer {name!r}; it has {', '.join(map(repr, held))}")
    raise SetupError(
        "this app has no mailer: give it one by add_mailer(app, …). If mail_lifespan is to do that, it has not run: in"
        " a test, write 'with TestClient(app) as client:'. A mounted app has mailers of its own."
    )


def hold(app: Starlette, mailers: Mapping[str, AsyncMailer]) -> None:
    """Put mailers on an application, beside those that it has."""
    app.state.sesmail = {**_held(app), **mailers}


def _held(app: Starlette) -> Mapping[str, AsyncMailer]:
    held: Mapping[str, AsyncMailer] = getattr(app.state, _STATE, {})
    return held
