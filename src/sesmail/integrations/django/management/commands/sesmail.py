"""``manage.py sesmail`` says whether mail is set up right, and sends one to see whether it arrives."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError

from sesmail.errors import SesmailError
from sesmail.integrations.django.aliases import SILENTLY, default_alias, options_of
from sesmail.integrations.django.backend import EmailBackend
from sesmail.integrations.django.checks import check_security, check_settings
from sesmail.integrations.django.mailers import get_mailer


class Command(BaseCommand):  # type: ignore[misc] # Django ships no types
    """Send a test mail, or say what stands against sending one."""

    help = "Send a test mail, or say what stands against sending one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Both commands."""
        commands = parser.add_subparsers(dest="asked", required=True)
        send = commands.add_parser("send-test", help="send a mail, and say what became of it")
        send.add_argument("address", nargs="+", help="to whom")
        send.add_argument("--from", dest="sender", default="", help="from whom; without it, as the settings say")
        check = commands.add_parser("check", help="say what stands against sending, and what SES has against it")
        check.add_argument("--offline", action="store_true", help="do not ask SES")
        for each in (send, check):
            each.add_argument("--using", default=None, help="an alias of MAILERS (Django 6.1)")

    def handle(self, *_: str, **asked: Any) -> None:  # noqa: ANN401 - as Django calls it
        """Do what is asked."""
        try:
            {"send-test": self._send_test, "check": self._check}[asked["asked"]](asked)
        except SesmailError as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error

    def _send_test(self, asked: dict[str, Any]) -> None:
        alias = asked["using"] or default_alias()
        get_mailer(alias)  # which says what is wrong with the settings
        backend = EmailBackend(alias=alias, **{**options_of(alias), SILENTLY: False})
        message = EmailMessage(
            "A test of sesmail", "This mail was sent by manage.py sesmail send-test.\n", asked["sender"] or None
        )
        message.to = asked["address"]
        backend.send_messages([message])
        result = message.sesmail_result
        for one in result.recipients:
            self.stdout.write(f"{one.address.email}: {one.outcome}")
        self.stdout.write(f"by {result.transport}, message id {result.message_id}")
        if result.failed:
            raise CommandError(f"{len(result.failed)} of {len(result.recipients)} did not get it")

    def _check(self, asked: dict[str, Any]) -> None:
        said = [*check_settings(), *check_security()]
        for message in said:
            self.stdout.write(str(message))
        if any(message.is_serious() for message in said):
            raise CommandError("it cannot send")
        mailer = get_mailer(asked["using"])
        sender = mailer.compose({"text": "?"}).sender or django_settings.DEFAULT_FROM_EMAIL
        problems = mailer.check(
            sender=sender,
            to="success@simulator.amazonses.com",
            subject="A test of sesmail",
            text="This mail is not sent.\n",
            online=not asked["offline"],
        )
        for problem in problems:
            self.stdout.write(f"{problem.code}: {problem.text}; {problem.remedy}")
        if any(problem.blocking for problem in problems):
            raise CommandError("it cannot send")
        self.stdout.write(f"nothing stands against it: {mailer.transport!r}")
