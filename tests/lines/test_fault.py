"""How a line fails, and what that means for a mail."""

from __future__ import annotations

import pickle
import socket
import ssl
import subprocess
import sys

import pytest

from sesmail.errors import ConnectFailed, ConnectionLost, Outcome, SendError, TimedOut
from sesmail.lines.fault import Kind, LineFault, line_fault, send_error


def tls_error(kind: type[ssl.SSLError], reason: str | None = None, **facts: str) -> ssl.SSLError:
    """As ssl makes them: the facts are attributes, and the text names a line of C."""
    error = kind(1, f"[SSL: {reason}] some text (_ssl.c:1006)")
    error.reason = reason  # type: ignore[assignment]
    for name, fact in facts.items():
        setattr(error, name, fact)
    return error


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (
            tls_error(
                ssl.SSLCertVerificationError, "CERTIFICATE_VERIFY_FAILED", verify_message="certificate has expired"
            ),
            Kind.TLS,
            "TLS failed: the certificate is not accepted: certificate has expired",
        ),
        (tls_error(ssl.SSLError, "WRONG_VERSION_NUMBER"), Kind.TLS, "TLS failed: wrong version number"),
        (tls_error(ssl.SSLError), Kind.TLS, "TLS failed: the peer does not speak it, or left"),
        (
            tls_error(ssl.SSLEOFError, "UNEXPECTED_EOF_WHILE_READING"),
            Kind.LOST,
            "the line broke: unexpected eof while reading",
        ),
        (tls_error(ssl.SSLZeroReturnError), Kind.LOST, "the line broke: the peer does not speak it, or left"),
        (tls_error(ssl.SSLSyscallError), Kind.LOST, "the line broke: the peer does not speak it, or left"),
        (TimeoutError(), Kind.LATE, "no answer in time"),
        (TimeoutError("timed out"), Kind.LATE, "no answer in time"),
        (OSError(110, "Connection timed out"), Kind.LATE, "no answer in time"),
        (
            socket.gaierror(-2, "Name or service not known"),
            Kind.NO_NAME,
            "the name is not known: Name or service not known",
        ),
        (ConnectionResetError(104, "Connection reset by peer"), Kind.LOST, "the line broke: Connection reset by peer"),
        (BrokenPipeError(32, "Broken pipe"), Kind.LOST, "the line broke: Broken pipe"),
        (ConnectionAbortedError(103, "Software caused it"), Kind.LOST, "the line broke: Software caused it"),
        (OSError(113, "No route to host"), Kind.LOST, "the line broke: No route to host"),
        (OSError("some text"), Kind.LOST, "the line broke: OSError"),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'reason', '')}" if isinstance(value, OSError) else "",
)
def test_what_an_error_of_the_system_means(error: OSError, kind: Kind, text: str) -> None:
    fault = line_fault(error)

    assert (fault.kind, str(fault)) == (kind, text)
    assert fault.__cause__ is error


def test_a_fault_pickles() -> None:
    fault = pickle.loads(pickle.dumps(LineFault(Kind.LOST, "Broken pipe")))

    assert (fault.kind, fault.detail, str(fault)) == (Kind.LOST, "Broken pipe", "the line broke: Broken pipe")


# What it is before the mail is at risk, behind the connection: and whether it may be tried again.
NOT_AT_RISK: dict[Kind, tuple[type[SendError], bool]] = {
    Kind.NO_NAME: (ConnectFailed, True),
    Kind.NO_ROUTE: (ConnectFailed, True),
    Kind.LATE: (TimedOut, True),
    Kind.LOST: (ConnectionLost, True),
    Kind.TLS: (ConnectFailed, False),
}
AT_RISK: dict[Kind, type[SendError]] = {
    Kind.NO_NAME: ConnectionLost,
    Kind.NO_ROUTE: ConnectionLost,
    Kind.LATE: TimedOut,
    Kind.LOST: ConnectionLost,
    Kind.TLS: ConnectionLost,
}


@pytest.mark.parametrize("stage", ["connect", "auth", "mail", "data", "reply"])
@pytest.mark.parametrize("kind", Kind)
def test_a_fault_before_all_of_the_mail_left_has_sent_nothing(kind: Kind, stage: str) -> None:
    expected, retryable = NOT_AT_RISK[kind]
    error = send_error(LineFault(kind, "why"), stage=stage, at_risk=False, peer="mail.example.com:25")

    assert type(error) is (ConnectFailed if stage == "connect" else expected)
    assert (error.outcome, error.retryable, error.stage) == (Outcome.NOT_SENT, retryable, stage)
    assert str(error) == f"mail.example.com:25: {kind}: why ({stage}); nothing was sent"


@pytest.mark.parametrize("stage", ["connect", "auth", "mail", "data", "reply"])
@pytest.mark.parametrize("kind", Kind)
def test_a_fault_behind_it_leaves_everything_open(kind: Kind, stage: str) -> None:
    error = send_error(LineFault(kind, "why"), stage=stage, at_risk=True, peer="mail.example.com:25")

    assert type(error) is AT_RISK[kind]
    assert (error.outcome, error.retryable, error.stage) == (Outcome.UNKNOWN, False, stage)
    assert str(error) == (
        f"mail.example.com:25: {kind}: why ({stage}); the mail may be out: do not send it again unasked"
    )


def test_a_fault_is_told_without_ssl_where_nobody_has_it() -> None:
    code = """if True:
        import sys
        from sesmail.lines.fault import line_fault
        print(line_fault(OSError(5, "I/O")).kind.name, "ssl" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["LOST", "False"]
