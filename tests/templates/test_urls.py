"""Absolute URLs, on a base that the program configures."""

from __future__ import annotations

import pytest

from sesmail.errors import SetupError, TemplateError
from sesmail.templates import Templates


def url(call: str, base: str = "https://shop.example/app/", **context: object) -> str:
    return str(Templates({"a.txt": f"{{{{ {call} }}}}"}, base_url=base).render("a", context).text).strip()


@pytest.mark.parametrize(
    ("call", "made"),
    [
        ("url('/')", "https://shop.example/app/"),
        ("url('/orders/1')", "https://shop.example/app/orders/1"),
        ("url('/orders', id=1, q='a&b c')", "https://shop.example/app/orders?id=1&q=a%26b+c"),
        ("url('/orders?a=1', id=2)", "https://shop.example/app/orders?a=1&id=2"),
        ("url('/ü/%20')", "https://shop.example/app/%C3%BC/%20"),
        ("url('/a#b')", "https://shop.example/app/a#b"),
        ("url('/\"><b>')", "https://shop.example/app/%22%3E%3Cb%3E"),
    ],
)
def test_a_path_becomes_a_url(call: str, made: str) -> None:
    assert url(call) == made


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "evil",
        "",
        "/\\evil.example",
        "\\evil",
        "/a\nb",
        "/a b",
        "/\t/evil",
        "javascript:x",
    ],
)
def test_what_would_lead_elsewhere_is_no_path(path: str) -> None:
    with pytest.raises(TemplateError, match=r"a\.txt, line 1: url\(\) takes a path that begins with one /") as caught:
        url("url(path)", path=path)
    assert "evil" not in str(caught.value)


def test_a_query_goes_before_a_fragment() -> None:
    with pytest.raises(TemplateError, match="puts the query before a #"):
        url("url('/a#b', c=1)")


def test_without_a_base_there_is_no_url() -> None:
    with pytest.raises(TemplateError, match=r"url\(\) has no base: give Templates base_url="):
        url("url('/')", base="")


@pytest.mark.parametrize(
    "base",
    ["shop.example", "ftp://shop.example", "https://shop.example/?a", "https://a b", "https://x@evil", "https://a/#b"],
)
def test_a_base_that_is_none_is_refused_at_once(base: str) -> None:
    with pytest.raises(SetupError, match="base_url is like"):
        Templates({}, base_url=base)


def test_a_url_of_the_context_is_not_hidden() -> None:
    assert url("url", url="https://reset.example") == "https://reset.example"


def test_what_is_not_printed_is_in_no_query_either() -> None:
    with pytest.raises(TemplateError, match="what is printed is None"):
        url("url('/', page=page)", page=None)
