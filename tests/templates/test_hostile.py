"""Whatever people call themselves, it stays text: no markup, no header, no recipient, no link of theirs."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Email, Mailer, mime
from sesmail.errors import MailError
from sesmail.templates import Templates
from tests.strategies import body_texts

FILES = {
    "a.subject.txt": "For {{ name }}",
    "a.txt": "Hello {{ name }}",
    "a.html": "{% extends 'l.html' %}{% block preheader %}For you, {{ name }}{% endblock %}"
    '{% block content %}<p title="{{ name }}">{{ name }}</p>{{ bold(name) }}{% endblock %}'
    "{% from 'm.html' import bold %}",
    "l.html": "<html><head><title>{{ subject }}</title></head><body>{% block content %}{% endblock %}</body></html>",
    "m.html": "{% macro bold(what) %}<b id='{{ what }}'>{{ what }}</b>{% endmacro %}",
    "b.md": "{% block subject %}For {{ name }}{% endblock %}\n# {{ name }}\n\n- {{ name }}\n\n> a {{ name }} b\n",
}
MAILER = Mailer("memory://", sender="shop@example.com", templates=Templates(FILES, inline_css=True))

PIECES = (
    "<b> </p> <script>alert(1)</script> \" ' &lt; &#60; <!-- --> ]]> <![endif]--> {{name}} {%raw%} eve@evil.example , ;"
    " <eve@evil.example> =?utf-8?q?x?= [x](https://evil.example) ![x](https://evil.example) https://evil.example ` * _"
    " \\ | <https://evil.example> é 日本"
).split()
BLANKS = [
    " onload=x",
    "\n",
    "\r\n",
    "\r\nBcc: eve@evil.example",
    "\0",
    "\x0b",
    "\u2028",
    "\ud800",
    "\n\n# ",
    "    ",
    "\u202e",
]
HOSTILE = st.one_of(body_texts, st.lists(st.sampled_from(PIECES + BLANKS), max_size=8).map("".join))


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")


def tags(template: str, name: str) -> list[object]:
    return Tags(str(MAILER.render(template, {"name": name}, to="ada@example.org", subject="x").html)).found


def rendered(template: str, name: str) -> Email | None:
    """The mail; None where a mail cannot hold such a name, and says so where it stands."""
    try:
        return MAILER.render(template, {"name": name}, to="ada@example.org")
    except MailError as error:
        return None if error.field in ("subject", "html", "text") else pytest.fail(str(error))


@pytest.mark.parametrize("template", ["a", "b"])
@given(name=HOSTILE)
def test_a_name_stays_text(template: str, name: str) -> None:
    mail = rendered(template, name)
    if mail is None:
        return
    read = mime.read(mime.write(mail).to_bytes())

    assert [address.email for address in (*read.to, *read.cc, *read.bcc)] == ["ada@example.org"]
    assert read.subject.strip() == f"For {name}".strip()
    assert not {name.lower() for name, _ in read.headers} - {"date", "message-id"}
    assert tags(template, name) == tags(template, "Ada")


@given(name=HOSTILE)
def test_a_line_break_in_a_subject_is_refused(name: str) -> None:
    with pytest.raises(MailError) as caught:
        MAILER.render("a", {"name": f"{name}x\n{name}y"}, to="ada@example.org")

    assert caught.value.field in ("subject", "text", "html")


@given(name=HOSTILE)
def test_no_value_is_in_an_error(name: str) -> None:
    templates = Templates({"a.html": "{{ box[name] }}", "b.html": "{{ name.nothing }}", "c.html": "{% include name %}"})
    for template in "ab":
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is
            templates.render(template, {"name": f"hunter2{name}", "box": {}})
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["e", "escape", "forceescape"])
def test_who_escapes_in_markdown_by_hand_opens_nothing(name: str) -> None:
    """It would be safe in HTML, and is a link in Markdown."""
    made = Templates({"a.md": f"Hello {{{{ name|{name} }}}}"}).render("a", {"name": "[<x>](https://evil.example)"})

    assert "Hello [&lt;x&gt;](https://evil.example)" in str(made.html)
