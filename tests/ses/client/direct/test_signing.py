"""Signing, held to botocore's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from unittest.mock import patch
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from sesmail.ses.client.direct.signing import Signer, Unsigned
from sesmail.ses.credentials import Keys

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEYS = Keys("AKIAIOSFODNN7EXAMPLE", SECRET)
NOW = 1_440_938_160
POST = Unsigned(
    "POST", "/v2/email/outbound-emails", host="email.eu-west-1.amazonaws.com", content_type="application/json"
)


def signed(request: Unsigned, body: bytes, keys: Keys, now: int, region: str = "eu-west-1") -> str:
    stamp = Signer(region).stamp(request, keys, now)
    return stamp.authorization + stamp.signature(sha256(body).hexdigest()).decode()


def by_botocore(request: Unsigned, body: bytes, keys: Keys, now: int, region: str = "eu-west-1") -> str:
    query = f"?{request.query}" if request.query else ""
    headers = {"Content-Type": request.content_type} if request.content_type else {}
    url = f"https://{request.host}{request.path}{query}"
    theirs = AWSRequest(method=request.method, url=url, headers=headers, data=body)
    with _at(now):
        credentials = Credentials(keys.access_key, keys.secret_key, keys.token or None)
        SigV4Auth(credentials, "ses", region).add_auth(theirs)
    return str(theirs.headers["Authorization"])


@contextmanager
def _at(now: int) -> Iterator[None]:
    with patch("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(now, UTC).replace(tzinfo=None)):
        yield


# Made by botocore 1.44.8, so that a botocore that errs one day is noticed too.
IDENTITY = Unsigned("GET", "/v2/email/identities/a%40example.com", host="email.eu-west-1.amazonaws.com")
OF_ROLE = Keys("ASIAIOSFODNN7EXAMPLE", SECRET, "a/session+token==")
VECTORS = [
    (POST, b"{}", KEYS, "9fd395365a7cae9e779b7292f3d425959b3d225c8e0fa17279ada6e91e8299f9"),
    (POST, b"{}", OF_ROLE, "c7b6d3c183b1d4890c2916ab3c2e00d32f006f2c74f8b4c56438236ac6ed0745"),
    (IDENTITY, b"", KEYS, "e2bb36e1c3519ec8537c7468316e9460d9eca2eb73a113eb57efda2971d866a5"),
]


@pytest.mark.parametrize(("request_", "body", "keys", "signature"), VECTORS)
def test_a_signature_is_what_it_was(request_: Unsigned, body: bytes, keys: Keys, signature: str) -> None:
    assert signed(request_, body, keys, NOW).endswith(f"Signature={signature}")
    assert signed(request_, body, keys, NOW) == by_botocore(request_, body, keys, NOW)


words = st.text(st.sampled_from("abcXYZ019-_.~"), min_size=1, max_size=8)


@st.composite
def requests(draw: st.DrawFn) -> Unsigned:
    names = draw(st.lists(st.text(max_size=12).filter(lambda name: name not in ("", ".", "..")), max_size=3))
    path = "/" + "/".join(quote(name, safe="-_.~") for name in names)
    query = draw(st.dictionaries(words, st.text(max_size=8), max_size=3))
    return Unsigned(
        draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"])),
        path,
        host=draw(st.sampled_from(["email.eu-west-1.amazonaws.com", "127.0.0.1:4579", "[::1]:4579"])),
        query="&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(query.items())),
        content_type=draw(
            st.sampled_from(["", "application/json", "application/x-www-form-urlencoded; charset=utf-8"])
        ),
    )


visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)


@given(
    request=requests(),
    body=st.binary(max_size=60),
    secret=visible,
    token=st.one_of(st.just(""), visible),
    now=st.integers(0, 4_000_000_000),
    region=st.sampled_from(["us-east-1", "eu-west-1", "us-gov-west-1"]),
)
def test_any_request_is_signed_as_botocore_signs_it(
    request: Unsigned, body: bytes, secret: str, token: str, now: int, region: str
) -> None:
    keys = Keys("AKIAIOSFODNN7EXAMPLE", secret, token)
    assert signed(request, body, keys, now, region) == by_botocore(request, body, keys, now, region)


def test_one_signer_goes_through_days_and_secrets_without_mixing_them_up() -> None:
    signer = Signer("eu-west-1")
    digest = sha256(b"{}").hexdigest()
    other = Keys("AKIAIOSFODNN7EXAMPLE", "another-secret")
    for keys, days in ((KEYS, 0), (KEYS, 1), (other, 1), (KEYS, 1), (KEYS, 1), (other, 0), (other, 1), (KEYS, 0)):
        now = NOW + 86_400 * days
        stamp = signer.stamp(POST, keys, now)
        assert stamp.authorization + stamp.signature(digest).decode() == by_botocore(POST, b"{}", keys, now)


def test_a_stamp_signs_any_number_of_bodies() -> None:
    stamp = Signer("eu-west-1").stamp(POST, KEYS, NOW)
    for body in (b"one", b"two", b"one"):
        ours = stamp.authorization + stamp.signature(sha256(body).hexdigest()).decode()
        assert ours == by_botocore(POST, body, KEYS, NOW)


def test_what_is_signed_tells_no_secret() -> None:
    keys = Keys("AKIAIOSFODNN7EXAMPLE", SECRET, "the-token")
    signer = Signer("eu-west-1")
    stamp = signer.stamp(POST, keys, NOW)
    for value in (signer, stamp, POST, keys):
        assert SECRET not in repr(value)
        assert "the-token" not in repr(value)
