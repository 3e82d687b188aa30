"""Heads, read back by the other half of h11, and their signatures held to botocore's."""

from __future__ import annotations

from hashlib import sha256

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.ses.call import Call
from sesmail.ses.client.direct.heads import Heads, written
from sesmail.ses.client.direct.origin import Origin
from sesmail.ses.client.direct.routes import Request, Routes
from sesmail.ses.client.direct.signing import Signer
from sesmail.ses.client.direct.way import Way
from sesmail.ses.credentials import Keys
from tests.ses.client.direct.asking import GET_ACCOUNT, send
from tests.ses.client.direct.test_signing import by_botocore

NOW = 1_440_938_160.9
KEYS = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
ORIGIN = Origin("http", "ses.example", 8080, "/base")
DIGEST = sha256(b"{}").hexdigest()
ROUTES = Routes(ORIGIN)


def heads(**environ: str) -> Heads:
    return Heads(Way.to(ORIGIN, environ), Signer("eu-west-1"))


def parsed(head: bytes) -> tuple[bytes, bytes, dict[bytes, bytes]]:
    """As a server reads it. A head that is not whole, or more than a head, fails."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(head)
    event = server.next_event()
    assert isinstance(event, h11.Request)
    assert not server.trailing_data[0]
    assert len(dict(event.headers)) == len(event.headers), "a header stands there twice"
    return event.method, event.target, dict(event.headers)


# ── what is written ──────────────────────────────────────────────────────────────────────────────────────────────

_PRINTED = st.characters(min_codepoint=33, max_codepoint=126)
_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).map(str.strip).filter(bool)


@given(
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    target=st.text(_PRINTED, min_size=1),
    headers=st.dictionaries(st.from_regex(r"x-[0-9a-z-]+", fullmatch=True), _VALUES, max_size=5),
)
def test_a_head_is_written_as_h11_writes_it(method: str, target: str, headers: dict[str, str]) -> None:
    pairs = [(b"host", b"ses.example"), *[(name.encode(), value.encode()) for name, value in headers.items()]]
    by_h11 = h11.Connection(h11.CLIENT).send(h11.Request(method=method, target=target, headers=pairs))
    assert written(method, target, pairs) == by_h11
    assert parsed(by_h11) == (method.encode(), target.encode(), dict(pairs))


_CONTROLS = [*map(chr, (*range(32), 127, 128, 160, 0xE9, 0x2028)), "\r\nb: c"]


@pytest.mark.parametrize("odd", [*_CONTROLS, " "])
@pytest.mark.parametrize("form", ["a{}", "{}a", "a{}a"])
def test_a_word_is_nothing_but_printed_signs(form: str, odd: str) -> None:
    word = form.format(odd)
    for method, target, name in ((word.upper(), "/", "x"), ("POST", word, "x"), ("POST", "/", word), ("", "/", "x")):
        with pytest.raises(ValueError, match="HTTP does not allow"):
            written(method, target, [(name.encode(), b"y")])


@pytest.mark.parametrize("value", ["", " ", " a", "a ", *[f"a{odd}a" for odd in _CONTROLS]])
def test_a_value_is_one_line_and_never_repeated_where_it_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="the header b'x' has a name or a value"):
        written("POST", "/", [(b"host", b"ses.example"), (b"x", value.encode())])


def test_a_head_is_read_as_it_was_meant() -> None:
    request = ROUTES.request(send())
    method, target, headers = parsed(heads().head(request, DIGEST, 2, KEYS, NOW))
    assert (method, target) == (b"POST", b"/base/v2/email/outbound-emails")
    assert headers.pop(b"authorization").decode() == by_botocore(request.unsigned, b"{}", KEYS, int(NOW))
    assert headers == {
        b"host": b"ses.example:8080",
        b"content-type": b"application/json",
        b"content-length": b"2",
        b"x-amz-date": b"20150830T123600Z",
        b"user-agent": b"sesmail",
        b"accept-encoding": b"identity",
    }


def test_a_request_without_a_body_has_no_length() -> None:
    method, target, headers = parsed(heads().head(ROUTES.request(GET_ACCOUNT), sha256().hexdigest(), 0, KEYS, NOW))
    assert (method, target) == (b"GET", b"/base/v2/email/account")
    assert b"content-length" not in headers
    assert b"content-type" not in headers


def test_a_session_token_is_sent_and_signed() -> None:
    keys = Keys("ASIAIOSFODNN7EXAMPLE", "secret", "a/token==")
    _, _, headers = parsed(heads().head(ROUTES.request(send()), DIGEST, 2, keys, NOW))
    assert headers[b"x-amz-security-token"] == b"a/token=="
    assert b";x-amz-security-token," in headers[b"authorization"]


def test_what_is_equal_for_a_second_is_written_once() -> None:
    maker = heads()
    written = set()
    for number in range(20):
        maker.head(ROUTES.request(send()), DIGEST, number, KEYS, NOW + number * 0.004)
        written.add(maker._last)
    assert len(written) == 1
    maker.head(ROUTES.request(send()), DIGEST, 2, KEYS, NOW + 1)
    assert maker._last not in written


steps = st.lists(
    st.tuples(
        st.sampled_from([send(), send("v1"), GET_ACCOUNT, Call("sesv2", "ListEmailIdentities", {"PageSize": 3})]),
        st.sampled_from([KEYS, Keys("AKIAIOSFODNN7EXAMPLE", "another"), Keys("ASIA1", "secret", "token")]),
        st.floats(0, 3),
        st.binary(max_size=3),
    ),
    max_size=8,
)


@given(steps=steps)
def test_whatever_was_signed_before_a_head_is_its_own(steps: list[tuple[Call, Keys, float, bytes]]) -> None:
    maker = heads()
    for call, keys, later, body in steps:
        request: Request = ROUTES.request(call)
        _, target, headers = parsed(maker.head(request, sha256(body).hexdigest(), len(body), keys, NOW + later))
        assert target.decode() == request.target
        assert headers[b"authorization"].decode() == by_botocore(request.unsigned, body, keys, int(NOW + later))
        assert headers.get(b"content-length", b"0") in (b"0", b"%d" % len(body))


def test_a_proxy_that_relays_gets_the_whole_url_and_its_password() -> None:
    maker = heads(HTTP_PROXY="http://me:word@proxy.example:3128")
    _, target, headers = parsed(maker.head(ROUTES.request(send()), DIGEST, 2, KEYS, NOW))
    assert target == b"http://ses.example:8080/base/v2/email/outbound-emails"
    assert headers[b"host"] == b"ses.example:8080"
    assert headers[b"proxy-authorization"] == b"Basic bWU6d29yZA=="
    assert b"proxy-authorization" not in headers[b"authorization"]


def test_a_proxy_that_only_tunnels_is_told_nothing_of_a_request() -> None:
    origin = Origin("https", "ses.example", 443)
    way = Way.to(origin, {"HTTPS_PROXY": "http://me:word@proxy.example:3128"})
    head = Heads(way, Signer("eu-west-1")).head(Routes(origin).request(send()), DIGEST, 2, KEYS, NOW)
    _, target, headers = parsed(head)
    assert target == b"/v2/email/outbound-emails"
    assert b"proxy-authorization" not in headers
