"""AWS Signature Version 4, seen from the other side: whether a request was signed as it claims.

Rule 1: what the signature covers is built from the request as it came, never from what somebody made of it.
Rule 2: the faults have the texts of AWS where these are known, and are found in the order in which AWS finds them.

(IAM user guide, "Create a signed AWS API request".)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sesmail.local.http.claim import (
    SKEW,
    Claim,
    Credential,
    SignatureFault,
    SignatureReason,
    as_bytes,
    claim_of,
    decoded_pairs,
    malformed,
    scoped,
)
from sesmail.local.http.message import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
_UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"


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
    claim = claim_of(request)
    signed_at = _check_time(claim, now)
    _check_signed_headers(claim, request)
    credential = _check_scope(claim, signed_at, region, service)
    signed = _to_sign(claim, signed_at, _canonical_request(claim, request))
    if not _same(claim.signature, hmac.new(_key(secret, credential), signed, hashlib.sha256).hexdigest()):
        raise _mismatch(_DIFFERENT)
    if not _same(claim.token, session_token):
        raise SignatureFault(SignatureReason.BAD_TOKEN, "The security token included in the request is invalid.")
    return credential


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_time(claim: Claim, now: datetime) -> str:
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
        raise malformed(
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


def _check_signed_headers(claim: Claim, request: HttpRequest) -> None:
    if "host" not in claim.signed_headers:
        raise _mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name in request.headers:
        if name.startswith("x-amz-") and name not in claim.signed_headers:
            raise _mismatch(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")


def _check_scope(claim: Claim, signed_at: str, region: str, service: str) -> Credential:
    if claim.algorithm != ALGORITHM:
        raise malformed(f"Unsupported AWS 'algorithm': '{claim.algorithm}' (only {ALGORITHM} for now). ")
    credential = scoped(claim.scope)
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


def _canonical_request(claim: Claim, request: HttpRequest) -> str:
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
    encoded = [(quote(name, safe=""), quote(value, safe="")) for name, value in decoded_pairs(query) if name != without]
    return "&".join([f"{name}={value}" for name, value in sorted(encoded)])


def _payload_hash(request: HttpRequest) -> str:
    found = hashlib.sha256(request.body).hexdigest()
    said = request.headers.get("x-amz-content-sha256", found)
    if said not in (found, _UNSIGNED_PAYLOAD):
        raise _mismatch("The provided 'x-amz-content-sha256' header does not match what was computed.")
    return said


def _to_sign(claim: Claim, signed_at: str, canonical_request: str) -> bytes:
    scope = claim.scope.partition("/")[2]
    digest = hashlib.sha256(as_bytes(canonical_request)).hexdigest()
    return as_bytes(f"{ALGORITHM}\n{signed_at}\n{scope}\n{digest}")


def _key(secret: str, credential: Credential) -> bytes:
    key = as_bytes(f"AWS4{secret}")
    for part in (credential.date, credential.region, credential.service, TERMINATOR):
        key = hmac.new(key, as_bytes(part), hashlib.sha256).digest()
    return key


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(as_bytes(one), as_bytes(other))
