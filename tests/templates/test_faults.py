"""Errors of templates: they say where and what, and never a value."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest

from sesmail.errors import InvalidHeader, SetupError, TemplateError
from sesmail.templates import Templates

SECRET = "hunter2-planted"


class Order:
    number = SECRET

    def broken(self) -> str:
        raise ValueError(SECRET)

    def refused(self) -> str:
        raise InvalidHeader("a line break", field="number")

    def misconfigured(self) -> str:
        raise SetupError("no base")


def failure(source: str, context: Mapping[str, object] | None = None, **others: str) -> TemplateError:
    templates = Templates({"a.html": source, **{name.replace("_", "."): text for name, text in others.items()}})
    with pytest.raises(TemplateError) as caught:
        templates.render(
            "a", {"order": Order(), "nothing": None, "key": SECRET, "people": {"x": SECRET}, **(context or {})}
        )
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("source", "line", "variable", "said"),
    [
        ("\n{{ nam }}", 2, "nam", "there is no 'nam' in the context; give it, or say what to print without it"),
        ("{{ order.totl }}", 1, "totl", "there is no 'totl' in this Order"),
        ("{{ people.y }}", 1, "y", "there is no 'y' in this dict"),
        ("{{ people['y'] }}", 1, "y", "there is no 'y' in this dict"),
        ("{{ people[key] }}", 1, "", "something is looked up that is not in this dict"),
        ("{{ people[3] }}", 1, "", "something is looked up that is not in this dict"),
        ("{{ people[key + key] }}", 1, "", "something is looked up that is not in this dict"),
        ("{{ nam.x }}", 1, "nam", "there is no 'nam' in the context"),
        ("\n\n{% if nam %}{% endif %}", 3, "nam", "there is no 'nam' in the context"),
        ("{% for n in nam %}{% endfor %}", 1, "nam", "there is no 'nam' in the context"),
        ("{{ nam|upper }}", 1, "nam", "there is no 'nam' in the context"),
        ("{{ nam() }}", 1, "nam", "there is no 'nam' in the context"),
        ("{{ order.broken() }}", 1, "", "ValueError in what it calls"),
        ("{{ order.refused() }}", 1, "", "number: a line break"),
        ("{{ 1 / 0 }}", 1, "", "ZeroDivisionError in what it calls"),
        ("{% include key %}", 1, "", "there is no template, which it names"),
        ("{{ 'x' ~ nothing }}", 1, "", "what is printed is None"),
        ("{{ ['x', none]|join(', ') }}", 1, "", "what is printed is None"),
        ("{{ [people]|join(', ', attribute='z') }}", 1, "z", "there is no 'z' in this dict"),
        ("{{ '%s'|format(none) }}", 1, "", "what is printed is None"),
        ("{{ '%(x)s'|format(x=none) }}", 1, "", "what is printed is None"),
        ("{{ 'x' ~ nam }}", 1, "nam", "there is no 'nam' in the context"),
        ("{% include 'gone.html' %}", 1, "", "there is no template 'gone.html', which it names"),
        ("{% extends 'gone.html' %}", 1, "", "there is no template 'gone.html', which it names"),
        ("{% block b %}{{ super() }}{% endblock %}", 1, "", "there is no parent block called 'b'"),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m() }}", 1, "", "parameter 'x' was not provided"),
    ],
)
def test_an_error_says_template_line_and_variable(source: str, line: int, variable: str, said: str) -> None:
    error = failure(source)

    assert str(error).startswith(f"a.html, line {line}: {said}")
    assert (error.template, error.line, error.variable) == ("a.html", line, variable)
    assert pickle.loads(pickle.dumps(error)).__dict__ == error.__dict__


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("\n{% if %}", "a.html, line 2: Expected an expression"),
        ("\n{{ x|mony }}", "a.html, line 2: there is no filter 'mony'; did you mean 'money'?"),
        ("{{ x|zzzzzz }}", "a.html, line 1: there is no filter 'zzzzzz'"),
        ("{{ x is definde }}", "a.html, line 1: there is no test 'definde'; did you mean 'defined'?"),
        ("{% endif %}", "a.html, line 1: Encountered unknown tag 'endif'"),
    ],
)
def test_an_error_of_syntax_says_where(source: str, said: str) -> None:
    error = failure(source)

    assert str(error).startswith(said)
    assert (error.template, error.line) == ("a.html", int(said.partition("line ")[2][0]))


def test_the_innermost_template_is_named() -> None:
    error = failure(
        "{% include 'b.html' %}",
        b_html="{% from 'm.html' import m %}\n{{ m() }}",
        m_html="{% macro m() %}\n\n{{ nam }}{% endmacro %}",
    )

    assert (error.template, error.line, error.variable) == ("m.html", 3, "nam")


def test_an_error_of_syntax_names_the_file_that_has_it() -> None:
    error = failure("{% include 'b.html' %}", b_html="\n\n{% if %}")

    assert (error.template, error.line) == ("b.html", 3)


def test_a_template_without_a_file_is_named_by_what_includes_it() -> None:
    assert failure("{% set t = nam %}{{ t.x }}").template == "a.html"


def test_what_is_set_up_wrong_is_no_fault_of_the_template() -> None:
    with pytest.raises(SetupError, match="no base"):
        Templates({"a.txt": "{{ order.misconfigured() }}"}).render("a", {"order": Order()})


def test_the_cause_is_kept() -> None:
    assert isinstance(failure("{{ order.broken() }}").__cause__, ValueError)


def test_a_source_that_is_gone_tells_less() -> None:
    files = {"a.txt": "{{ nam }}"}
    templates = Templates(files)
    templates.render("a", {"nam": "x"})
    del files["a.txt"]

    with pytest.raises(TemplateError, match="something is looked up that is not in the context"):
        templates.render("a")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "is None; say what to print in its place"),
        (b"abc", "is bytes; decode it"),
        (bytearray(b"abc"), "is bytes"),
        (Order().broken, "is a function; call it"),
        (Order, "is a function; call it"),
        (Order(), "is an object without a text of its own; print one of its attributes"),
    ],
)
def test_what_nobody_wants_to_read_is_not_printed(value: object, said: str) -> None:
    error = failure("\n{{ box[0] }}", {"box": [value]})

    assert str(error).startswith(f"a.html, line 2: what is printed {said}")


def test_an_awaitable_inside_of_the_context_is_not_printed() -> None:
    async def promise() -> str:
        return SECRET

    waiting = promise()
    error = failure("{{ box[0] }}", {"box": [waiting]})
    waiting.close()
    assert "what is printed is awaitable; await it before it goes into the context" in str(error)


def test_what_has_a_text_is_printed() -> None:
    from datetime import date
    from decimal import Decimal
    from enum import StrEnum

    class Colour(StrEnum):
        RED = "red"

    class Person:
        def __str__(self) -> str:
            return "Ada"

    class Shown:
        def __repr__(self) -> str:
            return "shown"

    values = [1, 2.5, True, Decimal("1.50"), date(2024, 5, 1), Colour.RED, Person(), Shown(), ["a"], {}]
    made = Templates({"a.txt": "{% for one in values %}{{ one }} {% endfor %}"}).render("a", {"values": values})
    assert made.text == "1 2.5 True 1.50 2024-05-01 red Ada shown ['a'] {} \n"


def test_a_gap_may_be_asked_for() -> None:
    source = "{% if nam is defined %}x{% endif %}{{ nam|default('none') }}{{ order.totl|default('!') }}"
    assert Templates({"a.txt": source}).render("a", {"order": Order()}).text == "none!\n"
