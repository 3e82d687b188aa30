"""Who may drive the box."""

from __future__ import annotations

import pytest

from sesmail.errors import SetupError
from sesmail.local.http.doorkeeper import Doorkeeper
from sesmail.local.http.fault import HttpFault
from sesmail.local.http.reader import Head

DOORKEEPER = Doorkeeper(["ses.test", "Mail.Example.", "192.0.2.7"]).also_for("fe80::1")


def _status(headers: dict[str, str], version: str = "1.1") -> int:
    try:
        DOORKEEPER.admit(Head("GET", "/", headers, version))
    except HttpFault as fault:
        return fault.status
    return 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8005", 200),
        ("LocalHost", 200),
        ("localhost.", 200),
        ("ses.localhost:1", 200),
        ("a.b.localhost", 200),
        ("127.0.0.1", 200),
        ("127.0.0.1:65535", 200),
        ("127.1.2.255", 200),
        ("127.0.0.1:", 200),
        ("[::1]", 200),
        ("[::1]:8005", 200),
        ("ses.test", 200),
        ("SES.test:80", 200),
        ("mail.example", 200),
        ("192.0.2.7:8005", 200),
        ("[fe80::1]:8005", 200),
        ("evil.example", 421),
        ("evil.example:8005", 421),
        ("notlocalhost", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("127.0.0.256", 421),
        ("127.0.0", 421),
        ("1127.0.0.1", 421),
        ("192.0.2.8", 421),
        ("0.0.0.0", 421),
        ("x.ses.test", 421),
        ("[::2]", 421),
        ("", 400),
        (":80", 400),
        ("localhost:port", 400),
        ("localhost:123456", 400),
        ("localhost/", 400),
        ("localhost, evil.example", 400),
        ("user@localhost", 400),
        ("evil.example#localhost", 400),
        ("::1", 400),
        ("[::1", 400),
        ("[localhost]", 400),
        ("localhost\xe9", 400),
        ("a" * 256, 400),
    ],
)
def test_only_names_of_this_machine_are_served(host: str, status: int) -> None:
    """DNS rebinding: a stranger's name can be pointed at this machine, and the browser sends that name."""
    assert _status({"host": host}) == status


def test_a_host_that_is_not_served_hears_the_cure() -> None:
    with pytest.raises(HttpFault, match=r"evil\.example.*hosts"):
        DOORKEEPER.admit(Head("GET", "/", {"host": "evil.example"}, "1.1"))


def test_only_http_1_0_may_leave_the_host_out() -> None:
    assert _status({}) == 400
    assert _status({}, "1.0") == 200
    assert _status({"host": "evil.example"}, "1.0") == 421


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("https://localhost", 200),
        ("HTTP://127.0.0.1:8005", 200),
        ("http://[::1]:8005", 200),
        ("https://ses.test", 200),
        ("http://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://localhost@evil.example", 403),
        ("http://localhost/", 403),
        ("http://localhost,http://evil.example", 403),
        ("http://", 403),
        ("null", 403),
        ("", 403),
        ("localhost", 403),
        ("file://localhost", 403),
        ("chrome-extension://localhost", 403),
    ],
)
def test_pages_of_strangers_may_not_drive_the_box(origin: str, status: int) -> None:
    assert _status({"host": "localhost", "origin": origin}) == status


@pytest.mark.parametrize(
    ("site", "status"),
    [
        ("none", 200),
        ("same-origin", 200),
        ("same-site", 200),
        ("cross-site", 403),
        ("Cross-Site", 403),
        ("none,cross-site", 403),
    ],
)
def test_a_browser_says_that_a_request_crosses_sites(site: str, status: int) -> None:
    assert _status({"host": "localhost", "sec-fetch-site": site}) == status


def test_one_name_needs_no_list() -> None:
    Doorkeeper("ses.test").admit(Head("GET", "/", {"host": "ses.test"}, "1.1"))


@pytest.mark.parametrize("host", ["", "http://ses.test", "ses.test:80", "ses.test/", "*", "a b", "[::1]:80"])
def test_what_is_no_name_of_a_host_is_refused_when_it_is_given(host: str) -> None:
    with pytest.raises(SetupError, match="without scheme, port and path"):
        Doorkeeper([host])


@pytest.mark.parametrize(
    ("method", "target", "mode", "extra", "admitted"),
    [
        ("GET", "/links/x", "navigate", {}, True),
        ("GET", "/links/x", "no-cors", {}, False),
        ("GET", "/links/x", "", {}, False),
        ("POST", "/links/x", "navigate", {}, False),
        ("GET", "/other/links/x", "navigate", {}, False),
        ("GET", "/links/x", "navigate", {"origin": "https://example.com"}, False),
        ("GET", "/links/x", "navigate", {"host": "example.com"}, False),
    ],
)
def test_any_page_may_lead_to_a_link_and_do_nothing_else(
    method: str, target: str, mode: str, extra: dict[str, str], *, admitted: bool
) -> None:
    headers = {"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-mode": mode, **extra}
    keeper = Doorkeeper(public=("/links/",)).also_for("127.0.0.1")
    try:
        keeper.admit(Head(method, target, headers, "1.1"))
    except HttpFault:
        assert not admitted
    else:
        assert admitted
