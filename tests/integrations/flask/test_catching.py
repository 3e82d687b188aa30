"""While an application is tested, nothing leaves."""

from __future__ import annotations

import threading

import pytest

from sesmail.errors import SetupError, Throttled
from sesmail.integrations.flask import SesMail
from sesmail.local import LocalSes
from sesmail.testing import Mailbox, capture
from sesmail.transports import MemoryTransport
from tests.integrations.flask.conftest import MakeApp


def left(mail: SesMail, app: object) -> int:
    transport = mail.of(app).transport  # type: ignore[arg-type]
    assert isinstance(transport, MemoryTransport)
    return len(transport.sent)


def test_while_testing_nothing_leaves(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail, TESTING=True)
    with app.app_context():
        mail.send(to="ada@example.org", subject="Welcome")
        mail.send_many([{"to": f"reader{number}@example.org"} for number in range(9)], concurrency=3)
        mail.mailer.send(to="bob@example.org")
        mail.mailbox.assert_one(to="ada@example.org", subject="Welcome")
        mail.mailbox.assert_count(11)

    assert left(mail, app) == 0


def test_testing_may_be_set_after_the_application_was_made(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail)
    with app.app_context():
        mail.send(to="ada@example.org")
        app.config.update(TESTING=True)
        mail.send(to="ada@example.org")
        assert len(mail.mailbox) == 1
        app.config.update(TESTING=False)
        mail.send(to="ada@example.org")

    assert left(mail, app) == 2


def test_under_test_no_way_out_is_needed(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail, TESTING=True, SESMAIL_URL=None)
    mail.of(app).send(to="ada@example.org")

    mail.of(app).mailbox.assert_count(1)


def test_the_config_may_say_what_is_caught(mail: SesMail, make_app: MakeApp) -> None:
    caught = make_app(mail, SESMAIL_CATCH=True)
    mail.of(caught).send(to="ada@example.org")
    assert left(mail, caught) == 0
    assert len(mail.of(caught).mailbox) == 1

    sent = make_app(mail, TESTING=True, SESMAIL_CATCH=False)
    mail.of(sent).send(to="ada@example.org")
    assert left(mail, sent) == 1


def test_mailers_have_a_mailbox_each(make_app: MakeApp) -> None:
    mail, news = SesMail(), SesMail(name="news")
    with make_app(mail, news, TESTING=True, SESMAIL_NEWS_SENDER="news@example.com").app_context():
        news.send(to="ada@example.org")

        mail.mailbox.assert_nothing_sent()
        news.mailbox.assert_count(1)


def test_many_threads_find_one_mailbox(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail, TESTING=True)
    threads = [threading.Thread(target=lambda: mail.of(app).send(to="ada@example.org")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mail.of(app).mailbox) == 20


def test_a_test_s_own_mailbox_comes_first_and_is_the_one_that_is_shown(
    mail: SesMail, make_app: MakeApp, mailbox: Mailbox
) -> None:
    for config in ({}, {"TESTING": True}):
        app = make_app(mail, **config)
        with app.app_context():
            mail.send(to="ada@example.org")
            mail.mailbox.assert_count(1)
            mailbox.assert_count(1)
            mail.mailbox.fail_next(Throttled("too many a second"))
            with pytest.raises(Throttled):
                mail.send(to="ada@example.org")
            mailbox.clear()
        assert left(mail, app) == 0
    with capture() as inner:
        mail.of(app).send(to="ada@example.org")
        assert len(mail.of(app).mailbox) == len(inner) == 1
    assert len(mail.of(app).mailbox) == 0


def test_without_a_test_there_is_no_mailbox(mail: SesMail, make_app: MakeApp) -> None:
    with pytest.raises(SetupError, match="TESTING"):
        _ = mail.of(make_app(mail)).mailbox
    news = SesMail(name="news")
    with pytest.raises(SetupError, match="SESMAIL_NEWS_CATCH is true"):
        _ = news.of(make_app(news, SESMAIL_NEWS_URL="memory://")).mailbox


# ── a local SES that a test holds ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.local_ses(sandbox=False)
@pytest.mark.parametrize(
    "url",
    [
        "ses://us-east-1?client=direct",
        "ses+v1://us-east-1",
        "failover(ses://us-east-1?client=direct ses://eu-west-1?client=direct)",
    ],
)
def test_mails_of_a_test_go_to_its_local_ses(local_ses: LocalSes, mail: SesMail, make_app: MakeApp, url: str) -> None:
    local_ses.identity("example.com").verify()
    app = make_app(mail, TESTING=True, SESMAIL_URL=url)
    with app.app_context():
        mail.send(to="ada@example.org", subject="Hi", text="Hello")
    mail.of(app).close()

    assert [sent.subject for sent in local_ses.sent] == ["Hi"]


@pytest.mark.parametrize(
    "url",
    [
        "ses://us-east-1?client=direct&endpoint_url=http://127.0.0.1:9",
        "failover(ses://us-east-1?client=direct smtp://127.0.0.1:9)",
        "smtp://127.0.0.1:9",
        "memory://",
    ],
)
def test_what_could_lead_elsewhere_is_caught(local_ses: LocalSes, mail: SesMail, make_app: MakeApp, url: str) -> None:
    app = make_app(mail, TESTING=True, SESMAIL_URL=url)
    mail.of(app).send(to="ada@example.org")

    assert len(mail.of(app).mailbox) == 1


def test_what_was_made_for_another_box_is_caught(
    mail: SesMail, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make_app(mail, TESTING=True, SESMAIL_URL="ses://us-east-1?client=direct")
    monkeypatch.setenv("SESMAIL_LOCAL_SES", "http://127.0.0.1:1")
    during = make_app(mail, TESTING=True, SESMAIL_URL="ses://us-east-1?client=direct")
    monkeypatch.setenv("SESMAIL_LOCAL_SES", "http://127.0.0.1:2")
    for app in (before, during):
        mail.of(app).send(to="ada@example.org")

        assert len(mail.of(app).mailbox) == 1
