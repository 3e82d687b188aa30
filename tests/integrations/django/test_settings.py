"""Settings: ours, and those of django-ses and django-anymail where ours say nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings

from sesmail import Address, SetupError
from sesmail.connect import connect
from sesmail.errors import UnknownOption
from sesmail.integrations.django import get_mailer
from sesmail.integrations.django.inherited import inherited, told
from sesmail.integrations.django.settings import Settings, current, with_options
from sesmail.templates import Templates
from sesmail.transports import TransportUrl

from .conftest import Sent

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalr/XUtnFEMI+K7MDENG"


def said(**settings: Any) -> dict[str, Any]:
    return inherited(SimpleNamespace(**settings))


def told_of(**settings: Any) -> dict[str, str]:
    return dict(told(SimpleNamespace(**settings)))


# ── ours ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_settings_are_a_value() -> None:
    one = Settings.of({"url": "memory://", "tags": {"a": "1"}, "headers": {"X-A": "1"}, "tenant": "acme"})

    assert one == Settings.of({"url": "memory://", "tags": {"a": "1"}, "headers": [("X-A", "1")], "tenant": "acme"})
    assert hash(one) == hash(one)
    assert one.ses == {"tenant": "acme"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"sender": "nobody"}, "SESMAIL is wrong: sender: "),
        ({"return_path": "nobody"}, "SESMAIL is wrong: return_path: "),
        ({"topic": "news"}, "SESMAIL is wrong: topic: "),
        ({"url": 4}, "url is text, not int"),
        ({"message_tag": ["a"]}, "message_tag is text, not list"),
        ({"templates": ["a", "b"]}, "templates is one folder, engine or dotted name, not list"),
        ({"configuraton_set": "a"}, "did you mean 'configuration_set'"),
        (["url"], "a mapping of settings, not list"),
    ],
)
def test_what_is_wrong_is_said(settings: Any, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        Settings.of(settings)


def test_no_secret_is_printed() -> None:
    settings = Settings.of(
        {"url": "smtp://hunter2:hunter2@host", "headers": {"X": "hunter2"}, "tags": {"a": "hunter2"}}
    )

    assert "hunter2" not in repr(settings)


def test_the_nearest_word_counts(sent: Sent) -> None:
    with override_settings(SESMAIL={"tenant": "a"}, SESMAIL_URL="null://", AWS_SES_CONFIGURATION_SET="old"):
        assert (current().url, dict(current().ses)) == ("null://", {"configuration_set": "old", "tenant": "a"})
        assert with_options({"tenant": "b"}, "x").ses["tenant"] == "b"
        assert with_options({}, "x") is current()
    with override_settings(SESMAIL={"url": "memory://"}, SESMAIL_URL="null://"):
        assert current().url == "memory://"


def test_without_a_word_the_environment_counts(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESMAIL_URL", "null://")
    with override_settings(SESMAIL=None):
        assert get_mailer().transport.name == "null"


def test_the_environment_stands_above_keys_that_are_there_for_other_things(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESMAIL_URL", "null://")
    with override_settings(SESMAIL=None, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET):
        assert get_mailer().transport.name == "null"
    with override_settings(SESMAIL={"url": "memory://"}):
        assert get_mailer().transport.name == "memory"


def test_templates_are_a_folder_an_engine_or_a_class_by_name(sent: Sent, tmp_path: Any) -> None:
    (tmp_path / "hello.txt").write_text("Hello {{ name }}")
    mine = Templates({"hello.txt": "Hi {{ name }}"})
    for templates, text in (
        (str(tmp_path), "Hello Ada\n"),
        (mine, "Hi Ada\n"),
        ("sesmail.integrations.django.DjangoEngine", "Dear Ada,\nyour order is on its way.\n"),
    ):
        with override_settings(SESMAIL={"url": "memory://", "sender": "a@example.com", "templates": templates}):
            name = "mails/order" if isinstance(templates, str) and "Django" in templates else "hello"
            assert get_mailer().render(name, {"name": "Ada", "total": "4"}).text == text
    with (
        override_settings(SESMAIL={"url": "memory://", "templates": "no.such.Engine"}),
        pytest.raises(SetupError, match="dotted name"),
    ):
        get_mailer()


# ── django-ses ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_settings_of_django_ses_make_a_url() -> None:
    settings = said(
        AWS_SES_ACCESS_KEY_ID=KEY,
        AWS_SES_SECRET_ACCESS_KEY=SECRET,
        AWS_SES_SESSION_TOKEN="to/ken",
        AWS_SES_REGION_NAME="eu-west-1",
        AWS_SES_REGION_ENDPOINT_URL="http://127.0.0.1:1/",
        AWS_SES_AUTO_THROTTLE=0.5,
        AWS_SES_CONFIGURATION_SET="main",
        AWS_SES_FROM_ARN="arn:f",
        AWS_SES_RETURN_PATH="b@example.com",
        AWS_SES_FROM_EMAIL="s@example.com",
    )
    url = TransportUrl.parse(settings.pop("url"))

    assert (url.scheme, url.user, url.password, url.host) == ("ses", KEY, SECRET, "eu-west-1")
    assert url.options == {
        "session_token": "to/ken",
        "endpoint_url": "http://127.0.0.1:1/",
        "rate": "auto",
        "rate_safety": "0.5",
    }
    assert settings == {
        "configuration_set": "main",
        "from_arn": "arn:f",
        "return_path": "b@example.com",
        "sender": "s@example.com",
    }


def test_the_general_names_of_aws_count_where_those_of_ses_say_nothing() -> None:
    url = TransportUrl.parse(
        said(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_DEFAULT_REGION="eu-north-1")["url"]
    )

    assert (url.user, url.host) == (KEY, "eu-north-1")


def test_a_profile_stands_in_the_place_of_keys() -> None:
    settings = said(
        AWS_SESSION_PROFILE="shop", AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN="t"
    )

    assert settings["url"] == "ses://?profile=shop"
    connect(said(AWS_SES_REGION_NAME="eu-west-1", AWS_SES_AUTO_THROTTLE=1.5)["url"])
    assert said(AWS_SES_AUTO_THROTTLE=0.5, AWS_SES_REGION_NAME=None) == {}
    assert said(AWS_SES_ACCESS_KEY_ID=KEY)["url"] == "ses://"


def test_what_means_nothing_here_is_told() -> None:
    assert told_of(USE_SES_V2=True, AWS_SES_REGION_NAME="eu-west-1") == {}
    found = told_of(
        AWS_SES_CONFIG=object(), DKIM_PRIVATE_KEY="k", AWS_SES_CONFIGURATION_SET=lambda message: "a", AWS_SES_NEW=1
    )

    assert set(found) == {"AWS_SES_CONFIG", "DKIM_PRIVATE_KEY", "AWS_SES_CONFIGURATION_SET", "AWS_SES_NEW"}
    assert "Easy DKIM" in found["DKIM_PRIVATE_KEY"]
    assert said(AWS_SES_CONFIGURATION_SET=lambda message: "a") == {}


# ── django-anymail ───────────────────────────────────────────────────────────────────────────────────────────────


def test_settings_of_anymail_make_a_url() -> None:
    params = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "eu-west-1"}
    settings = said(
        ANYMAIL={
            "AMAZON_SES_CLIENT_PARAMS": {**params, "config": {}},
            "AMAZON_SES_CONFIGURATION_SET_NAME": "main",
            "AMAZON_SES_MESSAGE_TAG_NAME": "campaign",
            "IGNORE_UNSUPPORTED_FEATURES": True,
        }
    )
    url = TransportUrl.parse(settings.pop("url"))

    assert (url.user, url.password, url.host) == (KEY, SECRET, "eu-west-1")
    assert settings == {"configuration_set": "main", "message_tag": "campaign", "ignore_unsupported": True}


def test_settings_of_anymail_may_stand_alone() -> None:
    assert said(ANYMAIL_AMAZON_SES_SESSION_PARAMS={"profile_name": "shop"})["url"] == "ses://?profile=shop"


def test_what_anymail_has_and_we_do_not_is_told() -> None:
    found = told_of(
        ANYMAIL={
            "SEND_DEFAULTS": {"tags": ["a"]},
            "AMAZON_SES_CLIENT_PARAMS": {"config": {}, "region_name": "eu-west-1"},
            "AMAZON_SES_SESSION_PARAMS": {"region_name": "eu-west-1"},
            "AMAZON_SES_NEW": 1,
            "MAILGUN_API_KEY": "for another door",
            "IGNORE_UNSUPPORTED_FEATURES": True,
        }
    )

    assert set(found) == {"ANYMAIL SEND_DEFAULTS", "ANYMAIL AMAZON_SES_CLIENT_PARAMS", "ANYMAIL AMAZON_SES_NEW"}
    assert found["ANYMAIL AMAZON_SES_CLIENT_PARAMS"].startswith("config are not read")


def test_an_inherited_sender_is_an_address(sent: Sent) -> None:
    with override_settings(SESMAIL={"url": "memory://"}, AWS_SES_FROM_EMAIL="s@example.com"):
        assert current().sender == Address("s@example.com")
    with override_settings(SESMAIL={"urk": "memory://"}), pytest.raises(UnknownOption, match="'url'"):
        current()
