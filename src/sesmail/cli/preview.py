"""``sesmail preview``: the previews of a module as files to look at. It renders and checks; it sends nothing."""

from __future__ import annotations

import json
import sys
from argparse import Namespace, _SubParsersAction
from asyncio import run as run_loop
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

from sesmail.cli.exits import Exit
from sesmail.cli.imported import module_named, object_named, told
from sesmail.cli.page import page_of
from sesmail.cli.parser import Parser, UsageError
from sesmail.cli.preview_files import PreviewFiles
from sesmail.errors import SesmailError, SetupError, TemplateError, UnknownOption
from sesmail.mail.message import Email, EmailFields
from sesmail.mail.problem import Problem
from sesmail.mailer.async_mailer import AsyncMailer
from sesmail.mailer.mailer import Mailer
from sesmail.mailer.reports import MailFields
from sesmail.mime.writer import write
from sesmail.templates.engine import Engine
from sesmail.templates.languages import spellings
from sesmail.templates.mail import Mail
from sesmail.templates.previews import Preview, previews_in
from sesmail.transports.base import readable

# What stands in a preview that names nobody.
SENDER = "Sender <sender@example.com>"
RECIPIENT = "Recipient <recipient@example.org>"
_DESCRIPTION = f"""\
Renders the previews of a module, each in its languages, to NAME.LOCALE.eml, .html and .txt, and tells what can be
said against each mail. Nothing is sent and nothing is fetched.

A mail without a sender is from {SENDER}, one without a recipient to {RECIPIENT}."""
_EPILOG = """\
examples:
  sesmail preview shop.previews --templates mails             all of them, into previews/
  sesmail preview shop.previews large_order --locale de       one, in another language than its own
  sesmail preview shop.previews --mailer shop.mail:mailer     with templates and defaults of the program's own mailer"""


def add_to(commands: _SubParsersAction[Parser]) -> None:
    """Add this subcommand."""
    parser = commands.add_parser(
        "preview", help="render the previews of a module to files", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("module", metavar="MODULE", help="where the previews are, such as shop.previews")
    parser.add_argument("names", nargs="*", metavar="NAME", help="previews to render (default: all)")
    mails = parser.add_mutually_exclusive_group()
    mails.add_argument("--templates", action="append", metavar="FOLDER", help="templates; may be said again")
    mails.add_argument("--mailer", metavar="MODULE:NAME", help="a mailer, for its templates and what it adds")
    parser.add_argument("--out", type=Path, default=Path("previews"), help="folder for the files (default: previews)")
    parser.add_argument("--locale", action="append", metavar="LOCALE", help="a language in place of theirs")
    parser.add_argument("--list", action="store_true", help="print which previews there are, and end")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: Namespace) -> Exit:
    """Render each; one that cannot be rendered does not keep the others from it."""
    previews = _previews(arguments)
    if arguments.list:
        for one in previews:
            _tell_listed(one, as_json=arguments.json)
        return Exit.DONE
    mailer, files = _mailer(arguments), PreviewFiles(arguments.out)
    failed = 0
    for one in previews:
        for locale in _locales(arguments.locale or one.locales):
            try:
                shown = _shown(mailer, one, locale)
            except SesmailError as error:
                failed += 1
                _tell_failed(one, locale, error, as_json=arguments.json)
            else:
                _tell(shown, files.write(one.name, locale, shown.contents), as_json=arguments.json)
    return Exit.FAILED if failed else Exit.DONE


def _previews(arguments: Namespace) -> tuple[Preview, ...]:
    module = module_named(arguments.module)
    try:
        found = previews_in(module, *arguments.names)
    except SetupError as error:
        raise UsageError(str(error)) from error
    if not found:
        raise UsageError(f"{module.__name__} has no previews: put @preview above functions that give a mail")
    return found


def _locales(locales: Iterable[str]) -> list[str]:
    for locale in locales:
        try:
            spellings(locale)
        except TemplateError as error:
            raise UsageError(f"--locale {locale[:100]!a}: {error}") from error
    return list(dict.fromkeys(locales))


def _mailer(arguments: Namespace) -> Mailer | AsyncMailer:
    if not arguments.mailer:
        return Mailer("null://", templates=_templates(arguments.templates))
    found = object_named(arguments.mailer) if isinstance(arguments.mailer, str) else arguments.mailer
    if not isinstance(found, Mailer | AsyncMailer):
        raise UsageError(f"--mailer {arguments.mailer} is {type(found).__name__}, and not a Mailer or an AsyncMailer")
    return found


def _templates(sources: list[str] | None) -> Engine | None:
    if not sources:
        return None
    from sesmail.templates.templates import Templates  # and Jinja with it

    return Templates(*sources)


# ── one of them ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Shown:
    """One mail that was rendered."""

    preview: Preview
    locale: str
    subject: str
    contents: Mapping[str, bytes]
    problems: list[Problem]


def _shown(mailer: Mailer | AsyncMailer, preview: Preview, locale: str) -> _Shown:
    try:
        email = _filled(mailer.compose(_mail(preview), locale=locale))
        contents = _contents(email)
        problems = run_loop(mailer.check(email)) if isinstance(mailer, AsyncMailer) else mailer.check(email)
    except SesmailError:
        raise
    except Exception as exc:  # whatever the user's own functions raise
        raise SetupError(told(exc)) from exc
    return _Shown(preview, locale, email.subject, contents, problems)


def _mail(preview: Preview) -> Email | Mail | MailFields:
    made = preview()
    if isinstance(made, Email | Mail):
        return made
    if not isinstance(made, Mapping):
        raise SetupError(f"it gives {type(made).__name__}, and not a Mail, an Email or the fields of one")
    for name in made:
        if name not in MailFields.__annotations__:
            raise UnknownOption(str(name), known=MailFields.__annotations__, where="a mail")
    return cast("MailFields", dict(made))


def _filled(email: Email) -> Email:
    """The mail with somebody from whom and to whom it is."""
    missing: EmailFields = {}
    if email.sender is None:
        missing["sender"] = SENDER
    if not (email.to or email.cc or email.bcc):
        missing["to"] = RECIPIENT
    return email.replace(**missing) if missing else email


def _contents(email: Email) -> Mapping[str, bytes]:
    """What stands in the files, by their ending."""
    contents = {"eml": readable(write(email)).to_bytes()}
    if email.html is not None:
        contents["html"] = page_of(email.html, email.attachments).encode()
    if email.text is not None:
        contents["txt"] = email.text.encode()
    return contents


# ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────


def _tell_listed(preview: Preview, *, as_json: bool) -> None:
    if as_json:
        _say(sys.stdout, json.dumps({"name": preview.name, "locales": preview.locales}))
    else:
        _say(sys.stdout, " ".join([_title(preview, ""), *filter(None, preview.locales)]))


def _tell(shown: _Shown, files: list[Path], *, as_json: bool) -> None:
    if as_json:
        facts = [
            {name: getattr(one, name) for name in ("code", "field", "text", "remedy", "blocking")}
            for one in shown.problems
        ]
        about = {"name": shown.preview.name, "locale": shown.locale, "subject": shown.subject}
        _say(sys.stdout, json.dumps({**about, "files": [str(file) for file in files], "problems": facts}))
        return
    _say(sys.stdout, f"{_title(shown.preview, shown.locale)}: {shown.subject or '(no subject)'}")
    for file in files:
        _say(sys.stdout, f"  {file}")
    for one in shown.problems:
        kind = "would not be sent: " if one.blocking else ""
        _say(sys.stdout, f"  {kind}{one.field}: {one.text}; {one.remedy} [{one.code}]")


def _tell_failed(preview: Preview, locale: str, error: SesmailError, *, as_json: bool) -> None:
    if as_json:
        about = {"name": preview.name, "locale": locale, "error": type(error).__name__, "message": str(error)}
        where = {name: getattr(error, name, None) or None for name in ("template", "line", "variable")}
        _say(sys.stdout, json.dumps({**about, **where}))
    else:
        _say(sys.stderr, f"sesmail: {_title(preview, locale)} cannot be rendered: {error}")


def _title(preview: Preview, locale: str) -> str:
    return f"{preview.name} ({locale})" if locale else preview.name


def _say(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
