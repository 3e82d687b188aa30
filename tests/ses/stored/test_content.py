"""What a mail carries in place of bytes: the name of a template, and rows of data."""

from __future__ import annotations

import datetime as dt
import json
import pickle
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Address, Unsubscribe
from sesmail.errors import InvalidAddress, InvalidHeader, MailError, SetupError, TooLarge, UnknownOption, Unsupported
from sesmail.ses.stored.content import LARGEST_DATA, StoredRow, StoredTemplate, read_data, stored_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=8,
)


def row(to: str = "ada@example.org", **fields: Any) -> StoredRow:
    return StoredRow(to=to, **fields)


def test_somebody_who_is_named_twice_in_a_row_gets_one_mail() -> None:
    one = StoredRow(to=["ada@example.org", "Ada <ada@EXAMPLE.org>"], cc="ada@example.org", bcc="bob@example.org")

    assert [address.email for address in one.recipients] == ["ada@example.org", "bob@example.org"]
    assert (one.cc, one.bcc) == ((), (Address("bob@example.org"),))


def test_a_row_for_nobody_is_refused() -> None:
    with pytest.raises(MailError, match="to: there is no recipient"):
        StoredRow(data={"a": 1})


def test_what_is_wrong_in_a_row_is_named_by_its_field() -> None:
    wrong: list[tuple[dict[str, Any], str, type[MailError]]] = [
        ({"cc": ["a@example.org", "nobody"]}, "cc[1]", InvalidAddress),
        ({"headers": {"Subject": "x"}}, "headers['Subject']", InvalidHeader),
        ({"headers": {"X-A": "a\nb"}}, "headers['X-A']", InvalidHeader),
        ({"headers": {"X-A": ""}}, "headers", Unsupported),
        ({"headers": {"X-A": "a" * 996}}, "headers", Unsupported),
        ({"headers": {f"X-{n}": "a" for n in range(16)}}, "headers", Unsupported),
        ({"tags": {"a b": "c"}}, "tags['a b']", InvalidHeader),
        ({"tags": {"a": ""}}, "tags['a']", InvalidHeader),
        ({"tags": ["a"]}, "tags", InvalidHeader),
        ({"metadata": {"a": "b\nc"}}, "metadata['a']", InvalidHeader),
        ({"metadata": {"a": "b" * 1000}}, "headers", Unsupported),
        ({"unsubscribe": "http://example.org"}, "unsubscribe.url", InvalidHeader),
        ({"data": ["a"]}, "data", MailError),
        ({"data": {"a": dt.date(2026, 1, 1)}}, "data", MailError),
        ({"data": {"a": float("nan")}}, "data", MailError),
        ({"data": {"a": "\ud800"}}, "data", MailError),
        ({"data": {(1, 2): "a"}}, "data", MailError),
    ]
    for fields, field, kind in wrong:
        with pytest.raises(kind) as caught:
            row(**fields)
        assert caught.value.field == field, fields


def test_data_that_holds_itself_is_refused() -> None:
    loop: dict[str, object] = {}
    loop["a"] = loop
    with pytest.raises(MailError, match="JSON cannot hold it"):
        read_data(loop)


def test_a_row_is_a_mapping_of_its_fields_too() -> None:
    one = row(data={"a": 1}, unsubscribe="https://example.org/u")

    assert StoredRow.parse(one) is one
    assert StoredRow.parse({"to": "ada@example.org", "data": {"a": 1}, "unsubscribe": "https://example.org/u"}) == one
    assert one.unsubscribe == Unsubscribe("https://example.org/u")
    with pytest.raises(UnknownOption, match="a row has no option 'dat'; did you mean 'data'"):
        StoredRow.parse({"to": "ada@example.org", "dat": {}})  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="not str"):
        StoredRow.parse("ada@example.org")  # type: ignore[arg-type]


def test_who_changes_the_data_afterwards_changes_no_mail() -> None:
    things = ["a book"]
    one = row(data={"things": things})
    content = StoredTemplate("order", (one,))
    things.append("a bomb")

    assert one.data == {"things": ["a book"]}
    assert json.loads(content.texts[0]) == {"things": ["a book"]}


@given(usual=st.dictionaries(st.text("abc"), JSON, max_size=4), own=st.dictionaries(st.text("abc"), JSON, max_size=4))
def test_a_row_stands_above_what_is_said_for_all_name_by_name(usual: dict[str, Any], own: dict[str, Any]) -> None:
    content = StoredTemplate("news", (row(data=own),), usual)

    assert json.loads(content.texts[0]) == {**usual, **own}
    assert content.size == len(content.texts[0].encode())


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../a", "a" * 65, "é", "a\n", "a.b"])
def test_a_name_that_ses_would_not_give_is_refused(name: str) -> None:
    with pytest.raises(MailError) as caught:
        StoredTemplate(name, (row(),))
    assert caught.value.field == "template"


def test_without_a_row_there_is_no_mail() -> None:
    with pytest.raises(MailError, match="no row"):
        StoredTemplate("news", ())


def test_nobody_stands_in_two_rows() -> None:
    with pytest.raises(MailError, match=r"rows\[0\]") as caught:
        StoredTemplate("news", (row(), row("bob@example.org"), StoredRow(bcc="ada@EXAMPLE.org")))
    assert caught.value.field == "rows[2]"
    assert "ada" not in str(caught.value)


def test_data_that_is_too_large_together_is_refused() -> None:
    half = "x" * (LARGEST_DATA // 2)
    with pytest.raises(TooLarge) as caught:
        StoredTemplate("news", (row("bob@example.org"), row(data={"a": half})), {"b": half})
    assert (caught.value.field, caught.value.limit) == ("rows[1].data", LARGEST_DATA)
    StoredTemplate("news", (row(data={"a": half}),))


def test_it_has_no_bytes_and_says_who_sends_it() -> None:
    content = StoredTemplate("news", (row(),))

    for ask in (content.to_bytes, content.chunks, content.as_utf8):
        with pytest.raises(Unsupported, match="API v2") as caught:
            ask()
        assert caught.value.instead == ("SES API v2 (ses://)",)
    assert (content.message_id, content.needs_smtputf8) == ("", False)


def test_headers_are_added_in_front_of_those_that_were_added_before() -> None:
    content = StoredTemplate("news", (row(),), {"a": 1})
    more = content.with_headers([("X-A", "1")]).with_headers([("X-B", "2")])

    assert more.added_headers == (("X-B", "2"), ("X-A", "1"))
    assert (content.added_headers, more.texts, more.data) == ((), content.texts, content.data)


def test_no_address_and_no_data_is_printed() -> None:
    content = StoredTemplate("news", (row("secret@example.org", data={"a": "secret"}),), {"b": "secret"})

    for value in (content, content.rows[0], content.rows):
        assert "secret" not in repr(value)
    assert repr(content) == "StoredTemplate('news', 1 rows)"
    assert repr(content.rows[0]) == "StoredRow(1 recipients, 1 variables)"


def test_values_compare_hash_and_pickle() -> None:
    content = StoredTemplate("news", (row(data={"a": [1]}),), {"b": {}})

    assert pickle.loads(pickle.dumps(content)) == content
    assert hash(pickle.loads(pickle.dumps(content))) == hash(content)


def test_a_content_of_another_kind_is_none() -> None:
    with pytest.raises(SetupError, match="not str"):
        stored_of("news")


def test_a_mapping_of_any_kind_may_stand_anywhere_in_data() -> None:
    inner = MappingProxyType({"name": "Ada", "list": [MappingProxyType({"a": 1})]})
    data = read_data(MappingProxyType({"user": inner}))
    assert data == {"user": {"name": "Ada", "list": [{"a": 1}]}}
    assert read_data(data) == data
    around: dict[str, object] = {}
    around["again"] = MappingProxyType(around)
    for bad in (around, {"a": {1, 2}}):
        with pytest.raises(MailError, match="JSON cannot hold it"):
            read_data(bad)


@pytest.mark.parametrize("bad", [[], 0, "", False, [("a", 1)]])
def test_what_is_no_mapping_is_refused_also_if_it_is_empty(bad: Any) -> None:
    with pytest.raises(MailError, match="expected a mapping"):
        StoredRow(to="ada@example.org", data=bad)
    with pytest.raises(MailError, match="expected a mapping"):
        StoredTemplate("news", (StoredRow(to="ada@example.org"),), bad)
    assert StoredRow(to="ada@example.org", data=None).data == StoredRow(to="ada@example.org", data={}).data == {}
