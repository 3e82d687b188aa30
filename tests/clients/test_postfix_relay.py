"""Postfix with SES as its smarthost, as the developer guide sets it up: TLS that it verifies, and a login inside."""

from __future__ import annotations

import os
import re
import smtplib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sesmail.local import LocalSes
from tests.servers.conftest import missing, need
from tests.servers.test_postfix import Postfix, _configure, _free_ports, _run

from .conftest import SENDER, SHOP

pytestmark = pytest.mark.server

FROM, ADA, EVE = f"orders@{SHOP}", "ada@example.org", "eve@example.org"
WRAPPED = "ada@wrapped.example"  # by TLS from the first byte

MAIN_CF = """
virtual_mailbox_domains =
virtual_mailbox_maps =
relayhost = [127.0.0.1]:{smtp.port}
transport_maps = inline:{{ {{ wrapped.example = smtps:[127.0.0.1]:{smtp.tls_port} }} }}
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = static:{smtp.user}:{smtp.password}
smtp_sasl_security_options = noanonymous
smtp_tls_security_level = secure
smtp_tls_secure_cert_match = email-smtp.us-east-1.amazonaws.com
smtp_tls_CAfile = {smtp.ca_file}
smtp_tls_loglevel = 1
"""
MASTER_CF = """\
smtps unix - - n - - smtp
  -o smtp_tls_wrappermode=yes
tlsmgr unix - - n - 1 tlsmgr
"""
STATUS = re.compile(r"to=<([^>]*)>.* status=(\w+) \((.*)\)")


@pytest.fixture(scope="module")
def relayed() -> Iterator[tuple[LocalSes, Postfix]]:
    """A box, and a Postfix of our own that hands all mail to it."""
    program = need("postfix")
    if os.name != "posix" or os.geteuid() != 0:
        missing("Postfix starts as root only")
    if not list(Path("/usr/lib").glob("*/sasl2/libplain.so")):
        missing("Postfix has no mechanism to log in with: it needs libsasl2-modules")
    with LocalSes(sandbox=False, rate=1000, smtp=True) as ses, tempfile.TemporaryDirectory(prefix="sesmail-") as home:
        ses.identity(SHOP).verify()
        server = Postfix(Path(home), *_free_ports(3))
        _configure(server)
        for name, text in (("main.cf", MAIN_CF.format(smtp=ses.smtp)), ("master.cf", MASTER_CF)):
            with (server.home / "etc" / name).open("a") as file:
                file.write(text)
        _run(program, server, "start")
        try:
            yield ses, server
        finally:
            _run(program, server, "stop")


@pytest.fixture
def ses(relayed: tuple[LocalSes, Postfix]) -> LocalSes:
    relayed[0].forget()
    relayed[0].chaos.clear()
    return relayed[0]


def ended(server: Postfix, sender: str, *recipients: str, text: str = "Hello Ada") -> dict[str, tuple[str, str]]:
    """How a mail ended for each recipient, in Postfix's words."""
    seen = len(_log(server))
    mail = f"From: {SENDER}\r\nTo: {ADA}\r\nSubject: Hello\r\n\r\n{text}\r\n"
    with smtplib.SMTP("127.0.0.1", server.direct, timeout=30) as client:
        client.sendmail(sender, recipients, mail)
    deadline = time.monotonic() + 60
    found: dict[str, tuple[str, str]] = {}
    while not found.keys() >= set(recipients):
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.05)
        found = {to: (status, said) for to, status, said in STATUS.findall(_log(server)[seen:])}
    return found


def _log(server: Postfix) -> str:
    file = server.home / "log"
    return file.read_text(errors="replace") if file.exists() else ""


@pytest.mark.parametrize("to", [ADA, WRAPPED])
def test_postfix_relays(relayed: tuple[LocalSes, Postfix], ses: LocalSes, to: str) -> None:
    statuses = ended(relayed[1], FROM, to, text=".\r\n..\r\nHello\r\n")

    (sent,) = ses.sent
    assert statuses == {to: ("sent", f"250 Ok {sent.message_id}")}
    assert (sent.recipients, sent.return_path) == ((to,), FROM)
    assert sent.email.text == ".\n..\nHello\n\n"
    assert "Verified TLS connection established to 127.0.0.1" in _log(relayed[1])


def test_a_throttled_mail_waits_in_the_queue(relayed: tuple[LocalSes, Postfix], ses: LocalSes) -> None:
    ses.chaos.throttle()
    statuses = ended(relayed[1], FROM, ADA)

    assert statuses[ADA][0] == "deferred"
    assert "454 Throttling failure: Maximum sending rate exceeded (in reply to end of DATA command)" in statuses[ADA][1]
    assert ses.sent == ()


def test_a_rejected_mail_bounces_and_ses_takes_no_bounces(relayed: tuple[LocalSes, Postfix], ses: LocalSes) -> None:
    statuses = ended(relayed[1], "eve@example.net", ADA)

    assert statuses[ADA][0] == "bounced"
    assert "554 Message rejected: Email address is not verified." in statuses[ADA][1]
    deadline = time.monotonic() + 30
    while "501 Invalid MAIL FROM address provided" not in _log(relayed[1]):
        assert time.monotonic() < deadline, relayed[1].log()
        time.sleep(0.05)
    assert ses.sent == ()


def test_a_mail_is_not_sent_to_somebody_else_s_certificate(relayed: tuple[LocalSes, Postfix], ses: LocalSes) -> None:
    ses.chaos.break_tls("unknown_ca", times=None)
    statuses = ended(relayed[1], FROM, ADA)

    assert statuses[ADA][0] == "deferred"
    assert statuses[ADA][1].startswith("Server certificate not ")
    assert ses.sent == ()
