r"""The hard cases: what a template prints with some data, or how it fails.

Every row agrees with handlebars.js, with escaping off and a printed variable that is missing made a failure, except for
the rows that are marked as SES's own, or ours: there it is known to differ, and the mark says in what.
`test_handlebars_js` compares them all with the original.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Missing:
    """It fails for want of this variable."""

    variable: str


REFUSED: Final = "<refused>"  # no template of the table prints that
Expected = str | Missing


@dataclass(frozen=True, slots=True)
class Case:
    """One row."""

    template: str
    expected: Expected
    data: Mapping[str, object] = field(default_factory=dict)
    own: str = ""
    """Why it is not as in handlebars.js."""


ADA: Final = {
    "name": "Ada",
    "tags": ["x", "y"],
    "home": {"city": "Bonn"},
    "zero": 0,
    "none": None,
    "no": False,
    "yes": True,
}
PEOPLE: Final = {"people": [{"name": "Ada"}, {"name": "Bob"}], "name": "Top"}
NESTED: Final = {"xs": ["a", "b"], "ys": ["c", "d"], "n": "N"}

SUBSTITUTIONS = [
    Case("", ""),
    Case("no braces } here {", "no braces } here {"),
    Case("{{name}}", "Ada", ADA),
    Case("{{ name }}{{\nname\n}}", "AdaAda", ADA),
    Case("{{{name}}}{{&name}}{{& name}}", "AdaAdaAda", ADA),
    Case("{{a}}{{{a}}}", "<b>&\"'`=<b>&\"'`=", {"a": "<b>&\"'`="}),
    Case("{{a}}", "{{b}}", {"a": "{{b}}", "b": "never"}),
    Case("{{home.city}}{{home/city}}{{this.home.city}}{{./home/city}}", "Bonn" * 4, ADA),
    Case("{{[home].[city]}}{{home.[city]}}", "BonnBonn", ADA),
    Case("{{a.[b c]}}{{a.[d\\]e]}}{{a.[f.g]}}", "123", {"a": {"b c": 1, "d]e": 2, "f.g": 3}}),
    Case("{{[this]}}{{a.[..]}}", "12", {"this": 1, "a": {"..": 2}}),
    Case("{{foo-bar}} {{foo:bar}} {{$x}} {{é}}", "1 2 3 4", {"foo-bar": 1, "foo:bar": 2, "$x": 3, "é": 4}),
    Case("{{as}}{{elsewhere}}{{trueish}}{{nullable}}", "1234", {"as": 1, "elsewhere": 2, "trueish": 3, "nullable": 4}),
    Case('{{"a b"}}{{12}}{{1.0}}{{true}}{{null}}', "12354", {"a b": 1, "12": 2, "1": 3, "null": 4, "true": 5}),
    Case("{{tags.[1]}}{{tags.length}}", "y2", ADA),
    Case("{{people.1.name}}{{people.[0].name}}", "BobAda", PEOPLE),
    Case("{{tags.1}}", "y", ADA, own="handlebars.js wants brackets around a number at the end"),
    Case("{{m.1.0}}", "3", {"m": [[1], [3]]}, own="handlebars.js wants brackets around a number at the end"),
    Case("{{none}}|{{no}}|{{yes}}|{{zero}}", "|false|true|0", ADA),
    Case("{{name}}", Missing("name")),
    Case("{{home.street}}", Missing("home.street"), ADA),
    Case("{{street.name}}", Missing("street.name"), ADA),
    Case("{{none.name}}", Missing("none.name"), ADA, own="handlebars.js prints nothing for what is in null"),
    Case("{{name.length}}", Missing("name.length"), ADA, own="texts have members in JavaScript"),
    Case("{{tags.[2]}}", Missing("tags.2"), ADA),
    Case("{{tags.[01]}}", Missing("tags.01"), ADA),
    Case("{{tags.x}}", Missing("tags.x"), ADA),
    Case("{{../name}}", Missing("../name"), ADA),
    Case("{{@index}}", Missing("@index")),
    Case("{{@nothing}}", Missing("@nothing")),
    Case("{{toString}}{{constructor}}{{__proto__}}{{__class__}}", Missing("toString")),
    Case("{{name.__class__}}", Missing("name.__class__"), ADA),
    Case("{{this}}{{.}}", "[object Object]" * 2, ADA),
    Case("{{@root.home.city}}", "Bonn", ADA),
]

PRINTED = [
    Case("{{a}} {{b}} {{c}}", "1 -1 0", {"a": 1, "b": -1, "c": -0.0}),
    Case("{{a}}{{b}}", "12", {"a": 1, "b": 2}),
    Case("{{a}} {{b}} {{c}}", "1 0.1 1.5", {"a": 1.0, "b": 0.1, "c": 1.50}),
    Case("{{a}} {{b}} {{c}}", "1e+21 100000000000000000000 1e-7", {"a": 1e21, "b": 1e20, "c": 1e-7}),
    Case("{{a}} {{b}}", "0.000001 1.5e-10", {"a": 1e-6, "b": 1.5e-10}),
    Case(
        "{{a}} {{b}}",
        "123456789012345680000 1.2345678901234568e+29",
        {"a": 123456789012345678901, "b": 123456789012345678901234567890},
    ),
    Case("{{a}} {{b}}", "9007199254740992 9007199254740992", {"a": 2**53 + 1, "b": 2**53}),
    Case("{{a}} {{b}}", "-2.5 -1.2e+30", {"a": -2.5, "b": -1.2e30}),
    Case("{{a}}", "5e-324", {"a": 5e-324}),
    Case("{{a}}", "1.7976931348623157e+308", {"a": 1.7976931348623157e308}),
    Case("{{a}}", "1,2,,3,[object Object],s,true", {"a": [1, [2, None, [3]], {"x": 1}, "s", True]}),
    Case("{{a}}|{{b}}|{{c}}", "||,,", {"a": [], "b": [[]], "c": [[], None, []]}),
]

BLOCKS = [
    Case("{{#if name}}a{{else}}b{{/if}}{{#if no}}a{{else}}b{{/if}}", "ab", ADA),
    Case("{{#if zero}}1{{/if}}{{#if none}}2{{/if}}{{#if a}}3{{/if}}{{#if a.b}}4{{/if}}{{#if home}}5{{/if}}", "5", ADA),
    Case("{{#if a}}a{{/if}}{{#if b}}b{{/if}}{{#if c}}c{{/if}}", "c", {"a": "", "b": [], "c": {}}),
    Case("{{#if tags}}{{tags.length}}{{/if}}{{#if tags.[0]}}!{{/if}}", "2!", ADA),
    Case("{{#unless no}}a{{else}}b{{/unless}}{{#unless yes}}a{{else}}b{{/unless}}", "ab", ADA),
    Case("{{#if no}}1{{else if zero}}2{{else if yes}}3{{else}}4{{/if}}", "3", ADA),
    Case("{{#if no}}1{{else if zero}}2{{else}}4{{/if}}", "4", ADA),
    Case("{{#if no}}1{{else if zero}}2{{/if}}", "", ADA),
    Case("{{#if no}}1{{else each tags}}{{this}}{{else}}3{{/if}}", "xy", ADA),
    Case("{{#each none}}1{{else with home}}{{city}}{{else name}}3{{/each}}", "Bonn", ADA),
    Case("{{#if no}}1{{^}}2{{/if}}{{#if no}}1{{ else }}2{{/if}}", "22", ADA),
    Case("{{^if no}}1{{/if}}{{^if no}}1{{else}}2{{/if}}{{^if yes}}1{{else}}2{{/if}}", "112", ADA),
    Case("{{^each none}}1{{else}}{{this}}{{/each}}{{^each tags}}1{{^}}{{this}}{{/each}}", "1xy", ADA),
    Case("{{#if true}}1{{/if}}{{#if false}}2{{/if}}{{#if 0}}3{{/if}}{{#if \"\"}}4{{/if}}{{#if 'a'}}5{{/if}}", "15"),
    Case("{{#if undefined}}1{{/if}}{{#if null}}2{{/if}}{{#if -1}}3{{/if}}", "3"),
    Case("{{# if yes }}1{{/ if }}", "1", ADA),
    Case('{{#if "a\\"b"}}1{{/if}}{{#if \'it\\\'s\'}}2{{/if}}{{#if "a\\"}}3{{/if}}', "123"),
    Case("{{#with home}}{{city}}{{../name}}{{@root.name}}{{/with}}", "BonnAdaAda", ADA),
    Case("{{#with none}}1{{else}}{{name}}{{/with}}{{#with a}}1{{/with}}", "Ada", ADA),
    Case("{{#with zero}}{{this}}{{/with}}{{#with no}}1{{else}}2{{/with}}", "02", ADA),
    Case("{{#with 1.50}}{{this}}{{/with}}{{#with 'a'}}{{this}}{{/with}}{{#with true}}{{.}}{{/with}}", "1.5atrue"),
    Case("{{#with home as |h|}}{{h.city}}{{/with}}", "Bonn", ADA),
    Case("{{#with home}}{{name}}{{/with}}", Missing("name"), ADA),
    Case("{{#with this}}{{#if yes}}{{../name}}{{/if}}{{/with}}", Missing("../name"), ADA),
    Case("{{#with home}}{{#if ../yes}}{{../name}}{{/if}}{{/with}}", "Ada", ADA),
    Case("{{#with home}}{{#with ../tags}}{{[0]}}{{../city}}{{../../name}}{{/with}}{{/with}}", "xBonnAda", ADA),
    Case(
        "{{#home}}{{city}}{{../name}}{{/home}}{{#yes}}{{name}}{{/yes}}{{#tags}}{{this}}{{@index}}{{/tags}}",
        "BonnAdaAdax0y1",
        ADA,
    ),
    Case("{{#with a}}{{#with ../b}}{{../../c}}{{/with}}{{/with}}", "C", {"a": {"x": 1}, "b": {"x": 1}, "c": "C"}),
    Case("{{#no}}1{{/no}}{{#none}}2{{/none}}{{#gone}}3{{else}}4{{/gone}}{{#zero}}5{{/zero}}", "45", ADA),
    Case("{{#e}}1{{/e}}{{#l}}2{{^}}3{{/l}}{{^l}}4{{/l}}", "134", {"e": "", "l": []}),
    Case("{{#home.city}}{{this}}{{/home.city}}{{#this.yes}}1{{/this.yes}}", "Bonn1", ADA),
    Case('{{#"yes"}}1{{/"yes"}}{{#"yes"}}2{{/yes}}{{#[yes]}}3{{/yes}}', "123", ADA),
    Case("{{#each a as |if|}}{{if}}{{#if}}!{{/if}}{{/each}}", "1!2!", {"a": [1, 2]}),
    Case(
        "{{#each a as |if|}}{{#*inline 'p'}}{{if}}{{/inline}}{{/each}}",
        REFUSED,
        {"a": [1]},
        own="our partials know no block parameters of others",
    ),
    Case("{{this.if}}{{./log}}", "12", {"if": 1, "log": 2}),
    Case("{{#this.each}}{{/this.each}}", "", {"each": []}),
]

LOOPS = [
    Case("{{#each tags}}{{@index}}{{@key}}{{@first}}{{@last}}{{this}};{{/each}}", "00truefalsex;11falsetruey;", ADA),
    Case(
        "{{#each o}}{{@index}}{{@key}}{{@first}}{{@last}}{{this}};{{/each}}",
        "0btruefalse1;1afalsetrue2;",
        {"o": {"b": 1, "a": 2}},
    ),
    Case(
        "{{#each o}}{{@key}}{{/each}}",
        "b21",
        {"o": {"b": 1, "2": 1, "1": 1}},
        own="JavaScript puts names that are numbers first",
    ),
    Case("{{#each people}}{{name}}{{../name}}{{@root.name}};{{/each}}", "AdaTopTop;BobTopTop;", PEOPLE),
    Case("{{#each people as |p i|}}{{i}}{{p.name}}{{name}};{{/each}}", "0AdaAda;1BobBob;", PEOPLE),
    Case("{{#each o as |v k|}}{{k}}{{v}}{{/each}}", "a1b2", {"o": {"a": 1, "b": 2}}),
    Case(
        "{{#each people as |p|}}{{#each p as |v k|}}{{p.name}}{{k}}{{v}};{{/each}}{{/each}}",
        "AdanameAda;BobnameBob;",
        PEOPLE,
    ),
    Case("{{#each people as |name|}}{{name.name}}{{./name}}{{this.name}};{{/each}}", "AdaAdaAda;BobBobBob;", PEOPLE),
    Case("{{#each none}}1{{else}}2{{/each}}{{#each a}}1{{else}}2{{/each}}{{#each name}}1{{^}}2{{/each}}", "222", ADA),
    Case("{{#each e}}1{{else}}{{a}}{{/each}}{{#each o}}1{{else}}{{a}}{{/each}}", "xx", {"e": [], "o": {}, "a": "x"}),
    Case(
        "{{#each xs}}{{#each ../ys}}{{@../index}}{{@index}}{{this}}{{../this}}{{../../n}} {{/each}}{{/each}}",
        "00caN 01daN 10cbN 11dbN ",
        NESTED,
    ),
    Case("{{#each xs}}{{#if true}}{{@index}}{{../n}}{{/if}}{{/each}}", "0N1N", NESTED),
    Case("{{#each xs}}{{#with this}}{{../n}}{{/with}}{{/each}}", "NN", NESTED),
    Case("{{#each xs}}{{#with ../n}}{{@index}}{{this}}{{../this}}{{/with}}{{/each}}", "0Na1Nb", NESTED),
    Case("{{#each m}}{{#each this}}{{this}}{{/each}};{{/each}}", "12;3;", {"m": [[1, 2], [3]]}),
    Case("{{#each m}}{{#each .}}{{.}}{{/each}}{{#unless @last}}, {{/unless}}{{/each}}", "12, 3", {"m": [[1, 2], [3]]}),
    Case("{{#each people}}{{#if @first}}<{{/if}}{{name}}{{#@last}}>{{/@last}}{{/each}}", "<AdaBob>", PEOPLE),
    Case("{{#each people}}{{name}}{{age}}{{/each}}", Missing("age"), PEOPLE),
    Case("{{#each a}}{{this}}{{/each}}", "1falsex", {"a": [1, False, "x"]}),
    Case("{{#each xs}}{{@../index}}{{/each}}", Missing("@../index"), NESTED),
    Case("{{#each xs}}{{../../n}}{{/each}}", Missing("../../n"), NESTED),
    Case("{{#each xs as |x|}}{{/each}}{{x}}", Missing("x"), NESTED),
    Case("{{#each xs as |x|}}{{else}}{{x}}{{/each}}{{#each zs as |x|}}{{else}}{{x}}{{/each}}", Missing("x"), NESTED),
]

PARTIALS = [
    Case('{{#*inline "p"}}<{{name}}>{{/inline}}{{> p}}', "<Ada>", ADA),
    Case("{{>p}}{{> 'p'}}{{> [p]}}{{#* inline 'p'}}<{{name}}>{{/inline}}", "<Ada>" * 3, ADA),
    Case('{{#*inline "p"}}1{{/inline}}{{> p}}{{#*inline "p"}}2{{/inline}}', "2"),
    Case(
        '{{#*inline "a/b"}}1{{/inline}}{{> a/b}}{{#*inline "a.b"}}2{{/inline}}{{> a.b}}{{#*inline 3}}3{{/inline}}',
        "12",
    ),
    Case("{{#*inline 3}}3{{/inline}}{{> 3}}", "3"),
    Case('{{#*inline "p"}}{{city}}{{/inline}}{{> p home}}', "Bonn", ADA),
    Case('{{#*inline "p"}}{{name}}{{city}}{{/inline}}{{> p city="Ulm"}}{{> p home name="Eve"}}', "AdaUlmEveBonn", ADA),
    Case(
        "{{#*inline \"p\"}}{{a}}{{b}}{{c}}{{d}}{{e}}{{/inline}}{{> p a=1.0 b=true c=null d=home.city e='x'}}",
        "1trueBonnx",
        ADA,
    ),
    Case('{{#*inline "p"}}{{name}}{{/inline}}{{> p name="Eve"}}', "Eve", ADA),
    Case('{{#*inline "p"}}{{[0]}}{{n}}{{/inline}}{{> p tags n=1}}', "x1", ADA),
    Case('{{#*inline "p"}}{{n}}{{/inline}}{{> p name n=1}}', "1", ADA),
    Case('{{#*inline "p"}}{{this}}{{@index}}{{/inline}}{{#each tags}}{{> p}}{{/each}}', "x0y1", ADA),
    Case('{{#*inline "p"}}{{../name}}{{/inline}}{{#each tags}}{{> p}}{{/each}}', Missing("../name"), ADA),
    Case('{{#each tags}}{{#*inline "p"}}{{this}}{{../name}}{{/inline}}{{> p}}{{/each}}', "xAdayAda", ADA),
    Case('{{#with home}}{{#*inline "p"}}{{../name}}{{/inline}}{{> p}}{{> p ..}}{{/with}}', Missing("../name"), ADA),
    Case(
        "{{#*inline 'p'}}{{#*inline 'q'}}{{../name}}{{/inline}}{{> q @root.home}}{{/inline}}"
        "{{#with home}}{{> p}}{{/with}}",
        Missing("../name"),
        ADA,
    ),
    Case('{{#*inline "p"}}{{@root.name}}{{/inline}}{{> p home}}', "Ada", ADA),
    Case('{{#if yes}}{{#*inline "p"}}1{{/inline}}{{> p}}{{/if}}', "1", ADA),
    Case('{{#if yes}}{{#*inline "p"}}1{{/inline}}{{/if}}{{> p}}', REFUSED, ADA),
    Case('{{#*inline "p"}}1{{/inline}}{{#if yes}}{{#*inline "p"}}2{{/inline}}{{> p}}{{/if}}{{> p}}', "21", ADA),
    Case('{{#*inline "p"}}{{> q}}{{/inline}}{{#if yes}}{{#*inline "q"}}1{{/inline}}{{> p}}{{/if}}', "1", ADA),
    Case('{{#*inline "p"}}{{#*inline "q"}}1{{/inline}}{{> q}}{{/inline}}{{> p}}', "1"),
    Case('{{#*inline "p"}}{{#*inline "q"}}1{{/inline}}{{/inline}}{{> p}}{{> q}}', REFUSED),
    Case(
        '{{#*inline "p"}}{{n}}{{#each c}}({{> p}}){{/each}}{{/inline}}{{> p t}}',
        "1(2(3))(4)",
        {"t": {"n": 1, "c": [{"n": 2, "c": [{"n": 3, "c": []}]}, {"n": 4, "c": []}]}},
    ),
    Case("{{> p}}", REFUSED),
    Case('{{#*inline "p"}}1{{/inline}}{{> p gone}}', Missing("gone"), own="handlebars.js runs it with nothing"),
    Case('{{#*inline "p"}}1{{/inline}}{{> p a=gone}}', Missing("gone"), own="handlebars.js hands on nothing"),
    Case('{{#*inline "p"}}{{x}}{{/inline}}{{#each tags as |x|}}{{> p}}{{/each}}', Missing("x"), ADA),
]

BLANKS = [
    Case("a  {{~name~}}  b", "aAdab", ADA),
    Case("a \n\t {{~{name}~}} \n b{{name ~}} \n{{~&name}}", "aAdabAdaAda", ADA),
    Case("a {{name~}}\u00a0\ufeff\u2003b", "a Adab", ADA),
    Case("a {{name~}}\x1c\x85b", "a Ada\x1c\x85b", ADA),
    Case("{{#if yes~}} a {{~/if}} b", "a b", ADA),
    Case("{{~#if no ~}} a {{~else~}} b {{~/if~}} c", "bc", ADA),
    Case("x {{~#if no}} a {{else~}} b {{/if~}} c", "xb c", ADA),
    Case("x {{~^~}} y", REFUSED),
    Case("{{#no}} a {{~^~}} b {{/no}}", "b ", ADA),
    Case("a\n{{#if yes}}\nb\n{{/if}}\nc", "a\nb\nc", ADA),
    Case("  {{#if yes}}  \n  b\n\t{{/if}}\t\nc", "  b\nc", ADA),
    Case("{{#if no}}\na\n{{else}}\nb\n{{/if}}\n", "b\n", ADA),
    Case("{{#if no}}\r\na\r\n  {{else}}  \r\nb\r\n{{/if}}\r\nc", "b\r\nc", ADA),
    Case("{{#each tags}}\n- {{this}}\n{{/each}}\nend", "- x\n- y\nend", ADA),
    Case("{{#if yes}}{{#if yes}}\na\n{{/if}}\n{{/if}}", "\na\n", ADA),
    Case("{{#if yes}}\n{{#if yes}}\na\n{{/if}}\n{{/if}}\n", "a\n", ADA),
    Case("x {{#if yes}}\na\n{{/if}} y", "x \na\n y", ADA),
    Case("{{#if yes}}\na\n{{/if}}  ", "a\n", ADA),
    Case("  {{#if yes}}\na\n{{/if}}\t", "a\n", ADA),
    Case("{{#if yes}}{{/if}}\nx", "\nx", ADA),
    Case("\n\n{{#if yes}}\n\na\n\n{{/if}}\n\nb", "\n\n\na\n\n\nb", ADA),
    Case("  \n {{name}}\n", "  \n Ada\n", ADA),
    Case("a\n  {{! c }}  \nb", "a\nb"),
    Case("a {{! c }}\nb{{!c}}", "a \nb"),
    Case("{{!-- }} --}}\n{{! c ~}}  b", "b"),
    Case("a  {{~!-- x --~}}  b {{~! c }}d", "abd"),
    Case("{{!--}}|{{!}}|{{!-}}|{{!---}}|{{! x }}}", "||||}"),
    Case("{{!--\n--}}\n{{! a\nb }}\nc", "c"),
    Case('{{#*inline "p"}}\na\nb\n{{/inline}}\nx\n  {{> p}}\ny', "x\n  a\n  b\ny"),
    Case('{{#*inline "p"}}a\n\nb{{/inline}}\n  {{> p}}\n|', "\n  a\n  \n  b|"),
    Case('{{#*inline "p"}}a{{/inline}}\n  {{! c }}\nx {{> p}}', "\nx a"),
    Case('{{#*inline "p"}}x{{/inline}}a  {{~yes}}{{> p}}', "atruex", ADA),
    Case('{{#*inline "p"}}{{/inline}}\n  {{> p}}\n|', "\n|"),
    Case('{{#*inline "p"}}\n{{/inline}}{{#*inline "q"}}a{{/inline}}x {{> q}}\n{{> q}} y', "x a\na y"),
    Case('{{#*inline "p"}}a\n{{/inline}}\n x\n  {{~> p}}\ny', " xa\ny"),
    Case('{{#*inline "p"}}a\n  {{> q}}\n{{/inline}}{{#*inline "q"}}b\n{{/inline}}\n  {{> p}}\n', "  a\n    b\n"),
    Case("{{#if no}}\n A\n{{else if yes}}\n B\n{{else}}\n C\n{{/if}}\nz", " B\nz", ADA),
    Case(
        "{{#if no}}\n A\n{{else if no}}\n B\n{{else}}\n C\n  {{/if}}\nz",
        " C\nz",
        ADA,
        own="a chain's last line keeps its blanks",
    ),
    Case("{{#if no}}A{{else if no}}B{{else}}C {{~/if}}", "C", ADA),
    Case(
        "{{#if no}}A{{else if no}}B{{else if no}}C{{else}}D {{~/if}}",
        "D",
        ADA,
        own="a chain's last ~ takes blanks elsewhere",
    ),
    Case("{{^if yes}}\nA{{else}}\nB\n{{/if}}\n", "\nB\n", ADA, own="an inverse block is judged by its {{else}}"),
]

ESCAPES = [
    Case("\\{{name}}", "{{name}}", ADA),
    Case("a \\{{name}} {{name}} \\{{name}}", "a {{name}} Ada {{name}}", ADA),
    Case("\\\\{{name}}", "\\Ada", ADA),
    Case("\\\\\\{{name}}", "\\\\Ada", ADA),
    Case("\\{{a \\\\{{name}} \\{{b", "{{a \\Ada {{b", ADA),
    Case("\\{{a\\{{b\\{{", "{{a{{b{{"),
    Case("\\{{", "{{"),
    Case("\\{{{name}}}", "{{{name}}}", ADA),
    Case("\\{{{{name}}", "{{Ada", ADA),
    Case("\\ {{name}} \\", "\\ Ada \\", ADA),
    Case("\\{{#if}}\n{{#if yes}}\na\n{{/if}}\n", "{{#if}}\na\n", ADA),
]

REFUSALS = [
    *(
        Case(template, REFUSED, ADA)
        for template in (
            "{{",
            "{{}}",
            "{{ }}",
            "{{name",
            "{{name}",
            "{{name}}}",
            "{{{name}}",
            "{{{name}",
            "{{{{name}}}}",
            "{{{~name}}}",
            "{{na!me}}",
            '{{a"b}}',
            "{{.name}}",
            "{{name/}}",
            "{{name/../zero}}",
            "{{home.this}}",
            "{{home.[a}}",
            "{{@}}",
            "{{'a}}",
            "{{name tags}}",
            "{{name a=1}}",
            "{{upper name}}",
            "{{=}}",
            "{{a=1}}",
            "{{|}}",
            "{{name as |a|}}",
            "{{#name as}}{{/name}}",
            "{{else}}",
            "{{else if yes}}",
            "{{^}}",
            "{{/if}}",
            "{{#if yes}}",
            "{{#if yes}}{{/unless}}",
            "{{#if}}{{/if}}",
            "{{#if yes no}}{{/if}}",
            "{{#each}}{{/each}}",
            "{{#with}}{{/with}}",
            "{{#with home tags}}{{/with}}",
            "{{#unless}}{{/unless}}",
            "{{#if yes}}1{{else}}2{{else}}3{{/if}}",
            "{{#if yes}}1{{else}}2{{else if no}}3{{/if}}",
            "{{^if yes}}1{{else if no}}2{{/if}}",
            "{{#upper name}}{{/upper}}",
            "{{#each tags as |}}{{/each}}",
            "{{#each tags as ||}}{{/each}}",
            "{{#each tags as |a}}{{/each}}",
            "{{#each tags as |a| b}}{{/each}}",
            "{{! a",
            "{{!-- a }}",
            "{{#> p}}{{/q}}",
            "{{* a}}",
            "{{#*a 'b'}}{{/a}}",
            "{{> p a b}}",
            "{{>}}",
            "{{#*inline 'p'}}",
            "{{#*inline 'p'}}1{{else}}2{{/inline}}",
            "{{a b=}}",
            "{{a (b)}}",
            "{{/if yes}}",
            "{{#if yes}}{{/if no}}",
            "{{home.true}}",
            "{{if}}",
            "{{each tags}}",
            "{{with}}",
            "{{home.-1}}",
            "{{#home.city}}{{/home/city}}",
            "{{> p as |x|}}",
            "{{name as}}",
            "{{elseé}}",
        )
    ),
    *(
        Case(template, REFUSED, ADA, own="handlebars.js has it, and SES is not known to have it")
        for template in (
            "{{lookup tags 0}}",
            "{{#lookup tags 0}}1{{/lookup}}",
            "{{log name}}",
            "{{#if (lookup tags 0)}}1{{/if}}",
            "{{#> p}}x{{/p}}",
            "{{{{raw}}}}a{{{{/raw}}}}",
            "{{#if zero includeZero=true}}1{{/if}}",
            "{{#each tags as |a b c|}}{{/each}}",
            "{{#with home as |a b|}}{{/with}}",
            "{{#if yes as |a|}}1{{/if}}",
            "{{#tags as |a|}}1{{/tags}}",
            "{{#each tags a=1}}1{{/each}}",
            "{{#*inline name}}1{{/inline}}",
            "{{#*inline 'p' as |x|}}1{{/inline}}",
            "{{#*inline 'p' a=1}}1{{/inline}}",
        )
    ),
]

CASES = [*SUBSTITUTIONS, *PRINTED, *BLOCKS, *LOOPS, *PARTIALS, *BLANKS, *ESCAPES, *REFUSALS]
