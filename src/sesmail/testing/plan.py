"""Plan: what a `CuttingProxy` does to a connection, as a value. Nothing here touches a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Self, get_args

from sesmail.errors import SetupError, UnknownOption

Manner = Literal["reset", "close", "half-close", "silence"]
Door = Literal["open", "close", "reset"]
Direction = Literal["to_server", "to_client"]

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
_MANNERS: tuple[Manner, ...] = get_args(Manner)
_DOORS: tuple[Door, ...] = get_args(Door)


def _check_choice(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UnknownOption(value, known=known, where=f"{name!r} of a plan")


@dataclass(frozen=True, slots=True)
class Flow:
    """What happens to the bytes that go one way. Without arguments: nothing.

    ``cut_after`` so many bytes have been delivered, the connection is cut, ``by``

    - ``"reset"``: both peers get a reset,
    - ``"close"``: both peers read to an orderly end,
    - ``"half-close"``: who is written to reads to an end, and what the other way brings still passes,
    - ``"silence"``: nothing passes any more, not even an end; both connections stay open.

    ``segment_bytes`` is the most that is sent at once, each in a segment of its own, and ``delay_s`` a pause before
    each. ``corrupt_at`` is the position, from 0 on, of a byte whose bits are all turned.

    >>> from sesmail.testing import Flow
    >>> list(Flow(cut_after=5, segment_bytes=2).pieces(b"abcdefg", passed=0))
    [b'ab', b'cd', b'e']
    """

    cut_after: int | None = None
    by: Manner = "reset"
    segment_bytes: int | None = None
    delay_s: float = 0.0
    corrupt_at: int | None = None

    def __post_init__(self) -> None:
        _check_choice("by", self.by, _MANNERS)
        for name, value, least in (
            ("cut_after", self.cut_after, 0),
            ("segment_bytes", self.segment_bytes, 1),
            ("delay_s", self.delay_s, 0),
            ("corrupt_at", self.corrupt_at, 0),
        ):
            if value is not None and value < least:
                raise SetupError(f"{name} of a flow is {value}; give {least} or more")

    def pieces(self, data: bytes, *, passed: int) -> Iterator[bytes]:
        """What is sent on of ``data``, segment by segment, when so many bytes have passed before."""
        if self.cut_after is not None:
            data = data[: max(0, self.cut_after - passed)]
        data = self._corrupt(data, passed)
        size = self.segment_bytes or len(data) or 1
        return (data[start : start + size] for start in range(0, len(data), size))

    def _corrupt(self, data: bytes, passed: int) -> bytes:
        at = -1 if self.corrupt_at is None else self.corrupt_at - passed
        if not 0 <= at < len(data):
            return data
        return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]

    def is_over(self, passed: int) -> bool:
        """Whether so many bytes are all that pass."""
        return self.cut_after is not None and passed >= self.cut_after

    def __str__(self) -> str:
        told = {
            f"{self.by} after {self.cut_after}": self.cut_after is not None,
            f"in segments of {self.segment_bytes}": self.segment_bytes,
            f"each {self.delay_s:g} s late": self.delay_s,
            f"byte {self.corrupt_at} corrupt": self.corrupt_at is not None,
        }
        return ", ".join(text for text, is_so in told.items() if is_so)


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to one connection, each way. Without arguments: nothing.

    ``door`` is ``"close"`` or ``"reset"`` for a connection that ends as soon as it is accepted; the server hears
    nothing of it then.

    >>> from sesmail.testing import Flow, Plan
    >>> print(Plan(to_client=Flow(cut_after=100, by="silence")))
    to_client: silence after 100
    >>> Plan.cut("to_client", 100, by="silence") == Plan(to_client=Flow(cut_after=100, by="silence"))
    True
    """

    to_server: Flow = Flow()
    to_client: Flow = Flow()
    door: Door = "open"

    def __post_init__(self) -> None:
        _check_choice("door", self.door, _DOORS)

    @classmethod
    def cut(cls, direction: Direction, after: int, *, by: Manner = "reset") -> Self:
        """A plan that cuts, and does nothing else."""
        _check_choice("direction", direction, DIRECTIONS)
        flow = Flow(cut_after=after, by=by)
        return cls(to_server=flow) if direction == "to_server" else cls(to_client=flow)

    def __str__(self) -> str:
        told = [f"{name}: {flow}" for name, flow in zip(DIRECTIONS, (self.to_server, self.to_client), strict=True)]
        told = [text for text in told if not text.endswith(": ")]
        return "; ".join(told + [f"{self.door} at the door"] * (self.door != "open")) or "untouched"


UNTOUCHED = Plan()
Plans = Plan | Sequence[Plan] | Callable[[int], Plan]


def plan_for(number: int, plans: Plans) -> Plan:
    """The plan of one connection: a single one is for all, and behind the end of a sequence nothing is touched."""
    if isinstance(plans, Plan):
        return plans
    if isinstance(plans, Sequence):
        return plans[number] if number < len(plans) else UNTOUCHED
    return plans(number)
