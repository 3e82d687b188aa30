"""The first mail: from the start of an interpreter until a sink has taken one, with keys in the environment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from benchmarks.imports import BOTO3
from benchmarks.measure import Figure, in_rounds
from benchmarks.ways.errand import REGION
from benchmarks.ways.sink import ROOT, Sink, running
from benchmarks.ways.way import BOTO, DIRECT, RAW, Ways, surroundings

_AT_LEAST = 9  # processes differ more than loops do
_OURS = (
    "from sesmail import Mailer\n"
    "mailer = Mailer('ses://{region}?client={client}&endpoint_url=http%3A%2F%2F127.0.0.1%3A{port}')\n"
    "mailer.send(sender='a@example.com', to='b@example.org', subject='Hi', text='Hi')\n"
)
_PROGRAMS = {
    DIRECT: _OURS.replace("{client}", "direct"),
    BOTO3: (
        "import boto3\n"
        "client = boto3.client('sesv2', region_name='{region}', endpoint_url='http://127.0.0.1:{port}')\n"
        "client.send_email(FromEmailAddress='a@example.com', Destination={{'ToAddresses': ['b@example.org']}},\n"
        "    Content={{'Simple': {{'Subject': {{'Data': 'Hi'}}, 'Body': {{'Text': {{'Data': 'Hi'}}}}}}}})\n"
    ),
    BOTO: _OURS.replace("{client}", "boto3"),
}
_CLOCK = "import time; print(time.process_time())"  # which starts with the process


@dataclass(frozen=True, slots=True)
class FirstMail:
    """Whole processes: their CPU time, or all of it."""

    name: str
    unit: str
    measured: Callable[[str], float]

    @property
    def ways(self) -> Ways:
        """Who takes part."""
        return {name: RAW[name] for name in _PROGRAMS}

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Measure all programs."""
        with running("ses") as sink:

            def turn(name: str) -> float:
                return self._turn(_PROGRAMS[name].format(region=REGION, port=sink.port), sink)

            names = [name for name, way in self.ways.items() if not way.why_missing]
            in_rounds(turn, names, 1)  # so that all is compiled and on a warm disk
            return in_rounds(turn, names, max(rounds, _AT_LEAST))

    def _turn(self, program: str, sink: Sink) -> float:
        before = sink.counts()
        spent = self.measured(program)
        if sink.counts().since(before).mails != 1:
            raise RuntimeError("the sink has not taken one mail")
        return spent


def cpu_ms(program: str) -> float:
    """What the process says itself."""
    return float(_run(program + _CLOCK)) * 1000


def wall_ms(program: str) -> float:
    """From its start to its end."""
    start = perf_counter()
    _run(program)
    return (perf_counter() - start) * 1000


def _run(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, env=surroundings(), check=True, stdout=subprocess.PIPE, text=True).stdout
