"""All that SES knows of one account in one Region. Regions share nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sesmail.local.configuration_sets import ConfigurationSet
from sesmail.local.identities import Identities
from sesmail.local.ip_pools import IpPool
from sesmail.local.ledger import SentMail
from sesmail.local.lists.contacts import ContactList
from sesmail.local.quota import Quota, Rate
from sesmail.local.statistics import Statistics
from sesmail.local.suppression import REASONS, SuppressionList
from sesmail.local.templates.stored import StoredTemplate
from sesmail.local.tenants.tenant import Tenant
from sesmail.local.verification.links import Link
from sesmail.local.verification.templates import VerificationTemplate

SANDBOX_QUOTA, SANDBOX_RATE = 200.0, 1.0
PRODUCTION_QUOTA, PRODUCTION_RATE = 50_000.0, 14.0  # what a new production account often gets

HEALTHY, SHUTDOWN = "HEALTHY", "SHUTDOWN"


@dataclass(slots=True)
class Region:
    """The state of one account in one Region."""

    account: str
    name: str
    sandbox: bool = True
    sending_enabled: bool = True
    enforcement: str = HEALTHY
    quota: Quota = field(default_factory=lambda: Quota(SANDBOX_QUOTA))
    rate: Rate = field(default_factory=lambda: Rate(SANDBOX_RATE))
    statistics: Statistics = field(default_factory=Statistics)
    identities: Identities = field(default_factory=Identities)
    configuration_sets: dict[str, ConfigurationSet] = field(default_factory=dict)
    templates: dict[str, StoredTemplate] = field(default_factory=dict)
    verification_templates: dict[str, VerificationTemplate] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)  # of verification mails, by their tokens
    ip_pools: dict[str, IpPool] = field(default_factory=dict)
    contact_lists: dict[str, ContactList] = field(default_factory=dict)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    suppression: SuppressionList = field(default_factory=SuppressionList)
    suppressed_reasons: list[str] = field(default_factory=lambda: list(REASONS))
    validation: dict[str, Any] = field(default_factory=dict)  # of addresses before a send: kept, not done
    details: dict[str, Any] = field(default_factory=dict)  # what was written to ask for production access
    review: dict[str, str] = field(default_factory=dict)
    vdm: dict[str, Any] = field(default_factory=lambda: {"VdmEnabled": "DISABLED"})
    ip_warmup: bool = False
    pricing_plan: str = ""

    def arn(self, kind: str, name: str) -> str:
        """The name of something in all of AWS."""
        return f"arn:aws:ses:{self.name}:{self.account}:{kind}/{name}"

    @property
    def mail_host(self) -> str:
        """The domain of message ids."""
        return "email.amazonses.com" if self.name == "us-east-1" else f"{self.name}.amazonses.com"

    def count(self, mail: SentMail) -> None:
        """A mail went out: it counts against the quota and the rate, and for the statistics."""
        self.quota.count(mail.counted, mail.at)
        self.rate.count(len(mail.recipients), mail.at)
        fates = list(mail.fates.values())
        self.statistics.count(
            mail.at,
            attempts=len(mail.recipients),
            bounces=fates.count("Bounce"),
            complaints=fates.count("Complaint"),
            rejects=fates.count("Reject"),
        )

    def limit(self, quota: float | None, rate: float | None) -> None:
        """Other limits than those of SES, where they are given."""
        if quota is not None:
            self.quota.maximum = quota
        if rate is not None:
            self.rate.change(rate)

    def enter_sandbox(self) -> None:
        """Back to where everybody begins."""
        self.sandbox = True
        self.limit(SANDBOX_QUOTA, SANDBOX_RATE)

    def grant_production(self) -> None:
        """Out of the sandbox."""
        self.sandbox = False
        self.limit(PRODUCTION_QUOTA, PRODUCTION_RATE)
        if self.review:
            self.review["Status"] = "GRANTED"

    def deny_production(self) -> None:
        """The answer to the request is no."""
        if self.review:
            self.review["Status"] = "DENIED"
