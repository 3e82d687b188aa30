"""Every cut: the plans that cut a session after each of its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from sesmail.errors import SetupError
from sesmail.testing.cutting_proxy import CuttingProxy
from sesmail.testing.line import Passage
from sesmail.testing.plan import DIRECTIONS, Direction, Manner, Plan


def every_cut(
    host: str,
    port: int,
    session: Callable[[str, int], object],
    *,
    by: Iterable[Manner] = ("reset", "close"),
    step: int = 1,
) -> Iterator[Plan]:
    r"""Run a session with this server once, untouched, and give the plans that cut it after each byte, each way.

    ``session`` is called with the host and the port of a proxy, makes one connection, and closes it. The rest is as in
    `cuts`.

    >>> import socket
    >>> from sesmail.testing import CuttingProxy, HostileSmtp, every_cut
    >>> def session(host, port):
    ...     with socket.create_connection((host, port), timeout=5) as client:
    ...         client.recv(100)
    ...         client.sendall(b"QUIT\r\n")
    ...         client.recv(100)
    >>> with HostileSmtp() as server:
    ...     plans = list(every_cut(server.host, server.port, session))
    >>> print(len(plans), "from", plans[0], "to", plans[-1])
    100 from to_server: reset after 0 to to_client: close after 42
    """
    return cuts(_recorded(host, port, session), by=by, step=step)


def _recorded(host: str, port: int, session: Callable[[str, int], object]) -> Passage:
    with CuttingProxy(host, port) as proxy:
        try:
            session(proxy.host, proxy.port)
            proxy.join()
        finally:  # a server that is not there is why a session fails, so that is said first
            passages = proxy.passages
            _check_reached(passages, f"{host}:{port}")
    if len(passages) != 1:
        raise SetupError(f"the session made {len(passages)} connections; give one that makes a single one")
    return passages[0]


def _check_reached(passages: Iterable[Passage], server: str) -> None:
    for passage in passages:
        if passage.error:
            raise SetupError(f"there is no server at {server} ({passage.error}); start it first")


def cuts(
    passage: Passage,
    *,
    directions: Iterable[Direction] = DIRECTIONS,
    by: Iterable[Manner] = ("reset", "close"),
    step: int = 1,
) -> Iterator[Plan]:
    """The plans that cut what passed once, in each direction, after 0 bytes, after each byte, and behind the last one.

    With ``step=10``, only every tenth byte is taken, and still the last one. A session with TLS is some bytes longer or
    shorter each time, so a cut near its end may not come to pass; `Passage.is_cut` tells.

    >>> from sesmail.testing import Passage, Plan, cuts
    >>> for plan in cuts(Passage(0, Plan(), to_server=5, to_client=0), by=["silence"], step=2):
    ...     print(plan)
    to_server: silence after 0
    to_server: silence after 2
    to_server: silence after 4
    to_server: silence after 5
    to_client: silence after 0
    """
    if step < 1:
        raise SetupError(f"the step of cuts is {step}; give 1 or more")
    manners = tuple(by)
    lengths: dict[Direction, int] = {"to_server": passage.to_server, "to_client": passage.to_client}
    return (
        Plan.cut(direction, after, by=manner)
        for direction in directions
        for after in chain(range(0, lengths[direction], step), [lengths[direction]])
        for manner in manners
    )
