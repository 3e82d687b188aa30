"""Variables: what a template asks for, told without running it."""

from __future__ import annotations

import pytest

from sesmail.ses.handlebars import Template


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nothing", ""),
        ("{{a}} {{b.c}} {{d/e}} {{[f g]}} {{this.h}} {{./i}}", "a b.c d.e f\xa0g h i"),
        ("{{this}}{{.}}{{@index}}{{../a}}{{@root}}{{@root.b}}", "b"),
        ("{{a.[0].b}} {{c.length}} {{length}}", "a.0.b c"),
        ("{{#if a}}{{b}}{{else if c}}{{d}}{{else}}{{e}}{{/if}}{{#unless f}}{{g}}{{/unless}}", "a b c d e f g"),
        ("{{#if true}}{{a}}{{/if}}{{#with 'b'}}{{c}}{{/with}}", "a"),
        ("{{^if a}}{{b}}{{else}}{{c}}{{/if}}", "a b c"),
        (
            "{{#with a}}{{b}}{{../c}}{{#with d}}{{e}}{{../../f}}{{../g}}{{/with}}{{else}}{{h}}{{/with}}",
            "a a.b c a.d a.d.e f a.g h",
        ),
        ("{{#with this}}{{../a}}{{b}}{{/with}}", "b"),
        ("{{#with a}}{{#with ../gone.b}}{{c}}{{/with}}{{/with}}", "a gone.b gone.b.c"),
        ("{{#with ../a}}{{b}}{{../c}}{{/with}}", "c"),
        ("{{#each a}}{{b}}{{../c}}{{@root.d}}{{this}}{{#if e}}{{../f}}{{/if}}{{else}}{{g}}{{/each}}", "a c d f g"),
        ("{{#each a.b as |x i|}}{{x.c}}{{i}}{{d}}{{./x}}{{@x}}{{/each}}{{x}}", "a.b x"),
        ("{{#with a as |x|}}{{x.b}}{{#each c}}{{x.d}}{{x}}{{/each}}{{/with}}", "a a.b a.c a.d"),
        ("{{#a}}{{b}}{{../c}}{{@root.d}}{{else}}{{e}}{{/a}}{{^f}}{{g}}{{/f}}", "a c d e f g"),
        ("{{#*inline 'p'}}{{a}}{{#each b}}{{c}}{{/each}}{{/inline}}", ""),
        ("{{#*inline 'p'}}{{a}}{{#each b}}{{../c}}{{/each}}{{../d}}{{/inline}}{{> p}}", "a b c"),
        (
            "{{#*inline 'p'}}{{a}}{{/inline}}{{> p b}}{{#with c}}{{> p}}{{/with}}{{#each d}}{{> p}}{{/each}}",
            "b b.a c c.a d",
        ),
        ("{{#*inline 'p'}}{{a}}{{b}}{{/inline}}{{> p a=1 c=d}}", "b d"),
        ("{{#*inline 'p'}}{{> q c=1}}{{/inline}}{{#*inline 'q'}}{{a}}{{b}}{{c}}{{/inline}}{{> p b=1}}", "a"),
        ("{{#*inline 'p'}}{{a}}{{#with b}}{{> p}}{{/with}}{{/inline}}{{> p}}", "a b"),
        ("{{#*inline 'p'}}{{#*inline 'q'}}{{a}}{{/inline}}{{> q}}{{/inline}}{{> p}}{{> q}}", "a"),
        ("{{#if a}}{{#*inline 'p'}}{{b}}{{/inline}}{{> p}}{{/if}}", "a b"),
        ("{{#each a as |x|}}{{#*inline 'p'}}{{x}}{{/inline}}{{> p b}}{{/each}}{{#*inline 'p'}}{{/inline}}", "a"),
        ("{{#with a}}{{" + ".".join("b" * 99) + "}}{{" + ".".join("c" * 100) + "}}{{/with}}", "a a" + ".b" * 99),
        (
            "{{a." + "b" * 999 + "}}{{a." + "c" * 1000 + "}}{{#with a}}{{" + "d" * 1000 + "}}{{/with}}",
            "a a." + "b" * 999,
        ),
        ("{{a.[]}}{{this}}", "a."),
        ("{{#with " + ".".join("a" * 60) + "}}{{" + ".".join("b" * 41) + "}}{{/with}}", ".".join("a" * 60)),
    ],
)
def test_a_template_tells_what_it_asks_for(text: str, names: str) -> None:
    assert Template.parse(text).variables == {name.replace("\xa0", " ") for name in names.split(" ") if name}


def _inline(name: str, text: str) -> str:
    return f'{{{{#*inline "{name}"}}}}{text}{{{{/inline}}}}'


_CALLS = "".join(f"{{{{> p c{n}}}}}" for n in range(300))


@pytest.mark.parametrize(
    ("text", "most"),
    [
        # A chain of partials, without more and with very many names more.
        (
            "".join(_inline(f"p{n}", f"{{{{v{n}}}}}{{{{> p{n + 1}}}}}") for n in range(2000))
            + _inline("p2000", "")
            + "{{> p0}}",
            450,
        ),
        (
            "".join(_inline(f"p{n}", f"{{{{v{n}}}}}{{{{> p{n + 1} a=1}}}}") for n in range(300))
            + _inline("p300", "")
            + f"{{{{> p0 {' '.join(f'a{n}=1' for n in range(20_000))}}}}}",
            10,
        ),
        # One that says very much, or asks very often, and is called very often.
        (_inline("p", "{{v0}}{{> q " + "a=b " * 5000 + "}}") + _inline("q", "") + _CALLS, 25),
        (_inline("p", "{{v0}}{{#if a}}" + "{{else if a}}" * 5000 + "{{/if}}") + _CALLS, 25),
        # Very many of one name, each call of which may be any of them.
        (_inline("p", "{{v0}}") * 5000 + _CALLS, 25),
    ],
    ids=["chain", "names", "options", "arms", "many"],
)
def test_partials_are_followed_for_a_bounded_number_of_steps(text: str, most: int) -> None:
    """Whatever makes a step longer counts as more of them, so hostile templates take no minutes."""
    told = [name for name in Template.parse(text).variables if "v" in name]

    assert 1 < len(told) <= most


def test_a_mail_for_an_order_asks_for_its_order() -> None:
    template = Template.parse(
        '{{#*inline "line"}}{{amount}} × {{title}}{{/inline}}'
        "Hello {{customer.name}},\n{{#each lines}}\n{{> line}}\n{{/each}}\nin all {{total}}{{#if vat}} with VAT{{/if}}."
    )

    assert template.variables == {"customer.name", "lines", "total", "vat"}
