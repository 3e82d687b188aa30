"""The dependency, and how tests put others in its place."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient

from sesmail import AsyncMailer
from sesmail.integrations.fastapi import MailerDep, add_mailer, get_mailer, mailer_named, mailer_of
from sesmail.local import LocalSes
from sesmail.testing import Mailbox
from sesmail.transports import MemoryTransport
from tests.integrations.fastapi.conftest import Closing

NewsMailer = Annotated[AsyncMailer, Depends(mailer_named("news"))]


def make_app(mailer: AsyncMailer) -> FastAPI:
    app = FastAPI()
    add_mailer(app, mailer)
    add_mailer(app, AsyncMailer("null://", sender="news@example.com"), name="news")

    @app.post("/register")
    async def register(mailer: MailerDep, email: str) -> str:
        await mailer.send(to=email, subject="Welcome")
        return threading.current_thread().name

    @app.post("/news")
    async def news(mailer: NewsMailer) -> None:
        await mailer.send(to="ada@example.org", subject="News")

    @app.websocket("/ws")
    async def talk(socket: WebSocket, mailer: MailerDep) -> None:
        await socket.accept()
        await mailer.send(to="ada@example.org", subject="From a socket")
        await socket.close()

    return app


def test_the_mailbox_catches_what_an_application_sends(
    mailer: AsyncMailer, mailbox: Mailbox, transport: Closing
) -> None:
    client = TestClient(make_app(mailer))

    assert client.post("/register?email=ada@example.org").status_code == 200
    client.post("/news")
    mailbox.assert_one(to="ada@example.org", subject="Welcome", sender="shop@example.com")
    mailbox.assert_one(subject="News", sender="news@example.com")
    assert transport.events == []


def test_the_mailbox_catches_it_in_a_loop_of_the_test_s_own(mailer: AsyncMailer, mailbox: Mailbox) -> None:
    async def main() -> None:
        way = httpx.ASGITransport(app=make_app(mailer))  # which runs no lifespan
        async with httpx.AsyncClient(transport=way, base_url="http://shop.example") as client:
            await client.post("/register?email=ada@example.org")

    asyncio.run(main())
    mailbox.assert_one(to="ada@example.org")


def test_a_web_socket_has_it_too(mailer: AsyncMailer, mailbox: Mailbox) -> None:
    with TestClient(make_app(mailer)).websocket_connect("/ws"):
        pass

    mailbox.assert_one(subject="From a socket")


def test_tests_may_put_another_mailer_in_its_place(mailer: AsyncMailer, transport: Closing) -> None:
    memory, news = MemoryTransport(), MemoryTransport()
    app = make_app(mailer)
    app.dependency_overrides[get_mailer] = lambda: AsyncMailer(memory, sender="a@example.com")
    app.dependency_overrides[mailer_named("news")] = lambda: AsyncMailer(news, sender="a@example.com")
    client = TestClient(app)
    client.post("/register?email=ada@example.org")
    client.post("/news")

    assert [len(memory.sent), len(news.sent)] == [1, 1]
    assert transport.events == []


def test_it_is_no_parameter_of_the_api(mailer: AsyncMailer) -> None:
    (operation,) = make_app(mailer).openapi()["paths"]["/register"].values()

    assert [parameter["name"] for parameter in operation["parameters"]] == ["email"]


@pytest.mark.local_ses(sandbox=False)
@pytest.mark.parametrize("client", ["boto3", "direct"])
def test_while_one_mail_is_slow_others_are_answered(local_ses: LocalSes, client: str) -> None:
    local_ses.identity("example.com").verify()
    app = make_app(AsyncMailer(f"ses://us-east-1?client={client}", sender="shop@example.com"))
    done: list[str] = []

    @app.get("/ping")
    async def ping() -> None:
        done.append("ping")

    async def register(web: httpx.AsyncClient) -> None:
        await web.post("/register?email=ada@example.org")
        done.append("register")

    async def main() -> None:
        way = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=way, base_url="http://shop.example") as web:
            slow = asyncio.create_task(register(web))
            while not slow.done():
                await web.get("/ping")
                await asyncio.sleep(0.01)
        await mailer_of(app).close()

    local_ses.chaos.slow(0.5)
    asyncio.run(main())

    assert done[-1] == "register"
    assert len(done) > 10
    assert len(local_ses.sent) == 1


def test_finding_it_takes_no_thread(mailer: AsyncMailer, mailbox: Mailbox) -> None:
    app = make_app(mailer)
    threads: set[str] = set()
    before = threading.active_count()
    with TestClient(app) as client:
        threads.add(client.post("/register?email=ada@example.org").json())
        inside = threading.active_count()

    assert inside - before <= 1  # the one in which the test client has its loop
    assert len(threads) == 1
