"""boto3 and who may do what: policies, roles, signatures, and Regions that share nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from sesmail.local import LocalSes

from .boto import Client, ClientError, client, refused
from .conftest import NOW, SENDER, SHOP
from .test_boto3_identities import ODD

ADA = "ada@example.org"
TEXT = {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello Ada"}}}
RAW = {"Data": f"From: {SENDER}\r\nTo: {ADA}\r\n\r\nHello".encode()}
OURS, THEIRS = "123456789012", "210987654321"
ROLE = f"arn:aws:iam::{OURS}:role/mail/sender"


def statement(effect: str, action: str, **more: object) -> dict[str, object]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def simple(v2: Client, **more: object) -> None:
    asked = {
        "FromEmailAddress": SENDER,
        "Destination": {"ToAddresses": [ADA]},
        "Content": {"Simple": TEXT},
    }
    v2.send_email(**{**asked, **more})


# ── policies ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_raw_mail_is_another_right_than_simple_mail(shop: LocalSes, v1: Client, v2: Client) -> None:
    shop.allow(policy(statement("Allow", "ses:SendRawEmail")))
    v2.send_email(Content={"Raw": RAW})
    v1.send_raw_email(RawMessage=RAW)
    about = (
        f"User `arn:aws:iam::{OURS}:user/local' is not authorized to perform `ses:SendEmail'"
        f" on resource `arn:aws:ses:us-east-1:{OURS}:identity/{SHOP}'"
    )

    with refused(ClientError, "AccessDeniedException", 403, about):
        simple(v2)
    with refused(ClientError, "AccessDenied", 403, about):
        v1.send_email(Source=SENDER, Destination={"ToAddresses": [ADA]}, Message=TEXT)
    assert len(shop.sent) == 2


def test_simple_mail_is_another_right_than_raw_mail(shop: LocalSes, v1: Client, v2: Client) -> None:
    shop.allow(policy(statement("Allow", "ses:SendEmail")))
    simple(v2)

    with refused(ClientError, "AccessDeniedException", 403, "`ses:SendRawEmail'"):
        v2.send_email(Content={"Raw": RAW})
    with refused(ClientError, "AccessDenied", 403, "`ses:SendRawEmail'"):
        v1.send_raw_email(RawMessage=RAW)


def test_other_calls_have_rights_too(ses: LocalSes, v1: Client, v2: Client) -> None:
    ses.allow(
        policy(statement("Allow", "ses:*"), statement("Deny", "ses:Delete*"), statement("Deny", "ses:GetAccount"))
    )
    v2.create_email_identity(EmailIdentity=SHOP)

    with refused(ClientError, "AccessDeniedException", 403, "`ses:GetAccount' on resource `*'"):
        v2.get_account()
    with refused(ClientError, "AccessDeniedException", 403, f"identity/{SHOP}'"):
        v2.delete_email_identity(EmailIdentity=SHOP)
    with refused(ClientError, "AccessDenied", 403, f"`ses:DeleteIdentity' on resource `arn:aws:ses:us-east-1:{OURS}"):
        v1.delete_identity(Identity=SHOP)
    ses.allow(None)
    v1.delete_identity(Identity=SHOP)


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        ({"StringEquals": {"ses:FromAddress": f"orders@{SHOP}"}}, {}, {"FromEmailAddress": f"other@{SHOP}"}),
        ({"StringLike": {"ses:FromDisplayName": "Sho*"}}, {}, {"FromEmailAddress": f"Other <orders@{SHOP}>"}),
        (
            {"ForAllValues:StringLike": {"ses:Recipients": "*@example.org"}},
            {},
            {"Destination": {"ToAddresses": [ADA], "BccAddresses": ["eve@example.net"]}},
        ),
        (
            {"StringEquals": {"ses:FeedbackAddress": f"bounces@{SHOP}"}},
            {"FeedbackForwardingEmailAddress": f"bounces@{SHOP}"},
            {},
        ),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, {}, None),
    ],
)
def test_a_condition_holds_for_a_mail_or_not(
    shop: LocalSes,
    v2: Client,
    condition: dict[str, object],
    good: dict[str, object],
    bad: dict[str, object] | None,
) -> None:
    shop.allow(policy(statement("Allow", "ses:SendEmail", Condition=condition)))
    simple(v2, **good)

    if bad is not None:
        with refused(ClientError, "AccessDeniedException", 403, "not authorized"):
            simple(v2, **bad)
    assert len(shop.sent) == 1


def test_a_configuration_set_is_a_resource(shop: LocalSes, v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    identity = f"arn:aws:ses:us-east-1:{OURS}:identity/*"
    shop.allow(policy({**statement("Allow", "ses:SendEmail"), "Resource": identity}))
    simple(v2)

    with refused(ClientError, "AccessDeniedException", 403, f"`arn:aws:ses:us-east-1:{OURS}:configuration-set/main'"):
        simple(v2, ConfigurationSetName="main")


def test_somebody_sends_with_the_identity_of_another_account(shop: LocalSes, v2: Client) -> None:
    arn = f"arn:aws:ses:us-east-1:{OURS}:identity/{SHOP}"
    shop.add_key("AKIATHEIRS", "secret", account=THEIRS)
    with client(shop, "sesv2", aws_access_key_id="AKIATHEIRS", aws_secret_access_key="secret") as theirs:
        to = {"Destination": {"ToAddresses": ["success@simulator.amazonses.com"]}}
        with refused(theirs.exceptions.MessageRejected, "MessageRejected", 400, "not verified"):
            simple(theirs, **to)
        with refused(ClientError, "AccessDeniedException", 403, arn):
            simple(theirs, **to, FromEmailAddressIdentityArn=arn)
        lent = policy(statement("Allow", "ses:SendEmail", Principal={"AWS": THEIRS}))
        v2.create_email_identity_policy(EmailIdentity=SHOP, PolicyName="partner", Policy=json.dumps(lent))
        simple(theirs, **to, FromEmailAddressIdentityArn=arn)

    assert [mail.account for mail in shop.sent] == [THEIRS]
    assert v2.get_account()["SendQuota"]["SentLast24Hours"] == 0.0


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def role(shop: LocalSes) -> str:
    """A role that knows its friends by a word, and may send raw mails only."""
    shop.add_role(ROLE, external_id="friend-42", policy=policy(statement("Allow", "ses:SendRawEmail")))
    return ROLE


def assumed(sts: Client, role: str, **more: object) -> dict[str, str]:
    """The options of a client with the keys of a role."""
    asked = {"RoleArn": role, "RoleSessionName": "batch", "ExternalId": "friend-42", **more}
    keys = sts.assume_role(**asked)["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def test_a_role_is_assumed_and_may_what_it_may(shop: LocalSes, sts: Client, role: str) -> None:
    keys = assumed(sts, role)
    with client(shop, "sts", **keys) as their_sts, client(shop, "sesv2", **keys) as v2:
        who = their_sts.get_caller_identity()
        v2.send_email(Content={"Raw": RAW})
        with refused(ClientError, "AccessDeniedException", 403, "assumed-role/sender/batch' is not authorized"):
            simple(v2)

    assert (who["Account"], who["Arn"]) == (OURS, f"arn:aws:sts::{OURS}:assumed-role/sender/batch")
    assert len(shop.sent) == 1


def test_what_a_role_gives_is_told(sts: Client, role: str) -> None:
    answer = sts.assume_role(RoleArn=role, RoleSessionName="batch", ExternalId="friend-42", DurationSeconds=900)

    keys = answer["Credentials"]
    assert keys["AccessKeyId"].startswith("ASIA")
    assert keys["Expiration"] == datetime.fromtimestamp(NOW + 900, UTC)
    assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/sender/batch")
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":batch")


@pytest.mark.parametrize(
    "asked",
    [{"ExternalId": "friend-43"}, {"RoleArn": f"arn:aws:iam::{OURS}:role/nobody", "ExternalId": "friend-42"}, {}],
)
def test_a_stranger_gets_no_role(sts: Client, role: str, asked: dict[str, str]) -> None:
    with refused(ClientError, "AccessDenied", 403, "is not authorized to perform: sts:AssumeRole on resource:"):
        sts.assume_role(**{"RoleArn": role, "RoleSessionName": "batch", **asked})


def test_who_may_not_ask_for_a_role_still_knows_who_it_is(shop: LocalSes, sts: Client, role: str) -> None:
    shop.allow(policy(statement("Allow", "ses:*"), statement("Deny", "sts:*")))

    with refused(ClientError, "AccessDenied", 403, f"not authorized to perform: sts:AssumeRole on resource: {ROLE}"):
        assumed(sts, role)
    assert sts.get_caller_identity()["Account"] == OURS


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"RoleSessionName": "with blank"}, "'roleSessionName'"),
        ({"ExternalId": "a b"}, "'externalId'"),
        ({"DurationSeconds": 43_201}, "'durationSeconds' failed to satisfy constraint: Member must have value less"),
    ],
)
def test_a_role_is_asked_for_in_its_form(sts: Client, role: str, wrong: dict[str, object], text: str) -> None:
    with refused(ClientError, "ValidationError", 400, text):
        assumed(sts, role, **wrong)


def test_keys_of_a_role_end(shop: LocalSes, sts: Client, role: str) -> None:
    keys = assumed(sts, role, DurationSeconds=900)
    with (
        client(shop, "sts", **keys) as their_sts,
        client(shop, "sesv2", **keys) as v2,
        client(shop, "ses", **keys) as v1,
    ):
        shop.clock.advance(899)
        v2.send_email(Content={"Raw": RAW})
        shop.clock.advance(1)

        with refused(ClientError, "ExpiredTokenException", 403, "expired"):
            v2.send_email(Content={"Raw": RAW})
        with refused(ClientError, "ExpiredToken", 403, "expired"):
            v1.send_raw_email(RawMessage=RAW)
        with refused(ClientError, "ExpiredToken", 403, "expired"):
            their_sts.get_caller_identity()


def test_a_profile_assumes_its_role_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All from a file, as in production: where the services are, the role, the word and whose key may ask for it."""
    with LocalSes(check_signatures=True) as ses:  # boto3 asks the machine's clock whether keys have ended
        ses.add_role(ROLE, external_id="friend-42")
        ses.add_key("AKIASOURCE", "source-secret", user="deploy")
        file = tmp_path / "config"
        file.write_text(
            f"""
            [profile mail]
            region = us-east-1
            endpoint_url = {ses.url}
            role_arn = {ROLE}
            external_id = friend-42
            role_session_name = nightly
            source_profile = source
            [profile source]
            aws_access_key_id = AKIASOURCE
            aws_secret_access_key = source-secret
            """.replace(" " * 12, "")
        )
        monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
        session = boto3.Session(profile_name="mail")
        with closing(session.client("sts")) as sts, closing(session.client("sesv2")) as v2:
            who = sts.get_caller_identity()["Arn"]
            v2.get_account()

    assert who == f"arn:aws:sts::{OURS}:assumed-role/sender/nightly"


# ── signatures ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def checking() -> Iterator[LocalSes]:
    """A box that believes nobody."""
    with LocalSes(check_signatures=True, sandbox=False) as ses:
        ses.identity(SHOP).verify()
        yield ses


def test_who_knows_the_secret_comes_in(checking: LocalSes) -> None:
    with client(checking, "sesv2") as v2, client(checking, "ses") as v1, client(checking, "sts") as sts:
        assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{OURS}:user/local"
        simple(v2)
        v1.send_raw_email(RawMessage={"Data": RAW["Data"] + "größe \x00 +&=%".encode()})
        assert v1.list_identities(MaxItems=5)["Identities"] == [SHOP]
        assert v2.list_email_identities(PageSize=5)["EmailIdentities"]
        listed = v2.list_suppressed_destinations(Reasons=["COMPLAINT", "BOUNCE"], StartDate=datetime.now(UTC))
        assert listed["SuppressedDestinationSummaries"] == []


@pytest.mark.parametrize("name", ODD)
def test_a_name_is_signed_as_it_travels(checking: LocalSes, name: str) -> None:
    with client(checking, "sesv2") as v2:
        v2.create_email_identity(EmailIdentity=name)
        v2.put_suppressed_destination(EmailAddress=name, Reason="BOUNCE")

        assert v2.get_email_identity(EmailIdentity=name)["VerificationStatus"] == "PENDING"
        assert v2.get_suppressed_destination(EmailAddress=name)["SuppressedDestination"]["Reason"] == "BOUNCE"
        arn = f"arn:aws:ses:us-east-1:{OURS}:identity/{name}"
        v2.tag_resource(ResourceArn=arn, Tags=[{"Key": "größe & co", "Value": "x"}])
        v2.untag_resource(ResourceArn=arn, TagKeys=["größe & co", "a+b"])
        assert v2.list_tags_for_resource(ResourceArn=arn)["Tags"] == []


_CALLS = {"sesv2": ("get_account", "v2"), "ses": ("get_send_quota", "v1"), "sts": ("get_caller_identity", "v1")}


@pytest.mark.parametrize("service", _CALLS)
@pytest.mark.parametrize(
    ("keys", "v2_code", "v1_code", "text"),
    [
        (
            {"aws_secret_access_key": "wrong"},
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        ),
        (
            {"aws_access_key_id": "AKIANOBODY"},
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ),
        (
            {"aws_session_token": "made up"},
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ),
    ],
)
def test_who_does_not_stays_outside(
    checking: LocalSes, service: str, keys: dict[str, str], v2_code: str, v1_code: str, text: str
) -> None:
    operation, version = _CALLS[service]
    code = v2_code if version == "v2" else v1_code

    with client(checking, service, **keys) as api, refused(ClientError, code, 403, text):
        getattr(api, operation)()


@pytest.mark.parametrize("service", _CALLS)
def test_who_signs_nothing_stays_outside(checking: LocalSes, service: str) -> None:
    operation, version = _CALLS[service]
    code = "MissingAuthenticationToken" + ("Exception" if version == "v2" else "")
    unsigned = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})

    with (
        closing(boto3.client(service, config=unsigned, **checking.client_options)) as api,
        refused(ClientError, code, 403, "Missing Authentication Token"),
    ):
        getattr(api, operation)()


def test_keys_of_a_role_sign_too(checking: LocalSes) -> None:
    checking.add_role(ROLE, external_id="friend-42")
    with client(checking, "sts") as sts:
        keys = assumed(sts, ROLE)
    with client(checking, "sesv2", **keys) as v2:
        simple(v2)
    with (
        client(checking, "sesv2", **{**keys, "aws_session_token": "made up"}) as v2,
        refused(ClientError, "UnrecognizedClientException", 403, "invalid"),
    ):
        simple(v2)


@pytest.mark.parametrize("service", _CALLS)
def test_a_presigned_url_can_be_opened_by_anybody(checking: LocalSes, service: str) -> None:
    operation, _ = _CALLS[service]
    with client(checking, service) as api:
        url = api.generate_presigned_url(operation, HttpMethod="GET")
    with urlopen(url) as reply:
        status = reply.status

    assert status == 200
    with pytest.raises(HTTPError, match="403"):
        urlopen(url.replace("X-Amz-Signature=", "X-Amz-Signature=0")).close()


# ── Regions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_regions_on_one_port_share_nothing(ses: LocalSes) -> None:
    ses.identity(SHOP).verify()
    ses.account_in("eu-west-1").grant_production(quota=10, rate=5)
    ses.identity(SHOP, region="eu-west-1").verify()
    with client(ses, "sesv2") as here, client(ses, "sesv2", region_name="eu-west-1") as there:
        there.create_configuration_set(ConfigurationSetName="main")
        there.put_suppressed_destination(EmailAddress=ADA, Reason="BOUNCE")
        there.create_email_identity(EmailIdentity="other.example")
        simple(there, ConfigurationSetName="main")

        assert here.list_configuration_sets()["ConfigurationSets"] == []
        assert here.list_suppressed_destinations()["SuppressedDestinationSummaries"] == []
        assert [one["IdentityName"] for one in here.list_email_identities()["EmailIdentities"]] == [SHOP]
        assert here.get_account()["SendQuota"]["SentLast24Hours"] == 0.0
        assert there.get_account()["SendQuota"]["SentLast24Hours"] == 1.0
        with refused(here.exceptions.MessageRejected, "MessageRejected", 400, "region US-EAST-1"):
            simple(here)
    (mail,) = ses.sent
    assert (mail.region, mail.fates) == ("eu-west-1", {ADA: "Bounce"})
    assert f"<{mail.message_id}@eu-west-1.amazonses.com>".encode() in mail.raw


def test_a_box_has_a_region_of_its_own() -> None:
    with LocalSes(region="ap-south-1", sandbox=False) as ses, client(ses, "sesv2") as v2:
        ses.identity(SHOP).verify()
        simple(v2)

    assert ses.sent[0].region == "ap-south-1"
