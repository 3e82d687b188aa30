"""XML of answers: read as another reader reads it, and nothing but answers."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.ses.client.direct.xml import read_xml

texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=20)
names = st.sampled_from(["a", "Error", "Code", "member", "x-y", "é"])
nodes = st.recursive(texts, lambda inner: st.lists(st.tuples(names, inner), min_size=1, max_size=4), max_leaves=10)


def printed(name: str, node: Any) -> str:
    inside = escape(node) if isinstance(node, str) else "\n ".join(printed(*one) for one in node)
    return f"<{name}>{inside}</{name}>"


def expected(element: ET.Element) -> Any:
    if not len(element):
        return element.text or ""
    if all(child.tag == "member" for child in element):
        return [expected(child) for child in element]
    return {child.tag: expected(child) for child in element}


@given(name=names, node=nodes)
def test_what_another_reader_reads_is_read(name: str, node: Any) -> None:
    text = printed(name, node)
    assert read_xml(text.encode()) == (name, expected(ET.fromstring(text)))


def test_the_usual_namespace_changes_no_name() -> None:
    text = b'<?xml version="1.0"?><A xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><B c="d">1</B></A>'
    assert read_xml(text) == ("A", {"B": "1"})


HOSTILE = [
    b"", b" ", b"no", b"<a>", b"<a></b>", b"</a>", b"<a/><b/>", b"<a>&unknown;</a>", b"<a>\0</a>", b"<a>\xff</a>",
    b"\xff\xfe<\0a\0", b"<!DOCTYPE a><a/>", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', b"<a>" * 21 + b"</a>" * 21,
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"an answer|no XML"):
        read_xml(data)


def test_an_encoding_that_is_said_is_not_believed() -> None:
    assert read_xml('<?xml version="1.0" encoding="latin-1"?><a>é</a>'.encode()) == ("a", "é")


def test_twenty_elements_deep_is_read() -> None:
    name, node = read_xml(b"<a>" * 20 + b"1" + b"</a>" * 20)
    for _ in range(19):
        assert isinstance(node, dict)
        node = node["a"]
    assert (name, node) == ("a", "1")


@given(st.binary(max_size=60))
def test_no_bytes_are_a_crash(data: bytes) -> None:
    for each in (data, b"<a>" + data + b"</a>"):
        try:
            read_xml(each)
        except ValueError:
            continue


BOMB = b'<!DOCTYPE a [<!ENTITY x0 "xxxxxxxxxx">' + b"".join(
    b'<!ENTITY x%d "%s">' % (level, b"&x%d;" % (level - 1) * 10) for level in range(1, 9)
)


def test_entities_do_not_grow() -> None:
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(ValueError, match="no document type"):
        read_xml(BOMB + b"]><a>&x8;</a>")
    assert time.perf_counter() - begun < 1
    assert tracemalloc.get_traced_memory()[1] < 200_000
    tracemalloc.stop()
