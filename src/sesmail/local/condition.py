"""Condition: what a statement of a policy asks of a request beside who, what and where.

Rule 1: what is not understood is refused when the policy is read. A condition passed over grants what it withheld.
Rule 2: operators and keys are ANDed, the values of one key are ORed, and those of a negated operator are NORed.
Rule 3: a key that the request lacks makes an operator false, a negated one true, and ``IfExists`` true.

(IAM user guide, "Condition operators" and "Conditions with multiple context keys or values".)
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import Enum
from ipaddress import ip_address, ip_network

from sesmail.local.glob import ESCAPED, Glob, unescaped

Test = Callable[[str], bool]
Context = Mapping[str, tuple[str, ...]]


class PolicyProblem(ValueError):
    """A policy that is not understood: ``place`` says where in the document, the text what to write."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Over(Enum):
    """Which of the request's values an operator asks about."""

    ONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with one key."""

    key: str
    values: tuple[str, ...]
    over: Over
    negated: bool
    if_exists: bool
    tests: tuple[Test, ...] = field(repr=False, compare=False)

    def holds(self, context: Context) -> bool:
        """Whether a request is so. The names in the context are in lower case."""
        values = context.get(self.key, ())
        if self.over is not Over.ONE:
            values = tuple(filter(None, values))  # to a set operator, an empty text is no value
        if not values:
            return self.if_exists or self.over is Over.ALL or (self.over is Over.ONE and self.negated)
        if self.over is Over.ONE:
            return any(map(self._is_listed, values)) != self.negated
        quantifier = all if self.over is Over.ALL else any
        return quantifier(self._is_listed(value) != self.negated for value in values)

    def _is_listed(self, value: str) -> bool:
        return any(test(value) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Presence:
    """The operator ``Null``: whether the request has a key at all."""

    key: str
    absent: frozenset[bool]

    def holds(self, context: Context) -> bool:
        """Whether a request is so."""
        return (not any(context.get(self.key, ()))) in self.absent


# ── operators ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Operator:
    """``build`` makes the test from a value of the policy, and raises `ValueError` for one that is none."""

    build: Callable[[str], Test]
    expects: str = "text"

    def test(self, value: str, place: str) -> Test:
        """The test for one value of the policy."""
        try:
            return self.build(value)
        except ValueError as exc:
            raise PolicyProblem(place, f"{value!r} is not {self.expects}") from exc


def _equal(text: str) -> Test:
    return unescaped(text).__eq__


def _equal_but_for_case(text: str) -> Test:
    wanted = unescaped(text).lower()
    return lambda value: value.lower() == wanted


def _like(text: str) -> Test:
    return Glob.of(text).matches


def _truth(text: str) -> Test:
    wanted = text.lower()
    if wanted not in ("true", "false"):
        raise ValueError
    return lambda value: value.lower() == wanted


def _within(text: str) -> Test:
    network = ip_network(text, strict=False)
    return _if_readable(ip_address, lambda address: address in network)


def _arn_like(text: str) -> Test:
    # Each of the six parts stands for itself: a star does not reach over a colon here, as it does in a Resource.
    globs = [Glob.of(part) for part in _arn(text)]
    return _if_readable(_arn, lambda parts: all(map(Glob.matches, globs, parts)))


def _arn(text: str) -> list[str]:
    parts = text.split(":", 5)
    if len(parts) != 6:
        raise ValueError
    return parts


def _compared(read: Callable[[str], float], compare: Callable[[float, float], bool]) -> Callable[[str], Test]:
    def build(text: str) -> Test:
        wanted = read(text)
        return _if_readable(read, lambda given: compare(given, wanted))

    return build


def _if_readable(read: Callable[[str], object], asks: Callable[..., bool]) -> Test:
    """What cannot be read in a request matches nothing."""

    def test(value: str) -> bool:
        try:
            given = read(value)
        except ValueError:
            return False
        return asks(given)

    return test


_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
# Shorter numbers are not taken for seconds since 1970: 2026 would mean the year.
_SECONDS = re.compile(r"[0-9]{9,11}(?:\.[0-9]{1,9})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:[0-9]{2}))?")


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _seconds(text: str) -> float:
    if _SECONDS.fullmatch(text):
        return float(text)
    if not _DATE.fullmatch(text):
        raise ValueError
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_A_NUMBER = "a number"
_A_DATE = "a date such as 2026-01-31T12:00:00Z, or seconds since 1970"
_AN_ARN = "an ARN of six parts with colons between them"
_OPERATORS = {
    "StringEquals": _Operator(_equal),
    "StringEqualsIgnoreCase": _Operator(_equal_but_for_case),
    "StringLike": _Operator(_like),
    **{f"Numeric{name}": _Operator(_compared(_number, order), _A_NUMBER) for name, order in _ORDERS.items()},
    **{f"Date{name}": _Operator(_compared(_seconds, order), _A_DATE) for name, order in _ORDERS.items()},
    "Bool": _Operator(_truth, "true or false"),
    "IpAddress": _Operator(_within, "an IP address or a range such as 203.0.113.0/24"),
    "ArnEquals": _Operator(_arn_like, _AN_ARN),
    "ArnLike": _Operator(_arn_like, _AN_ARN),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_OVERS = {over.value: over for over in Over}

# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────

# AWS asks for a set operator with these, and does not say what a plain one makes of several values.
_MANY_VALUED = (
    "ses:Recipients ses:ReplicaRegion sts:TransitiveTagKeys aws:TagKeys aws:CalledVia aws:PrincipalOrgPaths"
    " aws:PrincipalServiceNamesList aws:ResourceOrgPaths aws:SourceOrgPaths"
).split()
_KEYS = (
    *_MANY_VALUED,
    *(
        "ses:ApiVersion ses:ExportSourceType ses:FeedbackAddress ses:FromAddress ses:FromDisplayName"
        " ses:MultiRegionEndpointId ses:TenantName"
        " sts:ExternalId sts:RoleSessionName sts:SourceIdentity"
        " aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime aws:FederatedProvider"
        " aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn"
        " aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalServiceName aws:PrincipalType aws:Referer"
        " aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:SecureTransport aws:SourceAccount aws:SourceArn"
        " aws:SourceIdentity aws:SourceIp aws:SourceOrgID aws:SourceVpc aws:SourceVpce aws:TokenIssueTime aws:UserAgent"
        " aws:UserId aws:Username aws:ViaAWSService aws:VpcSourceIp"
    ).split(),
)
_MANY_VALUED_FOLDED = frozenset(map(str.lower, _MANY_VALUED))
_KEYS_FOLDED = frozenset(map(str.lower, _KEYS))
_TAGS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


def conditions_in(block: object, place: str) -> Iterator[Condition | Presence]:
    """The conditions of a statement's ``Condition`` element."""
    for name, keys in mapping(block, place).items():
        where = f"{place}.{name}"
        for key, values in mapping(keys, where).items():
            spot = f"{where}.{key}"
            if name == "Null":
                yield _presence(_known_key(key, spot), texts(values, spot), spot)
            else:
                yield _condition(name, key, texts(values, spot), spot)


def _presence(key: str, values: tuple[str, ...], place: str) -> Presence:
    for value in values:
        if value.lower() not in ("true", "false"):
            raise PolicyProblem(place, f"{value!r} is not true or false")
    return Presence(key, frozenset(value.lower() == "true" for value in values))


def _condition(name: str, key: str, values: tuple[str, ...], place: str) -> Condition:
    over, base, if_exists = _taken_apart(name, place)
    key = _known_key(key, place)
    if over is Over.ONE and key in _MANY_VALUED_FOLDED:
        raise PolicyProblem(place, f"this key has many values; write ForAllValues:{name} or ForAnyValue:{name}")
    negated = base in _NEGATED
    test = _OPERATORS[_NEGATED.get(base, base)].test
    tests = tuple([test(without_variables(value, place), place) for value in values])
    return Condition(key, values, over, negated, if_exists, tests)


def _taken_apart(name: str, place: str) -> tuple[Over, str, bool]:
    prefix, colon, rest = name.rpartition(":")
    base = rest.removesuffix("IfExists")
    if base == "Null":
        raise PolicyProblem(place, "Null stands alone, without ForAllValues:, ForAnyValue: and IfExists")
    if colon and prefix not in ("ForAllValues", "ForAnyValue"):
        raise PolicyProblem(place, f"{prefix!r} is no set operator{nearest(prefix, filter(None, _OVERS))}")
    if base not in _OPERATORS and base not in _NEGATED:
        known = (*_OPERATORS, *_NEGATED, "Null")
        raise PolicyProblem(place, f"{base!r} is no condition operator{nearest(base, known)}")
    return _OVERS[prefix], base, rest != base


def _known_key(key: str, place: str) -> str:
    folded = key.lower()  # AWS does not look at the case of a key's name
    if folded in _KEYS_FOLDED or (folded.startswith(_TAGS) and not folded.endswith("/")):
        return folded
    raise PolicyProblem(place, f"{key!r} is no condition key of SES or STS, nor one of all of AWS{nearest(key, _KEYS)}")


def mapping(value: object, place: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise PolicyProblem(place, f"expected an object in braces, not {_kind(value)}")
    return value


def texts(value: object, place: str) -> tuple[str, ...]:
    """One text or a list of them; numbers and booleans are written as JSON writes them."""
    entries = value if isinstance(value, list | tuple) else (value,)
    if not entries:
        raise PolicyProblem(place, "the list is empty")
    for entry in entries:
        if not isinstance(entry, str | int | float):
            raise PolicyProblem(place, f"expected text or a list of texts, not {_kind(entry)}")
    return tuple([entry if isinstance(entry, str) else json.dumps(entry) for entry in entries])


def without_variables(text: str, place: str) -> str:
    """Refuse ``${aws:username}`` and its like, which would be taken to the letter; escapes are no variables."""
    if "${" in text and "${" in ESCAPED.sub(" ", text):
        raise PolicyProblem(place, f"the policy variable in {text!r} is not known here; write out what it stands for")
    return text


def nearest(name: str, known: Iterable[str]) -> str:
    """What may have been meant, as the end of a sentence."""
    folded = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), folded, n=1)
    return f"; did you mean {folded[close[0]]!r}?" if close else ""


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__
