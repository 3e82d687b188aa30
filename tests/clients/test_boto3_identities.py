"""boto3 and the identities of the box, by both APIs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sesmail.local import LocalSes

from .boto import Client, ClientError, WaiterError, client, refused
from .conftest import NOW

ADDRESS = "ann@example.com"
DOMAIN = "example.com"
# Names that do not travel in a path as they are.
ODD = ("user+tag@example.com", "o'neil/b&c=d%40@example.com", "#hash?{brace}@example.com", "Mixed.Case@Example.COM")


# ── they begin ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_waits_for_its_link(ses: LocalSes, v2: Client) -> None:
    made = v2.create_email_identity(EmailIdentity=ADDRESS)
    waiting = v2.get_email_identity(EmailIdentity=ADDRESS)
    ses.identity(ADDRESS).verify()
    done = v2.get_email_identity(EmailIdentity=ADDRESS)

    assert (made["IdentityType"], made["VerifiedForSendingStatus"]) == ("EMAIL_ADDRESS", False)
    assert made["DkimAttributes"]["Status"] == "NOT_STARTED"
    assert "Tokens" not in made["DkimAttributes"]
    assert (waiting["VerificationStatus"], waiting["VerifiedForSendingStatus"]) == ("PENDING", False)
    assert (done["VerificationStatus"], done["VerifiedForSendingStatus"]) == ("SUCCESS", True)
    assert done["VerificationInfo"]["LastSuccessTimestamp"] == datetime.fromtimestamp(NOW, UTC)
    assert done["FeedbackForwardingStatus"] is True


def test_a_domain_gets_easy_dkim(ses: LocalSes, v2: Client) -> None:
    made = v2.create_email_identity(EmailIdentity=DOMAIN)
    ses.identity(DOMAIN).verify()
    done = v2.get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]

    dkim = made["DkimAttributes"]
    assert (made["IdentityType"], dkim["Status"], dkim["SigningEnabled"]) == ("DOMAIN", "PENDING", True)
    assert len({*dkim["Tokens"]}) == 3
    assert (dkim["SigningAttributesOrigin"], dkim["NextSigningKeyLength"]) == ("AWS_SES", "RSA_2048_BIT")
    assert "CurrentSigningKeyLength" not in dkim
    assert (done["Status"], done["CurrentSigningKeyLength"]) == ("SUCCESS", "RSA_2048_BIT")
    assert done["Tokens"] == dkim["Tokens"]
    assert done["LastKeyGenerationTimestamp"] == datetime.fromtimestamp(NOW, UTC)


@pytest.mark.parametrize(
    ("region", "zone"), [("us-east-1", "dkim.amazonses.com"), ("eu-south-1", "dkim.eu-south-1.amazonses.com")]
)
def test_the_zone_of_dkim_is_told_where_boto3_knows_it(ses: LocalSes, region: str, zone: str) -> None:
    with client(ses, "sesv2", region_name=region) as v2:
        dkim = v2.create_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]
        is_known = "SigningHostedZone" in v2.meta.service_model.shape_for("DkimAttributes").members

    assert dkim.get("SigningHostedZone") == (zone if is_known else None)


def test_a_shorter_key_is_made_on_request(v2: Client) -> None:
    wanted = {"NextSigningKeyLength": "RSA_1024_BIT"}
    made = v2.create_email_identity(EmailIdentity=DOMAIN, DkimSigningAttributes=wanted)

    assert made["DkimAttributes"]["NextSigningKeyLength"] == "RSA_1024_BIT"


def test_a_domain_may_bring_its_own_key(ses: LocalSes, v2: Client) -> None:
    own = {"DomainSigningSelector": "mail2027", "DomainSigningPrivateKey": "MIIEow=="}
    made = v2.create_email_identity(EmailIdentity=DOMAIN, DkimSigningAttributes=own)["DkimAttributes"]
    ses.identity(DOMAIN).verify()
    done = v2.get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]

    assert (made["SigningAttributesOrigin"], made["Status"], made["Tokens"]) == ("EXTERNAL", "PENDING", ["mail2027"])
    assert done["Status"] == "SUCCESS"


def test_a_domain_goes_from_easy_dkim_to_its_own_key_and_back(v2: Client) -> None:
    easy = v2.create_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Tokens"]
    own = {"DomainSigningSelector": "mail2027", "DomainSigningPrivateKey": "MIIEow=="}
    change = v2.put_email_identity_dkim_signing_attributes
    there = change(EmailIdentity=DOMAIN, SigningAttributesOrigin="EXTERNAL", SigningAttributes=own)
    back = change(EmailIdentity=DOMAIN, SigningAttributesOrigin="AWS_SES")

    assert (there["DkimStatus"], there["DkimTokens"]) == ("PENDING", ["mail2027"])
    assert back["DkimStatus"] == "PENDING"
    assert len(back["DkimTokens"]) == len(easy) == 3


def test_another_region_takes_over_the_keys(ses: LocalSes, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=DOMAIN)
    ses.identity(DOMAIN).verify()
    with client(ses, "sesv2", region_name="eu-west-1") as there:
        copied = {"DomainSigningAttributesOrigin": "AWS_SES_US_EAST_1"}
        made = there.create_email_identity(EmailIdentity=DOMAIN, DkimSigningAttributes=copied)

    dkim = v2.get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]
    assert made["VerifiedForSendingStatus"] is True
    assert made["DkimAttributes"]["SigningAttributesOrigin"] == "AWS_SES_US_EAST_1"
    assert made["DkimAttributes"]["Tokens"] == dkim["Tokens"]


def test_nobody_waits_for_ever(ses: LocalSes, v1: Client, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=ADDRESS)
    v2.create_email_identity(EmailIdentity=DOMAIN)
    ses.clock.advance(hours=24)
    after_a_day = _statuses(v2)
    ses.clock.advance(hours=48)

    assert after_a_day == {ADDRESS: "FAILED", DOMAIN: "PENDING"}
    assert _statuses(v2) == {ADDRESS: "FAILED", DOMAIN: "FAILED"}
    assert v2.get_email_identity(EmailIdentity=DOMAIN)["VerificationInfo"]["ErrorType"] == "HOST_NOT_FOUND"
    v1.verify_email_identity(EmailAddress=ADDRESS)
    assert _statuses(v2) == {ADDRESS: "PENDING", DOMAIN: "FAILED"}


def _statuses(v2: Client) -> dict[str, str]:
    listed = v2.list_email_identities()["EmailIdentities"]
    return {one["IdentityName"]: one["VerificationStatus"] for one in listed}


def test_v1_begins_what_v2_sees(ses: LocalSes, v1: Client, v2: Client) -> None:
    v1.verify_email_identity(EmailAddress=ADDRESS)
    v1.verify_email_address(EmailAddress="bob@example.com")
    token = v1.verify_domain_identity(Domain=DOMAIN)["VerificationToken"]
    tokens = v1.verify_domain_dkim(Domain=DOMAIN)["DkimTokens"]

    assert _statuses(v2) == {ADDRESS: "PENDING", "bob@example.com": "PENDING", DOMAIN: "PENDING"}
    assert v2.get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Tokens"] == tokens
    assert v1.verify_domain_dkim(Domain=DOMAIN)["DkimTokens"] == tokens
    asked = v1.get_identity_verification_attributes(Identities=[DOMAIN, ADDRESS, "nobody@example.org"])
    assert asked["VerificationAttributes"] == {
        DOMAIN: {"VerificationStatus": "Pending", "VerificationToken": token},
        ADDRESS: {"VerificationStatus": "Pending"},
    }
    ses.identity(ADDRESS).verify()
    assert v1.list_verified_email_addresses()["VerifiedEmailAddresses"] == [ADDRESS]


# ── they are found ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ODD)
def test_a_name_comes_through_a_path_and_a_form_as_it_is(ses: LocalSes, v1: Client, v2: Client, name: str) -> None:
    v2.create_email_identity(EmailIdentity=name)
    ses.identity(name).verify()
    v2.put_email_identity_feedback_attributes(EmailIdentity=name, EmailForwardingEnabled=False)

    assert v2.get_email_identity(EmailIdentity=name)["FeedbackForwardingStatus"] is False
    assert _statuses(v2) == {name: "SUCCESS"}
    attributes = v1.get_identity_verification_attributes(Identities=[name])["VerificationAttributes"]
    assert attributes == {name: {"VerificationStatus": "Success"}}
    v2.delete_email_identity(EmailIdentity=name)
    assert _statuses(v2) == {}


def test_a_domain_has_no_case_and_an_address_has(v2: Client) -> None:
    v2.create_email_identity(EmailIdentity="Example.COM")
    v2.create_email_identity(EmailIdentity="ann@Example.COM")

    assert set(_statuses(v2)) == {"example.com", "ann@Example.COM"}
    assert v2.get_email_identity(EmailIdentity="EXAMPLE.com")["IdentityType"] == "DOMAIN"
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "ann@example.com does not exist"):
        v2.get_email_identity(EmailIdentity="ann@example.com")


def test_v2_lists_in_pages(v2: Client) -> None:
    names = sorted(f"{n}.example.com" for n in range(7))
    for name in names:
        v2.create_email_identity(EmailIdentity=name)
    pages = [v2.list_email_identities(PageSize=3)]
    while "NextToken" in pages[-1]:
        pages.append(v2.list_email_identities(PageSize=3, NextToken=pages[-1]["NextToken"]))

    assert [[one["IdentityName"] for one in page["EmailIdentities"]] for page in pages] == [
        names[:3],
        names[3:6],
        names[6:],
    ]
    first = pages[0]["EmailIdentities"][0]
    assert (first["IdentityType"], first["SendingEnabled"]) == ("DOMAIN", False)
    assert len(v2.list_email_identities(PageSize=7)["EmailIdentities"]) == 7
    assert "NextToken" not in v2.list_email_identities(PageSize=7)


@pytest.mark.parametrize("token", ["made up", "cGFnZTo=", "cGFnZTotMQ==", "é"])
def test_a_token_of_ones_own_leads_nowhere(v1: Client, v2: Client, token: str) -> None:
    with refused(v2.exceptions.InvalidNextTokenException, "InvalidNextTokenException", 400, "token is invalid"):
        v2.list_email_identities(NextToken=token)
    with refused(ClientError, "InvalidParameterValue", 400, "token is invalid"):
        v1.list_identities(NextToken=token)


def test_the_paginator_of_v1_walks_through_all(v1: Client) -> None:
    names = sorted(f"{n}@example.com" for n in range(5))
    for name in names:
        v1.verify_email_identity(EmailAddress=name)
    v1.verify_domain_identity(Domain=DOMAIN)
    paginator = v1.get_paginator("list_identities")
    pages = list(paginator.paginate(IdentityType="EmailAddress", PaginationConfig={"PageSize": 2}))

    assert [page["Identities"] for page in pages] == [names[:2], names[2:4], names[4:]]
    assert paginator.paginate().build_full_result()["Identities"] == [*names, DOMAIN]
    some = paginator.paginate(PaginationConfig={"MaxItems": 3, "PageSize": 2}).build_full_result()
    assert some["Identities"] == names[:3]
    rest = paginator.paginate(PaginationConfig={"StartingToken": some["NextToken"], "PageSize": 2})
    assert rest.build_full_result()["Identities"] == [*names[3:], DOMAIN]
    domains = paginator.paginate(IdentityType="Domain").build_full_result()
    assert domains["Identities"] == [DOMAIN]


def test_the_waiter_of_v1_waits_until_all_are_verified(ses: LocalSes, v1: Client) -> None:
    waiter, once = v1.get_waiter("identity_exists"), {"Delay": 0, "MaxAttempts": 2}
    for name in (ADDRESS, DOMAIN):
        v1.verify_email_identity(EmailAddress=name) if "@" in name else v1.verify_domain_identity(Domain=name)
    ses.identity(ADDRESS).verify()
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        waiter.wait(Identities=[ADDRESS, DOMAIN], WaiterConfig=once)
    ses.identity(DOMAIN).verify()

    waiter.wait(Identities=[ADDRESS, DOMAIN], WaiterConfig=once)


# ── they change ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_dkim_is_switched_off_and_on(v1: Client, v2: Client) -> None:
    tokens = v2.create_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["Tokens"]
    v2.put_email_identity_dkim_attributes(EmailIdentity=DOMAIN, SigningEnabled=False)
    off = v1.get_identity_dkim_attributes(Identities=[DOMAIN])["DkimAttributes"]
    v1.set_identity_dkim_enabled(Identity=DOMAIN, DkimEnabled=True)

    assert off == {DOMAIN: {"DkimEnabled": False, "DkimVerificationStatus": "Pending", "DkimTokens": tokens}}
    assert v2.get_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]["SigningEnabled"] is True


def test_a_mail_from_domain_is_set_found_and_taken_away(ses: LocalSes, v1: Client, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=DOMAIN)
    v2.put_email_identity_mail_from_attributes(
        EmailIdentity=DOMAIN, MailFromDomain="bounce.example.com", BehaviorOnMxFailure="REJECT_MESSAGE"
    )
    waiting = v2.get_email_identity(EmailIdentity=DOMAIN)["MailFromAttributes"]
    ses.identity(DOMAIN).verify_mail_from()
    by_v1 = v1.get_identity_mail_from_domain_attributes(Identities=[DOMAIN])["MailFromDomainAttributes"]
    v1.set_identity_mail_from_domain(Identity=DOMAIN)

    assert waiting == {
        "MailFromDomain": "bounce.example.com",
        "MailFromDomainStatus": "PENDING",
        "BehaviorOnMxFailure": "REJECT_MESSAGE",
    }
    assert by_v1 == {
        DOMAIN: {
            "MailFromDomain": "bounce.example.com",
            "MailFromDomainStatus": "Success",
            "BehaviorOnMXFailure": "RejectMessage",
        }
    }
    assert "MailFromAttributes" not in v2.get_email_identity(EmailIdentity=DOMAIN)
    v1.set_identity_mail_from_domain(
        Identity=DOMAIN, MailFromDomain="b.example.com", BehaviorOnMXFailure="UseDefaultValue"
    )
    ses.identity(DOMAIN).fail_mail_from()
    again = v2.get_email_identity(EmailIdentity=DOMAIN)["MailFromAttributes"]
    assert (again["MailFromDomainStatus"], again["BehaviorOnMxFailure"]) == ("FAILED", "USE_DEFAULT_VALUE")


def test_a_mail_from_domain_of_somebody_else_is_refused(v1: Client, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=DOMAIN)

    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, "not subdomain"):
        v2.put_email_identity_mail_from_attributes(EmailIdentity=DOMAIN, MailFromDomain="bounce.example.org")
    with refused(ClientError, "InvalidParameterValue", 400, "not subdomain"):
        v1.set_identity_mail_from_domain(Identity=DOMAIN, MailFromDomain="bounce.example.org")


def test_feedback_goes_where_it_is_told(v1: Client, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=ADDRESS)
    topic = "arn:aws:sns:us-east-1:123456789012:bounces"
    v1.set_identity_notification_topic(Identity=ADDRESS, NotificationType="Bounce", SnsTopic=topic)
    v1.set_identity_headers_in_notifications_enabled(Identity=ADDRESS, NotificationType="Bounce", Enabled=True)
    v1.set_identity_feedback_forwarding_enabled(Identity=ADDRESS, ForwardingEnabled=False)
    about = v1.get_identity_notification_attributes(Identities=[ADDRESS])["NotificationAttributes"][ADDRESS]

    assert (about["BounceTopic"], about["ForwardingEnabled"]) == (topic, False)
    assert about["HeadersInBounceNotificationsEnabled"] is True
    assert v2.get_email_identity(EmailIdentity=ADDRESS)["FeedbackForwardingStatus"] is False


def test_an_identity_has_a_configuration_set_of_its_own(v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    v2.create_email_identity(EmailIdentity=DOMAIN, ConfigurationSetName="main")
    with_set = v2.get_email_identity(EmailIdentity=DOMAIN)
    v2.put_email_identity_configuration_set_attributes(EmailIdentity=DOMAIN)

    assert with_set["ConfigurationSetName"] == "main"
    assert "ConfigurationSetName" not in v2.get_email_identity(EmailIdentity=DOMAIN)
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "Configuration set <other>"):
        v2.put_email_identity_configuration_set_attributes(EmailIdentity=DOMAIN, ConfigurationSetName="other")


# ── policies and tags ────────────────────────────────────────────────────────────────────────────────────────────

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "210987654321"},
            "Action": "ses:SendEmail",
            "Resource": f"arn:aws:ses:us-east-1:123456789012:identity/{DOMAIN}",
        },
    }
)


def test_policies_are_the_same_in_both(v1: Client, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=DOMAIN)
    v2.create_email_identity_policy(EmailIdentity=DOMAIN, PolicyName="partner", Policy=POLICY)
    v1.put_identity_policy(Identity=DOMAIN, PolicyName="agency", Policy=POLICY)

    assert v1.list_identity_policies(Identity=DOMAIN)["PolicyNames"] == ["agency", "partner"]
    assert v2.get_email_identity_policies(EmailIdentity=DOMAIN)["Policies"] == {"partner": POLICY, "agency": POLICY}
    assert v1.get_identity_policies(Identity=DOMAIN, PolicyNames=["agency", "x"])["Policies"] == {"agency": POLICY}
    v2.update_email_identity_policy(EmailIdentity=DOMAIN, PolicyName="agency", Policy=POLICY.replace("2109", "1109"))
    v1.delete_identity_policy(Identity=DOMAIN, PolicyName="partner")
    left = v2.get_email_identity(EmailIdentity=DOMAIN)["Policies"]
    assert list(left) == ["agency"]
    assert "1109" in left["agency"]
    v2.delete_email_identity_policy(EmailIdentity=DOMAIN, PolicyName="agency")
    assert v1.list_identity_policies(Identity=DOMAIN)["PolicyNames"] == []


def test_a_policy_that_is_none_is_refused(v1: Client, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=DOMAIN)
    v2.create_email_identity_policy(EmailIdentity=DOMAIN, PolicyName="partner", Policy=POLICY)

    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, ""):
        v2.create_email_identity_policy(EmailIdentity=DOMAIN, PolicyName="other", Policy="{}")
    with refused(v1.exceptions.InvalidPolicyException, "InvalidPolicy", 400, ""):
        v1.put_identity_policy(Identity=DOMAIN, PolicyName="other", Policy="allow everything")
    with refused(v2.exceptions.AlreadyExistsException, "AlreadyExistsException", 400, "partner already exists"):
        v2.create_email_identity_policy(EmailIdentity=DOMAIN, PolicyName="partner", Policy=POLICY)
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "other does not exist"):
        v2.update_email_identity_policy(EmailIdentity=DOMAIN, PolicyName="other", Policy=POLICY)


def test_tags_are_added_changed_and_taken_away(v2: Client) -> None:
    arn = f"arn:aws:ses:us-east-1:123456789012:identity/{DOMAIN}"
    v2.create_email_identity(EmailIdentity=DOMAIN, Tags=[{"Key": "team", "Value": "shop"}])
    v2.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "mail"}, {"Key": "größe & co", "Value": ""}])
    both = v2.list_tags_for_resource(ResourceArn=arn)["Tags"]
    v2.untag_resource(ResourceArn=arn, TagKeys=["team", "nothing"])

    assert both == [{"Key": "team", "Value": "mail"}, {"Key": "größe & co", "Value": ""}]
    assert v2.get_email_identity(EmailIdentity=DOMAIN)["Tags"] == [{"Key": "größe & co", "Value": ""}]
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "does not exist"):
        v2.list_tags_for_resource(ResourceArn=arn.replace(DOMAIN, "example.org"))


# ── they end, or never began ─────────────────────────────────────────────────────────────────────────────────────


def test_what_is_gone_is_gone_in_both(v1: Client, v2: Client) -> None:
    v2.create_email_identity(EmailIdentity=DOMAIN)
    v1.delete_identity(Identity=DOMAIN)
    v1.delete_identity(Identity=DOMAIN)
    v1.verify_email_identity(EmailAddress=ADDRESS)
    v1.delete_verified_email_address(EmailAddress=ADDRESS)

    assert v2.list_email_identities()["EmailIdentities"] == []
    assert v1.list_identities()["Identities"] == []


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_email_identity", {}),
        ("delete_email_identity", {}),
        ("put_email_identity_dkim_attributes", {"SigningEnabled": True}),
        ("put_email_identity_dkim_signing_attributes", {"SigningAttributesOrigin": "AWS_SES"}),
        ("put_email_identity_feedback_attributes", {}),
        ("put_email_identity_mail_from_attributes", {}),
        ("put_email_identity_configuration_set_attributes", {}),
        ("get_email_identity_policies", {}),
        ("delete_email_identity_policy", {"PolicyName": "x"}),
    ],
)
def test_v2_does_not_find_what_is_not_there(v2: Client, operation: str, more: dict[str, object]) -> None:
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, f"{DOMAIN} does not exist"):
        getattr(v2, operation)(EmailIdentity=DOMAIN, **more)


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("set_identity_dkim_enabled", {"DkimEnabled": True}),
        ("set_identity_mail_from_domain", {}),
        ("set_identity_feedback_forwarding_enabled", {"ForwardingEnabled": True}),
        ("set_identity_notification_topic", {"NotificationType": "Bounce"}),
        ("put_identity_policy", {"PolicyName": "x", "Policy": POLICY}),
    ],
)
def test_v1_changes_nothing_that_is_not_there(v1: Client, operation: str, more: dict[str, object]) -> None:
    with refused(ClientError, "InvalidParameterValue", 400, f"{DOMAIN} does not exist"):
        getattr(v1, operation)(Identity=DOMAIN, **more)


def test_v1_leaves_out_what_is_not_there(v1: Client) -> None:
    nobody = ["nobody@example.com"]

    assert v1.get_identity_verification_attributes(Identities=nobody)["VerificationAttributes"] == {}
    assert v1.get_identity_dkim_attributes(Identities=nobody)["DkimAttributes"] == {}
    assert v1.get_identity_mail_from_domain_attributes(Identities=nobody)["MailFromDomainAttributes"] == {}
    assert v1.get_identity_notification_attributes(Identities=nobody)["NotificationAttributes"] == {}


def test_what_is_there_cannot_begin_in_v2_and_can_in_v1(ses: LocalSes, v1: Client, v2: Client) -> None:
    ses.identity(ADDRESS).verify()
    v1.verify_email_identity(EmailAddress=ADDRESS)

    assert _statuses(v2) == {ADDRESS: "SUCCESS"}
    with refused(v2.exceptions.AlreadyExistsException, "AlreadyExistsException", 400, f"{ADDRESS} already exist"):
        v2.create_email_identity(EmailIdentity=ADDRESS)


@pytest.mark.parametrize("name", ["no domain", "a@b@c", "ä@example.com", "example..com", "münchen.example"])
def test_a_name_that_can_be_no_identity_is_refused(v1: Client, v2: Client, name: str) -> None:
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, ""):
        v2.create_email_identity(EmailIdentity=name)
    with refused(ClientError, "InvalidParameterValue", 400, ""):
        v1.verify_email_identity(EmailAddress=name)

    assert _statuses(v2) == {}
