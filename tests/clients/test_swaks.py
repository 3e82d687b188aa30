"""swaks, with which people try SMTP servers by hand: what it says and hears, word for word."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from sesmail.local import BoxClock, LocalSes
from sesmail.local.smtp.options import SmtpOptions
from tests.servers.conftest import missing, need

from .conftest import NOW, SENDER, SHOP

pytestmark = pytest.mark.server

ADA, BOB = "ada@example.org", "bob@example.org"
FROM = f"orders@{SHOP}"


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(clock=BoxClock(at=NOW), smtp=SmtpOptions(pipelining=True)) as ses:
        yield ses


@pytest.fixture(scope="session")
def program() -> str:
    found = need("swaks")
    support = subprocess.run([found, "--support"], capture_output=True, text=True, check=True, timeout=60).stdout
    if "TLS supported" not in support:
        missing("swaks has no TLS: it needs Net::SSLeay, which is libnet-ssleay-perl")
    return found


def swaks(program: str, ses: LocalSes, *options: str, to: str = ADA, wrapped: bool = False) -> tuple[int, str]:
    """How it ends, and what it shows."""
    port, tls = (ses.smtp.tls_port, "--tls-on-connect") if wrapped else (ses.smtp.port, "--tls")
    command = [program, "--server", "localhost", "--port", str(port), "--from", FROM, "--to", to, "--no-info-hints"]
    command += [tls, "--tls-verify", "--tls-ca-path", ses.smtp.ca_file]
    command += ["--auth-user", ses.smtp.user, "--auth-password", ses.smtp.password, "--header", f"From: {SENDER}"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_swaks_sends(program: str, shop: LocalSes, mechanism: str, wrapped: bool) -> None:
    code, shown = swaks(program, shop, "--auth", mechanism, to=f"{ADA},{BOB}", wrapped=wrapped)

    (sent,) = shop.sent
    assert (code, sent.recipients) == (0, (ADA, BOB)), shown
    assert f"250 Ok {sent.message_id}" in shown
    assert "235 Authentication successful" in shown
    assert ("220 Ready to start TLS" in shown) != wrapped


def test_swaks_pipelines_where_that_is_offered(program: str, shop: LocalSes) -> None:
    code, shown = swaks(program, shop, "--pipeline", "--auth", "PLAIN", to=f"{ADA},nobody,{BOB}")

    (sent,) = shop.sent
    assert (code, sent.recipients) == (0, (ADA, BOB)), shown
    assert "553 <nobody> address unknown" in shown


@pytest.mark.parametrize(
    ("options", "status", "reply"),
    [
        (("--auth", "PLAIN", "--auth-password", "wrong"), 28, "535 Authentication Credentials Invalid"),
        (("--auth", "PLAIN", "--from", "<>"), 23, "501 Invalid MAIL FROM address provided"),
        (("--auth", "PLAIN", "--to", "nobody"), 24, "553 <nobody> address unknown"),
        (("--auth", "PLAIN", "--from", "eve@example.net"), 26, "554 Message rejected: Email address is not verified."),
    ],
)
def test_swaks_is_refused(program: str, shop: LocalSes, options: tuple[str, ...], status: int, reply: str) -> None:
    code, shown = swaks(program, shop, *options)

    assert reply in shown
    assert (code, shop.sent) == (status, ())


def test_swaks_sees_a_certificate_that_is_not_for_this_host(program: str, shop: LocalSes) -> None:
    shop.chaos.break_tls("unknown_ca")
    code, shown = swaks(program, shop, "--auth", "PLAIN")

    assert code == 29, shown
    assert shop.sent == ()
