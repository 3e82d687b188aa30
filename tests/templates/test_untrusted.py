"""Templates of strangers through the engine: one budget for a mail, and errors that say where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sesmail.errors import SetupError, TemplateError
from sesmail.templates import Templates, UntrustedLimits
from tests.templates.shipped.pages import CONTEXT, PAGES

VALUES: dict[str, Any] = {name: value for name, value in CONTEXT.items() if name != "unsubscribe_url"}


def templates(files: dict[str, str], **limits: int) -> Templates:
    return Templates(files, untrusted=UntrustedLimits(**limits))


@pytest.mark.parametrize("name", ["order", "receipt"])
def test_a_stranger_may_use_what_is_shipped_and_gets_the_same_mail(name: str) -> None:
    assert templates(PAGES).render(name, VALUES) == Templates(PAGES).render(name, VALUES)


def test_all_that_makes_a_mail_shares_one_budget() -> None:
    loop = "{% for n in range(90) %}{% endfor %}"
    files = {"a.subject.txt": loop, "a.txt": loop, "a.html": loop}

    templates(files, steps=800).render("a")
    with pytest.raises(TemplateError, match="the template takes too many steps: more than 500"):
        templates(files, steps=500).render("a")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("\n{{ ''.__class__ }}", "a.html, line 2: "),
        ("\n{{ name|safe }}", "a.html, line 2: the filter 'safe' is not for templates of others"),
        ("\n{{ name + 1 }}", "a.html, line 2: TypeError"),
        ("\n{{ nam }}", "a.html, line 2: there is no 'nam' in the context"),
        ("\n{{ none }}", "a.html, line 2: what is printed is None"),
        ("\n{{ thing.run() }}", "a.html, line 2: "),
        ("{% autoescape false %}{{ name }}{% endautoescape %}", "a.html, line 1: "),
        ("{{ embed('../secret') }}", "a.html, line 1: embed(): the path must lead down from the root"),
    ],
)
def test_what_a_stranger_may_not_do_is_said_with_its_place(source: str, said: str, tmp_path: Path) -> None:
    class Thing:
        ran = False

        def run(self) -> None:
            Thing.ran = True

    with pytest.raises(TemplateError) as caught:
        Templates({"a.html": source}, files=tmp_path, untrusted=UntrustedLimits()).render(
            "a", {"name": "<Ada>", "thing": Thing()}
        )

    assert str(caught.value).startswith(said)
    assert not Thing.ran


def test_values_are_escaped_in_markdown_too() -> None:
    html = str(templates({"a.md": "# {{ name }}"}).render("a", {"name": "<b> [x](https://evil.example)"}).html)

    assert "&lt;b&gt; [x](https://evil.example)" in html


def test_what_the_program_gives_may_be_used() -> None:
    made = Templates(
        {"a.txt": "{{ name|shout }} {{ shop() }} {{ 1|money('EUR') }} {{ url('/x') }} {% trans %}Hello{% endtrans %}"},
        base_url="https://a.example",
        filters={"shout": lambda text: f"{text}!"},
        globals={"shop": lambda: "Tea"},
        untrusted=UntrustedLimits(),
    ).render("a", {"name": "Ada"})

    assert made.text == "Ada! Tea €1.00 https://a.example/x Hello\n"


def test_nothing_is_kept_compiled(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="templates of strangers are not kept compiled"):
        Templates({}, cache=tmp_path, untrusted=UntrustedLimits())
