"""A mail after the response: what is raised before it, and what becomes of an error after it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import pytest
from fastapi import BackgroundTasks, FastAPI
from fastapi.testclient import TestClient

from sesmail import AsyncMailer, Email, Mail, Mailer, Templates
from sesmail.errors import MailError, PartlySent, SetupError, TemplateError, Throttled
from sesmail.integrations.fastapi import MailerDep, add_mailer, send_after_response
from sesmail.mail.envelope import Envelope
from sesmail.testing import Mailbox

SECRET = "hunter2-planted"


@dataclass(frozen=True)
class Welcome(Mail):
    """A class of mails."""

    name: str

    def recipients(self) -> str:
        return "bob@example.org"


@pytest.fixture
def mailer() -> AsyncMailer:
    return AsyncMailer(
        "null://",
        sender="shop@example.com",
        templates=Templates({"welcome.txt": "Hello {{ name }}", "plain.txt": "Hi"}),
    )


def test_the_trap_that_it_is_for(mailer: AsyncMailer, mailbox: Mailbox) -> None:
    """A bare task: the client hears of success, the error reaches the server's log only, and the next task is lost."""
    app = FastAPI()
    ran: list[str] = []
    add_mailer(app, mailer)

    @app.post("/register")
    async def register(tasks: BackgroundTasks, mailer: MailerDep) -> str:
        tasks.add_task(mailer.send, to="ada@example.org")
        tasks.add_task(ran.append, "next")
        return "welcome"

    mailbox.fail_next(Throttled("too many a second"))
    answer = TestClient(app, raise_server_exceptions=False).post("/register")

    assert (answer.status_code, answer.json()) == (200, "welcome")
    assert ran == []


def test_an_error_after_the_response_is_logged_and_told_and_stops_nothing(
    mailer: AsyncMailer, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    app = FastAPI()
    ran: list[str] = []
    told: list[tuple[str, Exception]] = []
    add_mailer(app, mailer)

    async def on_failure(email: Email, error: Exception) -> None:
        told.append((email.subject, error))

    @app.post("/register")
    async def register(tasks: BackgroundTasks, mailer: MailerDep) -> str:
        send_after_response(tasks, mailer, to=f"{SECRET}@example.org", subject=SECRET, on_failure=on_failure)
        send_after_response(tasks, mailer, to="bob@example.org", subject="Two", on_failure=on_failure)
        tasks.add_task(ran.append, "next")
        return "welcome"

    error = Throttled("too many a second")
    mailbox.fail_next(error)
    with caplog.at_level(logging.ERROR):
        assert TestClient(app).post("/register").json() == "welcome"

    assert told == [(SECRET, error)]
    assert ran == ["next"]
    mailbox.assert_one(to="bob@example.org", subject="Two")
    (record,) = caplog.records
    assert record.getMessage() == "a mail in the background was not sent: Throttled"
    assert SECRET not in caplog.text


def test_who_raises_when_he_is_told_stops_nothing(
    mailer: AsyncMailer, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    def on_failure(email: Email, error: Exception) -> None:
        raise LookupError("the table of failures is away")

    tasks = BackgroundTasks()
    ran: list[str] = []
    mailbox.fail_next(Throttled("too many a second"))
    send_after_response(tasks, mailer, to="ada@example.org", on_failure=on_failure)
    tasks.add_task(ran.append, "next")
    asyncio.run(tasks())

    assert ran == ["next"]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "a mail in the background was not sent: Throttled",
        "on_failure of a mail in the background failed: LookupError",
    ]


def test_a_mail_that_went_to_some_is_told(
    mailer: AsyncMailer, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Exception] = []
    tasks = BackgroundTasks()
    mailbox.refuse("bob@example.org")
    send_after_response(
        tasks, mailer, to=["ada@example.org", "bob@example.org"], on_failure=lambda _, error: told.append(error)
    )
    asyncio.run(tasks())

    mailbox.assert_one(to="ada@example.org")
    (error,) = told
    assert isinstance(error, PartlySent)
    assert error.recipients == ("bob@example.org",)
    assert "a mail in the background was not sent: PartlySent" in caplog.messages


def test_a_mailer_that_cannot_be_awaited_is_refused_before_the_response(mailbox: Mailbox) -> None:
    tasks = BackgroundTasks()
    with pytest.raises(SetupError, match="not Mailer"):
        send_after_response(tasks, Mailer("null://"), to="ada@example.org")  # type: ignore[arg-type]

    assert tasks.tasks == []


def test_nobody_needs_to_be_told(mailer: AsyncMailer, mailbox: Mailbox) -> None:
    tasks = BackgroundTasks()
    mailbox.fail_next(Throttled("too many a second"))
    send_after_response(tasks, mailer, to="ada@example.org")
    asyncio.run(tasks())

    mailbox.assert_nothing_sent()


def test_what_is_wrong_with_the_mail_is_raised_before_the_response(mailer: AsyncMailer) -> None:
    tasks = BackgroundTasks()
    with pytest.raises(MailError):
        send_after_response(tasks, mailer, to="nobody")
    with pytest.raises(TemplateError):
        send_after_response(tasks, mailer, to="ada@example.org", template="welcome")

    assert tasks.tasks == []


def test_it_takes_what_send_takes(mailer: AsyncMailer, mailbox: Mailbox) -> None:
    tasks = BackgroundTasks()
    email = Email(to="ada@example.org", text="one")
    send_after_response(tasks, mailer, email)
    send_after_response(tasks, mailer, email, envelope=Envelope.of(Email(sender="a@b.example", to="bob@example.org")))
    send_after_response(tasks, mailer, to="ada@example.org", template="welcome", context={"name": "Ada"})
    send_after_response(tasks, mailer, Welcome("Bob"))
    asyncio.run(tasks())

    assert [mail.text for mail in mailbox] == ["one", "one", "Hello Ada\n", "Hello Bob\n"]
    assert [str(mail.recipients[0]) for mail in mailbox][:2] == ["ada@example.org", "bob@example.org"]
    with pytest.raises(SetupError, match="not both"):
        send_after_response(tasks, mailer, email, subject="two")
