"""``sesmail send-many``: a mail for each row of a table, made by a template.

Rule 1: one row is one mail to one recipient, and what goes wrong with it stops no other.
Rule 2: whoever ran it can tell afterwards which rows went wrong, and behind which line nothing was begun.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace, _SubParsersAction
from collections.abc import Iterator
from contextlib import ExitStack
from os import environ
from pathlib import Path
from typing import IO, TextIO

from sesmail.cli.course import Course
from sesmail.cli.exits import Exit
from sesmail.cli.imported import object_named
from sesmail.cli.interruption import Interruption
from sesmail.cli.parser import Parser, UsageError
from sesmail.cli.progress import Bar, Lines, Progress, Silent, is_terminal
from sesmail.cli.rows import BadRow, Columns, Format, Row, count_rows, rows_of
from sesmail.errors import MailError, SetupError
from sesmail.mailer.base import URL
from sesmail.mailer.defaults import FROM
from sesmail.mailer.mailer import Mailer
from sesmail.templates.engine import Engine

_FORMATS: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_STDIN = "-"
_DESCRIPTION = """\
Sends a mail for each row of a table. The column "to" is its recipient, "locale" its language, and the template sees
all other columns by their names. CSV has a header; of JSON lines, each is an object.

Exit status: 0 when every mail went, 1 when some did not, 130 after Ctrl-C. The first Ctrl-C lets what has begun end."""
_EPILOG = """\
examples:
  sesmail send-many --template news --templates mails --rows readers.csv --from news@example.com --dry-run
  sesmail send-many --template news --templates mails --rows readers.csv --from news@example.com \\
      --url ses://eu-west-1 --concurrency 8 --report failed.jsonl
  program | sesmail send-many --template news --templates mails --from news@example.com --rows - --format jsonl"""


def add_to(commands: _SubParsersAction[Parser]) -> None:
    """Add this subcommand."""
    parser = commands.add_parser(
        "send-many", help="send a mail for each row of a table", description=_DESCRIPTION, epilog=_EPILOG
    )
    what = parser.add_argument_group("the mails")
    what.add_argument("--template", required=True, metavar="NAME", help="the mail's name")
    what.add_argument("--templates", action="append", metavar="FOLDER", help="where it is; may be repeated")
    what.add_argument("--base-url", metavar="URL", help="what url() in the template begins with")
    what.add_argument("--inline-css", action="store_true", help="style sheets into attributes; needs sesmail[css]")
    what.add_argument(
        "--mailer",
        metavar="MODULE:NAME",
        help="a Mailer of your program, with its templates, way and hooks, in place of all these and --url",
    )
    what.add_argument("--from", dest="sender", metavar="ADDRESS", help=f"the sender (default: {FROM})")
    what.add_argument("--locale", default="", help="the language of rows that say none")
    table = parser.add_argument_group("the table")
    table.add_argument("--rows", required=True, metavar="FILE", help="CSV or JSON lines in UTF-8; - reads stdin")
    table.add_argument("--format", choices=("csv", "jsonl"), help="of the rows (default: by the name of the file)")
    table.add_argument("--delimiter", default=",", metavar="CHARACTER", help="between cells of CSV (default: a comma)")
    table.add_argument("--to-column", metavar="NAME", help="the recipient (default: to)")
    table.add_argument("--locale-column", metavar="NAME", help="the language (default: locale, if it is there)")
    table.add_argument("--unsubscribe-column", metavar="NAME", help="the URL by which this recipient unsubscribes")
    way = parser.add_argument_group("the way")
    way.add_argument("--url", help=f"how to send, such as ses://eu-west-1 (default: {URL})")
    way.add_argument("--concurrency", type=int, default=1, metavar="N", help="mails at once (default: 1)")
    way.add_argument("--dry-run", action="store_true", help="render and check each, and send nothing")
    told = parser.add_argument_group("what is told")
    told.add_argument("--report", type=Path, metavar="FILE", help="write each row that failed here, as JSON lines")
    told.add_argument("--quiet", action="store_true", help="say nothing but how it ended")
    told.add_argument("--json", action="store_true", help="print rows that failed, and the end, as JSON lines")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: Namespace) -> Exit:
    """Send them all, and tell how it went."""
    form = _format(arguments)
    with ExitStack() as stack:
        mailer = stack.enter_context(_mailer(arguments))
        file = stack.enter_context(_rows_file(arguments.rows))
        rows = _rows(arguments, file, form)
        report = stack.enter_context(_report(arguments)) if arguments.report else None
        progress = _progress(arguments, form)
        course = Course(progress, report, told=sys.stdout if arguments.json else None)
        with Interruption() as interruption:
            try:
                _send(mailer, arguments, course, _fed(rows, interruption, progress))
            except KeyboardInterrupt:  # the second one
                interruption.came = True
            finally:
                progress.close()
                course.tell_end(is_dry=arguments.dry_run, was_interrupted=interruption.came, as_json=arguments.json)
    if interruption.came:
        return Exit.INTERRUPTED
    return Exit.DONE if course.sent == course.rows else Exit.FAILED


def _fed(rows: Iterator[Row | BadRow], interruption: Interruption, progress: Progress) -> Iterator[Row | BadRow]:
    yield from interruption.until(rows)
    if interruption.came:
        progress.say("Ctrl-C: mails that are under way end; once more ends at once")


def _send(mailer: Mailer, arguments: Namespace, course: Course, rows: Iterator[Row | BadRow]) -> None:
    mails = course.mails(rows)
    if arguments.dry_run:
        for mail in mails:
            course.checked(mailer, arguments.template, arguments.locale, mail)
        return
    mailer.send_many(
        rows=mails,
        template=arguments.template,
        locale=arguments.locale,
        concurrency=arguments.concurrency,
        on_result=course.ended,
        keep_failures=0,
    )


# ── what it is made of ───────────────────────────────────────────────────────────────────────────────────────────


def _format(arguments: Namespace) -> Format:
    ending = Path(arguments.rows).suffix.lower()
    form: Format | None = arguments.format or _FORMATS.get(ending)
    if form is None:
        raise UsageError(f"--rows {arguments.rows}: say what it is by --format csv or --format jsonl")
    if arguments.concurrency < 1:
        raise UsageError("--concurrency is 1 or more")
    if len(arguments.delimiter) != 1 or arguments.delimiter in '"\r\n':
        raise UsageError("--delimiter is one character")
    return form


def _mailer(arguments: Namespace) -> Mailer:
    if arguments.mailer:
        return _own_mailer(arguments)
    if not arguments.templates:
        raise UsageError("there are no templates: give --templates with their folder, or --mailer")
    engine = _templates(arguments)
    if not (arguments.sender or environ.get(FROM)):
        raise UsageError(f"nobody sends: give --from, or set {FROM}")
    url = arguments.url or environ.get(URL) or ("null://" if arguments.dry_run else "")
    if not url:
        raise UsageError(f"there is no way out: give --url, such as ses://eu-west-1, or set {URL}")
    try:
        return Mailer(url, sender=arguments.sender, templates=engine)
    except MailError as error:
        raise UsageError(f"--from: {error.reason}") from error


def _own_mailer(arguments: Namespace) -> Mailer:
    for option in ("templates", "base_url", "inline_css", "sender", "url"):
        if getattr(arguments, option):
            said = "from" if option == "sender" else option.replace("_", "-")
            raise UsageError(f"--{said} goes without --mailer, which has its own")
    mailer = object_named(arguments.mailer)
    if not isinstance(mailer, Mailer):
        raise UsageError(f"--mailer {arguments.mailer}: expected a Mailer, not {type(mailer).__name__}")
    return mailer


def _templates(arguments: Namespace) -> Engine:
    from difflib import get_close_matches

    from sesmail.templates.templates import Templates

    name = arguments.template
    templates = Templates(*arguments.templates, base_url=arguments.base_url or "", inline_css=arguments.inline_css)
    if not any(f"{known}.".startswith(f"{name}.") for known in templates.names):  # news.de is news in German
        near = get_close_matches(name, templates.names, n=1)
        raise UsageError(f"there is no template {name[:100]!a}" + (f"; did you mean {near[0]!a}?" if near else ""))
    return templates


def _rows_file(name: str) -> IO[bytes]:
    if name == _STDIN:
        return os.fdopen(os.dup(0), "rb")
    return Path(name).open("rb")


def _rows(arguments: Namespace, file: IO[bytes], form: Format) -> Iterator[Row | BadRow]:
    asked = [name for name in (arguments.to_column, arguments.locale_column, arguments.unsubscribe_column) if name]
    columns = Columns(
        to=arguments.to_column or "to",
        locale=arguments.locale_column or "locale",
        unsubscribe=arguments.unsubscribe_column or "",
        asked=frozenset(asked),
    )
    try:
        return rows_of(file, form, columns, delimiter=arguments.delimiter)
    except SetupError as error:
        raise UsageError(f"--rows {arguments.rows}: {error}") from error


def _report(arguments: Namespace) -> TextIO:
    path: Path = arguments.report
    if arguments.rows != _STDIN and path.exists() and path.samefile(arguments.rows):
        raise UsageError(f"--report {path} is the table itself, which it would write over")
    return path.open("w", encoding="utf-8", buffering=1)  # line by line, so that a crash loses none


def _progress(arguments: Namespace, form: Format) -> Progress:
    if arguments.quiet or (arguments.json and sys.stdout.isatty()):  # where the two would be written across each other
        return Silent()
    if not is_terminal(sys.stderr):
        return Lines(sys.stderr)
    return Bar(sys.stderr, total=_total(arguments.rows, form))


def _total(name: str, form: Format) -> int:
    if not Path(name).is_file():  # a pipe can be read once
        return 0
    with Path(name).open("rb") as file:
        return count_rows(file, form)
