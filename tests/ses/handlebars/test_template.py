"""Templates: the table of cases, what errors tell, inline templates, limits, and any text at all."""

from __future__ import annotations

import pickle
import sys
import tracemalloc
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import TemplateError
from sesmail.ses.handlebars import LimitReached, MissingVariable, RenderLimits, Template, UnsupportedConstruct

from .cases import CASES, Case
from .outcome import outcome_of


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.template[:60])
def test_a_template_prints_what_the_table_says(case: Case) -> None:
    assert outcome_of(case.template, case.data) == case.expected


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_variable_is_told_as_ses_tells_it() -> None:
    template = Template.parse("Hello\n\n{{#if a}}{{/if}}{{\nuser.name}}", name="welcome")
    with pytest.raises(MissingVariable) as caught:
        template.render({"user": {}})

    error = caught.value
    assert str(error) == "Attribute 'user.name' is not present in the rendering data."
    assert (error.template, error.line, error.variable) == ("welcome", 3, "user.name")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.line) == (MissingVariable, str(error), 3)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a\n{{#if b}}\n{{! c", 3, "a comment is never closed"),
        ("a\n{{!-- \n c }}", 2, "a comment is never closed"),
        ("a\n{{b", 2, "a tag is never closed"),
        ("a\n{{b\n;}}", 3, "';' has no place in a tag"),
        ("{{{b}}", 1, "a tag closes with as many braces as it opens with"),
        ("{{b}}}", 1, "a tag closes with as many braces as it opens with"),
        ("\n{{#if b}}\n{{#each c}}\n", 3, "the block 'each' is never closed"),
        ("{{#if b}}\n{{/each}}", 2, "'each' is not what could be closed here, but 'if'"),
        ("{{/each}}", 1, "'each' is not what could be closed here"),
        ("\\{{\n{{/each}}", 2, "'each' is not what could be closed here"),
        ("{{else}}", 1, "there is no block here that an {{else}} could be for"),
        ("{{^if a}}{{else if b}}{{/if}}", 1, "an inverse block may have an {{else}}, and none with a condition"),
        ("{{#if}}{{/if}}", 1, "if takes one value and no key=value"),
        ("{{#if a as |b|}}{{/if}}", 1, "if has not so many block parameters to give"),
        ("{{#a as |b|}}{{/a}}", 1, "this block has not so many block parameters to give"),
        ("{{#each a as |b 1 |}}{{/each}}", 1, "names between two bars should stand where '1' is"),
        ("{{#each a as |this|}}{{/each}}", 1, "names between two bars should stand where 'this' is"),
        ("{{#each a as |b", 1, "a tag is never closed"),
        ("{{a/../b}}", 1, "a name should stand where '..' is"),
        ("{{a/}}", 1, "a name should stand where the end of the tag is"),
        ("{{|}}", 1, "a name or a value should stand where '|' is"),
        ("{{a |}}", 1, "the end of the tag should stand where '|' is"),
        ("{{a=}}", 1, "the end of the tag should stand where '=' is"),
        ("{{#*inline p}}{{/inline}}", 1, 'an inline partial has one name, in quotes: {{#*inline "name"}}'),
        ("{{> p a b}}", 1, "a partial takes one context, and then only key=value"),
    ],
)
def test_an_error_says_what_is_wrong_and_in_which_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Template.parse(text, name="welcome")

    assert str(caught.value) == f"line {line}: {reason}"
    assert (type(caught.value), caught.value.template, caught.value.line) == (TemplateError, "welcome", line)


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("{{upper name}}", "the helper 'upper'"),
        ("{{name a=1}}", "the helper 'name'"),
        ("{{name as |a|}}", "the helper 'name'"),
        ("{{lookup}}", "the helper 'lookup'"),
        ("{{if}}", "the helper 'if'"),
        ("{{#log a}}{{/log}}", "the helper 'log'"),
        ("{{#blockHelperMissing}}{{/blockHelperMissing}}", "the helper 'blockHelperMissing'"),
        ("{{#eq a b}}{{/eq}}", "the helper 'eq'"),
        ("{{#eq a=1}}{{/eq}}", "the helper 'eq'"),
        ("{{#if a}}{{else eq a b}}{{/if}}", "the helper 'eq'"),
        ("{{#if (eq a b)}}{{/if}}", "sub-expressions in parentheses"),
        ("{{#> p}}{{/p}}", "partials with a block, {{#> …}}"),
        ("{{> @partial-block}}", "the partial '@partial-block'"),
        ("{{{{raw}}}}{{{{/raw}}}}", "raw blocks in four braces"),
        ("{{* a}}", "decorators, {{* …}}"),
        ("{{#*a 'b'}}{{/a}}", "the decorator 'a'"),
        ("{{" + "a" * 200 + " b}}", "the helper '" + "a" * 100 + "…'"),
    ],
)
def test_what_ses_has_not_is_named(text: str, construct: str) -> None:
    with pytest.raises(UnsupportedConstruct) as caught:
        Template.parse(f"\n{text}", name="welcome")

    assert (caught.value.construct, caught.value.template, caught.value.line) == (construct, "welcome", 2)
    assert str(caught.value) == f"line 2: SES does not know {construct}"


def test_a_partial_that_is_nowhere_makes_no_template() -> None:
    with pytest.raises(TemplateError) as caught:
        Template.parse("\n{{> footer}}", name="welcome")

    assert str(caught.value) == "line 2: the partial 'footer' is defined nowhere in this template"
    assert (caught.value.template, caught.value.line) == ("welcome", 2)


def test_a_partial_that_is_out_of_reach_is_named() -> None:
    elsewhere = '{{#if a}}{{#*inline "footer"}}{{/inline}}{{/if}}'
    with pytest.raises(TemplateError) as caught:
        Template.parse(f"{elsewhere}\n{{{{> footer}}}}", name="welcome").render({})

    assert str(caught.value) == 'line 2: no {{#*inline "footer"}} is in reach of {{> footer}}'
    assert (caught.value.template, caught.value.line) == ("welcome", 2)


def test_what_no_json_holds_is_refused_when_it_is_printed() -> None:
    with pytest.raises(TemplateError) as caught:
        Template.parse("{{a}}", name="welcome").render({"a": [1, {2}]})

    assert str(caught.value) == "line 1: a: a value of type set cannot be printed"
    assert (caught.value.template, caught.value.line, caught.value.variable) == ("welcome", 1, "a")


def test_a_template_is_printed_by_its_name_only() -> None:
    assert repr(Template.parse("hunter2 {{a}}", name="welcome")) == "Template(name='welcome')"


# ── inline templates ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_inline_template_has_names_in_it() -> None:
    template = Template.parse("Hello {{name}} of {{ home.city }}{{{a.[b c]}}}{{~&x~}} !", simple=True)

    assert template.render({"name": "Ada", "home": {"city": "Bonn"}, "a": {"b c": 1}, "x": 2}) == "Hello Ada of Bonn12!"


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("{{#if a}}{{/if}}", "block tags"),
        ("{{#a}}{{/a}}", "block tags"),
        ("{{^a}}{{/a}}", "inverse tags"),
        ("{{else}}", "otherwise tags"),
        ("{{/if}}", "close tags"),
        ("{{> a}}", "partial tags"),
        ("{{#*inline 'a'}}{{/inline}}", "inline tags"),
        ("{{! a }}", "comment tags"),
        ("{{../a}}", "the path '../a'"),
        ("{{this.a}}", "the path 'this.a'"),
        ("{{@root.a}}", "the path '@root.a'"),
        ("{{upper a}}", "the helper 'upper'"),
    ],
)
def test_an_inline_template_has_nothing_else(text: str, construct: str) -> None:
    with pytest.raises(UnsupportedConstruct) as caught:
        Template.parse(text, simple=True)

    assert caught.value.construct == construct


# ── data ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Trap:
    name = "seen"

    def __getattr__(self, name: str) -> str:
        return "seen"

    def __getitem__(self, name: object) -> str:
        return "seen"


def test_python_objects_are_never_looked_into() -> None:
    trapped = {"a": _Trap()}

    assert outcome_of("{{#if a.name}}1{{/if}}{{#each a}}2{{/each}}{{#with a.[0]}}3{{/with}}", trapped) == ""
    with pytest.raises(MissingVariable):
        Template.parse("{{a.name}}").render(trapped)


def test_mappings_and_tuples_are_objects_and_lists() -> None:
    data = MappingProxyType({"a": MappingProxyType({"b": (1, (2,))})})

    assert outcome_of("{{a.b}} {{#each a}}{{@key}}{{[0]}}{{/each}} {{a}}", data) == "1,2 b1 [object Object]"


def test_numbers_that_no_json_holds_print_as_in_javascript() -> None:
    data = {"a": float("inf"), "b": float("-inf"), "c": float("nan"), "d": 10**400, "e": -(10**400)}

    assert outcome_of("{{a}} {{b}} {{c}} {{d}} {{e}}", data) == "Infinity -Infinity NaN Infinity -Infinity"
    assert outcome_of("{{#if c}}1{{/if}}{{#with c}}2{{/with}}{{#if a}}3{{/if}}", data) == "3"


def test_zero_opens_a_with_whichever_kind_it_is() -> None:
    assert outcome_of("{{#with a}}{{this}}{{/with}}{{#with b}}{{this}}{{/with}}", {"a": 0.0, "b": -0.0}) == "00"


def test_true_and_one_are_two_contexts() -> None:
    assert outcome_of("{{#with a}}{{#with ../b}}{{../this}}{{/with}}{{/with}}", {"a": True, "b": 1}) == "true"
    assert outcome_of("{{#with a}}{{#with ../b}}{{../c}}{{/with}}{{/with}}", {"a": 1, "b": 1.0, "c": "c"}) == "c"


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────

FEW = RenderLimits(max_characters=1000, max_steps=1000, max_calls=10)


@pytest.mark.parametrize(
    ("text", "limit", "reason"),
    [
        ("{{#*inline 'p'}}{{> p}}{{/inline}}{{> p}}", 10, "partials call one another too deep"),
        ("{{#*inline 'p'}}{{#if a}}{{> q}}{{/if}}{{/inline}}{{#*inline 'q'}}{{> p}}{{/inline}}{{> p}}", 10, "too deep"),
        ("{{a}}" * 11, 1000, "prints too many characters"),
        ("{{#each b}}{{#each ../b}}{{#each ../../b}}{{/each}}{{/each}}{{/each}}", 1000, "takes too many steps"),
        ("{{#each b}}{{#each ../b}}{{@root.c}}{{/each}}{{/each}}", 1000, "takes too many steps"),
        (
            "{{#each b}}{{#each ../b}}" + "{{#*inline 'p'}}{{/inline}}" * 2 + "{{/each}}{{/each}}",
            1000,
            "too many steps",
        ),
        ("{{#*inline 'p'}}{{/inline}}" + "{{> p d x=1}}" * 2, 1000, "takes too many steps"),
        ("{{#each e}}{{this}}{{/each}}", 1000, "takes too many steps"),
        ("{{#*inline 'p'}}{{#each b}}\n{{/each}}{{/inline}}" + "x\n     {{> p}}\n" * 10, 1000, "too many characters"),
        ("{{#each b}}{{#each ../b}}{{#if @root.a.a.a.a.a.a.a}}{{/if}}{{/each}}{{/each}}", 1000, "takes too many steps"),
        ("{{#each b}}{{#each ../b}}{{#if ../../../../../../../a}}{{/if}}{{/each}}{{/each}}", 1000, "too many steps"),
        ("{{#each b}}" + "{{#if x.y}}{{/if}}" * 20 + "{{/each}}", 1000, "takes too many steps"),
        (
            "".join([f"{{{{#with @root.a as |n{n}|}}}}" for n in range(30)])
            + "{{#each @root.b}}{{/each}}"
            + "{{/with}}" * 30,
            1000,
            "takes too many steps",
        ),
    ],
)
def test_a_render_ends_at_its_limits(text: str, limit: int, reason: str) -> None:
    empty: list[object] = []
    data = {
        "a": "a" * 99,
        "b": list(range(20)),
        "c": [],
        "d": dict.fromkeys(map(str, range(500))),
        "e": [[empty] * 500] * 2,
    }
    with pytest.raises(LimitReached, match=reason) as caught:
        Template.parse(text, name="welcome").render(data, limits=FEW)

    assert (caught.value.limit, caught.value.template) == (limit, "welcome")


def test_a_render_may_go_up_to_its_limits() -> None:
    calls = "".join([f"{{{{#*inline '{n}'}}}}{{{{> {n + 1}}}}}{{{{/inline}}}}" for n in range(9)])
    template = Template.parse(calls + "{{#*inline '9'}}{{a}}{{/inline}}{{> 0}}")
    exact = RenderLimits(max_characters=1000, max_steps=24, max_calls=10)

    assert template.render({"a": "a" * 1000}, limits=exact) == "a" * 1000
    for less in (
        RenderLimits(max_characters=999, max_steps=24, max_calls=10),
        RenderLimits(max_characters=1000, max_steps=23, max_calls=10),
        RenderLimits(max_characters=1000, max_steps=24, max_calls=9),
    ):
        with pytest.raises(LimitReached):
            template.render({"a": "a" * 1000}, limits=less)


def test_a_path_may_have_a_hundred_names_and_levels() -> None:
    data: dict[str, object] = {"a": "x"}
    for _ in range(99):
        data = {"a": data}
    whole, outer = ".".join("a" * 100), "../" * 99 + "a"

    assert (
        outcome_of(f"{{{{{whole}}}}}{{{{#if {outer}}}}}1{{{{/if}}}}{{{{#if {outer[3:]}.b}}}}2{{{{/if}}}}", data) == "x"
    )
    for longer in (f"{whole}.a", f"{whole}.1", f"../{outer}", f"{outer}.a", f"@../{outer}", f"{whole}.a" * 50):
        with pytest.raises(LimitReached) as caught:
            Template.parse(f"\n{{{{#if {longer}}}}}{{{{/if}}}}", name="welcome")
        assert str(caught.value) == "line 2: a path has too many names and levels: more than 100"
        assert (caught.value.limit, caught.value.line, caught.value.template) == (100, 2, "welcome")


def test_each_name_on_the_way_is_a_step() -> None:
    template = Template.parse("{{a.b.c}}{{#with a}}{{../d}}{{/with}}")
    data = {"a": {"b": {"c": ""}}, "d": ""}
    exact = 2 + 3 + 1 + 3 + 1 + 2 + 1 + 2  # nodes and arms, rounds, pieces, and the three paths

    for steps in range(exact):
        with pytest.raises(LimitReached):
            template.render(data, limits=RenderLimits(max_steps=steps))
    assert template.render(data, limits=RenderLimits(max_steps=exact)) == ""


def test_a_partial_that_would_be_too_much_text_with_its_indent_is_never_made() -> None:
    """Ten thousand empty lines, and before each of them a page of blanks: a hundred megabytes."""
    template = Template.parse("{{#*inline 'p'}}{{a}}{{/inline}}\n" + " " * 10_000 + "{{> p}}\n")
    tracemalloc.start()
    with pytest.raises(LimitReached, match="too many characters"):
        template.render({"a": "\n" * 10_000})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 5_000_000


@pytest.mark.parametrize(
    ("text", "printed"),
    [("", ""), ("a", "  a"), ("\n", "  \n"), ("a\n\nb\n", "  a\n  \n  b\n"), ("\na", "  \n  a")],
)
def test_an_indent_counts_before_each_line(text: str, printed: str) -> None:
    template = Template.parse("  {{> p}}\n{{#*inline 'p'}}{{a}}{{/inline}}")
    exact = len(text) + len(printed)

    assert template.render({"a": text}, limits=RenderLimits(max_characters=exact)) == printed
    if text:
        with pytest.raises(LimitReached):
            template.render({"a": text}, limits=RenderLimits(max_characters=exact - 1))


def test_a_list_that_holds_itself_comes_to_an_end() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(LimitReached):
        Template.parse("{{a}}").render({"a": endless}, limits=FEW)


def test_neither_data_nor_partials_nor_blocks_are_too_deep_for_python() -> None:
    deep: list[object] = [1]
    for _ in range(10 * sys.getrecursionlimit()):
        deep = [deep]
    nested = "{{#*inline 'p'}}" + "{{#if a}}" * 98 + "{{> p}}" + "{{/if}}" * 98 + "{{/inline}}{{> p}}"

    assert outcome_of("{{a}}", {"a": deep}) == "1"
    with pytest.raises(LimitReached, match="too deep"):
        Template.parse(nested).render({"a": True})


def test_blocks_may_be_nested_a_hundred_deep() -> None:
    assert outcome_of("{{#if a}}" * 100 + "x" + "{{/if}}" * 100, {"a": 1}) == "x"
    with pytest.raises(LimitReached) as caught:
        Template.parse("{{#if a}}" * 100 + "\n{{#if a}}", name="welcome")

    assert str(caught.value) == "line 2: blocks are nested too deep: more than 100"
    assert (caught.value.limit, caught.value.line) == (100, 2)


def test_a_chain_may_be_as_long_as_it_likes() -> None:
    arms = "".join([f"{{{{else if a.[{n}]}}}}{n}" for n in range(2000)])

    assert outcome_of(f"{{{{#if b}}}}{arms}{{{{/if}}}}", {"a": [False] * 1999 + [True]}) == "1999"


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "{{",
            "{{{",
            "}}",
            "{",
            "{{#if a}}",
            "{{#each a}}",
            "{{/if}}",
            "{{else}}",
            "{{!",
            "{{!--",
            "{{! --}}",
            "\\{{",
            "\\",
        ),
        *(
            "{{a",
            "{{a ",
            "{{'",
            '{{"\\"',
            '"\\"',
            "\\\\{{",
            "{{[",
            "{{a.",
            "{{a/",
            "{{~",
            " {{~a~}} ",
            "\n {{! a }} \n",
            "{{a 1",
        ),
        *("{{#*inline 'p'}}", "{{> p}}", "{{^", "{{&", "{{as |", "{{@", "(", "{{#a as |b", "{{1", " ", "\n", "\n{{a}}"),
        *("{{#if a}}{{else if b}}{{/if}}", "{{> p a=1}}\n", "{{#*inline 'p'}}{{/inline}}"),
    ],
)
@pytest.mark.parametrize("start", ["", "{{", '{{"\\', "{{#if a}}"])
def test_hostile_templates_are_read_in_one_pass(start: str, piece: str) -> None:
    """What goes back over what it has read takes minutes here, and the test's time runs out."""
    text = start + piece * (100_000 // len(piece))

    outcome_of(text, {"a": 1})


def test_what_many_partials_ask_for_is_found_in_few_steps() -> None:
    """Each calls the next one twice, with other contexts: together more than could ever be followed."""
    calls = "{{#*inline '90'}}{{/inline}}" + "".join(
        f"{{{{#*inline '{n}'}}}}{{{{#with a}}}}{{{{> {n + 1}}}}}{{{{/with}}}}{{{{> {n + 1} b}}}}{{{{/inline}}}}"
        for n in range(90)
    )

    assert {"a", "b"} <= Template.parse(calls + "{{> 0}}").variables


# ── any text ─────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.text("{}~#/^>!* aif\n\\'\"[].|=@(-"))
def test_any_text_is_read_or_refused(text: str) -> None:
    outcome_of(text, {"a": 1, "i": [1, {"f": 2}]})


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_without_braces_is_printed_as_it_is(text: str) -> None:
    assert outcome_of(text, {}) == text
    assert Template.parse(text, simple=True).variables == frozenset()


@given(st.text(), st.text().filter(lambda text: "{{" not in text + "{"))
def test_what_is_filled_in_is_not_read(value: str, around: str) -> None:
    around = around.rstrip("\\{")

    assert outcome_of(f"{around}{{{{a}}}}", {"a": value}) == around + value
