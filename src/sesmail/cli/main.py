"""main: finds the subcommand, runs it, and tells its end as a number and its failure as one line."""

from __future__ import annotations

import json
import sys
from argparse import Action, ArgumentParser
from collections.abc import Sequence

from sesmail.cli import local, preview, send_many, templates
from sesmail.cli.exits import Exit
from sesmail.cli.parser import Parser, UsageError
from sesmail.errors import SesmailError

_DESCRIPTION = "Sending e-mail through Amazon SES."
_EPILOG = "sesmail COMMAND --help tells more. Exit status: 0 done, 1 failed, 2 not understood, 130 interrupted."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    trouble = Exit.FAILED
    try:
        parsed = _parser().parse(given)
        trouble = getattr(parsed, "trouble", trouble)
        return int(parsed.run(parsed))
    except UsageError as error:
        return _failed(error, Exit.USAGE, as_json="--json" in given)
    except (SesmailError, OSError) as error:
        return _failed(error, trouble, as_json="--json" in given)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


class _Version(Action):
    """Reads the version only when somebody asks."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"sesmail {version('sesmail')}\n")
        parser.exit()


def _parser() -> Parser:
    parser = Parser(prog="sesmail", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version, and end")
    commands = parser.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    for command in (local, preview, send_many, templates):
        command.add_to(commands)
    return parser


def _failed(error: Exception, status: Exit, *, as_json: bool) -> int:
    said = json.dumps({"error": type(error).__name__, "message": str(error)}) if as_json else f"sesmail: {error}"
    sys.stderr.write(f"{said}\n")
    return status
