"""The site's own tests: quick ones with the mailbox, and one with a real server and a local SES."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from urllib.request import ProxyHandler, Request, build_opener

import pytest
import uvicorn
from fastapi.testclient import TestClient

from examples.fastapi.app import create_app
from sesmail.errors import AuthFailed, Throttled
from sesmail.local import LocalSes
from sesmail.testing import Mailbox

ADA = {"name": "Ada", "email": "ada@example.org"}
SITE = "https://shop.example"


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(mail_url="null://", site=SITE))


def test_who_registers_gets_a_link_and_is_verified_by_it(client: TestClient, mailbox: Mailbox) -> None:
    assert client.post("/register", json=ADA).status_code == 202

    mail = mailbox.assert_one(to="ada@example.org", subject="Welcome, Ada")
    (link,) = mail.links()
    assert client.get(link.removeprefix(SITE)).json() == "ada@example.org is verified."


def test_what_is_no_address_is_told(client: TestClient, mailbox: Mailbox) -> None:
    assert client.post("/register", json={"name": "Ada", "email": "ada"}).status_code == 400
    mailbox.assert_nothing_sent()


def test_a_provider_that_is_busy_is_told_and_wrong_keys_are_ours_to_see(client: TestClient, mailbox: Mailbox) -> None:
    mailbox.fail_next(Throttled("too many a second"))
    assert client.post("/register", json=ADA).status_code == 503

    mailbox.fail_next(AuthFailed("the key is wrong"))
    with pytest.raises(AuthFailed):
        client.post("/register", json=ADA)


def test_a_link_that_somebody_made_up_leads_nowhere(client: TestClient) -> None:
    assert client.get("/verify/made-up").status_code == 404


# ── a real server, and a local SES ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def site(local_ses: LocalSes) -> Iterator[str]:
    """The site at a port of this machine. Its mail goes to the local SES, as the fixture's environment says."""
    local_ses.identity("example.com").verify()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = "http://{}:{}".format(*listening.getsockname())
        app = create_app(mail_url="ses://us-east-1?client=direct", site=url)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield url
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.local_ses(sandbox=False)
def test_who_registers_is_verified_end_to_end(site: str, local_ses: LocalSes) -> None:
    browser = build_opener(ProxyHandler({}))
    registration = Request(f"{site}/register", json.dumps(ADA).encode(), {"Content-Type": "application/json"})  # noqa: S310 - it is ours
    with browser.open(registration) as answer:
        assert answer.status == 202

    (sent,) = local_ses.sent
    mail = sent.email
    assert (mail.subject, sent.recipients) == ("Welcome, Ada", ("ada@example.org",))
    link = next(word for word in (mail.text or "").replace("<", " ").replace(">", " ").split() if "/verify/" in word)
    assert link.startswith(site)
    with browser.open(link) as page:
        assert page.read() == b'"ada@example.org is verified."'
