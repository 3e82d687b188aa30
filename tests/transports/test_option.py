"""What a URL can say behind its ``?``."""

from __future__ import annotations

import pytest

from sesmail.errors import SetupError, UnknownOption
from sesmail.transports.limits import NONE, SES
from sesmail.transports.option import LIMITS, Option, choice, count, read_options, seconds, switch
from sesmail.transports.url import TransportUrl

OPTIONS = (
    choice("tls", "how TLS begins", "starttls", "implicit", default="`starttls`"),
    switch("fips", "other endpoints"),
    seconds("timeout_s", "for a send", default="300"),
    count("max_connections", "at once", default="10"),
    Option("profile", "a profile", "a name"),
    LIMITS,
)


def read(query: str) -> dict[str, object]:
    return read_options(TransportUrl.parse(f"smtp://user:password@host?{query}"), OPTIONS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("tls=implicit", {"tls": "implicit"}),
        ("tls=starttls", {"tls": "starttls"}),
        ("profile=", {"profile": ""}),
        ("profile=a%20b%3D", {"profile": "a b="}),
        ("limits=none", {"limits": NONE}),
        ("limits=ses", {"limits": SES}),
        ("timeout_s=5", {"timeout_s": 5.0}),
        ("timeout_s=0.25", {"timeout_s": 0.25}),
        ("timeout_s=86400", {"timeout_s": 86400.0}),
        ("max_connections=1", {"max_connections": 1}),
        ("max_connections=007", {"max_connections": 7}),
        ("max_connections=999999999", {"max_connections": 999_999_999}),
        ("fips=yes&max_connections=4", {"fips": True, "max_connections": 4}),
    ],
)
def test_what_is_said_is_read_and_nothing_else(query: str, expected: dict[str, object]) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    ("word", "value"),
    [("yes", True), ("YES", True), ("true", True), ("1", True), ("no", False), ("False", False), ("0", False)],
)
def test_a_switch_takes_a_few_words(word: str, value: bool) -> None:
    assert read(f"fips={word}") == {"fips": value}


NOT_TAKEN = {
    "tls": ["", "STARTTLS", "none", "starttls,implicit", "starttls%20"],
    "fips": ["", "y", "on", "2", "-1", "yes%20", "ｙｅｓ"],
    "timeout_s": ["", "0", "0.0", "-1", "+1", "1e3", "1_0", ".5", "5.", "nan", "inf", "Infinity", "%205", "5%20", "٣",
                  "86400.1", "99999999999", "five", "0x10", "1,5"],
    "max_connections": ["", "0", "000", "-1", "+1", "1.0", "1e3", "1_0", "%205", "5%20", "٣", "²", "1000000000", "ten"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in NOT_TAKEN.items() for text in texts])
def test_what_is_not_taken_is_told_without_being_repeated(name: str, text: str) -> None:
    takes = {
        "tls": "starttls or implicit",
        "fips": "yes or no",
        "timeout_s": "seconds, over 0 and at most a day",
        "max_connections": "a whole number, over 0",
    }[name]
    with pytest.raises(SetupError) as caught:
        read(f"{name}={text}")

    assert str(caught.value) == f"smtp://: {name} takes {takes}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__, "which would repeat it"


def test_limits_that_nobody_knows_are_told_too() -> None:
    with pytest.raises(SetupError, match="limits are one of ses, api, none"):
        read("limits=some")


def test_an_option_that_nobody_knows_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownOption, match="smtp:// has no option 'timeout'; did you mean 'timeout_s'") as caught:
        read("profile=secret&timeout=5")

    assert caught.value.known == ("tls", "fips", "timeout_s", "max_connections", "profile", "limits")
    assert "secret" not in str(caught.value)


def test_an_option_says_what_documentation_wants_to_know() -> None:
    said = [(option.name, option.says, option.takes, option.default) for option in OPTIONS]

    assert said == [
        ("tls", "how TLS begins", "`starttls` or `implicit`", "`starttls`"),
        ("fips", "other endpoints", "`yes` or `no`", "no"),
        ("timeout_s", "for a send", "seconds, over 0 and at most a day", "300"),
        ("max_connections", "at once", "a whole number, over 0", "10"),
        ("profile", "a profile", "a name", ""),
        ("limits", "what mails are held to", "`ses`, `api` or `none`", "`ses`"),
    ]


def test_an_option_can_be_had_with_another_default() -> None:
    assert LIMITS._replace(default="`none`").reads("ses") is SES
    assert Option("x", "y").takes == "text"
