"""Dedicated IP pools, the configuration sets that name one, and configuration sets by a part of their name."""

from __future__ import annotations

from typing import Any

import pytest

from sesmail.local.box import Box
from sesmail.local.call import Call
from sesmail.local.models.service import Service
from sesmail.local.operations import v2_ip_pools
from tests.local.answers import codes_of, refused
from tests.local.asking import REGION, ask, box, refusal

MAIN: dict[str, Any] = {"ConfigurationSetName": "main"}
BAD, NOT_FOUND = ("BadRequestException", 400), ("NotFoundException", 404)
IS_KNOWN = Service.of("sesv2").operation_names


@pytest.fixture
def asked() -> Box:
    """One pool and one set that has nothing to do with it."""
    made = box()
    ask(made, "CreateDedicatedIpPool", PoolName="pool")
    ask(made, "CreateConfigurationSet", **MAIN)
    return made


def test_a_pool_is_made_and_told_and_goes(asked: Box) -> None:
    ask(asked, "CreateDedicatedIpPool", PoolName="managed", ScalingMode="MANAGED", Tags=[{"Key": "a", "Value": "b"}])
    arn = f"arn:aws:ses:{REGION}:123456789012:dedicated-ip-pool/managed"

    told = [ask(asked, "GetDedicatedIpPool", PoolName=name)["DedicatedIpPool"] for name in ("pool", "managed")]
    assert told == [{"PoolName": "pool", "ScalingMode": "STANDARD"}, {"PoolName": "managed", "ScalingMode": "MANAGED"}]
    assert ask(asked, "ListTagsForResource", ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    first = ask(asked, "ListDedicatedIpPools", PageSize=1)
    rest = ask(asked, "ListDedicatedIpPools", PageSize=1, NextToken=first["NextToken"])
    assert (first["DedicatedIpPools"], rest) == (["managed"], {"DedicatedIpPools": ["pool"]})
    ask(asked, "DeleteDedicatedIpPool", PoolName="managed")
    assert ask(asked, "ListDedicatedIpPools") == {"DedicatedIpPools": ["pool"]}


def test_an_account_has_so_many_pools(asked: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v2_ip_pools, "MOST_POOLS", 1)

    assert refusal(asked, "CreateDedicatedIpPool", PoolName="more").v2 == ("LimitExceededException", 400)


@pytest.mark.parametrize(
    ("operation", "params", "answer", "text"),
    [
        ("CreateDedicatedIpPool", {"PoolName": "pool"}, ("AlreadyExistsException", 400), "<pool> already exists."),
        ("CreateDedicatedIpPool", {"PoolName": "a b"}, BAD, "Pool name <a b>"),
        ("GetDedicatedIpPool", {"PoolName": "no"}, NOT_FOUND, "Dedicated IP pool <no> does not exist."),
        ("DeleteDedicatedIpPool", {"PoolName": "no"}, NOT_FOUND, "does not exist"),
        (
            "CreateConfigurationSet",
            {"ConfigurationSetName": "new", "DeliveryOptions": {"SendingPoolName": "no"}},
            NOT_FOUND,
            "Dedicated IP pool <no> does not exist.",
        ),
        ("PutConfigurationSetDeliveryOptions", {**MAIN, "SendingPoolName": "no"}, NOT_FOUND, "pool <no>"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    asked: Box, operation: str, params: dict[str, Any], answer: tuple[str, int], text: str
) -> None:
    came, said = refused(asked, Call("sesv2", operation, params, REGION))

    assert came == answer
    assert text in said
    assert came[0] in codes_of("sesv2", operation)
    assert ask(asked, "ListConfigurationSets")["ConfigurationSets"] == ["main"]
    assert ask(asked, "GetConfigurationSet", **MAIN)["DeliveryOptions"] == {"TlsPolicy": "OPTIONAL"}


def test_a_set_names_a_pool_that_is_there(asked: Box) -> None:
    pool = {"SendingPoolName": "pool"}
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="new", DeliveryOptions=pool)
    ask(asked, "PutConfigurationSetDeliveryOptions", **MAIN, **pool)
    told = [ask(asked, "GetConfigurationSet", ConfigurationSetName=name)["DeliveryOptions"] for name in ("new", "main")]
    assert told == [pool, pool]
    ask(asked, "PutConfigurationSetDeliveryOptions", **MAIN)

    assert ask(asked, "GetConfigurationSet", **MAIN)["DeliveryOptions"] == {}


@pytest.mark.skipif("UpdateConfigurationSet" not in IS_KNOWN, reason="this botocore does not know filters of sets")
def test_sets_are_listed_by_a_part_of_their_name(asked: Box) -> None:
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="news-main")
    ask(asked, "CreateConfigurationSet", ConfigurationSetName="other")
    wanted = {"CONFIGURATION_SET_NAME_CONTAINS": "main"}

    assert ask(asked, "ListConfigurationSets", Filter=wanted) == {"ConfigurationSets": ["main", "news-main"]}
    assert ask(asked, "ListConfigurationSets", Filter=wanted, PageSize=1)["NextToken"]
    came, said = refused(asked, Call("sesv2", "ListConfigurationSets", {"Filter": {"COLOUR": "red"}}, REGION))
    assert came == BAD
    assert "Unknown filter key COLOUR: known are CONFIGURATION_SET_NAME_CONTAINS." in said
