"""The corners of operations that clients seldom reach: limits, refusals, and what one API makes of the other's."""

from __future__ import annotations

from typing import Any

import pytest

from sesmail.local import enrolment, sets
from tests.local.asking import REGION, ask, box, refusal, request

DOMAIN = {"EmailIdentity": "example.com"}
_TOPIC = {"SNSDestination": {"TopicARN": "a"}}
POLICY = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ses:*", "Resource": "*"}}'


# ── identities ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_account_has_so_many_identities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "MOST_IDENTITIES", 1)

    assert refusal(box(), "CreateEmailIdentity", EmailIdentity="b.example").v2 == ("LimitExceededException", 400)


def test_only_an_address_is_deleted_as_an_address() -> None:
    asked = box()
    ask(asked, "CreateEmailIdentity", EmailIdentity="ada@example.org")
    for name in ("example.com", "ada@example.org"):
        ask(asked, "DeleteVerifiedEmailAddress", "ses", EmailAddress=name)

    assert ask(asked, "ListIdentities", "ses")["Identities"] == ["example.com"]


def test_an_identity_has_so_many_policies() -> None:
    asked = box()
    for number in range(20):
        ask(asked, "CreateEmailIdentityPolicy", **DOMAIN, PolicyName=f"p{number}", Policy=POLICY)

    assert (
        refusal(asked, "CreateEmailIdentityPolicy", **DOMAIN, PolicyName="one", Policy=POLICY).v2[0]
        == "LimitExceededException"
    )
    ask(asked, "UpdateEmailIdentityPolicy", **DOMAIN, PolicyName="p0", Policy=POLICY)


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"DomainSigningSelector": "s"}, "belong together"),
        ({"DomainSigningPrivateKey": "YQ=="}, "belong together"),
        ({"DomainSigningAttributesOrigin": "EXTERNAL"}, "belong together"),
        ({"DomainSigningAttributesOrigin": "AWS_SES_US_EAST_1"}, "has no Easy DKIM in us-east-1"),
    ],
)
def test_dkim_that_cannot_be_is_refused_and_leaves_nothing(attributes: dict[str, str], text: str) -> None:
    asked = box()

    assert (
        text
        in refusal(asked, "CreateEmailIdentity", EmailIdentity="b.example", DkimSigningAttributes=attributes).message
    )
    assert refusal(asked, "GetEmailIdentity", EmailIdentity="b.example").v2 == ("NotFoundException", 404)


@pytest.mark.parametrize("verified", [True, False])
def test_keys_can_be_those_of_another_region(verified: bool) -> None:
    asked = box()
    theirs = ask(asked, "CreateEmailIdentity", region="eu-central-2", EmailIdentity="b.example")["DkimAttributes"]
    if verified:
        there = asked.region("eu-central-2").identities.get("b.example")
        assert there
        there.verify(asked.clock.now())
    origin = {"DomainSigningAttributesOrigin": "AWS_SES_EU_CENTRAL_2"}
    ours = ask(asked, "CreateEmailIdentity", EmailIdentity="b.example", DkimSigningAttributes=origin)

    assert ours["DkimAttributes"]["Tokens"] == theirs["Tokens"]
    assert ours["DkimAttributes"]["SigningHostedZone"] == "dkim.eu-central-2.amazonses.com"
    assert ours["VerifiedForSendingStatus"] is verified


def test_an_address_has_no_dkim_of_its_own() -> None:
    asked = box()
    ask(asked, "CreateEmailIdentity", EmailIdentity="ada@example.org")
    put = {"EmailIdentity": "ada@example.org", "SigningAttributesOrigin": "AWS_SES"}

    assert "for domains" in refusal(asked, "PutEmailIdentityDkimSigningAttributes", **put).message
    asked_for: dict[str, Any] = {
        "EmailIdentity": "eve@example.org",
        "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_1024_BIT"},
    }
    assert "for domains" in refusal(asked, "CreateEmailIdentity", **asked_for).message


def test_keys_change_hands_and_back() -> None:
    asked = box()
    own = {"DomainSigningSelector": "mine", "DomainSigningPrivateKey": "YWJj"}
    first = ask(asked, "GetEmailIdentity", **DOMAIN)["DkimAttributes"]["Tokens"]
    theirs = ask(
        asked,
        "PutEmailIdentityDkimSigningAttributes",
        **DOMAIN,
        SigningAttributesOrigin="EXTERNAL",
        SigningAttributes=own,
    )

    assert (theirs["DkimStatus"], theirs["DkimTokens"]) == ("PENDING", ["mine"])
    assert "SigningHostedZone" not in theirs
    about = ask(asked, "GetEmailIdentity", **DOMAIN)["DkimAttributes"]
    assert about["SigningAttributesOrigin"] == "EXTERNAL"
    asked.region(REGION).identities.by_name["example.com"].verify(asked.clock.now())
    assert "CurrentSigningKeyLength" not in ask(asked, "GetEmailIdentity", **DOMAIN)["DkimAttributes"]
    again = ask(asked, "PutEmailIdentityDkimSigningAttributes", **DOMAIN, SigningAttributesOrigin="AWS_SES")
    assert len(again["DkimTokens"]) == 3
    assert again["DkimTokens"] != first


def test_a_longer_key_keeps_its_tokens() -> None:
    asked = box()
    first = ask(asked, "GetEmailIdentity", **DOMAIN)["DkimAttributes"]["Tokens"]
    length = {"NextSigningKeyLength": "RSA_1024_BIT"}
    put = ask(
        asked,
        "PutEmailIdentityDkimSigningAttributes",
        **DOMAIN,
        SigningAttributesOrigin="AWS_SES",
        SigningAttributes=length,
    )

    assert put["DkimTokens"] == first
    assert ask(asked, "GetEmailIdentity", **DOMAIN)["DkimAttributes"]["NextSigningKeyLength"] == "RSA_1024_BIT"


def test_an_identity_begins_with_its_set_and_tags() -> None:
    asked = box()
    fields: dict[str, Any] = {
        "EmailIdentity": "b.example",
        "ConfigurationSetName": "main",
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    assert refusal(asked, "CreateEmailIdentity", **fields).v2 == ("NotFoundException", 404)
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="main")
    ask(asked, "CreateEmailIdentity", **fields)

    about = ask(asked, "GetEmailIdentity", EmailIdentity="b.example")
    assert (about["ConfigurationSetName"], about["Tags"]) == ("main", [{"Key": "k", "Value": "v"}])


def test_a_policy_that_is_not_there_is_not_changed() -> None:
    change = {"PolicyName": "p", "Policy": POLICY}

    assert refusal(box(), "UpdateEmailIdentityPolicy", **DOMAIN, **change).v2 == ("NotFoundException", 404)


def test_certificates_are_kept_for_addresses_of_the_identity() -> None:
    asked = box()
    if request(asked, "POST", "/v2/email/identity/certificates").status == 404:
        pytest.skip("this botocore does not know certificates")
    arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a"
    for identity, address in (("example.com", "shop@mail.example.com"), ("ada@example.org", "")):
        if address == "":
            ask(asked, "CreateEmailIdentity", EmailIdentity=identity)
        given = {"EmailIdentity": identity, **({"FromAddress": address} if address else {})}
        ask(asked, "AssociateEmailIdentityCertificate", **given, CertificateArn=arn)
        assert (
            refusal(asked, "AssociateEmailIdentityCertificate", **given, CertificateArn=arn).v2[0]
            == "AlreadyExistsException"
        )
        listed = ask(asked, "ListEmailIdentityCertificates", EmailIdentity=identity, PageSize=1)
        assert listed == {
            "Certificates": [{"FromAddress": address or identity, "CertificateArn": arn, "Status": "PROVISIONING"}]
        }
        for _ in range(2):
            ask(asked, "DisassociateEmailIdentityCertificate", **given)
        assert ask(asked, "ListEmailIdentityCertificates", EmailIdentity=identity) == {"Certificates": []}
    for address in ("shop@other.example", "shop@badexample.com"):
        wrong = {"EmailIdentity": "example.com", "FromAddress": address, "CertificateArn": arn}
        assert (
            "must be an address of the identity" in refusal(asked, "AssociateEmailIdentityCertificate", **wrong).message
        )
    for name in "ab":
        ask(asked, "AssociateEmailIdentityCertificate", **DOMAIN, FromAddress=f"{name}@example.com", CertificateArn=arn)
    assert ask(asked, "ListEmailIdentityCertificates", **DOMAIN, PageSize=1)["NextToken"]


# ── the account ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_only_kept_is_told() -> None:
    asked = box()
    ask(asked, "PutAccountDedicatedIpWarmupAttributes", AutoWarmupEnabled=True)
    ask(asked, "PutAccountVdmAttributes", VdmAttributes={"VdmEnabled": "ENABLED"})
    about = ask(asked, "GetAccount")

    assert about["DedicatedIpAutoWarmupEnabled"] is True
    assert about["VdmAttributes"] == {"VdmEnabled": "ENABLED"}


def test_what_only_later_clients_know_is_kept() -> None:
    asked = box()
    if request(asked, "PUT", "/v2/email/account/pricing-attributes").status == 404:
        pytest.skip("this botocore does not know plans")
    threshold = {"ConditionThreshold": {"ConditionThresholdEnabled": "ENABLED"}}
    ask(asked, "PutAccountSuppressionAttributes", SuppressedReasons=["BOUNCE"], ValidationAttributes=threshold)
    ask(asked, "PutAccountPricingAttributes", Plan="PRO")
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="main")
    ask(asked, "UpdateConfigurationSet", ConfigurationSetName="main", MessageSecurityOptions={})
    about = ask(asked, "GetAccount")

    assert about["SuppressionAttributes"] == {"SuppressedReasons": ["BOUNCE"], "ValidationAttributes": threshold}
    assert about["PricingAttributes"] == {"CurrentPlan": "PRO", "NextPlan": "PRO"}
    assert ask(asked, "GetConfigurationSet", ConfigurationSetName="main")["MessageSecurityOptions"] == {}


def test_an_account_goes_back_into_the_sandbox() -> None:
    asked = box(quota=None, rate=None)
    details: dict[str, Any] = {
        "MailType": "MARKETING",
        "WebsiteURL": "https://example.com",
        "ProductionAccessEnabled": False,
    }
    ask(asked, "PutAccountDetails", **details)

    about = ask(asked, "GetAccount")
    assert about["ProductionAccessEnabled"] is False
    assert about["SendQuota"] == {"Max24HourSend": 200, "MaxSendRate": 1, "SentLast24Hours": 0}


# ── configuration sets ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_account_has_so_many_sets_and_a_set_so_many_destinations(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = box()
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="main")
    topic = {
        "SnsDestination": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:events"},
        "MatchingEventTypes": ["SEND"],
    }
    for number in range(10):
        given: dict[str, Any] = {
            "ConfigurationSetName": "main",
            "EventDestinationName": f"d{number}",
            "EventDestination": topic,
        }
        ask(asked, "CreateConfigurationSetEventDestination", **given)

    for operation, fields in (
        ("sesv2", {"EventDestinationName": "more", "EventDestination": topic}),
        (
            "ses",
            {"EventDestination": {"Name": "more", "MatchingEventTypes": ["send"], "SNSDestination": {"TopicARN": "a"}}},
        ),
    ):
        fault = refusal(
            asked, "CreateConfigurationSetEventDestination", operation, ConfigurationSetName="main", **fields
        )
        assert "at most 10" in fault.message
    monkeypatch.setattr(sets, "MOST_SETS", 1)
    assert "limit of 1" in refusal(asked, "CreateConfigurationSet", ConfigurationSetName="more").message


@pytest.mark.parametrize(
    ("v1", "v2"),
    [
        (
            {"KinesisFirehoseDestination": {"IAMRoleARN": "arn:a", "DeliveryStreamARN": "arn:b"}},
            {"KinesisFirehoseDestination": {"IamRoleArn": "arn:a", "DeliveryStreamArn": "arn:b"}},
        ),
        (
            {
                "CloudWatchDestination": {
                    "DimensionConfigurations": [
                        {"DimensionName": "a", "DimensionValueSource": "emailHeader", "DefaultDimensionValue": "b"}
                    ]
                }
            },
            {
                "CloudWatchDestination": {
                    "DimensionConfigurations": [
                        {"DimensionName": "a", "DimensionValueSource": "EMAIL_HEADER", "DefaultDimensionValue": "b"}
                    ]
                }
            },
        ),
        ({"SNSDestination": {"TopicARN": "arn:t"}}, {"SnsDestination": {"TopicArn": "arn:t"}}),
    ],
)
def test_a_destination_of_one_api_is_one_of_the_other(v1: dict[str, Any], v2: dict[str, Any]) -> None:
    asked = box()
    ask(asked, "CreateConfigurationSet", "ses", ConfigurationSet={"Name": "main"})
    given = {"Name": "d", "Enabled": True, "MatchingEventTypes": ["bounce", "renderingFailure"], **v1}
    ask(asked, "CreateConfigurationSetEventDestination", "ses", ConfigurationSetName="main", EventDestination=given)

    (told,) = ask(asked, "GetConfigurationSetEventDestinations", ConfigurationSetName="main")["EventDestinations"]
    assert told == {"Name": "d", "Enabled": True, "MatchingEventTypes": ["BOUNCE", "RENDERING_FAILURE"], **v2}
    names = ["eventDestinations", "trackingOptions", "deliveryOptions", "reputationOptions"]
    described = ask(
        asked, "DescribeConfigurationSet", "ses", ConfigurationSetName="main", ConfigurationSetAttributeNames=names
    )
    assert described["EventDestinations"] == [given]


def test_options_of_one_api_are_those_of_the_other() -> None:
    asked, main = box(), {"ConfigurationSetName": "main"}
    ask(asked, "CreateConfigurationSet", **main)
    ask(asked, "PutConfigurationSetTrackingOptions", **main, CustomRedirectDomain="go.example.com")
    ask(asked, "PutConfigurationSetDeliveryOptions", "ses", **main, DeliveryOptions={"TlsPolicy": "Require"})
    ask(asked, "UpdateConfigurationSetReputationMetricsEnabled", "ses", **main, Enabled=True)
    ask(asked, "UpdateConfigurationSetSendingEnabled", "ses", **main, Enabled=False)
    names = ["trackingOptions", "deliveryOptions", "reputationOptions"]
    described = ask(asked, "DescribeConfigurationSet", "ses", **main, ConfigurationSetAttributeNames=names)

    assert described["TrackingOptions"] == {"CustomRedirectDomain": "go.example.com"}
    assert described["DeliveryOptions"] == {"TlsPolicy": "Require"}
    assert described["ReputationOptions"] == {"SendingEnabled": False, "ReputationMetricsEnabled": True}
    assert ask(asked, "GetConfigurationSet", **main)["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    ask(asked, "PutConfigurationSetTrackingOptions", **main)
    assert "TrackingOptions" not in ask(asked, "GetConfigurationSet", **main)
