"""How long anything is waited for, and how long a line is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sesmail.errors import SetupError
from sesmail.lines.keeping import Keeping
from sesmail.lines.patience import Patience
from tests.lines.colours import Clock

NO_TIME = [0, -1, -0.0, 86400.1, 1e300, 10**400, float("nan"), float("inf"), True, False, None, "5", b"5", 5j, [5]]
TIMES = [0.001, 1, 2.5, 86400, 86400.0]
NO_COUNT = [0, -1, 1.0, 2.5, float("nan"), True, False, None, "5", [5]]


@pytest.mark.parametrize("field", ["connect_s", "read_s", "total_s"])
@pytest.mark.parametrize("value", NO_TIME, ids=repr)
def test_what_is_no_time_is_refused(field: str, value: object) -> None:
    with pytest.raises(SetupError, match=f"^a timeout is a number of seconds.*: {field[:-2]} is not$"):
        Patience(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["idle_s", "age_s"])
@pytest.mark.parametrize("value", NO_TIME, ids=repr)
def test_what_is_no_time_to_keep_a_line_for_is_refused(field: str, value: object) -> None:
    with pytest.raises(SetupError, match=f"^{field} of a pool is a number of seconds"):
        Keeping(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["connections", "uses"])
@pytest.mark.parametrize("value", NO_COUNT, ids=repr)
def test_what_is_no_count_is_refused(field: str, value: object) -> None:
    with pytest.raises(SetupError, match=f"^{field} of a pool is a whole number over 0, and not "):
        Keeping(**{field: value})  # type: ignore[arg-type]


def test_an_error_does_not_grow_with_what_was_given() -> None:
    with pytest.raises(SetupError) as caught:
        Keeping(uses="x" * 1000)  # type: ignore[arg-type]

    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("value", TIMES)
def test_a_time_is_taken_as_it_is(value: float) -> None:
    assert Patience(connect_s=value, read_s=value, total_s=value).total_s == value
    assert Keeping(idle_s=value, age_s=value).age_s == value


def test_a_deadline_counts_down_and_stops_at_nothing(clock: Clock) -> None:
    deadline = Patience(total_s=5).deadline(clock)
    seen = []
    for _ in range(4):
        seen.append(deadline.left_s())
        clock.now += 2

    assert seen == [5, 3, 1, 0]


@pytest.mark.parametrize(
    ("of", "ask"),
    [
        ("read_s", lambda deadline: deadline.read_s()),
        ("connect_s", lambda deadline: deadline.for_connection().left_s()),
    ],
)
def test_a_part_takes_no_longer_than_it_may_and_no_longer_than_the_whole(
    clock: Clock, of: str, ask: Callable[[object], float]
) -> None:
    deadline = Patience(total_s=5, **{of: 3}).deadline(clock)
    seen = []
    for _ in range(4):
        seen.append(ask(deadline))
        clock.now += 2

    assert seen == [3, 3, 1, 0]


def test_a_connection_does_not_get_more_time_later(clock: Clock) -> None:
    deadline = Patience(total_s=100, connect_s=3).deadline(clock).for_connection()
    clock.now += 2

    assert deadline.left_s() == 1
    assert deadline.read_s() == 1
