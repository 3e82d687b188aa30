"""``manage.py check`` and ``manage.py sesmail``."""

from __future__ import annotations

from io import StringIO
from typing import Any

import django
import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.views.debug import SafeExceptionReporterFilter

from sesmail.integrations.django import EmailBackend, get_mailer
from sesmail.integrations.django.checks import check_security, check_settings
from sesmail.local import LocalSes

from .conftest import Sent

OURS = "sesmail.integrations.django.EmailBackend"
SAID = {"url": "memory://", "sender": "shop@example.com"}


def ids(**settings: Any) -> list[str]:
    with override_settings(**settings):
        return [str(message.id) for message in [*check_settings(), *check_security()]]


def test_django_runs_them(sent: Sent) -> None:
    assert apps.get_app_config("sesmail").verbose_name == "sesmail"
    with override_settings(SESMAIL={"urk": "memory://"}):
        found = [message for message in run_checks(tags=["sesmail"]) if message.id == "sesmail.E001"]
        assert "did you mean 'url'" in str(found[0])
    deployed = run_checks(tags=["sesmail"], include_deployment_checks=True)
    assert "sesmail.W102" in [message.id for message in deployed]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"SESMAIL": {**SAID, "url": "ses://eu-west-1"}}, []),
        ({"SESMAIL": SAID}, ["sesmail.W102"]),
        ({"SESMAIL": {**SAID, "url": "memroy://"}}, ["sesmail.E002"]),
        ({"SESMAIL": {"sendr": "a"}}, ["sesmail.E001"]),
        ({"SESMAIL": {**SAID, "url": "null://?retrys=4"}}, ["sesmail.E001", "sesmail.W102"]),
        ({"SESMAIL": {"url": "ses://eu-west-1"}}, ["sesmail.W003"]),
        ({"SESMAIL": {"url": "ses://eu-west-1"}, "DEFAULT_FROM_EMAIL": "a@example.com"}, []),
        ({"SESMAIL": {**SAID, "url": "smtp://mail.example.com?tls=none"}}, ["sesmail.W101"]),
        ({"SESMAIL": {**SAID, "url": "smtp://localhost?tls=none"}}, []),
        ({"SESMAIL": {**SAID, "url": "smtps://mail.example.com"}}, []),
        ({"SESMAIL": {**SAID, "url": "ses://eu-west-1?endpoint_url=http%3A%2F%2Fx.example"}}, ["sesmail.W101"]),
        (
            {"SESMAIL": {**SAID, "url": "failover(ses://eu-west-1 smtp://mail.example.com?tls=none null://)"}},
            ["sesmail.W101", "sesmail.W102"],
        ),
        ({"SESMAIL": {**SAID, "url": "ses://eu-west-1"}, "DKIM_DOMAIN": "example.com"}, ["sesmail.W002"]),
        ({"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}, ["sesmail.W001", "sesmail.W102"]),
        ({"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}, ["sesmail.W102"]),
    ],
)
def test_what_is_wrong_has_an_id(settings: dict[str, Any], expected: list[str], sent: Sent) -> None:
    assert ids(**settings) == expected


def test_without_a_word_about_a_way_there_is_none(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SESMAIL_URL", raising=False)

    assert ids(SESMAIL={"sender": "a@example.com"}) == ["sesmail.E002"]


def test_each_alias_is_looked_at(sent: Sent) -> None:
    news = {"BACKEND": OURS, "OPTIONS": {"url": "memory://", "tenannt": "a"}}
    other = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}

    assert ids(MAILERS={"default": other, "news": news}) == ["sesmail.E001"]
    assert ids(MAILERS={"default": other}) == ["sesmail.W001", "sesmail.W102"]
    broken = {"BACKEND": OURS, "OPTIONS": {"url": "memroy://"}}
    assert ids(MAILERS={"news": news, "broken": broken}) == ["sesmail.E001", "sesmail.E002"], "one hides no other"
    silent = {"BACKEND": OURS, "OPTIONS": {"url": "ses://eu-west-1", "fail_silently": True}}
    assert ids(MAILERS={"default": silent}) == []


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"SESMAIL": {**SAID, "url": "ses://AKIAIOSFODNN7EXAMPLE:hunter2@eu-west-1"}}, "SESMAIL['url']"),
        ({"SESMAIL": {}, "SESMAIL_URL": "failover(null:// smtp://u:hunter2@mail.example.com)"}, "SESMAIL_URL"),
        ({"SESMAIL": {**SAID, "url": "ses://eu-west-1?session_token=hunter2"}}, "SESMAIL['url']"),
        (
            {"MAILERS": {"news": {"BACKEND": OURS, "OPTIONS": {"url": "smtp://u:hunter2@mail.example.com"}}}},
            "MAILERS['news']['OPTIONS']['url']",
        ),
    ],
)
def test_a_secret_that_reports_of_errors_would_show_is_told(settings: dict[str, Any], place: str, sent: Sent) -> None:
    with override_settings(**settings):
        (found,) = [message for message in check_security() if message.id == "sesmail.W103"]
    hides = SafeExceptionReporterFilter().cleanse_setting
    assert str(found.msg).startswith(place)
    assert "hunter2" not in str(found)
    assert "hunter2" in str([hides(name, value) for name, value in settings.items()]), (
        "Django has learned to hide it, and the check may go"
    )


@pytest.mark.parametrize("wrong", [["memory://"], {"url": 4}, {"url": "no url"}])
def test_a_secret_is_looked_for_in_whatever_is_said(wrong: Any, sent: Sent) -> None:
    assert "sesmail.W103" not in ids(SESMAIL=wrong)


def test_secrets_that_django_hides_are_not_told(sent: Sent) -> None:
    keys = {"AWS_SES_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SES_SECRET_ACCESS_KEY": "hunter2"}
    with override_settings(SESMAIL={"sender": "a@example.com"}, **keys):
        assert check_security() == []
    assert "hunter2" not in str([SafeExceptionReporterFilter().cleanse_setting(*pair) for pair in keys.items()])


def test_reports_of_errors_need_a_sender_too(sent: Sent) -> None:
    said = {"SESMAIL": {"url": "ses://eu-west-1"}, "DEFAULT_FROM_EMAIL": "a@example.com", "ADMINS": ["a@example.org"]}

    assert ids(**said) == ["sesmail.W003"]
    assert ids(**said, SERVER_EMAIL="a@example.com") == []
    assert ids(**{**said, "SESMAIL": {"url": "ses://eu-west-1", "sender": "a@example.com"}}) == []


def test_what_is_wrong_for_all_is_told_once(sent: Sent) -> None:
    assert ids(SESMAIL={"sendr": "a"}, MAILERS={"default": {"BACKEND": OURS}, "news": {"BACKEND": OURS}}) == [
        "sesmail.E001"
    ]


class ProjectBackend(EmailBackend):
    """A backend as a project may have it."""


def test_a_class_that_is_made_of_ours_is_ours(sent: Sent) -> None:
    theirs = f"{__name__}.ProjectBackend"

    assert ids(EMAIL_BACKEND=theirs) == ["sesmail.W102"]
    said = {"BACKEND": theirs, "OPTIONS": {"url": "ses://eu-west-1", "colour": "red"}}
    assert ids(MAILERS={"default": said}) == [], "it has options of its own"
    assert ids(EMAIL_BACKEND="nowhere.Backend") == ["sesmail.W001", "sesmail.W102"]
    assert ids(EMAIL_BACKEND="django.core.mail.get_connection") == ["sesmail.W001", "sesmail.W102"]


def test_a_missing_extra_is_told(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h11", None)
    with override_settings(SESMAIL={**SAID, "url": "ses://eu-west-1?client=direct"}):
        (error,) = check_settings()

    assert (error.id, "sesmail[direct]" in str(error)) == ("sesmail.E002", True)


# ── manage.py sesmail ────────────────────────────────────────────────────────────────────────────────────────────


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("sesmail", *arguments, stdout=out)
    return out.getvalue()


def test_a_test_mail_says_what_became_of_it(sent: Sent) -> None:
    said = run("send-test", "ada@example.org", "--from", "test@example.com")

    assert "ada@example.org: sent\nby memory, message id " in said
    assert str(sent.last.email.sender) == "test@example.com"
    run("send-test", "ada@example.org")
    assert str(sent.last.email.sender) == "Shop <shop@example.com>"


def test_a_test_mail_that_does_not_arrive_is_an_error(sent: Sent) -> None:
    sent.transport.refuse("bob@example.org")
    with pytest.raises(CommandError, match="1 of 2 did not get it"):
        run("send-test", "ada@example.org", "bob@example.org")
    with pytest.raises(CommandError, match=r"SendError|Rejected"):
        run("send-test", "bob@example.org")
    with pytest.raises(CommandError, match="InvalidAddress"):
        run("send-test", "nobody")


def test_an_alias_may_be_used(sent: Sent) -> None:
    mailers = {"news": {"BACKEND": OURS, "OPTIONS": {"url": "null://"}}, "default": {"BACKEND": OURS}}
    with override_settings(MAILERS=mailers):
        assert "by null, message id" in run("send-test", "ada@example.org", "--using", "news")
        assert "NullTransport" in run("check", "--using", "news", "--offline")


def test_without_an_alias_the_command_is_about_default(sent: Sent) -> None:
    with override_settings(MAILERS={"default": {"BACKEND": OURS, "OPTIONS": {"url": "null://"}}}):
        assert "by null, message id" in run("send-test", "ada@example.org")
        assert "NullTransport" in run("check", "--offline")


def test_an_alias_that_is_not_there_is_an_error_of_the_command(sent: Sent) -> None:
    for command in (["send-test", "ada@example.org"], ["check"]):
        with pytest.raises(CommandError, match="no alias 'nws'"):
            run(*command, "--using", "nws")


def test_a_test_mail_is_never_silent(sent: Sent) -> None:
    with override_settings(MAILERS={"quiet": {"BACKEND": OURS, "OPTIONS": {"fail_silently": True}}}):
        get_mailer("quiet").transport.refuse("bob@example.org")  # type: ignore[attr-defined]
        with pytest.raises(CommandError, match=r"SendError|Rejected"):
            run("send-test", "bob@example.org", "--using", "quiet")


def of_django_ses(ses: LocalSes) -> dict[str, Any]:
    options = ses.client_options
    return {
        "AWS_SES_REGION_ENDPOINT_URL": options["endpoint_url"],
        "AWS_SES_REGION_NAME": options["region_name"],
        "AWS_SES_ACCESS_KEY_ID": options["aws_access_key_id"],
        "AWS_SES_SECRET_ACCESS_KEY": options["aws_secret_access_key"],
    }


def test_the_check_asks_ses(sent: Sent) -> None:
    with LocalSes() as ses, override_settings(SESMAIL={"sender": "shop@example.com"}, **of_django_ses(ses)):
        assert "nothing stands against it" in run("check", "--offline")
        with pytest.raises(CommandError, match="cannot send"):
            run("check")
        ses.identity("example.com").verify()
        ses.account.grant_production()
        assert "nothing stands against it" in run("check")
        assert "by ses, message id " in run("send-test", "ada@example.org")
        assert [mail.recipients for mail in ses.sent] == [("ada@example.org",)]


def test_the_check_tells_what_the_settings_lack(sent: Sent) -> None:
    with override_settings(SESMAIL={"urk": "memory://"}), pytest.raises(CommandError, match="it cannot send"):
        run("check")
    with override_settings(SESMAIL={"url": "null://"}, DEFAULT_FROM_EMAIL="a@example.com"):
        assert "W102" in run("check", "--offline")


@pytest.mark.skipif(django.VERSION < (6, 1), reason="Django before 6.1 has no MAILERS")
def test_djangos_own_command_sends_by_it(sent: Sent) -> None:
    call_command("sendtestemail", "ada@example.org")
    assert len(sent) == 1
