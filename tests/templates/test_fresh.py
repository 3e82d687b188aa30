"""What a template sets when it is imported is set for each mail, and not for the first one only."""

from __future__ import annotations

from pathlib import Path

import pytest

from sesmail.templates import Templates


def test_what_an_import_sets_is_set_for_each_mail(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"x")
    files = {
        "a.html": "{% from 'm.html' import logo, hello, greet %}{{ hello }} {{ greet() }} {{ logo }}",
        "m.html": "{% set logo = embed('logo.png') %}{% set hello = say() %}"
        "{% macro greet() %}{{ hello }}{% endmacro %}",
    }
    templates = Templates(files, files=tmp_path, globals={"say": iter(["Hello", "Hallo"]).__next__})
    first, second = templates.render("a"), templates.render("a")

    assert str(first.html).startswith("Hello Hello cid:")
    assert str(second.html).startswith("Hallo Hallo cid:")
    assert first.attachments == second.attachments != ()


def test_macros_alone_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    files = {
        "a.html": "{% import 'm.html' as m %}{{ m.b('x') }}",
        "m.html": "{% set size = 2 %} {% macro b(t) %}<b>{{ t }}{{ size }}</b>{% endmacro %}",
    }
    templates = Templates(files)
    module = templates._environments["html"].get_template("m.html")
    made = module.make_module

    def counted() -> object:
        runs.append("run")
        return made()

    monkeypatch.setattr(module, "make_module", counted)
    for _ in range(3):
        assert templates.render("a").html == "<b>x2</b>"

    assert runs == ["run"]


def test_a_template_that_was_never_a_file_is_imported_anew() -> None:
    templates = Templates({"a.html": "{% import made as m %}{{ m.x }}"})
    environment = templates._environments["html"]
    made = environment.from_string("{% set x = 3 %}")
    assert templates.render("a", {"made": made}).html == "3"
