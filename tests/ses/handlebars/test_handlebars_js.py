"""handlebars.js itself, in Node: the table of cases, and templates that hypothesis makes from a grammar.

The grammar leaves out where the two are known to differ, which the table names: null as a context, members of texts,
names that are numbers, blanks at the end of a chain, and partials that are handed what is missing. It also leaves out
that handlebars.js compares contexts by JavaScript's ``==``, to which ``["a"]`` and ``"a"`` are one level.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.environments import node_with
from tests.examples import one_in
from tests.servers.conftest import need

from .cases import CASES, REFUSED, Case, Expected, Missing
from .outcome import outcome_of

pytestmark = pytest.mark.server

Original = Callable[[str, Mapping[str, object]], Expected]


@pytest.fixture(scope="session")
def original() -> Iterator[Original]:
    """One process for all that is asked."""
    folder = node_with(Path(__file__).parents[1] / "node", "handlebars")
    command = [need("node"), str(folder / "render.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdin
        assert process.stdout

        def ask(template: str, data: Mapping[str, object]) -> Expected:
            print(json.dumps([template, data]), file=process.stdin, flush=True)
            assert process.stdout
            return _read(json.loads(process.stdout.readline()))

        yield ask


def _read(answer: dict[str, Any]) -> Expected:
    return Missing("") if "missing" in answer else REFUSED if "error" in answer else str(answer["text"])


def _agree(one: Expected, other: Expected) -> bool:
    return one == other or (isinstance(one, Missing) and isinstance(other, Missing))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.template[:60])
def test_a_row_agrees_with_the_original_unless_it_is_marked(original: Original, case: Case) -> None:
    found = original(case.template, case.data)

    assert _agree(found, case.expected) == (not case.own), found


# ── templates from a grammar ─────────────────────────────────────────────────────────────────────────────────────

# Numbers that are no boolean, texts that are no number, and lists that are no text, to JavaScript's ==.
_NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)).filter(lambda number: number != 1)
_TEXTS = st.text("pq \n<{}", max_size=4).map("t{}".format)
_SCALARS = _NUMBERS | _TEXTS | st.booleans()
_ITEMS = _NUMBERS | _TEXTS


def _lists(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.just([]) | st.lists(items, min_size=2, max_size=3)


_OBJECTS = st.fixed_dictionaries({"a": _SCALARS}, optional={"b": _SCALARS, "xs": _lists(_ITEMS)})
_DATA = st.fixed_dictionaries(
    {"a": _SCALARS, "n": st.none(), "o": _OBJECTS, "xs": _lists(_ITEMS), "os": _lists(_OBJECTS)},
    optional={"b": _SCALARS, "m": st.lists(st.lists(_ITEMS, min_size=2, max_size=3), min_size=2, max_size=2)},
)
_NEAR = ["a", "b", "gone", "o", "o.a", "o/b", "xs", "xs.[0]", "xs.length", "os", "os.[0].a", "m", "x", "i.a"]
_FAR = ["this.a", "./b", "../a", "../../a", "../xs", "@root.a", "@root.os"]
_LOOP = ["@index", "@key", "@first", "@last", "@../index"]
_BLOCK_PATHS = st.sampled_from([*_NEAR, *_FAR])
_PATHS = st.sampled_from([*_NEAR, *_FAR, *_LOOP, "n", "this", "."])
_LITERALS = st.sampled_from(["true", "false", "null", "0", "1.50", '"t"', "'t q'", "undefined"])
_GAPS = st.sampled_from(["", " ", "\n", "  \n", "x", " x\n", "\n  ", "\t", "\r\n", "x \n\n x", " }"])
_TILDES = st.sampled_from(["", "", "", "", "~"])
_OR_NOT = st.booleans()
_FORMS = st.sampled_from(["{{%s}}", "{{{%s}}}", "{{&%s}}", "{{~{%s}~}}", "\\{{%s}}", "\\\\{{%s}}", "{{~ %s}}"])
_REMARKS = st.sampled_from(["", " a ", "-", "-- }} --", "--\n--"])
_OPTIONS = st.sampled_from(["", " @root.o", " @root", ' a="t"', " @root.o b=2", " xs=@root.xs"])
_HELPERS = st.sampled_from([("if", ""), ("unless", ""), ("with", " as |x|"), ("each", " as |x i|")])
_SOME_HELPERS = st.lists(_HELPERS, min_size=1, max_size=3)
_SUBJECTS = _BLOCK_PATHS | _LITERALS


def _tag(draw: st.DrawFn, inside: str) -> str:
    return "{{" + draw(_TILDES) + inside + draw(_TILDES) + "}}"


@st.composite
def _substitutions(draw: st.DrawFn) -> str:
    return str(draw(_FORMS) % draw(_PATHS))


@st.composite
def _comments(draw: st.DrawFn) -> str:
    return _tag(draw, "!" + draw(_REMARKS))


@st.composite
def _calls(draw: st.DrawFn, names: st.SearchStrategy[str]) -> str:
    return _tag(draw, f"> {draw(names)}{draw(_OPTIONS)}")


@st.composite
def _blocks(draw: st.DrawFn, bodies: st.SearchStrategy[str]) -> str:
    name, parameters = draw(_HELPERS)
    subject = draw(_SUBJECTS if name in ("if", "unless") else _BLOCK_PATHS)
    opened = _tag(draw, f"#{name} {subject}{parameters * draw(_OR_NOT)}")
    end = _tag(draw, "else") + draw(bodies) if draw(_OR_NOT) else ""
    return opened + draw(bodies) + end + _tag(draw, f"/{name}")


@st.composite
def _sections(draw: st.DrawFn, bodies: st.SearchStrategy[str]) -> str:
    path, is_inverse = draw(_BLOCK_PATHS), draw(_OR_NOT)
    # handlebars.js judges an inverse block with {{else}} by the wrong text.
    end = _tag(draw, "^") + draw(bodies) if not is_inverse and draw(_OR_NOT) else ""
    return _tag(draw, "#^"[is_inverse] + path) + draw(bodies) + end + _tag(draw, "/" + path)


@st.composite
def _chains(draw: st.DrawFn, bodies: st.SearchStrategy[str]) -> str:
    arms = [f"{{{{else {name} {draw(_BLOCK_PATHS)}}}}}x{draw(bodies)}x" for name, _ in draw(_SOME_HELPERS)]
    end = f"{{{{else}}}}x{draw(bodies)}x" if draw(_OR_NOT) else ""
    return f"{{{{#if {draw(_BLOCK_PATHS)}}}}}x{draw(bodies)}x{''.join(arms)}{end}{{{{/if}}}}"


def _bodies(depth: int, names: str) -> st.SearchStrategy[str]:
    pieces = _GAPS | _substitutions() | _comments() | _calls(st.sampled_from(names))
    if depth:
        within = _bodies(depth - 1, names)
        pieces = pieces | _blocks(within) | _sections(within) | _chains(within)
    return st.lists(pieces, max_size=4).map("".join)


@st.composite
def _inlines(draw: st.DrawFn, name: str, bodies: st.SearchStrategy[str]) -> str:
    return _tag(draw, f'#*inline "{name}"') + draw(bodies) + _tag(draw, "/inline") + draw(_GAPS)


# A partial calls only those behind it, so that each render comes to an end.
_TEMPLATES = st.tuples(
    _inlines("p", _bodies(1, "qqqr")), _inlines("q", _bodies(1, "r")), _inlines("r", _GAPS), _bodies(3, "pq")
).map("".join)


@one_in(2)
@given(st.lists(_TEMPLATES, min_size=3, max_size=6), _DATA)
def test_what_is_printed_is_what_the_original_prints(
    original: Original, templates: list[str], data: dict[str, object]
) -> None:
    for template in templates:
        found, wanted = outcome_of(template, data), original(template, data)

        assert _agree(found, wanted), (template, found, wanted)


@given(st.text("{}~#/^>!* aif\n\\'\"[].|=@(", max_size=30))
def test_what_is_no_template_is_none_to_the_original(original: Original, text: str) -> None:
    """Whatever the original refuses when it reads is refused here as well; we refuse more."""
    found, wanted = outcome_of(text, {}), original(text, {})

    assert found == REFUSED or _agree(found, wanted), (found, wanted)
