"""Tenants: customers of a customer, each with what it may send with, its own standing, and its own suppression list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sesmail.local.suppression import SuppressionList

ENABLED: Final = "ENABLED"
DISABLED: Final = "DISABLED"

OF_ACCOUNT: Final = "ACCOUNT"
OF_TENANT: Final = "TENANT"


@dataclass(slots=True)
class Tenant:
    """One tenant. Whether it may send is as its owner said: nobody measures its reputation.

    >>> from sesmail.local.tenants.tenant import Tenant
    >>> Tenant("acme", "tn-1", "arn:aws:ses:us-east-1:123456789012:tenant/acme/tn-1", 0.0).may_send
    True
    """

    name: str
    tenant_id: str
    arn: str
    created: float
    tags: dict[str, str] = field(default_factory=dict)
    status: str = ENABLED
    status_since: float | None = None  # nobody said anything yet
    resources: dict[str, float] = field(default_factory=dict)  # ARNs, and since when they are its own to use
    suppression: SuppressionList = field(default_factory=SuppressionList)
    scope: str = ""  # whose suppression list counts; when nobody said it, the account's
    suppressed_reasons: list[str] | None = None

    @property
    def may_send(self) -> bool:
        """Whether its mails go out."""
        return self.status != DISABLED

    def set_suppression(self, scope: str, reasons: Sequence[str] | None) -> None:
        """Whose list counts, and which reasons on it do."""
        self.scope = scope
        self.suppressed_reasons = None if reasons is None else list(reasons)
