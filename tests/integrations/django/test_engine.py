"""Django's templates as an engine of sesmail."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import engines
from django.test import override_settings

from sesmail import Mailer
from sesmail.errors import SetupError, TemplateError
from sesmail.integrations.django import DjangoEngine

CACHED = "django.template.loaders.cached.Loader"
FILES = "django.template.loaders.filesystem.Loader"


@pytest.fixture(scope="module")
def engine() -> DjangoEngine:
    return DjangoEngine()


def test_three_files_make_a_mail(engine: DjangoEngine) -> None:
    made = engine.render("mails/order", {"name": "Ada <3", "total": 4})

    assert made.subject == "Your order, Ada <3"
    assert made.text == "Dear Ada <3,\nyour order is on its way.\n"
    assert made.html == "<p>Dear Ada &lt;3, it is 4.</p>\n"


def test_a_page_alone_has_its_text_made_of_it(engine: DjangoEngine) -> None:
    made = engine.render("mails/page", {"name": "Ada"})

    assert made.subject == ""
    assert made.text == "Ada\n===\n\n*** friend Yes\n"
    assert "absent" not in (made.html or "")


def test_a_locale_is_spoken(engine: DjangoEngine) -> None:
    assert "Ja" in (engine.render("mails/page", {"name": "Ada"}, locale="de").html or "")
    assert "Sim" in (engine.render("mails/page", {"name": "Ada"}, locale="pt_BR").html or "")


def test_the_way_to_unsubscribe_is_a_variable(engine: DjangoEngine) -> None:
    made = engine.render("mails/page", {"name": "Ada"}, unsubscribe_url="https://example.com/u")

    assert 'href="https://example.com/u"' in (made.html or "")


@pytest.mark.parametrize(
    ("name", "line", "variable", "says"),
    [
        ("gap", 2, "nmae", "nmae is not in the context"),
        ("plain", 1, "user.nmae", "user.nmae is not in the context"),
        ("syntax", 1, "", "nosuchtag"),
        ("include", None, "", "broken/absent.txt, which is not there"),
        ("fails", 1, "", "RuntimeError in fails"),
        ("absent", None, "", "neither broken/absent.txt nor broken/absent.html"),
    ],
)
def test_a_fault_says_where(engine: DjangoEngine, name: str, line: int | None, variable: str, says: str) -> None:
    with pytest.raises(TemplateError, match=says) as caught:
        engine.render(f"broken/{name}", {"user": {"name": "Ada"}})

    error = caught.value
    assert (error.line, error.variable) == (line, variable)
    assert error.template.startswith("broken/")
    assert "hunter2" not in str(error)


def test_a_text_of_blanks_is_none(engine: DjangoEngine) -> None:
    assert engine.render("broken/empty").text is None


@pytest.mark.parametrize(
    "use", ["{{ x|length }}", "{{ x|join:',' }}", "{{ x|add:'1' }}", "{{ x|first }}", "{{ x|safe }}"]
)
def test_a_filter_hides_no_gap(use: str, tmp_path: Any) -> None:
    (tmp_path / "a.html").write_text(use)
    one = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[one]), pytest.raises(TemplateError, match="not in the context"):
        DjangoEngine().render("a", {})


def test_the_projects_pages_are_as_they_were(engine: DjangoEngine) -> None:
    engine.render("mails/page", {"name": "Ada"})

    assert engines["django"].from_string("[{{ nmae }}]").render({}) == "[]"


def test_one_of_several_engines(tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("mine")
    one = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [], "NAME": "first"}
    with override_settings(TEMPLATES=[one, {**one, "NAME": "mails", "DIRS": [tmp_path]}]):
        assert DjangoEngine("mails").render("a").text == "mine\n"
        assert repr(DjangoEngine("mails")) == "DjangoEngine('mails')"
    assert repr(DjangoEngine()) == "DjangoEngine()"


def test_templates_of_a_test_are_those_of_its_settings(engine: DjangoEngine, tmp_path: Any) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "order.txt").write_text("mine")
    one = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}
    assert engine.render("mails/order", {"name": "Ada", "total": 4}).text == "Dear Ada,\nyour order is on its way.\n"
    with override_settings(TEMPLATES=[one]):
        assert engine.render("mails/order").text == "mine\n"
    assert engine.render("mails/order", {"name": "Ada", "total": 4}).text == "Dear Ada,\nyour order is on its way.\n"


@pytest.mark.parametrize("loaders", [None, [(CACHED, [FILES])], [(CACHED, [(CACHED, [FILES])]), FILES]])
def test_who_develops_sees_at_once_what_they_write(loaders: list[Any] | None, tmp_path: Any) -> None:
    options = {} if loaders is None else {"loaders": loaders}
    one = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [tmp_path],
        "OPTIONS": {**options, "debug": True},
    }
    served = {**one, "NAME": "served", "OPTIONS": {**options, "debug": False}}
    with override_settings(TEMPLATES=[{**one, "NAME": "written"}, served]):
        written, kept = DjangoEngine("written"), DjangoEngine("served")
        for text in ("one", "two"):
            (tmp_path / "a.txt").write_text(text)
            assert written.render("a").text == f"{text}\n"
            assert kept.render("a").text == "one\n", "compiled once"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("\n{% load i18n %}{% blocktranslate %}Hi {{ x }}{% endblocktranslate %}", "a name in blocktranslate is not"),
        ("\n{% load i18n %}{% translate x %}", "a name in translate x is not"),
    ],
)
def test_a_gap_in_a_tag_names_the_tag(written: str, says: str, tmp_path: Any) -> None:
    (tmp_path / "a.html").write_text(written)
    one = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[one]), pytest.raises(TemplateError, match=says) as caught:
        DjangoEngine().render("a", {})
    assert (caught.value.template, caught.value.line, caught.value.variable) == ("a.html", 2, "")


@pytest.mark.parametrize(
    "templates", [[], [{"BACKEND": "django.template.backends.dummy.TemplateStrings", "NAME": "x"}]]
)
def test_without_djangos_templates_it_says_so(templates: list[Any]) -> None:
    with override_settings(TEMPLATES=templates), pytest.raises(SetupError, match="no Django templates"):
        DjangoEngine().render("a")


def test_a_mailer_takes_it(engine: DjangoEngine) -> None:
    mailer = Mailer("memory://", sender="shop@example.com", templates=engine)

    assert mailer.render("mails/order", {"name": "Ada", "total": 4}, to="a@example.org").subject == "Your order, Ada"
