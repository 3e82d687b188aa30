"""Tenants: who they are, what they may send with, whose suppression list counts, and whether they may send."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sesmail.local import BoxClock, LocalSes
from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.models.service import Service
from sesmail.local.policy import Policy
from sesmail.local.tenants import tenancy
from tests.local.answers import codes_of, refused
from tests.local.asking import RAW, REGION, ask, box, refusal, send_raw
from tests.local.lists.test_contacts import NOW

if TYPE_CHECKING:
    from pathlib import Path

ACME: dict[str, Any] = {"TenantName": "acme"}
ARN = f"arn:aws:ses:{REGION}:123456789012"
DOMAIN, SET, TEMPLATE = f"{ARN}:identity/example.com", f"{ARN}:configuration-set/main", f"{ARN}:template/hello"
MAIN = {"ConfigurationSetName": "main"}
ADA = "ada@example.org"
BAD, NOT_FOUND = ("BadRequestException", 400), ("NotFoundException", 404)
EXISTS, REJECTED = ("AlreadyExistsException", 400), ("MessageRejected", 400)

with_lists = pytest.mark.skipif(
    "PutTenantSuppressionAttributes" not in Service.of("sesv2").operation_names,
    reason="this botocore does not know the suppression lists of tenants",
)


@pytest.fixture
def asked() -> Box:
    """A tenant that may send as example.com, and a configuration set that is nobody's."""
    made = box()
    ask(made, "CreateConfigurationSet", **MAIN)
    ask(made, "CreateTenant", **ACME)
    ask(made, "CreateTenantResourceAssociation", **ACME, ResourceArn=DOMAIN)
    return made


def associate(asked: Box, *arns: str) -> None:
    for arn in arns:
        ask(asked, "CreateTenantResourceAssociation", **ACME, ResourceArn=arn)


def tenants(asked: Box, **wanted: str) -> list[str]:
    asked_for: dict[str, Any] = {"Filter": wanted} if wanted else {}
    found = ask(asked, "ListTenants", **asked_for)["Tenants"]
    return [tenant["TenantName"] for tenant in found]


def reference(asked: Box, name: str = "acme") -> dict[str, str]:
    arn = ask(asked, "GetTenant", TenantName=name)["Tenant"]["TenantArn"]
    return {"ReputationEntityType": "RESOURCE", "ReputationEntityReference": arn}


def pause(asked: Box, status: str = "DISABLED") -> None:
    ask(asked, "UpdateReputationEntityCustomerManagedStatus", **reference(asked), SendingStatus=status)


# ── tenants ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tenant_is_told_as_it_was_made() -> None:
    asked = box()
    tags = [{"Key": "team", "Value": "shop"}]
    made = ask(asked, "CreateTenant", **ACME, Tags=tags)
    asked.clock.advance(60)

    own_id = made["TenantId"]
    assert own_id.startswith("tn-")
    about = {"TenantId": own_id, "TenantArn": f"{ARN}:tenant/acme/{own_id}", "CreatedTimestamp": NOW}
    info = {**ACME, **about, "SendingStatus": "ENABLED"}
    assert made == {**info, "Tags": tags}
    assert ask(asked, "GetTenant", **ACME) == {"Tenant": made}
    assert ask(asked, "ListTenants") == {"Tenants": [info]}


def test_tenants_come_in_pages_and_go(asked: Box) -> None:
    ask(asked, "CreateTenant", TenantName="best")
    first = ask(asked, "ListTenants", PageSize=1)
    rest = ask(asked, "ListTenants", PageSize=1, NextToken=first["NextToken"])
    ask(asked, "DeleteTenant", **ACME)

    assert [page["Tenants"][0]["TenantName"] for page in (first, rest)] == ["acme", "best"]
    assert "NextToken" not in rest
    assert tenants(asked) == ["best"]


@with_lists
def test_tenants_are_listed_by_name_and_status(asked: Box) -> None:
    ask(asked, "CreateTenant", TenantName="best")
    pause(asked)

    assert tenants(asked, TENANT_NAME_CONTAINS="c") == ["acme"]
    assert tenants(asked, SENDING_STATUS="ENABLED") == ["best"]
    assert tenants(asked, TENANT_NAME_CONTAINS="b", SENDING_STATUS="DISABLED") == []
    fault = refusal(asked, "ListTenants", Filter={"COLOUR": "red"})
    assert (fault.v2, "COLOUR" in fault.message) == (BAD, True)


def test_an_account_has_so_many_tenants(monkeypatch: pytest.MonkeyPatch, asked: Box) -> None:
    monkeypatch.setattr(tenancy, "MOST_TENANTS", 1)

    assert refusal(asked, "CreateTenant", TenantName="best").v2 == ("LimitExceededException", 400)


def test_tags_of_a_tenant_go_by_its_arn(asked: Box) -> None:
    arn = reference(asked)["ReputationEntityReference"]
    ask(asked, "TagResource", ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])

    assert ask(asked, "ListTagsForResource", ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    for wrong in (arn[:-1], arn.rpartition("/")[0], arn.replace("acme", "best")):
        assert refusal(asked, "ListTagsForResource", ResourceArn=wrong).v2 == NOT_FOUND


# ── what they may send with ──────────────────────────────────────────────────────────────────────────────────────


def test_resources_are_told_by_their_kind(asked: Box) -> None:
    ask(asked, "CreateEmailTemplate", TemplateName="hello", TemplateContent={"Subject": "Hello"})
    associate(asked, SET, TEMPLATE)
    every = [("EMAIL_IDENTITY", DOMAIN), ("CONFIGURATION_SET", SET), ("EMAIL_TEMPLATE", TEMPLATE)]

    def told(**wanted: Any) -> list[tuple[str, str]]:
        found = ask(asked, "ListTenantResources", **ACME, **wanted)["TenantResources"]
        return [(one["ResourceType"], one["ResourceArn"]) for one in found]

    assert told() == every
    assert told(Filter={"RESOURCE_TYPE": "CONFIGURATION_SET"}) == every[1:2]
    first = ask(asked, "ListTenantResources", **ACME, PageSize=2)
    assert told(PageSize=2, NextToken=first["NextToken"]) == every[2:]
    ask(asked, "DeleteTenantResourceAssociation", **ACME, ResourceArn=SET)
    assert told() == [every[0], every[2]]


def test_tenants_of_a_resource_are_told(asked: Box) -> None:
    asked.clock.advance(60)
    ask(asked, "CreateTenant", TenantName="best")
    ask(asked, "CreateTenantResourceAssociation", TenantName="best", ResourceArn=DOMAIN)
    ask(asked, "CreateTenant", TenantName="none")
    first = ask(asked, "ListResourceTenants", ResourceArn=DOMAIN, PageSize=1)
    rest = ask(asked, "ListResourceTenants", ResourceArn=DOMAIN, NextToken=first["NextToken"])

    (acme,), (best,) = first["ResourceTenants"], rest["ResourceTenants"]
    own_id = ask(asked, "GetTenant", **ACME)["Tenant"]["TenantId"]
    assert acme == {**ACME, "TenantId": own_id, "ResourceArn": DOMAIN, "AssociatedTimestamp": NOW}
    assert (best["TenantName"], best["AssociatedTimestamp"]) == ("best", NOW + 60)
    assert "NextToken" not in rest
    assert ask(asked, "ListResourceTenants", ResourceArn=SET) == {"ResourceTenants": []}


def test_a_domain_is_the_same_in_any_case(asked: Box) -> None:
    ask(asked, "DeleteTenantResourceAssociation", **ACME, ResourceArn=DOMAIN)
    associate(asked, DOMAIN.upper().replace(ARN.upper(), ARN).replace("IDENTITY", "identity"))

    assert ask(asked, "ListTenantResources", **ACME)["TenantResources"][0]["ResourceArn"] == DOMAIN
    assert send_raw(asked, **ACME)


# ── sends ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _by_v2_raw(asked: Box, **more: Any) -> None:
    send_raw(asked, **ACME, **more)


def _by_v2_simple(asked: Box, **more: Any) -> None:
    simple = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}
    people: dict[str, Any] = {"FromEmailAddress": "shop@example.com", "Destination": {"ToAddresses": [ADA]}}
    ask(asked, "SendEmail", Content={"Simple": simple}, **people, **ACME, **more)


def _by_header(asked: Box, **more: Any) -> None:
    send_raw(asked, b"X-SES-TENANT: acme\r\n" + RAW, **more)


def _by_v1_header(asked: Box, **more: Any) -> None:
    ask(asked, "SendRawEmail", "ses", RawMessage={"Data": b"X-SES-Tenant: acme\r\n" + RAW}, **more)


WAYS = [_by_v2_raw, _by_v2_simple, _by_header, _by_v1_header]


@pytest.mark.parametrize("way", WAYS)
def test_a_tenant_sends_with_what_is_its_own(asked: Box, way: Any) -> None:
    associate(asked, SET)
    way(asked, **MAIN)

    (mail,) = asked.ledger
    assert (mail.fates, mail.configuration_set) == ({ADA: "Delivery"}, "main")
    assert b"x-ses-" not in mail.raw.lower()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ("DeleteTenant", {"NotFoundException", "InvalidParameterValue"}, "Tenant <acme> does not exist."),
        ("DeleteTenantResourceAssociation", {"MessageRejected"}, f"Resource <{DOMAIN}> is not associated with"),
        ("CreateEmailIdentity", {"MessageRejected"}, f"Resource <{ARN}:identity/shop@example.com> is not"),
        ("PutEmailIdentityConfigurationSetAttributes", {"MessageRejected"}, f"Resource <{SET}> is not associated"),
        ("pause", {"SendingPausedException", "MessageRejected"}, "Sending is paused for the tenant <acme>."),
    ],
)
def test_a_tenant_that_may_not_is_refused(asked: Box, way: Any, change: str, code: set[str], text: str) -> None:
    _CHANGES[change](asked)
    with pytest.raises(Exception, match=text[:20]) as caught:
        way(asked)

    service = "ses" if way is _by_v1_header else "sesv2"
    answer: tuple[str, int] = caught.value.v1 if service == "ses" else caught.value.v2  # type: ignore[attr-defined]
    assert text in str(caught.value)
    assert answer[0] in code
    assert answer[0] in codes_of(service, "SendRawEmail" if service == "ses" else "SendEmail")
    assert len(asked.ledger) == 0


def _own_address(asked: Box) -> None:
    ask(asked, "CreateEmailIdentity", EmailIdentity="shop@example.com")
    found = asked.region(REGION).identities.get("shop@example.com")
    assert found
    found.verify(asked.clock.now())


_CHANGES: dict[str, Any] = {
    "DeleteTenant": lambda asked: ask(asked, "DeleteTenant", **ACME),
    "DeleteTenantResourceAssociation": lambda asked: ask(
        asked, "DeleteTenantResourceAssociation", **ACME, ResourceArn=DOMAIN
    ),
    "CreateEmailIdentity": _own_address,
    "PutEmailIdentityConfigurationSetAttributes": lambda asked: ask(
        asked, "PutEmailIdentityConfigurationSetAttributes", EmailIdentity="example.com", **MAIN
    ),
    "pause": pause,
}


def test_the_parameter_counts_before_the_header(asked: Box) -> None:
    assert send_raw(asked, b"X-SES-TENANT: no\r\n" + RAW, **ACME)


def test_an_identity_that_another_account_lends_is_no_tenant_s(asked: Box) -> None:
    owner = asked.region(REGION, "210987654321")
    arn = owner.arn("identity", "lent.example")
    ask(asked, "CreateEmailIdentity", EmailIdentity="lent.example")  # which is not verified
    lent = asked.region(REGION).identities.get("lent.example")
    assert lent
    lent.policies["all"] = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ses:*", "Resource": "*"}}'
    lent.verify(asked.clock.now())
    owner.identities.add(lent)
    asked.region(REGION).identities.remove("lent.example")
    content: dict[str, Any] = {"Content": {"Raw": {"Data": RAW.replace(b"example.com", b"lent.example")}}}
    assert ask(asked, "SendEmail", **content, FromEmailAddressIdentityArn=arn)

    fault = refusal(asked, "SendEmail", **content, FromEmailAddressIdentityArn=arn, **ACME)
    assert (fault.v2, "identity/shop@lent.example" in fault.message) == (REJECTED, True)


# ── whether they may send ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", ["DISABLED", "REINSTATED", "ENABLED"])
def test_the_standing_of_a_tenant_is_as_its_owner_says(asked: Box, status: str) -> None:
    asked.clock.advance(60)
    before = ask(asked, "GetReputationEntity", **reference(asked))["ReputationEntity"]
    pause(asked, status)
    after = ask(asked, "GetReputationEntity", **reference(asked))["ReputationEntity"]

    theirs = {"AwsSesManagedStatus": {"Status": "ENABLED", "LastUpdatedTimestamp": NOW}}
    assert before == {
        **reference(asked),
        **theirs,
        "CustomerManagedStatus": {"Status": "ENABLED", "LastUpdatedTimestamp": NOW},
        "SendingStatusAggregate": "ENABLED",
    }
    assert after == {
        **reference(asked),
        **theirs,
        "CustomerManagedStatus": {"Status": status, "LastUpdatedTimestamp": NOW + 60},
        "SendingStatusAggregate": status,
    }
    assert ask(asked, "GetTenant", **ACME)["Tenant"]["SendingStatus"] == status
    if status != "DISABLED":
        assert send_raw(asked, **ACME)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, "acme best"),
        ({"ENTITY_TYPE": "RESOURCE"}, "acme best"),
        ({"ENTITY_TYPE": "ELSE"}, ""),
        ({"REPUTATION_IMPACT": "HIGH"}, ""),
        ({"SENDING_STATUS": "DISABLED"}, "acme"),
        ({"ENTITY_REFERENCE_PREFIX": f"{ARN}:tenant/b"}, "best"),
    ],
)
def test_standings_are_listed_by_filters(asked: Box, wanted: dict[str, str], names: str) -> None:
    ask(asked, "CreateTenant", TenantName="best")
    pause(asked)
    found = ask(asked, "ListReputationEntities", Filter=wanted)["ReputationEntities"]

    assert [one["ReputationEntityReference"].split("/")[1] for one in found] == names.split()
    assert bool(ask(asked, "ListReputationEntities", PageSize=1).get("NextToken"))


# ── whose suppression list counts ────────────────────────────────────────────────────────────────────────────────


def suppress(asked: Box, **more: Any) -> None:
    ask(asked, "PutSuppressedDestination", EmailAddress=ADA, Reason="BOUNCE", **more)


def scope(asked: Box, **attributes: Any) -> None:
    ask(asked, "PutTenantSuppressionAttributes", **ACME, **attributes)


def fate(asked: Box, **more: Any) -> str:
    send_raw(asked, **ACME, **more)
    bounce = asked.events.all()[-1].facts.get("bounce", {})
    return str(bounce.get("bounceSubType", "Delivery"))


@with_lists
@pytest.mark.parametrize(
    ("attributes", "set_options", "on", "expected"),
    [
        (None, None, "tenant", "Delivery"),
        (None, None, "account", "OnAccountSuppressionList"),
        ({"SuppressionScope": "TENANT"}, None, "tenant", "OnTenantSuppressionList"),
        ({"SuppressionScope": "TENANT"}, None, "account", "Delivery"),
        ({"SuppressionScope": "TENANT", "SuppressedReasons": ["COMPLAINT"]}, None, "tenant", "Delivery"),
        ({"SuppressionScope": "TENANT", "SuppressedReasons": []}, None, "tenant", "Delivery"),
        ({"SuppressionScope": "ACCOUNT"}, None, "account", "OnAccountSuppressionList"),
        ({"SuppressedReasons": ["BOUNCE"]}, None, "tenant", "Delivery"),
        (None, {"SuppressionScope": "TENANT", "SuppressedReasons": ["BOUNCE"]}, "tenant", "OnTenantSuppressionList"),
        (None, {"SuppressionScope": "TENANT"}, "tenant", "Delivery"),
        ({"SuppressionScope": "TENANT"}, {"SuppressedReasons": ["COMPLAINT"]}, "tenant", "Delivery"),
        (
            {"SuppressionScope": "TENANT"},
            {"SuppressionScope": "ACCOUNT", "SuppressedReasons": ["BOUNCE"]},
            "tenant",
            "Delivery",
        ),
        (
            {"SuppressionScope": "TENANT"},
            {"SuppressionScope": "ACCOUNT", "SuppressedReasons": ["BOUNCE"]},
            "account",
            "OnAccountSuppressionList",
        ),
    ],
)
def test_the_list_that_counts_is_that_of_the_set_or_of_the_tenant_or_of_the_account(
    asked: Box, attributes: dict[str, Any] | None, set_options: dict[str, Any] | None, on: str, expected: str
) -> None:
    associate(asked, SET)
    suppress(asked, **(ACME if on == "tenant" else {}))
    if attributes is not None:
        scope(asked, **attributes)
    if set_options is not None:
        ask(asked, "PutConfigurationSetSuppressionOptions", **MAIN, **set_options)

    assert fate(asked, **MAIN) == expected
    mail = list(asked.ledger)[-1]
    assert mail.counted == 1


@with_lists
def test_without_a_tenant_the_list_of_the_account_counts_whatever_the_set_says(asked: Box) -> None:
    options = {"SuppressionScope": "TENANT", "SuppressedReasons": ["BOUNCE"]}
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="own", SuppressionOptions=options)
    suppress(asked)
    send_raw(asked, ConfigurationSetName="own")

    assert [mail.fates for mail in asked.ledger] == [{ADA: "Bounce"}]
    assert ask(asked, "GetConfigurationSet", ConfigurationSetName="own")["SuppressionOptions"] == options


@with_lists
def test_entries_of_a_tenant_are_its_own(asked: Box) -> None:
    suppress(asked, **ACME)

    entry = {"EmailAddress": ADA, "Reason": "BOUNCE", "LastUpdateTime": NOW}
    one = {"EmailAddress": ADA}
    assert ask(asked, "GetSuppressedDestination", **one, **ACME) == {"SuppressedDestination": {**entry, **ACME}}
    assert ask(asked, "ListSuppressedDestinations", **ACME) == {"SuppressedDestinationSummaries": [entry]}
    assert ask(asked, "ListSuppressedDestinations") == {"SuppressedDestinationSummaries": []}
    assert refusal(asked, "GetSuppressedDestination", **one).v2 == NOT_FOUND
    assert refusal(asked, "DeleteSuppressedDestination", **one).v2 == NOT_FOUND
    ask(asked, "DeleteSuppressedDestination", **one, **ACME)
    assert refusal(asked, "GetSuppressedDestination", **one, **ACME).v2 == NOT_FOUND


@with_lists
def test_attributes_are_told_when_somebody_said_them() -> None:
    asked = box()
    attributes = {"SuppressionScope": "TENANT", "SuppressedReasons": ["COMPLAINT"]}
    made = ask(asked, "CreateTenant", **ACME, SuppressionAttributes=attributes)
    assert made["SuppressionAttributes"] == attributes
    scope(asked, SuppressionScope="TENANT")
    assert ask(asked, "GetTenant", **ACME)["Tenant"]["SuppressionAttributes"] == {"SuppressionScope": "TENANT"}
    scope(asked)

    assert ask(asked, "GetTenant", **ACME)["Tenant"]["SuppressionAttributes"] == {"SuppressionScope": "ACCOUNT"}


# ── what cannot be ───────────────────────────────────────────────────────────────────────────────────────────────

LIST = f"{ARN}:contact-list/news"
NOBODY = {"ReputationEntityType": "RESOURCE", "ReputationEntityReference": f"{ARN}:tenant/no/tn-1"}


@pytest.mark.parametrize(
    ("operation", "params", "answer", "text"),
    [
        ("CreateTenant", ACME, EXISTS, "Tenant <acme> already exists."),
        ("CreateTenant", {"TenantName": "a b"}, BAD, "Tenant name <a b>"),
        ("CreateTenant", {"TenantName": "a" * 65}, BAD, "1 to 64"),
        ("GetTenant", {"TenantName": "no"}, NOT_FOUND, "Tenant <no> does not exist."),
        ("DeleteTenant", {"TenantName": "no"}, NOT_FOUND, "does not exist"),
        ("ListTenantResources", {"TenantName": "no"}, NOT_FOUND, "does not exist"),
        ("ListTenantResources", {**ACME, "Filter": {"COLOUR": "red"}}, BAD, "Unknown filter key COLOUR"),
        ("CreateTenantResourceAssociation", {"TenantName": "no", "ResourceArn": SET}, NOT_FOUND, "Tenant <no>"),
        ("CreateTenantResourceAssociation", {**ACME, "ResourceArn": DOMAIN}, EXISTS, "already associated"),
        ("CreateTenantResourceAssociation", {**ACME, "ResourceArn": f"{SET}s"}, NOT_FOUND, "does not exist"),
        ("CreateTenantResourceAssociation", {**ACME, "ResourceArn": "identity/example.com"}, NOT_FOUND, "does not"),
        ("CreateTenantResourceAssociation", {**ACME, "ResourceArn": f"{ARN}:thing/a"}, NOT_FOUND, "does not exist"),
        (
            "CreateTenantResourceAssociation",
            {**ACME, "ResourceArn": DOMAIN.replace(REGION, "us-east-1")},
            NOT_FOUND,
            "does not exist",
        ),
        ("CreateTenantResourceAssociation", {**ACME, "ResourceArn": LIST}, BAD, "Only identities,"),
        ("DeleteTenantResourceAssociation", {"TenantName": "no", "ResourceArn": SET}, NOT_FOUND, "Tenant <no>"),
        ("DeleteTenantResourceAssociation", {**ACME, "ResourceArn": SET}, NOT_FOUND, "is not associated"),
        ("ListResourceTenants", {"ResourceArn": f"{SET}s"}, NOT_FOUND, "does not exist"),
        ("GetReputationEntity", NOBODY, NOT_FOUND, "Reputation entity"),
        ("UpdateReputationEntityCustomerManagedStatus", {**NOBODY, "SendingStatus": "ENABLED"}, BAD, "does not exist"),
        ("ListReputationEntities", {"Filter": {"COLOUR": "red"}}, BAD, "Unknown filter key"),
    ],
)
def test_what_cannot_be_is_refused(
    asked: Box, operation: str, params: dict[str, Any], answer: tuple[str, int], text: str
) -> None:
    ask(asked, "CreateContactList", ContactListName="news")
    came, said = refused(asked, Call("sesv2", operation, params, REGION))

    assert came == answer
    assert text in said
    assert came[0] in codes_of("sesv2", operation)


@with_lists
@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("PutTenantSuppressionAttributes", {}),
        ("PutSuppressedDestination", {"EmailAddress": ADA, "Reason": "BOUNCE"}),
        ("GetSuppressedDestination", {"EmailAddress": ADA}),
        ("DeleteSuppressedDestination", {"EmailAddress": ADA}),
        ("ListSuppressedDestinations", {}),
    ],
)
def test_a_list_of_nobody_is_not_found(asked: Box, operation: str, params: dict[str, Any]) -> None:
    came, said = refused(asked, Call("sesv2", operation, {**params, "TenantName": "no"}, REGION))

    assert (came, said) == (NOT_FOUND, "Tenant <no> does not exist.")
    assert came[0] in codes_of("sesv2", operation)


# ── who may ask, and after a restart ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("operation", "params", "resource"),
    [
        ("GetTenant", ACME, "tenant/acme/tn-"),
        ("CreateTenant", {"TenantName": "best"}, "tenant/best'"),
        ("CreateContact", {"ContactListName": "news", "EmailAddress": ADA}, "contact-list/news'"),
        ("GetDedicatedIpPool", {"PoolName": "main"}, "dedicated-ip-pool/main'"),
    ],
)
def test_a_policy_is_asked_about_the_resource(
    asked: Box, operation: str, params: dict[str, Any], resource: str
) -> None:
    nothing = Policy.parse('{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}')
    asked.keys.add(replace(asked.keys.owner(""), policy=nothing))

    assert f"`{ARN}:{resource}" in refusal(asked, operation, **params).message


def test_tenants_are_there_after_a_restart(tmp_path: Path) -> None:
    def ses() -> LocalSes:
        return LocalSes(folder=tmp_path, clock=BoxClock(at=NOW), region=REGION, sandbox=False, rate=100)

    with ses() as first:
        first.identity("example.com").verify()
        ask(first.box, "CreateTenant", **ACME, Tags=[{"Key": "a", "Value": "b"}])
        ask(first.box, "CreateDedicatedIpPool", PoolName="main", ScalingMode="MANAGED")
        associate(first.box, DOMAIN)
        tenant = first.box.region(REGION).tenants["acme"]
        tenant.set_suppression("TENANT", ["BOUNCE"])
        pause(first.box, "REINSTATED")

    second = ses()
    assert second.box.regions == first.box.regions
    assert second.box.region(REGION).tenants["acme"].suppressed_reasons == ["BOUNCE"]
    assert send_raw(second.box, **ACME)
