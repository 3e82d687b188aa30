"""Credentials: where the keys come from that requests are signed with.

Rule 1: what contradicts itself, or has a form that AWS never takes, is an error when it is built.
Rule 2: botocore finds what is not simply given, by its own chain. It is imported when it is needed, and not before.
Rule 3: keys are taken anew for each request, so keys that are renewed are renewed in time.
Rule 4: no secret in a text. What is wrong with one is said, and never what it is.
"""

from __future__ import annotations

from sesmail.ses.credentials.credentials import Credentials
from sesmail.ses.credentials.keys import Keys, KeySource

__all__ = ["Credentials", "KeySource", "Keys"]
