"""Lifespan: mailers that begin and end with an application, around what else begins and ends with it.

A mailer is closed last, so that an application may send a mail while it shuts down.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from inspect import isasyncgenfunction
from typing import TYPE_CHECKING, TypeVar, cast

from starlette.applications import Starlette

from sesmail.errors import SetupError
from sesmail.integrations.fastapi.held import hold
from sesmail.mailer.async_mailer import AsyncMailer

if TYPE_CHECKING:
    from starlette.types import Lifespan

App = TypeVar("App", bound=Starlette)
MailerLike = AsyncMailer | Callable[[], AsyncMailer]
_Entered = Callable[[App], AbstractAsyncContextManager[Mapping[str, object] | None]]


def mail_lifespan(mailer: MailerLike, /, *, around: Lifespan[App] | None = None, **named: MailerLike) -> Lifespan[App]:
    """A lifespan that gives an application its mailers, and closes them when it ends.

    >>> from fastapi import FastAPI
    >>> from sesmail import AsyncMailer
    >>> from sesmail.integrations.fastapi import mail_lifespan
    >>> app = FastAPI(lifespan=mail_lifespan(AsyncMailer("null://", sender="shop@example.com")))

    Each is a mailer, or a function that makes one when the application starts, from settings that are known by then.
    Mailers with a name are found by it: ``mail_lifespan(main, news=other)``. ``around`` is a lifespan of yours: it runs
    inside, so it can send, also at its end.
    """
    given = {"": mailer, **named}
    for name, one in given.items():
        if not isinstance(one, AsyncMailer) and not callable(one):
            raise SetupError(f"the mailer {name!r} is an AsyncMailer or a function that makes one, not {_kind(one)}")
    inside = cast("_Entered[App] | None", asynccontextmanager(around) if isasyncgenfunction(around) else around)

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[Mapping[str, object] | None]:
        async with AsyncExitStack() as stack:
            opened = {name: await stack.enter_async_context(_made(one)) for name, one in given.items()}
            hold(app, opened)
            yield None if inside is None else await stack.enter_async_context(inside(app))

    return cast("Lifespan[App]", lifespan)


def add_mailer(app: Starlette, mailer: AsyncMailer, *, name: str = "") -> None:
    """Give an application a mailer, at once; it is closed when the application ends, after all else.

    This goes with any lifespan that the application has, and with tests that run none.
    """
    if not isinstance(mailer, AsyncMailer):
        raise SetupError(f"an application holds an AsyncMailer, not {_kind(mailer)}")
    hold(app, {name: mailer})
    inside = cast("_Entered[Starlette]", app.router.lifespan_context)

    @asynccontextmanager
    async def lifespan(running: Starlette) -> AsyncIterator[Mapping[str, object] | None]:
        async with mailer, inside(running) as state:
            yield state

    app.router.lifespan_context = cast("Lifespan[Starlette]", lifespan)


def _made(given: MailerLike) -> AsyncMailer:
    mailer = given if isinstance(given, AsyncMailer) else given()
    if not isinstance(mailer, AsyncMailer):
        raise SetupError(f"a function for mail_lifespan gives an AsyncMailer, not {_kind(mailer)}")
    return mailer


def _kind(given: object) -> str:
    return type(given).__name__
