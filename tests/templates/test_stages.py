"""What becomes of a page after Jinja: MJML, Markdown, style sheets, the preheader; and what is not installed."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from sesmail.errors import MissingExtra, TemplateError
from sesmail.templates import Templates

PAGE = """<!doctype html><html><head><style>
p { margin: 1px } a:hover { color: red }
@media (max-width: 600px) { p { margin: 2px } }
</style></head><body><p>Hello {{ name }}</p></body></html>"""


# ── style sheets ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_style_sheets_go_into_attributes_and_media_queries_stay() -> None:
    html = str(Templates({"a.html": PAGE}, inline_css=True).render("a", {"name": "<Ada>"}).html)

    assert '<p style="margin: 1px;">Hello &lt;Ada&gt;</p>' in html
    assert "@media (max-width: 600px)" in html
    assert html.lower().startswith("<!doctype html>")
    assert Templates({"a.html": PAGE}).render("a", {"name": "x"}).html == PAGE.replace("{{ name }}", "x")


def test_no_style_sheet_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("p{color:green}")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        links = "".join(
            f'<link rel="stylesheet" href="{place}">'
            for place in (
                f"http://127.0.0.1:{port}/x.css",
                f"//127.0.0.1:{port}/x.css",
                f"{tmp_path}/x.css",
                f"file://{tmp_path}/x.css",
            )
        )
        imported = f"<style>@import url(http://127.0.0.1:{port}/y.css);</style>"
        html = (
            f"<html><head>{links}{imported}</head><body><p>x</p><img src='http://127.0.0.1:{port}/i.png'></body></html>"
        )
        made = Templates({"a.html": html}, inline_css=True).render("a")
        with pytest.raises(TimeoutError):
            server.accept()
    assert "green" not in str(made.html)


def test_a_style_sheet_that_cannot_be_read_is_told_with_the_file() -> None:
    with pytest.raises(TemplateError, match=r"^a\.html: its style sheet cannot be read$") as caught:
        Templates({"a.html": "<style>p{color:</style><p style='color:red;{'>x"}, inline_css=True).render("a")

    assert caught.value.template == "a.html"


def test_a_fragment_is_completed() -> None:
    html = Templates({"a.html": "<style>p{margin:1px}</style><p>x</p>"}, inline_css=True).render("a").html
    assert '<p style="margin: 1px;">x</p>' in str(html)


def test_what_a_style_sheet_hides_is_not_in_the_text() -> None:
    page = (
        "<html><head><style>.h { display: none }</style></head><body><p class='h'>hidden</p><p>seen</p></body></html>"
    )
    text = str(Templates({"a.html": page}, inline_css=True).render("a").text)

    assert "seen" in text
    assert "hidden" not in text


# ── MJML ─────────────────────────────────────────────────────────────────────────────────────────────────────────

MJML = """{% block subject %}Hi {{ name }}{% endblock %}{% block preheader %}News{% endblock %}
<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ name }}</mj-text></mj-column></mj-section></mj-body></mjml>"""


def test_mjml_becomes_html_after_jinja() -> None:
    made = Templates({"a.mjml": MJML}).render("a", {"name": "<mj-text>A&B"})
    html = str(made.html)

    assert made.subject == "Hi <mj-text>A&B"
    assert "<table" in html
    assert "Hello &lt;mj-text&gt;A&amp;B" in html
    assert html.index("News") < html.index("Hello")
    assert "Hello <mj-text>A&B" in str(made.text)


@pytest.mark.parametrize("place", ["{}", "file://{}", "http://127.0.0.1:9/x.mjml"])
def test_mjml_includes_nothing_by_itself(tmp_path: Path, place: str) -> None:
    (tmp_path / "x.mjml").write_text("<mj-text>secret</mj-text>")
    source = f'<mjml><mj-body><mj-include path="{place.format(tmp_path / "x.mjml")}" /></mj-body></mjml>'

    with pytest.raises(TemplateError, match="Jinja's include, not by mj-include") as caught:
        Templates({"a.mjml": source}).render("a")
    assert caught.value.template == "a.mjml"


@pytest.mark.parametrize("file", ["a.html", "a.mjml"])
def test_what_no_mail_can_hold_is_left_for_the_mail_to_refuse(file: str) -> None:
    made = Templates({file: "<mjml>{{ x }}</mjml>"}, inline_css=True).render("a", {"x": "\ud800"})
    assert made.html == "<mjml>\ud800</mjml>"


def test_what_is_no_mjml_is_said_so() -> None:
    with pytest.raises(TemplateError, match=r"a\.mjml: this is no MJML"):
        Templates({"a.mjml": "hello"}).render("a")


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────────────────────

MARKDOWN = """\
{% block subject %}Hi {{ name }}{% endblock %}
{% block preheader %}For {{ name }}{% endblock %}
# Hello {{ name }}

- [pay]({{ url }})

<b>raw</b>
"""


def test_markdown_becomes_html_in_the_shipped_layout() -> None:
    made = Templates({"a.md": MARKDOWN}).render("a", {"name": "Ada & <Bob>", "url": "https://a.example/?a=1&b=(2)_x_"})
    html = str(made.html)

    assert made.subject == "Hi Ada & <Bob>"
    assert "<h1>Hello Ada &amp; &lt;Bob&gt;</h1>" in html
    assert '<a href="https://a.example/?a=1&amp;b=(2)_x_">pay</a>' in html
    assert "For Ada &amp; &lt;Bob&gt;" in html
    assert "&lt;b&gt;raw&lt;/b&gt;" in html
    assert "https://a.example/?a=1&b=(2)_x_" in str(made.text)


@pytest.mark.parametrize(
    "value",
    [
        "[click](https://evil.example)",
        "![x](https://evil.example)",
        "<https://evil.example>",
        "<script>alert(1)</script>",
        "\n\n# heading",
        "\n\n    code",
        "\n- item",
        "1. item",
        "**bold** _it_ `code` ~~gone~~",
        "`",
        "&lt;b&gt;",
        "a\\",
        "| a | b |\n|---|---|",
        "\n---\n",
        "\r\n> quote",
        "[a]: https://evil.example",
        "x\x00y",
    ],
)
@pytest.mark.parametrize(
    "around", ["{{ value }}", "# {{ value }}", "- {{ value }}", "a {{ value }} b", "[{{ value }}](https://ok.example)"]
)
def test_a_value_says_nothing_in_markdown(value: str, around: str) -> None:
    templates = Templates({"a.md": around, "sesmail/markdown.html": "{{ content }}"})
    html = str(templates.render("a", {"value": value}).html)
    plain = str(templates.render("a", {"value": "plain"}).html)

    assert _tags(html) == _tags(plain)


def _tags(html: str) -> list[str]:
    return [part.partition(">")[0] for part in html.split("<")[1:]]


def test_code_in_markdown_shows_a_value_as_it_is() -> None:
    source = "`{{ c }}`\n\n    {{ c }}\n\n```\n{{ c }}\n```\n"
    html = str(
        Templates({"a.md": source, "sesmail/markdown.html": "{{ content }}"}).render("a", {"c": "AB-12_*<"}).html
    )

    assert html.count("AB-12_*&lt;") == 3
    assert "\\" not in html


def test_what_is_markdown_already_is_not_escaped_again() -> None:
    source = (
        "{% macro bold(what) %}**{{ what }}**{% endmacro %}{% set it %}_{{ n }}_{% endset %}"
        "{% trans %}**Hello** {{ n }}{% endtrans %} {{ bold(n) }} {{ it }} {{ bold(n) ~ n }} {{ [it, n]|join(' ') }}"
    )
    value = "A_b [x](https://evil.example)"
    templates = Templates({"a.md": source, "sesmail/markdown.html": "{{ content }}"})
    html = str(templates.render("a", {"n": value}).html)

    assert html == (
        f"<p><strong>Hello</strong> {value} <strong>{value}</strong> <em>{value}</em>"
        f" <strong>{value}</strong>{value} <em>{value}</em> {value}</p>\n"
    )


@pytest.mark.parametrize("expression", ["n|e", "n|escape", "n|forceescape", "n|tojson", "n ~ ''", "[n]|join", "_(n)"])
def test_no_filter_makes_markdown_of_a_value(expression: str) -> None:
    templates = Templates({"a.md": f"{{{{ {expression} }}}}", "sesmail/markdown.html": "{{ content }}"})
    html = str(templates.render("a", {"n": "[x](https://evil.example) **b**"}).html)

    assert "<a" not in html
    assert "<strong" not in html


def test_a_link_of_markdown_leads_to_web_and_mail_only() -> None:
    html = str(
        Templates({"a.md": "[a](javascript:alert) [b](data:image/png,x) [c]({{ u }}) [d](foo:bar) [e](/x) [f](#g)"})
        .render("a", {"u": "javascript:x"})
        .html
    )

    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert 'href="foo' not in html
    assert 'href="/x"' in html
    assert 'href="#g"' in html


def test_html_that_a_program_made_is_not_raw_html_in_markdown() -> None:
    from markupsafe import Markup

    html = str(Templates({"a.md": "{{ bold }}"}).render("a", {"bold": Markup("**x**")}).html)
    assert "<strong>x</strong>" in html


# ── the preheader ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("page", "before"),
    [
        ("<html><BODY class='a'>x</BODY></html>", "<html><BODY class='a'>"),
        ("<p>x</p>", ""),
        ("<!-- <body> --><html><body>x", "<!-- <body> --><html><body>"),
        ("<body-wrap>x</body-wrap>", ""),
        ("<!doctype html><html><head></head><p>x", "<!doctype html><html><head></head>"),
        ("<!doctype html>\n<p>x", "<!doctype html>"),
        ("<html><body>x", "<html><body>"),
    ],
)
def test_a_preheader_is_hidden_at_the_beginning_of_the_page(page: str, before: str) -> None:
    made = Templates({"a.html": "{% block preheader %}Look, {{ name }}{% endblock %}" + page}).render(
        "a", {"name": "<A>"}
    )

    assert str(made.html).startswith(f'{before}<div style="display:none;')
    assert "Look, &lt;A&gt;&#847;" in str(made.html)
    assert "Look" not in str(made.text)


# ── what is not installed ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("package", "files", "settings", "extra"),
    [
        ("css_inline", {}, {"inline_css": True}, "css"),
        ("mrml", {"a.mjml": "x"}, {}, "mjml"),
        ("mrml", {"shop/a.mjml.j2": "x"}, {}, "mjml"),
        ("markdown_it", {"a.md": "x"}, {}, "markdown"),
    ],
)
def test_what_is_not_installed_is_said_at_set_up(
    monkeypatch: pytest.MonkeyPatch, package: str, files: dict[str, str], settings: dict[str, bool], extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(MissingExtra) as caught:
        Templates(files, **settings)  # type: ignore[arg-type]
    assert f'pip install "sesmail[{extra}]"' in str(caught.value)
    Templates({"a.html": "x", "b.txt": "x"})


def test_a_source_that_cannot_list_says_it_at_the_first_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import FunctionLoader

    monkeypatch.setitem(sys.modules, "mrml", None)
    templates = Templates(FunctionLoader({"a.mjml": "x"}.get))
    with pytest.raises(MissingExtra, match="mrml"):
        templates.render("a")
