"""How far a long run is: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import os
import pty
import struct
import termios
from fcntl import ioctl
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.cli.progress import Bar, Lines, Progress, Silent, clock_time, is_terminal, width_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def bar(total: int, width: int = 80) -> tuple[Bar, StringIO, Clock]:
    stream, clock = StringIO(), Clock()
    return Bar(stream, total=total, clock=clock, width=lambda: width), stream, clock


@pytest.mark.parametrize(
    ("width", "drawn"),
    [
        (120, "[##########------------------------------]  25 %  50/200  2 failed  25/s  0:06 left"),
        (80, "[#######-----------------------]  25 %  50/200  2 failed  25/s  0:06 left"),
        (60, "[##--------]  25 %  50/200  2 failed  25/s  0:06 left"),
        (50, " 25 %  50/200  2 failed  25/s  0:06 left"),
        (30, " 25 %  50/200  2 failed  25/s"),
        (12, " 25 %  50/2"),
        (1, ""),
    ],
)
def test_the_bar_is_as_wide_as_there_is_room(width: int, drawn: str) -> None:
    made, _, clock = bar(200, width)
    clock.now = 2.0

    assert made.drawn(50, 2) == drawn


def test_without_a_total_it_counts() -> None:
    made, _, clock = bar(0)
    assert made.drawn(0, 0) == "0 rows  0 failed  0/s"
    clock.now = 400.0
    assert made.drawn(1_000, 1_000) == "1,000 rows  1,000 failed  2.5/s"


def test_more_than_were_counted_are_all() -> None:
    made, _, clock = bar(10)
    clock.now = 1.0
    assert made.drawn(20, 0).endswith("100 %  20/20  0 failed  20/s  0:00 left")


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.floats(0, 1e9), st.integers(1, 300))
def test_it_never_reaches_the_last_column(total: int, done: int, now: float, width: int) -> None:
    made, _, clock = bar(total, width)
    clock.now = now

    assert len(made.drawn(done, done)) < width


def test_it_is_drawn_no_more_often_than_an_eye_can_follow() -> None:
    made, stream, clock = bar(1_000)
    for done in range(1, 1_001):
        clock.now += 0.001
        made.update(done, 0)
    made.say("line 5: no")
    made.close()

    drawn = stream.getvalue().split("\r\x1b[K")
    assert 10 <= len(drawn) - 1 <= 14
    assert drawn[-3] == "line 5: no\n"
    assert drawn[-1].endswith("]  100 %  1,000/1,000  0 failed  1,000/s  0:00 left\n".replace("]  ", "] "))


def test_elsewhere_there_is_a_line_now_and_then() -> None:
    stream, clock = StringIO(), Clock()
    lines = Lines(stream, clock)
    for done in range(1, 31):
        clock.now += 1.0
        lines.update(done, done // 10)
    lines.say("line 3: no")
    lines.close()

    assert stream.getvalue().splitlines() == [
        "10 rows  1 failed  1.0/s",
        "20 rows  2 failed  1.0/s",
        "30 rows  3 failed  1.0/s",
        "line 3: no",
    ]


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    silent: Progress = Silent()
    silent.update(1, 1)
    silent.say("x")
    silent.close()

    assert capsys.readouterr() == ("", "")


def test_who_went_away_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    Lines(stream).say("x")
    with pytest.raises(BrokenPipeError):
        stream.close()


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (60, "1:00"), (3600, "1:00:00")])
def test_times(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text


def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        assert width_of(terminal) == 80, "a terminal that does not know"
        ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 132, 0, 0))
        assert width_of(terminal) == 132
        monkeypatch.setenv("TERM", "xterm")
        assert is_terminal(terminal)
        monkeypatch.setenv("TERM", "dumb")
        assert not is_terminal(terminal)
    os.close(leader)
    assert not is_terminal(StringIO())
    assert width_of(StringIO()) == 80
