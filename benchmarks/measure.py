"""Measuring: CPU time in rounds, in each of which every peer has its turn."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Protocol

TURN_S = 0.2  # long enough that neither the clock's grain nor one collection of garbage weighs


class Timed(Protocol):
    """Something that can be done many times over and says what that cost."""

    def cpu_s(self, loops: int) -> float:
        """The CPU seconds that so many times take."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one peer came to: a number per round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one to report: a disturbed round does not move it."""
        return median(self.rounds)


def interleaved(peers: Mapping[str, Timed], rounds: int) -> dict[str, Figure]:
    """Microseconds of CPU per time, for each peer."""
    loops = {name: _loops_of_a_turn(peer) for name, peer in peers.items()}

    def turn(name: str) -> float:
        return peers[name].cpu_s(loops[name]) / loops[name] * 1e6

    return in_rounds(turn, peers, rounds)


def in_rounds(turn: Callable[[str], float], names: Iterable[str], rounds: int) -> dict[str, Figure]:
    """Give everyone a turn per round. Each round begins with another one, so that none profits from its place."""
    order = list(names)
    taken: dict[str, list[float]] = {name: [] for name in order}
    for _ in range(rounds):
        for name in order:
            taken[name].append(turn(name))
        order.append(order.pop(0))
    return {name: Figure(tuple(values)) for name, values in taken.items()}


def cpu_s(action: Callable[[], object], loops: int) -> float:
    """The CPU seconds of this process. The collector stays on, as it is in a user's program."""
    gc.collect()
    start = process_time()
    for _ in range(loops):
        action()
    return process_time() - start


def _loops_of_a_turn(peer: Timed) -> int:
    """How many make a turn. The trials warm up caches as well."""
    loops = 1
    while (spent := peer.cpu_s(loops)) < TURN_S / 2:
        loops *= 2
    return max(1, round(loops * TURN_S / spent))
