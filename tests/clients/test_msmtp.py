"""msmtp, the sendmail of many small machines, with GnuTLS under it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sesmail.local import BoxClock, LocalSes
from tests.servers.conftest import need

from .conftest import NOW, SENDER, SHOP

pytestmark = pytest.mark.server

ADA, EVE = "ada@example.org", "eve@example.org"
MAIL = f"From: {SENDER}\nTo: {ADA}\nBcc: {EVE}\nSubject: Hello\n\nHello Ada\n.\n..\nBye\n"
# Of sysexits.h, which msmtp ends with.
UNAVAILABLE, NO_PERMISSION = 69, 77


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(clock=BoxClock(at=NOW), smtp=True) as ses:
        yield ses


def msmtp(
    ses: LocalSes, tmp_path: Path, *, wrapped: bool = False, sender: str = f"orders@{SHOP}", **changes: str
) -> tuple[int, str]:
    """How it ends, and what it complains of."""
    settings = {
        "host": "localhost",
        "port": str(ses.smtp.tls_port if wrapped else ses.smtp.port),
        "tls": "on",
        "tls_starttls": "off" if wrapped else "on",
        "tls_trust_file": ses.smtp.ca_file,
        "auth": "plain",
        "user": ses.smtp.user,
        "password": ses.smtp.password,
        "from": sender,
        **changes,
    }
    file = tmp_path / "msmtprc"
    file.write_text("\n".join(("account default", *(f"{name} {value}" for name, value in settings.items()), "")))
    file.chmod(0o600)
    done = subprocess.run(
        [need("msmtp"), "-C", str(file), "--read-recipients"],
        input=MAIL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("auth", ["plain", "login"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_msmtp_sends(shop: LocalSes, tmp_path: Path, auth: str, wrapped: bool) -> None:
    assert msmtp(shop, tmp_path, wrapped=wrapped, auth=auth) == (0, "")

    (sent,) = shop.sent
    assert (sent.to, sent.bcc, sent.return_path) == ((ADA,), (EVE,), f"orders@{SHOP}")
    assert sent.email.text == "Hello Ada\n.\n..\nBye\n"
    assert EVE.encode() not in sent.raw


def test_msmtp_is_told_why_not(shop: LocalSes, tmp_path: Path) -> None:
    wrong = msmtp(shop, tmp_path, password="wrong")
    strange = msmtp(shop, tmp_path, sender="eve@example.net")
    shop.chaos.throttle()
    throttled = msmtp(shop, tmp_path)
    shop.chaos.break_tls("expired")
    expired = msmtp(shop, tmp_path)

    assert (wrong[0], strange[0], throttled[0]) == (NO_PERMISSION, UNAVAILABLE, UNAVAILABLE)
    assert "535 Authentication Credentials Invalid" in wrong[1]
    assert "554 Message rejected: Email address is not verified." in strange[1]
    assert "454 Throttling failure: Maximum sending rate exceeded" in throttled[1]
    assert "expired" in expired[1]
    assert shop.sent == ()
