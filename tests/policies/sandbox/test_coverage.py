"""Whom identities cover, by the rules of SES's documentation."""

from __future__ import annotations

import pytest

from sesmail.policies.sandbox.coverage import Cover, Coverage

COVERAGE = Coverage(
    {
        "Example.ORG": True,
        "pending.example": False,
        "ada@example.net": True,
        "Eve@example.net": True,
        "bob@Example.NET": True,
        "kim@example.net": False,
        "deep.sub.example.com": True,
    }
)


@pytest.mark.parametrize(
    ("email", "cover"),
    [
        ("anybody@example.org", Cover.DOMAIN),
        ("any+body@EXAMPLE.org", Cover.DOMAIN),
        ("anybody@sub.example.org", Cover.SUBDOMAIN),
        ("anybody@a.b.example.org", Cover.SUBDOMAIN),
        ("anybody@badexample.org", Cover.NONE),
        ("anybody@org", Cover.NONE),
        ("anybody@sub.example.com", Cover.NONE),
        ("anybody@pending.example", Cover.NONE),
        ("ada@example.net", Cover.ADDRESS),
        ("ada+label@example.net", Cover.LABEL),
        ("ada+two+labels@example.net", Cover.LABEL),
        ("ADA@example.net", Cover.OTHER_CASE),
        ("ADA+label@example.net", Cover.OTHER_CASE),
        ("eve@example.net", Cover.OTHER_CASE),
        ("Eve@example.net", Cover.ADDRESS),
        ("bob@example.net", Cover.OTHER_CASE),
        ("kim@example.net", Cover.NONE),
        ("+label@example.net", Cover.NONE),
        ("nobody", Cover.NONE),
    ],
)
def test_an_address_is_covered_by_these_rules(email: str, cover: Cover) -> None:
    assert COVERAGE.of_recipient(email) is cover
    assert COVERAGE.of_sender(email) is cover


@pytest.mark.parametrize("email", ["success@simulator.amazonses.com", "bounce+label@Simulator.AmazonSES.com"])
def test_the_simulator_is_a_recipient_and_no_sender(email: str) -> None:
    assert COVERAGE.of_recipient(email) is Cover.MAILBOX_SIMULATOR
    assert COVERAGE.of_sender(email) is Cover.NONE


def test_an_address_below_the_simulator_is_none_of_it() -> None:
    assert COVERAGE.of_recipient("success@sub.simulator.amazonses.com").is_refused


def test_only_two_kinds_are_refused_and_two_are_unsure() -> None:
    assert {cover for cover in Cover if cover.is_refused} == {Cover.NONE, Cover.OTHER_CASE}
    assert {cover for cover in Cover if cover.is_unsure} == {Cover.LABEL, Cover.SUBDOMAIN}


def test_what_is_sure_comes_before_what_is_not() -> None:
    both = Coverage({"example.org": True, "sub.example.org": True, "ada@sub.example.org": True})

    assert both.of_recipient("ada@sub.example.org") is Cover.ADDRESS
    assert both.of_recipient("ada+x@sub.example.org") is Cover.DOMAIN
    assert Coverage({"example.org": True, "ada@x.example.org": True}).of_recipient("ada+x@x.example.org").is_unsure


def test_it_is_equal_to_one_of_the_same_verified_identities() -> None:
    one = Coverage({"example.org": True, "ada@example.net": True})

    assert one == Coverage({"ada@example.net": True, "EXAMPLE.org": True, "other.example": False})
    assert hash(one) == hash(Coverage({"ada@example.net": True, "example.org": True}))
    assert one not in (Coverage({"example.org": True}), {"example.org": True})


def test_it_shows_counts_only() -> None:
    assert repr(COVERAGE) == "Coverage(2 domains, 3 addresses)"
