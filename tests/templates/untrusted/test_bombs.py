"""Bombs: templates that ask for time or memory without end. Each one ends soon, by a limit, and needs little memory."""

# ruff: noqa: E501  # a bomb stands on one line
from __future__ import annotations

import itertools
import pickle
import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal

import pytest
from jinja2 import TemplateError, TemplateRuntimeError, TemplateSyntaxError
from jinja2.exceptions import SecurityError

from sesmail.errors import SetupError
from sesmail.templates.untrusted import LimitReached, UntrustedLimits
from sesmail.templates.untrusted.budget import budget

from .rendering import environment, render

pytestmark = pytest.mark.heavy(traced=True)  # each limit is reached here, and some nowhere else

MIB = 2**20
# A tenth of the usual budget, for the tracer is slow. What the module says is 30 bytes a character, 500 a step and some
# copies of an operand; compiling comes on top, and the source is of the usual length.
TENTH = UntrustedLimits(steps=10_000, characters=100_000, operand=10_000)
MEMORY = 28 * MIB
SECONDS = 15  # on a very busy machine; on an idle one each needs less than one

DOUBLED = "{% for i in range(40) %}{% set ns.x = BODY %}{% endfor %}"
SHARED = "".join(f"{{% set a{i + 1} = [a{i}, a{i}] %}}{{% set b{i + 1} = [b{i}, b{i}] %}}" for i in range(40))
TUPLES = "".join(f"{{% set a{i + 1} = (a{i}, a{i}) %}}" for i in range(40))


def doubling(body: str, start: str = "'aaaaaaaa'") -> str:
    return "{% set ns = namespace(x=" + start + ") %}" + DOUBLED.replace("BODY", body)


BOMBS = {
    # loops: one budget over all of them
    "range": "{% for a in range(10**9) %}{% endfor %}",
    "range of a size that has no length": "{% for a in range(10**300) %}{% endfor %}",
    "a range that is only counted": "{{ range(10**9)|length }}",
    "nested ranges": "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
    "ranges one after the other": "{% for a in range(20000) %}{% endfor %}" * 6,
    "nested lists of the data": "{% for a in l %}{% for b in l %}{% for c in l %}{% endfor %}{% endfor %}{% endfor %}",
    "a loop with a condition": "{% for a in range(99999) if a > 5 and a < 9 and a is even %}{% endfor %}",
    "a loop over a generator without end": "{% for a in endless %}{% endfor %}",
    "a loop over a text": "{% for a in 'a' * 90000 %}{% for b in 'a' * 90000 %}{% endfor %}{% endfor %}",
    "a loop over a dict": "{% for a in d %}{% for b in d.items() %}{% for c in d.values() %}.{% endfor %}{% endfor %}{% endfor %}",
    "a long body": "{% for a in range(9999) %}" + "{% if x %}{% endif %}" * 2000 + "{% endfor %}",
    "a long expression": "{% for a in range(9999) %}{% if " + " or ".join("x" * 45) + " %}{% endif %}{% endfor %}",
    "a recursive loop": "{% for a in tree recursive %}{{ loop(tree) }}{% endfor %}",
    "a wide recursive loop": "{% for a in l recursive %}{% if loop.depth < 9 %}{{ loop(l) }}{% endif %}{% endfor %}",
    "loop.changed": "{% for a in range(99999) %}{% if loop.changed(l) %}{% endif %}{% endfor %}",
    "loop.length without length": "{% for a in endless %}{{ loop.length }}{% endfor %}",
    "the rest of a loop": "{% for a in range(20000) %}{% for b in range(20000) %}{{ loop.revindex }}{% endfor %}{% endfor %}",
    # text that doubles
    "~": doubling("ns.x ~ ns.x"),
    "+": doubling("ns.x + ns.x"),
    "*": doubling("ns.x * 2"),
    "join": doubling("[ns.x, ns.x]|join"),
    "the method join": doubling("ns.x.join(['', '', ''])"),
    "replace": doubling("ns.x|replace('a', 'aa')"),
    "the method replace": doubling("ns.x.replace('a', 'aa')"),
    "replace of nothing": doubling("ns.x.replace('', 'aaa')"),
    "replace of nothing in the filter": doubling("ns.x|replace('', 'aaa')"),
    "format": doubling("'%s%s'|format(ns.x, ns.x)"),
    "%": doubling("'%s%s' % (ns.x, ns.x)"),
    "% by name": doubling("'%(a)s%(a)s%(a)s' % {'a': ns.x}"),
    "indent": doubling("(ns.x ~ '\n' ~ ns.x)|indent(ns.x, true)"),
    "wordwrap": doubling("ns.x|wordwrap(1, true, ns.x)"),
    "upper": doubling("('ß' ~ ns.x ~ ns.x)|upper"),
    "urlencode": doubling("(ns.x ~ ns.x ~ 'é')|urlencode"),
    "escape": doubling("(ns.x ~ ns.x ~ '&')|forceescape|string"),
    "string of a list": doubling("[ns.x, ns.x]|string"),
    "a printed list": doubling("[ns.x, ns.x] ~ ''"),
    "a set block": "{% set x %}aaaaaaaa{% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40,
    "a filter block": "{% set x = 'aaaaaaaa' %}" + "{% set x %}{% filter upper %}{{ x }}{{ x }}{% endfilter %}{% endset %}" * 40,
    "macros": "{% macro m0() %}aaaaaaaa{% endmacro %}"
    + "".join(f"{{% macro m{i + 1}() %}}{{{{ m{i}() }}}}{{{{ m{i}() }}}}{{% endmacro %}}" for i in range(30))
    + "{{ m30() }}",
    "call blocks": "{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}" + "{% call m() %}" * 30 + "a" + "{% endcall %}" * 30,
    "a block that prints itself": "{% block b %}a{{ self.b() }}{{ self.b() }}{% endblock %}",
    "source in a loop": "{% for a in range(9999) %}" + "x" * 2000 + "{% endfor %}",
    "a value in a loop": "{% for a in range(9999) %}{{ long }}{% endfor %}",
    "the escaped value in a loop": "{% for a in range(9999) %}{{ markup }}{% endfor %}",
    # lists that double
    "lists by +": doubling("ns.x + ns.x", "[1]"),
    "tuples by +": doubling("ns.x + ns.x", "(1, 1)"),
    "lists by *": doubling("ns.x * 2", "[1]"),
    "lists by sum": doubling("[ns.x, ns.x]|sum(start=[])", "[1]"),
    "lists by list": doubling("((ns.x|string) ~ (ns.x|string))|list|list", "[1]"),
    "split": doubling("(ns.x|join(' ') ~ ' a ' ~ ns.x|join(' ')).split()", "['a']"),
    "kept copies": "{% set ns = namespace(x=[]) %}{% for a in range(9999) %}{% set ns.x = [ns.x, big[:]] %}{% endfor %}",
    "kept lists": "{% set ns = namespace(x=[]) %}{% for a in range(9999) %}{% set ns.x = [ns.x, big|list] %}{% endfor %}",
    "kept sorted lists": "{% set ns = namespace(x=[]) %}{% for a in range(9999) %}{% set ns.x = [ns.x, big|sort] %}{% endfor %}",
    "kept dicts": "{% set ns = namespace(x={}) %}{% for a in range(9999) %}{% set ns.x = dict(d, x=ns.x) %}{% endfor %}",
    "kept keys": "{% set ns = namespace(x={}) %}{% for a in range(9999) %}{% set ns.x = [ns.x, d.keys()] %}{% endfor %}",
    "kept namespaces": "{% set ns = namespace(x={}) %}{% for a in range(9999) %}{% set ns.x = namespace(d, x=ns.x) %}{% endfor %}",
    "a long literal": "{% set ns = namespace(x=1) %}{% for a in range(9999) %}{% set ns.x = [ns.x" + ", 1" * 2000 + "] %}{% endfor %}",
    "batch": "{{ [1]|batch(10**9, 'x') }}",
    "slice": "{{ [1]|slice(10**9, 'x') }}",
    "arguments": "{% macro m() %}{{ varargs|length }}{% endmacro %}{{ m(*endless) }}",
    "the arguments of a filter": "{{ '%s'|format(*endless) }}",
    "list of a generator without end": "{{ endless|list }}",
    "join of a generator without end": "{{ endless|join }}",
    "first of nothing in particular": "{{ endless|select('lower')|first }}",
    "a dict of a generator without end": "{{ dict(endless) }}",
    "in a generator without end": "{{ endless|map('string')|length }}",
    # widths
    "center": "{{ 'a'|center(10**9) }}",
    "the method center": "{{ 'a'.center(10**9) }}",
    "ljust": "{{ 'a'.ljust(10**9) }}",
    "rjust": "{{ 'a'.rjust(10**9, 'x') }}",
    "zfill": "{{ 'a'.zfill(10**9) }}",
    "expandtabs": "{{ '\t'.expandtabs(10**9) }}",
    "expanded tabs": "{{ ('\t' * 9999).expandtabs(999) }}",
    "a wide indent": "{{ 'a\nb'|indent(10**9) }}",
    "a text times a number": "{{ 'a' * 10**9 }}",
    "a number times a text": "{{ 10**9 * 'a' }}",
    "a list times a number": "{{ [1] * 10**9 }}",
    "% of nine digits": "{{ '%999999999d' % 1 }}",
    "% of three digits": "{{ ('%999d' * 200) % (" + "1, " * 200 + ") }}",
    # numbers
    "**": "{{ 10 ** 1000 }}",
    "** of **": "{{ 2 ** (10 ** 9) }}",
    "doubled numbers": doubling("ns.x * ns.x", "9"),
    "doubled decimals": doubling("ns.x * ns.x", "decimal"),
    "a decimal as a whole number": "{{ huge|int }}",
    "a decimal in a format": "{{ '%d' % huge }}",
    "a number in a list": "{{ [number] }}",
    # what is small and takes for ever to read
    "compared": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ a40 == b40 }}",
    "compared by a test": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ a40 is eq(b40) }}",
    "looked for": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ a40 in [b40] }}",
    "looked for by a method": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ [b40].count(a40) }}",
    "looked for by an index": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ [b40].index(a40) }}",
    "sorted": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ [a40, b40]|sort }}",
    "the larger": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ [a40, b40]|max }}",
    "grouped": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ [{'k': a40}, {'k': b40}]|groupby('k') }}",
    "changed": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{% for a in l %}{{ loop.changed(a40) }}{% endfor %}",
    "printed": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ a40 }}",
    "joined": "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED + "{{ [a40]|join }}",
    "hashed": "{% set a0 = (1,) %}" + TUPLES + "{{ {a40: 1} }}",
    "hashed by an item": "{% set a0 = (1,) %}" + TUPLES + "{{ {}[a40] }}",
    "hashed by get": "{% set a0 = (1,) %}" + TUPLES + "{{ {}.get(a40) }}",
    "hashed by unique": "{% set a0 = (1,) %}" + TUPLES + "{{ [a40, a40]|unique }}",
    "hashed and deep": "{% set ns = namespace(x=1) %}{% for a in range(600) %}{% set ns.x = " + "(" * 9 + "ns.x" + ",)" * 9 + " %}{% endfor %}{% set y = {ns.x: 1} %}",
    "compared and deep": "{% set ns = namespace(x=1) %}{% for a in range(600) %}{% set ns.x = [[[ns.x]]] %}{% endfor %}{{ ns.x == [ns.x] }}",
    "printed and deep": "{% set ns = namespace(x=1) %}{% for a in range(600) %}{% set ns.x = [[[ns.x]]] %}{% endfor %}{{ ns.x }}",
    "a list of the data that holds itself": "{{ cycle }}",
    "two lists of the data that hold themselves": "{{ cycle == other_cycle }}",
    "stripped of many characters": "{{ ('\u4e00' * 90000).strip('\u4e01' * 89999 ~ '\u4e00') }}",
    "trimmed of many characters": "{{ ('\u4e00' * 90000)|trim('\u4e01' * 89999 ~ '\u4e00') }}",
    "searched from its end": "{% for a in range(999) %}{{ ('a' * 90000).rfind('a' * 20000 ~ 'b' ~ 'a' * 20000) }}{% endfor %}",
    "split from its end": "{% for a in range(999) %}{{ ('a' * 90000).rsplit(sep='a' * 20000 ~ 'b' ~ 'a' * 20000) }}{% endfor %}",
    "printed and thrown away": "{% for a in range(9999) %}{{ big[:20000] is lower }}{% endfor %}",
    "compared and thrown away": "{% set a = big[:9000] %}{% set b = big[:9000] %}{% for c in range(9999) %}{{ a == b }}{% endfor %}",
    "counted and thrown away": "{% for a in range(9999) %}{{ ('a ' * 45000)|wordcount }}{% endfor %}",
    "wrapped": "{{ ('a' * 90000)|wordwrap(1) }}",
    "wrapped again and again": "{% for a in range(999) %}{{ ('a-' * 9000)|wordwrap(1)|length }}{% endfor %}",
    # templates and macros within one another
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "two macros that call each other": "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "a macro that calls itself by call": "{% macro m() %}{{ caller() }}{% call m() %}{% endcall %}{% endmacro %}{% call m() %}{% endcall %}",
    "a macro without end to the right": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "it includes itself": "{% include 'me' %}",
    "it includes itself twice": "{% include 'twice' %}",
    "it extends itself": "{% extends 'heir' %}",
    "it imports itself": "{% import 'importer' as i %}",
    "it includes itself without context": "{% include 'alone' %}",
    "includes in a loop": "{% for a in range(99999) %}{% include 'small' %}{% endfor %}",
    "includes of nobody in a loop": "{% for a in range(99999) %}{% include 'nobody' ignore missing %}{% endfor %}",
    "imports in a loop": "{% for a in range(99999) %}{% import 'small' as s %}{% endfor %}",
    # the source
    "too long": "x" * 64_001,
    "too many parts": "{{a}}" * 12_000,
    "a long comparison": "{{ a" + "<a" * 7900 + " }}",
    "brackets": "{{ " + "(" * 30_000,
    "deep brackets": "{{ " + "[" * 400 + "]" * 400 + " }}",
    "dots": "{{ a" + ".a" * 30_000 + " }}",
    "minuses": "{{ " + "-" * 30_000 + "1 }}",
    "nots": "{{ " + "not " * 9000 + "1 }}",
    "deep sums": "{{ " + "+".join(["x"] * 200) + " }}",
    "filters": "{{ x" + "|e" * 200 + " }}",
    "nested ifs": "{% if x %}" * 200 + "{% endif %}" * 200,
}  # fmt: skip

TEMPLATES = {
    "me": "{% include 'me' %}",
    "twice": "a{% include 'twice' %}{% include 'twice' %}",
    "heir": "{% extends 'heir' %}",
    "importer": "{% import 'importer' as i %}",
    "alone": "{% include 'alone' without context %}",
    "small": "x",
}


def endless() -> Iterator[str]:
    for number in itertools.count():
        yield str(number)


def data(size: int = 20_000) -> dict[str, object]:
    cycle: list[object] = []
    cycle += [cycle, cycle]
    other: list[object] = []
    other += [other, other]
    tree: dict[str, object] = {"children": []}
    return {
        "l": list(range(100)),
        "big": list(range(size)),
        "d": {str(number): number for number in range(500)},
        "x": 0,
        "tree": [tree],
        "endless": endless(),
        "long": "x" * 2000,
        "markup": "<" * 400,
        "decimal": Decimal(9),
        "huge": Decimal("1E+999999"),
        "number": 10**100_000,
        "cycle": cycle,
        "other_cycle": other,
    }


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("html", [True, pytest.param(False, marks=pytest.mark.heavy)])
def test_a_bomb_ends_soon_by_a_limit(name: str, html: bool) -> None:
    given = data()
    begun = time.perf_counter()
    with pytest.raises(REFUSED_OTHERWISE.get(name, LimitReached)):
        render(BOMBS[name], html=html, templates=TEMPLATES, **given)

    assert time.perf_counter() - begun < SECONDS


@pytest.mark.heavy
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_needs_little_memory(name: str) -> None:
    given = data(TENTH.operand // 10)
    found = environment(templates=TEMPLATES, limits=TENTH)
    tracemalloc.start()
    try:
        with pytest.raises(TemplateError):
            found.from_string(BOMBS[name]).render(given)
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert memory < MEMORY


# What is refused for what it is, before it is too large.
REFUSED_OTHERWISE = {
    "a dict of a generator without end": SecurityError,
    "% of nine digits": TemplateRuntimeError,
}


def test_the_same_templates_in_small_are_no_bombs() -> None:
    assert render("{% for a in range(3) %}{{ a }}{% endfor %}") == "012"
    assert render("{{ 'a' ~ 'b' }}{{ 'a' * 3 }}{{ [1] + [2] }}{{ 2 ** 10 }}") == "abaaa[1, 2]1024"
    assert render("{% set a = [1] %}{% set b = [a, a] %}{{ b == [[1], [1]] }}") == "True"
    assert render("{% for a in 'x' * 20000 %}{% endfor %}{{ range(90000)|length }}") == "90000"


@pytest.mark.parametrize(
    ("source", "characters"),
    [
        ("abc", 3),
        ("{{ 'abc' }}", 3),
        ("{{ 'abc'|upper }}", 6),
        ("{{ 'abc'.upper() }}", 6),
        ("{{ 'abc' ~ 'd' }}", 8),
        ("{{ 'abc' + 'd' }}", 8),
        ("{{ 'abc' * 2 }}", 12),
        ("{{ 'abc'[1:] }}", 4),
        ("{{ '%s!' % 'abc' }}", 8),
        ("{{ 'abc'|format }}", 9),
        ("{{ '<' }}", 4),
        ("{% set x %}abc{% endset %}{{ x }}", 6),
        ("{% filter upper %}abc{% endfilter %}", 9),
        ("{% macro m() %}abc{% endmacro %}{{ m() }}", 6),
        ("{% for a in range(3) %}ab{% endfor %}", 6),
        ("{% set x = [1, 2, 3] %}", 28),
        ("{% set x = {'a': 1} %}", 20),
        ("{% set x = (1, 2) %}", 24),
        ("{% set x = big[:5] %}", 36),
        ("{% set x = big|first %}{% set x = big|length %}", 0),
        ("{% set x = 'abc'|list %}", 28),
        ("{% set x = dict(a=1) %}", 20),
        ("{% set x = namespace(a=1) %}", 20),
        ("{% include 'small' %}", 1),
    ],
)
def test_what_is_made_is_paid_for(source: str, characters: int) -> None:
    found = environment(templates=TEMPLATES)
    with found.metered() as used:
        found.from_string(source).render(data())
    assert used.characters == characters


def test_words_and_signs_are_counted_before_a_parser_makes_more_of_them() -> None:
    with pytest.raises(LimitReached) as caught:
        environment().from_string("{{ a" + ".a" * 30_000 + " }}")
    assert caught.value.name == "source"


def test_both_environments_share_one_budget() -> None:
    html, plain = environment(), environment(html=False)
    one = html.from_string("{% for a in range(20000) %}{% endfor %}")
    other = plain.from_string("{% for a in range(20000) %}{% endfor %}")
    with html.metered() as first, plain.metered() as second:
        assert first is second
        one.render()
        other.render()
        with pytest.raises(LimitReached, match="too many steps"):
            one.render()

    assert one.render() == ""  # and the next rendering has a new one


def test_nothing_is_left_of_a_budget_that_was_used_up() -> None:
    template = environment().from_string("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")
    for _ in range(2):
        with pytest.raises(LimitReached, match="calls itself"):
            template.render()
    with environment().metered() as used:
        assert (used.steps, used.characters, used.depth) == (0, 0, 0)
        with pytest.raises(LimitReached):
            template.render()
        assert used.depth == 0


def test_methods_are_not_compared_by_what_they_belong_to() -> None:
    lists = "{% set a0 = [1] %}{% set b0 = [1] %}" + SHARED
    begun = time.perf_counter()
    assert render(lists + "{{ a40.count == b40.count }}{{ a40.count in [b40.count] }}") == "FalseFalse"
    assert time.perf_counter() - begun < SECONDS


def test_threads_have_budgets_of_their_own() -> None:
    from concurrent.futures import ThreadPoolExecutor

    template = environment().from_string("{% for a in range(20000) %}{% endfor %}ok")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: template.render(), range(12))) == {"ok"}


def test_a_property_of_the_data_that_recurses_is_a_limit_too() -> None:
    class Endless:
        @property
        def next(self) -> object:
            return self.next

    class Large:
        @property
        def memory(self) -> object:
            raise MemoryError

    for source in ("{{ a.next }}", "{{ b.memory }}"):
        with pytest.raises(LimitReached, match="too deep"):
            render(source, a=Endless(), b=Large())


def test_what_jinja_itself_refuses_while_it_compiles_is_told_as_it_is() -> None:
    with pytest.raises(TemplateSyntaxError, match="block 'a' defined twice"):
        environment().from_string("{% block a %}{% endblock %}{% block a %}{% endblock %}")


def test_what_runs_out_while_it_compiles_is_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import Environment

    def raises(*_: object, **__: object) -> None:
        raise RecursionError

    for step in ("_generate", "_compile"):
        with monkeypatch.context() as patched:
            patched.setattr(Environment, step, raises)
            with pytest.raises(LimitReached, match="too deep"):
                environment().from_string("x")


@pytest.mark.parametrize("limits", [{"steps": 0}, {"characters": -1}, {"operand": True}, {"bits": 1.5}, {"depth": 101}])
def test_a_limit_is_a_whole_number(limits: dict[str, int]) -> None:
    with pytest.raises(SetupError, match=f"the limit {next(iter(limits))} takes"):
        UntrustedLimits(**limits)


def test_smaller_limits_are_kept() -> None:
    cases = {
        "steps": ("{% for a in range(5) %}{% for b in range(5) %}{% endfor %}{% endfor %}", 20),
        "characters": ("{% for a in range(5) %}four{% endfor %}", 19),
        "operand": ("{{ 'a' * 11 }}", 10),
        "bits": ("{{ 2 ** 8 * 2 ** 8 }}", 16),
        "source": ("{{ 1 }}.", 7),
        "depth": ("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(9) }}", 9),
    }
    for name, (source, limit) in cases.items():
        with pytest.raises(LimitReached) as caught:
            environment(limits=UntrustedLimits(**{name: limit})).from_string(source).render()
        assert (caught.value.name, caught.value.limit) == (name, limit)
        assert str(limit) in str(caught.value)


def test_the_failure_survives_a_queue() -> None:
    error = pickle.loads(pickle.dumps(LimitReached("steps", 5)))
    assert (type(error), error.name, error.limit, str(error)) == (
        LimitReached, "steps", 5, "the template takes too many steps: more than 5",
    )  # fmt: skip


def test_a_usual_mail_uses_little_of_its_budget() -> None:
    rows = [{"name": f"Tea {number}", "price": Decimal("3.50"), "count": number % 5} for number in range(100)]
    source = (
        "<table>{% for row in rows|sort(attribute='price,name') %}<tr class='{{ loop.cycle('odd', 'even') }}'>"
        "<td>{{ row.name|title }}</td><td>{{ '%.2f' % row.price }}</td><td>{{ row.count * row.price }}</td></tr>"
        "{% endfor %}</table>{{ rows|sum(attribute='price') }}"
    )
    found = environment().from_string(source)
    with environment().metered() as used:
        found.render(rows=rows)
        assert budget() is used

    assert used.steps < 5_000
    assert used.characters < 20_000
