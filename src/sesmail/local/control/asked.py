"""What somebody asks of the control, and how it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any

from sesmail.local.box import Box
from sesmail.local.chaos import Chaos
from sesmail.local.http.message import HttpReply
from sesmail.local.keys import DEFAULT_ACCOUNT
from sesmail.local.ledger import SentMail
from sesmail.local.verification.links import VerificationMail


class NotSo(Exception):
    """The request cannot be done; the text says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """A request to the control, taken apart."""

    box: Box
    chaos: Chaos
    name: str
    body: bytes = field(repr=False)
    named: Mapping[str, str]
    usual_region: str

    @property
    def region(self) -> str:
        """The Region that is meant."""
        return self.named.get("region", self.usual_region)

    @property
    def account(self) -> str:
        """The account that is meant."""
        return self.named.get("account", DEFAULT_ACCOUNT)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """The body, which is a JSON object."""
        try:
            fields = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise NotSo(400, "the body is no JSON object")
        return fields

    def only(self, *known: str) -> Mapping[str, Any]:
        """The fields, if they are all known."""
        unknown = [name for name in self.fields if name not in known]
        if unknown:
            raise NotSo(400, f"unknown field {unknown[0][:50]!r}; known are {', '.join(known)}")
        return self.fields

    def flag(self, name: str) -> bool | None:
        """A field that is true or false, if it is there."""
        value = self.fields.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise NotSo(400, f"the field {name} is true or false")

    def number(self, name: str) -> float | None:
        """A field that is a number, if it is there."""
        value = self.fields.get(name)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)):
            return value
        raise NotSo(400, f"the field {name} is a number")

    def is_meant(self, mail: SentMail | VerificationMail) -> bool:
        """Whether a mail is of the Region and the account that were named, if they were."""
        region, account = self.named.get("region"), self.named.get("account")
        return region in (None, mail.region) and account in (None, mail.account)


def said(status: int, what: Mapping[str, Any]) -> HttpReply:
    """An answer in JSON."""
    return HttpReply(status, {"Content-Type": "application/json"}, json.dumps(what).encode())
