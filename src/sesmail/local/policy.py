"""Policy: an IAM policy document, and what AWS would say of a request by it.

Rule 1: what is not understood is refused when the document is read, never passed over (see `condition`).
Rule 2: one statement that denies outweighs all that allow. Where none applies, the policy is silent; for AWS, a no.
Rule 3: nothing here knows a clock or a network. What a request is like, the question says.

Policies of users and roles, of identities (sending authorisation) and trust policies are all read here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from sesmail.local.condition import (
    Condition,
    Context,
    PolicyProblem,
    Presence,
    Test,
    conditions_in,
    mapping,
    nearest,
    texts,
    without_variables,
)
from sesmail.local.glob import Glob

__all__ = ["Policy", "PolicyProblem", "Question", "Verdict"]

MAX_CHARACTERS = 10_240  # of JSON without blanks: the most that IAM takes, for the policies of a role
_VERSIONS = ("2008-10-17", "2012-10-17")


class Verdict(Enum):
    """What a policy says of a request."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """Some statement says no, whatever others say."""
    SILENT = "silent"
    """No statement applies. Another policy may allow it; if none does, AWS says no."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who wants to do what to which thing. The names in the context are read in any case."""

    action: str
    resource: str
    principal: str = ""
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """A list of names in a statement, or with a ``Not`` before it all names but these."""

    names: tuple[str, ...]
    turned: bool
    tests: tuple[Test, ...] = field(repr=False, compare=False)

    def covers(self, name: str) -> bool:
        """Whether a name is meant."""
        return any(test(name) for test in self.tests) != self.turned


@dataclass(frozen=True, slots=True)
class Statement:
    """One rule of a policy. Without principals or resources it is about whom or what the policy hangs on."""

    allows: bool
    actions: Choice
    resources: Choice | None = None
    principals: Choice | None = None
    conditions: tuple[Condition | Presence, ...] = ()
    sid: str = ""

    def applies(self, question: Question, context: Context) -> bool:
        """Whether a request is one that this rule is about."""
        return (
            self.actions.covers(question.action.lower())
            and (self.resources is None or self.resources.covers(question.resource))
            and (self.principals is None or self.principals.covers(question.principal))
            and all(condition.holds(context) for condition in self.conditions)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """Statements that allow and deny.

    >>> from sesmail.local.policy import Policy, Question
    >>> policy = Policy.parse(
    ...     {
    ...         "Version": "2012-10-17",
    ...         "Statement": {
    ...             "Effect": "Allow",
    ...             "Action": "ses:Send*",
    ...             "Resource": "*",
    ...             "Condition": {"StringLike": {"ses:FromAddress": "*@example.com"}},
    ...         },
    ...     }
    ... )
    >>> policy.verdict(Question("ses:SendEmail", "*", context={"ses:FromAddress": ("ada@example.com",)}))
    <Verdict.ALLOWED: 'allowed'>
    >>> policy.verdict(Question("ses:SendEmail", "*", context={"ses:FromAddress": ("ada@example.net",)}))
    <Verdict.SILENT: 'silent'>
    """

    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, document: str | Mapping[str, object], *, principals: bool | None = None) -> Policy:
        """Read a policy. Raises `PolicyProblem` for what AWS would refuse, and for what is not known here.

        ``principals`` says whether statements must name them, as in policies of identities and in trust policies, or
        must not, as in those of users and roles. Either is well where nothing is said.
        """
        whole = mapping(_loaded(document) if isinstance(document, str) else document, "policy")
        _check_whole(whole)
        listed = whole.get("Statement", ())
        entries = listed if isinstance(listed, list | tuple) else (listed,)
        if not entries:
            raise PolicyProblem("Statement", "the policy has no statement")
        statements = tuple([_statement(entry, f"Statement[{n}]", principals) for n, entry in enumerate(entries)])
        named = [statement.sid for statement in statements if statement.sid]
        if len(named) != len(set(named)):
            raise PolicyProblem("Statement", "two statements have the same Sid")
        return cls(statements)

    def verdict(self, question: Question) -> Verdict:
        """What this policy alone says."""
        context = {name.lower(): values for name, values in question.context.items()}
        said = {statement.allows for statement in self.statements if statement.applies(question, context)}
        if False in said:
            return Verdict.DENIED
        return Verdict.ALLOWED if said else Verdict.SILENT


# ── the document ─────────────────────────────────────────────────────────────────────────────────────────────────


def _loaded(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_once_each)
    except RecursionError:
        raise PolicyProblem("policy", "the JSON is too deep") from None
    except PolicyProblem:
        raise
    except ValueError as exc:
        raise PolicyProblem("policy", f"this is no JSON: {exc}") from exc


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    # JSON readers keep the last of two, and with the first one a condition would be gone. IAM refuses it too.
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise PolicyProblem("policy", f"{twice!r} is there twice in one object")
    return found


def _check_whole(whole: Mapping[str, object]) -> None:
    _known(whole, ("Version", "Id", "Statement"), "policy")
    version = _text(whole.get("Version", _VERSIONS[0]), "Version")
    if version not in _VERSIONS:
        raise PolicyProblem("Version", f"{version!r} is no version of the policy language; write '2012-10-17'")
    _text(whole.get("Id", ""), "Id")
    try:
        plain = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), default=dict, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise PolicyProblem("policy", "this cannot be written as JSON") from None
    if len(plain) > MAX_CHARACTERS:
        raise PolicyProblem("policy", f"longer than {MAX_CHARACTERS} characters")
    if version == _VERSIONS[0] and "${" in plain:
        raise PolicyProblem("Version", "${…} means something from '2012-10-17' on only; write that version")


def _known(element: Mapping[str, object], known: Collection[str], place: str) -> None:
    for name in element:
        if name not in known:
            raise PolicyProblem(place, f"{name!r} is not known here{nearest(name, known)}")


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise PolicyProblem(place, f"expected text, not {type(value).__name__}")
    return value


# ── a statement ──────────────────────────────────────────────────────────────────────────────────────────────────

_ELEMENTS = "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split()
_EFFECTS = {"Allow": True, "Deny": False}
_ACTION = re.compile(r"\*|[A-Za-z0-9\-]+:[A-Za-z0-9*?]+")


def _statement(value: object, place: str, principals: bool | None) -> Statement:
    element = mapping(value, place)
    _known(element, _ELEMENTS, place)
    effect = _text(element.get("Effect", ""), f"{place}.Effect")
    if effect not in _EFFECTS:
        raise PolicyProblem(f"{place}.Effect", "the effect is Allow or Deny, with a capital")
    actions = _choice(element, "Action", place, _actions)
    if actions is None:
        raise PolicyProblem(place, "names no Action and no NotAction")
    who = _choice(element, "Principal", place, _principals)
    _check_principals(who, place, principals)
    resources = _choice(element, "Resource", place, _resources)
    if resources is None and who is None:
        raise PolicyProblem(place, "names no Resource and no NotResource; write '*' for all")
    conditions = tuple(conditions_in(element.get("Condition", {}), f"{place}.Condition"))
    return Statement(
        _EFFECTS[effect], actions, resources, who, conditions, _text(element.get("Sid", ""), f"{place}.Sid")
    )


def _check_principals(who: Choice | None, place: str, principals: bool | None) -> None:
    if principals is True and who is None:
        raise PolicyProblem(place, "names no Principal, as the policy of a resource and a trust policy must")
    if principals is False and who is not None:
        raise PolicyProblem(place, "names a Principal; the policy of a user or role is about whom it hangs on")


def _choice(
    element: Mapping[str, object],
    name: str,
    place: str,
    read: Callable[[object, str], Iterator[tuple[str, Test]]],
) -> Choice | None:
    found = [one for one in (name, f"Not{name}") if one in element]
    if not found:
        return None
    if len(found) > 1:
        raise PolicyProblem(place, f"has both {name} and Not{name}; one of them must go")
    entries = tuple(read(element[found[0]], f"{place}.{found[0]}"))
    return Choice(tuple([text for text, _ in entries]), found[0] != name, tuple([test for _, test in entries]))


def _actions(value: object, place: str) -> Iterator[tuple[str, Test]]:
    for text in texts(value, place):
        if not _ACTION.fullmatch(text):
            raise PolicyProblem(place, f"{text!r} is no action; one looks like ses:SendEmail, ses:Send* or *")
        yield text, Glob.of(text.lower()).matches


def _resources(value: object, place: str) -> Iterator[tuple[str, Test]]:
    for text in texts(value, place):
        if text != "*" and not text.startswith("arn:"):
            raise PolicyProblem(place, f"{text!r} is no resource; one is an ARN, which may hold wildcards, or *")
        yield text, Glob.of(without_variables(text, place)).matches


# ── principals ───────────────────────────────────────────────────────────────────────────────────────────────────

_ACCOUNT = re.compile(r"[0-9]{12}")
_PRINCIPAL_ARN = re.compile(
    r"arn:aws[a-z\-]*:(?:iam::([0-9]{12}):(?:(root)|(?:user|role)/[\w+=,.@/\-]+)"
    r"|sts::[0-9]{12}:(?:assumed-role/[\w+=,.@\-]+|federated-user)/[\w+=,.@\-]+)",
    re.ASCII,
)
_SERVICE = re.compile(r"[a-z0-9.\-]+\.amazonaws\.com(?:\.cn)?")


def _principals(value: object, place: str) -> Iterator[tuple[str, Test]]:
    if value == "*":
        yield "*", _everyone
        return
    named = mapping(value, place)
    if not named:
        raise PolicyProblem(place, "names nobody")
    _known(named, ("AWS", "Service"), place)
    for kind, names in named.items():
        spot = f"{place}.{kind}"
        for text in texts(names, spot):
            yield text, _in_aws(text, spot) if kind == "AWS" else _service(text, spot)


def _everyone(_: str) -> bool:
    return True


def _service(text: str, place: str) -> Test:
    if not _SERVICE.fullmatch(text):
        raise PolicyProblem(place, f"{text!r} is no service; one looks like ses.amazonaws.com")
    return text.__eq__


def _in_aws(text: str, place: str) -> Test:
    if text == "*":
        return _everyone
    if _ACCOUNT.fullmatch(text):
        return lambda asking: _account_of(asking) == text
    found = _PRINCIPAL_ARN.fullmatch(text)
    if not found:
        # AWS takes a star for everybody, and none as a part of a name.
        raise PolicyProblem(
            place, f"{text!r} is no principal; one is an account, the whole ARN of a user, role or session, or *"
        )
    account, root = found.groups()
    if root:  # the account itself, and so all who are in it
        return lambda asking: _account_of(asking) == account
    return lambda asking: asking == text or _role_of(asking) == _without_path(text)


def _account_of(principal: str) -> str:
    parts = principal.split(":", 5)
    return principal if len(parts) == 1 else parts[4] if len(parts) == 6 and parts[2] in ("iam", "sts") else ""


def _role_of(principal: str) -> str:
    """The ARN of the role that a session is of. The session does not say the role's path, and AWS does not need it."""
    arn, _, session = principal.partition(":assumed-role/")
    return f"{arn.replace(':sts:', ':iam:', 1)}:role/{session.partition('/')[0]}" if session else ""


def _without_path(arn: str) -> str:
    kind, slash, name = arn.partition("/")
    return f"{kind}{slash}{name.rpartition('/')[2]}"
