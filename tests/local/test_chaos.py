"""The script of troubles: which of them happens at a step, how often, and the same each time."""

from __future__ import annotations

import pytest

from sesmail.local.chaos import Chaos
from sesmail.local.trouble import Kind, Trouble

ALL = frozenset(Kind)


def met(chaos: Chaos, *places: str, kinds: frozenset[Kind] = ALL) -> Kind | None:
    trouble = chaos.meet("SendEmail", places or ("send",), kinds)
    return trouble.kind if trouble else None


def test_without_a_script_nothing_happens() -> None:
    assert met(Chaos()) is None


def test_troubles_come_in_order_and_as_often_as_they_were_told_to() -> None:
    chaos = Chaos()
    chaos.throttle(times=2)
    chaos.reset()

    assert [met(chaos) for _ in range(4)] == [Kind.THROTTLE, Kind.THROTTLE, Kind.RESET, None]
    assert [mishap.trouble.kind for mishap in chaos.happened] == [Kind.THROTTLE, Kind.THROTTLE, Kind.RESET]
    assert {mishap.step for mishap in chaos.happened} == {"SendEmail"}
    assert chaos.armed == ()


def test_it_can_go_well_first() -> None:
    chaos = Chaos()
    chaos.quota(skip=2)

    assert [met(chaos) for _ in range(4)] == [None, None, Kind.QUOTA, None]


def test_for_ever_is_for_ever() -> None:
    chaos = Chaos()
    chaos.garble(times=None)

    assert {met(chaos) for _ in range(100)} == {Kind.GARBAGE}
    assert len(chaos.armed) == 1


@pytest.mark.parametrize(
    ("on", "places", "happens"),
    [
        ("send", ("send",), True),
        ("send", ("call",), False),
        ("any", (), True),
        ("SendEmail", ("call",), True),
        ("GetAccount", ("send", "call"), False),
        ("rcpt", ("send", "smtp"), False),
    ],
)
def test_a_trouble_happens_where_it_is_meant_to(on: str, places: tuple[str, ...], *, happens: bool) -> None:
    chaos = Chaos()
    chaos.throttle(on=on)

    assert (chaos.meet("SendEmail", places, ALL) is not None) is happens


def test_what_cannot_happen_at_a_step_waits() -> None:
    chaos = Chaos()
    chaos.cut_request(at=10)
    chaos.slow(2)

    assert met(chaos, kinds=frozenset({Kind.SLOW})) is Kind.SLOW
    assert met(chaos, kinds=frozenset({Kind.SLOW})) is None
    assert met(chaos) is Kind.CUT_REQUEST


def test_a_throw_that_is_lost_lets_the_next_trouble_come() -> None:
    chaos = Chaos()
    chaos.throttle(chance=1e-9)
    chaos.unavailable(500)

    assert met(chaos) is Kind.UNAVAILABLE
    assert [trouble.kind for trouble in chaos.armed] == [Kind.THROTTLE]


def test_the_same_seed_throws_the_same() -> None:
    def throws(seed: int) -> list[bool]:
        chaos = Chaos(seed=seed)
        chaos.throttle(times=None, chance=0.5)
        return [met(chaos) is not None for _ in range(64)]

    assert throws(7) == throws(7) != throws(8)
    assert 10 < sum(throws(7)) < 54


def test_a_seed_begins_anew() -> None:
    chaos = Chaos(seed=3)
    chaos.throttle(times=None, chance=0.5)
    first = [met(chaos) for _ in range(32)]
    chaos.seed(3)

    assert [met(chaos) for _ in range(32)] == first


def test_it_can_be_ended() -> None:
    chaos = Chaos()
    chaos.throttle(times=2)
    met(chaos)
    chaos.clear()

    assert (chaos.armed, chaos.happened, met(chaos)) == ((), (), None)


def test_each_method_arms_its_trouble() -> None:
    chaos = Chaos()
    chaos.throttle(on="call")
    chaos.quota()
    chaos.unavailable(500)
    chaos.expire_credentials()
    chaos.slow(0.5)
    chaos.reset(when="before")
    chaos.cut_request(3)
    chaos.cut_answer(4, on="rcpt")
    chaos.garble()
    chaos.reply(454, "Later", on="mail")
    chaos.break_tls("wrong_host")

    assert chaos.armed == (
        Trouble(kind=Kind.THROTTLE, on="call"),
        Trouble(kind=Kind.QUOTA, on="send"),
        Trouble(kind=Kind.UNAVAILABLE, on="send", status=500),
        Trouble(kind=Kind.EXPIRED, on="credentials"),
        Trouble(kind=Kind.SLOW, on="send", seconds=0.5),
        Trouble(kind=Kind.RESET, on="send", when="before"),
        Trouble(kind=Kind.CUT_REQUEST, on="any", at=3),
        Trouble(kind=Kind.CUT_ANSWER, on="rcpt", at=4),
        Trouble(kind=Kind.GARBAGE, on="send"),
        Trouble(kind=Kind.REPLY, on="mail", code=454, text="Later"),
        Trouble(kind=Kind.TLS, on="tls", fault="wrong_host"),
    )
    assert {trouble.kind for trouble in chaos.armed} == ALL
