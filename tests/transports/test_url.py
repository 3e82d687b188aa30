"""A transport in one line of configuration."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import SetupError, UnknownOption
from sesmail.transports import Limits, TransportUrl
from sesmail.transports.limits import NONE, SES, SES_API


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("memory://", ("memory", "", None, "", "", "")),
        ("MEMORY:", ("memory", "", None, "", "", "")),
        ("file:///var/mail", ("file", "", None, "/var/mail", "", "")),
        ("file:mail/out", ("file", "", None, "mail/out", "", "")),
        ("file:///C:/m%C3%A4il%20box", ("file", "", None, "/C:/mäil box", "", "")),
        ("smtp://Host.example:587", ("smtp", "host.example", 587, "", "", "")),
        ("ses+smtp://AKIA:a%2Fb%2B%3D%40@eu-west-1/x", ("ses+smtp", "eu-west-1", None, "/x", "AKIA", "a/b+=@")),
        ("smtp://user@[::1]:25", ("smtp", "[::1]", 25, "", "user", "")),
        ("smtp://:secret@h", ("smtp", "h", None, "", "", "secret")),
        ("smtp://user:a:b@h", ("smtp", "h", None, "", "user", "a:b")),
        ("file:///a@b", ("file", "", None, "/a@b", "", "")),
    ],
)
def test_a_url_is_taken_apart(text: str, parts: tuple[object, ...]) -> None:
    url = TransportUrl.parse(text)

    assert (url.scheme, url.host, url.port, url.path, url.user, url.password) == parts


def test_options_are_decoded() -> None:
    url = TransportUrl.parse("x://?a=1&b=%26%3D&c=&d")

    assert dict(url.options) == {"a": "1", "b": "&=", "c": "", "d": ""}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "memory",
        "://",
        "1://",
        "mem ory://",
        "memory://\n",
        "memory://#fragment",
        "smtp://user:pa/ss@host:25:25",
        "smtp://a@b@c",
        "smtp://AKIA:123/4@host",
        "smtp://host:port",
        "smtp://host:123456",
        "smtp://us%er@host",
        "smtp://host?a=%",
        "x://?a=1&a=2",
        "x://\x00",
        "x://\u2028",
        "file:///x%0Ay",
        "file:///x%00",
        "smtp://user:p%ff@host",
        "memory://?a=%ff",
        "smtp://host:99999",
        "file://user:12?s3cret@host:25",
    ],
)
def test_a_broken_url_is_refused(text: str) -> None:
    with pytest.raises(SetupError):
        TransportUrl.parse(text)


def test_a_url_must_be_text() -> None:
    with pytest.raises(SetupError, match="expected a URL as text, not int"):
        TransportUrl.parse(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "smtp://user:hunter2/planted@host:x",
        "smtp://user:hunter2%planted@host",
        "smtp://user:hunter2@planted@host",
        "file://hunter2/planted?limits=hunter2",
        "memory://hunter2",
        "smtp://user:hunter2%ff@host",
        "file://user:12?hunter2@host",
        "memory://?limits=hunter2",
        "console://?full=hunter2",
        "console://?stream=hunter2",
    ],
)
def test_no_error_repeats_what_may_be_secret(text: str) -> None:
    from sesmail.connect import connect

    with pytest.raises(SetupError) as caught:
        connect(text)

    assert "hunter2" not in str(caught.value)
    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_repr_holds_no_secret() -> None:
    assert "hunter2" not in repr(TransportUrl.parse("smtp://user:hunter2@host?token=hunter2"))


@given(st.text(max_size=40) | st.text(alphabet="aA1:/@?&=%.[]#+-\x00ü", max_size=40).map("x:{}".format))
def test_any_text_is_a_url_or_a_setup_error(text: str) -> None:
    try:
        url = TransportUrl.parse(text)
    except SetupError:
        return
    assert url.scheme


@given(st.text(st.characters(categories=["L", "N", "S", "Zs"]), max_size=20).filter(str.isprintable))
def test_what_was_encoded_is_decoded(text: str) -> None:
    assert TransportUrl.parse(f"memory://{quote(text, safe='')}@x").user == text


def test_an_unknown_option_names_the_nearest() -> None:
    url = TransportUrl.parse("memory://?limit=none")
    with pytest.raises(UnknownOption, match="did you mean 'limits'") as caught:
        url.limits("stream")

    assert caught.value.known == ("limits", "stream")
    assert caught.value.where == "memory://"


def test_limits_are_named() -> None:
    assert TransportUrl.parse("x://").limits() is SES
    assert TransportUrl.parse("x://?limits=none").limits() is NONE
    assert TransportUrl.parse("x://?limits=api").limits() is SES_API
    with pytest.raises(SetupError, match="limits are one of ses, api, none"):
        TransportUrl.parse("x://?limits=all").limits()
    assert Limits() == SES


def test_a_switch_is_yes_or_no() -> None:
    url = TransportUrl.parse("x://?a=yes&b=0&c=maybe")

    assert (url.yes_or_no("a"), url.yes_or_no("b"), url.yes_or_no("z")) == (True, False, None)
    with pytest.raises(SetupError, match="c is yes or no"):
        url.yes_or_no("c")
