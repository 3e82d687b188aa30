"""What a URL says of a rate."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.errors import SetupError
from sesmail.policies.rate.options import OPTIONS, is_rate, is_share, is_time, text_of
from sesmail.policies.rate.rate_limit import RateLimit
from sesmail.transports import MemoryTransport, TransportUrl
from sesmail.transports.option import read_options
from tests.policies.rate.simulation import Told
from tests.policies.stepping import Scripted


def read(query: str) -> dict[str, Any]:
    return read_options(TransportUrl.parse(f"memory://?{query}"), OPTIONS)


def test_all_of_it_is_read() -> None:
    said = read("rate=14.5&rate_wait_s=0&rate_safety=1")

    assert said == {"rate": 14.5, "rate_wait_s": 0, "rate_safety": 1}
    assert read("rate=auto") == {"rate": "auto"}


@pytest.mark.parametrize(
    "query",
    [
        "rate=",
        "rate=0",
        "rate=0.0001",
        "rate=1000001",
        "rate=fast",
        "rate=1e3",
        "rate=inf",
        "rate=nan",
        "rate=-1",
        "rate=1_0",
        "rate=%C2%B2",
        "rate_wait_s=86401",
        "rate_wait_s=auto",
        "rate_safety=0",
        "rate_safety=1.01",
    ],
)
def test_what_is_no_such_number_is_refused(query: str) -> None:
    with pytest.raises(SetupError, match="takes"):
        read(query)


@pytest.mark.parametrize(
    "settings",
    [
        {"rate": 0},
        {"rate": "fast"},
        {"rate": True},
        {"rate": float("nan")},
        {"rate": 2_000_000},
        {"rate": None},
        {"safety": 0},
        {"safety": 1.1},
        {"safety": "much"},
        {"wait_s": -1},
        {"wait_s": float("inf")},
        {"ttl_s": -1},
    ],
)
def test_an_object_is_held_to_the_same(settings: dict[str, Any]) -> None:
    with pytest.raises(SetupError, match=r"rate|safety|wait_s|ttl_s"):
        RateLimit(MemoryTransport(), **{"rate": 14, **settings})


def test_a_limit_opens_by_what_was_read_and_says_what_is_not_the_default() -> None:
    memory = MemoryTransport()

    assert repr(RateLimit.around(memory, read("rate=14"))) == "memory://?rate=14"
    assert repr(RateLimit.around(memory, read("rate=0.5&rate_wait_s=60&rate_safety=0.9"))) == "memory://?rate=0.5"
    line = "memory://?rate=14&rate_wait_s=5&rate_safety=0.75"
    assert repr(RateLimit.around(memory, read(line.partition("?")[2]))) == line


def test_auto_needs_a_way_that_knows_its_account() -> None:
    with pytest.raises(SetupError, match="memory:// knows none: say how many recipients a second, as in rate=14"):
        RateLimit.around(MemoryTransport(), read("rate=auto"))

    way = Scripted()
    way.account = Told(None)  # type: ignore[attr-defined]
    assert repr(RateLimit.around(way, read("rate=auto"))) == "scripted://?rate=auto"


def test_the_other_options_need_the_first() -> None:
    with pytest.raises(SetupError, match="rate_wait_s needs rate"):
        RateLimit.around(MemoryTransport(), read("rate_wait_s=5"))


@given(st.floats(0.001, 1_000_000), st.floats(0, 86400), st.floats(0.01, 1))
def test_what_is_said_is_read_as_the_same(rate: float, wait_s: float, safety: float) -> None:
    rate, wait_s, safety = round(rate, 9), round(wait_s, 9), round(safety, 9)
    limited = RateLimit(MemoryTransport(), rate=rate, wait_s=wait_s, safety=safety)
    said = read("&".join(f"{name}={text}" for name, text in limited.said.items()))

    assert said["rate"] == pytest.approx(rate)
    assert RateLimit.around(MemoryTransport(), said).said == limited.said  # type: ignore[attr-defined]


@given(st.one_of(st.text(), st.floats(), st.booleans(), st.none(), st.integers()))
def test_what_is_a_number_is_decided_without_an_error(value: object) -> None:
    for asked in (is_rate, is_share, is_time):
        assert asked(value) in (True, False)


def test_numbers_are_written_as_people_do() -> None:
    texts = [text_of(number) for number in (14, 14.0, 0.5, 0, 86400, 0.001)]

    assert texts == "14 14 0.5 0 86400 0.001".split()
