"""Imports: the CPU time of a fresh interpreter that imports one thing, on a warm disk."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar

from benchmarks.measure import Figure, in_rounds
from benchmarks.peers import SESMAIL

BOTO3 = "boto3"
BARE = "bare interpreter"
EMAIL = "from sesmail import Email"
MAILER = "from sesmail import Mailer"
FIRST_SEND = f"{MAILER}; Mailer('null://').send(sender='a@example.com', to='b@example.org', text='Hi')"
_AT_LEAST = 9  # processes differ more than loops do


@dataclass(frozen=True, slots=True)
class ImportCase:
    """What whole processes cost, or what an import adds to a bare interpreter of the same round."""

    name: str
    statement: str
    net: bool
    unit: ClassVar = "ms of CPU"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure all processes."""
        statements = {SESMAIL: self.statement, BOTO3: "import boto3", BARE: "pass"}

        def turn(name: str) -> float:
            return _process_ms(statements[name])

        in_rounds(turn, statements, 1)  # so that all is compiled and on a warm disk
        whole = in_rounds(turn, statements, max(rounds, _AT_LEAST))
        return {name: _less(whole[name], whole[BARE]) for name in (SESMAIL, BOTO3)} if self.net else whole


def _less(figure: Figure, other: Figure) -> Figure:
    return Figure(tuple(mine - its for mine, its in zip(figure.rounds, other.rounds, strict=True)))


def _process_ms(statement: str) -> float:
    # `time` is built in. The clock of a process starts with it.
    code = f"{statement}\nimport time; print(time.process_time())"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), check=True, capture_output=True, text=True)
    return float(done.stdout) * 1000


def environment() -> dict[str, str]:
    """Ours, less the switch that would have each process compile everything anew."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
