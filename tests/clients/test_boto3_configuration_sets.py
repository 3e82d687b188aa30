"""boto3 and configuration sets: made by one API, seen by the other."""

from __future__ import annotations

import pytest

from sesmail.local import LocalSes

from .boto import Client, ClientError, refused
from .conftest import SENDER

TOPIC = "arn:aws:sns:us-east-1:123456789012:events"
STREAM = "arn:aws:firehose:us-east-1:123456789012:deliverystream/events"
ARCHIVE = f"arn:aws:ses:us-east-1:123456789012:mailmanager-archive/a-{'1' * 24}"
ROLE = "arn:aws:iam::123456789012:role/events"
ATTRIBUTES = ["eventDestinations", "trackingOptions", "deliveryOptions", "reputationOptions"]


# ── the sets ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_set_of_v2_is_one_of_v1(v1: Client, v2: Client) -> None:
    v2.create_configuration_set(
        ConfigurationSetName="main",
        TrackingOptions={"CustomRedirectDomain": "click.shop.example"},
        DeliveryOptions={"TlsPolicy": "REQUIRE"},
        ReputationOptions={"ReputationMetricsEnabled": True},
        SendingOptions={"SendingEnabled": False},
        SuppressionOptions={"SuppressedReasons": ["COMPLAINT"]},
        VdmOptions={"GuardianOptions": {"OptimizedSharedDelivery": "ENABLED"}},
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    by_v1 = v1.describe_configuration_set(ConfigurationSetName="main", ConfigurationSetAttributeNames=ATTRIBUTES)
    by_v2 = v2.get_configuration_set(ConfigurationSetName="main")

    assert by_v1["ConfigurationSet"] == {"Name": "main"}
    assert by_v1["TrackingOptions"] == {"CustomRedirectDomain": "click.shop.example"}
    assert by_v1["DeliveryOptions"] == {"TlsPolicy": "Require"}
    assert by_v1["ReputationOptions"] == {"SendingEnabled": False, "ReputationMetricsEnabled": True}
    assert by_v2["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert by_v2["SuppressionOptions"] == {"SuppressedReasons": ["COMPLAINT"]}
    assert by_v2["Tags"] == [{"Key": "team", "Value": "shop"}]


def test_a_set_of_v1_is_one_of_v2(v1: Client, v2: Client) -> None:
    v1.create_configuration_set(ConfigurationSet={"Name": "main"})
    new = v2.get_configuration_set(ConfigurationSetName="main")
    v1.put_configuration_set_delivery_options(ConfigurationSetName="main", DeliveryOptions={"TlsPolicy": "Require"})
    v1.update_configuration_set_reputation_metrics_enabled(ConfigurationSetName="main", Enabled=True)
    v1.update_configuration_set_sending_enabled(ConfigurationSetName="main", Enabled=False)
    v1.create_configuration_set_tracking_options(
        ConfigurationSetName="main", TrackingOptions={"CustomRedirectDomain": "click.shop.example"}
    )
    changed = v2.get_configuration_set(ConfigurationSetName="main")
    v1.delete_configuration_set(ConfigurationSetName="main")

    assert new["SendingOptions"] == {"SendingEnabled": True}
    assert changed["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert changed["ReputationOptions"]["ReputationMetricsEnabled"] is True
    assert changed["SendingOptions"] == {"SendingEnabled": False}
    assert changed["TrackingOptions"]["CustomRedirectDomain"] == "click.shop.example"
    assert v2.list_configuration_sets()["ConfigurationSets"] == []


def test_options_of_v2_come_whole(v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    v2.put_configuration_set_delivery_options(ConfigurationSetName="main", TlsPolicy="REQUIRE", MaxDeliverySeconds=300)
    both = v2.get_configuration_set(ConfigurationSetName="main")["DeliveryOptions"]
    v2.put_configuration_set_delivery_options(ConfigurationSetName="main", TlsPolicy="REQUIRE")
    v2.put_configuration_set_reputation_options(ConfigurationSetName="main", ReputationMetricsEnabled=True)
    v2.put_configuration_set_suppression_options(ConfigurationSetName="main", SuppressedReasons=[])
    v2.put_configuration_set_tracking_options(ConfigurationSetName="main", CustomRedirectDomain="click.shop.example")
    v2.put_configuration_set_vdm_options(
        ConfigurationSetName="main", VdmOptions={"DashboardOptions": {"EngagementMetrics": "ENABLED"}}
    )
    v2.put_configuration_set_archiving_options(ConfigurationSetName="main", ArchiveArn=ARCHIVE)
    found = v2.get_configuration_set(ConfigurationSetName="main")
    v2.put_configuration_set_tracking_options(ConfigurationSetName="main")

    assert both == {"TlsPolicy": "REQUIRE", "MaxDeliverySeconds": 300}
    assert found["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert found["SuppressionOptions"] == {"SuppressedReasons": []}
    assert found["TrackingOptions"]["CustomRedirectDomain"] == "click.shop.example"
    assert found["ArchivingOptions"] == {"ArchiveArn": ARCHIVE}
    assert "TrackingOptions" not in v2.get_configuration_set(ConfigurationSetName="main")


def test_sets_are_listed_in_pages(v1: Client, v2: Client) -> None:
    names = [f"set-{n}" for n in range(5)]
    for name in names:
        v2.create_configuration_set(ConfigurationSetName=name)
    pages = [v2.list_configuration_sets(PageSize=2)]
    while "NextToken" in pages[-1]:
        pages.append(v2.list_configuration_sets(PageSize=2, NextToken=pages[-1]["NextToken"]))
    paginator = v1.get_paginator("list_configuration_sets")
    by_v1 = paginator.paginate(PaginationConfig={"PageSize": 3}).build_full_result()

    assert [page["ConfigurationSets"] for page in pages] == [names[:2], names[2:4], names[4:]]
    assert by_v1["ConfigurationSets"] == [{"Name": name} for name in names]


def test_tags_of_a_set_go_by_its_arn(v2: Client) -> None:
    arn = "arn:aws:ses:us-east-1:123456789012:configuration-set/main"
    v2.create_configuration_set(ConfigurationSetName="main")
    v2.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "shop"}])

    assert v2.get_configuration_set(ConfigurationSetName="main")["Tags"] == [{"Key": "team", "Value": "shop"}]


# ── event destinations ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_destination_of_v2_is_one_of_v1(v1: Client, v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    v2.create_configuration_set_event_destination(
        ConfigurationSetName="main",
        EventDestinationName="to-topic",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["SEND", "RENDERING_FAILURE", "DELIVERY_DELAY"],
            "SnsDestination": {"TopicArn": TOPIC},
        },
    )
    described = v1.describe_configuration_set(
        ConfigurationSetName="main", ConfigurationSetAttributeNames=["eventDestinations"]
    )

    assert described["EventDestinations"] == [
        {
            "Name": "to-topic",
            "Enabled": True,
            "MatchingEventTypes": ["send", "renderingFailure"],  # v1 knows no delay
            "SNSDestination": {"TopicARN": TOPIC},
        }
    ]


def test_a_destination_of_v1_is_one_of_v2(v1: Client, v2: Client) -> None:
    v1.create_configuration_set(ConfigurationSet={"Name": "main"})
    dimension = {"DimensionName": "campaign", "DimensionValueSource": "messageTag", "DefaultDimensionValue": "none"}
    for given in (
        {"Name": "stream", "KinesisFirehoseDestination": {"IAMRoleARN": ROLE, "DeliveryStreamARN": STREAM}},
        {"Name": "watch", "CloudWatchDestination": {"DimensionConfigurations": [dimension]}},
    ):
        event_destination = {"Enabled": True, "MatchingEventTypes": ["bounce", "click"], **given}
        v1.create_configuration_set_event_destination(ConfigurationSetName="main", EventDestination=event_destination)

    stream, watch = v2.get_configuration_set_event_destinations(ConfigurationSetName="main")["EventDestinations"]
    assert stream == {
        "Name": "stream",
        "Enabled": True,
        "MatchingEventTypes": ["BOUNCE", "CLICK"],
        "KinesisFirehoseDestination": {"IamRoleArn": ROLE, "DeliveryStreamArn": STREAM},
    }
    assert watch["CloudWatchDestination"]["DimensionConfigurations"] == [
        {**dimension, "DimensionValueSource": "MESSAGE_TAG"}
    ]


def test_a_destination_is_changed_and_taken_away_by_either(v1: Client, v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    sns = {"Enabled": True, "MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": TOPIC}}
    for name in ("one", "two"):
        v2.create_configuration_set_event_destination(
            ConfigurationSetName="main", EventDestinationName=name, EventDestination=sns
        )
    v1.update_configuration_set_event_destination(
        ConfigurationSetName="main",
        EventDestination={"Name": "one", "MatchingEventTypes": ["open"], "SNSDestination": {"TopicARN": TOPIC}},
    )
    v2.update_configuration_set_event_destination(
        ConfigurationSetName="main", EventDestinationName="two", EventDestination={**sns, "Enabled": False}
    )
    found = v2.get_configuration_set_event_destinations(ConfigurationSetName="main")["EventDestinations"]
    v1.delete_configuration_set_event_destination(ConfigurationSetName="main", EventDestinationName="one")
    v2.delete_configuration_set_event_destination(ConfigurationSetName="main", EventDestinationName="two")

    assert [(one["Enabled"], one["MatchingEventTypes"]) for one in found] == [(False, ["OPEN"]), (False, ["SEND"])]
    assert v2.get_configuration_set_event_destinations(ConfigurationSetName="main")["EventDestinations"] == []


def test_events_of_a_mail_go_to_who_wants_them(shop: LocalSes, v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    v2.create_configuration_set_event_destination(
        ConfigurationSetName="main",
        EventDestinationName="bounces",
        EventDestination={"Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": {"TopicArn": TOPIC}},
    )
    v2.send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": ["bounce@simulator.amazonses.com"]},
        Content={"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}},
        ConfigurationSetName="main",
        EmailTags=[{"Name": "campaign", "Value": "spring"}],
    )

    assert [(event.kind, event.takers) for event in shop.events] == [("Send", ()), ("Bounce", ("bounces",))]
    tags = shop.events[-1].payload["mail"]["tags"]
    assert (tags["ses:configuration-set"], tags["campaign"]) == (["main"], ["spring"])


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_v2_says_what_is_there_already_or_not_at_all(v2: Client) -> None:
    sns = {"Enabled": True, "MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": TOPIC}}
    event = {"ConfigurationSetName": "main", "EventDestinationName": "one"}
    v2.create_configuration_set(ConfigurationSetName="main")
    v2.create_configuration_set_event_destination(**event, EventDestination=sns)

    with refused(v2.exceptions.AlreadyExistsException, "AlreadyExistsException", 400, "<main> already exists"):
        v2.create_configuration_set(ConfigurationSetName="main")
    with refused(v2.exceptions.AlreadyExistsException, "AlreadyExistsException", 400, "one already exists"):
        v2.create_configuration_set_event_destination(**event, EventDestination=sns)
    for call in (v2.get_configuration_set, v2.delete_configuration_set, v2.put_configuration_set_sending_options):
        with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "<other> does not exist"):
            call(ConfigurationSetName="other")
    with refused(v2.exceptions.NotFoundException, "NotFoundException", 404, "two does not exist"):
        v2.delete_configuration_set_event_destination(ConfigurationSetName="main", EventDestinationName="two")
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, "exactly one of its kinds"):
        v2.update_configuration_set_event_destination(**event, EventDestination={"MatchingEventTypes": ["SEND"]})


@pytest.mark.parametrize("name", ["with blank", "größe", "x" * 65])
def test_a_name_that_no_set_can_have_is_refused(v1: Client, v2: Client, name: str) -> None:
    with refused(v2.exceptions.BadRequestException, "BadRequestException", 400, "1 to 64"):
        v2.create_configuration_set(ConfigurationSetName=name)
    with refused(v1.exceptions.InvalidConfigurationSetException, "InvalidConfigurationSet", 400, "1 to 64"):
        v1.create_configuration_set(ConfigurationSet={"Name": name})


def test_v1_has_a_class_for_each_refusal(v1: Client) -> None:
    sns = {"Name": "one", "MatchingEventTypes": ["send"], "SNSDestination": {"TopicARN": TOPIC}}
    tracking = {"CustomRedirectDomain": "click.shop.example"}
    v1.create_configuration_set(ConfigurationSet={"Name": "main"})
    v1.create_configuration_set_event_destination(ConfigurationSetName="main", EventDestination=sns)
    v1.create_configuration_set_tracking_options(ConfigurationSetName="main", TrackingOptions=tracking)
    known = v1.exceptions

    with refused(
        known.ConfigurationSetAlreadyExistsException, "ConfigurationSetAlreadyExists", 400, "<main>"
    ) as response:
        v1.create_configuration_set(ConfigurationSet={"Name": "main"})
    assert response["ConfigurationSetName"] == "main"
    with refused(
        known.ConfigurationSetDoesNotExistException, "ConfigurationSetDoesNotExist", 400, "<other>"
    ) as response:
        v1.describe_configuration_set(ConfigurationSetName="other")
    assert response["ConfigurationSetName"] == "other"
    with refused(known.EventDestinationAlreadyExistsException, "EventDestinationAlreadyExists", 400, "one"):
        v1.create_configuration_set_event_destination(ConfigurationSetName="main", EventDestination=sns)
    with refused(known.EventDestinationDoesNotExistException, "EventDestinationDoesNotExist", 400, "two") as response:
        v1.delete_configuration_set_event_destination(ConfigurationSetName="main", EventDestinationName="two")
    assert (response["ConfigurationSetName"], response["EventDestinationName"]) == ("main", "two")
    code = "TrackingOptionsAlreadyExistsException"
    with refused(known.TrackingOptionsAlreadyExistsException, code, 400, "already has"):
        v1.create_configuration_set_tracking_options(ConfigurationSetName="main", TrackingOptions=tracking)
    with refused(known.InvalidTrackingOptionsException, "InvalidTrackingOptions", 400, "CustomRedirectDomain"):
        v1.update_configuration_set_tracking_options(
            ConfigurationSetName="main", TrackingOptions={"CustomRedirectDomain": ""}
        )
    v1.update_configuration_set_tracking_options(ConfigurationSetName="main", TrackingOptions=tracking)
    v1.delete_configuration_set_tracking_options(ConfigurationSetName="main")
    code = "TrackingOptionsDoesNotExistException"
    with refused(known.TrackingOptionsDoesNotExistException, code, 400, "has no tracking options"):
        v1.delete_configuration_set_tracking_options(ConfigurationSetName="main")


def test_the_eleventh_destination_is_one_too_many(v1: Client, v2: Client) -> None:
    v2.create_configuration_set(ConfigurationSetName="main")
    sns = {"MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": TOPIC}}
    for n in range(10):
        v2.create_configuration_set_event_destination(
            ConfigurationSetName="main", EventDestinationName=f"d{n}", EventDestination=sns
        )

    with refused(v2.exceptions.LimitExceededException, "LimitExceededException", 400, "at most 10"):
        v2.create_configuration_set_event_destination(
            ConfigurationSetName="main", EventDestinationName="more", EventDestination=sns
        )
    with refused(v1.exceptions.LimitExceededException, "LimitExceeded", 400, "at most 10"):
        v1.create_configuration_set_event_destination(
            ConfigurationSetName="main",
            EventDestination={"Name": "more", "MatchingEventTypes": ["send"], "SNSDestination": {"TopicARN": TOPIC}},
        )


def test_an_unknown_kind_of_event_is_refused(v1: Client) -> None:
    v1.create_configuration_set(ConfigurationSet={"Name": "main"})

    with refused(ClientError, "ValidationError", 400, "Member must satisfy enum value set"):
        v1.create_configuration_set_event_destination(
            ConfigurationSetName="main",
            EventDestination={"Name": "x", "MatchingEventTypes": ["SEND"], "SNSDestination": {"TopicARN": TOPIC}},
        )
