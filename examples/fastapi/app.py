"""A site where people register, and show by a link that their address is theirs. FastAPI, with mail of a template.

Run it with ``SESMAIL_URL="console://?full=yes" uvicorn --factory examples.fastapi.app:create_app``, which prints the
mails, or with ``sesmail local --production --verify example.com`` beside it and the environment that this prints.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from sesmail import AsyncMailer, Templates
from sesmail.errors import InvalidAddress, SendError
from sesmail.integrations.fastapi import MailerDep, add_mailer

HERE = Path(__file__).parent


class Registration(BaseModel):
    """What somebody says of himself. sesmail judges the address."""

    name: str
    email: str


def create_app(*, mail_url: str | None = None, site: str = "http://127.0.0.1:8000") -> FastAPI:
    """The application: ``SESMAIL_URL`` in the environment says where mail goes, unless ``mail_url`` does."""
    app = FastAPI()
    add_mailer(
        app,
        AsyncMailer(
            mail_url,
            sender="Tea Shop <shop@example.com>",
            tags={"app": "shop"},
            templates=Templates(HERE / "templates", base_url=site),
        ),
    )
    waiting: dict[str, str] = {}  # whose address a token is for
    verified: set[str] = set()

    @app.post("/register", status_code=202)
    async def register(mailer: MailerDep, asked: Registration) -> str:
        token = secrets.token_urlsafe(24)
        try:
            # Awaited, and no background task: who waits for this mail cannot go on without it.
            await mailer.send(
                template="verify",
                context={"name": asked.name, "token": token},
                to=[(asked.name, asked.email)],
                auto_submitted="auto-generated",
            )
        except InvalidAddress as error:
            raise HTTPException(400, "This is no address that mail can go to.") from error
        except SendError as error:
            if not error.retryable:
                raise
            raise HTTPException(503, "We cannot send mail just now; please try again in a minute.") from error
        waiting[token] = asked.email
        return "Look into your inbox."

    @app.get("/verify/{token}")
    async def verify(token: str) -> str:
        if token not in waiting:
            raise HTTPException(404)
        verified.add(waiting[token])
        return f"{waiting[token]} is verified."

    return app
