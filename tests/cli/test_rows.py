"""Rows of CSV and JSON lines: each by itself, and what is wrong with one is told with its line."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.cli.rows import BadRow, Columns, Format, Row, count_rows, rows_of
from sesmail.errors import SetupError


def read(text: str | bytes, form: Format = "csv", *, delimiter: str = ",", **columns: Any) -> list[Any]:
    """Context and recipient of each row, or the line and text of what is wrong with it."""
    data = text.encode() if isinstance(text, str) else text
    return [_plain(row) for row in rows_of(BytesIO(data), form, Columns(**columns), delimiter=delimiter)]


def _plain(row: Row | BadRow) -> object:
    return (row.line, str(row)) if isinstance(row, BadRow) else (row.line, dict(row.mail))


def mail(to: str, /, **more: object) -> dict[str, object]:
    context = {name: value for name, value in more.items() if name not in ("locale", "unsubscribe")}
    return {"to": [to], "context": context, **{name: more[name] for name in ("locale", "unsubscribe") if name in more}}


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_is_a_mail() -> None:
    text = 'to,locale,name\r\n ada@example.org ,de_AT,"Ada, ""the first"""\r\n\r\nbob@example.org,,Bob'

    assert read(text) == [
        (2, mail("ada@example.org", locale="de_AT", name='Ada, "the first"')),
        (4, mail("bob@example.org", name="Bob")),
    ]


def test_a_mark_at_the_beginning_is_no_part_of_the_header() -> None:
    assert read(b"\xef\xbb\xbfto\nada@example.org\n") == [(2, mail("ada@example.org"))]
    assert read(b'\xef\xbb\xbf"to"\nada@example.org\n') == [(2, mail("ada@example.org"))]


def test_blank_lines_before_the_header_are_none() -> None:
    assert read("\n\nto\nada@example.org\n") == [(4, mail("ada@example.org"))]


def test_columns_have_the_names_that_are_asked_for() -> None:
    text = "E-Mail , Sprache,Abmelden,to\nada@example.org,de,https://shop.example/1 ,x\nbob@example.org,,,y\n"
    asked = frozenset({"E-Mail", "Sprache", "Abmelden"})

    assert read(text, to="E-Mail", locale="Sprache", unsubscribe="Abmelden", asked=asked) == [
        (2, mail("ada@example.org", locale="de", unsubscribe="https://shop.example/1", to="x")),
        (3, mail("bob@example.org", to="y")),
    ]


def test_a_cell_of_several_lines_counts_as_several() -> None:
    text = 'to,note\nada@example.org,"one\ntwo"\nbob@example.org\n'

    assert read(text) == [
        (2, mail("ada@example.org", note="one\ntwo")),
        (4, "it has 1 cells, and the header 2"),
    ]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("ada@example.org", "it has 1 cells, and the header 2"),
        ("ada@example.org,Ada,more", "it has 3 cells, and the header 2"),
        (",Ada", "'to' is empty"),
        ("  ,Ada", "'to' is empty"),
        ("ada@example.org," + "x" * 200_000, "it is no CSV (field larger than field limit (131072))"),
        ("ada@example.org," + "x" * 1_100_000, "the line is longer than 1,000,000 bytes"),
        ("ada@example.org," + "x" * 3_000_000, "the line is longer than 1,000,000 bytes"),
        ('ada@example.org,"A"da', "it is no CSV (',' expected after '\"')"),
        (b"ada@example.org,\xe4", "it is not written in UTF-8"),
    ],
)
def test_what_is_wrong_with_one_row_stops_no_other(bad: str | bytes, told: str) -> None:
    line = bad.encode() if isinstance(bad, str) else bad
    found = read(b"to,name\nada@example.org,Ada\n" + line + b"\nbob@example.org,Bob\n")

    assert found == [(2, mail("ada@example.org", name="Ada")), (3, told), (4, mail("bob@example.org", name="Bob"))]


def test_a_quote_that_nobody_closes_tells_how_far_it_goes() -> None:
    found = read('to,name\nada@example.org,"Ada\nbob@example.org,Bob\neve@example.org,Eve\n')

    assert found == [(2, "it is no CSV, up to line 4 (unexpected end of data)")]


def test_a_quote_that_nobody_closes_takes_no_more_than_a_cell_may_have() -> None:
    rest = "reader@example.org,Reader\n" * 10_000
    first, *others = read(f'to,name\nada@example.org,"Ada\n{rest}')

    assert first[0] == 2
    assert first[1].startswith("it is no CSV, up to line 50")
    assert len(others) > 4_000
    assert others[-1] == (10_002, mail("reader@example.org", name="Reader"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there are no rows, and no header either"),
        ("\n\n", "there are no rows, and no header either"),
        ("email,name\n", "the header (line 1) has no column 'to'; it has 'email', 'name'"),
        ("\ntoo,name\n", "the header (line 2) has no column 'to'; did you mean 'too'?"),
        ("to;name\n", "the header (line 1) has no column 'to'; is the delimiter ';'?"),
        ("to\tname\n", "the header (line 1) has no column 'to'; is the delimiter '\\t'?"),
        ("to,name,name\n", "the header (line 1) has 'name' twice"),
        ("to,name, to\n", "the header (line 1) has 'to' twice"),
        ("to,,name\n", "the header (line 1) has no name for column 2"),
        ("to,name,\n", "the header (line 1) has no name for column 3"),
        (b"to,na\xe4me\n", "the header (line 1) cannot be read: it is not written in UTF-8"),
        ("to," + "x" * 200_000 + "\n", "the header (line 1) cannot be read: field larger than field limit (131072)"),
        ("t\0o\n", "the header (line 1) has no column 'to'; did you mean 't\\x00o'?"),
        (
            "ada@example.org,hunter2\n",
            "the header (line 1) has no column 'to'; and it looks like a row: the first line is to name the columns",
        ),
    ],
)
def test_a_header_that_is_wrong_is_told_before_the_first_row(text: str | bytes, told: str) -> None:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(SetupError) as caught:
        rows_of(BytesIO(data), "csv", Columns())

    assert str(caught.value) == told


def test_a_column_that_was_asked_for_has_to_be_there() -> None:
    with pytest.raises(SetupError, match="has no column 'locale'; did you mean 'locales'"):
        rows_of(BytesIO(b"to,locales\n"), "csv", Columns(asked=frozenset({"locale"})))


def test_another_delimiter() -> None:
    assert read("to;name\nada@example.org;Ada, the first\n", delimiter=";") == [
        (2, mail("ada@example.org", name="Ada, the first"))
    ]


# ── JSON lines ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_object_is_a_mail() -> None:
    text = '\ufeff{"to": "ada@example.org", "locale": null, "order": {"lines": [1, 2]}}\n\n{"to": "bob@example.org"}'

    assert read(text, "jsonl") == [
        (1, mail("ada@example.org", order={"lines": [1, 2]})),
        (3, mail("bob@example.org")),
    ]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("[1]", "it is no JSON object, but list"),
        ("null", "it is no JSON object, but NoneType"),
        ("{", "it is no JSON"),
        ("{'to': 'ada@example.org'}", "it is no JSON"),
        ('{"to": "a@example.org"} {}', "it is no JSON"),
        ('{"to": "a@example.org", "to": "b@example.org"}', "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("9" * 5_000, "it is no JSON"),
        ("{}", "'to' is empty"),
        ('{"to": null}', "'to' is empty"),
        ('{"to": ["a@example.org"]}', "'to' is list, and not text"),
        ('{"to": "a@example.org", "locale": 3}', "'locale' is int, and not text"),
        ('{"to": "' + "x" * 1_000_000 + '"}', "the line is longer than 1,000,000 bytes"),
        (b'{"to": "\xff"}', "it is not written in UTF-8"),
    ],
)
def test_a_line_that_is_wrong_stops_no_other(bad: str | bytes, told: str) -> None:
    line = bad.encode() if isinstance(bad, str) else bad
    found = read(b'{"to": "ada@example.org"}\n' + line + b'\n{"to": "bob@example.org"}', "jsonl")

    assert found == [(1, mail("ada@example.org")), (2, told), (3, mail("bob@example.org"))]


# ── any bytes, and many ──────────────────────────────────────────────────────────────────────────────────────────


@given(st.binary() | st.text(alphabet='to,"\n\r{}:\\ a@').map(str.encode), st.sampled_from(["csv", "jsonl"]))
def test_any_bytes_are_rows_or_told(data: bytes, form: Format) -> None:
    head = b"to,name\n" if form == "csv" else b""
    for row in rows_of(BytesIO(head + data), form, Columns()):
        assert 1 <= row.line <= data.count(b"\n") + 2
        assert isinstance(row, BadRow) or row.mail["to"]


@given(st.lists(st.tuples(st.text(alphabet='ab,"\n; é'), st.text(alphabet='ab,"\r\n')), max_size=8))
def test_what_csv_says_is_what_is_read(rows: list[tuple[str, str]]) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    written = "to,a,b\r\n" + "".join(f"x@example.org,{cell(a)},{cell(b)}\r\n" for a, b in rows)
    found = list(rows_of(BytesIO(written.encode()), "csv", Columns()))

    assert [row.mail["context"] for row in found if isinstance(row, Row)] == [{"a": a, "b": b} for a, b in rows]
    assert count_rows(BytesIO(written.encode()), "csv") == len(rows)


class _Endless(RawIOBase):
    """So many bytes of rows, made as they are read."""

    def __init__(self, rows: Iterator[bytes]) -> None:
        self._rows = rows

    def readline(self, _size: int | None = -1, /) -> bytes:
        return next(self._rows, b"")


def test_a_long_table_is_not_held() -> None:
    rows = (b'{"to": "ada@example.org", "note": "%s"}\n' % (b"x" * 10_000) for _ in range(3_000))
    tracemalloc.start()
    read_so_far = sum(isinstance(row, Row) for row in rows_of(_Endless(rows), "jsonl", Columns()))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read_so_far == 3_000
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("text", "form", "count"),
    [
        ("", "csv", 0),
        ("", "jsonl", 0),
        ("to\n", "csv", 0),
        ("to", "csv", 0),
        ("to\na\nb", "csv", 2),
        ("to\na\nb\n", "csv", 2),
        ('to,b\na,"x\n""y""\n"\nb,c\n', "csv", 2),
        ("{}\n{}", "jsonl", 2),
        ('{"a": "\\""}\n{}\n', "jsonl", 2),
    ],
)
def test_rows_are_counted_in_one_pass(text: str, form: Format, count: int) -> None:
    assert count_rows(BytesIO(text.encode()), form) == count


def test_a_cell_that_is_longer_than_a_pass_is_one() -> None:
    data = b'to,b\na,"' + b"x\n" * 700_000 + b'"\nb,c\n'

    assert count_rows(BytesIO(data), "csv") == 2


def test_no_text_of_a_row_is_told() -> None:
    (bad,) = rows_of(BytesIO(b'to,a\nhunter2@example.org,"hunter2"hunter2\n'), "csv", Columns())
    (row,) = rows_of(BytesIO(b"to,a\nhunter2@example.org,hunter2\n"), "csv", Columns())

    assert "hunter2" not in f"{bad}{bad!r}{row}{row!r}"
