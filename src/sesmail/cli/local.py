"""``sesmail local``: SES in a box, until it is told to end. It prints what clients need to find it."""

from __future__ import annotations

import json
import logging
import signal
import sys
from argparse import Namespace, _SubParsersAction
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from sesmail.cli.exits import Exit
from sesmail.cli.parser import Parser, UsageError
from sesmail.errors import SetupError
from sesmail.local import LocalSes
from sesmail.local.call import Call
from sesmail.local.faults import Fault
from sesmail.local.operations.coverage import as_markdown
from sesmail.local.policy import PolicyProblem
from sesmail.local.smtp.options import SmtpOptions
from sesmail.local.trouble import Trouble

_PORT = 4579
_SMTP_PORT, _SMTPS_PORT = 4587, 4465
_HIGHEST_PORT = 65535
_DESCRIPTION = """\
A local Amazon SES for development and tests: SES v2, SES v1, and the calls of STS that credentials need.
It is in the sandbox, has no identities and sends 200 mails a day and one a second, unless told otherwise."""
_EPILOG = """\
examples:
  sesmail local --production --verify example.com      send from example.com to anybody
  sesmail local --smtp                                 speak SMTP too
  sesmail local --folder .ses                          keep identities and mails for the next time
  sesmail local --chaos throttle,chance=0.1,times=always      every tenth send is throttled

what was sent:        curl http://127.0.0.1:4579/_sesmail/sent
verify an identity:   curl -d '{"do": "verify"}' http://127.0.0.1:4579/_sesmail/identities/ada@example.org"""


def add_to(commands: _SubParsersAction[Parser]) -> None:
    """Add this subcommand."""
    parser = commands.add_parser("local", help="run a local SES", description=_DESCRIPTION, epilog=_EPILOG)
    door = parser.add_argument_group("where it listens")
    door.add_argument("--host", default="127.0.0.1", help="address to bind (default: 127.0.0.1, this machine only)")
    door.add_argument("--port", type=port, default=_PORT, help=f"port; 0 is any that is free (default: {_PORT})")
    door.add_argument("--smtp", action="store_true", help='speak SMTP too; needs pip install "sesmail[local]"')
    door.add_argument("--smtp-port", type=port, help=f"SMTP with STARTTLS (default: {_SMTP_PORT})")
    door.add_argument("--smtps-port", type=port, help=f"SMTP with TLS (default: {_SMTPS_PORT})")
    door.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a name clients may call it by")
    account = parser.add_argument_group("the account")
    account.add_argument("--region", default="us-east-1", help="Region of the printed environment (default: us-east-1)")
    account.add_argument("--production", action="store_true", help="out of the sandbox")
    account.add_argument("--quota", type=float, help="recipients in 24 hours; -1 is no limit")
    account.add_argument("--rate", type=float, help="recipients a second")
    account.add_argument("--control-rate", type=float, help="calls a second of each operation that is no send")
    account.add_argument("--verify", action="append", default=[], metavar="IDENTITY", help="a verified identity")
    access = parser.add_argument_group("access")
    access.add_argument("--check-signatures", action="store_true", help="refuse what is not signed with a known key")
    access.add_argument("--policy", type=Path, metavar="FILE", help="IAM policy of the key that it hands out")
    access.add_argument("--role", action="append", default=[], metavar="ARN[,EXTERNAL-ID]", help="a role to assume")
    bad = parser.add_argument_group("what goes wrong")
    bad.add_argument("--chaos", action="append", default=[], metavar="TROUBLE", help="such as throttle,times=2")
    bad.add_argument("--seed", type=int, default=0, help="of troubles with a chance (default: 0)")
    about = parser.add_argument_group("the rest")
    about.add_argument("--folder", type=Path, help="keep mails, identities and counts here for the next time")
    about.add_argument("--json", action="store_true", help="one JSON object a line")
    about.add_argument("--quiet", action="store_true", help="do not tell of calls")
    about.add_argument("--operations", action="store_true", help="print which operations are served, and end")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: Namespace) -> Exit:
    """Run the box until SIGINT or SIGTERM."""
    if arguments.operations:
        sys.stdout.write(f"{as_markdown()}\n")
        return Exit.DONE
    logging.getLogger("sesmail").addHandler(logging.StreamHandler())  # what goes wrong inside is told here
    # Not an Event: its lock is plain, and a signal that comes while `wait` holds it would wait for itself.
    ends = SimpleQueue[int]()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: ends.put(number))
    with _box(arguments) as ses:
        (_announce_as_json if arguments.json else _announce)(ses, arguments)
        ends.get()
    return Exit.DONE


def _box(arguments: Namespace) -> LocalSes:
    ses = LocalSes(
        sandbox=not arguments.production,
        quota=arguments.quota,
        rate=arguments.rate,
        region=arguments.region,
        host=arguments.host,
        port=arguments.port,
        allow_hosts=arguments.allow_host,
        check_signatures=arguments.check_signatures,
        control_rate=arguments.control_rate,
        folder=arguments.folder,
        on_call=None if arguments.quiet else (_tell_as_json if arguments.json else _tell),
        smtp=_smtp(arguments),
    )
    for name in arguments.verify:
        ses.identity(name).verify()
    for role in arguments.role:
        arn, _, external_id = role.partition(",")
        ses.add_role(arn, external_id=external_id)
    if arguments.policy:
        _allow(ses, arguments.policy)
    _disturb(ses, arguments.chaos, arguments.seed)
    return ses


def _smtp(arguments: Namespace) -> SmtpOptions | bool:
    """Who names a port wants SMTP."""
    given = arguments.smtp_port, arguments.smtps_port
    if not arguments.smtp and given == (None, None):
        return False
    usual = _SMTP_PORT, _SMTPS_PORT
    port, tls_port = (default if asked is None else asked for asked, default in zip(given, usual, strict=True))
    return SmtpOptions(port=port, tls_port=tls_port)


def _disturb(ses: LocalSes, troubles: Sequence[str], seed: int) -> None:
    ses.chaos.seed(seed)
    for text in troubles:
        try:
            ses.chaos.arm(Trouble.parse(text))
        except SetupError as problem:
            raise UsageError(f"--chaos {text[:100]}: {problem}") from problem


def _allow(ses: LocalSes, file: Path) -> None:
    try:
        ses.allow(file.read_text("utf-8"))
    except (PolicyProblem, UnicodeDecodeError) as problem:
        raise UsageError(f"{file}: {problem}") from problem


def _announce(ses: LocalSes, arguments: Namespace) -> None:
    where = "in the sandbox" if ses.account.sandbox else "in production"
    kept = f"kept in {arguments.folder}" if arguments.folder else "kept in memory only"
    _say(sys.stderr, f"SES is at {ses.url}, {where}, {kept}. Ctrl-C ends it. For the shell of your program:")
    if ses.speaks_smtp:
        smtp = ses.smtp
        _say(sys.stderr, f"SMTP is at {smtp.host}, port {smtp.port} with STARTTLS and {smtp.tls_port} with TLS.")
    if ses.account.sandbox == arguments.production:
        _say(sys.stderr, "The account is as the folder has it, and not as the options say.")
    _say(sys.stdout, "\n".join(f"export {name}={value}" for name, value in _environment(ses).items()))


def _announce_as_json(ses: LocalSes, _arguments: Namespace) -> None:
    _say(sys.stdout, json.dumps({"url": ses.url, "environment": _environment(ses)}))


def _environment(ses: LocalSes) -> Mapping[str, str]:
    return {**ses.environment, **(ses.smtp.environment if ses.speaks_smtp else {})}


def _tell(call: Call | None, fault: Fault | None) -> None:
    what = f"{call.service} {call.operation} {call.region}" if call else "a request that nobody understands"
    _say(sys.stderr, f"{what}: {fault.kind.name}: {fault.message}" if fault else f"{what}: done")


def _tell_as_json(call: Call | None, fault: Fault | None) -> None:
    about = {"service": call.service, "operation": call.operation, "region": call.region} if call else {}
    why = {"fault": fault.kind.name, "message": fault.message} if fault else {}
    _say(sys.stdout, json.dumps({**about, **why}))


def _say(stream: TextIO, text: str) -> None:
    with suppress(BrokenPipeError):  # whoever read this has gone; the box stays
        stream.write(f"{text}\n")
        stream.flush()


def port(text: str) -> int:
    """The number of a port. argparse tells the name of this function, should the text be none."""
    number = int(text)
    if not 0 <= number <= _HIGHEST_PORT:
        raise ValueError(text)
    return number
