"""The line cut at every byte: what is said of a mail is never less than the truth, and the next one goes out.

botocore has one class for TLS that fails in the handshake and TLS that fails in the answer, and so for a proxy. Between
the two lies whether the mail is out.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from sesmail.errors import ConnectFailed, Outcome, SendError
from sesmail.lines.patience import Patience
from sesmail.local import LocalSes
from sesmail.local.smtp.certificates import Certificates
from sesmail.ses.client.boto import BotoClient
from sesmail.testing import CuttingProxy, Passage, cuts
from tests.ses.client.doors import Proxy, tls_door

from .asking import KEYS, REGION, host_and_port, send

pytestmark = pytest.mark.heavy

HOST = "email.example"


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates(["127.0.0.1", HOST])


@pytest.fixture
def box() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e9, allow_hosts=[HOST]) as ses:
        ses.identity("example.com").verify()
        yield ses


class Way:
    """How the client comes to the box; between them, a proxy that cuts."""

    def __init__(self, box: LocalSes, certificates: Certificates, tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
        self.box = box
        self._certificates = certificates
        self._patch = patch
        self._ca_file = tmp_path / "ca.pem"
        self._ca_file.write_text(certificates.ca_pem)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def plain(self) -> tuple[str, int]:
        return host_and_port(self.box)

    def tls(self, *, connect: bool = False) -> tuple[str, int]:
        self._patch.setenv("AWS_CA_BUNDLE", str(self._ca_file))
        door = self._stack.enter_context(tls_door(host_and_port(self.box)[1], self._certificates.context()))
        if connect:
            door = self._stack.enter_context(Proxy(door.port))
        return "127.0.0.1", door.port


def _plainly(way: Way, patch: pytest.MonkeyPatch) -> tuple[tuple[str, int], Callable[[CuttingProxy], str]]:
    return way.plain(), lambda proxy: f"http://{proxy.host}:{proxy.port}"


def _by_tls(way: Way, patch: pytest.MonkeyPatch) -> tuple[tuple[str, int], Callable[[CuttingProxy], str]]:
    return way.tls(), lambda proxy: f"https://{proxy.host}:{proxy.port}"


def _by_proxy(way: Way, patch: pytest.MonkeyPatch) -> tuple[tuple[str, int], Callable[[CuttingProxy], str]]:
    def url(proxy: CuttingProxy) -> str:
        patch.setenv("HTTP_PROXY", f"http://{proxy.host}:{proxy.port}")
        return f"http://{HOST}"

    return way.plain(), url


def _by_tls_and_proxy(way: Way, patch: pytest.MonkeyPatch) -> tuple[tuple[str, int], Callable[[CuttingProxy], str]]:
    def url(proxy: CuttingProxy) -> str:
        patch.setenv("HTTPS_PROXY", f"http://{proxy.host}:{proxy.port}")
        return f"https://{HOST}"

    return way.tls(connect=True), url


WAYS = {"plain": _plainly, "TLS": _by_tls, "a proxy": _by_proxy, "TLS through a proxy": _by_tls_and_proxy}


# In which a wrapped socket is left open when the peer has gone already: CPython, in ssl.SSLSocket._create.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
@pytest.mark.parametrize("name", WAYS)
def test_a_mail_that_is_out_is_never_called_not_sent(
    name: str, box: LocalSes, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What urllib3 logs holds its connections, and what pytest catches is kept.
    monkeypatch.setattr(logging.getLogger("urllib3.connection"), "disabled", True)
    with Way(box, certificates, tmp_path, monkeypatch) as way:
        server, url = WAYS[name](way, monkeypatch)
        whole = _passage(server, url)
        plans = [
            *cuts(whole, directions=["to_server"], step=whole.to_server // 40),
            *cuts(whole, directions=["to_client"], step=whole.to_client // 40),
        ]
        with CuttingProxy(*server, plans) as proxy:
            boto = _client(url(proxy))
            ends: list[tuple[str, Outcome | SendError]] = []
            while len(proxy.passages) < len(plans):
                ends.append(_end(boto, f"cut {len(ends)}"))
            _end(boto, "on the last line, which may be dying")
            last = _end(boto, "the last")
            boto.close()
            proxy.join()

    out = {mail.subject for mail in box.sent}
    assert last[1] is Outcome.SENT, "the next one goes out"
    for subject, end in ends:
        outcome = end.outcome if isinstance(end, SendError) else end
        assert outcome is Outcome.UNKNOWN or (outcome is Outcome.SENT) == (subject in out), (subject, end)
    told = Counter(end.outcome if isinstance(end, SendError) else end for _, end in ends)
    assert told[Outcome.UNKNOWN] > 20, "and the cuts were where they matter"
    if "TLS" in name:
        assert told[Outcome.NOT_SENT] > 30, "what broke in the handshake is surely not out"
    for _, end in ends:
        if isinstance(end, ConnectFailed):
            assert end.outcome is Outcome.NOT_SENT


def _passage(server: tuple[str, int], url: Callable[[CuttingProxy], str]) -> Passage:
    with CuttingProxy(*server) as proxy:
        boto = _client(url(proxy))
        boto.call(send(subject="the whole"))
        boto.close()
        proxy.join()
        return proxy.passages[0]


def _client(url: str) -> BotoClient:
    return BotoClient(region=REGION, credentials=KEYS, endpoint_url=url, patience=Patience(connect_s=5, read_s=5))


def _end(boto: BotoClient, subject: str) -> tuple[str, Outcome | SendError]:
    try:
        boto.call(send(subject=subject))
    except SendError as error:
        return subject, error
    return subject, Outcome.SENT
