"""Signals: who hears of a mail, and what comes of an error in a receiver."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from blinker import NamedSignal
from flask import Flask

from sesmail.errors import MailError, SendError, Throttled
from sesmail.integrations.flask import SesMail, mail_failed, mail_sent
from sesmail.testing import Mailbox
from tests.integrations.flask.conftest import MakeApp

Facts = dict[str, object]


@contextmanager
def heard(signal: NamedSignal, app: Flask) -> Iterator[list[Facts]]:
    facts: list[Facts] = []

    def receiver(sender: Flask, **given: object) -> None:
        assert sender is app
        facts.append(given)

    with signal.connected_to(receiver, app):
        yield facts


def test_a_mail_that_was_sent_is_told(make_app: MakeApp) -> None:
    news = SesMail(name="news")
    app, other = make_app(news, SESMAIL_NEWS_URL="memory://"), make_app(news, SESMAIL_NEWS_URL="memory://")
    with heard(mail_sent, app) as facts, heard(mail_failed, app) as failures:
        result = news.of(app).send(sender="a@example.com", to="ada@example.org", subject="Hi")
        news.of(other).send(sender="a@example.com", to="ada@example.org", subject="Hi")

    (fact,) = facts
    assert fact["mailer"] == "news"
    assert fact["result"] is result
    assert getattr(fact["email"], "subject", "") == "Hi"
    assert failures == []


def test_a_mail_that_failed_is_told(mail: SesMail, make_app: MakeApp, mailbox: Mailbox) -> None:
    app = make_app(mail)
    mailbox.fail_next(Throttled("too many a second"))
    with heard(mail_failed, app) as facts, heard(mail_sent, app) as sent, pytest.raises(Throttled) as caught:
        mail.of(app).send(to="ada@example.org")

    assert [fact["error"] for fact in facts] == [caught.value]
    assert sent == []


def test_what_is_wrong_before_the_send_is_raised_and_no_more(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail)
    with heard(mail_failed, app) as facts, pytest.raises(MailError):
        mail.of(app).send(to="nobody")

    assert facts == []


def test_each_of_many_is_told(mail: SesMail, make_app: MakeApp, mailbox: Mailbox) -> None:
    app = make_app(mail)
    mailbox.fail_next(Throttled("too many a second"))
    with heard(mail_failed, app) as failures, heard(mail_sent, app) as facts:
        mail.of(app).send_many([{"to": f"reader{number}@example.org"} for number in range(5)], concurrency=2)

    assert (len(failures), len(facts)) == (1, 4)


def test_a_signal_that_is_muted_is_not_told(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail)
    with heard(mail_sent, app) as facts:
        with mail_sent.muted():
            mail.of(app).send(to="ada@example.org")
        mail.of(app).send(to="bob@example.org")

    assert len(facts) == 1


@pytest.mark.parametrize("is_async", [False, True])
def test_what_a_receiver_raises_is_logged_and_the_next_one_hears(
    mail: SesMail, make_app: MakeApp, caplog: pytest.LogCaptureFixture, is_async: bool
) -> None:
    app = make_app(mail)
    calls = []

    def failing(_: Flask, **facts: object) -> None:
        calls.append("failing")
        raise ZeroDivisionError

    async def failing_async(_: Flask, **facts: object) -> None:
        """Flask runs it with asgiref; without that its own error is what is logged."""
        raise ZeroDivisionError

    def hearing(_: Flask, **facts: object) -> None:
        calls.append("hearing")

    bad = failing_async if is_async else failing
    with mail_sent.connected_to(bad, app), mail_sent.connected_to(hearing, app), caplog.at_level(logging.ERROR):
        assert not mail.of(app).send(to="ada@example.org").failed

    assert "hearing" in calls
    (record,) = caplog.records
    assert record.getMessage().startswith("a receiver of sesmail-mail-sent failed: test_what_a_receiver_raises")
    assert record.exc_info


def test_a_receiver_of_any_kind_has_a_name_in_the_log(
    mail: SesMail, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    class Receiver:
        def __call__(self, _: Flask, **facts: object) -> None:
            raise ZeroDivisionError

    app, receiver = make_app(mail), Receiver()
    with mail_sent.connected_to(receiver, app), caplog.at_level(logging.ERROR):
        mail.of(app).send(to="ada@example.org")

    assert "Receiver" in caplog.text


def test_a_mail_that_may_be_out_is_a_failure_that_says_so(mail: SesMail, make_app: MakeApp, mailbox: Mailbox) -> None:
    from sesmail.errors import TimedOut

    app = make_app(mail)
    mailbox.fail_next(TimedOut("no answer"), arrives=True)
    with heard(mail_failed, app) as facts, pytest.raises(SendError):
        mail.of(app).send(to="ada@example.org")

    assert getattr(facts[0]["error"], "outcome", None) == "unknown"
