"""Tests of programs with Django: the outbox and the mailbox hold the same mails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import django
import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage, get_connection, send_mail
from django.test import override_settings

from sesmail import Address, Mailer, MailError
from sesmail.integrations.django import EmailBackend, get_mailer
from sesmail.integrations.django.testing import BACKEND, both
from sesmail.testing import Mailbox

from .conftest import Sent

ADA = "ada@example.org"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def outbox() -> Any:
    mail.outbox = []
    yield mail.outbox
    del mail.outbox


def test_the_mailbox_catches_what_django_sends(mailbox: Mailbox, outbox: list[Any]) -> None:
    send_mail("Hello", "Hello Ada", None, [ADA], html_message="<p>Hello")
    Mailer("null://", sender="a@example.com").send(to=ADA, text="Hi")

    mailbox.assert_count(2)
    mailbox.assert_sent(to=ADA, subject="Hello", html="<p>")
    (message,) = outbox
    assert message.subject == "Hello"
    assert not message.sesmail_result.failed


def test_it_does_so_where_django_has_put_its_own_backend(outbox: list[Any]) -> None:
    with override_settings(EMAIL_BACKEND=LOCMEM), both() as mailbox:
        send_mail("Hello", "Hello Ada", None, [ADA])
    with override_settings(EMAIL_BACKEND=LOCMEM):
        send_mail("Not caught", "", None, [ADA])

    mailbox.assert_count(1)
    assert [message.subject for message in outbox] == ["Hello", "Not caught"]


def test_without_a_mailbox_mails_go_to_the_outbox_only(sent: Sent) -> None:
    del mail.outbox
    with override_settings(EMAIL_BACKEND=BACKEND):
        assert send_mail("Hello", "Hello Ada", None, [ADA]) == 1
        assert EmailMessage(to=[""]).send() == 0
        assert get_connection().send_messages([EmailMessage(to=[""])]) == 0

    assert [message.subject for message in mail.outbox] == ["Hello"]
    assert len(sent) == 0


def test_what_would_be_refused_is_refused_in_a_test(mailbox: Mailbox, outbox: list[Any]) -> None:
    with pytest.raises(MailError, match="recipients in one mail"):
        EmailMessage(to=[f"{number}@example.org" for number in range(51)]).send()
    assert outbox == []
    mailbox.assert_nothing_sent()


def test_what_is_put_in_the_outbox_does_not_change_any_more(mailbox: Mailbox, outbox: list[Any]) -> None:
    message = EmailMessage("Hello", "", None, [ADA])
    message.send()
    message.subject = "other"

    assert outbox[0].subject == "Hello"
    assert outbox[0] is not message


def test_a_mailbox_makes_a_mail_fail(mailbox: Mailbox, outbox: list[Any]) -> None:
    mailbox.refuse(ADA)
    message = EmailMessage("Hello", "", None, [ADA])

    with pytest.raises(Exception, match=r"refuse|recipient"):
        message.send()
    assert outbox == []
    assert message.sesmail_result.failed


@pytest.mark.skipif(django.VERSION < (6, 1), reason="Django before 6.1 has no MAILERS")
def test_aliases_are_caught_too(outbox: list[Any]) -> None:
    with override_settings(MAILERS={"default": {"BACKEND": LOCMEM}, "news": {"BACKEND": LOCMEM}}), both() as mailbox:
        EmailMessage("Hello", "", None, [ADA]).send(using="news")

    mailbox.assert_count(1)
    assert outbox[0].sent_using == "news"


class ProjectBackend(EmailBackend):
    """A backend as a project may have it."""

    def __init__(self, *, colour: str = "", **options: Any) -> None:
        self.colour = colour
        super().__init__(**options)


THEIRS = f"{__name__}.ProjectBackend"
# As a project's settings have it: the module of settings is this one, in the tests that say so.
MAILERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": THEIRS, "OPTIONS": {"url": "null://", "sender": "shop@example.com", "colour": "red"}},
    "news": {
        "BACKEND": "sesmail.integrations.django.EmailBackend",
        "OPTIONS": {"url": "null://", "sender": "news@example.com", "configuration_set": "news"},
    },
    "other": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "mail.example.com"}},
}


def test_an_alias_asks_the_same_of_ses_in_a_test() -> None:
    with override_settings(MAILERS=MAILERS), both():
        assert {alias: said["OPTIONS"] for alias, said in settings.MAILERS.items()} == {
            "default": {"url": "null://", "sender": "shop@example.com"},
            "news": MAILERS["news"]["OPTIONS"],
            "other": {},
        }
        assert {said["BACKEND"] for said in settings.MAILERS.values()} == {BACKEND}


@pytest.mark.skipif(django.VERSION < (6, 1), reason="Django before 6.1 has no MAILERS")
def test_what_an_alias_asks_of_ses_is_caught_with_its_mail(outbox: list[Any]) -> None:
    with override_settings(MAILERS=MAILERS), both() as mailbox:
        EmailMessage("Hello", "", None, [ADA]).send(using="news")

    assert mailbox.assert_one(to=ADA, sender="news@example.com").outgoing.ses.configuration_set == "news"


def test_djangos_test_runner_makes_no_alias_forget_its_options() -> None:
    swapped = {alias: {"BACKEND": LOCMEM} for alias in (*MAILERS, "later")}
    with override_settings(MAILERS=swapped, SETTINGS_MODULE=__name__):
        assert get_mailer("news").compose({"text": "?"}).sender == Address("news@example.com")
        assert get_mailer().compose({"text": "?"}).sender == Address("shop@example.com")
        for alias in ("other", "later"):
            assert get_mailer(alias).compose({"text": "?"}).sender == Address("shop@example.com", "Shop")


def test_the_mailer_of_the_settings_is_caught(mailbox: Mailbox) -> None:
    get_mailer().send(to=ADA, text="Hi")

    mailbox.assert_one(to=ADA)


def test_a_program_without_pytest_django_needs_no_set_up(tmp_path: Path) -> None:
    """In a process of its own, as a user has it: settings, a view's function, and the fixture."""
    (tmp_path / "conftest.py").write_text(
        dedent(
            """
            import warnings, django
            from django.conf import settings
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                settings.configure(EMAIL_BACKEND="sesmail.integrations.django.EmailBackend", LOGGING_CONFIG=None)
                django.setup()
            """
        )
    )
    (tmp_path / "test_it.py").write_text(
        dedent(
            """
            from django.core.mail import send_mail

            def test_it(mailbox):
                send_mail("Hello", "Hi", "shop@example.com", ["ada@example.org"])
                mailbox.assert_one(subject="Hello")
            """
        )
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", str(tmp_path)]
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_program_without_django_does_not_load_it(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\n\ndef test_it(mailbox):\n    assert not [name for name in sys.modules if 'django' in name]\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django", str(tmp_path)]
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert "1 passed" in done.stdout, done.stdout + done.stderr
