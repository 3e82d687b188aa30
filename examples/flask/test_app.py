"""The site's own tests: quick ones with the mailbox, and one with a real server and a local SES."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from examples.flask.app import create_app
from sesmail.errors import AuthFailed, Throttled
from sesmail.local import LocalSes
from sesmail.testing import Mailbox

ADA = {"name": "Ada", "email": "ada@example.org"}


@pytest.fixture
def client() -> FlaskClient:
    return create_app(TESTING=True).test_client()


def test_who_registers_gets_a_link_and_is_verified_by_it(client: FlaskClient, mailbox: Mailbox) -> None:
    assert client.post("/register", data=ADA).status_code == 202

    mail = mailbox.assert_one(to="ada@example.org", subject="Welcome, Ada")
    (link,) = mail.links()
    assert link in mail.text
    assert client.get(link.removeprefix("http://127.0.0.1:5000")).text == "ada@example.org is verified."


def test_a_stranger_s_host_is_not_in_the_link(client: FlaskClient, mailbox: Mailbox) -> None:
    client.post("/register", data=ADA, headers={"Host": "evil.example"})

    assert mailbox.last.links()[0].startswith("http://127.0.0.1:5000/verify/")


def test_what_is_no_address_is_told(client: FlaskClient, mailbox: Mailbox) -> None:
    assert client.post("/register", data={"name": "Ada", "email": "ada"}).status_code == 400
    mailbox.assert_nothing_sent()


def test_a_provider_that_is_busy_is_told_and_wrong_keys_are_ours_to_see(client: FlaskClient, mailbox: Mailbox) -> None:
    mailbox.fail_next(Throttled("too many a second"))
    assert client.post("/register", data=ADA).status_code == 503

    mailbox.fail_next(AuthFailed("the key is wrong"))
    with pytest.raises(AuthFailed):
        client.post("/register", data=ADA)


def test_a_link_that_somebody_made_up_leads_nowhere(client: FlaskClient) -> None:
    assert client.get("/verify/made-up").status_code == 404


# ── a real server, and a local SES ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def site(local_ses: LocalSes) -> Iterator[str]:
    """The site at a port of this machine. Its mail goes to the local SES, as the fixture's environment says."""
    local_ses.identity("example.com").verify()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        url = f"http://{host}:{port}"
        app: Flask = create_app(SESMAIL_URL="ses://us-east-1", SESMAIL_BASE_URL=url)
        server = make_server(host, port, app, threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield url
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.mark.local_ses(sandbox=False)
def test_who_registers_is_verified_end_to_end(site: str, local_ses: LocalSes) -> None:
    browser = build_opener(ProxyHandler({}))
    with browser.open(f"{site}/register", urlencode(ADA).encode()) as answer:
        assert answer.status == 202

    (sent,) = local_ses.sent
    mail = sent.email
    assert (mail.subject, sent.recipients) == ("Welcome, Ada", ("ada@example.org",))
    link = next(word for word in (mail.text or "").replace("<", " ").replace(">", " ").split() if "/verify/" in word)
    assert link.startswith(site)
    with browser.open(link) as page:
        assert page.read() == b"ada@example.org is verified."
    with pytest.raises(HTTPError):
        browser.open(f"{site}/verify/made-up")
