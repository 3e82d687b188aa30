"""What ``app.config`` may say, and what is said to a mistake in it."""

from __future__ import annotations

import pytest

from sesmail import Address
from sesmail.errors import SetupError, UnknownOption, UnknownScheme
from sesmail.integrations.flask import SesMail
from sesmail.transports import MemoryTransport
from tests.integrations.flask.conftest import MakeApp

SECRET = "hunter2-planted"


def sent_by(mail: SesMail, app: object) -> MemoryTransport:
    transport = mail.of(app).transport  # type: ignore[arg-type]
    assert isinstance(transport, MemoryTransport)
    return transport


def test_all_keys_reach_the_mailer(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(
        mail,
        SESMAIL_SENDER=("Shop", "shop@example.com"),
        SESMAIL_REPLY_TO=["help@example.com"],
        SESMAIL_HEADERS={"X-Shop": "tea"},
        SESMAIL_TAGS={"app": "shop"},
        SESMAIL_CONFIGURATION_SET="main",
    )
    mail.of(app).send(to="ada@example.org", text="Hi")

    (outgoing,) = sent_by(mail, app).sent
    assert outgoing.email.sender == Address("shop@example.com", "Shop")
    assert [one.email for one in outgoing.email.reply_to] == ["help@example.com"]
    assert outgoing.email.headers == (("X-Shop", "tea"),)
    assert outgoing.email.tags == {"app": "shop"}
    assert outgoing.ses.configuration_set == "main"


def test_the_environment_says_where_mails_go_if_the_config_does_not(
    mail: SesMail, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESMAIL_URL", "memory://?limits=none")
    monkeypatch.setenv("SESMAIL_NEWS_URL", "null://")
    news = SesMail(name="news")
    app = make_app(mail, news, SESMAIL_URL=None)

    assert mail.of(app).transport.name == "memory"
    assert news.of(app).transport.name == "null"


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"SESMAIL_URLS": "null://"}, "app.config has no option 'SESMAIL_URLS'; did you mean 'SESMAIL_URL'?"),
        ({"SESMAIL_REPLYTO": "a@b.example"}, "did you mean 'SESMAIL_REPLY_TO'?"),
        ({"SESMAIL_NEWS_SENDRE": "a@b.example"}, "app.config has no option 'SESMAIL_NEWS_SENDRE'"),
    ],
)
def test_a_key_that_is_nobodys_names_the_nearest(
    mail: SesMail, make_app: MakeApp, config: dict[str, object], text: str
) -> None:
    with pytest.raises(UnknownOption) as caught:
        make_app(mail, **config)

    assert text in str(caught.value)


def test_a_key_of_a_mailer_that_never_comes_is_found_by_the_first_mail(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail, SESMAIL_NWES_URL="null://")
    with pytest.raises(UnknownOption, match="no option 'SESMAIL_NWES_URL'"), app.app_context():
        mail.send(to="ada@example.org")

    SesMail(name="nwes").init_app(app)
    with app.app_context():
        assert not mail.send(to="ada@example.org").failed


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"SESMAIL_TAGS": [SECRET]}, r"app.config['SESMAIL_TAGS'] is Mapping, and not list"),
        ({"SESMAIL_BASE_URL": 80}, r"app.config['SESMAIL_BASE_URL'] is str, and not int"),
        ({"SESMAIL_INLINE_CSS": SECRET}, r"app.config['SESMAIL_INLINE_CSS'] is bool, and not str"),
        ({"SESMAIL_TRANSLATIONS": 1}, r"app.config['SESMAIL_TRANSLATIONS'] is str or PathLike, and not int"),
        ({"SESMAIL_SENDER": SECRET}, r"app.config['SESMAIL_SENDER'] is wrong: "),
        ({"SESMAIL_REPLY_TO": ["a@example.com", SECRET]}, r"app.config['SESMAIL_REPLY_TO'] is wrong: "),
        ({"SESMAIL_HEADERS": {"X-A": f"{SECRET}\n"}}, r"app.config['SESMAIL_HEADERS'] is wrong: "),
        ({"SESMAIL_TAGS": {"a": f"{SECRET}\n"}}, r"app.config['SESMAIL_TAGS'] is wrong: "),
        ({"SESMAIL_CONFIGURATION_SET": "a\nb"}, r"app.config['SESMAIL_CONFIGURATION_SET'] is wrong: "),
        ({"SESMAIL_BASE_URL": "shop.example"}, "base_url is like https://shop.example"),
        ({"SESMAIL_TEMPLATES": "mails"}, "there is no folder "),
        ({"SESMAIL_URL": ""}, r"there is no way out: set app.config['SESMAIL_URL']"),
    ],
)
def test_a_wrong_value_is_found_by_init_app_and_not_repeated(
    mail: SesMail, make_app: MakeApp, config: dict[str, object], text: str
) -> None:
    with pytest.raises(SetupError) as caught:
        make_app(mail, **config)

    assert text in str(caught.value)
    assert SECRET not in str(caught.value)


def test_an_unknown_scheme_is_found_by_init_app(mail: SesMail, make_app: MakeApp) -> None:
    with pytest.raises(UnknownScheme):
        make_app(mail, SESMAIL_URL="memroy://")


def test_a_transport_may_stand_in_the_config(mail: SesMail, make_app: MakeApp) -> None:
    memory = MemoryTransport()

    assert mail.of(make_app(mail, SESMAIL_URL=memory)).transport is memory


@pytest.mark.parametrize("name", ["News", "1", "a-b", "", "_", "x" * 50])
def test_a_name_is_one_that_a_key_can_hold(name: str) -> None:
    if not name:
        SesMail(name=name)
        return
    with pytest.raises(SetupError, match="lower-case"):
        SesMail(name=name)


def test_a_name_whose_keys_are_anothers_is_refused(make_app: MakeApp) -> None:
    with pytest.raises(SetupError, match="SESMAIL_BASE_URL would be a key of two mailers"):
        make_app(SesMail(name="base"), SESMAIL_BASE_URL="https://shop.example")
    with pytest.raises(SetupError, match="SESMAIL_A_BASE_URL would be"):
        make_app(SesMail(name="a"), SesMail(name="a_base"), SESMAIL_A_URL="null://")


def test_settings_are_shown_without_values(make_app: MakeApp) -> None:
    from sesmail.integrations.flask.settings import Settings

    settings = Settings.read("", {"SESMAIL_URL": f"smtp://a:{SECRET}@host", "SESMAIL_LOCALE": "de"}, "/shop")

    assert repr(settings) == "Settings(SESMAIL_URL, SESMAIL_LOCALE)"
