"""What all tests of lines share: each colour, certificates, and that nothing is left."""

from __future__ import annotations

import gc
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sesmail.local.smtp.certificates import Certificates
from tests.lines.colours import COLOURS, Awaited, Clock, Colour


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No socket. One that is closed by nobody would also raise a ResourceWarning here."""
    before = _sockets()
    yield
    if _sockets() - before:
        gc.collect()
        assert not _sockets() - before


def _sockets() -> set[int]:
    """By their inode, since numbers are used again."""
    found = set()
    for name in Path("/proc/self/fd").glob("*"):  # nothing, where there is no such folder
        try:
            about = name.stat()
        except OSError:
            continue
        if stat.S_ISSOCK(about.st_mode):
            found.add(about.st_ino)
    return found


@pytest.fixture(params=COLOURS)
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    colour = COLOURS[request.param]()
    yield colour
    colour.close()


@pytest.fixture
def loop() -> Iterator[Awaited]:
    """The awaited colour alone."""
    colour = Awaited()
    yield colour
    colour.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    return Certificates(["localhost", "127.0.0.1"])


@pytest.fixture(scope="session")
def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificates.ca_pem)
