"""SMTP: smuggled mails, encryption that is taken back, answers out of step, and replies without an end."""

from __future__ import annotations

import ast
import asyncio
import re
import tracemalloc
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sesmail import AsyncMailer, Envelope, Mailer, Outgoing, SesOptions, mime
from sesmail.errors import ConnectFailed, ConnectionLost, MailError, Outcome, SendError, SetupError, TimedOut
from sesmail.local.smtp.certificates import Certificates
from sesmail.testing import CuttingProxy, HostileSmtp, Misbehaviour, Plan, every_cut
from sesmail.testing.hostile_smtp import MISBEHAVIOURS
from sesmail.transports.smtp import commands
from sesmail.transports.smtp.data import pieces
from sesmail.transports.smtp.login import Login
from sesmail.transports.smtp.ses import SesSmtpTransport
from sesmail.transports.smtp.transport import SmtpTransport
from tests.advisories import mail, sources

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from typing import Any

    from sesmail import SendResult

USER, PASSWORD = "mailer", "hunter2-planted"
CONTROLS = [*map(chr, range(32)), "\x7f"]


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates(["127.0.0.1"])


@pytest.fixture(scope="module")
def ca_file(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("advisories") / "ca.pem"
    file.write_text(certificates.ca_pem)
    return str(file)


@pytest.fixture(scope="module")
def tls(certificates: Certificates) -> ssl.SSLContext:
    return certificates.context()


def outgoing(text: str = "Hello", **fields: Any) -> Outgoing:
    email = mail(text=text, **fields)
    return Outgoing(email, Envelope.of(email), mime.write(email), email.ses)


def transport(server: HostileSmtp | CuttingProxy, **settings: Any) -> SmtpTransport:
    return SmtpTransport(server.host, server.port, **{"tls": "none", "local_name": "client.example", **settings})


def encrypted(server: HostileSmtp, ca_file: str, **settings: Any) -> SmtpTransport:
    return transport(server, tls="starttls", ca_file=ca_file, user=USER, password=PASSWORD, **settings)


def both(there: SmtpTransport, out: Outgoing) -> list[SendResult | Exception]:
    """How a send ends, now and awaited."""
    ends: list[SendResult | Exception] = []
    for send in (there.send, lambda out: asyncio.run(there.asend(out))):
        try:
            ends.append(send(out))
        except (SendError, MailError) as error:
            ends.append(error)
    there.close()
    return ends


# ── one mail is one mail ─────────────────────────────────────────────────────────────────────────────────────────

ANOTHER_MAIL = "MAIL FROM:<evil@example.com>{0}RCPT TO:<eve@example.org>{0}DATA{0}Subject: evil{0}{0}evil{0}.{0}"
RULES = (rb"\r\n\.\r\n", rb"\r?\n\.\r?\n", rb"(?:\r\n?|\n)\.(?:\r\n?|\n)")


@pytest.mark.parametrize("end", ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\n.\r\n", "\n..\n"])
@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_advisory_cve_2023_51764_51765_51766_and_2024_27305_no_mail_in_a_mail(end: str, line_end: str) -> None:
    out = outgoing(f"Hello{end}{ANOTHER_MAIL.format(line_end)}")
    wire = b"\r\n" + b"".join(pieces(out.content.chunks(), eight_bit=False))

    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
    for rule in RULES:
        assert re.split(rule, wire)[1:] == [b""], "one end, and nothing behind it"


@pytest.mark.parametrize("chunks", [[b"a\n.\nb\r\n"], [b"a\r.\rb\r\n"], [b"a\r", b"\r\n"], [b"a", b"\n.\r\n"]])
def test_advisory_cve_2023_51764_what_others_wrote_with_bare_line_ends_does_not_go(chunks: list[bytes]) -> None:
    with pytest.raises(MailError):
        list(pieces(chunks, eight_bit=True))


# ── encryption that is taken back ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("no STARTTLS", "ehlo"),
        ("454 to STARTTLS", "starttls"),
        ("noise", "starttls"),
        ("closed", "starttls"),
        ("noise for a handshake", "handshake"),
        ("closed", "handshake"),
    ],
)
def test_advisory_cve_2016_0772_a_starttls_that_fails_is_the_end(
    name: str, at: Any, tls: ssl.SSLContext, ca_file: str
) -> None:
    with HostileSmtp(name, at=at, tls=tls) as server:
        ends = both(encrypted(server, ca_file), outgoing())

    assert [getattr(end, "outcome", None) for end in ends] == [Outcome.NOT_SENT] * 2
    assert {command.step for command in server.commands} <= {"ehlo", "starttls"}
    assert not server.messages


def test_advisory_cve_2016_0772_encryption_is_what_holds_without_a_word() -> None:
    assert "starttls" in repr(SmtpTransport("mail.example.com"))
    with HostileSmtp() as server:
        ends = both(SmtpTransport(server.host, server.port, local_name="a.example"), outgoing())

    assert all(isinstance(end, ConnectFailed) for end in ends)
    assert {command.line for command in server.commands} == {"EHLO a.example"}
    with pytest.raises(SetupError):
        SmtpTransport("mail.example.com", tls="none", user=USER, password=PASSWORD)
    with pytest.raises(SetupError):
        SesSmtpTransport("eu-west-1", user=USER, password=PASSWORD, tls="none")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "injected", [b"250 Ok\r\n", b"250-a\r\n250 AUTH PLAIN LOGIN\r\n", b"2", b"\x15\x03\x03\x00\x02\x02\x28"]
)
@pytest.mark.parametrize("together", [True, False])
def test_advisory_ghsa_vxj7_cve_2011_0411_2024_34083_nodemailer_9_0_3_no_word_before_the_handshake_counts(
    injected: bytes, together: bool, tls: ssl.SSLContext, ca_file: str
) -> None:
    def acts(due: Any) -> Iterator[bytes]:
        yield from [due.to_bytes() + injected] if together else [due.to_bytes(), injected]

    with HostileSmtp(Misbehaviour("injects", "starttls", acts), tls=tls) as server:
        ends = both(encrypted(server, ca_file), outgoing())

    assert all(isinstance(end, ConnectFailed) for end in ends)
    assert {command.step for command in server.commands} == {"ehlo", "starttls"}


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("control", CONTROLS)
def test_advisory_ghsa_v3q9_ghsa_vvjj_python_87290_nodemailer_8_0_4_no_control_is_in_a_command(control: str) -> None:
    for place in (f"{control}a@b.example", f"a{control}@b.example", f"a@b.example{control}", f'"{control}"@b.example'):
        for command in (commands.mail, commands.rcpt):
            with pytest.raises(MailError):
                command(place)
    for name in (f"{control}a", f"a{control}b", f"a{control}"):
        with pytest.raises(SetupError):
            commands.ehlo(name)
        with pytest.raises(SetupError):
            SmtpTransport("mail.example.com", local_name=name)
    with pytest.raises(MailError):
        commands.auth(f"PLAIN{control}")


@pytest.mark.parametrize("size", ["12\r\nRCPT TO:<eve@example.org>", "12 BODY=8BITMIME"])
def test_advisory_flask_mail_189_nodemailer_8_0_4_parameters_are_no_texts(size: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        commands.mail("a@b.example", size=size)


def test_advisory_ghsa_v3q9_only_one_file_writes_commands() -> None:
    verbs = re.compile(r"(?:MAIL FROM|RCPT TO|EHLO|AUTH|STARTTLS|RSET|QUIT|DATA)\b.*\r\n", re.DOTALL)
    writers = {
        path
        for path, tree in sources()
        if path.startswith("transports/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes)
        if verbs.match(node.value.decode("latin-1"))
    }

    assert writers == {"transports/smtp/commands.py"}


# ── answers out of step ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "message"])
def test_advisory_aiosmtplib_5_1_2_a_late_answer_never_answers_the_next_command(step: Any) -> None:
    with HostileSmtp("late reply", at=step, only_first=1, pause_s=0.4) as server:
        there = transport(server, read_timeout_s=0.1)
        with pytest.raises(TimedOut) as caught:
            there.send(outgoing())
        result = there.send(outgoing(to="bob@example.org"))
        there.close()

    assert caught.value.outcome is (Outcome.UNKNOWN if step == "message" else Outcome.NOT_SENT)
    assert result.failed == ()
    assert server.connections == 2
    assert server.messages[-1].recipients == ("bob@example.org",)
    assert server.messages[-1].connection == 1


@pytest.mark.parametrize("step", ["ehlo", "mail", "rcpt", "data", "message"])
def test_advisory_aiosmtplib_320180e_an_unsolicited_line_answers_nothing(step: Any) -> None:
    with HostileSmtp("421 behind a reply", at=step, only_first=1) as server:
        there = transport(server)
        ends: list[object] = []
        for to in ("ada@example.org", "bob@example.org"):
            try:
                ends.append(there.send(outgoing(to=to)).failed)
            except SendError as error:
                ends.append(error.outcome)
        there.close()

    first = () if step == "message" else Outcome.NOT_SENT  # what came with its 250 is final
    assert ends == [first, ()]
    assert server.connections == 2


@pytest.mark.parametrize("name", ["endless line", "endless reply", "long line", "huge keyword list", "dripping reply"])
def test_advisory_aiosmtplib_5_1_2_a_reply_without_an_end_takes_neither_memory_nor_time(name: str) -> None:
    settings = {"timeout_s": 0.5, "read_timeout_s": 0.5}
    with HostileSmtp() as server:
        both(transport(server, **settings), outgoing())  # what is imported and read once
    with HostileSmtp(name, pause_s=0.01) as server:
        tracemalloc.start()
        ends = both(transport(server, **settings), outgoing())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert all(isinstance(end, ConnectFailed) for end in ends)
    assert peak < 5_000_000, "with what the server itself holds"


def test_advisory_aiosmtplib_5_1_1_nothing_that_comes_behind_its_250_changes_a_mail(
    tls: ssl.SSLContext, ca_file: str
) -> None:
    """SES ends TLS without a word, and some servers never answer QUIT."""
    for name, at in (("closed", "quit"), ("silence", "quit"), ("reset", "quit"), ("closed behind a reply", "message")):
        with HostileSmtp(name, at=at, tls=tls) as server:  # type: ignore[arg-type]
            there = encrypted(server, ca_file, timeout_s=5)
            for _ in range(2):
                assert there.send(outgoing()).failed == ()
            there.close()
        assert len(server.messages) == 2


def test_advisory_aiosmtplib_4_0_1_3_0_2_a_connection_that_is_lost_anywhere_is_opened_again() -> None:
    with HostileSmtp() as server:

        def session(host: str, port: int) -> None:
            there = SmtpTransport(host, port, tls="none", local_name="client.example")
            there.send(outgoing())
            there.close()

        for plan in every_cut(server.host, server.port, session, step=37):
            with CuttingProxy(server.host, server.port, [plan, Plan(), Plan()]) as proxy:
                there = transport(proxy, timeout_s=5)
                failed = 0
                for _ in range(3):
                    try:
                        there.send(outgoing())
                    except SendError:
                        failed += 1
                there.close()
                assert failed <= 1, str(plan)


# ── one outcome, and nothing left behind ─────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to look at")
def test_advisory_nodemailer_8_0_8_many_mails_leave_nothing_behind() -> None:
    """The long run is tests/transports/test_many_sends.py."""

    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with HostileSmtp() as server:
        with Mailer(transport(server), sender="shop@example.com") as mailer:
            mailer.send(to="ada@example.org", text="Hi")
            before = descriptors()
            for _ in range(300):
                mailer.send(to="ada@example.org", text="Hi")
            assert descriptors() == before
        assert server.connections == 4, "of a hundred mails each"


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_advisory_nodemailer_9_0_2_a_send_has_one_outcome(name: str) -> None:
    """Whatever goes wrong, and also when it is cancelled; nothing is said of it later."""
    told: list[object] = []
    if MISBEHAVIOURS[name].at in ("starttls", "handshake") or MISBEHAVIOURS[name].withholds:
        at: Any = "ehlo" if "ehlo" in MISBEHAVIOURS[name].steps else None
        if at is None:
            pytest.skip("needs TLS: see the tests above")
    else:
        at = None

    async def main(server: HostileSmtp) -> list[object]:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
        async with AsyncMailer(transport(server, timeout_s=0.3), sender="shop@example.com") as mailer:
            sending = [asyncio.ensure_future(mailer.send(to=f"{n}@example.org", text="Hi")) for n in range(3)]
            await asyncio.sleep(0.01)
            sending[1].cancel()
            return list(await asyncio.gather(*sending, return_exceptions=True))

    with HostileSmtp(name, at=at, pause_s=0.01) as server:
        ends = asyncio.run(main(server))

    assert len(ends) == 3
    assert not told
    for end in ends:
        assert not isinstance(end, Exception) or isinstance(end, SendError)


# ── what a server says ───────────────────────────────────────────────────────────────────────────────────────────


def test_advisory_nodemailer_8_0_5_the_text_of_a_server_is_whole_and_harmless() -> None:
    said = "550 5.1.1 \x1b[2J\x1b]0;Grüße\x07 漢字 \u202e\x9b31m"

    def acts(_due: object) -> Iterator[bytes]:
        for byte in said.encode() + b"\r\n":
            yield bytes([byte])

    with HostileSmtp(Misbehaviour("slow", "mail", acts, is_obeyed=False)) as server:
        ends = both(transport(server), outgoing())

    for end in ends:
        assert isinstance(end, SendError)
        assert str(end).isprintable()
        assert "?[2J?]0;Grüße? 漢字 ??31m" in str(end)


# ── where to, and who we are ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("control", [*CONTROLS, " ", "/", "@", "?", "#"])
def test_advisory_proxy_connect_a_host_is_a_host_and_a_port_a_number(control: str) -> None:
    for host in (f"mail.example.com{control}X", f"{control}mail.example.com", f"mail.example.com{control}"):
        with pytest.raises(SetupError):
            SmtpTransport(host)
        with pytest.raises(SetupError):
            SesSmtpTransport("eu-west-1", user=USER, password=PASSWORD, host=host)
        with pytest.raises(SetupError):
            SesSmtpTransport(host, user=USER, password=PASSWORD)
    with pytest.raises(SetupError):
        SmtpTransport("mail.example.com", f"25{control}")  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["{}\0eve", "\0{}", "{}\0"])
def test_advisory_auth_plain_a_nul_that_would_shift_the_fields_is_refused(field: str) -> None:
    for user, password in ((field.format(USER), PASSWORD), (USER, field.format(PASSWORD))):
        with pytest.raises(SetupError) as caught:
            Login(user, password)
        assert PASSWORD not in str(caught.value)
        with pytest.raises(SetupError):
            SmtpTransport("mail.example.com", user=user, password=password)
        with pytest.raises(SetupError):
            SesSmtpTransport("eu-west-1", user=user, password=password)


def test_advisory_auth_plain_a_password_is_nowhere_but_in_its_command(tls: ssl.SSLContext, ca_file: str) -> None:
    hidden = [PASSWORD, *(b64encode(text.encode()).decode() for text in (PASSWORD, f"\0{USER}\0{PASSWORD}"))]

    def echo(_due: object) -> list[bytes]:
        return [f"535 5.7.8 {' '.join(hidden)}\r\n".encode()]

    with HostileSmtp(Misbehaviour("echo", "auth", echo, is_obeyed=False), tls=tls) as server:
        there = encrypted(server, ca_file)
        ends = both(there, outgoing())

    for text in [repr(there), repr(vars(there)), *(f"{end!r} {end.__cause__!r}" for end in ends)]:  # type: ignore[union-attr]
        assert not [secret for secret in hidden if secret in text]
    for command in server.commands:
        assert command.is_encrypted or command.step in ("ehlo", "starttls")


@pytest.mark.parametrize("option", ["configuration_set", "tenant", "source_arn", "contact_list"])
def test_advisory_simple_java_mail_88_an_option_for_ses_is_no_place_for_another_header(option: str) -> None:
    there = SesSmtpTransport("eu-west-1", user=USER, password=PASSWORD)
    for value in ("a,b", "a; topic=b", "a b", "=?utf-8?q?a=0AX-SES-TENANT:_b?="):
        out = outgoing()
        asked = Outgoing(out.email, out.envelope, out.content, SesOptions(**{option: value}))
        try:
            data = there._letter(asked).content.to_bytes()
        except MailError:
            continue
        assert data.count(b"X-SES-") == 1


def test_advisory_a_connection_that_is_lost_is_no_news_of_the_mail() -> None:
    """Section 0, finding 4: the reply to the final dot decides, and without one nobody knows."""
    for name in ("reply lost, closed", "reply lost, reset", "half a reply, closed"):
        with HostileSmtp(name) as server:
            ends = both(transport(server), outgoing())
        for end in ends:
            assert isinstance(end, ConnectionLost)
            assert (end.outcome, end.retryable) == (Outcome.UNKNOWN, False)
        assert len(server.messages) == 2
