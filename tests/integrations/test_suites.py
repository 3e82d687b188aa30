"""The fixtures of the pytest plugin in suites of strangers, of Flask and of FastAPI, without set-up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

FLASK = """
    import pytest
    from flask import Flask
    from sesmail.integrations.flask import SesMail

    mail = SesMail()

    def create_app():
        app = Flask("shop")
        app.config.update(SESMAIL_URL="ses://us-east-1", SESMAIL_SENDER="shop@example.com")
        mail.init_app(app)

        @app.post("/register")
        def register():
            mail.send(to="ada@example.org", subject="Welcome", text="Hello")
            return "done"

        return app

    @pytest.fixture
    def app():
        app = create_app()
        app.config.update(TESTING=True)
        return app

    @pytest.fixture(scope="session")
    def old_app():
        app = create_app()
        app.config.update(TESTING=True)
        return app

    @pytest.mark.parametrize("number", range(3))
    def test_mailbox(mailbox, app, old_app, number):
        mailbox.assert_nothing_sent()
        assert app.test_client().post("/register").text == "done"
        mailbox.assert_one(to="ada@example.org", subject="Welcome")
        old_app.test_client().post("/register")
        mailbox.assert_count(2)

    @pytest.mark.local_ses(sandbox=False)
    @pytest.mark.parametrize("number", range(2))
    def test_local_ses(local_ses, app, old_app, number):
        local_ses.identity("example.com").verify()
        app.test_client().post("/register")
        assert [one.subject for one in local_ses.sent] == ["Welcome"]
        old_app.test_client().post("/register")  # it was made for Amazon, or for another box
        assert len(local_ses.sent) == 1

    @pytest.mark.local_ses(sandbox=False)
    def test_both(local_ses, app, mailbox):
        app.test_client().post("/register")
        mailbox.assert_count(1)
        assert local_ses.sent == ()

    def test_neither(app):
        app.test_client().post("/register")
        mail.of(app).mailbox.assert_count(1)
"""
FASTAPI = """
    import asyncio
    import httpx
    import pytest
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from sesmail import AsyncMailer
    from sesmail.integrations.fastapi import MailerDep, add_mailer, mail_lifespan

    def with_routes(app):
        @app.post("/register")
        async def register(mailer: MailerDep):
            await mailer.send(to="ada@example.org", subject="Welcome", text="Hello")
            return "done"

        return app

    def make_mailer():
        return AsyncMailer("ses://us-east-1", sender="shop@example.com")

    app = with_routes(FastAPI(lifespan=mail_lifespan(make_mailer)))
    old_app = with_routes(FastAPI())
    add_mailer(old_app, make_mailer())

    @pytest.mark.parametrize("number", range(3))
    def test_mailbox(mailbox, number):
        mailbox.assert_nothing_sent()
        with TestClient(app) as client:
            assert client.post("/register").json() == "done"
        mailbox.assert_one(to="ada@example.org", subject="Welcome")
        TestClient(old_app).post("/register")
        mailbox.assert_count(2)

    def test_mailbox_in_a_loop(mailbox):
        async def main():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=old_app), base_url="http://shop") as client:
                await client.post("/register")

        asyncio.run(main())
        mailbox.assert_one(to="ada@example.org")

    @pytest.mark.local_ses(sandbox=False)
    @pytest.mark.parametrize("number", range(2))
    def test_local_ses(local_ses, number):
        local_ses.identity("example.com").verify()
        with TestClient(app) as client:
            assert client.post("/register").json() == "done"
        assert [one.subject for one in local_ses.sent] == ["Welcome"]
"""


@pytest.mark.parametrize("options", [(), pytest.param(("-n", "2"), marks=pytest.mark.heavy)])
@pytest.mark.parametrize(("suite", "number"), [(FLASK, 7), (FASTAPI, 6)], ids=["flask", "fastapi"])
def test_the_fixtures_are_there_without_set_up(
    tmp_path: Path, suite: str, number: int, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL_SESV2", "SESMAIL_LOCAL_SES"):
        monkeypatch.delenv(name, raising=False)
    # Should a mail leave all the same, it leads nowhere.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "test_shop.py").write_text(dedent(suite))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stdout
    assert f"{number} passed" in done.stdout
