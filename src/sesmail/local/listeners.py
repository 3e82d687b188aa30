"""Who hears of the box's calls, by whichever door they came."""

from __future__ import annotations

from collections.abc import Callable

from sesmail._logging import ERROR, log
from sesmail.local.call import Call
from sesmail.local.faults import Fault, FaultKind

Listener = Callable[[Call | None, Fault | None], None]  # a request that could not be read is no call


def tell(listener: Listener | None, call: Call | None, fault: Fault | None) -> None:
    """Tell of a call. By now the mail may be taken, so a listener that fails must not make it look otherwise."""
    if listener is None:
        return
    try:
        listener(call, fault)
    except Exception as error:  # noqa: BLE001
        log(ERROR, "what listens to the box's calls failed: %s", type(error).__name__, traceback=True)


def own_mistake(call: Call | None, error: Exception) -> Fault:
    """What the box says of its own mistakes, which the log tells in full."""
    name = call.operation if call else "a request"
    log(ERROR, "the box failed at %.50s: %s", name, type(error).__name__, traceback=True)
    return Fault(FaultKind.INTERNAL, f"sesmail.local itself failed at {name}: {type(error).__name__}; its log says why")
