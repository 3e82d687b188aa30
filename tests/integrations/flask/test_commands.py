"""``flask sesmail``, run by Flask's own runner."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import Result
from flask import Flask

from sesmail.errors import AuthFailed
from sesmail.integrations.flask import SesMail
from sesmail.local import LocalSes
from sesmail.testing import Mailbox
from tests.integrations.flask.conftest import MakeApp


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["sesmail", *arguments])


def test_a_test_mail_is_sent(mail: SesMail, make_app: MakeApp, mailbox: Mailbox) -> None:
    done = run(make_app(mail), "send-test", "ada@example.org", "--sender", "other@example.com")

    assert done.exit_code == 0, done.output
    assert done.output.endswith(" taken by memory\n")
    mailbox.assert_one(to="ada@example.org", sender="other@example.com")


def test_a_test_mail_while_testing_says_where_it_is(make_app: MakeApp) -> None:
    news = SesMail(name="news")
    done = run(
        make_app(news, TESTING=True, SESMAIL_NEWS_SENDER="a@example.com"),
        "send-test",
        "ada@example.org",
        "--mailer",
        "news",
    )

    assert "the mailbox: nothing left" in done.output


def test_a_failure_is_a_line_and_a_status(mail: SesMail, make_app: MakeApp, mailbox: Mailbox) -> None:
    mailbox.fail_next(AuthFailed("the key is wrong"))
    app = make_app(mail)
    done, other = run(app, "send-test", "ada@example.org"), run(app, "send-test", "a@b.example", "--mailer", "new")

    assert (done.exit_code, done.output) == (1, "Error: the key is wrong\n")
    assert "this app has no mailer 'new'" in other.output


def test_check_looks_at_all_mailers(make_app: MakeApp) -> None:
    app = make_app(
        SesMail(), SesMail(name="news"), SESMAIL_NEWS_URL="null://?limits=api", SESMAIL_NEWS_SENDER="news@example.com"
    )
    done = run(app, "check")

    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == ["the mailer: MemoryTransport(0 mails)", "news: NullTransport()"]


def test_check_fails_where_a_mail_would_not_go_out(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail, SESMAIL_SENDER=None)
    done, told = run(app, "check"), run(app, "check", "--sender", "a@example.com", "--to", "ada@localhost")

    assert done.exit_code == 1
    assert "  would not be sent: sender: " in done.output
    assert told.exit_code == 0
    assert "[special_use_domain]" in told.output


def test_check_finds_a_key_that_is_nobodys(mail: SesMail, make_app: MakeApp) -> None:
    done = run(make_app(mail, SESMAIL_NWES_URL="null://"), "check")

    assert done.exit_code == 1
    assert "app.config has no option 'SESMAIL_NWES_URL'" in done.output


def test_check_asks_ses(mail: SesMail, make_app: MakeApp, local_ses: LocalSes) -> None:
    app = make_app(mail, SESMAIL_URL="ses://us-east-1?client=direct")
    done = run(app, "check", "--online")
    local_ses.identity("example.com").verify()
    mail.of(app).close()

    assert done.exit_code == 1
    assert "shop@example.com" in done.output
    assert run(app, "check", "--online").exit_code == 0
    mail.of(app).close()


PREVIEWS = """
    from sesmail.templates import preview

    @preview(locales=("en", "de"))
    def welcome():
        return {"template": "welcome", "context": {"name": "Ada"}}
"""


@pytest.fixture
def app_with_previews(mail: SesMail, make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    app = make_app(mail)
    (tmp_path / "templates" / "welcome.txt").write_text("Hello {{ name }}, {{ lang }}")
    (tmp_path / "flask_previews.py").write_text(dedent(PREVIEWS))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "flask_previews", raising=False)
    return app


def test_previews_are_made_with_the_application_s_mailer(app_with_previews: Flask, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(app_with_previews, "preview", "flask_previews", "--out", str(out))

    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == [
        "welcome.de.eml",
        "welcome.de.txt",
        "welcome.en.eml",
        "welcome.en.txt",
    ]
    assert b"From: shop@example.com" in (out / "welcome.de.eml").read_bytes()
    assert (out / "welcome.de.txt").read_text() == "Hello Ada, de\n"


def test_previews_may_be_listed(app_with_previews: Flask) -> None:
    assert run(app_with_previews, "preview", "flask_previews", "--list").output == "welcome en de\n"


def test_a_preview_that_cannot_be_made_is_a_status(app_with_previews: Flask, tmp_path: Path) -> None:
    (tmp_path / "templates" / "welcome.txt").write_text("{{ nobody }}")
    done = run(app_with_previews, "preview", "flask_previews", "welcome", "--out", str(tmp_path / "out"))
    other = run(app_with_previews, "preview", "flask_previews", "welcom")

    assert done.exit_code == 1
    assert other.exit_code == 2
    assert "did you mean 'welcome'?" in other.output
