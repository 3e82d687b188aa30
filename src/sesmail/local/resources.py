"""Resources: what an ARN of this account and Region names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sesmail.local.faults import Fault, FaultKind
from sesmail.local.here import Here
from sesmail.local.region import Region


class Tagged(Protocol):
    """What has a name and tags."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def tags(self) -> dict[str, str]:
        """Its tags, which may be changed."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that is there."""

    kind: str  # as in the ARN
    arn: str  # as SES writes it, whatever the case it was asked in
    tags: dict[str, str]


def known_resource(here: Here, arn: str) -> Resource:
    """What the ARN names, or the fault that there is no such thing."""
    region = here.region
    kind, _, name = arn.removeprefix(region.arn("", "")[:-1]).partition("/")
    find = _FINDERS.get(kind) if region.arn(kind, name) == arn else None
    found = find(region, name) if find else None
    if found is None:
        raise Fault(FaultKind.NOT_FOUND, f"Resource {arn[:200]} does not exist.")
    # The ARN of a tenant has its id behind its name.
    return Resource(kind, region.arn(kind, found.name + name[len(found.name) :]), found.tags)


def _tenant(region: Region, path: str) -> Tagged | None:
    tenant = region.tenants.get(path.partition("/")[0])
    return tenant if tenant and tenant.arn == region.arn("tenant", path) else None


_FINDERS: Mapping[str, Callable[[Region, str], Tagged | None]] = {
    "identity": lambda region, name: region.identities.get(name),
    "configuration-set": lambda region, name: region.configuration_sets.get(name),
    "contact-list": lambda region, name: region.contact_lists.get(name),
    "dedicated-ip-pool": lambda region, name: region.ip_pools.get(name),
    "template": lambda region, name: region.templates.get(name),
    "custom-verification-email-template": lambda region, name: region.verification_templates.get(name),
    "tenant": _tenant,
}
