"""Credentials: the setting. Where the keys come from, and what holds when nothing is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sesmail.errors import SetupError
from sesmail.ses.credentials.keys import Keys, KeySource

# As the model of STS has them. botocore holds calls to the least lengths only.
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/\-]{1,576}")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/\-]{2,1224}")
_SESSION_NAME = re.compile(r"[A-Za-z0-9_+=,.@\-]{2,64}")
_PROFILE = re.compile(r"[^\x00-\x1f\x7f]{0,200}")
_URL = re.compile(r"https?://[^\x00-\x20\x7f/?#@]+/?")
_SHORTEST_S, _LONGEST_S = 900, 43_200
_OF_ROLES = ("external_id", "role_session_name", "role_duration_s", "sts_endpoint_url")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """Keys, a profile, or what AWS's own tools would find; and a role on top of any of these.

    >>> from sesmail.ses.credentials import Credentials
    >>> Credentials()
    Credentials()
    >>> Credentials(profile="shop", role_arn="arn:aws:iam::123456789012:role/mailer", external_id="4711")
    Credentials(profile='shop', role_arn='arn:aws:iam::123456789012:role/mailer')
    >>> Credentials(external_id="4711")
    Traceback (most recent call last):
    sesmail.errors.SetupError: external_id is for a role: give role_arn too

    Nothing given is the default chain: the environment, the configuration files, and what a server or a function has
    from its role. The keys of ``role_arn`` are renewed before they run out, as often as it takes. The owner of a role
    may ask for an ``external_id``. ``role_duration_s`` is how long its keys hold, an hour if nothing is said.
    """

    access_key: str = ""
    secret_key: str = ""
    session_token: str = ""
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    role_session_name: str = ""
    role_duration_s: int | None = None
    sts_endpoint_url: str = ""

    def __post_init__(self) -> None:
        for holds, wrong in self._rules():
            if not holds:
                raise SetupError(wrong)
        if self.access_key:
            self.keys()  # which have rules of their own

    def _rules(self) -> Iterator[tuple[bool, str]]:
        """What must hold, and what is wrong if it does not. Nothing here repeats a value that may be secret."""
        yield bool(self.access_key) or not self.secret_key, "a secret key without its access key: give access_key too"
        yield bool(self.secret_key) or not self.access_key, "an access key without its secret: give secret_key too"
        yield bool(self.access_key) or not self.session_token, "a session token belongs to keys: give these too"
        yield not (self.access_key and self.profile), "keys and a profile are two answers to one question: give one"
        yield _is(_PROFILE, self.profile), "profile is the name of a profile in AWS's configuration files"
        for name in _OF_ROLES:
            yield bool(self.role_arn) or not getattr(self, name), f"{name} is for a role: give role_arn too"
        yield (
            not self.role_arn or _is(_ROLE, self.role_arn),
            f"{self.role_arn!r:.200} is no role; one is arn:aws:iam::123456789012:role/name",
        )
        yield (
            not self.external_id or _is(_EXTERNAL_ID, self.external_id),
            "external_id is 2 to 1224 letters, digits and signs of +=,.@:/-_",
        )
        yield (
            not self.role_session_name or _is(_SESSION_NAME, self.role_session_name),
            "role_session_name is 2 to 64 letters, digits and signs of +=,.@-_",
        )
        yield (
            self.role_duration_s is None or _is_duration(self.role_duration_s),
            f"role_duration_s is from {_SHORTEST_S} to {_LONGEST_S} seconds",
        )
        yield (
            not self.sts_endpoint_url or _is(_URL, self.sts_endpoint_url),
            "sts_endpoint_url is like https://sts.eu-west-1.amazonaws.com: no user, path or query",
        )

    def keys(self) -> Keys | None:
        """The keys that were given, if they were."""
        return Keys(self.access_key, self.secret_key, self.session_token) if self.access_key else None

    def source(self, region: str) -> KeySource:
        """Whom to ask for keys. ``region`` is the one that mails go through; a role is assumed there too.

        Where botocore will be needed it is asked now, so that a profile that is not there is found now.
        """
        from sesmail.ses.credentials.source import Source

        return Source(self, region)

    def session(self, region: str = "") -> object:
        """A new boto3 session that has these credentials. Raises `SetupError` where there is no such profile."""
        from sesmail.ses.credentials.sessions import boto3_session, new_session

        return boto3_session(new_session(self, region))

    def __repr__(self) -> str:
        """What was said, without what is secret."""
        said = ((name, getattr(self, name)) for name in _SHOWN)
        return f"Credentials({', '.join(f'{name}={value!r}' for name, value in said if value)})"


_SHOWN = ("access_key", "profile", "role_arn", "role_session_name", "role_duration_s", "sts_endpoint_url")


def _is(form: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and form.fullmatch(text) is not None


def _is_duration(seconds: object) -> bool:
    return isinstance(seconds, int) and _SHORTEST_S <= seconds <= _LONGEST_S
