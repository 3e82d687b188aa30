"""Offered: what an author may use does what Jinja does with it, in HTML and in text."""

# ruff: noqa: E501, ISC004  # an example stands on one line
from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError, TemplateRuntimeError, UndefinedError
from jinja2.exceptions import SecurityError
from markupsafe import Markup

from sesmail.errors import SetupError
from sesmail.templates.untrusted import UntrustedEnvironment

from .rendering import environment, render


class Point(NamedTuple):
    x: int
    y: int


class Row:
    """As a database row: by name in brackets only."""

    def __getitem__(self, name: str) -> str:
        return {"name": "<Ada>"}[name]


class Safe(str):
    """As the safe text of another library."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


AS_JINJA = (
    # statements
    "{% for a in numbers %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}"
    "{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }}{{ loop.cycle('a', 'b') }}{{ loop.changed(a) }}"
    "{{ loop.previtem is defined }}{{ loop['nextitem'] is defined }}{% else %}none{% endfor %}",
    "{% for a in [] %}{{ a }}{% else %}none{% endfor %}",
    "{% for a in numbers if a is odd %}{{ loop.length }}{{ a }}{% else %}none{% endfor %}",
    "{% for a in numbers if a > 99 %}{{ a }}{% else %}none{% endfor %}",
    "{% for k, v in data.items() %}{{ k }}={{ v }},{% endfor %}{% for k in data %}{{ k }}{% endfor %}",
    "{% for a in tree recursive %}{{ a.n }}{% if a.c %}({{ loop(a.c) }}){% endif %}{% endfor %}",
    "{% for a in tree if a.n recursive %}{{ a.n }}{% if a.c %}({{ loop(a.c) }}){% endif %}{% endfor %}",
    "{% for a in generated %}{{ a }}{{ loop.last }}{% endfor %}",
    "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% if name %}a{% elif 1 %}b{% else %}c{% endif %}{{ 'y' if numbers else 'n' }}",
    "{% set a = 1 %}{% set b, c = 2, 3 %}{{ a }}{{ b }}{{ c }}",
    "{% set a %}<i>{{ name }}</i>{% endset %}{{ a }}{{ a }}",
    "{% set a | upper %}<i>{{ name }}</i>{% endset %}{{ a }}",
    "{% set ns = namespace(a=1, b=[]) %}{% for i in numbers %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}{{ ns.b }}",
    "{% with a = 1, b = name %}{{ a }}{{ b }}{% endwith %}",
    "{% filter upper %}<i>{{ name }}</i>{% endfilter %}",
    "{% filter replace('a', 'b') %}banana{% endfilter %}",
    "{% macro m(a, b=2, c='<') %}[{{ a }}{{ b }}{{ c }}{{ varargs|length }}{{ kwargs|length }}]{% endmacro %}{{ m(1) }}{{ m(1, 3, 4, 5, d=6) }}{{ m(*numbers) }}{{ m(**{'a': 1, 'b': name}) }}",
    "{% macro m() %}<b>{{ caller('<') }}</b>{% endmacro %}{% call(x) m() %}{{ x }}<i>{% endcall %}",
    "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}",
    "{% extends 'base' %}{% block a %}x{{ super() }}y{{ self.b() }}{% endblock %}",
    "{% extends 'middle' %}{% block a %}x{{ super.super() }}y{% endblock %}",
    "{% for i in numbers %}{% block c scoped %}{{ i }}{% endblock %}{% endfor %}",
    "{% include 'part' %}{% include ['nobody', 'part'] %}{% include 'nobody' ignore missing %}",
    "{% set i = 7 %}{% include 'part' %}",
    "{% import 'lib' as lib %}{{ lib.m('<') }}{{ lib.v }}{{ lib['v'] }}",
    "{% from 'lib' import m, v as w with context %}{{ m('<') }}{{ w }}",
    "{% raw %}{{ x }}{% endraw %}{# nothing #}",
    # expressions
    "{{ 1 + 2 * 3 - 4 / 5 // 1 % 7 }}{{ 2 ** 10 }}{{ -3 }}{{ +3 }}{{ 2 ** -1 }}{{ 1.5 * 2 }}",
    "{{ money * 2 + 1 }}{{ money / 3 }}{{ -money }}{{ day - day }}{{ day + delta }}{{ delta * 2 }}",
    "{{ 'a' ~ name ~ 1 ~ none ~ [1] }}{{ 'a' + 'b' }}{{ 'a' * 3 }}{{ [1] + [2] }}{{ [1] * 2 }}{{ (1,) + (2,) }}",
    "{{ markup ~ name }}{{ markup + name }}{{ '%s' % markup }}{{ markup % () }}",
    "{{ 1 < 2 < 3 }}{{ 1 == 1.0 }}{{ 'a' in 'abc' }}{{ 1 not in numbers }}{{ not 1 }}{{ 1 and 0 or 2 }}{{ name != 'x' }}",
    "{{ numbers[0] }}{{ numbers[-1] }}{{ numbers[1:] }}{{ numbers[::-1] }}{{ name[:2] }}{{ range(9)[2:4]|list }}{{ (1, 2)[:1] }}",
    "{{ data['<k>'] }}{{ data.n }}{{ data['n'] }}{{ data.deep.x }}{{ data.items is defined }}{{ data['items'] is defined }}",
    "{{ point.x }}{{ point[1] }}{{ row.name }}{{ row['name'] }}{{ proxy.a }}{{ proxy.get('b', 2) }}",
    "{{ nothing is defined }}{{ nothing|default('x') }}{{ data.nothing|d('<') }}{{ ''|default('e', true) }}{{ none|d(1) }}",
    "{{ dict(a=1) }}{{ dict({'a': 1}, b=2) }}{{ dict([('a', 1)]) }}{{ range(3)|list }}{{ range(5, 1, -2)|list }}{{ {'a': 1} }}",
    "{{ [] }}{{ () }}{{ {} }}{{ (1, 'a') }}{{ true }}{{ none }}{{ range(3) }}{{ 1.50 }}{{ 10 ** 20 }}",
    "{{ day }}{{ day.year }}{{ day.isoformat() }}{{ day.strftime('%d. %B %Y %-d%%') }}{{ day.weekday() }}{{ day.isoweekday() }}",
    "{{ moment.date() }}{{ moment.time() }}{{ moment.hour }}{{ hour.isoformat() }}{{ delta.total_seconds() }}{{ delta.days }}",
    "{{ (2.0).is_integer() }}{{ (3).real }}{{ safe }}{{ safe ~ name }}",
    # methods of texts
    "{{ name.upper() }}{{ name.lower() }}{{ name.title() }}{{ name.capitalize() }}{{ name.swapcase() }}{{ name.casefold() }}",
    "{{ name.strip('<') }}{{ name.lstrip('<') }}{{ name.rstrip('>') }}{{ name.removeprefix('<') }}{{ name.removesuffix('>') }}",
    "{{ name.center(9, '*') }}{{ name.ljust(9) }}{{ name.rjust(9) }}{{ '7'.zfill(3) }}{{ 'a\tb'.expandtabs(4) }}{{ 'a\tb'.expandtabs() }}",
    "{{ name.split('d') }}{{ name.rsplit('d', 1) }}{{ 'a\nb'.splitlines() }}{{ name.partition('d') }}{{ name.rpartition('d') }}",
    "{{ name.find('d') }}{{ name.rfind('d') }}{{ name.index('d') }}{{ name.rindex('d') }}{{ name.count('d') }}{{ safe.upper() }}",
    "{{ name.startswith('<') }}{{ name.endswith(('>', 'x')) }}{{ name.isalpha() }}{{ '1'.isdigit() }}{{ 'a'.islower() }}",
    "{{ name.replace('A', 'B') }}{{ name.replace('<', '[', 1) }}{{ ','.join(['a', name]) }}{{ markup.upper() }}",
    "{{ numbers.count(1) }}{{ numbers.index(2) }}{{ (1, 2).count(1) }}{{ data.get('n') }}{{ data.keys()|list }}{{ data.values()|list|length }}",
    # filters of texts
    "{{ name|upper }}{{ name|lower }}{{ name|title }}{{ name|capitalize }}{{ name|trim }}{{ name|trim('<') }}{{ name|string }}{{ 1|string }}",
    "{{ name|center(9) }}{{ 'a\nb'|indent }}{{ 'a\nb'|indent(2, true) }}{{ 'a\n\nb'|indent('> ', blank=true) }}",
    "{{ markup|indent(2, true) }}{{ 'one two three'|wordwrap(5) }}{{ 'one-two'|wordwrap(4, false, '|', false) }}",
    "{{ 'one two three four'|truncate(9) }}{{ 'one two three'|truncate(9, true, '~', 0) }}{{ 'a'|truncate }}{{ 'a b  c'|wordcount }}",
    "{{ name|e }}{{ name|escape }}{{ name|e|e }}{{ name|forceescape }}{{ name|e|forceescape }}",
    "{{ name|replace('A', 'B') }}{{ name|replace('<', '[', 1) }}{{ '%s-%05.1f'|format(name, 2.25) }}{{ '%(a)s'|format(a=name) }}",
    "{{ '%d%%%x%o%e' % (1, 255, 8, 1.5) }}{{ '%s' % 'a' }}{{ '%s' % ([1],) }}{{ '%-5s|%+d' % ('a', 1) }}{{ '%s' % none }}",
    "{{ 'a b/ü&'|urlencode }}{{ {'a b': 'c&d', 'e': 1}|urlencode }}{{ 5|urlencode }}",
    "{{ ['a', name, 1]|join(', ') }}{{ ['a', markup]|join(name) }}{{ users|join('+', attribute='n') }}{{ 'abc'|join('-') }}",
    # filters of numbers
    "{{ -3|abs }}{{ '3'|int }}{{ 'x'|int(7) }}{{ 'ff'|int(base=16) }}{{ '2.7'|int }}{{ 2.7|int }}{{ '2.5'|float }}{{ none|int }}{{ 'x'|float(1.5) }}",
    "{{ 2.567|round(1) }}{{ 2.5|round }}{{ 2.1|round(0, 'ceil') }}{{ money|round(1) }}{{ 3|round }}{{ 13000|filesizeformat }}{{ 13000|filesizeformat(true) }}",
    # filters of lists
    "{{ numbers|first }}{{ numbers|last }}{{ 'abc'|first }}{{ 'abc'|last }}{{ numbers|length }}{{ name|count }}{{ generated|first }}",
    "{{ numbers|list }}{{ 'abc'|list }}{{ numbers|reverse|list }}{{ 'abc'|reverse }}{{ data|list }}{{ data|dictsort }}",
    "{{ data|dictsort(reverse=true) }}{{ {'a': 2, 'B': 1}|dictsort(true) }}{{ {'a': 2, 'B': 1}|dictsort(false, 'value') }}{{ data|items|list }}",
    "{{ numbers|sort }}{{ ['b', 'A', 'c']|sort }}{{ ['b', 'A']|sort(true, true) }}{{ users|sort(attribute='n')|map(attribute='n')|list }}",
    "{{ users|sort(attribute='g,n', reverse=true)|map(attribute='n')|list }}{{ ['a', 'A', 'b']|unique|list }}{{ ['a', 'A']|unique(true)|list }}",
    "{{ users|unique(attribute='g')|map(attribute='n')|list }}{{ numbers|min }}{{ numbers|max }}{{ ['b', 'A']|min }}{{ ['b', 'A']|max(true) }}",
    "{{ (users|max(attribute='n')).n }}{{ numbers|sum }}{{ users|sum(attribute='n') }}{{ [[1], [2]]|sum(start=[]) }}{{ numbers|sum(start=9) }}",
    "{{ users|map(attribute='deep.x')|list }}{{ users|map(attribute='nope', default='d')|list }}{{ ['a', 'b']|map('upper')|list }}{{ ['a']|map('replace', 'a', 'b')|list }}",
    "{{ [[1, 2]]|map(attribute=1)|list }}{{ [[1, 2]]|map(attribute='0')|list }}{{ [1, none]|map('d', 2, boolean=true)|list }}",
    "{{ numbers|select|list }}{{ numbers|select('odd')|list }}{{ numbers|reject('odd')|list }}{{ numbers|reject|list }}{{ numbers|select('gt', 1)|list }}",
    "{{ users|selectattr('g', 'equalto', 'x')|map(attribute='n')|list }}{{ users|rejectattr('g', '==', 'x')|list|length }}{{ users|selectattr('n')|list|length }}",
    "{% for g in users|groupby('g') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}{% for k, v in users|groupby('h', default='d') %}{{ k }}{{ v|length }}{% endfor %}",
    "{% for k, v in [{'a': 'X'}, {'a': 'x'}]|groupby('a', case_sensitive=true) %}{{ k }}{% endfor %}{% for k, v in [{'a': 'X'}, {'a': 'x'}]|groupby('a') %}{{ k }}{% endfor %}",
    "{{ numbers|batch(2)|list }}{{ numbers|batch(2, 0)|list }}{{ numbers|slice(2)|list }}{{ numbers|slice(2, 0)|list }}{{ []|batch(2, 0)|list }}",
    # tests
    "{{ 1 is number }}{{ 'a' is string }}{{ numbers is iterable }}{{ numbers is sequence }}{{ data is mapping }}{{ none is none }}{{ true is boolean }}",
    "{{ 1 is odd }}{{ 2 is even }}{{ 9 is divisibleby(3) }}{{ 'a' is lower }}{{ 'A' is upper }}{{ 1 is in numbers }}{{ 1 is eq 1 }}{{ 1 is not lt 1 }}",
    "{{ nothing is undefined }}{{ 1.5 is float }}{{ 1 is integer }}{{ true is true }}{{ markup is escaped }}",
)  # fmt: skip

TEMPLATES = {
    "base": "[{% block a %}base{% endblock %}{% block b %}b{{ name }}{% endblock %}]",
    "middle": "{% extends 'base' %}{% block a %}middle{{ super() }}{% endblock %}",
    "part": "part {{ name }}{{ i }}",
    "lib": "{% macro m(a) %}<b>{{ a }}</b>{% endmacro %}{% set v = 3 %}",
}


def data() -> dict[str, Any]:
    return {
        "name": "<Ada & co>",
        "i": 1,
        "markup": Markup("<b>\nx</b>"),
        "safe": Safe("<u>"),
        "numbers": [3, 1, 2],
        "generated": iter([1, 2]),
        "data": {"<k>": "<v>", "n": 1, "deep": {"x": 5}} | {"n": 1},
        "point": Point(1, 2),
        "row": Row(),
        "proxy": MappingProxyType({"a": 1}),
        "money": Decimal("3.55"),
        "day": date(2024, 2, 3),
        "moment": datetime(2024, 2, 3, 4, 5, 6),  # noqa: DTZ001
        "hour": time(4, 5),
        "delta": timedelta(days=1, hours=2),
        "tree": [{"n": 1, "c": [{"n": 2, "c": []}, {"n": 3, "c": [{"n": 4, "c": []}]}]}],
        "users": [{"n": n, "g": g, "deep": {"x": n}} for n, g in ((2, "x"), (3, "y"), (1, "x"))],
    }


@pytest.mark.parametrize("source", AS_JINJA)
@pytest.mark.parametrize("html", [True, False])
def test_it_does_what_jinja_does(source: str, html: bool) -> None:
    # Jinja's dicts and sorts need to be comparable: the last key of `data` sorts with texts only.
    plain = Environment(loader=DictLoader(TEMPLATES), autoescape=html, undefined=StrictUndefined)
    given, same = data(), data()
    for values in (given, same):
        values["data"] = {
            key: value for key, value in values["data"].items() if "|dictsort" not in source or key != "deep"
        }
    assert render(source, html=html, templates=TEMPLATES, **given) == plain.from_string(source).render(same)


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }}",
        "{% set a %}{{ name }}{% endset %}{{ a|replace('&lt;', '<') }}",
        "{% set a %}{{ name }}{% endset %}{% set lt %}<{% endset %}{% set entity %}&lt;{% endset %}{{ a|replace(entity, lt) }}",
        "{% set lt %}<{% endset %}{{ name|replace('<', lt) }}",
        "{% set lt %}<{% endset %}{{ name.replace('<', lt) }}",
        "{% set a %}{{ name }}{% endset %}{% set lt %}<{% endset %}{{ a.replace('&lt;', lt) }}",
        "{% set a %}{% endset %}{% set n = name %}{% set b | default(n, true) %}{% endset %}{{ b }}",
        "{% set n = name %}{% set b | list | join(n) %}ab{% endset %}{{ b }}",
        "{% set n = name %}{% set b | length | string | replace('0', n) %}{% endset %}{{ b }}",
        "{% filter default(name, true) %}{% endfilter %}",
        "{% filter list | join(name) %}ab{% endfilter %}",
        "{% set a %}x\ny{% endset %}{{ a|indent(name, true) }}",
        "{% set a %}x{% endset %}{{ a ~ name }}",
        "{% set a %}x %s{% endset %}{{ a % name }}{{ a|format(name) }}",
        "{% set a %}x{% endset %}{{ [a, name]|join }}{{ [name]|join(a) }}{{ [a, a]|join(name) }}{{ a.join([name, name]) }}",
        "{% set a %}x{% endset %}{{ a|truncate(1, true, name, 0) if false }}{{ a + name }}{{ name + a }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(name) }}{% set b = m(name) %}{{ b }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ name }}{% endcall %}",
        "{{ name|e|string }}{{ name|e|e }}{{ name|e|upper }}{{ (name|e)[0:4] }}{{ name|e|reverse }}{{ name|e|list|join }}",
        "{{ [name] }}{{ {'a': name} }}{{ {name: 1} }}{{ [name]|string }}{{ (name,) }}",
        "{{ name|title }}{{ name|wordwrap(2) }}{{ name|center(99) }}{{ name|trim }}{{ name|string|string }}{{ name|d('') }}",
        "{% include 'shown' %}{% import 'shown' as s with context %}{{ s.m(name) }}",
        "{% set x = name %}{% with y = x %}{{ y }}{% endwith %}{% for z in [x] %}{{ z }}{% endfor %}",
        "{% for c in name %}{{ c }}{% endfor %}{{ name|first }}{{ name[0] }}{{ name|list|join }}{{ name|batch(2)|map('join')|join }}",
        "{{ data[name] }}{{ data.get('x', name) }}{{ name.split('s')|join('s') }}{{ name.partition('s') }}",
        "{% set a %}{% endset %}{{ a.join(name) }}{{ a.replace('', name) }}{{ a|replace('', name) }}",
    ],
)  # fmt: skip
def test_advisory_a_value_stays_escaped_in_html(source: str) -> None:
    # Every `<` of the value must be an entity; the author's own markup has none of these letters.
    name = "<script>"
    shown = render(
        source, templates={"shown": "{% macro m(a) %}{{ a }}{% endmacro %}{{ name }}"}, name=name, data={name: name}
    )
    assert "<" not in shown
    assert "&" in shown or "lt" in shown.lower()


def test_jinja_losing_track_of_a_name_is_an_error_of_the_template() -> None:
    with pytest.raises(TemplateError, match="loses track of a name"):
        render("{% set b | default(name) %}{% endset %}", name="x")


def test_finalize_is_asked_for_what_is_printed() -> None:
    def present(value: object) -> object:
        if value is None:
            raise TemplateRuntimeError("None is printed")
        return value

    found = environment(finalize=present)
    assert found.from_string("{{ a }}<b>").render(a=1) == "1<b>"
    with pytest.raises(TemplateRuntimeError, match="None is printed"):
        found.from_string("{{ a }}").render(a=None)


def test_what_cannot_be_metered_is_refused_when_it_is_built() -> None:
    from jinja2 import pass_context

    with pytest.raises(SetupError, match="finalize"):
        environment(finalize=pass_context(lambda context, value: value))
    with pytest.raises(TypeError):
        UntrustedEnvironment(bytecode_cache=None)  # type: ignore[call-arg]


def test_filters_of_the_program_are_told_what_they_ask_for() -> None:
    from jinja2 import pass_context, pass_environment, pass_eval_context

    found = environment()
    found.filters["a"] = pass_context(lambda context, value: f"{value}{context.name}")
    found.filters["b"] = pass_environment(lambda environment, value: f"{value}{environment.autoescape}")
    found.filters["c"] = pass_eval_context(lambda context, value: f"{value}{context.autoescape}")
    found.filters["d"] = lambda value: f"{value}d"
    assert found.from_string("{{ 1|a|b|c|d }}").render() == "1NoneTrueTrued"
    found.filters["d"] = lambda value: f"{value}e"  # another one under the same name
    assert found.from_string("{{ 1|d }}").render() == "1e"
    assert found.filters.get("nothing", 3) == 3
    assert found.from_string("{{ ['x']|map('a')|first }}").render() == "xNone"


def test_filters_and_functions_of_an_extension_stay() -> None:
    from jinja2.ext import Extension

    class Shop(Extension):
        def __init__(self, environment: Environment) -> None:
            super().__init__(environment)
            environment.filters["shout"] = lambda text: f"{text}!"
            environment.tests["loud"] = lambda text: text.endswith("!")
            environment.globals["shop"] = lambda: "Corner"

    found = environment(extensions=[Shop])
    assert (
        found.from_string("{{ shop()|shout }}{{ 'a!' is loud }}{{ ['a!']|select('loud')|list|length }}").render()
        == "Corner!True1"
    )


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("{{ []|first }}", UndefinedError),
        ("{{ []|last }}", UndefinedError),
        ("{{ []|min }}", UndefinedError),
        ("{{ nothing|int }}", UndefinedError),
        ("{{ nothing|upper }}", UndefinedError),
        ("{{ nothing|items }}", UndefinedError),
        ("{{ nothing|list }}", UndefinedError),
        ("{{ nothing[1:] }}", UndefinedError),
        ("{{ data.nothing }}", UndefinedError),
        ("{{ super() }}", UndefinedError),
        ("{% set ns = namespace() %}{{ ns.x }}", UndefinedError),
        ("{{ 1|items }}", TemplateRuntimeError),
        ("{{ data|dictsort(by='x') }}", TemplateRuntimeError),
        ("{{ [1]|map }}", TemplateRuntimeError),
        ("{{ [1]|map(attribute=1, x=1) }}", TemplateRuntimeError),
        ("{{ [1]|selectattr }}", TemplateRuntimeError),
        ("{{ '%s%s'|format(1, a=2) }}", TemplateRuntimeError),
        ("{{ '%s %s' % 1 }}", TemplateRuntimeError),
        ("{{ '%(a)s' % {} }}", TemplateRuntimeError),
        ("{{ day.strftime('%99999d') }}", TemplateRuntimeError),
        ("{{ day.strftime('%') }}", TemplateRuntimeError),
        ("{{ [1]|batch(0) }}", TemplateRuntimeError),
        ("{{ [1]|slice(0) }}", TemplateRuntimeError),
        ("{{ 1 + 'a' }}", TemplateRuntimeError),
        ("{{ 1 / 0 }}", TemplateRuntimeError),
        ("{{ [1, 'a']|sort }}", TemplateRuntimeError),
        ("{{ {[]: 1} }}", TemplateRuntimeError),
        ("{% for a in 5 %}{% endfor %}", TemplateRuntimeError),
        ("{% set a, b = 1 %}", TemplateRuntimeError),
        ("{{ 'a'|truncate(-5, true) }}", TemplateRuntimeError),
        ("{{ [1]|map(attribute='" + "x" * 201 + "') }}", SecurityError),
        ("{{ [1]|map(attribute=1.5) }}", SecurityError),
        ("{{ data[:1] }}", SecurityError),
        ("{{ dict(1) }}", SecurityError),
        ("{{ dict(**1) }}", SecurityError),
        ("{{ dict(**{1: 1}) }}", SecurityError),
        ("{{ 2.5|round(99) }}", SecurityError),
        ("{{ ('1' * 999)|int }}", SecurityError),
        ("{{ [1, 2] - [1] }}", TemplateRuntimeError),
        ("{{ {} + {} }}", SecurityError),
    ],
)
def test_a_mistake_is_an_error_of_the_template(source: str, kind: type[TemplateError]) -> None:
    with pytest.raises(kind):
        render(source, data={"a": 1}, day=date(2024, 1, 2))


def test_the_text_of_an_error_holds_no_value() -> None:
    secret = "s3cr3t-value"
    for source in (
        "{{ name.index('x') }}",
        "{{ {}[[name]] }}",
        "{{ '%d' % name }}",
        "{{ [1].index(name) }}",
        "{{ name|format(1) }}",
    ):
        with pytest.raises(TemplateError) as caught:
            render(source, name=secret)
        assert secret not in str(caught.value)


def test_the_line_of_an_error_is_found_in_its_traceback() -> None:
    with pytest.raises(TemplateRuntimeError) as caught:
        render("one\ntwo\n{{ 1 + 'a' }}")

    lines = []
    traceback = caught.value.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            lines.append(traceback.tb_lineno)
        traceback = traceback.tb_next
    assert lines == [3]


def test_an_error_of_the_programs_own_passes() -> None:
    class Lost:
        @property
        def row(self) -> object:
            raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        render("{{ lost.row }}", lost=Lost())


def test_the_page_names_all_that_is_offered() -> None:
    from jinja2.filters import FILTERS
    from jinja2.tests import TESTS

    page = (Path(__file__).parents[3] / "docs" / "untrusted-templates.md").read_text("utf-8")
    found = environment()
    offered = page.partition("- Filters: `")[2].partition("`")[0].split()
    refused = re.findall(r"`(\w+)`", page.partition("Not there: ")[2].partition(".")[0])
    assert offered == sorted(found.filters)
    assert sorted(refused) == sorted(FILTERS.keys() - found.filters.keys())
    tests = re.findall(r"`(\w+)`", page.partition("- Tests: all but ")[2].partition(".")[0])
    assert sorted(tests) == sorted(TESTS.keys() - found.tests.keys())
