"""Escapes: the known ways out of Jinja's sandbox, and those that a reader of its source finds. All are refused.

No case here gets as far as running anything: `Trap` fails the test when one of its methods runs.
"""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from markupsafe import Markup

from sesmail.templates.untrusted import UntrustedEnvironment

from .rendering import environment, render

SECRET = "s3cr3t-of-the-house"


@dataclass
class User:
    """What an application hands over: public fields, private ones, methods."""

    name: str = "Ada"
    _token: str = SECRET
    tags: list[str] = field(default_factory=lambda: ["a", "b"])
    ran: list[str] = field(default_factory=list)

    def delete(self) -> str:
        self.ran.append("delete")
        return SECRET

    @staticmethod
    def static() -> str:
        return SECRET

    @classmethod
    def load(cls) -> str:
        return SECRET

    def __call__(self) -> str:
        return SECRET


@dataclass
class Reader:
    """As `User`, and not callable, so that its attributes can be read."""

    name: str = "Ada"
    _token: str = SECRET
    tags: list[str] = field(default_factory=lambda: ["a", "b"])
    ran: list[str] = field(default_factory=list)
    kind: type = User

    def delete(self) -> str:
        self.ran.append("delete")
        return SECRET

    def __str__(self) -> str:
        return SECRET

    def __repr__(self) -> str:
        return SECRET

    def __format__(self, spec: str) -> str:
        return SECRET

    def __html__(self) -> str:
        return SECRET

    def __add__(self, other: object) -> str:
        return SECRET

    __radd__ = __mul__ = __mod__ = __rmod__ = __truediv__ = __add__

    def __neg__(self) -> str:
        return SECRET


def generator() -> Iterator[int]:
    secret = SECRET
    yield len(secret)


async def coroutine() -> str:
    return SECRET


async def stream() -> AsyncIterator[str]:
    yield SECRET


def frame() -> types.FrameType:
    return sys._getframe()


NOT_COMPILED = (
    # attributes
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ user['_token'] }}",
    "{{ user._token }}",
    "{{ user.__init__.__globals__ }}",
    "{{ user.__dict__ }}",
    "{{ self.__init__ }}",
    "{{ self._TemplateReference__context }}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}",
    "{{ loop.__init__ }}",
    "{% for a in [1] %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{% for a in [1] %}{{ loop._iterable }}{% endfor %}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ range.__self__ }}",
    "{{ dict.__base__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ super.__init__ }}",
    "{% set ns = namespace() %}{% set ns.__class__ = 1 %}",
    "{% if false %}{{ x.__class__ }}{% endif %}",
    r"{{ user['\x5f\x5fclass\x5f\x5f'] }}",
    r"{{ user['\u005f\u005fclass__'] }}",
    # filters and tests that are not offered
    "{{ user|attr('__class__') }}",
    "{{ user|attr('name') }}",
    "{{ '{0.__class__}'|attr('format')(1) }}",
    "{{ name|safe }}",
    "{{ name|tojson|safe }}",
    "{{ name|tojson }}",
    "{{ {'a b': 1}|xmlattr }}",
    "{{ name|urlize }}",
    "{{ name|striptags }}",
    "{{ user|pprint }}",
    "{{ [1]|random }}",
    "{% if false %}{{ name|safe }}{% endif %}",
    "{{ name|no.such.filter }}",
    "{{ name is callable }}",
    "{{ 'safe' is filter }}",
    "{{ user is sameas user }}",
    # tags and words of other extensions
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{% autoescape true %}{{ name }}{% endautoescape %}",
    "{% do user.delete() %}",
    "{% for a in [1] %}{% break %}{% endfor %}",
    "{% debug %}",
    "{% trans %}x{% endtrans %}",
    # the compiler's own words
    "{{ range(_loop_vars=1) }}",
    "{{ range(＿loop_vars=1) }}",
    "{{ dict(a=1, a=2) }}",
    "{% from 'x' import __class__ %}",
    "{{ name.a\nb }}",
    "{{ 1e999 }}",
    "{{ " + "9" * 5000 + " }}",
    "{{ x.y = 1 }}",
)  # fmt: skip

REFUSED = (
    # attributes that are built while it runs
    "{{ ''['_' ~ '_class__'] }}",
    "{{ user['_' ~ 'token'] }}",
    "{{ user[['_','_','init','_','_']|join] }}",
    "{{ [user]|map(attribute='__class__')|list }}",
    "{{ [user]|map(attribute='name.__class__')|list }}",
    "{{ [user]|map(attribute='_token')|list }}",
    "{{ [user]|groupby('_token') }}",
    "{{ [user, user]|sort(attribute='_token')|length }}",
    "{{ [user, user]|sort(attribute='name,_token')|length }}",
    "{{ [user]|sum(attribute='_token') }}",
    "{{ [user]|selectattr('_token')|list|length }}",
    "{{ [user]|rejectattr('_token')|list|length }}",
    "{{ [user]|unique(attribute='_token')|list|length }}",
    "{{ [user]|min(attribute='_token') }}",
    "{{ [user]|max(attribute='_token') }}",
    "{{ [user]|join(',', attribute='_token') }}",
    "{{ dict(**{'__class__': 1}) }}",
    # what is called
    "{{ user.delete() }}",
    "{{ user.delete }}",
    "{{ user.delete is defined }}",
    "{% set x = user.delete %}",
    "{{ user['delete']() }}",
    "{{ made() }}",
    "{{ made.static() }}",
    "{{ made.name }}",
    "{{ made['name'] }}",
    "{{ user.kind }}",
    "{{ kind() }}",
    "{{ kind.load() }}",
    "{{ kind['load'] }}",
    "{{ open('/etc/passwd') }}",
    "{{ data.open('/etc/passwd') }}",
    "{{ data['open']('/etc/passwd') }}",
    "{{ data.open['x'] }}",
    "{{ module.system('id') }}",
    "{{ module['system'] }}",
    "{{ module.path }}",
    "{{ [user]|map('delete')|list }}",
    "{{ ['x']|map('safe')|list }}",
    "{{ ['x']|map('attr', '__class__')|list }}",
    "{{ ['x']|map(' written')|list }}",
    "{{ ['x']|map(' source')|list }}",
    "{{ ['x']|map(1)|list }}",
    "{{ [user]|select('callable')|list }}",
    "{{ [user]|select(' x')|list }}",
    "{% call user.delete() %}{% endcall %}",
    "{% call dict() %}{% endcall %}",
    "{% call data.get('html') %}{% endcall %}",
    # formatting
    "{{ '{0.__class__}'.format(user) }}",
    "{{ '{0._token}'.format(user) }}",
    "{{ '{a}'.format_map({'a': user}) }}",
    "{{ ['{0._token}']|map('format', user)|list }}",
    "{{ '%s'|format(user) }}",
    "{{ '%s' % user }}",
    "{{ '%r' % (user,) }}",
    "{{ '%(u)s' % {'u': user} }}",
    "{{ '%*d' % (9, 1) }}",
    "{{ '%c' % 60 }}",
    "{% set f = ''.format %}{{ f }}",
    "{{ ''['format'] }}",
    "{{ markup.format(user) }}",
    "{{ markup.unescape() }}",
    "{{ markup.striptags() }}",
    "{{ ''.encode() }}",
    "{{ ''.translate({}) }}",
    "{{ ''.maketrans('a', 'b') }}",
    # what is printed
    "{{ user }}",
    "{{ [user] }}",
    "{{ {'u': user} }}",
    "{{ {'u': [(user,)]} }}",
    "{{ user ~ '' }}",
    "{{ user|string }}",
    "{{ user|upper }}",
    "{{ user|e }}",
    "{{ user|forceescape }}",
    "{{ [user]|join }}",
    "{{ ['a', 'b']|join(user) }}",
    "{{ 'a'|replace('a', user) }}",
    "{{ {'a': user}|urlencode }}",
    "{{ user|urlencode }}",
    "{{ 'abc'|truncate(1, true, user) }}",
    "{{ 'abc'|center(user) }}",
    "{{ user|int }}",
    "{{ user|round }}",
    "{{ user|filesizeformat }}",
    "{{ 1|default(user) }}{{ nothing|default(user) }}",
    "{{ user + '' }}",
    "{{ '' + user }}",
    "{{ user * 2 }}",
    "{{ user / 2 }}",
    "{{ user % 2 }}",
    "{{ -user }}",
    "{{ [user, user]|sum }}",
    "{{ user is even }}",
    "{{ user is lower }}",
    "{% set x = user %}{{ x }}",
    "{% set x|string %}{{ user }}{% endset %}",
    "{{ kind }}",
    "{{ self }}",
    "{{ range }}",
    "{{ namespace(user=user) }}",
    "{% for a in [1] %}{{ loop }}{% endfor %}",
    "{% macro m() %}{{ caller }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% macro m() %}{% endmacro %}{{ m }}",
    "{% import 'lib' as lib %}{{ lib }}",
    "{{ data['bytes'] }}",
    # inner objects
    "{% for a in [1] %}{{ loop['_' ~ 'iterable'] }}{% endfor %}",
    "{% for a in [1] %}{{ loop.undefined }}{% endfor %}",
    "{% for a in [1] %}{{ loop['index0'].real.nothing() }}{% endfor %}",
    "{% block b %}{{ self.b.name }}{% endblock %}",
    "{% macro m() %}{% endmacro %}{{ m.name }}",
    "{% macro m() %}{% endmacro %}{{ m['arguments'] }}",
    "{{ ''.upper.function }}",
    "{{ generator.gi_frame }}",
    "{{ generator['gi_code'] }}",
    "{{ generator.send(1) }}",
    "{{ coroutine.cr_frame }}",
    "{{ coroutine }}",
    "{{ stream.ag_frame }}",
    "{{ stream.ag_code }}",
    "{{ frame.f_globals }}",
    "{{ code.co_consts }}",
    "{{ error.tb_frame }}",
    "{{ env.loader }}",
    "{{ env.globals }}",
    "{% set user.name = 'x' %}",
    "{% set loop = namespace() %}{% set self.x = 1 %}",
    "{% set data.x = 1 %}",
    # lists are not changed
    "{{ user.tags.append('c') }}",
    "{{ user.tags.clear() }}",
    "{{ user.tags.sort() }}",
    "{{ data.update({'a': 1}) }}",
    "{{ data.pop('html') }}",
    "{{ data.clear() }}",
    "{{ data.setdefault('x', 1) }}",
    # loading
    "{% include 'other' %}",
    "{% import 'other' as o %}",
    "{% extends 'other' %}",
    "{% include '../lib' %}",
    "{% include ['other', 'another'] %}",
    "{% include 1 %}",
    "{% include template %}",
    "{% include nothing %}",
    "{% include ['nobody', nothing] %}",
    "{% include [] %}",
    "{% include [template] %}",
    "{% extends template %}",
    "{% import template as t %}",
    "{% include user %}",
    "{% from 'lib' import hidden %}{{ hidden }}",
    "{% import 'lib' as lib %}{{ lib.hidden }}",
    "{% import 'lib' as lib %}{{ lib['_' ~ 'body_stream'] }}",
    "{% from 'lib' import nothing %}{{ nothing }}",
)


def context() -> dict[str, Any]:
    running = coroutine()
    running.close()
    try:
        int(SECRET)
    except ValueError as error:
        traceback = error.__traceback__
    trusted = Environment(loader=DictLoader({"t": SECRET}), autoescape=True)
    return {
        "user": Reader(),
        "made": User(),
        "kind": User,
        "name": "<Ada>",
        "markup": Markup("<b>"),
        "data": {"open": open, "html": "<i>", "bytes": SECRET.encode()},
        "module": __import__("os"),
        "generator": generator(),
        "coroutine": running,
        "stream": stream(),
        "frame": frame(),
        "code": frame.__code__,
        "error": traceback,
        "env": trusted,
        "template": trusted.get_template("t"),
    }


LIB = "{% set public = 1 %}{% macro _hidden() %}" + SECRET + "{% endmacro %}{% set _hidden2 = 1 %}"


@pytest.mark.parametrize("source", NOT_COMPILED)
@pytest.mark.parametrize("html", [True, False])
def test_advisory_it_is_refused_before_anything_runs(source: str, html: bool) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        environment(html=html).from_string(source)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("source", REFUSED)
@pytest.mark.parametrize("html", [True, False])
def test_advisory_it_is_refused_while_it_runs(source: str, html: bool) -> None:
    given = context()
    with pytest.raises(TemplateError) as caught:
        render(source, html=html, templates={"lib": LIB}, **given)

    assert SECRET not in str(caught.value)
    assert given["user"].ran == []
    assert given["user"].tags == ["a", "b"]
    assert given["data"].keys() == {"open", "html", "bytes"}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("{{ user.delete() }}", SecurityError),
        ("{{ user['_' ~ 'token'] }}", SecurityError),
        ("{{ [user]|map(attribute='__class__')|list }}", SecurityError),
        ("{{ ['x']|map('safe')|list }}", SecurityError),
        ("{{ '{0.x}'.format(user) }}", SecurityError),
        ("{{ markup.format(user) }}", SecurityError),
        ("{{ user }}", SecurityError),
        ("{{ generator.gi_frame }}", SecurityError),
        ("{{ env.globals }}", SecurityError),
        ("{% include template %}", SecurityError),
        ("{{ data.clear() }}", UndefinedError),
        ("{{ lipsum() }}", UndefinedError),
        ("{{ cycler(1) }}", UndefinedError),
        ("{{ joiner() }}", UndefinedError),
        ("{{ __builtins__ }}", UndefinedError),
        ("{{ environment }}", UndefinedError),
        ("{{ context }}", UndefinedError),
    ],
)
def test_what_is_refused_says_so_by_its_class(source: str, kind: type[Exception]) -> None:
    given = context()
    del given["env"].globals["range"]
    with pytest.raises(kind):
        render(source, **given)


def test_advisory_a_template_name_is_never_code() -> None:
    # CVE-2024-56201: the name of a template stood in an f-string of the compiled code.
    name = "{included_template.__init__.__globals__}\"'\n}}{% x %}"
    found = environment(templates={name: "{% from 'lib' import nothing %}{{ nothing }}", "lib": ""})
    with pytest.raises(UndefinedError) as caught:
        found.get_template(name).render()

    assert "__builtins__" not in str(caught.value)


def test_an_undefined_attribute_is_told_and_not_called() -> None:
    for source in ("{{ nothing.x }}", "{{ nothing['x'] }}", "{{ nothing() }}", "{{ nothing + 1 }}", "{{ -nothing }}"):
        with pytest.raises(UndefinedError, match="'nothing' is undefined"):
            render(source)


def test_modules_are_not_shared_between_renderings() -> None:
    # Jinja keeps what an imported template has made, so one reader's words would stand in another's mail.
    found = environment(
        templates={
            "lib": "{% set kept = namespace(words='none') %}",
            "mail": "{% from 'lib' import kept %}{{ kept.words }}{% set kept.words = name %}",
        }
    )
    assert [found.get_template("mail").render(name=name) for name in ("Ada", "Bob")] == ["none", "none"]


def test_globals_of_the_program_reach_an_imported_template() -> None:
    found = environment(templates={"lib": "{% macro m() %}{{ shop }}{% endmacro %}"})
    template = found.from_string("{% import 'lib' as lib %}{{ lib.m() }}", globals={"shop": "Corner"})
    assert template.render() == "Corner"


def test_a_compiled_module_is_no_template() -> None:
    found = environment()
    with pytest.raises(SecurityError, match="from its source"):
        found.template_class.from_module_dict(found, {}, {})


def test_nothing_is_rendered_without_a_budget() -> None:
    template = environment().from_string("{{ 1 }}")
    with pytest.raises(SecurityError, match="metered"):
        "".join(template.root_render_func(template.new_context({})))


def test_an_object_that_must_be_awaited_is_not_read() -> None:
    async def run() -> str:
        waiting = asyncio.get_running_loop().create_future()
        return render("{{ waiting.result() }}", waiting=waiting)

    with pytest.raises(SecurityError):
        asyncio.run(run())


def test_what_the_environment_is_given_stays() -> None:
    found = environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    assert found.from_string("{% for a in [1, 2] %}{% do [] %}{{ a }}{% break %}{% endfor %}").render() == "1"

    found.globals["url"] = lambda path: f"https://example.com/{path}"
    found.filters["shout"] = lambda text: f"{text}!"
    found.tests["long"] = lambda text: len(text) > 3
    assert found.from_string("{{ url('a')|shout }}{{ 'abcd' is long }}").render() == "https://example.com/a!True"


def test_what_call_prints_comes_from_macros() -> None:
    # Jinja prints what a call block gives as it is, also where a function of the program gives somebody's text.
    found = environment()
    found.globals["echo"] = lambda text, caller=None: text
    assert found.from_string("{{ echo(name) }}").render(name="<Ada>") == "&lt;Ada&gt;"
    with pytest.raises(SecurityError, match="takes a macro"):
        found.from_string("{% call echo(name) %}{% endcall %}").render(name="<Ada>")


def test_a_chainable_undefined_is_no_way_around() -> None:
    from jinja2 import ChainableUndefined

    found = environment(undefined=ChainableUndefined)
    assert found.from_string("{{ a.b['c'] }}").render() == ""
    with pytest.raises(SecurityError):
        found.from_string("{{ a['_' ~ 'x'] }}").render()


def test_strict_and_plain_undefined_meet_a_missing_item() -> None:
    assert (
        UntrustedEnvironment().from_string("[{{ {}.x }}{{ [].x }}{{ [][3] }}{{ {}['x'] }}{{ ''.x }}]").render() == "[]"
    )
    with pytest.raises(UndefinedError):
        UntrustedEnvironment(undefined=StrictUndefined).from_string("{{ {}.x }}").render()
