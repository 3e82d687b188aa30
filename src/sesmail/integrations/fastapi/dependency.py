"""Dependency: mailers as FastAPI hands them to path operations, and lets tests put others in their place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated

from fastapi import Depends

# FastAPI reads the annotation, so the name has to be here when the program runs.
from starlette.requests import HTTPConnection

from sesmail.integrations.fastapi.held import mailer_of
from sesmail.mailer.async_mailer import AsyncMailer


# async, though it awaits nothing: FastAPI would call any other in a thread.
async def get_mailer(connection: HTTPConnection) -> AsyncMailer:
    """The mailer of the application that answers. It is what tests override: ``app.dependency_overrides``."""
    return mailer_of(connection)


@cache  # the same function each time, or a test could not override it
def mailer_named(name: str) -> Callable[[HTTPConnection], Awaitable[AsyncMailer]]:
    """A dependency for the mailer with this name.

    >>> from typing import Annotated
    >>> from fastapi import Depends
    >>> from sesmail import AsyncMailer
    >>> from sesmail.integrations.fastapi import mailer_named
    >>> NewsMailer = Annotated[AsyncMailer, Depends(mailer_named("news"))]
    """

    async def get_named_mailer(connection: HTTPConnection) -> AsyncMailer:
        return mailer_of(connection, name)

    return get_named_mailer


MailerDep = Annotated[AsyncMailer, Depends(get_mailer)]
"""The mailer of the application: ``async def register(mailer: MailerDep)``."""
