"""Commands: ``flask sesmail``, which sends, checks and previews with the mailers of the application."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from sesmail.errors import SesmailError
from sesmail.integrations.flask.app_mailer import AppMailer
from sesmail.integrations.flask.holder import Holder
from sesmail.mail.message import Email
from sesmail.mail.problem import Problem

command_group = AppGroup("sesmail", help="Mail through Amazon SES: try it, check it, look at it.")
_SIMULATOR = "success@simulator.amazonses.com"
_mailer = click.option("--mailer", default="", metavar="NAME", help="Which mailer, if there are several.")
_sender = click.option("--sender", metavar="ADDRESS", help="From whom it is, in place of SESMAIL_SENDER.")


@command_group.command("send-test")
@click.argument("address")
@_mailer
@_sender
def send_test(address: str, mailer: str, sender: str | None) -> None:
    """Send a short mail to ADDRESS, and tell how it ended."""
    with _told():
        holding = Holder.of(current_app).mailer(mailer)
        result = holding.send(_test_mail(address, sender))
        way = "the mailbox: nothing left, as TESTING or SESMAIL_CATCH says" if holding.is_caught else result.transport
        click.echo(f"{result.message_id} taken by {way}")


@command_group.command("check")
@click.option("--to", default=_SIMULATOR, metavar="ADDRESS", help="To whom the mail would go that is checked.")
@click.option("--online", is_flag=True, help="Ask SES too: who is verified, and whether the account may send.")
@_sender
def check(to: str, online: bool, sender: str | None) -> None:
    """Check the configuration of all mailers. Sends nothing; the exit status is 1 where a mail would not go out."""
    with _told():
        holder = Holder.of(current_app)
        holder.check_all()
        blocked = [_checked(mailer, to, sender, online=online) for mailer in holder.mailers.values()]
    if any(blocked):
        raise click.exceptions.Exit(1)


@command_group.command("preview")
@click.argument("module")
@click.argument("names", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), default=Path("previews"), help="Folder for the files.")
@click.option("--locale", multiple=True, help="A language in place of theirs; may be said again.")
@click.option("--list", "lists", is_flag=True, help="Print which previews there are, and end.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@_mailer
def preview(module: str, names: tuple[str, ...], mailer: str, **options: object) -> None:
    """Render the previews of MODULE to files, with the templates and defaults of the app's mailer."""
    from sesmail.cli.parser import UsageError
    from sesmail.cli.preview import run

    with _told():
        holding = Holder.of(current_app).mailer(mailer)
        given = {
            "out": options["out"],
            "locale": options["locale"],
            "list": options["lists"],
            "json": options["as_json"],
        }
        try:
            status = run(Namespace(module=module, names=list(names), mailer=holding, **given))
        except UsageError as error:
            raise click.UsageError(str(error)) from error
    if status:
        raise click.exceptions.Exit(int(status))


def _checked(mailer: AppMailer, to: str, sender: str | None, *, online: bool) -> bool:
    """Tell of one mailer; gives whether something stands in a mail's way."""
    click.echo(f"{mailer.name or 'the mailer'}: {mailer.transport!r}")
    problems = mailer.check(_test_mail(to, sender), online=online)
    for problem in problems:
        click.echo(f"  {_line(problem)}")
    return any(problem.blocking for problem in problems)


def _test_mail(to: str, sender: str | None) -> Email:
    return Email(
        to=to,
        sender=sender,
        subject="A test of this site's mail",
        text="This mail was sent by hand, to see whether mail of this site arrives. It did.\n",
        auto_submitted="auto-generated",
    )


def _line(problem: Problem) -> str:
    kind = "would not be sent: " if problem.blocking else ""
    return f"{kind}{problem.field}: {problem.text}; {problem.remedy} [{problem.code}]"


@contextmanager
def _told() -> Iterator[None]:
    """Errors of ours as those of a command: a line, and no traceback."""
    try:
        yield
    except SesmailError as error:
        raise click.ClickException(str(error)) from error
