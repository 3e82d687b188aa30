"""The report: tables for people, JSON for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.cases import Case, Participant
from benchmarks.goals import Figures, Goal
from benchmarks.measure import Figure


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal and what came out. Nothing was measured when a peer was missing, and then nothing holds or fails."""

    goal: Goal
    measured: float | None

    @property
    def word(self) -> str:
        """One word for the table."""
        if self.measured is None:
            return "skipped"
        return "yes" if self.goal.holds(self.measured) else "NO"


@dataclass(frozen=True, slots=True)
class Report:
    """What one run has measured so far."""

    goals: tuple[Goal, ...]
    part: Mapping[str, Participant]
    cases: dict[str, tuple[Case, Figures]] = field(default_factory=dict)

    def add(self, case: Case, figures: Figures) -> None:
        """Take the figures of one more case."""
        self.cases[case.name] = case, figures

    @property
    def verdicts(self) -> list[Verdict]:
        """One for each goal whose case was measured."""
        return [
            Verdict(goal, _measured(goal, self.cases[goal.case][1])) for goal in self.goals if goal.case in self.cases
        ]

    @property
    def all_hold(self) -> bool:
        """Whether no goal failed."""
        return all(verdict.word != "NO" for verdict in self.verdicts)

    def as_json(self) -> str:
        """Everything, each round included."""
        return json.dumps(
            {
                "versions": {
                    "Python": platform.python_version(),
                    **{name: peer.version for name, peer in self.part.items()},
                },
                "cases": [_case_as_json(case, figures) for case, figures in self.cases.values()],
                "goals": [_verdict_as_json(verdict) for verdict in self.verdicts],
            },
            indent=2,
        )


def _measured(goal: Goal, figures: Figures) -> float | None:
    return goal.measured(figures) if all(name in figures for name in goal.peers) else None


def head_lines(rounds: int, part: Mapping[str, Participant]) -> Iterator[str]:
    """Who takes part, and who does not and why."""
    yield f"Python {platform.python_version()}, {rounds} rounds, medians; less is better"
    for name, peer in part.items():
        yield f"SKIPPED {name}: {peer.why_missing}" if peer.why_missing else f"{name}: {peer.version}"


def case_lines(case: Case, figures: Figures) -> Iterator[str]:
    """The table of one case."""
    ours = next(iter(figures.values())).median
    yield ""
    yield f"{case.name:42}{case.unit:>20}{'x':>10}{'spread':>10}"
    for name, figure in figures.items():
        yield f"  {name:40}{figure.median:20,.2f}{figure.median / ours:10.2f}{_spread(figure):10.0%}"


def goal_lines(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """The table of goals."""
    yield ""
    yield f"{'case':42}{'wanted':68}{'measured':>10}{'holds':>10}"
    for verdict in verdicts:
        measured = "" if verdict.measured is None else f"{verdict.measured:.2f}"
        yield f"{verdict.goal.case:42}{verdict.goal.wanted:68}{measured:>10}{verdict.word:>10}"


def _spread(figure: Figure) -> float:
    """How far the rounds lie apart, as a part of the median: whether to trust it."""
    return (max(figure.rounds) - min(figure.rounds)) / figure.median


def _case_as_json(case: Case, figures: Figures) -> Mapping[str, object]:
    peers = {name: {"median": figure.median, "rounds": figure.rounds} for name, figure in figures.items()}
    return {"name": case.name, "unit": case.unit, "peers": peers}


def _verdict_as_json(verdict: Verdict) -> Mapping[str, object]:
    goal = verdict.goal
    return {"case": goal.case, "wanted": goal.wanted, "measured": verdict.measured, "holds": verdict.word}
