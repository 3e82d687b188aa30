"""Tenancy: how tenants begin and are found, and what it means for a mail to be sent for one.

`sending_tenant` is the one place where a send finds its tenant; `suppression_of` says which list its recipients meet.
"""

from __future__ import annotations

from dataclasses import dataclass

from sesmail.local.configuration_sets import ConfigurationSet
from sesmail.local.fates import ON_THE_LIST, ON_THE_TENANTS_LIST, Facts
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.names import check_name
from sesmail.local.suppression import REASONS, SuppressionList
from sesmail.local.tenants.tenant import OF_ACCOUNT, OF_TENANT, Tenant

MOST_TENANTS = 10_000


def add_tenant(here: Here, name: str) -> Tenant:
    """A new one."""
    tenants = here.region.tenants
    check_name("Tenant", name)
    if name in tenants:
        raise Fault(FaultKind.EXISTS, f"Tenant <{name}> already exists.")
    if len(tenants) >= MOST_TENANTS:
        raise Fault(FaultKind.LIMIT, f"You have reached the limit of {MOST_TENANTS} tenants.")
    own_id = f"tn-{here.token(30)}"
    tenants[name] = Tenant(name, own_id, here.region.arn("tenant", f"{name}/{own_id}"), here.now)
    return tenants[name]


def known_tenant(here: Here, name: str) -> Tenant:
    """The tenant of this name, or the fault that there is none."""
    found = here.region.tenants.get(name)
    if found is None:
        raise Fault(FaultKind.NOT_FOUND, f"Tenant <{name[:100]}> does not exist.")
    return found


def sending_tenant(here: Here, name: str, sender: str, used: ConfigurationSet | None) -> Tenant | None:
    """The tenant that a mail is sent for, if it names one and may use what it is sent with.

    The sender's identity is the nearest one that is verified. An identity that another account lends is no tenant's.
    """
    if not name:
        return None
    tenant = known_tenant(here, name)
    if not tenant.may_send:
        raise Fault(FaultKind.PAUSED_TENANT, f"Sending is paused for the tenant <{name}>.")
    nearest = here.region.identities.nearest(sender, here.now)
    _check_own(here, tenant, "identity", nearest.name if nearest else sender)
    if used:
        _check_own(here, tenant, "configuration-set", used.name)
    return tenant


def _check_own(here: Here, tenant: Tenant, kind: str, name: str) -> None:
    arn = here.region.arn(kind, name)
    if arn not in tenant.resources:
        # Neither the code nor the text is known: that such a mail does not go out is.
        raise Fault(FaultKind.REJECTED, f"Resource <{arn[:400]}> is not associated with the tenant <{tenant.name}>.")


@dataclass(frozen=True, slots=True)
class Suppressing:
    """Which list keeps a mail from its recipients, for which reasons, and what is told then."""

    entries: SuppressionList
    reasons: list[str]
    facts: Facts

    def keeps_from(self, address: str) -> bool:
        """Whether this address gets nothing."""
        listed = self.entries.get(address)
        return listed is not None and listed.reason in self.reasons


def suppression_of(here: Here, used: ConfigurationSet | None, tenant: Tenant | None) -> Suppressing:
    """The word of the configuration set counts before that of the tenant, and this before the account's."""
    options = used.options.get("SuppressionOptions", {}) if used else {}
    own = used.suppressed_reasons if used else None
    scope = options.get("SuppressionScope") or (tenant.scope if tenant else OF_ACCOUNT)
    if tenant is None or scope != OF_TENANT:
        reasons = here.region.suppressed_reasons if own is None else own
        return Suppressing(here.region.suppression, reasons, ON_THE_LIST)
    # Nobody says which reasons count for a tenant without any; here both do.
    theirs = list(REASONS) if tenant.suppressed_reasons is None else tenant.suppressed_reasons
    return Suppressing(tenant.suppression, theirs if own is None else own, ON_THE_TENANTS_LIST)
