"""Endpoints, held to botocore's rule sets, which every client of AWS resolves hosts by."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import product

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import Loader
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import SetupError
from sesmail.ses.endpoints import REGIONS, api_host, check_region, message_id_domain, region_hint, smtp_host

LOADER = Loader()
PARTITIONS = LOADER.load_data("partitions")
RULES = {
    service: EndpointProvider(LOADER.load_service_model(service, "endpoint-rule-set-1"), PARTITIONS)
    for service in ("ses", "sesv2")
}
SESSION = Session()
LISTED = {
    region
    for service in RULES
    for partition in SESSION.get_available_partitions()
    for region in SESSION.get_available_regions(service, partition_name=partition)
}
OTHERS = {region for one in PARTITIONS["partitions"] for region in one["regions"] if "global" not in region}
BOTH = (False, True)


def by_rule(service: str, region: str, *, fips: bool, dual_stack: bool) -> str:
    found = RULES[service].resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack)
    return str(found.url)


@pytest.mark.parametrize("region", sorted(LISTED | OTHERS | set(REGIONS)))
def test_a_host_is_where_botocore_finds_it(region: str) -> None:
    for service, fips, dual_stack in product(RULES, BOTH, BOTH):
        try:
            expected = by_rule(service, region, fips=fips, dual_stack=dual_stack)
        except EndpointProviderError:
            pytest.fail(f"{region} refuses {fips=} {dual_stack=}, and we do not")
        assert f"https://{api_host(region, fips=fips, dual_stack=dual_stack)}" == expected


WORDS = st.sampled_from("east west north south central northeast new".split())
BEGINNINGS = st.sampled_from("us eu ap sa cn eusc-de us-gov us-iso us-isob us-isof eu-isoe xx nosuch-some".split())


@given(beginning=BEGINNINGS, word=WORDS, number=st.integers(0, 99), fips=st.booleans(), dual_stack=st.booleans())
def test_a_region_that_nobody_has_heard_of_is_found_by_the_same_formula(
    beginning: str, word: str, number: int, fips: bool, dual_stack: bool
) -> None:
    region = f"{beginning}-{word}-{number}"
    for service in RULES:
        assert f"https://{api_host(region, fips=fips, dual_stack=dual_stack)}" == by_rule(
            service, region, fips=fips, dual_stack=dual_stack
        )


def test_smtp_has_a_name_of_its_own_in_the_same_domain() -> None:
    for region, fips, dual_stack in product(REGIONS, BOTH, BOTH):
        host = api_host(region, fips=fips, dual_stack=dual_stack)
        expected = host.replace("email", "email-smtp", 1)
        assert smtp_host(region, fips=fips, dual_stack=dual_stack) == expected
    assert smtp_host("us-east-1", fips=True) == "email-smtp-fips.us-east-1.amazonaws.com"


def test_message_ids_of_the_first_region_have_no_region() -> None:
    assert message_id_domain("us-east-1") == "email.amazonses.com"
    assert message_id_domain("ap-southeast-2") == "ap-southeast-2.amazonses.com"


BAD = [
    "", " ", "eu-west-1 ", "eu-west-1\n", "\neu-west-1", "eu-west-1\r\nHost: evil", "EU-WEST-1", "eu_west_1",
    "eu west 1", "eu-west-1.evil.example", "evil.example/", "evil.example#", "eu-west-1@evil", "eu-west-1:443",
    "-eu-west-1", "eu-west-1-", "eu--west-1", "eu-west-\u0661", "éu-west-1", "\uff45u-west-1", "eu-west", "ireland",
    "127.0.0.1", "[::1]", "x" * 62 + "-1", "eu-west-1\0", "%65u-west-1", "*", "aws-global",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("function", [check_region, api_host, smtp_host, message_id_domain])
def test_what_is_no_region_in_form_never_becomes_a_part_of_a_host(function: object, text: str) -> None:
    assert callable(function)
    with pytest.raises(SetupError, match="is no Region"):
        function(text)


@given(st.text(max_size=70))
def test_whatever_passes_is_a_label_of_a_host_name(text: str) -> None:
    with suppress(SetupError):
        assert check_region(text) == text
        assert re.fullmatch(r"(?!-)[a-z0-9-]{1,63}(?<!-)", text, re.ASCII)


def test_the_longest_region_is_the_longest_label() -> None:
    assert check_region("x" * 61 + "-1")


def test_a_long_text_is_refused_quickly_and_not_quoted_whole() -> None:
    with pytest.raises(SetupError) as caught:
        check_region("a-" * 50_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("EU-West-1", "write eu-west-1"),
        (" eu-west-1\n", "write eu-west-1"),
        ("us-east-1a", "an availability zone: its Region is us-east-1"),
        ("fips-us-east-1", "give us-east-1 and ask for FIPS apart"),
        ("us-gov-west-1-fips", "give us-gov-west-1 and ask for FIPS apart"),
        ("eu_west_1", "did you mean eu-west-1?"),
        ("fips-ireland", "one is like eu-west-1"),
        ("ireland", "one is like eu-west-1"),
    ],
)
def test_who_gave_something_else_hears_what_was_meant(text: str, cure: str) -> None:
    with pytest.raises(SetupError) as caught:
        check_region(text)
    assert cure in str(caught.value)


def test_a_hint_for_regions_where_ses_is_not_known_to_be() -> None:
    assert [region_hint(region) for region in REGIONS] == [""] * len(REGIONS)
    assert region_hint("eu-wset-1").endswith("did you mean eu-west-1?")
    assert region_hint("xy-zzzzzzzz-77") == "xy-zzzzzzzz-77 is no Region that SES is known to be in"


def test_the_known_regions_are_botocores() -> None:
    # Either may be older than the other. Who sees this fail with a new botocore adds what is new.
    assert len(LISTED - set(REGIONS)) <= 5
    assert len(set(REGIONS) - LISTED) <= 12
    assert len(set(REGIONS) - OTHERS) <= 3
