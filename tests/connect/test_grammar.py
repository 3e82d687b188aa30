"""A line as a tree, and what is no line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.connect.grammar import DEEPEST, Group, Line, Way, parse
from sesmail.errors import SetupError

SECRET = "pass-word"


def shape(line: Line) -> object:
    return line.url if isinstance(line, Way) else (line.name, [shape(member) for member in line.members], line.query)


def written(line: Any) -> str:
    if isinstance(line, str):
        return line
    name, members, query = line
    return f"{name}({' '.join(map(written, members))}){query and '?'}{query}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ses://eu-west-1?retry=4", "ses://eu-west-1?retry=4"),
        ("smtp://u:p(x)@host", "smtp://u:p(x)@host"),
        ("failover(a://)", ("failover", ["a://"], "")),
        ("failover(  a://x?y=1\n\tb:// )?z=2&q=3", ("failover", ["a://x?y=1", "b://"], "z=2&q=3")),
        ("f(g(a:// b://)?x=1 c://)", ("f", [("g", ["a://", "b://"], "x=1"), "c://"], "")),
        ("f(a://)?", ("f", ["a://"], "")),
    ],
)
def test_a_line_is_a_tree(text: str, expected: object) -> None:
    assert shape(parse(text)) == expected


words = st.text("abc:/?=&.%@1-", min_size=1, max_size=9)
lines = st.recursive(
    words,
    lambda inner: st.tuples(
        st.sampled_from(["failover", "roundrobin"]),
        st.lists(inner, min_size=1, max_size=3),
        st.sampled_from(["", "retry=4"]),
    ),
    max_leaves=6,
)


@given(lines)
def test_what_was_written_is_read(line: object) -> None:
    text = written(line)
    if _depth(line) > DEEPEST:
        with pytest.raises(SetupError, match="deeper"):
            parse(text)
    else:
        assert shape(parse(text)) == line


def _depth(line: Any) -> int:
    return 0 if isinstance(line, str) else 1 + max(map(_depth, line[1]))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("failover()", "is empty"),
        ("failover(  )", "is empty"),
        ("failover(a://", "no ) at its end"),
        (f"failover(a://u:{SECRET}", "no ) at its end"),
        (f"failover(a://u:{SECRET}(x)@host)", "blanks between them"),
        (f"failover(({SECRET}))", "blanks between them"),
        (f"failover(a://) {SECRET}", "something behind the group"),
        (f"failover(a://){SECRET}", "something behind the group"),
        (f"failover(a://)?x=1 {SECRET}", "something behind the group"),
        ("f(" * (DEEPEST + 1) + "a://" + ")" * (DEEPEST + 1), "no deeper"),
        ("f(" * 100_000, "no deeper"),
    ],
)
def test_what_is_no_group_is_refused_without_its_secrets(text: str, says: str) -> None:
    with pytest.raises(SetupError) as raised:
        parse(text)
    assert says in str(raised.value)
    assert SECRET not in str(raised.value)


@given(st.text("f(a:/ )?=&", max_size=30))
def test_any_text_is_a_line_or_a_setup_error(text: str) -> None:
    try:
        tree = parse(text)
    except SetupError:
        return
    name, opening, _ = text.partition("(")
    assert isinstance(tree, Group) == bool(opening and name.isalpha())
