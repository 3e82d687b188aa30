"""AWS Signature Version 4, seen from the other side: who says it signed a request, and whether it did.

Rule 1: `credential_of` runs for every request and believes what it reads. Only `check_signature` finds out.
Rule 2: what the signature covers is built from the request as it came, never from what somebody made of it.
Rule 3: the faults have the texts of AWS where these are known, and are found in the order in which AWS finds them.

(IAM user guide, "Create a signed AWS API request".)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from urllib.parse import quote, unquote_to_bytes

from sesmail.local.http.message import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
SKEW = timedelta(minutes=5)
MAX_LIFETIME_S = 7 * 24 * 3600  # of a presigned request
_UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"


class SignatureReason(Enum):
    """Why a signature is not taken. AWS has one code for several of these, and its two ways to spell it."""

    UNSIGNED = "unsigned"
    """There is none: MissingAuthenticationToken."""
    MALFORMED = "malformed"
    """It cannot be read: IncompleteSignature."""
    EXPIRED = "expired"
    """Signed too long ago: InvalidSignature or SignatureDoesNotMatch, as are the next three."""
    NOT_YET = "not yet"
    SCOPE = "scope"
    MISMATCH = "mismatch"
    BAD_TOKEN = "bad token"  # noqa: S105 - no password
    """The session token is another one: UnrecognizedClient or InvalidClientTokenId."""
    UNKNOWN_KEY = "unknown key"
    """The same codes. For whoever looks up the access key; nothing here knows any."""


class SignatureFault(Exception):
    """A request is not from whom it says, or not as it was signed."""

    def __init__(self, reason: SignatureReason, text: str) -> None:
        super().__init__(reason, text)
        self.reason = reason
        self.text = text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Credential:
    """Who says it signed a request, and for what."""

    access_key: str
    date: str
    region: str
    service: str


def credential_of(request: HttpRequest) -> Credential | None:
    """Read who signed a request; None where nobody did. Whether it is true, this does not ask.

    >>> from sesmail.local.http.message import HttpRequest
    >>> from sesmail.local.http.signature import credential_of
    >>> credential_of(HttpRequest("GET", "/?X-Amz-Credential=AKIA%2F20260131%2Feu-west-1%2Fses%2Faws4_request"))
    Credential(access_key='AKIA', date='20260131', region='eu-west-1', service='ses')
    """
    header = request.headers.get("authorization")
    if header is not None:
        return _credential(_scope_in_header(header)) if header.startswith("AWS") else None
    if "X-Amz-Credential=" in request.target:
        return _credential(_scope_in_query(request.query))
    return None


def _scope_in_header(header: str) -> str:
    for word in header.replace(",", " ").split():
        if word.startswith("Credential="):
            return word[11:]
    raise _malformed(f"Authorization header requires 'Credential' parameter. Authorization={header}")


def _scope_in_query(query: str) -> str:
    for name, value in _decoded_pairs(query):
        if name == b"X-Amz-Credential":
            return value.decode("utf-8", "replace")
    raise _malformed("AWS query-string parameters must include 'X-Amz-Credential'.")


def _credential(scope: str) -> Credential:
    parts = scope.split("/")
    if len(parts) != 5:
        raise _malformed(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,"
            f" got '{scope}'"
        )
    return Credential(parts[0], parts[1], parts[2], parts[3])


def _malformed(text: str) -> SignatureFault:
    return SignatureFault(SignatureReason.MALFORMED, text)


# ── checking ─────────────────────────────────────────────────────────────────────────────────────────────────────


def check_signature(
    request: HttpRequest,
    *,
    secret: str,
    now: datetime,
    session_token: str = "",
    region: str = "",
    service: str = "",
) -> Credential:
    """Raise `SignatureFault` unless a request was signed with this secret, just now, and came as it was signed.

    ``now`` knows its time zone. ``session_token`` is the one that belongs to the key, and empty for a key that lasts.
    ``region`` and ``service`` are those that must have been signed for; any will do where they are empty.
    """
    claim = _claim_of(request)
    signed_at = _check_time(claim, now)
    _check_signed_headers(claim, request)
    credential = _check_scope(claim, signed_at, region, service)
    signed = _to_sign(claim, signed_at, _canonical_request(claim, request))
    if not _same(claim.signature, hmac.new(_key(secret, credential), signed, hashlib.sha256).hexdigest()):
        raise _mismatch(_DIFFERENT)
    if not _same(claim.token, session_token):
        raise SignatureFault(SignatureReason.BAD_TOKEN, "The security token included in the request is invalid.")
    return credential


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says of its signature, in its header or in its query."""

    algorithm: str
    scope: str
    signed_headers: tuple[str, ...]
    signature: str
    signed_at: str
    token: str
    lifetime: timedelta
    in_query: bool


def _claim_of(request: HttpRequest) -> _Claim:
    header = request.headers.get("authorization")
    in_query = "X-Amz-Credential=" in request.target or "X-Amz-Algorithm=" in request.target
    if header is None and in_query:
        return _claim_in_query(request)
    if header is None or not header.startswith("AWS"):
        raise SignatureFault(SignatureReason.UNSIGNED, "Request is missing Authentication Token")
    if in_query:
        raise _malformed("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
    return _claim_in_header(request, header)


def _claim_in_header(request: HttpRequest, header: str) -> _Claim:
    algorithm, *words = header.replace(",", " ").split()
    fields = _fields(words, header)
    signed_at = request.headers.get("x-amz-date") or request.headers.get("date", "")
    _check_fields(fields, signed_at, header)
    return _Claim(
        algorithm=algorithm,
        scope=fields["Credential"],
        signed_headers=_names(fields["SignedHeaders"]),
        signature=fields["Signature"],
        signed_at=signed_at,
        token=request.headers.get("x-amz-security-token", ""),
        lifetime=SKEW,
        in_query=False,
    )


def _fields(words: list[str], header: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise _malformed(
                f"'{word}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
            )
        if name in fields:  # `credential_of` takes the first, and nobody may be taken for two
            raise _malformed(f"'{name}' is there twice in Authorization header: '{header}'.")
        fields[name] = value
    return fields


def _check_fields(fields: dict[str, str], signed_at: str, header: str) -> None:
    names = ("Credential", "Signature", "SignedHeaders")
    missing = [f"Authorization header requires '{name}' parameter." for name in names if name not in fields]
    if not signed_at:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        raise _malformed(f"{' '.join(missing)} Authorization={header}")


_IN_QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


def _claim_in_query(request: HttpRequest) -> _Claim:
    fields: dict[str, str] = {}
    for name, value in _decoded_pairs(request.query):
        fields.setdefault(name.decode("utf-8", "replace"), value.decode("utf-8", "replace"))
    missing = [f"AWS query-string parameters must include '{name}'." for name in _IN_QUERY if not fields.get(name)]
    if missing:
        raise _malformed(f"{' '.join(missing)} Re-examine the query-string parameters.")
    return _Claim(
        algorithm=fields["X-Amz-Algorithm"],
        scope=fields["X-Amz-Credential"],
        signed_headers=_names(fields["X-Amz-SignedHeaders"]),
        signature=fields["X-Amz-Signature"],
        signed_at=fields["X-Amz-Date"],
        token=fields.get("X-Amz-Security-Token", ""),
        lifetime=_lifetime(fields.get("X-Amz-Expires")),
        in_query=True,
    )


def _names(signed_headers: str) -> tuple[str, ...]:
    return tuple(sorted(signed_headers.lower().split(";")))


def _lifetime(seconds: str | None) -> timedelta:
    if seconds is None:
        return SKEW
    if not (seconds.isascii() and seconds.isdigit()):
        raise _malformed("X-Amz-Expires should be a number")
    if len(seconds) > 6 or int(seconds) > MAX_LIFETIME_S:
        raise _malformed(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than"
            f" {MAX_LIFETIME_S} seconds"
        )
    return timedelta(seconds=int(seconds))


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_time(claim: _Claim, now: datetime) -> str:
    """When it was signed, as it stands in what was signed."""
    signed = _moment(claim.signed_at)
    now = now.astimezone(UTC)
    at = _stamp(signed)
    if signed < (earliest := now - claim.lifetime):
        raise SignatureFault(
            SignatureReason.EXPIRED,
            f"Signature expired: {at} is now earlier than {_stamp(earliest)}"
            f" ({_stamp(now)} - {_minutes(claim.lifetime)} min.)",
        )
    if signed > (latest := now + SKEW):
        raise SignatureFault(
            SignatureReason.NOT_YET,
            f"Signature not yet current: {at} is still later than {_stamp(latest)} ({_stamp(now)} + 5 min.)",
        )
    return at


def _minutes(lifetime: timedelta) -> str:
    return f"{lifetime.total_seconds() / 60:g}"


def _stamp(moment: datetime) -> str:
    return f"{moment.year:04}{moment:%m%dT%H%M%SZ}"  # %Y does not fill up with zeros everywhere


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _moment(text: str) -> datetime:
    try:
        return _basic(text) if text[8:9] == "T" else _http_date(text)
    except ValueError:
        raise _malformed(
            f"Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ) from None


def _basic(text: str) -> datetime:
    """``20260131T120000Z``. `strptime` would take other digits and fewer of them."""
    day, time = text[:8], text[9:15]
    if len(text) != 16 or text[15] != "Z" or not (text.isascii() and day.isdigit() and time.isdigit()):
        raise ValueError
    return datetime(int(day[:4]), int(day[4:6]), int(day[6:]), int(time[:2]), int(time[2:4]), int(time[4:]), tzinfo=UTC)


def _http_date(text: str) -> datetime:
    """``Sat, 31 Jan 2026 12:00:00 GMT``, as a ``Date`` header has it; botocore writes ``-0000`` for the zone."""
    _, day, month, year, time, zone = text.split(" ")
    if zone not in ("GMT", "-0000", "+0000"):
        raise ValueError
    return _basic(f"{year}{_MONTHS.index(month) + 1:02}{day}T{time.replace(':', '')}Z")


# ── what for ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_signed_headers(claim: _Claim, request: HttpRequest) -> None:
    if "host" not in claim.signed_headers:
        raise _mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name in request.headers:
        if name.startswith("x-amz-") and name not in claim.signed_headers:
            raise _mismatch(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")


def _check_scope(claim: _Claim, signed_at: str, region: str, service: str) -> Credential:
    if claim.algorithm != ALGORITHM:
        raise _malformed(f"Unsupported AWS 'algorithm': '{claim.algorithm}' (only {ALGORITHM} for now). ")
    credential = _credential(claim.scope)
    wrong = list(_wrong_in(credential, claim.scope.rpartition("/")[2], signed_at, region, service))
    if wrong:
        raise SignatureFault(SignatureReason.SCOPE, " ".join(wrong))
    return credential


def _wrong_in(credential: Credential, end: str, signed_at: str, region: str, service: str) -> Iterator[str]:
    if region and credential.region != region:
        yield f"Credential should be scoped to a valid region, not '{credential.region}'."
    if service and credential.service != service:
        yield f"Credential should be scoped to correct service: '{service}'."
    if end != TERMINATOR:
        yield f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{end}'."
    if credential.date != signed_at[:8]:
        yield (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{credential.date}' != '{signed_at[:8]}', from '{signed_at}'."
        )


# ── what was signed ──────────────────────────────────────────────────────────────────────────────────────────────

_DIFFERENT = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)


def _mismatch(text: str) -> SignatureFault:
    return SignatureFault(SignatureReason.MISMATCH, text)


def _canonical_request(claim: _Claim, request: HttpRequest) -> str:
    headers = request.headers
    if not all(name in headers for name in claim.signed_headers):
        raise _mismatch(_DIFFERENT)  # AWS does not say which one was lost on the way
    lines = [f"{name}:{' '.join(headers[name].split())}" for name in claim.signed_headers]
    return "\n".join(
        [
            request.method,
            _canonical_path(request.path),
            _canonical_query(request.query, without=b"X-Amz-Signature" if claim.in_query else None),
            *lines,
            "",
            ";".join(claim.signed_headers),
            _payload_hash(request),
        ]
    )


def _canonical_path(path: str) -> str:
    """Without empty segments and dots, and each segment encoded once more: it is ``%2540`` for ``%40``, but in S3."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    end = "/" if segments and path.endswith("/") else ""
    return quote(f"/{'/'.join(segments)}{end}", safe="/", errors="surrogatepass")


def _canonical_query(query: str, *, without: bytes | None) -> str:
    encoded = [
        (quote(name, safe=""), quote(value, safe="")) for name, value in _decoded_pairs(query) if name != without
    ]
    return "&".join([f"{name}={value}" for name, value in sorted(encoded)])


def _decoded_pairs(query: str) -> Iterator[tuple[bytes, bytes]]:
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.replace("+", " ").partition("=")
            yield unquote_to_bytes(_bytes(name)), unquote_to_bytes(_bytes(value))


def _payload_hash(request: HttpRequest) -> str:
    found = hashlib.sha256(request.body).hexdigest()
    said = request.headers.get("x-amz-content-sha256", found)
    if said not in (found, _UNSIGNED_PAYLOAD):
        raise _mismatch("The provided 'x-amz-content-sha256' header does not match what was computed.")
    return said


def _to_sign(claim: _Claim, signed_at: str, canonical_request: str) -> bytes:
    scope = claim.scope.partition("/")[2]
    digest = hashlib.sha256(_bytes(canonical_request)).hexdigest()
    return _bytes(f"{ALGORITHM}\n{signed_at}\n{scope}\n{digest}")


def _key(secret: str, credential: Credential) -> bytes:
    key = _bytes(f"AWS4{secret}")
    for part in (credential.date, credential.region, credential.service, TERMINATOR):
        key = hmac.new(key, _bytes(part), hashlib.sha256).digest()
    return key


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # whatever came in: here nothing is refused but by its signature
