"""Templates: which files make a mail, in which language, and what becomes of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from jinja2 import DictLoader, pass_context
from jinja2.runtime import Context

from sesmail.errors import SetupError, TemplateError
from sesmail.templates import Templates
from sesmail.templates.engine import Rendered

NAME = {"name": "Ada"}


def rendered(
    files: Mapping[str, str], name: str = "a", context: Mapping[str, object] = NAME, locale: str = ""
) -> Rendered:
    return Templates(files).render(name, context, locale=locale)


# ── which files ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_is_three_files() -> None:
    made = rendered({"a.subject.txt": "Hi {{ name }}\n", "a.txt": "Hello {{ name }}\n", "a.html": "<p>{{ name }}</p>"})

    assert (made.subject, made.text, made.html) == ("Hi Ada", "Hello Ada\n", "<p>Ada</p>")


@pytest.mark.parametrize("ending", ["", ".jinja", ".j2"])
def test_files_may_end_as_editors_like_it(ending: str) -> None:
    made = rendered({f"a.subject.txt{ending}": "S", f"a.txt{ending}": "T", f"a.html{ending}": "H"})

    assert (made.subject, made.text, made.html) == ("S", "T\n", "H")


def test_a_mail_may_be_text_only() -> None:
    assert rendered({"a.txt": "T"}) == Rendered(text="T\n")


def test_the_text_is_made_from_the_html_where_there_is_none() -> None:
    assert (
        rendered({"a.html": "<h1>Hello {{ name }}</h1><p>Bye"}).text
        == Templates({"a.html": "<h1>Hello Ada</h1><p>Bye"}).render("a").text
    )
    assert "Hello Ada" in str(rendered({"a.html": "<h1>Hello {{ name }}</h1><p>Bye"}).text)


def test_a_mail_may_be_in_a_folder() -> None:
    assert rendered({"shop/a.txt": "T"}, "shop/a").text == "T\n"


def test_blanks_around_a_text_and_a_subject_are_not_sent() -> None:
    made = rendered({"a.subject.txt": "\n  Hi  \n", "a.txt": "\n\n  indented\n\n\n"})

    assert (made.subject, made.text) == ("Hi", "  indented\n")


def test_a_line_that_only_holds_a_tag_leaves_no_line() -> None:
    assert rendered({"a.txt": "a\n  {% if name %}\nb\n  {% endif %}\nc"}).text == "a\nb\nc\n"


def test_two_files_that_say_the_html_are_one_too_many() -> None:
    with pytest.raises(TemplateError, match=r"a\.html and a\.md all say its HTML: keep one"):
        rendered({"a.html": "H", "a.md": "M"})


def test_a_template_that_is_not_there_is_named_by_its_neighbour() -> None:
    with pytest.raises(TemplateError, match=r"welcom: there is no such template; did you mean 'welcome'\?") as caught:
        rendered({"welcome.html": "", "style.css": ""}, "welcom")
    assert caught.value.template == "welcom"

    with pytest.raises(TemplateError, match=r"zzz: there is no such template; none of \.html"):
        rendered({"welcome.html": ""}, "zzz")


# ── one file ─────────────────────────────────────────────────────────────────────────────────────────────────────

ONE = """\
{% block subject %}Hi {{ name }}{% endblock %}
{% block preheader %}News for {{ name }}{% endblock %}
{% block text %}
Hello {{ name }}
{% endblock %}
<p>Hello {{ name }}</p>
"""


def test_a_mail_may_be_one_file() -> None:
    made = rendered({"a.html": ONE}, context={"name": "A&B"})

    assert (made.subject, made.text) == ("Hi A&B", "Hello A&B\n")
    assert made.html is not None
    hidden, _, rest = made.html.partition("</div>")
    assert hidden.startswith('<div style="display:none;')
    assert "News for A&amp;B" in hidden
    assert rest.strip() == "<p>Hello A&amp;B</p>"


def test_one_file_may_be_text() -> None:
    made = rendered({"a.txt": "{% block subject %}Hi {{ name }}{% endblock %}\nHello\n"})

    assert made == Rendered(subject="Hi Ada", text="Hello\n")


def test_blocks_come_through_inheritance() -> None:
    made = rendered(
        {
            "base.html": "<html><body class='x'>{% block html %}{% endblock %}<i>{{ name }}</i></body></html>",
            "shop.html": "{% extends 'base.html' %}"
            "{% block subject %}[shop] {% block about %}{% endblock %}{% endblock %}",
            "a.html": "{% extends 'shop.html' %}{% set code = 42 %}{% from 'm.html' import bold %}"
            "{% block about %}Hi {{ name }}{% endblock %}"
            "{% block preheader %}Look: {{ code }}{% endblock %}"
            "{% block text %}Code {{ code }}{% endblock %}"
            "{% block html %}{{ bold(code) }}{% endblock %}",
            "m.html": "{% macro bold(what) %}<b>{{ what }}</b>{% endmacro %}",
        }
    )

    assert (made.subject, made.text) == ("[shop] Hi Ada", "Code 42\n")
    assert made.html is not None
    assert made.html.startswith("<html><body class='x'><div style=")
    assert "Look: 42" in made.html
    assert made.html.endswith("</div><b>42</b><i>Ada</i></body></html>")


def test_a_block_may_build_on_that_of_its_layout() -> None:
    files = {
        "base.html": "{% block subject %}Shop{% endblock %}x",
        "a.html": "{% extends 'base.html' %}{% block subject %}{{ super() }}: {{ name }}{% endblock %}",
    }

    assert rendered(files).subject == "Shop: Ada"


def test_a_layout_may_be_chosen_while_rendering() -> None:
    files = {
        "l.html": "{% block subject %}L{% endblock %}<i>{% block html %}{% endblock %}</i>",
        "a.html": "{% extends layout %}{% block subject %}{{ name }}{% endblock %}{% block html %}x{% endblock %}",
        "b.html": "{% extends 'a.html' %}",
    }

    made = rendered(files, context={"layout": "l.html", **NAME})
    assert (made.subject, made.html) == ("Ada", "<i>x</i>")
    assert rendered(files, "b", context={"layout": "l.html", **NAME}) == made


def test_a_required_block_that_is_filled_is_enough() -> None:
    files = {
        "l.html": "{% block subject required %}{% endblock %}x",
        "a.html": "{% extends 'l.html' %}{% block subject %}S{% endblock %}",
    }

    assert rendered(files).subject == "S"


@pytest.mark.parametrize("name", ["text", "subject"])
def test_html_in_a_block_that_is_none_is_refused(name: str) -> None:
    files = {
        "l.html": f"<td>\n{{% block {name} %}}<p>Hello</p>{{% endblock %}}</td>",
        "a.html": "{% extends 'l.html' %}",
    }
    with pytest.raises(TemplateError, match=f"l.html, line 2: the block '{name}' is the .* of the mail") as caught:
        rendered(files)

    assert (caught.value.template, caught.value.line) == ("l.html", 2)


def test_a_layout_may_set_something_after_it_has_begun() -> None:
    files = {
        "l.html": "<html>{% set shop = 'Tea' %}{% block subject %}{% endblock %}</html>",
        "a.html": "{% extends 'l.html' %}{% block subject %}News of {{ shop }}{% endblock %}",
        "b.html": "{% extends 'l.html' %}{% block subject %}News of {{ shp }}{% endblock %}",
    }

    assert rendered(files).subject == "News of Tea"
    with pytest.raises(TemplateError, match=r"b\.html, line 1: there is no 'shp' in the context"):
        rendered(files, "b")


def test_a_template_that_extends_itself_is_an_error() -> None:
    with pytest.raises(TemplateError, match="RecursionError"):
        rendered({"a.html": "{% extends 'a.html' %}"})


def test_a_text_can_show_the_subject() -> None:
    assert rendered({"a.subject.txt": "Hi {{ name }}", "a.txt": "{{ subject }}!"}).text == "Hi Ada!\n"
    page = "{% block subject %}Hi {{ name }}{% endblock %}x"
    assert rendered({"a.html": page, "a.txt": "{{ subject }}!"}).text == "Hi Ada!\n"


def test_an_empty_block_says_nothing() -> None:
    made = rendered({"a.html": "{% block text %} {% endblock %}{% block preheader %}\n{% endblock %}<p>Hello</p>"})

    assert "Hello" in str(made.text)
    assert made.html == "<p>Hello</p>"


def test_a_subject_by_file_and_a_text_by_block() -> None:
    made = rendered({"a.html": ONE, "a.subject.txt": "by file"})

    assert (made.subject, made.text) == ("by file", "Hello Ada\n")


def test_a_gap_in_a_block_of_the_page_itself_is_told() -> None:
    with pytest.raises(TemplateError, match=r"a\.html, line 1: there is no 'nam' in the context"):
        rendered({"a.html": "{% block subject %}{{ nam }}{% endblock %}x"})


def test_what_is_put_together_is_printed() -> None:
    source = "{{ '%s: %(x)s'|format(x=name) if false else '%s!'|format(name) }} {{ people|join(', ', attribute='n') }}"
    context = {"name": "<A>", "people": [{"n": "B"}, {"n": "<C>"}]}

    assert rendered({"a.html": source}, context=context).html == "&lt;A&gt;! B, &lt;C&gt;"
    assert rendered({"a.txt": source}, context=context).text == "<A>! B, <C>\n"


def test_a_file_counts_more_than_a_block() -> None:
    made = rendered({"a.html": ONE, "a.subject.txt": "by file", "a.txt": "by file"})

    assert (made.subject, made.text) == ("by file", "by file\n")


def test_the_page_can_show_the_subject() -> None:
    files = {
        "l.html": "<title>{{ subject }}</title>",
        "a.html": "{% extends 'l.html' %}{% block subject %}<{{ name }}>{% endblock %}",
    }

    assert rendered(files).html == "<title>&lt;Ada&gt;</title>"
    assert rendered(files, context={"subject": "mine", **NAME}).html == "<title>mine</title>"


# ── where they come from ─────────────────────────────────────────────────────────────────────────────────────────


def test_sources_are_folders_packages_mappings_and_loaders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("a folder, é", "utf-8")
    (tmp_path / "shopmails" / "templates").mkdir(parents=True)
    (tmp_path / "shopmails" / "__init__.py").touch()
    (tmp_path / "shopmails" / "templates" / "b.txt").write_text("a package")
    monkeypatch.syspath_prepend(str(tmp_path))
    templates = Templates(tmp_path, "shopmails:", {"c.txt": "a mapping"}, DictLoader({"d.txt": "a loader"}))

    assert [templates.render(name).text for name in "abcd"] == [
        "a folder, é\n",
        "a package\n",
        "a mapping\n",
        "a loader\n",
    ]
    assert templates.names == ["a", "b", "c", "d", "shopmails/templates/b"]
    assert Templates("shopmails:templates").render("b").text == "a package\n"
    assert repr(templates) == "Templates(5 mails)"


def test_a_package_in_an_archive_is_a_source_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zipfile import ZipFile

    with ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("zippedmails/__init__.py", "")
        archive.writestr("zippedmails/mails/a.txt", "from an archive")
    monkeypatch.syspath_prepend(str(tmp_path / "shop.zip"))

    assert Templates("zippedmails:mails").render("a").text == "from an archive\n"


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ((), "templates come from somewhere"),
        (("no/such/folder",), "there is no folder 'no/such/folder' for templates"),
        (("no_such_package:mails",), "there is no folder 'mails' in a package 'no_such_package'"),
        (("sesmail:no_such",), "there is no folder 'no_such' in a package 'sesmail'"),
        ((3,), "not int"),
    ],
)
def test_a_source_that_is_none_is_refused_at_once(sources: tuple[str, ...], reason: str) -> None:
    with pytest.raises(SetupError, match=reason):
        Templates(*sources)


def test_a_loader_that_cannot_list_is_enough() -> None:
    from jinja2 import FunctionLoader

    templates = Templates(FunctionLoader({"a.txt": "T"}.get))
    assert templates.render("a").text == "T\n"
    assert templates.names == []


def test_a_folder_stays_the_one_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon goes to / after it has been set up."""
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails/a.html").write_text("{{ embed('b.png') }}")
    (tmp_path / "mails/b.png").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    templates = Templates("mails", translations="mails")
    monkeypatch.chdir("/")

    assert templates.render("a", locale="de").attachments[0].data == b"x"


def test_an_earlier_source_hides_a_later_one() -> None:
    shared = {"a.html": "shared", "a.txt": "shared", "a.subject.txt": "shared", "b.txt": "shared"}
    own = {"a.html": "own"}

    made = Templates(own, shared).render("a")
    assert (made.subject, made.html) == ("shared", "own")
    assert made.text != "shared\n", "another page with the old text beside it would be two mails in one"
    assert Templates(own, shared).render("b").text == "shared\n"
    assert Templates({"a.txt": "own"}, shared).render("a").html == "shared"
    assert Templates({"a.txt": "own"}, shared).render("a").text == "own\n"


def test_another_kind_of_page_hides_a_later_one() -> None:
    assert "<strong>" in str(Templates({"a.md": "**own**"}, {"a.html": "shared"}).render("a").html)


def test_what_is_shipped_can_be_replaced() -> None:
    files = {"a.md": "Hello", "sesmail/markdown.html": "<body>mine: {{ content }}</body>"}

    assert rendered(files).html == "<body>mine: <p>Hello</p>\n</body>"


def test_a_loader_without_sources_is_refused(tmp_path: Path) -> None:
    from jinja2 import ModuleLoader

    with pytest.raises(SetupError, match="ModuleLoader has compiled templates only"):
        Templates(ModuleLoader(tmp_path))


def test_a_file_that_is_not_utf_8_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Größe".encode("latin-1"))
    with pytest.raises(TemplateError, match="a: a file is not in UTF-8"):
        Templates(tmp_path).render("a")


def test_no_name_leads_out_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    templates = Templates(tmp_path / "mails", {"a.html": "{% include name %}"})

    for name in ("../secret", "mails/../../secret", str(tmp_path / "secret"), "a\0"):
        with pytest.raises((TemplateError, ValueError)):
            templates.render(name)
    with pytest.raises(TemplateError):
        templates.render("a", {"name": "../secret.txt"})


# ── in which language ────────────────────────────────────────────────────────────────────────────────────────────

LOCALES = {
    "a.html": "<p>English</p>",
    "a.txt": "English",
    "a.subject.txt": "English",
    "a.de.html": "<p>Deutsch</p>",
    "a.de-AT.html": "<p>Österreich</p>",
    "a.de.subject.txt": "Deutsch",
    "a.fr.txt": "Français",
    "a.pt_BR.txt": "Brasil",
}


@pytest.mark.parametrize(
    ("locale", "subject", "html", "text"),
    [
        ("", "English", "<p>English</p>", "English"),
        ("de", "Deutsch", "<p>Deutsch</p>", "Deutsch"),
        ("de-DE", "Deutsch", "<p>Deutsch</p>", "Deutsch"),
        ("de_AT", "Deutsch", "<p>Österreich</p>", "Österreich"),
        ("it", "English", "<p>English</p>", "English"),
        ("fr", "English", None, "Français"),
        ("pt-BR", "English", None, "Brasil"),
        ("pt", "English", "<p>English</p>", "English"),
    ],
)
def test_a_mail_is_in_one_language(locale: str, subject: str, html: str | None, text: str) -> None:
    made = rendered(LOCALES, locale=locale)

    assert (made.subject, made.html) == (subject, html)
    assert text in str(made.text)
    assert "English" not in str(made.text) or text == "English"


def test_a_subject_block_counts_more_than_a_subject_in_another_language() -> None:
    files = {"a.subject.txt": "English", "a.html": "English", "a.de.html": "{% block subject %}Deutsch{% endblock %}x"}

    assert rendered(files, locale="de").subject == "Deutsch"


def test_a_locale_that_is_none_is_refused() -> None:
    for locale in ("../de", "d", "de.html", "x" * 40, "de\n"):
        with pytest.raises(TemplateError, match="a: a locale is written like de, de_AT or zh-Hans-CN"):
            rendered(LOCALES, locale=locale)


def test_a_locale_is_found_however_it_is_spelled() -> None:
    files = {"a.pt_BR.txt": "Brasil", "a.zh-Hans.txt": "简体", "a.de-at.txt": "Österreich"}

    for locale, text in [("pt-br", "Brasil"), ("PT_BR", "Brasil"), ("zh_hans_CN", "简体"), ("de-at", "Österreich")]:
        assert rendered(files, locale=locale).text == f"{text}\n"


def test_who_has_no_mail_in_their_language_gets_the_usual_one() -> None:
    files = {"a.en.txt": "English {{ locale }}", "a.de.txt": "Deutsch", "b.fr.txt": "Français"}
    templates = Templates(files, locale="en")

    assert templates.render("a", locale="fr").text == "English en\n"
    assert templates.names == ["a", "b"]
    with pytest.raises(TemplateError, match="b: there is no such template"):
        templates.render("b", locale="de")


def test_a_language_is_said_beside_the_context() -> None:
    with pytest.raises(TemplateError, match="locale is not for the context: say locale= beside it"):
        rendered(LOCALES, context={"locale": "de"})


def test_the_usual_locale_is_that_of_a_mail_that_says_none() -> None:
    templates = Templates(LOCALES, locale="de")

    assert templates.render("a").subject == "Deutsch"
    assert templates.render("a", locale="en").subject == "English"


def test_templates_know_the_locale() -> None:
    files = {"a.txt": "[{{ locale }}] {{ lang|default('none') }}"}

    assert rendered(files, locale="de_AT").text == "[de_AT] de-AT\n"
    assert rendered(files).text == "[] none\n"


# ── changes ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, (path.stat().st_atime + 5, path.stat().st_mtime + 5))


@pytest.mark.parametrize(("reload", "variable"), [(True, ""), (None, "1")])
def test_changes_are_seen_in_development(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reload: bool | None, variable: str
) -> None:
    monkeypatch.setenv("SESMAIL_RELOAD", variable)
    (tmp_path / "a.txt").write_text("one")
    templates = Templates(tmp_path, reload=reload)
    assert templates.render("a").text == "one\n"
    _write(tmp_path / "a.txt", "two")
    assert templates.render("a").text == "two\n"
    (tmp_path / "a.html").write_text("<p>three")

    assert templates.render("a").html == "<p>three"


def test_what_comes_to_stand_before_another_is_seen_in_development(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    shared = {"a.html": "{% extends 'l.html' %}", "l.html": "shared"}
    templates = Templates(tmp_path / "own", shared, reload=True)
    assert templates.render("a").html == "shared"
    (tmp_path / "own" / "l.html").write_text("own")

    assert templates.render("a").html == "own"


@pytest.mark.parametrize("variable", ["", "0", "false", "No"])
def test_changes_are_not_looked_for_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("SESMAIL_RELOAD", variable)
    (tmp_path / "a.txt").write_text("one")
    templates = Templates(tmp_path)
    assert templates.render("a").text == "one\n"
    _write(tmp_path / "a.txt", "two")
    (tmp_path / "a.html").write_text("<p>three")

    assert templates.render("a") == Rendered(text="one\n")


def test_a_template_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import Environment

    compiled: list[str] = []
    compile_ = Environment.compile

    def counted(self: Environment, *args: object, **settings: object) -> object:
        compiled.append(str(args[1]))
        return compile_(self, *args, **settings)  # type: ignore[call-overload]

    monkeypatch.setattr(Environment, "compile", counted)
    templates = Templates({"a.subject.txt": "S", "a.txt": "T", "a.html": "H"})
    for _ in range(3):
        templates.render("a")

    assert sorted(compiled) == ["a.html", "a.subject.txt", "a.txt"]


def test_compiled_templates_are_kept_in_a_folder(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "deep"
    assert Templates({"a.txt": "{{ name }}"}, cache=cache).render("a", NAME).text == "Ada\n"
    assert list(cache.iterdir())
    assert cache.stat().st_mode & 0o777 == 0o700
    assert Templates({"a.txt": "{{ name }}"}, cache=cache).render("a", NAME).text == "Ada\n"

    cache.chmod(0o777)
    with pytest.raises(SetupError, match="others may write to"):
        Templates({"a.txt": ""}, cache=cache)


def test_a_cache_of_jinja_is_taken() -> None:
    from jinja2 import BytecodeCache
    from jinja2.bccache import Bucket

    class Kept(BytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            pass

        def dump_bytecode(self, bucket: Bucket) -> None:
            kept.append(bucket.key)

    kept: list[str] = []
    Templates({"a.txt": "T"}, cache=Kept()).render("a")
    assert len(kept) == 1


def test_a_cache_of_jinja_keeps_each_language_apart() -> None:
    """What is escaped is compiled in: the page as text would be run as the page."""
    from jinja2 import BytecodeCache
    from jinja2.bccache import Bucket

    class Kept(BytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            if bucket.key in kept:
                bucket.bytecode_from_string(kept[bucket.key])

        def dump_bytecode(self, bucket: Bucket) -> None:
            kept[bucket.key] = bucket.bytecode_to_string()

    kept: dict[str, bytes] = {}
    files = {"a.html": "{% block subject %}{{ name }}{% endblock %}<p>{{ name }}</p>"}
    for _ in range(2):
        made = Templates(files, cache=Kept()).render("a", {"name": "<b>"})
        assert (made.subject, made.html) == ("<b>", "<p>&lt;b&gt;</p>")
    assert len(kept) == 2


# ── what a program adds ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_program_adds_filters_globals_and_extensions() -> None:
    templates = Templates(
        {"a.txt": "{{ name|shout }} {{ shop }} {{ twice(2) }}{% do name %}"},
        filters={"shout": lambda text: f"{text}!"},
        globals={"shop": "Tea", "twice": lambda number: number * 2},
        extensions=["jinja2.ext.do"],
    )

    assert templates.render("a", NAME).text == "Ada! Tea 4\n"


def test_a_filter_of_the_program_runs_for_each_mail() -> None:
    """Jinja would run it on a constant once, and the language of the first mail would be that of all."""

    @pass_context
    def told(context: Context, text: str) -> str:
        return f"{text} {context['locale']}"

    languages = iter(["de", "fr"])
    templates = Templates(
        {"a.txt": "{{ 'hello'|translated }} {{ 'hello'|told }}"},
        filters={"translated": lambda text: f"{text} {next(languages)}", "told": told},
    )

    assert templates.render("a", locale="de").text == "hello de hello de\n"
    assert templates.render("a", locale="fr").text == "hello fr hello fr\n"


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"filters": {"link": str}}, "'link' is a filter"),
        ({"globals": {"url": 1}}, "'url' is a global"),
        ({"globals": {"unsubscribe_url": ""}}, "'unsubscribe_url' is a global"),
    ],
)
def test_what_has_a_name_of_ours_is_refused(settings: dict[str, dict[str, object]], what: str) -> None:
    with pytest.raises(SetupError, match=f"{what} of sesmail's; give yours another name"):
        Templates({}, **settings)  # type: ignore[arg-type]


# ── what a mail says of itself ───────────────────────────────────────────────────────────────────────────────────


def test_the_url_to_unsubscribe_is_the_mails_own() -> None:
    templates = Templates({"a.txt": "{{ unsubscribe_url }}"})

    assert templates.render("a", unsubscribe_url="https://a.example/u").text == "https://a.example/u\n"
    with pytest.raises(TemplateError, match="give the mail unsubscribe=, and it is its URL"):
        templates.render("a")
    with pytest.raises(TemplateError, match="unsubscribe_url is not for the context") as caught:
        templates.render("a", {"unsubscribe_url": "https://evil.example"})
    assert caught.value.variable == "unsubscribe_url"


def test_an_awaitable_is_refused_with_the_cure() -> None:
    async def orders() -> int:
        return 3

    promise = orders()
    with pytest.raises(
        TemplateError, match=r"context\['orders'\] is awaitable, and templates do not await: await it"
    ) as caught:
        rendered({"a.txt": "{{ orders }}"}, context={"orders": promise})
    promise.close()
    assert caught.value.variable == "orders"


def test_what_can_be_read_once_only_is_refused() -> None:
    """The text or the subject would have read it, and the page would show an empty list."""
    files = {"a.html": "{% block subject %}Hi{% endblock %}{% for name in names %}{{ name }}{% endfor %}"}

    with pytest.raises(TemplateError, match=r"context\['names'\] can be read once only.*: give a list") as caught:
        rendered(files, context={"names": (name for name in "ab")})
    assert caught.value.variable == "names"
    assert rendered(files, context={"names": ["a", "b"]}).html == "ab"


def test_templates_of_many_names_are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesmail.templates.lineage._MOST_KNOWN", 2)
    templates = Templates({f"{name}.html": f"{{% block subject %}}{name}{{% endblock %}}" for name in "abc"})

    assert [templates.render(name).subject for name in "abca"] == list("abca")
    assert len(templates._press._lineage._known._known) == 2


def test_many_threads_render_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    templates = Templates(
        {"a.txt": "{% for n in range(50) %}{{ name }}{% endfor %} {{ locale }}", "a.de.txt": "{{ name }} {{ locale }}"}
    )
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda n: templates.render("a", {"name": n}, locale="de" if n % 2 else "en").text, range(400))

    assert list(made) == [f"{n} de\n" if n % 2 else f"{str(n) * 50} en\n" for n in range(400)]
