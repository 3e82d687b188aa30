"""Way: one of several ways out, with what is known of its health."""

from __future__ import annotations

from dataclasses import dataclass

from sesmail.errors import SendError, Unavailable
from sesmail.policies.circuit import Circuit, Fault
from sesmail.policies.notation import notation_of
from sesmail.transports.base import Transport


@dataclass(frozen=True, slots=True)
class Health:
    """How a way is, for people and their dashboards."""

    way: str
    """Its notation, which holds no secret."""
    is_open: bool
    """Whether its circuit is open, so that mails pass it over."""
    faults: int
    """How many in a row."""
    last_error: str
    """The class of the last one, such as ``ConnectFailed``. It stays when all is well again."""
    again_in_s: float
    """In how many seconds an open one is tried again; 0 for at the next mail."""


class Way:
    """A transport and its circuit."""

    __slots__ = ("circuit", "transport")

    def __init__(self, number: int, transport: Transport, *, failures: int, rest_s: float) -> None:
        self.transport = transport
        # A notation may name the address that a redirect leads to, and this goes into the log.
        self.circuit = Circuit(f"way {number} ({transport.name})", failures=failures, rest_s=rest_s)

    def health(self, now: float) -> Health:
        """How it is at this moment."""
        circuit, last = self.circuit, self.circuit.last
        return Health(
            way=notation_of(self.transport),
            is_open=circuit.is_open,
            faults=circuit.faults,
            last_error=last.kind if last else "",
            again_in_s=max(0.0, circuit.opens_at - now),
        )

    def passed_over(self, now: float) -> SendError:
        """The error that stands for a way which was not asked."""
        last = self.circuit.last or Fault("nothing")
        again_in_s = max(0.0, self.circuit.opens_at - now)
        when = f"in {again_in_s:.1f} s" if again_in_s else "with one mail at a time"
        return Unavailable(
            f"{self.circuit.label} was passed over: its circuit is open after faults in a row, the last a {last}."
            f" It is tried again {when}",
            code=last.code,
            retryable=last.retryable,
        )
