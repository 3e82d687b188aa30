"""A private Postfix takes every sample, relays it to itself, and puts it into a Maildir, byte for byte.

It is as strict as Postfix can be: a bare line feed is refused, and the second hop takes 7-bit mails only, so that the
first would have to re-encode whatever is none. UTF-8 mails need SMTPUTF8 all the way and go straight to the Maildir.
"""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import missing, need
from .samples import CASES, FORMS, SAMPLES, written

pytestmark = pytest.mark.server

# By form; what is to be harmed or refused goes to the last.
BOXES = {"ascii": "relayed@example.org", "utf-8": "direct@example.org", "faulty": "faulty@example.org"}

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}

inet_protocols = ipv4
myhostname = first.example.net
mynetworks = 127.0.0.1/32
mydestination =
alias_maps =
alias_database =

# No name is looked up anywhere.
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no

smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =

# Every address of every domain is a mailbox here. What nobody sent, such as a bounce, is a stray.
virtual_mailbox_domains = static:all
virtual_mailbox_maps = inline:{{ {boxes} }} static:strays/
virtual_mailbox_base = {home}/mail
virtual_uid_maps = static:{user.pw_uid}
virtual_gid_maps = static:{user.pw_gid}
virtual_minimum_uid = 1
"""

MASTER_CF = """\
127.0.0.1:{relaying} inet n - n - - smtpd
  -o content_filter=smtp:[127.0.0.1]:{second}
127.0.0.1:{second} inet n - n - - smtpd
  -o myhostname=second.example.net
  -o smtpd_discard_ehlo_keywords=8bitmime,smtputf8,chunking
127.0.0.1:{direct} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""

PLAIN = written("ascii", "text without a line end")
TRACE = {b"return-path", b"x-original-to", b"delivered-to", b"received"}


@dataclass(frozen=True)
class Postfix:
    """A running server: where it lives, and its ports."""

    home: Path
    relaying: int
    second: int
    direct: int

    def connect(self, form: str) -> smtplib.SMTP:
        port = self.direct if form == "utf-8" else self.relaying
        return smtplib.SMTP("127.0.0.1", port, local_hostname="client.example.net", timeout=30)

    def wait(self) -> None:
        """Until nothing is on its way any more."""
        deadline = time.monotonic() + 60
        quiet = 0
        while quiet < 3:
            assert time.monotonic() < deadline, self.log()
            quiet = 0 if self._queue() else quiet + 1
            time.sleep(0.1)

    def _queue(self) -> list[Path]:
        return [
            path
            for queue in ("maildrop", "incoming", "active", "deferred")
            for path in (self.home / "queue" / queue).rglob("*")
            if path.is_file()
        ]

    def box(self, name: str) -> list[bytes]:
        return [path.read_bytes() for path in (self.home / "mail" / name / "new").glob("*")]

    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")[-4000:]


@pytest.fixture(scope="session")
def postfix() -> Iterator[Postfix]:
    """A Postfix of our own that hears nothing but loopback."""
    program = need("postfix")
    if os.name != "posix" or os.geteuid() != 0:
        missing("Postfix starts as root only")
    # Not pytest's own folder: that is open to root alone, and Postfix works as other users.
    with tempfile.TemporaryDirectory(prefix="sesmail-postfix-") as home:
        server = Postfix(Path(home), *_free_ports(3))
        _configure(server)
        _run(program, server, "start")
        try:
            yield server
        finally:
            _run(program, server, "stop")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _configure(server: Postfix) -> None:
    import pwd  # not on Windows

    home, user = server.home, pwd.getpwnam("nobody")
    home.chmod(0o755)
    for folder, owner in (("etc", "root"), ("queue", "root"), ("data", "postfix"), ("mail", user.pw_name)):
        (home / folder).mkdir()
        os.chown(home / folder, pwd.getpwnam(owner).pw_uid, -1)
    boxes = ", ".join(f"{{ {address} = {form}/ }}" for form, address in BOXES.items())
    (home / "etc" / "main.cf").write_text(MAIN_CF.format(home=home, boxes=boxes, user=user))
    (home / "etc" / "master.cf").write_text(MASTER_CF.format(**vars(server)))


def _run(program: str, server: Postfix, command: str) -> None:
    done = subprocess.run(
        [program, "-c", str(server.home / "etc"), command], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr + server.log()


@pytest.fixture(scope="session")
def delivered(postfix: Postfix) -> dict[str, list[bytes]]:
    """What lies in each box after all samples were sent."""
    for form in FORMS:
        with postfix.connect(form) as smtp:
            for case in CASES:
                if case[0] == form:
                    _send(smtp, case)
    postfix.wait()
    return {box: postfix.box(box) for box in (*FORMS, "strays")}


def _send(smtp: smtplib.SMTP, case: tuple[str, str]) -> None:
    form, name = case
    options = ("SMTPUTF8", "BODY=8BITMIME") if form == "utf-8" else ()
    sender = SAMPLES[name].sender
    assert sender
    smtp.sendmail(sender.email, [BOXES[form]], written(*case), options)


@pytest.mark.parametrize(("form", "name"), CASES)
def test_postfix_delivers_the_bytes_unharmed(delivered: dict[str, list[bytes]], form: str, name: str) -> None:
    message_id = f"\nMessage-ID: {SAMPLES[name].message_id}\n".encode()
    (arrived,) = (mail for mail in delivered[form] if message_id in mail)

    assert _without_trace(arrived) == written(form, name).replace(b"\r\n", b"\n")


def test_each_sample_arrives_once_and_nothing_else_does(delivered: dict[str, list[bytes]]) -> None:
    forms = [form for form, _ in CASES]

    assert {box: len(mails) for box, mails in delivered.items()} == {
        "ascii": forms.count("ascii"),
        "utf-8": forms.count("utf-8"),
        "strays": 0,
    }


# By what it is: something in a sample, and what stands in its place.
FAULTY = {
    "8-bit text": (b": 7bit\r\n\r\nHello", ": 8bit\r\n\r\nGrüße".encode()),
    "a line of 3,000 characters": (b"Hello", b"x" * 3000),
    "no date": (b"\r\nDate: ", b"\r\nX-Date: "),
}


def test_a_faulty_mail_is_harmed_on_this_way(postfix: Postfix) -> None:
    """So that the tests above can fail."""
    mails = {PLAIN.replace(*change) for change in FAULTY.values()}
    with postfix.connect("faulty") as smtp:
        for mail in mails:
            smtp.sendmail("sender@example.com", [BOXES["faulty"]], mail, ("BODY=8BITMIME",))
    postfix.wait()

    arrived = {_without_trace(mail) for mail in postfix.box("faulty")}
    assert len(arrived) == len(FAULTY)
    assert arrived.isdisjoint(mail.replace(b"\r\n", b"\n") for mail in mails)


def test_a_bare_line_feed_is_refused_on_this_way(postfix: Postfix) -> None:
    bare = PLAIN.replace(b"Hello", b"Hel\nlo")

    with postfix.connect("faulty") as smtp, pytest.raises(smtplib.SMTPDataError, match="bare"):
        smtp.sendmail("sender@example.com", [BOXES["faulty"]], bare)


def _without_trace(mail: bytes) -> bytes:
    """A delivered mail without what servers write on top of it."""
    lines = mail.splitlines(keepends=True)
    first = next(
        index
        for index, line in enumerate(lines)
        if line[:1] not in b" \t" and line.partition(b":")[0].lower() not in TRACE
    )
    return b"".join(lines[first:])
