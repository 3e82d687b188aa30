"""Translations, and dates, numbers and money in each language."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from sesmail.errors import MissingExtra, SetupError, TemplateError
from sesmail.templates import Templates, UntrustedLimits


@pytest.fixture
def catalogues(tmp_path: Path) -> Path:
    said: dict[str, list[tuple[str | tuple[str, str], str | tuple[str, str]]]] = {
        "de": [
            ("Hello %(name)s", "Hallo %(name)s"),
            (("One order", "%(num)s orders"), ("Eine Bestellung", "%(num)s Bestellungen")),
        ],
        "de_AT": [("Hello %(name)s", "Servus %(name)s")],
    }
    for locale, messages in said.items():
        catalog = Catalog(locale=locale)
        for message, translated in messages:
            catalog.add(message, translated)
        catalog.add("Order", "Auftrag", context="verb")
        catalog.add(("One", "Many"), ("Ein", "Viele"), context="count")
        folder = tmp_path / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        write_mo(written := BytesIO(), catalog)
        (folder / "messages.mo").write_bytes(written.getvalue())
    return tmp_path


FILES = {
    "a.subject.txt": "{% trans %}Hello {{ name }}{% endtrans %}",
    "a.html": "<p>{{ _('Hello %(name)s', name=name) }},"
    " {% trans num=count %}One order{% pluralize %}{{ num }} orders{% endtrans %}</p>",
    "b.txt": "{{ pgettext('verb', 'Order') }} {{ npgettext('count', 'One', 'Many', 2) }} {{ gettext('Unknown') }}",
}


@pytest.mark.parametrize(
    ("locale", "subject", "html"),
    [
        ("", "Hello A&B", "<p>Hello A&amp;B, 2 orders</p>"),
        ("en", "Hello A&B", "<p>Hello A&amp;B, 2 orders</p>"),
        ("de", "Hallo A&B", "<p>Hallo A&amp;B, 2 Bestellungen</p>"),
        ("de-AT", "Servus A&B", "<p>Servus A&amp;B, 2 Bestellungen</p>"),
        ("de_CH", "Hallo A&B", "<p>Hallo A&amp;B, 2 Bestellungen</p>"),
    ],
)
def test_texts_are_translated(catalogues: Path, locale: str, subject: str, html: str) -> None:
    made = Templates(FILES, translations=catalogues).render("a", {"name": "A&B", "count": 2}, locale=locale)

    assert (made.subject, made.html) == (subject, html)


def test_a_text_may_have_a_context(catalogues: Path) -> None:
    assert Templates(FILES, translations=str(catalogues)).render("b", locale="de").text == "Auftrag Viele Unknown\n"
    assert Templates(FILES).render("b", locale="de").text == "Order Many Unknown\n"


@pytest.mark.parametrize("untrusted", [None, UntrustedLimits()])
@pytest.mark.parametrize(
    "source",
    [
        "{{ _(name) }}",
        "{{ gettext(name) }}",
        "{{ ngettext(name, name, 1) }}",
        "{{ pgettext('verb', name) }}",
        "{{ npgettext('verb', name, name, 2) }}",
        "{% set t = _ %}{{ t(name) }}",
        "{{ _('%(n)s', n=name) }}",
        "{% trans %}{{ name }}{% endtrans %}",
    ],
)
def test_what_is_looked_up_for_a_value_is_escaped_like_a_value(source: str, untrusted: UntrustedLimits | None) -> None:
    made = Templates({"a.html": source}, untrusted=untrusted).render("a", {"name": "<b>%%"})

    assert made.html in ("&lt;b&gt;%", "&lt;b&gt;%%")


def test_what_a_template_spells_may_be_html_and_so_may_its_translation(catalogues: Path) -> None:
    files = {"a.html": "{% trans %}<b>Hello</b> {{ name }}{% endtrans %}{{ _('<i>%(n)s</i>', n=name) }}"}
    for _ in range(2):
        assert Templates(files).render("a", {"name": "<A>"}).html == "<b>Hello</b> &lt;A&gt;<i>&lt;A&gt;</i>"


def test_messages_are_read_anew_in_development(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{{ _('<b>one</b>') }}")
    templates = Templates(tmp_path, reload=True)
    assert templates.render("a").html == "<b>one</b>"
    (tmp_path / "a.html").write_text("{{ _('<b>two</b>') }}")
    assert templates.render("a").html == "<b>two</b>"


def test_no_more_than_some_messages_are_kept() -> None:
    files = {f"m{number}.html": f"{{{{ _('<b>{number}</b>') }}}}" for number in range(1010)}
    templates = Templates(files)
    for number in (*range(1010), 0):
        assert templates.render(f"m{number}").html == f"<b>{number}</b>"


def test_of_a_template_that_is_gone_nothing_is_trusted() -> None:
    files = {"a.html": "{% if on %}{{ _('<b>') }}{% endif %}"}
    templates = Templates(files)
    templates.render("a", {"on": False})
    del files["a.html"]
    assert templates.render("a", {"on": True}).html == "&lt;b&gt;"


def test_another_domain_and_another_source_of_translations(catalogues: Path) -> None:
    class Shouting(NullTranslations):
        def gettext(self, message: str) -> str:
            return message.upper()

    asked: list[str] = []

    def translations(locale: str) -> NullTranslations:
        asked.append(locale)
        return Shouting()

    templates = Templates(FILES, translations=translations)
    for _ in range(2):
        assert templates.render("b", locale="de").text == "Order Many UNKNOWN\n"
    assert asked == ["de"]
    assert (
        Templates(FILES, translations=catalogues, domain="other")
        .render("a", {"name": "A", "count": 1}, locale="de")
        .subject
        == "Hello A"
    )


def test_no_more_than_some_catalogues_are_kept(catalogues: Path) -> None:
    templates = Templates({"a.txt": "{{ gettext('x') }}"}, translations=catalogues)
    for number in range(250):
        assert templates.render("a", locale=f"de_{number}").text == "x\n"


def test_a_folder_of_translations_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"there is no folder .* for translations"):
        Templates({}, translations=tmp_path / "gone")


VALUES = {
    "day": date(2024, 5, 1),
    "at": datetime(2024, 5, 1, 22, 30, tzinfo=UTC),
    "clock": time(22, 30),
    "total": Decimal("1234.5"),
}


@pytest.mark.parametrize(
    ("expression", "english", "german"),
    [
        ("day|date", "May 1, 2024", "01.05.2024"),
        ("day|date('long')", "May 1, 2024", "1. Mai 2024"),
        ("at|time", "10:30 PM", "22:30"),
        ("clock|time('HH:mm')", "22:30", "22:30"),
        ("at|time('HH:mm', tz='Europe/Berlin')", "00:30", "00:30"),
        ("at|datetime('yyyy-MM-dd HH:mm', tz='Europe/Berlin')", "2024-05-02 00:30", "2024-05-02 00:30"),
        ("total|number", "1,234.5", "1.234,5"),
        ("0.19|percent", "19%", "19 %"),
        ("total|money('EUR')", "€1,234.50", "1.234,50 €"),
    ],
)
def test_values_are_written_as_the_language_does(expression: str, english: str, german: str) -> None:
    templates = Templates({"a.txt": f"{{{{ {expression} }}}}"})

    def said(locale: str) -> str:
        return (
            str(templates.render("a", VALUES, locale=locale).text).strip().replace("\xa0", " ").replace("\u202f", " ")
        )

    assert said("") == english
    assert said("de") == german
    assert said("de-DE") == german
    assert said("xx") == english


def test_the_usual_locale_is_that_of_values_too() -> None:
    templates = Templates({"a.txt": "{{ total|number }}"}, locale="de_DE")

    assert templates.render("a", VALUES).text == "1.234,5\n"
    with pytest.raises(SetupError, match="Babel knows no locale 'zz'"):
        Templates({}, locale="zz")


@pytest.mark.parametrize("name", ["date", "time", "datetime", "number", "percent", "money('EUR')"])
def test_nothing_is_no_date_and_no_number(name: str) -> None:
    """Babel would write today in the place of a day that is not known."""
    with pytest.raises(TemplateError, match="what is printed is None; ask for it first"):
        Templates({"a.txt": f"{{{{ value|{name} }}}}"}).render("a", {"value": None})


@pytest.mark.parametrize("untrusted", [None, UntrustedLimits()])
@pytest.mark.parametrize(
    "source",
    [
        "{% trans %}Hello {{ name }}{% endtrans %}",
        "{% trans count=2 %}One {{ name }}{% pluralize %}Many {{ name }}{% endtrans %}",
        "{{ _('Hello %(name)s', name=name) }}",
        "{{ pgettext('a', 'Hello %(name)s', name=name) }}",
        "{{ npgettext('a', 'One %(name)s', 'Many %(name)s', 2, name=name) }}",
    ],
)
def test_what_is_not_printed_stands_in_no_translation_either(source: str, untrusted: UntrustedLimits | None) -> None:
    templates = Templates({"a.html": source}, untrusted=untrusted)

    assert "&lt;b&gt;" in str(templates.render("a", {"name": "<b>"}).html)
    with pytest.raises(TemplateError, match="what is printed is None"):
        templates.render("a", {"name": None})


def test_without_babel_the_filters_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "babel", None)
    templates = Templates({"a.txt": "{{ 1|money('EUR') }}", "b.txt": "{{ 1|monyy }}", "c.txt": "x"}, locale="zz")

    assert templates.render("c").text == "x\n"
    with pytest.raises(MissingExtra, match=r'pip install "sesmail\[babel\]"'):
        templates.render("a")
    with pytest.raises(TemplateError, match="there is no filter 'monyy'"):
        templates.render("b")
