"""Access keys and roles: who asks, and what they may."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sesmail.errors import SetupError
from sesmail.local.policy import Policy

DEFAULT_KEY = "AKIASESMAILLOCALBOX0"
DEFAULT_SECRET = "sesmail-local/no-secret/for-the-box-only"  # noqa: S105 - opens nothing but the box
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,576}")
OF_ROLES = "ASIA"  # how keys of roles begin
DEFAULT_ACCOUNT = "123456789012"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key and its owner. One with a token came from a role and ends some day."""

    id: str
    secret: str = field(repr=False)
    account: str
    arn: str
    policy: Policy | None = None
    user_id: str = ""  # what GetCallerIdentity tells, where it is not the key's own
    token: str = field(default="", repr=False)
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """What AssumeRole gives keys for. Who knows the external id may have them."""

    arn: str
    external_id: str = field(default="", repr=False)
    policy: Policy | None = None

    def __post_init__(self) -> None:
        if not _ROLE.fullmatch(self.arn):
            raise SetupError(f"{self.arn!r} is no role; one is arn:aws:iam::123456789012:role/name")

    @property
    def account(self) -> str:
        """The account that the role belongs to."""
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        """The last word of its ARN."""
        return self.arn.rpartition("/")[2]


@dataclass(slots=True)
class KeyRing:
    """The keys and roles that the box knows."""

    keys: dict[str, AccessKey] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)

    @classmethod
    def with_default(cls) -> KeyRing:
        """The key that the box hands out."""
        ring = cls()
        ring.add(AccessKey(DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_ACCOUNT, user_arn(DEFAULT_ACCOUNT, "local")))
        return ring

    def add(self, key: AccessKey) -> None:
        """One more, or another in its place."""
        self.keys[key.id] = key

    def owner(self, key_id: str) -> AccessKey:
        """Whose key this is. Where signatures are not checked, one that nobody knows is as good as the box's own."""
        return self.keys.get(key_id) or self.keys[DEFAULT_KEY]

    def forget_expired(self, now: float) -> None:
        """Keys of roles end; a box may run for weeks."""
        ended = now - 3600  # kept for a while, so that their owner is told that they ended
        self.keys = {name: key for name, key in self.keys.items() if key.expires is None or key.expires > ended}


def user_arn(account: str, name: str) -> str:
    """The ARN of an IAM user."""
    return f"arn:aws:iam::{account}:user/{name}"
