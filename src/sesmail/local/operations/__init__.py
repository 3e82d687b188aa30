"""The operations of the box, a few lines each. What they may be asked, and what they must answer, is in the models."""

from __future__ import annotations

from sesmail.local.operations import (  # noqa: F401 - importing them is what makes them served
    sts,
    v1_account,
    v1_configuration_sets,
    v1_identities,
    v1_sending,
    v1_templated,
    v1_templates,
    v1_verification,
    v2_account,
    v2_bulk,
    v2_certificates,
    v2_configuration_sets,
    v2_contacts,
    v2_identities,
    v2_insights,
    v2_ip_pools,
    v2_sending,
    v2_suppression,
    v2_tags,
    v2_templates,
    v2_tenants,
    v2_verification,
)
from sesmail.local.operations.served import SERVED, Served

__all__ = ["SERVED", "Served"]
