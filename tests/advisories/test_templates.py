"""Holes of template engines, and of those who used them: each by the name under which it is known."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sesmail import Mailer, Templates
from sesmail.errors import InvalidHeader, TemplateError
from sesmail.templates import UntrustedLimits

UNTRUSTED = UntrustedLimits()


def html(source: str, **context: Any) -> str:
    return str(Templates({"a.html": source}).render("a", context).html)


def refused(source: str, **context: Any) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        Templates({"a.html": source}, untrusted=UNTRUSTED).render("a", context)
    return caught.value


@pytest.mark.parametrize("key", ["a b", "onload=x ", "a/onload=x", "a>b", "a=b"])
def test_cve_2024_22195_and_34064_keys_of_xmlattr(key: str) -> None:
    """A key with a blank, a slash or a bracket was another attribute. Jinja refuses it, and so do we, by its place."""
    with pytest.raises(TemplateError, match=r"a\.html, line 1: ValueError in what it calls"):
        html("<p{{ {key: 'x'}|xmlattr }}>", key=key)
    refused("<p{{ {key: 'x'}|xmlattr }}>", key=key)


@pytest.mark.parametrize(
    "source",
    [
        "{{ '{0.__class__.__mro__}'.format(x) }}",
        "{{ ('{0.__class__.__mro__}'.format)(x) }}",
        "{% set f = '{0.__class__}'.format %}{{ f(x) }}",
        "{{ ['{0.__class__}']|map('format', x)|list }}",
        "{{ '{0.__class__}'.format_map({'0': x}) }}",
    ],
)
def test_cve_2024_56326_format_by_another_way(source: str) -> None:
    """The sandbox looked at calls of ``str.format``, and not at references to it."""
    refused(source, x=3)


def test_cve_2024_56201_code_in_a_file_name() -> None:
    """The name of a template went into the code that it became."""
    name = "{% set a = 1 %}'\"\n__import__('os')"
    with pytest.raises(TemplateError, match="there is no such template"):
        Templates({"a.html": "x"}, untrusted=UNTRUSTED).render(name)
    assert Templates({f"{name}.html": "x"}).render(name).html == "x"


@pytest.mark.parametrize(
    "source", ["{{ x|attr('__class__') }}", "{{ x|attr('for' ~ 'mat') }}", "{{ 'a'|attr('format')(x) }}"]
)
def test_cve_2025_27516_format_by_the_filter_attr(source: str) -> None:
    """The filter ``attr`` gave what the sandbox would have refused."""
    refused(source, x=3)


def test_fastapi_mail_295_values_are_escaped() -> None:
    """Templates without autoescape: what people wrote was markup."""
    assert html("{{ name }}", name="<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_a_subject_is_checked_like_any_subject() -> None:
    """A line break in a name made a header of it."""
    mailer = Mailer("memory://", templates=Templates({"a.subject.txt": "For {{ name }}", "a.txt": "x"}))
    with pytest.raises(InvalidHeader) as caught:
        mailer.render("a", {"name": "Ada\r\nBcc: eve@example.org"})

    assert caught.value.field == "subject"
    assert "eve" not in str(caught.value)


def test_a_missing_variable_is_no_hole_in_the_mail() -> None:
    """Mails went out with nothing where a name should be. The error tells which, and none of the other values."""
    with pytest.raises(TemplateError) as caught:
        html("\nHello {{ nmae }}, your code is {{ code }}", name="Ada", code="hunter2")

    assert (caught.value.template, caught.value.line, caught.value.variable) == ("a.html", 2, "nmae")
    assert "hunter2" not in str(caught.value)
    assert "Ada" not in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 10**9 }}",
        "{% set x = 'xxxxxxxxxx' %}" + "{% set x = x ~ x ~ x ~ x %}" * 40,
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
    ],
)
def test_a_template_of_a_stranger_ends(source: str) -> None:
    """A few characters of template kept a server busy for ever."""
    start = time.process_time()
    refused(source)

    assert time.process_time() - start < 5
