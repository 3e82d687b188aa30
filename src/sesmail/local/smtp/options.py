"""Options: what a box with SMTP can be told, and what it hands out to clients."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sesmail.errors import SetupError


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpOptions:
    """How a box speaks SMTP: ``LocalSes(smtp=SmtpOptions(...))``.

    >>> from sesmail.local.smtp.options import SmtpOptions
    >>> SmtpOptions(port=2587, tls_port=2465).pipelining
    False

    Port 0 is any that is free: ``port`` begins without TLS and asks for STARTTLS, ``tls_port`` is TLS from the first
    byte. SES does not offer ``pipelining``. With ``starttls=False`` it is not offered either, as somebody in the middle
    would have it. A client that says nothing is sent away after ``idle_s`` seconds.
    """

    port: int = 0
    tls_port: int = 0
    pipelining: bool = False
    starttls: bool = True
    idle_s: float = 10.0
    most_connections: int = 500

    def __post_init__(self) -> None:
        for name, holds, rule in self._rules():
            if not holds:
                raise SetupError(f"{name} of SMTP is {rule}, and not {getattr(self, name)!r:.50}")

    def _rules(self) -> tuple[tuple[str, bool, str], ...]:
        return (
            ("port", 0 <= self.port < 65536, "a port, or 0 for any"),
            ("tls_port", 0 <= self.tls_port < 65536, "a port, or 0 for any"),
            ("idle_s", 0 < self.idle_s < float("inf"), "a time in seconds"),
            ("most_connections", self.most_connections > 0, "1 or more"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpAccess:
    r"""What clients of SMTP need to reach a box that is open: ``ses.smtp``.

    >>> import smtplib
    >>> from sesmail.local import LocalSes
    >>> with LocalSes(sandbox=False, smtp=True) as ses:
    ...     ses.identity("example.com").verify()
    ...     with smtplib.SMTP(ses.smtp.host, ses.smtp.port) as client:
    ...         _ = client.starttls(context=ses.smtp.ssl_context())
    ...         _ = client.login(ses.smtp.user, ses.smtp.password)
    ...         _ = client.sendmail("shop@example.com", ["ada@example.org"], "From: shop@example.com\n\nHello Ada")
    ...     [mail.recipients for mail in ses.sent]
    [('ada@example.org',)]

    The certificates are made anew whenever the box opens. ``ca_file`` is there until it closes.
    """

    host: str
    port: int  # STARTTLS
    tls_port: int
    user: str
    password: str = field(repr=False)
    ca_file: str
    ca_pem: str = field(repr=False)
    password_of: Callable[[str], str] = field(repr=False, compare=False)
    """The password for another access key of the box."""

    def ssl_context(self) -> ssl.SSLContext:
        """What trusts the box's certificate, and no other."""
        return ssl.create_default_context(cadata=self.ca_pem)

    @property
    def environment(self) -> Mapping[str, str]:
        """The same as variables, for programs in any language."""
        return {
            "SES_SMTP_HOST": self.host,
            "SES_SMTP_PORT": str(self.port),
            "SES_SMTP_TLS_PORT": str(self.tls_port),
            "SES_SMTP_USER": self.user,
            "SES_SMTP_PASSWORD": self.password,
            "SES_SMTP_CA_FILE": self.ca_file,
        }
