"""The command: measure all cases and hold them against the goals."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from benchmarks.cases import CASES, taking_part
from benchmarks.goals import GOALS
from benchmarks.report import Report, case_lines, goal_lines, head_lines

LEAST_ROUNDS = 5  # a median of fewer says little


def main() -> int:
    """Run and say how it went: 1 when ``--check`` finds a goal that does not hold."""
    options = _options()
    cases = [case for case in CASES if options.only in case.name]
    report = Report(GOALS, taking_part(cases))
    _print(head_lines(options.rounds, report.part))
    for case in cases:
        report.add(case, figures := case.figures(options.rounds))
        _print(case_lines(case, figures))
    _print(goal_lines(report.verdicts))
    if options.json:
        options.json.write_text(report.as_json() + "\n", "utf-8")
    return int(options.check and not report.all_hold)


def _options() -> Namespace:
    parser = ArgumentParser("python -m benchmarks", description="Measure sesmail and its peers side by side.")
    parser.add_argument("--rounds", type=int, default=7, help=f"how many, at least {LEAST_ROUNDS} (default: 7)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the cases with this in their name")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure of every round there")
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal does not hold")
    options = parser.parse_args()
    if options.rounds < LEAST_ROUNDS:
        parser.error(f"a median needs at least {LEAST_ROUNDS} rounds")
    return options


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
