"""Signature Version 4: what botocore signs is taken, AWS's own examples too, and nothing that was touched since."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode_sequence
from hypothesis import assume, given
from hypothesis import strategies as st

from sesmail.local.http.claim import Credential, SignatureFault, SignatureReason, credential_of
from sesmail.local.http.message import HttpRequest
from sesmail.local.http.signature import check_signature

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEBYaD//////////=+"
REGION = "eu-west-1"
HOST = "email.eu-west-1.amazonaws.com"
EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def signed(
    method: str = "POST",
    target: str = "/v2/email/outbound-emails?a=1&b=2",
    body: bytes = b'{"Content": {}}',
    headers: Sequence[tuple[str, str]] = (("Content-Type", "application/json"),),
    *,
    token: str | None = None,
    presigned_for_s: int | None = None,
) -> HttpRequest:
    """A request that botocore signed, as it arrives: with a host, and one line for a header that came twice."""
    request = AWSRequest(method=method, url=f"https://{HOST}{target}", data=body)
    for name, value in headers:
        request.headers.add_header(name, value)
    credentials = Credentials(KEY, SECRET, token)
    if presigned_for_s is None:
        SigV4Auth(credentials, "ses", REGION).add_auth(request)
    else:
        SigV4QueryAuth(credentials, "ses", REGION, presigned_for_s).add_auth(request)
    lines = {name.lower(): ",".join(map(str.strip, request.headers.get_all(name))) for name in request.headers}
    return HttpRequest(method, request.url.removeprefix(f"https://{HOST}"), {"host": HOST, **lines}, body)


def check(request: HttpRequest, *, token: str = "", later_s: float = 0) -> Credential:
    now = datetime.now(UTC) + timedelta(seconds=later_s)
    return check_signature(request, secret=SECRET, session_token=token, now=now, region=REGION, service="ses")


def refusal(request: HttpRequest, **others: str | float) -> SignatureFault:
    with pytest.raises(SignatureFault) as caught:
        check(request, **others)  # type: ignore[arg-type]
    return caught.value


def with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    headers = {**request.headers, name: value}
    return replace(request, headers={name: value for name, value in headers.items() if value is not None})


def with_authorization(request: HttpRequest, pattern: str, instead: str) -> HttpRequest:
    old = request.headers["authorization"]
    new = re.sub(pattern, instead, old, count=1)
    assert old != new
    return with_header(request, "authorization", new)


def with_query(request: HttpRequest, pattern: str, instead: str) -> HttpRequest:
    new = re.sub(pattern, instead, request.target, count=1)
    assert new != request.target
    return replace(request, target=new)


# ── what is taken ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "",
        "/?",
        "/v2/email/identities/user%2Btag%40example.com",
        "/v2/email/identities/user%2btag%40example.com/dkim",
        "/v2/email/identities/%E6%BC%A2%E5%AD%97",
        "/v2/email/templates/a%20b%2Fc%25/",
        "/v2/email//identities/./x/../y~-_.!$&'()*,;=:@",
        "/../..//",
        "/?b=2&a=1&b=10&b=1&a=",
        "/?a=1&&",
        "/?flag&other=",
        "/?NextToken=%2B%2F%3D%20%26%3F%23&PageSize=10",
        "/?%E6%BC%A2=%E5%AD%97&%ff=%00",
        "/?A=1&a=2&a-b=3&a.b=4&a_b=5",
        "/?X-Amz-Signature=a",
    ],
)
def test_what_botocore_signs_is_taken(target: str) -> None:
    for method, body in (("GET", b""), ("PUT", bytes(range(256)) * 40), ("DELETE", b"")):
        # botocore signs a query as it stands; AWS reads it first. They agree on what clients send.
        sent = target.replace("&&", "").replace("?flag&", "?flag=&").replace("%ff", "%FF")
        request = signed(method, sent, body)

        assert check(request) == credential_of(request) == Credential(KEY, request_date(request), REGION, "ses")
        assert check(replace(request, target=target)).access_key == KEY


def request_date(request: HttpRequest) -> str:
    return request.headers["x-amz-date"][:8]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), ("X-Amz-Target", "a.B")],
        [("X-Odd", "  many   blanks\tand tabs ")],
        [("X-Twice", "b"), ("X-Twice", " a  b "), ("X-Once", "")],
        [("X-Latin", "Grüße")],
        [("Date", "to be written by botocore")],
        [("User-Agent", "not signed"), ("Expect", "100-continue"), ("X-Amzn-Trace-Id", "not signed")],
        [("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")],
    ],
)
def test_headers_are_taken_as_they_were_signed(headers: list[tuple[str, str]]) -> None:
    assert check(signed(headers=headers)).access_key == KEY


def test_a_session_token_is_taken() -> None:
    assert check(signed(token=TOKEN), token=TOKEN).access_key == KEY
    assert check(signed(token=TOKEN, body=b"", presigned_for_s=60), token=TOKEN).access_key == KEY


@pytest.mark.parametrize("target", ["/", "/v2/email/identities/user%2Btag%40example.com?b=1&a=%2F"])
def test_a_presigned_request_is_taken(target: str) -> None:
    request = signed("GET", target, b"", [], presigned_for_s=3600)

    assert "authorization" not in request.headers
    assert check(request) == credential_of(request)
    assert check(request, later_s=3500).service == "ses"


def test_region_and_service_are_asked_for_or_not() -> None:
    request = signed()

    assert check_signature(request, secret=SECRET, now=datetime.now(UTC)).region == REGION


def test_any_zone_is_a_zone() -> None:
    now = datetime.now(timezone(timedelta(hours=-7)))

    assert check_signature(signed(), secret=SECRET, now=now).access_key == KEY


# The examples that AWS gives: its test suite for Signature Version 4, and the request of the IAM guide.
EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
EXAMPLE_TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthA"
    "x7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY"
    "9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FORM = "application/x-www-form-urlencoded"
EXAMPLES: dict[str, tuple[str, str, dict[str, str], str]] = {
    # name: method, target, headers beside host and date, signature
    "vanilla": ("GET", "/", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "relative": ("GET", "/example/..", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "more relative": ("GET", "/a/b/../..", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "slash": ("GET", "//", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "dot": ("GET", "/./", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "pointless dot": ("GET", "/./example", {}, "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
    "slashes": ("GET", "//example//", {}, "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
    "space": ("GET", "/example space/", {}, "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
    "utf-8": ("GET", "/ሴ", {}, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    "unreserved": ("GET", f"/{UNRESERVED}", {}, "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    "query": ("GET", "/?Param1=value1", {}, "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
    "query by name": (
        "GET",
        "/?Param2=value2&Param1=value1",
        {},
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "query by value": (
        "GET",
        "/?Param1=value2&Param1=value1",
        {},
        "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694",
    ),
    "query by case": (
        "GET",
        "/?Param1=value2&Param1=Value1",
        {},
        "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1",
    ),
    "query unreserved": (
        "GET",
        f"/?{UNRESERVED}={UNRESERVED}",
        {},
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    ),
    "query utf-8": ("GET", "/?ሴ=bar", {}, "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
    "header twice": (
        "GET",
        "/",
        {"my-header1": "value2,value2,value1"},
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    "header order": (
        "GET",
        "/",
        {"my-header1": "value4,value1,value3,value2"},
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
    ),
    "header blanks": (
        "GET",
        "/",
        {"my-header1": " value1", "my-header2": ' "a   b   c"'},
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "post": ("POST", "/", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "post query": ("POST", "/?Param1=value1", {}, "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
    "post header": (
        "POST",
        "/",
        {"my-header1": "VALUE1"},
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    "post form": (
        "POST",
        "/",
        {"content-type": FORM},
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    "post form in utf-8": (
        "POST",
        "/",
        {"content-type": f"{FORM}; charset=utf8"},
        "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
    ),
    "post token": (
        "POST",
        "/",
        {"x-amz-security-token": EXAMPLE_TOKEN},
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_aws_are_taken(name: str) -> None:
    method, target, more, signature = EXAMPLES[name]
    body = b"Param1=value1" if "form" in name else b""
    request = example(method, target, {"host": "example.amazonaws.com", **more}, body, "service", signature)
    now = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)

    credential = check_signature(
        request, secret=EXAMPLE_SECRET, session_token=more.get("x-amz-security-token", ""), now=now
    )

    assert credential == Credential("AKIDEXAMPLE", "20150830", "us-east-1", "service")


def test_the_example_of_the_guide_is_taken() -> None:
    headers = {"host": "iam.amazonaws.com", "content-type": f"{FORM}; charset=utf-8"}
    signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    request = example("GET", "/?Action=ListUsers&Version=2010-05-08", headers, b"", "iam", signature)

    now = datetime(2015, 8, 30, 12, 40, 59, tzinfo=UTC)

    assert check_signature(request, secret=EXAMPLE_SECRET, now=now).service == "iam"


def example(
    method: str, target: str, headers: dict[str, str], body: bytes, service: str, signature: str
) -> HttpRequest:
    headers = {**headers, "x-amz-date": "20150830T123600Z"}
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request,"
        f" SignedHeaders={';'.join(sorted(headers))}, Signature={signature}"
    )
    return HttpRequest(method, target, {**headers, "authorization": authorization}, body)


# ── what was touched ─────────────────────────────────────────────────────────────────────────────────────────────

DIFFERENT = "The request signature we calculated does not match the signature you provided."
MALFORMED, MISMATCH, SCOPE = SignatureReason.MALFORMED, SignatureReason.MISMATCH, SignatureReason.SCOPE
UNSIGNED = SignatureReason.UNSIGNED
Change = Callable[[HttpRequest], HttpRequest]


@pytest.mark.parametrize(
    ("change", "reason", "text"),
    [
        (lambda r: replace(r, method="PUT"), MISMATCH, DIFFERENT),
        (lambda r: replace(r, target=r.target.replace("email", "emai1")), MISMATCH, DIFFERENT),
        (lambda r: replace(r, target=r.target.replace("/v2", "/V2")), MISMATCH, DIFFERENT),
        (lambda r: replace(r, target=r.target.replace("b=2", "b=3")), MISMATCH, DIFFERENT),
        (lambda r: replace(r, target=f"{r.target}&c"), MISMATCH, DIFFERENT),
        (lambda r: replace(r, target=r.target.partition("?")[0]), MISMATCH, DIFFERENT),
        (lambda r: replace(r, body=r.body + b" "), MISMATCH, DIFFERENT),
        (lambda r: replace(r, body=b""), MISMATCH, DIFFERENT),
        (lambda r: with_header(r, "host", "localhost"), MISMATCH, DIFFERENT),
        (lambda r: with_header(r, "host", None), MISMATCH, DIFFERENT),
        (lambda r: with_header(r, "content-type", "text/plain"), MISMATCH, DIFFERENT),
        (lambda r: with_header(r, "content-type", None), MISMATCH, DIFFERENT),
        (lambda r: with_header(r, "x-amz-target", "x"), MISMATCH, "'x-amz-target' must be a 'SignedHeader'"),
        (lambda r: with_header(r, "x-amz-content-sha256", EMPTY_HASH), MISMATCH, "'x-amz-content-sha256' must be"),
        (lambda r: with_authorization(r, "AKIA", "AKIB"), None, ""),  # which key it is, the caller finds out
        (lambda r: with_authorization(r, "Signature=.", "Signature=x"), MISMATCH, DIFFERENT),
        (lambda r: with_authorization(r, "Signature=.*", "Signature="), MISMATCH, DIFFERENT),
        (lambda r: with_authorization(r, "Signature=", "Signature=é\udcff"), MISMATCH, DIFFERENT),
        (lambda r: with_authorization(r, "host;", ""), MISMATCH, "'Host' or ':authority' must be a 'SignedHeader'"),
        (lambda r: with_authorization(r, "content-type;", ""), MISMATCH, DIFFERENT),
        (lambda r: with_authorization(r, "host;", "host;gone;"), MISMATCH, DIFFERENT),
        (lambda r: with_authorization(r, "host;", "host;host;"), MISMATCH, DIFFERENT),
        (lambda r: with_authorization(r, "SignedHeaders=[^,]*", "SignedHeaders="), MISMATCH, "'Host' or ':authority'"),
        (lambda r: with_authorization(r, REGION, "eu-west-2"), SCOPE, "scoped to a valid region, not 'eu-west-2'."),
        (lambda r: with_authorization(r, "/ses/", "/email/"), SCOPE, "scoped to correct service: 'ses'."),
        (lambda r: with_authorization(r, "aws4_", "aws5_"), SCOPE, "terminator: 'aws4_request', not 'aws5_request'."),
        (lambda r: with_authorization(r, "/20", "/19"), SCOPE, "Date in Credential scope does not match YYYYMMDD from"),
        (lambda r: with_authorization(r, "/ses/", "/"), MALFORMED, "must have exactly 5 slash-delimited elements"),
        (lambda r: with_authorization(r, "/ses/", "/ses/ses/"), MALFORMED, "must have exactly 5 slash-delimited"),
        (lambda r: with_authorization(r, "SHA256", "SHA512"), MALFORMED, "Unsupported AWS 'algorithm': 'AWS4-HMAC-S"),
        (lambda r: with_authorization(r, "Credential=", "Credential= "), MALFORMED, "(missing equal-sign)"),
        (lambda r: with_authorization(r, "Signature=.*", ""), MALFORMED, "requires 'Signature' parameter. Auth"),
        (lambda r: with_authorization(r, "SignedHeaders=.*,", ""), MALFORMED, "requires 'SignedHeaders' parameter. A"),
        (lambda r: with_authorization(r, "Signature=", "Signature=a, Signature="), MALFORMED, "is there twice"),
        (lambda r: with_header(r, "x-amz-date", None), MALFORMED, "requires existence of either a 'X-Amz-Date' or a"),
        (lambda r: with_header(r, "x-amz-date", "2026"), MALFORMED, "Date must be in ISO-8601 'basic format'. Got '20"),
        (lambda r: with_header(r, "authorization", None), UNSIGNED, "missing Authentication Token"),
        (lambda r: with_header(r, "authorization", "Bearer x"), UNSIGNED, "missing Authentication Token"),
        (lambda r: replace(r, target=f"{r.target}&X-Amz-Algorithm=x"), MALFORMED, "Found both 'X-Amz-Algorithm' as"),
    ],
)  # fmt: skip
def test_what_was_touched_is_found(change: Change, reason: SignatureReason | None, text: str) -> None:
    changed = change(signed())

    if reason is None:
        assert check(changed).access_key == "AKIBIOSFODNN7EXAMPLE"
    else:
        fault = refusal(changed)
        assert fault.reason is reason
        assert text in fault.text
        assert str(fault) == fault.text


def test_the_text_is_the_one_of_aws() -> None:
    text = (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
        " Key and signing method. Consult the service documentation for details."
    )

    assert refusal(replace(signed(), body=b"")).text == text
    with pytest.raises(SignatureFault) as caught:
        check_signature(signed(), secret=f"{SECRET}x", now=datetime.now(UTC))
    assert caught.value.text == text
    assert caught.value.reason is MISMATCH


def test_all_that_is_wrong_with_a_scope_is_said() -> None:
    request = with_authorization(signed(), "Credential=.*?,", f"Credential={KEY}/b/c/d/e,")
    at = request.headers["x-amz-date"]

    assert refusal(request).text == (
        "Credential should be scoped to a valid region, not 'c'. Credential should be scoped to correct service: 'ses'."
        " Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does"
        f" not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '{at[:8]}', from '{at}'."
    )


@pytest.mark.parametrize(
    ("sent", "known"), [(TOKEN, ""), (None, TOKEN), (TOKEN, f"{TOKEN}x"), (TOKEN, "é"), (TOKEN, TOKEN.lower())]
)
@pytest.mark.parametrize("presigned_for_s", [None, 60])
def test_another_session_token_is_found(sent: str | None, known: str, presigned_for_s: int | None) -> None:
    fault = refusal(signed(token=sent, body=b"", presigned_for_s=presigned_for_s), token=known)

    assert fault.reason is SignatureReason.BAD_TOKEN
    assert fault.text == "The security token included in the request is invalid."


def test_a_session_token_must_be_signed() -> None:
    """It could be put beside any request otherwise."""
    fault = refusal(with_header(signed(), "x-amz-security-token", TOKEN), token=TOKEN)

    assert fault.reason is MISMATCH
    assert "'x-amz-security-token' must be a 'SignedHeader'" in fault.text


def test_the_hash_of_the_body_must_be_its_hash() -> None:
    request = signed(headers=[("X-Amz-Content-SHA256", EMPTY_HASH)], body=b"something")
    fault = refusal(request)

    assert fault.reason is MISMATCH
    assert "'x-amz-content-sha256' header does not match" in fault.text
    assert check(replace(request, body=b"")).access_key == KEY


def test_an_unsigned_body_may_be_any_body() -> None:
    request = signed(headers=[("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")])

    assert check(replace(request, body=b"another")).access_key == KEY
    assert refusal(with_header(request, "x-amz-content-sha256", EMPTY_HASH)).reason is MISMATCH


def test_a_fault_pickles() -> None:
    fault = pickle.loads(pickle.dumps(SignatureFault(SignatureReason.UNSIGNED, "who?")))

    assert (fault.reason, fault.text, str(fault)) == (SignatureReason.UNSIGNED, "who?", "who?")


# ── presigned ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "reason", "text"),
    [
        (lambda r: replace(r, method="PUT"), MISMATCH, DIFFERENT),
        (lambda r: replace(r, body=b"x"), MISMATCH, DIFFERENT),
        (lambda r: replace(r, target=f"{r.target}&c=1"), MISMATCH, DIFFERENT),
        (lambda r: with_query(r, "Signature=.", "Signature=x"), MISMATCH, DIFFERENT),
        (lambda r: with_query(r, "Expires=600", "Expires=601"), MISMATCH, DIFFERENT),
        (lambda r: with_query(r, "&X-Amz-Expires=600", ""), MISMATCH, DIFFERENT),
        (lambda r: with_header(r, "host", "localhost"), MISMATCH, DIFFERENT),
        (lambda r: with_header(r, "x-amz-target", "x"), MISMATCH, "'x-amz-target' must be a 'SignedHeader'"),
        (lambda r: with_query(r, "SignedHeaders=host", "SignedHeaders=date"), MISMATCH, "'Host' or ':authority'"),
        (lambda r: with_query(r, "Algorithm=AWS4", "Algorithm=AWS5"), MALFORMED, "Unsupported AWS 'algorithm'"),
        (lambda r: with_query(r, REGION, "eu-west-2"), SCOPE, "not 'eu-west-2'"),
        (lambda r: with_query(r, "%2Fses", ""), MALFORMED, "must have exactly 5 slash-delimited elements"),
        (lambda r: with_query(r, "Expires=600", "Expires=-1"), MALFORMED, "X-Amz-Expires should be a number"),
        (lambda r: with_query(r, "Expires=600", "Expires=%D9%A3"), MALFORMED, "X-Amz-Expires should be a number"),
        (lambda r: with_query(r, "Expires=600", "Expires=604801"), MALFORMED, "must be less than a week"),
        (lambda r: with_query(r, "Expires=600", f"Expires={'9' * 5000}"), MALFORMED, "must be less than a week"),
        (lambda r: with_query(r, "X-Amz-Date=[^&]*", "X-Amz-Date="), MALFORMED, "must include 'X-Amz-Date'. Re-exam"),
        (lambda r: with_query(r, "X-Amz-Credential=", "Y="), MALFORMED, "must include 'X-Amz-Credential'. Re-examine"),
        (lambda r: with_query(r, "X-Amz-Signature=", "Y="), MALFORMED, "must include 'X-Amz-Signature'. Re-examine"),
        (lambda r: with_query(r, "X-Amz-SignedH", "Y"), MALFORMED, "must include 'X-Amz-SignedHeaders'. Re-examine"),
        (lambda r: with_query(r, "X-Amz-Algorithm=", "Y="), MALFORMED, "must include 'X-Amz-Algorithm'. Re-examine"),
        (lambda r: with_query(r, "X-Amz-(.*)", "Y=1"), UNSIGNED, "Request is missing"),
    ],
)  # fmt: skip
def test_what_was_touched_in_a_presigned_request_is_found(change: Change, reason: SignatureReason, text: str) -> None:
    request = signed("GET", "/v2/email/account?a=1", b"", [], presigned_for_s=600)
    fault = refusal(change(request))

    assert fault.reason is reason
    assert text in fault.text
    assert check(request).access_key == KEY


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────

SIGNED_AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
OLD, FUTURE = SignatureReason.EXPIRED, SignatureReason.NOT_YET


@pytest.mark.parametrize(
    ("later_s", "reason", "text"),
    [
        (0, None, ""),
        (299.5, None, ""),
        (300, None, ""),
        (301, OLD, "expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"),
        (-300, None, ""),
        (
            -301,
            FUTURE,
            "not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)",
        ),
        (3e9, OLD, "expired: 20150830T123600Z is now earlier than 21100923T175100Z (21100923T175600Z - 5 min.)"),
    ],
)  # fmt: skip
def test_a_signature_lives_for_five_minutes(later_s: float, reason: SignatureReason | None, text: str) -> None:
    method, target, _, signature = EXAMPLES["vanilla"]
    request = example(method, target, {"host": "example.amazonaws.com"}, b"", "service", signature)
    now = SIGNED_AT + timedelta(seconds=later_s)

    if reason is None:
        assert check_signature(request, secret=EXAMPLE_SECRET, now=now).access_key == "AKIDEXAMPLE"
        return
    with pytest.raises(SignatureFault) as caught:
        check_signature(request, secret=EXAMPLE_SECRET, now=now)
    assert caught.value.reason is reason
    assert caught.value.text == f"Signature {text}"


@pytest.mark.parametrize(
    ("for_s", "later_s", "reason", "minutes"),
    [
        (60, 58, None, ""),
        (60, 62, OLD, " - 1 min.)"),
        (100, 103, OLD, " - 1.66667 min.)"),
        (604800, 604790, None, ""),
        (604800, 604802, OLD, " - 10080 min.)"),
        (60, -298, None, ""),
        (60, -302, FUTURE, " + 5 min.)"),
    ],
)
def test_a_presigned_request_lives_as_long_as_it_says(
    for_s: int, later_s: float, reason: SignatureReason | None, minutes: str
) -> None:
    request = signed("GET", "/", b"", [], presigned_for_s=for_s)

    if reason is None:
        assert check(request, later_s=later_s).access_key == KEY
        return
    fault = refusal(request, later_s=later_s)
    assert fault.reason is reason
    assert fault.text.endswith(minutes)


@pytest.mark.parametrize(
    ("date", "is_read"),
    [
        ("Sun, 30 Aug 2015 12:36:00 GMT", True),
        ("Sun, 30 Aug 2015 12:36:00 -0000", True),
        ("Mon, 30 Aug 2015 12:36:00 +0000", True),
        ("20150830T123600Z", True),
        ("Sun, 30 Aug 2015 12:36:00 CEST", False),
        ("Sun, 30 Agu 2015 12:36:00 GMT", False),
        ("Sun, 30 Aug 15 12:36:00 GMT", False),
        ("Sun, 30 Aug 2015 12:36 GMT", False),
        ("Sunday, 30-Aug-15 12:36:00 GMT", False),
        ("20150830T123600", False),
        ("20150830T123600z", False),
        ("20151330T123600Z", False),
        ("20150830T126000Z", False),
        ("2015+830T123600Z", False),
        ("20150830T12360 Z", False),
        ("٢٠١٥٠٨٣٠T123600Z", False),
        ("2015-08-30T12:36:00Z", False),
        ("00000830T123600Z", False),
        ("soon", False),
    ],
)
def test_a_date_header_is_read_where_the_one_of_amazon_is_missing(date: str, is_read: bool) -> None:
    _, _, _, signature = EXAMPLES["vanilla"]
    request = example("GET", "/", {"host": "h"}, b"", "service", signature)
    headers = {name: value for name, value in request.headers.items() if name != "x-amz-date"}
    request = with_authorization(replace(request, headers={**headers, "date": date}), ";x-amz-date", "")

    with pytest.raises(SignatureFault) as caught:
        check_signature(request, secret=EXAMPLE_SECRET, now=SIGNED_AT)
    # It was signed with another header; what counts is that the date was read, and the comparison reached.
    assert caught.value.reason is (MISMATCH if is_read else MALFORMED)


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "header", ["", "Basic QWxhZGRpbjpvcGVu", "Bearer AWS4", " AWS4-HMAC-SHA256", "aws4-hmac-sha256"]
)
def test_an_authorization_of_another_kind_names_nobody(header: str) -> None:
    assert credential_of(HttpRequest("GET", "/", {"authorization": header})) is None
    assert credential_of(HttpRequest("GET", "/?X-Amz-Credential=a/b/c/d/e", {"authorization": header})) is None


@pytest.mark.parametrize(
    "target", ["/", "/?a=1", "/?x-amz-credential=AKIA%2Fb%2Fc%2Fd%2Fe", "/X-Amz-Credential", "/?X-Amz-Algorithm=x"]
)
def test_an_unsigned_request_names_nobody(target: str) -> None:
    assert credential_of(HttpRequest("GET", target, {"host": "localhost"})) is None


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("AWS AKIA:c2lnbmF0dXJl", "Authorization header requires 'Credential' parameter. Authorization=AWS AKIA:"),
        ("AWS4-HMAC-SHA256", "requires 'Credential' parameter"),
        ("AWS4-HMAC-SHA256 XCredential=a/b/c/d/e", "requires 'Credential' parameter"),
        ("AWS4-HMAC-SHA256 Credential=", "term, got ''"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d", "term, got 'a/b/c/d'"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e/", "term, got 'a/b/c/d/e/'"),
    ],
)
def test_an_authorization_that_cannot_be_read_is_a_fault(header: str, text: str) -> None:
    with pytest.raises(SignatureFault) as caught:
        credential_of(HttpRequest("GET", "/", {"authorization": header}))

    assert caught.value.reason is MALFORMED
    assert text in caught.value.text


@pytest.mark.parametrize("target", ["/?a=X-Amz-Credential=x", "/?X-Amz-Credential=AKIA", "/?X-Amz-Credential=%2F%ff"])
def test_a_credential_in_the_query_that_cannot_be_read_is_a_fault(target: str) -> None:
    with pytest.raises(SignatureFault) as caught:
        credential_of(HttpRequest("GET", target))

    assert caught.value.reason is MALFORMED


def test_the_first_credential_is_the_one_that_is_checked() -> None:
    """Otherwise a request could be taken for one key and checked with another."""
    presigned = signed("GET", "/", b"", [], presigned_for_s=60)
    doubled = replace(presigned, target=f"{presigned.target}&X-Amz-Credential=EVE%2Fb%2Fc%2Fd%2Fe")
    request = with_authorization(signed(), "Credential=", "Credential=EVE/b/c/d/e, Credential=")

    assert credential_of(doubled) == credential_of(presigned)
    assert refusal(doubled).reason is MISMATCH
    assert refusal(request).reason is MALFORMED


# ── for all ──────────────────────────────────────────────────────────────────────────────────────────────────────

_SEGMENT = st.one_of(
    st.sampled_from(["", ".", "..", "identities", "user%2Btag%40example.com", "%2b", "~"]),
    st.text(max_size=6).map(lambda text: quote(text, safe="!$&'()*+,;=:@~")),
)
_PATHS = st.lists(_SEGMENT, max_size=5).map(lambda segments: f"/{'/'.join(segments)}")
_PAIRS = st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text(max_size=6)), max_size=4)
_VALUES = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]) | st.just("\t"), max_size=12
)
_HEADERS = st.lists(
    st.tuples(st.sampled_from(["Content-Type", "X-Amz-Meta", "X-Other", "Accept", "User-Agent"]), _VALUES), max_size=4
)
_REQUESTS = st.builds(
    lambda method, path, pairs, headers, body, token: (
        signed(method, f"{path}?{percent_encode_sequence(pairs)}" if pairs else path, body, headers, token=token),
        token or "",
    ),
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    _PATHS,
    _PAIRS,
    _HEADERS,
    st.binary(max_size=20),
    st.none() | st.text(UNRESERVED + "+/=", min_size=1, max_size=12),
)


@given(_REQUESTS)
def test_whatever_botocore_signs_is_taken(drawn: tuple[HttpRequest, str]) -> None:
    request, token = drawn

    assert check(request, token=token).access_key == KEY


def means_the_same(one: HttpRequest, other: HttpRequest) -> bool:
    """Whether the two are one to SigV4, which does not see dots and double slashes, nor the order of parameters."""

    def seen(request: HttpRequest) -> tuple[object, ...]:
        parts = urlsplit(f"https://{HOST}{request.target}")
        path = SigV4Auth(None, "ses", REGION)._normalize_url_path(request.path)
        pairs = sorted(parse_qsl(request.query, keep_blank_values=True, encoding="latin-1"))
        return path, pairs, parts.fragment, {name: value.split() for name, value in request.headers.items()}

    return seen(one) == seen(other)


def changed_at(request: HttpRequest, place: str, new: str) -> HttpRequest:
    if place == "target":
        return replace(request, target=new)
    return replace(request, method=new) if place == "method" else with_header(request, place, new)


@given(_REQUESTS, st.data())
def test_one_changed_character_is_found(drawn: tuple[HttpRequest, str], data: st.DataObject) -> None:
    request, token = drawn
    names = request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    place = data.draw(st.sampled_from(["target", "method", *names]))
    old: str = {**request.headers, "target": request.target, "method": request.method}[place]
    start = 1 if place == "target" else 0  # a target begins with a slash, or is refused at the door
    assume(len(old) > start)
    at = data.draw(st.integers(start, len(old) - 1))
    letter = data.draw(st.sampled_from("aZ09~%/?&=+ ;"))
    assume(letter != old[at])
    new = f"{old[:at]}{letter}{old[at + 1 :]}"
    changed = changed_at(request, place, new)
    assume(place == "method" or not means_the_same(request, changed))

    assert isinstance(refusal(changed, token=token), SignatureFault)


@given(_REQUESTS, st.data())
def test_one_changed_byte_of_the_body_is_found(drawn: tuple[HttpRequest, str], data: st.DataObject) -> None:
    request, token = drawn
    body = bytearray(request.body or b"\0")
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255)) if request.body else 0

    assert refusal(replace(request, body=bytes(body)), token=token).reason is MISMATCH


_ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=20)
_PIECES = st.sampled_from(
    "AWS4-HMAC-SHA256 Credential= SignedHeaders= Signature= a/20260131/b/c/aws4_request host;x-amz-date , = ; /".split()
)
_GARBAGE = _ANYTHING | st.lists(_PIECES | _ANYTHING, max_size=10).map(" ".join).map("AWS4-HMAC-SHA256 {}".format)
_QUERY_PIECES = st.sampled_from(
    "X-Amz-Algorithm= X-Amz-Credential= X-Amz-Date= X-Amz-Expires= X-Amz-SignedHeaders= X-Amz-Signature= & % %2F + host"
    " AWS4-HMAC-SHA256 20260131T120000Z a/20260131/b/c/aws4_request".split()
)


@given(
    st.dictionaries(st.sampled_from(["authorization", "x-amz-date", "date", "x-amz-security-token", "host"]), _GARBAGE),
    _ANYTHING | st.lists(_QUERY_PIECES | _ANYTHING, max_size=14).map("".join).map("/?{}".format),
)
def test_garbage_is_a_fault_or_nobody(headers: dict[str, str], target: str) -> None:
    request = HttpRequest("POST", target, headers, b"")

    try:
        credential = credential_of(request)
    except SignatureFault as fault:
        credential = None
        reasons = {fault.reason}
    else:
        reasons = set()
    assert reasons <= {MALFORMED}
    assert credential is None or isinstance(credential.access_key, str)
    assert isinstance(refusal(request), SignatureFault)


@given(st.lists(st.sampled_from(["20260131T12000Z", "2026013T120000Z", "T", "Z", "0", "9", " ", ",", "Jan", "GMT"])))
def test_any_text_is_a_date_or_malformed(pieces: list[str]) -> None:
    request = with_header(signed(), "x-amz-date", "".join(pieces) or " ")

    assert refusal(request).reason in (MALFORMED, OLD, FUTURE)
