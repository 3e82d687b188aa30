"""A claim: what a request says of its signature, in its header or in its query. Nothing here asks whether it is true.

(IAM user guide, "Create a signed AWS API request".)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from urllib.parse import unquote_to_bytes

from sesmail.local.http.message import HttpRequest

SKEW = timedelta(minutes=5)
MAX_LIFETIME_S = 7 * 24 * 3600  # of a presigned request


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
    >>> from sesmail.local.http.claim import credential_of
    >>> credential_of(HttpRequest("GET", "/?X-Amz-Credential=AKIA%2F20260131%2Feu-west-1%2Fses%2Faws4_request"))
    Credential(access_key='AKIA', date='20260131', region='eu-west-1', service='ses')
    """
    header = request.headers.get("authorization")
    if header is not None:
        return scoped(_scope_in_header(header)) if header.startswith("AWS") else None
    if "X-Amz-Credential=" in request.target:
        return scoped(_scope_in_query(request.query))
    return None


def _scope_in_header(header: str) -> str:
    for word in header.replace(",", " ").split():
        if word.startswith("Credential="):
            return word[11:]
    raise malformed(f"Authorization header requires 'Credential' parameter. Authorization={header}")


def _scope_in_query(query: str) -> str:
    for name, value in decoded_pairs(query):
        if name == b"X-Amz-Credential":
            return value.decode("utf-8", "replace")
    raise malformed("AWS query-string parameters must include 'X-Amz-Credential'.")


def scoped(scope: str) -> Credential:
    """A credential out of its scope, ``key/date/region/service/aws4_request``."""
    parts = scope.split("/")
    if len(parts) != 5:
        raise malformed(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term,"
            f" got '{scope}'"
        )
    return Credential(parts[0], parts[1], parts[2], parts[3])


def malformed(text: str) -> SignatureFault:
    """The fault of what cannot be read."""
    return SignatureFault(SignatureReason.MALFORMED, text)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its signature."""

    algorithm: str
    scope: str
    signed_headers: tuple[str, ...]
    signature: str
    signed_at: str
    token: str
    lifetime: timedelta
    in_query: bool


def claim_of(request: HttpRequest) -> Claim:
    """Read the whole of it, or say what is missing."""
    header = request.headers.get("authorization")
    in_query = "X-Amz-Credential=" in request.target or "X-Amz-Algorithm=" in request.target
    if header is None and in_query:
        return _claim_in_query(request)
    if header is None or not header.startswith("AWS"):
        raise SignatureFault(SignatureReason.UNSIGNED, "Request is missing Authentication Token")
    if in_query:
        raise malformed("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
    return _claim_in_header(request, header)


def _claim_in_header(request: HttpRequest, header: str) -> Claim:
    algorithm, *words = header.replace(",", " ").split()
    fields = _fields(words, header)
    signed_at = request.headers.get("x-amz-date") or request.headers.get("date", "")
    _check_fields(fields, signed_at, header)
    return Claim(
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
            raise malformed(
                f"'{word}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
            )
        if name in fields:  # `credential_of` takes the first, and nobody may be taken for two
            raise malformed(f"'{name}' is there twice in Authorization header: '{header}'.")
        fields[name] = value
    return fields


def _check_fields(fields: dict[str, str], signed_at: str, header: str) -> None:
    names = ("Credential", "Signature", "SignedHeaders")
    missing = [f"Authorization header requires '{name}' parameter." for name in names if name not in fields]
    if not signed_at:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        raise malformed(f"{' '.join(missing)} Authorization={header}")


_IN_QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


def _claim_in_query(request: HttpRequest) -> Claim:
    fields: dict[str, str] = {}
    for name, value in decoded_pairs(request.query):
        fields.setdefault(name.decode("utf-8", "replace"), value.decode("utf-8", "replace"))
    missing = [f"AWS query-string parameters must include '{name}'." for name in _IN_QUERY if not fields.get(name)]
    if missing:
        raise malformed(f"{' '.join(missing)} Re-examine the query-string parameters.")
    return Claim(
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
        raise malformed("X-Amz-Expires should be a number")
    if len(seconds) > 6 or int(seconds) > MAX_LIFETIME_S:
        raise malformed(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than"
            f" {MAX_LIFETIME_S} seconds"
        )
    return timedelta(seconds=int(seconds))


def decoded_pairs(query: str) -> Iterator[tuple[bytes, bytes]]:
    """The names and values of a query, in order."""
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.replace("+", " ").partition("=")
            yield unquote_to_bytes(as_bytes(name)), unquote_to_bytes(as_bytes(value))


def as_bytes(text: str) -> bytes:
    """Whatever came in: here nothing is refused but by its signature."""
    return text.encode("utf-8", "surrogatepass")
