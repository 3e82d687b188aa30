"""The SMTP password: SES derives it from the secret key, so it need not be asked for, and belongs to one Region.

The derivation is that of a signing key (Signature Version 4), with a date and a message that never change, and with a
byte before it that says which version this is.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode

from sesmail.errors import SetupError

_VERSION = b"\x04"
_DATE, _SERVICE, _TERMINAL, _MESSAGE = "11111111", "ses", "aws4_request", "SendRawEmail"
_PLAIN = re.compile(r"[!-~]+")


def smtp_password(secret: str, region: str) -> str:
    """Derive the password for SES's SMTP interface in one Region from a secret access key.

    The user name beside it is the id of the access key. Keys of a role are of no use here: SMTP has no place for their
    session token. Raises `SetupError` for what cannot be a secret or a Region.

    >>> from sesmail.ses.smtp_password import smtp_password
    >>> smtp_password("some+secret+key", "eu-central-1")
    'BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2'
    """
    _check(secret, "the secret access key")
    _check(region, "the Region")
    key = f"AWS4{secret}".encode()
    for step in (_DATE, region, _SERVICE, _TERMINAL, _MESSAGE):
        key = hmac.digest(key, step.encode(), "sha256")
    return b64encode(_VERSION + key).decode()


def _check(text: str, what: str) -> None:
    if not text:
        raise SetupError(f"{what} is empty; the SMTP password is derived from it")
    # What came along when it was copied, such as a line end, would make a password that SES refuses, and no more said.
    if not _PLAIN.fullmatch(text):
        raise SetupError(f"{what} holds a blank, a control character or one that is not ASCII; copy it again")


_OF_A_KEY = "this looks like a secret access key; SMTP wants the password that smtp_password() derives from it"
_OF_OLD = "this looks like an SMTP password from before 2019, which SES holds to a lower rate; derive a new one"
_KEY_ID = "this looks like the id of an access key, which is the user name and not the password"
_HINTS = (
    (re.compile(r"A[A-Za-z0-9+/]{43}"), _OF_OLD),
    (re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}"), _KEY_ID),
    (re.compile(r"[A-Za-z0-9+/]{40}"), _OF_A_KEY),
)


def smtp_password_hint(password: str) -> str:
    """Say what somebody took for an SMTP password, or nothing where it looks like one. Never quotes it.

    >>> from sesmail.ses.smtp_password import smtp_password_hint
    >>> smtp_password_hint("AKIAIOSFODNN7EXAMPLE")
    'this looks like the id of an access key, which is the user name and not the password'
    >>> smtp_password_hint("BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2")
    ''
    """
    return next((hint for form, hint in _HINTS if form.fullmatch(password)), "")
