"""Peers: who builds a mail, each in the way that its documentation shows. Whoever is not installed says so.

Differences that remain, none to the peer's loss: Django puts an inline image beside the text and not into a
multipart/related, and leaves text as 8bit; red-mail chooses the content ids and gives no file its type; Nodemailer
leaves line ends as they are.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from benchmarks.email_message import email_message
from benchmarks.encoder import plain_install
from benchmarks.mail import Mail, name_and_email
from benchmarks.measure import Timed, cpu_s
from benchmarks.nodemailer import Nodemailer
from sesmail import Address, Attachment, Email, mime

Build = Callable[[], bytes]


class Job(Timed, Protocol):
    """One peer with one mail to build."""

    def build(self) -> bytes:
        """The mail, once."""


class Peer(Protocol):
    """Who builds a mail."""

    @property
    def version(self) -> str:
        """Which one it is; nothing when it is missing."""

    @property
    def why_missing(self) -> str:
        """Why it cannot take part, and what to do about it; nothing when it can."""

    def job(self, mail: Mail) -> Job:
        """Get ready to build this mail."""


@dataclass(frozen=True, slots=True)
class PythonPeer:
    """A peer in this process. ``prepare`` does what a program does once, not per mail."""

    prepare: Callable[[Mail], Build]
    package: str = ""
    setting: Callable[[], AbstractContextManager[None]] = nullcontext

    @property
    def version(self) -> str:
        """The installed one; for the standard library, Python's."""
        return _version(self.package) if self.package else platform.python_version()

    @property
    def why_missing(self) -> str:
        """Not installed, or nothing."""
        return "" if self.version else f"{self.package} is not installed (dependency group `bench`)"

    def job(self, mail: Mail) -> PythonJob:
        """Do what is done once."""
        return PythonJob(self.prepare(mail), self.setting)


@dataclass(frozen=True, slots=True)
class PythonJob:
    """A call, and the setting in which it is made."""

    _build: Build
    _setting: Callable[[], AbstractContextManager[None]]

    def build(self) -> bytes:
        """The mail, once."""
        with self._setting():
            return self._build()

    def cpu_s(self, loops: int) -> float:
        """The CPU seconds that so many mails take."""
        with self._setting():
            return cpu_s(self._build, loops)


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


# ── sesmail ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _sesmail(mail: Mail) -> Build:
    return lambda: mime.write(sesmail_email(mail)).to_bytes()


def sesmail_email(mail: Mail) -> Email:
    """The mail as sesmail's value."""
    return Email(
        sender=mail.sender,
        to=mail.to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html or None,
        attachments=[
            Attachment(file.name, file.data, inline=bool(file.content_id), content_id=file.content_id)
            for file in mail.files
        ],
    )


def _sesmail_values(mail: Mail) -> Build:
    addresses = Address.parse_list(mail.to)

    def build() -> bytes:
        email = Email(sender=mail.sender, to=addresses, subject=mail.subject, text=mail.text)
        return mime.write(email).to_bytes()

    return build


# ── Django ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _django(mail: Mail) -> Build:
    return _django_build(mail, lambda: mail.to)


def _django_formataddr(mail: Mail) -> Build:
    """Names encoded by the program, which spares Django its own slow way with names that are not ASCII."""
    from email.utils import formataddr

    pairs = name_and_email(mail.to)
    return _django_build(mail, lambda: [formataddr(pair) for pair in pairs])


def _django_build(mail: Mail, recipients: Callable[[], Sequence[str]]) -> Build:
    from email.mime.image import MIMEImage

    from django.conf import settings
    from django.core.mail import EmailMultiAlternatives

    if not settings.configured:
        settings.configure()

    def build() -> bytes:
        message = EmailMultiAlternatives(mail.subject, mail.text, mail.sender, recipients())
        if mail.html:
            message.attach_alternative(mail.html, "text/html")
        for file in mail.shown:
            image = MIMEImage(file.data, file.content_type.partition("/")[2])
            image.add_header("Content-ID", f"<{file.content_id}>")
            image.add_header("Content-Disposition", "inline", filename=file.name)
            message.attach(image)
        for file in mail.attached:
            message.attach(file.name, file.data, file.content_type)
        data: bytes = message.message().as_bytes(linesep="\r\n")  # as its SMTP backend does
        return data

    return build


# ── red-mail ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _red_mail(mail: Mail) -> Build:
    from redmail import EmailSender

    # Jinja only where an image needs it.
    sender = EmailSender(host="localhost", port=0, domain="example.com", use_jinja=bool(mail.shown))
    html = mail.html or None
    for number, file in enumerate(mail.shown):
        html = html and html.replace(f"cid:{file.content_id}", f"{{{{ image_{number}.src }}}}")

    def build() -> bytes:
        message = sender.get_message(
            subject=mail.subject,
            sender=mail.sender,
            receivers=list(mail.to),
            text=mail.text,
            html=html,
            body_images={f"image_{number}": file.data for number, file in enumerate(mail.shown)} or None,
            attachments={file.name: file.data for file in mail.attached} or None,
        )
        data: bytes = message.as_bytes()
        return data

    return build


SESMAIL = "sesmail"
SESMAIL_SPEED = "sesmail[speed]"
SESMAIL_VALUES = "sesmail, Address values"
EMAIL_MESSAGE = "EmailMessage"
DJANGO = "Django"
DJANGO_FORMATADDR = "Django, formataddr"
RED_MAIL = "red-mail"
NODEMAILER = "Nodemailer"
NODEMAILER_LONG = "Nodemailer, long running"

PEERS: dict[str, Peer] = {
    SESMAIL: PythonPeer(_sesmail, "sesmail", plain_install),
    SESMAIL_SPEED: PythonPeer(_sesmail, "pybase64"),
    SESMAIL_VALUES: PythonPeer(_sesmail_values, "sesmail", plain_install),
    EMAIL_MESSAGE: PythonPeer(email_message),
    DJANGO: PythonPeer(_django, "django"),
    DJANGO_FORMATADDR: PythonPeer(_django_formataddr, "django"),
    RED_MAIL: PythonPeer(_red_mail, "redmail"),
    NODEMAILER: Nodemailer(long_running=False),
    NODEMAILER_LONG: Nodemailer(long_running=True),
}
