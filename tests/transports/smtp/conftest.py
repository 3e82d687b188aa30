"""Servers on this machine, and certificates for them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from sesmail.local import LocalSes
from sesmail.local.smtp.certificates import Certificates
from sesmail.local.smtp.options import SmtpOptions
from tests.transports.smtp.places import Tls


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A server's side of TLS, and the file with its authority."""
    certificates = Certificates(["127.0.0.1", "localhost"])
    file: Path = tmp_path_factory.mktemp("tls") / "ca.pem"
    file.write_text(certificates.ca_pem)
    context: ssl.SSLContext = certificates.context()
    return Tls(context, str(file))


@pytest.fixture(scope="module", params=[False, True], ids=["one by one", "pipelined"])
def ses(request: pytest.FixtureRequest) -> Iterator[LocalSes]:
    """A box out of the sandbox, with and without PIPELINING."""
    with LocalSes(sandbox=False, quota=-1, rate=1e9, smtp=SmtpOptions(pipelining=request.param)) as ses:
        ses.identity("example.com").verify()
        yield ses
