"""Any template, of all pieces that Jinja has and some that it has not: it tells no secret and ends in order."""

# ruff: noqa: E501  # a piece stands on one line
from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError

from sesmail.templates.untrusted import UntrustedLimits

from .rendering import environment

SECRET = "s3cr3t"
LIMITS = UntrustedLimits(steps=5_000, characters=50_000, operand=5_000)


@dataclass
class Reader:
    name: str = "Ada"
    _token: str = SECRET
    items: list[int] = field(default_factory=lambda: [1, 2])

    def secret(self) -> str:
        return SECRET

    __html__ = __str__ = secret


NAMES = st.sampled_from(
    "reader data texts numbers x ns loop self caller range dict namespace super nothing lib m _ __builtins__".split()
)
ATTRIBUTES = st.sampled_from(
    "name items keys _token __class__ __init__ __globals__ secret upper format join index0 cycle super mro gi_frame x".split()
)
FILTERS = st.sampled_from(
    "upper list join('') first last sort map(attribute='_token') map('string') map('format', reader) format(reader) attr('_token') safe "
    "e string replace('a', x) default(reader, true) groupby('name') sum unique batch(3) slice(2) length int tojson items "
    "indent(x) center(30) wordwrap(3) truncate(4) select('even') selectattr('_token') dictsort max min reverse".split(
        " "
    )
).filter(lambda name: name.count("(") == name.count(")"))
TESTS = st.sampled_from(
    "defined even none string callable mapping in(texts) eq(reader) sameas(x) divisibleby(2)".split()
)
SIGNS = st.sampled_from("+ - * / // % ** ~ == < in and or".split())
ATOMS = st.one_of(
    NAMES,
    st.sampled_from(
        "1 0 -1 1.5 99999 '' 'a' '%s' '%999d' '{0._token}' '__class__' '_token' none true [] {} [1,2] (1,) {'a':1}".split()
    ),
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}.{}".format, inner, ATTRIBUTES),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:{}]".format, inner, inner, inner),
        st.builds("{}|{}".format, inner, FILTERS),
        st.builds("({} {} {})".format, inner, SIGNS, inner),
        st.builds("({} is {})".format, inner, TESTS),
        st.builds("{}({})".format, inner, inner),
        st.builds("{}(*{})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{{}: {}}}".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(not {})".format, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, _larger, max_leaves=6)
LEAVES = st.one_of(
    st.builds("{{{{ {} }}}}".format, EXPRESSIONS),
    st.builds("{{% set x = {} %}}".format, EXPRESSIONS),
    st.builds("{{% set ns.x = {} %}}".format, EXPRESSIONS),
    st.builds("{{% include {} ignore missing %}}".format, EXPRESSIONS),
    st.builds("{{% import {} as lib %}}".format, st.one_of(EXPRESSIONS, st.just("'lib'"))),
    st.sampled_from(
        [
            "<b>",
            "{% set ns = namespace(x=1) %}",
            "{% from 'lib' import m, _hidden %}",
            "{% from 'lib' import m %}",
            "{% include 'me' %}",
            "{% extends 'lib' %}",
            "{% do x %}",
            "{% break %}",
            "{% debug %}",
            "{#",
            "{% raw %}",
            "{{",
        ]
    ),
)


def _around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{{% for x in {} %}}{}{{% endfor %}}".format, EXPRESSIONS, inner),
        st.builds(
            "{{% for x in {} if {} recursive %}}{}{{{{ loop(x) }}}}{{% endfor %}}".format,
            EXPRESSIONS,
            EXPRESSIONS,
            inner,
        ),
        st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, EXPRESSIONS, inner, inner),
        st.builds("{{% macro m(x=1) %}}{}{{% endmacro %}}{{{{ m() }}}}{}".format, inner, inner),
        st.builds("{{% call m({}) %}}{}{{% endcall %}}".format, EXPRESSIONS, inner),
        st.builds("{{% set x %}}{}{{% endset %}}{}".format, inner, inner),
        st.builds("{{% set x | {} %}}{}{{% endset %}}{{{{ x }}}}".format, FILTERS, inner),
        st.builds("{{% filter {} %}}{}{{% endfilter %}}".format, FILTERS, inner),
        st.builds("{{% block b %}}{}{{% endblock %}}".format, inner),
        st.builds("{{% autoescape false %}}{}{{% endautoescape %}}".format, inner),
        st.builds("{}{}".format, inner, inner),
    )


TEMPLATES = st.recursive(LEAVES, _around, max_leaves=8)


@given(source=TEMPLATES, html=st.booleans())
def test_no_template_tells_a_secret_or_ends_in_disorder(source: str, html: bool) -> None:
    templates = {
        "me": source,
        "lib": "{% macro m(x) %}{{ x }}{% endmacro %}{% macro _hidden() %}" + SECRET + "{% endmacro %}",
    }
    found = environment(templates=templates, html=html, limits=LIMITS)
    reader = Reader()
    given_data = {
        "reader": reader,
        "data": {"name": "<i>", "reader": reader},
        "texts": ["<b>", "a"],
        "numbers": [3, 1, 2],
        "x": "<x>",
    }
    said = ""
    with suppress(TemplateError), found.metered() as used:
        try:
            said = found.get_template("me").render(given_data)
        finally:
            assert used.depth == 0
    assert SECRET not in said
    assert len(said) <= LIMITS.characters
    assert reader == Reader()


@given(source=st.text(alphabet="{}%#-'\"ab.|()[]_ \n~*+,:0", max_size=60))
def test_any_text_at_all_is_a_template_or_an_error(source: str) -> None:
    with suppress(TemplateError):
        environment(limits=LIMITS).from_string(source).render(a=1, b="<")
