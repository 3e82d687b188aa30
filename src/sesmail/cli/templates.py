"""``sesmail templates``: the templates that SES keeps. A folder of them is pushed, pulled and compared."""

from __future__ import annotations

import json
import sys
from argparse import Namespace, _SubParsersAction
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from sesmail.cli.exits import Exit
from sesmail.cli.parser import Parser, UsageError
from sesmail.ses.credentials import Credentials
from sesmail.ses.stored.kept import KeptTemplate, TemplateEntry
from sesmail.ses.stored.templates import Pushed, StoredTemplates
from sesmail.transports.ses import SesTransport

_DESCRIPTION = """\
Templates that SES keeps, of one account in one Region. In a folder each is NAME.subject.txt, NAME.txt and NAME.html."""
_EPILOG = """\
examples:
  sesmail templates push emails --dry-run     tell what a push would change
  sesmail templates push emails               have SES keep what is in the folder
  sesmail templates diff emails               compare; exit status 1 where they differ
  sesmail templates test welcome --data '{"name": "Ada"}'     what SES makes of it; nothing is sent"""

Run = Callable[[StoredTemplates, Namespace], Exit]


def add_to(commands: _SubParsersAction[Parser]) -> None:
    """Add this subcommand, and those below it."""
    parser = commands.add_parser("templates", help="templates that SES keeps", description=_DESCRIPTION, epilog=_EPILOG)
    parser.set_defaults(parser=parser)
    deeds = parser.add_subparsers(title="commands", dest="deed", required=True, metavar="COMMAND")
    _add(deeds, "list", _list, "names, the newest first")
    _named(_add(deeds, "show", _show, "the texts of one"))
    tried = _named(_add(deeds, "test", _test, "what SES makes of one; nothing is sent"))
    tried.add_argument("--data", default="{}", metavar="JSON", help="an object; @FILE reads one (default: {})")
    _named(_add(deeds, "delete", _delete, "delete some"), nargs="+")
    pushed = _in_folder(_add(deeds, "push", _push, "have SES keep what is in a folder"))
    pushed.add_argument("--delete", action="store_true", help="delete at SES what the folder has not")
    pushed.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")
    pushed.add_argument("--no-check", action="store_true", help="push also what our own reader does not understand")
    _in_folder(_add(deeds, "pull", _pull, "write all that SES keeps into a folder"))
    _in_folder(_add(deeds, "diff", _diff, "compare a folder with SES; exit status 1 where they differ"))


def _add(deeds: _SubParsersAction[Parser], name: str, run: Run, says: str) -> Parser:
    parser = deeds.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    account = parser.add_argument_group("the account")
    account.add_argument("--region", default="", help="Region (default: that of the environment or the profile)")
    account.add_argument("--profile", default="", help="profile of AWS's configuration files")
    account.add_argument("--endpoint-url", default="", metavar="URL", help="another place than Amazon: a local SES")
    parser.add_argument("--json", action="store_true", help="JSON in place of text")
    parser.set_defaults(run=_with_templates(run), parser=parser)
    return parser


def _named(parser: Parser, nargs: str | None = None) -> Parser:
    parser.add_argument("name", nargs=nargs, metavar="NAME", help="name of the template")
    return parser


def _in_folder(parser: Parser) -> Parser:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the files are")
    return parser


def _with_templates(run: Run) -> Callable[[Namespace], Exit]:
    def within(arguments: Namespace) -> Exit:
        with _templates(arguments) as templates:
            return run(templates, arguments)

    return within


@contextmanager
def _templates(arguments: Namespace) -> Iterator[StoredTemplates]:
    credentials = Credentials(profile=arguments.profile)
    with closing(SesTransport(arguments.region, credentials=credentials, endpoint_url=arguments.endpoint_url)) as ses:
        templates = ses.templates
        assert templates is not None  # noqa: S101 - v2 has them
        yield templates


# ── what is done ─────────────────────────────────────────────────────────────────────────────────────────────────


def _list(templates: StoredTemplates, arguments: Namespace) -> Exit:
    entries = templates.list().answer()
    if arguments.json:
        return _say_json([{"name": entry.name, "created": _when(entry)} for entry in entries])
    return _say(f"{entry.name}\t{_when(entry)}" for entry in entries)


def _when(entry: TemplateEntry) -> str:
    return entry.created.isoformat() if entry.created else ""


def _show(templates: StoredTemplates, arguments: Namespace) -> Exit:
    kept = templates.get(arguments.name).answer()
    if arguments.json:
        return _say_json({"name": kept.name, **kept.parts})
    return _say(_shown(kept))


def _shown(kept: KeptTemplate) -> Iterator[str]:
    for part, text in kept.parts.items():
        yield f"── {part} ──"
        yield text.rstrip("\n")


def _test(templates: StoredTemplates, arguments: Namespace) -> Exit:
    mail = templates.test_render(arguments.name, _data(arguments.data)).answer()
    if arguments.json:
        return _say_json({"name": arguments.name, "mail": mail})
    return _say([mail.replace("\r\n", "\n")])


def _data(said: str) -> Mapping[str, object]:
    try:
        data = json.loads(Path(said[1:]).read_text("utf-8") if said.startswith("@") else said)
    except (ValueError, RecursionError) as error:
        raise UsageError("--data is no JSON") from error
    if not isinstance(data, dict):
        raise UsageError('--data is an object, such as {"name": "Ada"}')
    return data


def _delete(templates: StoredTemplates, arguments: Namespace) -> Exit:
    for name in arguments.name:
        templates.delete(name).answer()
    return _say_json({"deleted": arguments.name}) if arguments.json else _say(f"deleted {n}" for n in arguments.name)


def _push(templates: StoredTemplates, arguments: Namespace) -> Exit:
    pushed = templates.push(
        arguments.folder, delete=arguments.delete, dry_run=arguments.dry_run, check=not arguments.no_check
    ).answer()
    if arguments.json:
        return _say_json({"dry_run": arguments.dry_run, **_by_deed(pushed)})
    would = "would be " if arguments.dry_run else ""
    deeds = {deed: names for deed, names in _by_deed(pushed).items() if deed != "unchanged"}
    lines = [f"{would}{deed}: {name}" for deed, names in deeds.items() for name in names]
    return _say([*lines, f"unchanged: {len(pushed.unchanged)}"])


def _by_deed(pushed: Pushed) -> Mapping[str, tuple[str, ...]]:
    return {deed: getattr(pushed, deed) for deed in ("created", "updated", "deleted", "unchanged")}


def _pull(templates: StoredTemplates, arguments: Namespace) -> Exit:
    names = templates.pull(arguments.folder).answer()
    return _say_json({"pulled": names}) if arguments.json else _say(f"pulled {name}" for name in names)


def _diff(templates: StoredTemplates, arguments: Namespace) -> Exit:
    found = templates.diff(arguments.folder).answer()
    if arguments.json:
        kinds = {kind: getattr(found, kind) for kind in ("added", "changed", "gone", "same")}
        _say_json({**kinds, "texts": dict(found.texts)})
    else:
        gone = [f"only at SES: {name}" for name in found.gone]
        _say([*gone, *found.texts.values()])
    return Exit.DONE if found.is_empty else Exit.FAILED


def _say(lines: Iterable[str]) -> Exit:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return Exit.DONE


def _say_json(value: object) -> Exit:
    sys.stdout.write(f"{json.dumps(value)}\n")
    return Exit.DONE
