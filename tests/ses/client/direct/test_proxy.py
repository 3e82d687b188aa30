"""Proxies of the environment: which is meant, which hosts are excepted, and what is refused."""

from __future__ import annotations

import os
import urllib.request
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pytest
from botocore.httpsession import ProxyConfiguration
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import SetupError
from sesmail.lines.line import Place
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.client.direct.proxy import Proxy, proxy_for

HTTPS = Origin("https", "email.eu-west-1.amazonaws.com", 443)
HTTP = Origin("http", "127.0.0.1", 4579)
HERE = "http://proxy.example:3128"
PROXY = Proxy(Place("proxy.example", 3128))


def place_of(proxy: Proxy | None) -> Place | None:
    return proxy.place if proxy else None


# ── which one ────────────────────────────────────────────────────────────────────────────────────────────────────

variables = st.dictionaries(
    st.sampled_from(
        ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "REQUEST_METHOD", "all_proxy", "ALL_PROXY"]
    ),
    st.sampled_from(["", "http://a.example:1", "http://b.example:2", "c.example:3", "//d.example"]),
)


@given(environ=variables)
def test_the_proxy_is_the_one_that_botocore_would_take(environ: Mapping[str, str]) -> None:
    with patch.dict(os.environ, environ, clear=True):
        theirs = ProxyConfiguration(urllib.request.getproxies_environment())
    for origin in (HTTP, HTTPS):
        url = theirs.proxy_url_for(f"{origin.scheme}://{origin.netloc}")
        expected = Proxy.parse(url, "theirs") if url else None
        assert place_of(proxy_for(origin, environ)) == place_of(expected)


def test_a_header_of_a_stranger_is_no_proxy() -> None:
    environ = {"HTTP_PROXY": HERE, "HTTPS_PROXY": HERE, "REQUEST_METHOD": "GET"}
    assert proxy_for(HTTP, environ) is None
    assert place_of(proxy_for(HTTPS, environ)) == PROXY.place
    assert place_of(proxy_for(HTTP, {**environ, "http_proxy": HERE})) == PROXY.place


_bypasses: Any = vars(urllib.request)["proxy_bypass_environment"]  # which typeshed has not


# ── exceptions ───────────────────────────────────────────────────────────────────────────────────────────────────

hosts = st.sampled_from(
    ["email.eu-west-1.amazonaws.com", "amazonaws.com", "example.com", "127.0.0.1", "10.1.2.3", "localhost", "[::1]"]
)
entries = st.sampled_from(
    [
        "amazonaws.com", ".amazonaws.com", "..com", "AMAZONAWS.com", "example.com", "mazonaws.com", "127.0.0.1",
        "localhost", "", " ", " example.com ", ".", "0.0.1", "[::1]", "email", "com", "*.amazonaws.com",
    ]
)  # fmt: skip


@given(host=hosts, listed=st.lists(entries, max_size=4))
def test_exceptions_are_those_of_the_standard_library(host: str, listed: list[str]) -> None:
    text = ",".join(listed)
    expected = _bypasses(host, {"no": text})
    for name in ("no_proxy", "NO_PROXY"):
        assert (proxy_for(Origin("https", host, 443), {"HTTPS_PROXY": HERE, name: text}) is None) == bool(expected)


MEANT = [
    ("*", HTTPS, True),
    (",", Origin("https", "a.example.", 443), False),
    ("a.example", Origin("https", "a.example.", 443), False),
    ("example.com,*", HTTPS, True),
    ("email.eu-west-1.amazonaws.com:443", HTTPS, True),
    ("amazonaws.com:443", HTTPS, True),
    ("amazonaws.com:80", HTTPS, False),
    ("127.0.0.1:4579", HTTP, True),
    ("127.0.0.1:4580", HTTP, False),
    ("127.0.0.0/8", HTTP, True),
    ("127.0.0.9/8", HTTP, True),
    ("10.0.0.0/8", HTTP, False),
    ("127.0.0.0/99", HTTP, False),
    ("nonsense/8", HTTP, False),
    ("127.0.0.0/8", HTTPS, False),
    ("127.0.0.0/8", Origin("http", "[::1]", 80), False),
    ("::1", Origin("http", "[::1]", 80), True),
    ("[::1]:80", Origin("http", "[::1]", 80), True),
    ("fd00::/8", Origin("http", "[fd00::7]", 80), True),
]


@pytest.mark.parametrize(("text", "origin", "is_excepted"), MEANT)
def test_exceptions_may_name_ports_and_networks(text: str, origin: Origin, is_excepted: bool) -> None:
    environ = {"HTTP_PROXY": HERE, "HTTPS_PROXY": HERE, "NO_PROXY": text}
    assert (proxy_for(origin, environ) is None) == is_excepted


def test_an_empty_list_in_small_letters_hides_the_one_in_capitals() -> None:
    assert proxy_for(HTTPS, {"HTTPS_PROXY": HERE, "NO_PROXY": "*", "no_proxy": ""}) is not None


def test_a_proxy_that_is_excepted_need_not_be_one_that_can_be_used() -> None:
    assert proxy_for(HTTPS, {"HTTPS_PROXY": "socks5://a.example", "NO_PROXY": "amazonaws.com"}) is None


# ── its URL ──────────────────────────────────────────────────────────────────────────────────────────────────────

GOOD = [
    ("http://proxy.example:3128", Place("proxy.example", 3128), None),
    ("HTTP://proxy.example:3128/", Place("proxy.example", 3128), None),
    ("proxy.example:3128", Place("proxy.example", 3128), None),
    ("//proxy.example", Place("proxy.example", 80), None),
    ("http://[::1]:8080", Place("::1", 8080), None),
    ("http://me:word@proxy.example", Place("proxy.example", 80), b"me:word"),
    ("me:word@proxy.example:1", Place("proxy.example", 1), b"me:word"),
    ("http://me@proxy.example", Place("proxy.example", 80), b"me:"),
    ("http://:word@proxy.example", Place("proxy.example", 80), b":word"),
    ("http://m%40e:p%3Aa%25%C3%A9@proxy.example", Place("proxy.example", 80), "m@e:p:a%é".encode()),
]


@pytest.mark.parametrize(("url", "place", "words"), GOOD)
def test_a_url_is_taken_apart(url: str, place: Place, words: bytes | None) -> None:
    proxy = Proxy.parse(url, "HTTPS_PROXY")
    assert proxy.place == place
    assert words_of(proxy) == words


def words_of(proxy: Proxy) -> bytes | None:
    for name, value in proxy.headers:
        assert name == b"proxy-authorization"
        assert value.startswith(b"Basic ")
        return b64decode(value[6:], validate=True)
    return None


@pytest.mark.parametrize("scheme", ["https", "socks5", "socks5h", "SOCKS4", "ftp"])
def test_a_proxy_that_is_spoken_to_otherwise_is_refused_by_name(scheme: str) -> None:
    with pytest.raises(SetupError, match=f"HTTPS_PROXY names a proxy that is spoken to by {scheme.lower()}") as caught:
        Proxy.parse(f"{scheme}://me:secret-word@proxy.example:1080", "HTTPS_PROXY")
    assert "secret-word" not in str(caught.value)


BAD = [
    "http://", "http://proxy.example:0", "http://proxy.example:65536", "http://proxy.example:x", "http://proxy.example/path",
    "http://proxy.example?x", "http://pröxy.example", "http://proxy.example\r\nHost: evil", "http://-proxy.example",
    "http://me:secret-word@", "http://me:secret-word@proxy example", "http://a@b@proxy.example", "http://[::1", "http:///x",
    "http://me:secret-word/@proxy.example", "http://me:secret-word%0d%0aX: y@proxy.example", "http://m%0ae@proxy.example",
    "http://me:secret-word%@proxy.example", "http://me:secret-word%zz@proxy.example", "http://m%3Ae:secret-word@proxy.example",
    "http://me:secret-word\n@proxy.example", "http://me:secret-word\x7f@proxy.example", "http://me:%00@proxy.example",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
def test_advisory_what_is_no_url_of_a_proxy_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SetupError, match=r"^HTTPS_PROXY ") as caught:
        proxy_for(HTTPS, {"HTTPS_PROXY": url})
    assert "secret-word" not in str(caught.value)


@given(st.text(max_size=30))
def test_whatever_passes_can_stand_in_a_header(text: str) -> None:
    for url in (text, f"http://{text}@proxy.example", f"http://{text}"):
        try:
            proxy = Proxy.parse(url, "HTTPS_PROXY")
        except SetupError:
            continue
        assert proxy.place.host.isascii()
        assert proxy.place.host.isprintable()
        assert not set(words_of(proxy) or b"") & {*range(32), 127}


def test_a_password_is_in_no_repr() -> None:
    assert "d29yZA" not in repr(Proxy.parse("http://:word@proxy.example", "HTTPS_PROXY"))


# ── its no ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "retryable", "text"),
    [(407, False, "a user and a password"), (403, False, "does not let"), (502, True, "see its log")],
)
def test_a_proxy_that_says_no_is_named(status: int, retryable: bool, text: str) -> None:
    error = PROXY.refused(status)
    assert (error.code, error.stage, error.retryable, error.outcome) == (str(status), "connect", retryable, "not_sent")
    assert f"the proxy proxy.example:3128 answered {status}" in str(error)
    assert text in str(error)
