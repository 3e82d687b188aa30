"""Where a mail leads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Mailer
from sesmail.testing import Mailbox
from sesmail.testing.links import links_of_html, links_of_text


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://example.com/a?b=1&c=2#d.", ["https://example.com/a?b=1&c=2#d"]),
        ("(https://example.com/a_(b))", ["https://example.com/a_(b)"]),
        ("<https://example.com>, http://example.org!?", ["https://example.com", "http://example.org"]),
        ("[x](https://example.com/x) *HTTPS://Example.com*", ["https://example.com/x", "HTTPS://Example.com"]),
        ("https://example.com/Grüße\nhttps://example.com/b", ["https://example.com/Grüße", "https://example.com/b"]),
        ("https://example.com/t/abc_ _https://example.com/x_", ["https://example.com/t/abc_", "https://example.com/x"]),
        ("**https://example.com/y**", ["https://example.com/y"]),
        ("„https://example.com/a” {https://example.com/b}", ["https://example.com/a", "https://example.com/b"]),
        ("mailto:a@example.com ftp://x https://", []),
    ],
)
def test_links_of_text(text: str, links: list[str]) -> None:
    assert links_of_text(text) == links


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ('<a href="https://example.com/?a=1&amp;b=2">x</a>', ["https://example.com/?a=1&b=2"]),
        ("<p>x <A HREF=' http://b.example '>", ["http://b.example"]),
        ("<a href='#top'>x</a><a>y</a><a href>z</a><a href='mailto:a@b'>m</a><img src='https://i.example'>", []),
        ("<map><area href='https://example.com/area'></map>", ["https://example.com/area"]),
        ("<!-- <a href='https://no.example'> --><a href='https://yes.example'", []),
        ("<a href='javascript:alert(1)'>", []),
    ],
)
def test_links_of_html(html: str, links: list[str]) -> None:
    assert links_of_html(html) == links


def test_each_link_is_named_once_and_those_of_the_html_come_first(mailbox: Mailbox) -> None:
    Mailer("null://", sender="a@example.com").send(
        to="b@example.com",
        text="https://a.example https://b.example https://c.example",
        html='<a href="https://b.example">b</a> <a href="https://a.example">a</a> <a href="https://b.example">b</a>',
    )

    assert mailbox.last.links() == ["https://b.example", "https://a.example", "https://c.example"]


@given(st.text(max_size=200))
def test_any_text_has_links_or_none(text: str) -> None:
    for link in [*links_of_html(text), *links_of_text(text), *links_of_text(f"https://{text}")]:
        assert link.lower().startswith("http")
