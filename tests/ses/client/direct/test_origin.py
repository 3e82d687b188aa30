"""Origins: what a URL of an endpoint may be, and that nothing else passes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from botocore.utils import is_valid_endpoint_url
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import SetupError
from sesmail.lines.line import Place
from sesmail.ses.client.direct.origin import Origin

GOOD = [
    ("https://email.eu-west-1.amazonaws.com", "email.eu-west-1.amazonaws.com", 443, ""),
    ("https://email.eu-west-1.amazonaws.com/", "email.eu-west-1.amazonaws.com", 443, ""),
    ("https://vpce-0a1b.email.vpce.amazonaws.com:8443", "vpce-0a1b.email.vpce.amazonaws.com:8443", 8443, ""),
    ("http://127.0.0.1:4579", "127.0.0.1:4579", 4579, ""),
    ("http://[::1]:4579/ses", "[::1]:4579", 4579, "/ses"),
    ("http://LOCALHOST:80/a/b.c/", "localhost", 80, "/a/b.c"),
    ("http://my_box:1", "my_box:1", 1, ""),
    ("http://a.example.", "a.example.", 80, ""),
]  # fmt: skip


@pytest.mark.parametrize(("url", "netloc", "port", "path"), GOOD)
def test_a_url_is_taken_apart(url: str, netloc: str, port: int, path: str) -> None:
    origin = Origin.parse(url, "endpoint_url")
    assert (origin.netloc, origin.port, origin.path) == (netloc, port, path)


def test_an_address_of_ipv6_has_brackets_in_headers_only() -> None:
    origin = Origin.parse("https://[2001:DB8::1]", "endpoint_url")
    assert (origin.netloc, origin.name, origin.place) == ("[2001:db8::1]", "2001:db8::1", Place("2001:db8::1", 443))


BAD = [
    "", "email.eu-west-1.amazonaws.com", "ftp://a.example", "https://", "https:///path", "https://a.example?x=1",
    "https://a.example#x", "https://user:pass-word@a.example", "https://a.example:0", "https://a.example:65536",
    "https://a.example:x", "https://a.example:", "https://-a.example", "https://a-.example", "https://a..example",
    "https://a.example/\r\nHost: evil", "https://a.example\n", " https://a.example", "https://a.example ",
    "https://ä.example", "https://a.example/a b", "https://a.example//x", "https://a.example/../x",
    "https://a.example/./x", "https://a.example/x/..", "https://a.example/%2e%2e/", "https://[::1", "https://[v1.a]",
    "https://[::1%25eth0]", "https://" + "a." * 126 + "example", "https://" + "a" * 64, "https://a.example/x?",
    "https://a.example\\x", "https://a,b.example", "https://a.example\0",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_url_of_an_api_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SetupError) as caught:
        Origin.parse(url, "AWS_ENDPOINT_URL")
    assert "pass-word" not in str(caught.value)


@given(st.one_of(st.text(max_size=40), st.text(st.sampled_from("https://a.b:1[]%@?#\\ \n-_~"), max_size=30)))
def test_whatever_passes_has_one_meaning(text: str) -> None:
    for url in (text, f"http://{text}", f"https://{text}"):
        try:
            origin = Origin.parse(url, "x")
        except SetupError:
            continue
        theirs = urlsplit(url)
        assert (origin.name, origin.scheme, origin.path) == (theirs.hostname, theirs.scheme, theirs.path.rstrip("/"))
        assert origin.port == (theirs.port or {"http": 80, "https": 443}[origin.scheme])
        assert re.fullmatch(r"[!-~]+", origin.netloc + origin.path)
        assert is_valid_endpoint_url(url.replace("_", "-").replace("--", "-")) or ":" in origin.name or "_" in url
