"""boto3 and tenants: made, given what they send with, paused, and with a suppression list of their own."""

from __future__ import annotations

import pytest

from sesmail.local import LocalSes

from .boto import Client, refused
from .conftest import SENDER, SHOP

ACME = {"TenantName": "acme"}
ARN = "arn:aws:ses:us-east-1:123456789012"
ADA = "ada@example.org"
SIMPLE = {"Subject": {"Data": "News"}, "Body": {"Text": {"Data": "Hello"}}}


def send(v2: Client, **more: object) -> None:
    v2.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [ADA]}, Content={"Simple": SIMPLE}, **more)


@pytest.fixture
def tenant(shop: LocalSes, v2: Client) -> str:
    """The ARN of a tenant that may send as the shop."""
    made = v2.create_tenant(**ACME, Tags=[{"Key": "team", "Value": "shop"}])
    v2.create_tenant_resource_association(**ACME, ResourceArn=f"{ARN}:identity/{SHOP}")
    return str(made["TenantArn"])


def test_a_tenant_and_its_resources_are_told(v2: Client, tenant: str) -> None:
    found = v2.get_tenant(**ACME)["Tenant"]
    pages = v2.get_paginator("list_tenants").paginate().build_full_result()
    resources = v2.get_paginator("list_tenant_resources").paginate(**ACME).build_full_result()
    users = v2.list_resource_tenants(ResourceArn=f"{ARN}:identity/{SHOP}")["ResourceTenants"]

    assert (found["TenantArn"], found["SendingStatus"]) == (tenant, "ENABLED")
    assert found["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert [one["TenantArn"] for one in pages["Tenants"]] == [tenant]
    identity = {"ResourceType": "EMAIL_IDENTITY", "ResourceArn": f"{ARN}:identity/{SHOP}"}
    assert resources["TenantResources"] == [identity]
    assert [(one["TenantName"], one["TenantId"]) for one in users] == [("acme", found["TenantId"])]
    assert all(one["AssociatedTimestamp"] == found["CreatedTimestamp"] for one in users)


def test_a_tenant_sends_with_what_is_its_own_only(shop: LocalSes, v2: Client, tenant: str) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    send(v2, **ACME)
    with refused(v2.exceptions.MessageRejected, "MessageRejected", 400, "is not associated with the tenant <acme>"):
        send(v2, **ACME, ConfigurationSetName="main")
    v2.create_tenant_resource_association(**ACME, ResourceArn=f"{ARN}:configuration-set/main")
    send(v2, **ACME, ConfigurationSetName="main")
    v2.delete_tenant_resource_association(**ACME, ResourceArn=f"{ARN}:identity/{SHOP}")
    with refused(v2.exceptions.MessageRejected, "MessageRejected", 400, f"identity/{SHOP}> is not associated"):
        send(v2, **ACME)
    v2.delete_tenant(**ACME)
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "Tenant <acme> does not exist."):
        send(v2, **ACME)

    assert len(shop.sent) == 2


def test_a_tenant_is_paused_by_its_arn(shop: LocalSes, v2: Client, tenant: str) -> None:
    entity = {"ReputationEntityType": "RESOURCE", "ReputationEntityReference": tenant}
    v2.update_reputation_entity_customer_managed_status(**entity, SendingStatus="DISABLED")
    with refused(v2.exceptions.SendingPausedException, "SendingPausedException", 400, "paused for the tenant <acme>"):
        send(v2, **ACME)
    paused = v2.get_reputation_entity(**entity)["ReputationEntity"]
    v2.update_reputation_entity_customer_managed_status(**entity, SendingStatus="REINSTATED")
    send(v2, **ACME)
    listed = v2.get_paginator("list_reputation_entities").paginate(Filter={"SENDING_STATUS": "REINSTATED"})

    assert paused["SendingStatusAggregate"] == "DISABLED"
    assert paused["CustomerManagedStatus"]["Status"] == "DISABLED"
    assert [one["ReputationEntityReference"] for one in listed.build_full_result()["ReputationEntities"]] == [tenant]
    assert len(shop.sent) == 1


def test_a_tenant_has_a_suppression_list_of_its_own(shop: LocalSes, v2: Client, tenant: str) -> None:
    if not hasattr(v2, "put_tenant_suppression_attributes"):
        pytest.skip("this botocore does not know the suppression lists of tenants")
    v2.put_tenant_suppression_attributes(**ACME, SuppressionScope="TENANT", SuppressedReasons=["BOUNCE"])
    v2.put_suppressed_destination(EmailAddress=ADA, Reason="BOUNCE", **ACME)
    send(v2, **ACME)
    send(v2)

    found = v2.get_suppressed_destination(EmailAddress=ADA, **ACME)["SuppressedDestination"]
    assert (found["TenantName"], found["Reason"]) == ("acme", "BOUNCE")
    assert v2.list_suppressed_destinations(**ACME)["SuppressedDestinationSummaries"][0]["EmailAddress"] == ADA
    assert v2.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []
    assert [mail.fates[ADA] for mail in shop.sent] == ["Bounce", "Delivery"]
    assert shop.events[1].payload["bounce"]["bounceSubType"] == "OnTenantSuppressionList"


def test_a_set_sends_by_a_pool_that_is_there(v2: Client, shop: LocalSes) -> None:
    v2.create_dedicated_ip_pool(PoolName="main", ScalingMode="MANAGED")
    v2.create_configuration_set(ConfigurationSetName="main", DeliveryOptions={"SendingPoolName": "main"})
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "Dedicated IP pool <no> does not exist."):
        v2.put_configuration_set_delivery_options(ConfigurationSetName="main", SendingPoolName="no")

    assert v2.get_dedicated_ip_pool(PoolName="main")["DedicatedIpPool"] == {
        "PoolName": "main",
        "ScalingMode": "MANAGED",
    }
    assert v2.list_dedicated_ip_pools()["DedicatedIpPools"] == ["main"]
    v2.delete_dedicated_ip_pool(PoolName="main")
    assert v2.list_dedicated_ip_pools()["DedicatedIpPools"] == []
