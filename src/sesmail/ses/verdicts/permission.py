"""Verdicts on who asks: keys that nobody knows, and policies that do not allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sesmail.errors import AccessDenied, AuthFailed, CredentialsExpired, SendError
from sesmail.ses.refusal import Refusal
from sesmail.ses.sayings import Denial, meaning

# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def unknown_keys(refusal: Refusal) -> SendError:
    """Nobody there knows the access key. Texts of such answers are never repeated: see `bad_signature`."""
    return _keys(
        refusal,
        "The access key was deleted or made inactive, is one of another partition of AWS, or came without its session"
        " token",
    )


def bad_signature(refusal: Refusal) -> SendError:
    """The signature does not fit. AWS tells then what it should have been made of, with the session token in it."""
    return _keys(refusal, meaning(refusal.text, _OF_SIGNATURES))


_CLOCK = "The clock of this machine is wrong, or the request was minutes under way: set the clock (NTP)"
_OF_SIGNATURES: Mapping[str, str] = {
    "expired": _CLOCK,
    "not yet current": _CLOCK,
    "scoped": "It was signed for another Region or service: look at the Region and the endpoint",
    "": "The secret key is not that of the access key, or the clock of this machine is wrong by minutes",
}


def too_late(refusal: Refusal) -> SendError:
    """The request is older, or younger, than AWS takes."""
    return _keys(refusal, _CLOCK)


def unsigned(refusal: Refusal) -> SendError:
    """The signature is not there, or not whole."""
    return _keys(refusal, "The signature got lost on its way: look for a proxy that takes headers out")


def _keys(refusal: Refusal, cure: str) -> SendError:
    code = refusal.code or f"status {refusal.status}"
    return refusal.error(AuthFailed, f"{refusal.who} does not accept the credentials ({code}). {cure}")


def expired(refusal: Refusal) -> SendError:
    """The session's credentials ran out."""
    text = (
        f"{refusal.who} does not accept the credentials any more, since they have expired ({refusal.code}). Fetch new"
        " ones and try again; those of a role or profile are renewed by themselves"
    )
    return refusal.error(CredentialsExpired, text)


# ── policies ─────────────────────────────────────────────────────────────────────────────────────────────────────


def not_subscribed(refusal: Refusal) -> SendError:
    """The account has no SES."""
    text = (
        f"{refusal.who} knows the credentials, but their account is not signed up for SES ({refusal.code})."
        f" Open the console of SES{refusal.there} once, or take an account that has it"
    )
    return AccessDenied(text, **refusal.facts)


def denied(refusal: Refusal) -> SendError:
    """A policy does not allow it, or forbids it."""
    said = Denial.read(refusal.text)
    whom, on = said.user or "these credentials", f" on {said.resource}" if said.resource else ""
    code = refusal.code if said.action else refusal.said
    text = (
        f"{refusal.who} does not let {whom} do {' or '.join(_actions(refusal, said))}{on} ({code})."
        f"{refusal.elsewhere(_region_of(said))} {_narrow(said) if said.is_explicit else _widen(refusal, said)}"
    )
    return AccessDenied(text, action=said.action, resource=said.resource, **refusal.facts)


def _region_of(said: Denial) -> str:
    return dict(enumerate(said.resource.split(":"))).get(3, "")


def _narrow(said: Denial) -> str:
    where = f"in the {said.policy}" if said.policy else "in one of its policies"
    return f"An explicit deny {where} says so, and no Allow outweighs it: take it out, or make it narrower"


def _widen(refusal: Refusal, said: Denial) -> str:
    actions = _actions(refusal, said)
    # The one thing about these policies that nobody guesses.
    raw = ". For raw content, SES asks for ses:SendRawEmail" if "ses:SendRawEmail" in actions and refusal.sends else ""
    return f"Add this to the {said.policy or 'IAM policy'}: {_statement(actions, _resources(said))}{raw}"


_CHECKED_FOR: Mapping[str, Sequence[str]] = {
    "": ("ses:SendRawEmail",),  # by SMTP
    "SendEmail": ("ses:SendEmail", "ses:SendRawEmail"),
    "SendBulkEmail": ("ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"),
}


def _actions(refusal: Refusal, said: Denial) -> Sequence[str]:
    """What to allow; where the text does not say it, what the call may have been checked for."""
    if said.action:
        return (said.action,)
    return _CHECKED_FOR.get(refusal.operation, (f"ses:{refusal.operation}",))


def _resources(said: Denial) -> Sequence[str]:
    """On what to allow it. A mail with a configuration set needs the set, and the identity that it is sent from."""
    account, is_set, _ = said.resource.partition(":configuration-set/")
    return (f"{account}:identity/*", said.resource) if is_set else (said.resource or "*",)


def _statement(actions: Sequence[str], resources: Sequence[str]) -> str:
    import json

    action, resource = (values if len(values) > 1 else values[0] for values in (actions, resources))
    return json.dumps({"Effect": "Allow", "Action": action, "Resource": resource})
