"""A Postfix of our own on loopback with STARTTLS, TLS from the first byte, and a login by Cyrus SASL and its sasldb.

Nobody gets a mail in who has not logged in, and nobody logs in without TLS. Each port has a name in `SERVICES`, and
does one thing otherwise than the others. All addresses of all domains have one Maildir, but for those in `REFUSED`.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sesmail.local.smtp.certificates import _issued

from .conftest import missing, need
from .test_postfix import _free_ports, _without_trace

USER, PASSWORD = "shop@mail.example", "correct horse, battery staple"
LARGEST = 500_000  # bytes of one mail
IDLE_S = 1  # on the port that waits no longer

# By name: what this port does otherwise.
SERVICES = {
    "starttls": "",
    "implicit": "-o smtpd_tls_wrappermode=yes",
    "no pipelining": "-o smtpd_discard_ehlo_keywords=pipelining",
    "no size": "-o smtpd_discard_ehlo_keywords=size",
    "no smtputf8": "-o smtpd_discard_ehlo_keywords=smtputf8",
    "login only": "-o smtpd_sasl_mechanism_filter=login",
    "impatient": f"-o smtpd_timeout={IDLE_S}s",
    "no tls": "-o smtpd_tls_security_level=none",
    "broken tls": "-o smtpd_tls_chain_files=/nowhere/tls.pem",
    "another's tls": "-o smtpd_tls_chain_files={home}/etc/strange.pem",
    "another host's tls": "-o smtpd_tls_chain_files={home}/etc/other_host.pem",
}

REFUSED = {
    "nobody@example.org": "550 5.1.1 Nobody has this address",
    "full@example.org": "452 4.2.2 The mailbox is full",
}

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}

inet_protocols = ipv4
myhostname = mail.example
mynetworks =
mydestination =
alias_maps =
alias_database =

# No name is looked up anywhere.
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no

smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =
message_size_limit = {largest}
strict_smtputf8 = yes

smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = {home}/etc/tls.pem
smtpd_tls_loglevel = 1

smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
# Debian ignores this, and looks there anyway.
cyrus_sasl_config_path = {home}/etc/sasl
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {refused} }}, permit

virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all/
virtual_mailbox_base = {home}/mail
virtual_uid_maps = static:{user.pw_uid}
virtual_gid_maps = static:{user.pw_gid}
virtual_minimum_uid = 1
"""

MASTER_CF = """\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
tlsmgr unix - - n - 1 tlsmgr
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""

SASL_CONF = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {home}/etc/sasl/sasldb2
mech_list: PLAIN LOGIN
"""


@dataclass(frozen=True)
class PostfixWithLogin:
    """A server: where it lives, and its ports by the names in `SERVICES`."""

    home: Path
    ports: dict[str, int] = field(repr=False)

    @property
    def ca_file(self) -> str:
        return str(self.home / "etc" / "ca.pem")

    def start(self) -> None:
        self._run("start")

    def stop(self) -> None:
        self._run("stop")

    def _run(self, command: str) -> None:
        done = subprocess.run(
            [need("postfix"), "-c", str(self.home / "etc"), command],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr + self.log()[-4000:]

    def log(self) -> str:
        file = self.home / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def logged(self, text: str, *, since: int = 0) -> str:
        """What was logged from a place on, when the text is there: a log is written a little later than things are."""

        def log() -> str:
            return self.log()[since:]

        _wait(lambda: text in log(), lambda: f"{text!r} is not in\n{log()}")
        return log()

    def arrived(self, recipient: str) -> list[bytes]:
        """What somebody has got when nothing is on its way any more, without what Postfix has written on top."""
        _wait(self._is_quiet, self.log)
        mails = [path.read_bytes() for path in (self.home / "mail" / "all" / "new").glob("*")]
        mark = f"\nX-Original-To: {recipient}\n".encode()
        return [_without_trace(mail) for mail in mails if mark in mail]

    def _is_quiet(self) -> bool:
        queues = ("maildrop", "incoming", "active", "deferred")
        return not any(path.is_file() for queue in queues for path in (self.home / "queue" / queue).rglob("*"))


def _wait(is_so: Callable[[], bool], why: Callable[[], str]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)


@contextmanager
def postfix_with_login() -> Iterator[PostfixWithLogin]:
    """A Postfix that runs until the end. Skips, or fails in CI, where something that it takes is missing."""
    need("postfix")
    need("saslpasswd2")
    if os.name != "posix" or os.geteuid() != 0:
        missing("Postfix starts as root only")
    for plugin in ("plain", "login", "sasldb"):
        if not list(Path("/usr/lib").glob(f"*/sasl2/lib{plugin}.so")):
            missing(f"Cyrus SASL has no plugin {plugin}: it needs libsasl2-modules and libsasl2-modules-db")
    # Not pytest's own folder: that is open to root alone, and Postfix works as other users.
    with tempfile.TemporaryDirectory(prefix="sesmail-postfix-") as home:
        server = PostfixWithLogin(Path(home), dict(zip(SERVICES, _free_ports(len(SERVICES)), strict=True)))
        _configure(server)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _configure(server: PostfixWithLogin) -> None:
    import pwd  # not on Windows

    home, user = server.home, pwd.getpwnam("nobody")
    home.chmod(0o755)
    for folder, owner in (
        ("etc", "root"),
        ("etc/sasl", "root"),
        ("queue", "root"),
        ("data", "postfix"),
        ("mail", "nobody"),
    ):
        (home / folder).mkdir()
        os.chown(home / folder, pwd.getpwnam(owner).pw_uid, -1)
    refused = ", ".join(f"{{ {address} = {reply} }}" for address, reply in REFUSED.items())
    main = MAIN_CF.format(home=home, user=user, refused=refused, largest=LARGEST)
    (home / "etc" / "main.cf").write_text(main)
    (home / "etc" / "master.cf").write_text(
        MASTER_CF + "".join(_service(home, name, port) for name, port in server.ports.items())
    )
    _certify(home)
    _enrol(home)


def _service(home: Path, name: str, port: int) -> str:
    # The log names the port, so that a test sees its own.
    log_name = f"postfix/{name.replace(' ', '-').replace(chr(39), '')}"
    return f"127.0.0.1:{port} inet n - n - - smtpd\n  -o syslog_name={log_name} {SERVICES[name].format(home=home)}\n"


def _certify(home: Path) -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError:
        missing("certificates take the package cryptography")
    authority = _issued("our CA")
    good = _issued("Postfix", by=authority, hosts=["127.0.0.1"])
    strange = _issued("Postfix", by=_issued("nobody's CA"), hosts=["127.0.0.1"])
    other_host = _issued("Postfix", by=authority, hosts=["another.example"])
    (home / "etc" / "ca.pem").write_bytes(authority.certificate)
    for name, issued in (("tls", good), ("strange", strange), ("other_host", other_host)):
        (home / "etc" / f"{name}.pem").write_bytes(issued.key + issued.certificate)


def _enrol(home: Path) -> None:
    (home / "etc" / "sasl" / "smtpd.conf").write_text(SASL_CONF.format(home=home))
    user, _, realm = USER.partition("@")
    file = home / "etc" / "sasl" / "sasldb2"
    subprocess.run(
        [need("saslpasswd2"), "-p", "-c", "-f", str(file), "-u", realm, user],
        input=PASSWORD.encode(),
        check=True,
        timeout=30,
        capture_output=True,
    )
    file.chmod(0o644)  # for Postfix's own user; it holds nothing but our password
