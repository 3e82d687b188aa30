"""Keys: what a request is signed with, at one moment; who gives them; and those of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from sesmail.errors import CredentialsMissing, SetupError

# Each of them becomes a part of a header. A / in the first would move what stands behind it.
_FORMS = {
    "access_key": ("the access key", re.compile(r"[A-Za-z0-9_.\-]{1,256}")),
    "secret_key": ("the secret key", re.compile(r"[!-~]+")),
    "token": ("the session token", re.compile(r"[!-~]*")),
}


@dataclass(frozen=True, slots=True)
class Keys:
    r"""An access key and its secret; with a token, if they came from a role and end some day.

    >>> from sesmail.ses.credentials import Keys
    >>> Keys("AKIAIOSFODNN7EXAMPLE", "a secret that came with a line end\n")
    Traceback (most recent call last):
    sesmail.errors.SetupError: the secret key holds a blank, a control character or one that has no place there
    """

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for name, (what, form) in _FORMS.items():
            value = getattr(self, name)
            if not (isinstance(value, str) and form.fullmatch(value)):
                wrong = "holds a blank, a control character or one that has no place there" if value else "is empty"
                raise SetupError(f"{what} {wrong}")


class KeySource(Protocol):
    """Whom to ask for keys, for each request anew."""

    def at_hand(self) -> Keys | None:
        """Those that are there without waiting: given, or in the environment."""

    def fetch(self) -> Keys:
        """Those that are to be used now. It may wait for a network.

        Raises `CredentialsMissing`, `CredentialsExpired`, `AccessDenied`, `AuthFailed`, or another error of a send that
        was not made; its ``stage`` is ``auth``.
        """


def keys_in(environment: Mapping[str, str] = os.environ) -> Keys | None:
    """The keys of the environment, by the rules of botocore: the first name decides, and half a pair is an error.

    >>> from sesmail.ses.credentials.keys import keys_in
    >>> keys_in({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"})
    Keys(access_key='AKIAIOSFODNN7EXAMPLE')
    """
    access_key = environment.get("AWS_ACCESS_KEY_ID")
    if not access_key:
        return None
    secret_key = environment.get("AWS_SECRET_ACCESS_KEY")
    if not secret_key:
        raise CredentialsMissing(
            "half of the keys is missing: AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not. Set both or none",
            looked_in=("env",),
        )
    # The older name wins where both are set.
    token = environment.get("AWS_SECURITY_TOKEN") or environment.get("AWS_SESSION_TOKEN") or ""
    return _same(access_key, secret_key, token)


@lru_cache(1)
def _same(access_key: str, secret_key: str, token: str) -> Keys:
    """They are asked for with each mail, and seldom change: looking through them once is enough."""
    return Keys(access_key, secret_key, token)
