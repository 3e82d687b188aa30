"""The shipped parts through the engine and the mailer: whole mails, and the texts that are made of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sesmail import Envelope, Mailer, Outgoing, Templates, mime
from sesmail.errors import TemplateError
from sesmail.testing import golden

from .pages import CONTEXT, PAGES

HERE = Path(__file__).parent / "golden"
WORDS = """\
{% block subject %}News in October{% endblock %}
{% block preheader %}There is new tea.{% endblock %}
# News in October

Some **words** for {{ name }}, a [link]({{ home }}) and `some code`.

## A list

- one
- two

> Somebody said that.

| Tea | Price |
|---|---|
| Assam | 14.50 |
"""
LEAVE = "https://example.com/leave/4f2a"
VALUES = {name: value for name, value in CONTEXT.items() if name != "unsubscribe_url"}


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("name", ["order", "receipt", "october"])
def test_a_whole_mail_is_as_it_was(name: str, *, inline: bool) -> None:
    mailer = Mailer("memory://", templates=Templates({**PAGES, "october.md": WORDS}, inline_css=inline))
    mail = mailer.render(name, VALUES, sender="shop@example.com", to="ada@example.org", unsubscribe=LEAVE)
    outgoing = Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses)

    assert LEAVE in str(mail.text)
    if not inline:
        golden.compare(outgoing, HERE / f"{name}-mail.eml")
        _compare_text(str(mail.text), HERE / f"{name}.txt")
    else:
        assert mail.text == mailer.render(name, VALUES, unsubscribe=LEAVE).text
        assert "@media" in str(mail.html)


def _compare_text(text: str, path: Path) -> None:
    if os.environ.get(golden.UPDATE):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_an_error_in_a_shipped_file_names_who_uses_it() -> None:
    page = '{% extends "sesmail/layout.html" %}{% from "sesmail/macros.html" import button %}'
    page += '{% block content %}{{ button("x", url) }}{% endblock %}'
    with pytest.raises(TemplateError, match=r"^a\.html, line 1: in sesmail/macros\.html, line \d+: ") as caught:
        Templates({"a.html": page}).render("a", {"url": "javascript:alert(1)"})

    assert (caught.value.template, caught.value.line) == ("a.html", 1)
    assert "alert" not in str(caught.value)


def test_a_color_of_the_program_is_that_of_all_its_mails() -> None:
    templates = Templates(PAGES, globals={"brand_color": "#aa0000"})

    assert "#aa0000" in str(templates.render("receipt", VALUES).html)
