"""Mails of the application's own templates, and links that no request can bend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import BuildError

from sesmail import Templates
from sesmail.errors import SetupError, TemplateError
from sesmail.integrations.flask import SesMail
from tests.integrations.flask.conftest import MakeApp

LOGO = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
WELCOME = """\
{% block subject %}Welcome, {{ name }}{% endblock %}<a href="{{ url_for('verify', token='4711') }}">Verify</a>"""


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "welcome.html").write_text(WELCOME)
    return folder


def with_routes(app: Flask) -> Flask:
    app.add_url_rule("/verify/<token>", "verify", lambda token: token)
    return app


def test_a_mail_is_made_of_the_application_s_templates(templates: Path, mail: SesMail, make_app: MakeApp) -> None:
    app = with_routes(make_app(mail, TESTING=True, SESMAIL_BASE_URL="https://shop.example/tea"))
    with app.app_context():
        made = mail.render("welcome", {"name": "Ada"}, to="ada@example.org")
        mail.send(template="welcome", context={"name": "Ada"}, to="ada@example.org")

        assert made.subject == "Welcome, Ada"
        sent = mail.mailbox.assert_one(subject="Welcome, Ada")
        assert sent.links() == ["https://shop.example/tea/verify/4711"]


def test_a_link_never_follows_the_host_of_a_request(templates: Path, mail: SesMail, make_app: MakeApp) -> None:
    app = with_routes(make_app(mail, TESTING=True, SESMAIL_BASE_URL="https://shop.example"))

    @app.post("/forgot")
    def forgot() -> str:
        mail.send(template="welcome", context={"name": "Ada"}, to="ada@example.org")
        return mail.url_for("verify", token="1", page=2, _anchor="top")

    answer = app.test_client().post("/forgot", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})

    with app.app_context():
        assert mail.mailbox.last.links() == ["https://shop.example/verify/4711"]
    assert answer.text == "https://shop.example/verify/1?page=2#top"


def test_defaults_of_urls_are_added(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail, SESMAIL_BASE_URL="https://shop.example")
    app.add_url_rule("/<lang>/verify", "verify", lambda lang: lang)
    app.url_defaults(lambda _, values: values.setdefault("lang", "de"))

    assert mail.of(app).site.url_for("verify") == "https://shop.example/de/verify"


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({"_anchor": "a b"}, "https://shop.example/verify/1#a%20b"),
        ({"_external": True}, "https://shop.example/verify/1"),
        ({"_scheme": "http"}, "http://shop.example/verify/1"),
        ({"_method": "DELETE"}, "https://shop.example/gone/1"),
    ],
)
def test_what_flask_itself_understands_is_no_query(
    templates: Path, mail: SesMail, make_app: MakeApp, values: dict[str, Any], url: str
) -> None:
    app = with_routes(make_app(mail, TESTING=True, SESMAIL_BASE_URL="https://shop.example"))
    app.add_url_rule("/gone/<token>", "verify", methods=["DELETE"])
    (templates / "link.txt").write_text("{{ url_for('verify', token='1', **values) }}")

    with app.app_context():
        assert mail.url_for("verify", token="1", **values) == url
        assert mail.render("link", {"values": values}).text == f"{url}\n"


def test_a_link_without_a_host_is_refused(mail: SesMail, make_app: MakeApp) -> None:
    app = with_routes(make_app(mail, SESMAIL_BASE_URL="https://shop.example"))
    with pytest.raises(SetupError, match="_external=False"):
        mail.of(app).site.url_for("verify", token="1", _external=False)


def test_an_endpoint_that_is_not_there_is_werkzeug_s_to_refuse(mail: SesMail, make_app: MakeApp) -> None:
    app = make_app(mail, SESMAIL_BASE_URL="https://shop.example")
    with pytest.raises(BuildError):
        mail.of(app).site.url_for("verify")


def test_without_a_base_a_link_is_an_error_that_names_the_key(
    templates: Path, mail: SesMail, make_app: MakeApp
) -> None:
    app = with_routes(make_app(mail))
    with app.test_request_context("/"), pytest.raises(SetupError, match=r"app.config\['SESMAIL_BASE_URL'\]"):
        mail.render("welcome", {"name": "Ada"})


def test_templates_of_blueprints_are_found_also_of_later_ones(mail: SesMail, make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(mail)
    folder = tmp_path / "accounts" / "templates" / "accounts"
    folder.mkdir(parents=True)
    (folder / "reset.html").write_text("{% block subject %}Reset{% endblock %}<p><img src='{{ embed('logo.png') }}'>")
    (folder.parent / "logo.png").write_bytes(LOGO)
    app.register_blueprint(
        Blueprint("accounts", "shop", root_path=str(tmp_path / "accounts"), template_folder="templates")
    )
    app.register_blueprint(Blueprint("plain", "shop", root_path=str(tmp_path)))
    made = mail.of(app).render("accounts/reset")

    assert made.subject == "Reset"
    assert made.attachments[0].data == LOGO


def test_configured_templates_take_their_place(mail: SesMail, make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "news.txt").write_text("News in {{ lang }}: {{ url('/a') }}")
    app = make_app(
        mail,
        SESMAIL_TEMPLATES=["mails", {"more.txt": "more"}],
        SESMAIL_LOCALE="de",
        SESMAIL_BASE_URL="https://shop.example/",
    )
    mailer = mail.of(app)

    assert mailer.render("news").text == "News in de: https://shop.example/a\n"
    assert mailer.render("more").text == "more\n"
    with pytest.raises(TemplateError):
        mailer.render("welcome")


def test_a_source_is_what_templates_take(
    mail: SesMail, make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "parcel" / "mails"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "hello.txt").write_text("Hello")
    monkeypatch.syspath_prepend(str(tmp_path))
    for source in ("parcel:mails", package, str(package), "parcel/mails"):
        app = make_app(SesMail(name="a"), SESMAIL_A_TEMPLATES=source, SESMAIL_A_URL="null://")

        assert SesMail(name="a").of(app).render("hello").text == "Hello\n"


def test_translations_are_a_folder_of_the_application(mail: SesMail, make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "translations").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.txt").write_text("{% trans %}Hello{% endtrans %}")
    app = make_app(mail, SESMAIL_TRANSLATIONS="translations")

    assert mail.of(app).render("a", locale="de").text == "Hello\n"


def test_style_sheets_go_into_attributes_where_that_is_asked_for(
    mail: SesMail, make_app: MakeApp, tmp_path: Path
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text("<style>p {color: red}</style><p>Hi</p>")
    app = make_app(mail, SESMAIL_INLINE_CSS=True)

    assert "style=" in (mail.of(app).render("a").html or "")


def test_an_engine_of_the_program_s_own_is_taken(make_app: MakeApp) -> None:
    mail = SesMail(templates=Templates({"a.txt": "mine"}))

    assert mail.of(make_app(mail)).render("a").text == "mine\n"
    with pytest.raises(SetupError, match=r"app.config\['SESMAIL_LOCALE'\] is idle"):
        make_app(mail, SESMAIL_LOCALE="de")


@pytest.mark.parametrize(("debug", "reload", "is_new"), [(False, None, False), (True, None, True), (False, True, True)])
def test_templates_are_looked_at_again_where_flask_does_it(
    mail: SesMail, make_app: MakeApp, tmp_path: Path, debug: bool, reload: bool | None, is_new: bool
) -> None:
    app = make_app()
    app.debug = debug
    app.config["TEMPLATES_AUTO_RELOAD"] = reload
    mail.init_app(app)
    (tmp_path / "templates" / "a.txt").write_text("old")
    assert mail.of(app).render("a").text == "old\n"
    (tmp_path / "templates" / "a.txt").write_text("newer")

    assert mail.of(app).render("a").text == ("newer\n" if is_new else "old\n")


def test_an_application_without_templates_starts(mail: SesMail) -> None:
    app = Flask("shop", template_folder=None)
    app.config.update(SESMAIL_URL="memory://", SESMAIL_SENDER="shop@example.com")
    mail.init_app(app)

    assert not mail.of(app).send(to="ada@example.org", text="Hi").failed
    with pytest.raises(TemplateError):
        mail.of(app).render("welcome")
