"""CuttingProxy: stands between a client and a server, counts every byte, and cuts where a plan says."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing

from sesmail.testing.line import Line, Passage
from sesmail.testing.loopback import Pause, end, prepare, reset
from sesmail.testing.plan import UNTOUCHED, Plans, plan_for
from sesmail.testing.server import Server

_CHUNK = 64 * 1024


class CuttingProxy(Server):
    """A TCP proxy on this machine that interferes with connections to a server, by a `Plan`.

    >>> import smtplib
    >>> from sesmail.testing import CuttingProxy, Flow, HostileSmtp, Plan
    >>> plan = Plan(to_client=Flow(cut_after=7))
    >>> with HostileSmtp() as server, CuttingProxy(server.host, server.port, plan) as proxy:
    ...     try:
    ...         smtplib.SMTP(proxy.host, proxy.port, timeout=5)
    ...     except OSError:
    ...         print("reset")
    ...     proxy.passages[0].to_client, proxy.passages[0].is_cut
    reset
    (7, True)

    ``plans`` is one plan for all connections, or a sequence, one for each (those behind its end are not touched), or a
    function from the number of a connection, 0 for the first, to its plan. ``keep_data`` keeps the bytes beside their
    number. Delays are awaited with ``pause``.

    A cut after byte n means: n bytes were delivered, and not one more. When the cut is a reset, the peer on Linux can
    read all of them before it hears of it; other systems may throw away what it has not read yet. A client that is
    reset after its first bytes may hear of it while it still connects.
    """

    def __init__(
        self, host: str, port: int, plans: Plans = UNTOUCHED, *, keep_data: bool = False, pause: Pause = asyncio.sleep
    ) -> None:
        super().__init__(self._serve, name="cutting-proxy")
        self._server = host, port
        self._plans = plans
        self._keep_data = keep_data
        self._pause = pause
        self._lines: list[Line] = []

    def start(self) -> None:
        """Begin to accept. Raises the `OSError` of a server's name that leads nowhere."""
        found = socket.getaddrinfo(*self._server, type=socket.SOCK_STREAM)
        self._addresses = [(family, address) for family, _, _, _, address in found]
        super().start()

    def refuse(self) -> None:
        """Refuse connections from now on, as if nobody listened. Those that exist go on."""
        self._loopback.refuse()

    def listen(self) -> None:
        """Accept connections again."""
        self._loopback.listen()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What has passed until now, connection by connection. What a peer has received is counted already."""
        return tuple(line.passage() for line in self._lines)

    # ── connections ──────────────────────────────────────────────────────────────────────────────────────────

    async def _serve(self, client: socket.socket, number: int) -> None:
        plan = plan_for(number, self._plans)
        line = Line(number, plan, keep_data=self._keep_data, pause=self._pause)
        self._lines.append(line)
        if plan.door == "open":
            await self._connect(line, client)
        elif plan.door == "reset":
            reset(client)
        else:
            end(client)
            await _drop(client)

    async def _connect(self, line: Line, client: socket.socket) -> None:
        try:
            server = await self._reach()
        except OSError as error:
            line.error = type(error).__name__
            reset(client)
            return
        with closing(server):
            await line.carry(client, server)

    async def _reach(self) -> socket.socket:
        *others, last = self._addresses
        for family, address in others:
            try:
                return await _connected(family, address)
            except OSError:
                continue  # as clients do; the last one's error is told
        return await _connected(*last)


async def _connected(family: socket.AddressFamily, address: object) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        prepare(sock)
        await asyncio.get_running_loop().sock_connect(sock, address)  # type: ignore[arg-type] # as getaddrinfo says it
    except BaseException:
        sock.close()
        raise
    return sock


async def _drop(sock: socket.socket) -> None:
    while await asyncio.get_running_loop().sock_recv(sock, _CHUNK):
        pass
