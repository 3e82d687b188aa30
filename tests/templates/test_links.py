"""Which URLs a mail may link to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from sesmail.errors import MailError
from sesmail.templates.links import link


class Written:
    """A URL of somebody's own class, as those of pydantic and yarl are."""

    def __str__(self) -> str:
        return "https://example.com/a"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://localhost:8000/a?b=c&d=e#f",
        "HTTPS://example.com/it's",
        "https://[2001:db8::1]/",
        "https://bücher.example/straße",
        "mailto:ada@example.org?subject=a%20b",
        "tel:+441632960000",
        "cid:logo@sesmail",
        "{{amazonSESUnsubscribeUrl}}",
    ],
)
def test_what_leads_to_web_mail_or_telephone_is_taken_as_it_is(url: str) -> None:
    assert link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "/orders/7",
        "//example.com",
        "orders",
        "example.com/a",
        "https:example.com",
        "https://",
        "https:///a",
        "https://?a",
        "mailto:",
        "https://example.com/a b",
        "https://example.com/\n",
        'https://example.com/" onclick="alert(1)',
        "https://example.com/<b>",
        " https://example.com/",
        "{{amazonSESUnsubscribeUrl}}x",
        "{{ url }}",
        None,
        b"https://example.com/",
        7,
    ],
)
def test_everything_else_is_refused_and_not_repeated(url: object) -> None:
    with pytest.raises(MailError, match="a link is a percent-encoded URL") as caught:
        link(url)
    assert "alert" not in str(caught.value)


def test_an_object_may_write_itself() -> None:
    assert link(Written()) == "https://example.com/a"


def test_markup_is_read_as_a_browser_reads_it_and_stays_markup() -> None:
    url = Markup("https://example.com/?a=1&amp;b=2")
    assert link(url) is url
    for hostile in (
        "&#106;avascript:alert(1)",
        "https://example.com/&quot;",
        'https://example.com/"',
        "https://a&Tab;b/",
    ):
        with pytest.raises(MailError):
            link(Markup(hostile))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_before_it_makes_a_scheme_good(text: str) -> None:
    for url in (f"{text}javascript:x", f"data:{text}"):
        try:
            taken = link(url)
        except MailError:
            continue
        assert taken.lower().startswith(("http://", "https://", "mailto:", "tel:", "cid:"))
