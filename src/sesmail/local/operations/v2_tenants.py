"""Tenants by v2: who they are, what they may send with, whose suppression list counts, and whether they may send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sesmail.local.call import Params, Result
from sesmail.local.faults import Fault, FaultKind
from sesmail.local.filters import Questions, filtered
from sesmail.local.here import Here
from sesmail.local.operations.served import serves
from sesmail.local.paging import page
from sesmail.local.resource_tags import tagged
from sesmail.local.resources import known_resource
from sesmail.local.tenants.tenancy import add_tenant, known_tenant
from sesmail.local.tenants.tenant import ENABLED, Tenant

MOST_ON_A_PAGE = 1000

_TENANT_FILTERS: Questions[Tenant] = {
    "TENANT_NAME_CONTAINS": lambda tenant, value: value in tenant.name,
    "SENDING_STATUS": lambda tenant, value: value == tenant.status,
}

# ── tenants ──────────────────────────────────────────────────────────────────────────────────────────────────────


@serves("sesv2")
def create_tenant(here: Here, asked: Params) -> Result:
    tags = tagged({}, asked.get("Tags", ()))
    tenant = add_tenant(here, asked["TenantName"])
    tenant.tags = tags
    if "SuppressionAttributes" in asked:
        _set_suppression(tenant, asked["SuppressionAttributes"])
    return _whole(tenant)


@serves("sesv2")
def get_tenant(here: Here, asked: Params) -> Result:
    return {"Tenant": _whole(known_tenant(here, asked["TenantName"]))}


@serves("sesv2")
def list_tenants(here: Here, asked: Params) -> Result:
    found = filtered(here.region.tenants.values(), asked.get("Filter", {}), _TENANT_FILTERS)
    shown, token = page(found, asked.get("NextToken"), asked.get("PageSize"), MOST_ON_A_PAGE)
    listed = {"Tenants": [_info(tenant) for tenant in shown]}
    return {**listed, "NextToken": token} if token else listed


@serves("sesv2")
def delete_tenant(here: Here, asked: Params) -> Result:
    del here.region.tenants[known_tenant(here, asked["TenantName"]).name]
    return {}


def _whole(tenant: Tenant) -> Result:
    about = {**_info(tenant), "Tags": [{"Key": key, "Value": value} for key, value in tenant.tags.items()]}
    return {**about, "SuppressionAttributes": _suppression(tenant)} if tenant.scope else about


def _info(tenant: Tenant) -> Result:
    return {
        "TenantName": tenant.name,
        "TenantId": tenant.tenant_id,
        "TenantArn": tenant.arn,
        "CreatedTimestamp": tenant.created,
        "SendingStatus": tenant.status,
    }


# ── whose suppression list counts ────────────────────────────────────────────────────────────────────────────────


@serves("sesv2")
def put_tenant_suppression_attributes(here: Here, asked: Params) -> Result:
    _set_suppression(known_tenant(here, asked["TenantName"]), asked)
    return {}


def _set_suppression(tenant: Tenant, asked: Params) -> None:
    tenant.set_suppression(asked.get("SuppressionScope", "ACCOUNT"), asked.get("SuppressedReasons"))


def _suppression(tenant: Tenant) -> Result:
    scope = {"SuppressionScope": tenant.scope}
    return scope if tenant.suppressed_reasons is None else {**scope, "SuppressedReasons": tenant.suppressed_reasons}


# ── what they may send with ──────────────────────────────────────────────────────────────────────────────────────

_TYPES: Mapping[str, str] = {
    "identity": "EMAIL_IDENTITY",
    "configuration-set": "CONFIGURATION_SET",
    "template": "EMAIL_TEMPLATE",
}
_RESOURCE_FILTERS: Questions[str] = {"RESOURCE_TYPE": lambda arn, value: value == _TYPES[_kind(arn)]}


@serves("sesv2", note="what is deleted stays associated, by its ARN")
def create_tenant_resource_association(here: Here, asked: Params) -> Result:
    tenant = known_tenant(here, asked["TenantName"])
    resource = known_resource(here, asked["ResourceArn"])
    if resource.kind not in _TYPES:
        said = "Only identities, configuration sets and templates can be associated with a tenant."
        raise Fault(FaultKind.INVALID, said)
    if resource.arn in tenant.resources:
        said = f"Resource {resource.arn} is already associated with the tenant <{tenant.name}>."
        raise Fault(FaultKind.EXISTS, said)
    tenant.resources[resource.arn] = here.now
    return {}


@serves("sesv2")
def delete_tenant_resource_association(here: Here, asked: Params) -> Result:
    tenant, arn = known_tenant(here, asked["TenantName"]), asked["ResourceArn"]
    if arn not in tenant.resources:
        said = f"Resource {arn[:200]} is not associated with the tenant <{tenant.name}>."
        raise Fault(FaultKind.NOT_FOUND, said)
    del tenant.resources[arn]
    return {}


@serves("sesv2")
def list_tenant_resources(here: Here, asked: Params) -> Result:
    tenant = known_tenant(here, asked["TenantName"])
    found = filtered(tenant.resources, asked.get("Filter", {}), _RESOURCE_FILTERS)
    shown, token = page(found, asked.get("NextToken"), asked.get("PageSize"), MOST_ON_A_PAGE)
    listed = {"TenantResources": [{"ResourceType": _TYPES[_kind(arn)], "ResourceArn": arn} for arn in shown]}
    return {**listed, "NextToken": token} if token else listed


@serves("sesv2")
def list_resource_tenants(here: Here, asked: Params) -> Result:
    arn = known_resource(here, asked["ResourceArn"]).arn
    users = [tenant for tenant in here.region.tenants.values() if arn in tenant.resources]
    shown, token = page(users, asked.get("NextToken"), asked.get("PageSize"), MOST_ON_A_PAGE)
    listed = {
        "ResourceTenants": [
            {
                "TenantName": tenant.name,
                "TenantId": tenant.tenant_id,
                "ResourceArn": arn,
                "AssociatedTimestamp": tenant.resources[arn],
            }
            for tenant in shown
        ]
    }
    return {**listed, "NextToken": token} if token else listed


def _kind(arn: str) -> str:
    return arn.split(":", 5)[5].partition("/")[0]


# ── whether they may send ────────────────────────────────────────────────────────────────────────────────────────

_OF_TENANTS: Final = "of tenants only; nobody measures a reputation"
_ENTITY_FILTERS: Questions[Tenant] = {
    "ENTITY_TYPE": lambda _tenant, value: value == "RESOURCE",
    "REPUTATION_IMPACT": lambda _tenant, _value: False,  # nothing was found against anybody
    "SENDING_STATUS": lambda tenant, value: value == tenant.status,
    "ENTITY_REFERENCE_PREFIX": lambda tenant, value: tenant.arn.startswith(value),
}


@serves("sesv2", note=_OF_TENANTS)
def update_reputation_entity_customer_managed_status(here: Here, asked: Params) -> Result:
    tenant = _entity(here, asked)
    if tenant is None:  # the model has no NotFoundException here
        raise Fault(FaultKind.INVALID, _no_entity(asked))
    tenant.status, tenant.status_since = asked["SendingStatus"], here.now
    return {}


@serves("sesv2", note=_OF_TENANTS)
def get_reputation_entity(here: Here, asked: Params) -> Result:
    tenant = _entity(here, asked)
    if tenant is None:
        raise Fault(FaultKind.NOT_FOUND, _no_entity(asked))
    return {"ReputationEntity": _reputation(tenant)}


@serves("sesv2", note=_OF_TENANTS)
def list_reputation_entities(here: Here, asked: Params) -> Result:
    found = filtered(here.region.tenants.values(), asked.get("Filter", {}), _ENTITY_FILTERS)
    shown, token = page(found, asked.get("NextToken"), asked.get("PageSize"), MOST_ON_A_PAGE)
    listed = {"ReputationEntities": [_reputation(tenant) for tenant in shown]}
    return {**listed, "NextToken": token} if token else listed


def _entity(here: Here, asked: Params) -> Tenant | None:
    tenants = here.region.tenants.values()
    return next((tenant for tenant in tenants if tenant.arn == asked["ReputationEntityReference"]), None)


def _no_entity(asked: Params) -> str:
    return f"Reputation entity {asked['ReputationEntityReference'][:200]} does not exist."


def _reputation(tenant: Tenant) -> Result:
    own: dict[str, Any] = {"Status": tenant.status, "LastUpdatedTimestamp": tenant.status_since or tenant.created}
    return {
        "ReputationEntityReference": tenant.arn,
        "ReputationEntityType": "RESOURCE",
        "CustomerManagedStatus": own,
        "AwsSesManagedStatus": {"Status": ENABLED, "LastUpdatedTimestamp": tenant.created},
        "SendingStatusAggregate": tenant.status,
    }
