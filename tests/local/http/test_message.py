"""The two values of the HTTP door."""

from __future__ import annotations

import pytest

from sesmail.local.http.message import HttpRequest


def test_a_target_is_a_path_and_a_query() -> None:
    request = HttpRequest("GET", "/v2/email/identities?NextToken=a%3D?b")

    assert (request.path, request.query) == ("/v2/email/identities", "NextToken=a%3D?b")
    assert (HttpRequest("GET", "/").path, HttpRequest("GET", "/").query) == ("/", "")


@pytest.mark.parametrize(
    ("version", "connection", "keeps_alive"),
    [
        ("1.1", None, True),
        ("1.1", "keep-alive", True),
        ("1.1", "close", False),
        ("1.1", "Upgrade, Close", False),
        ("1.1", "closed", True),
        ("1.1", "", True),
        ("1.0", None, False),
        ("1.0", "Keep-Alive", True),
        ("1.0", "keep-alive,close", False),
        ("1.0", "close", False),
    ],
)
def test_who_decides_whether_a_connection_goes_on(version: str, connection: str | None, keeps_alive: bool) -> None:
    headers = {} if connection is None else {"connection": connection}

    assert HttpRequest("GET", "/", headers, version=version).keeps_alive is keeps_alive


def test_what_may_be_private_is_not_printed() -> None:
    assert repr(HttpRequest("POST", "/", {"authorization": "s3cret"}, b"s3cret")).count("s3cret") == 0
