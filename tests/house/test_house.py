"""The rules of the house. Each check has been seen to catch a seeded fault, and does so here again."""

from __future__ import annotations

import ast
import inspect
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import sesmail
from sesmail import (
    Address,
    Alternative,
    Attachment,
    Email,
    Envelope,
    Limits,
    Mailer,
    Outgoing,
    Problem,
    SesOptions,
    Unsubscribe,
    errors,
    mime,
    policies,
    templates,
    transports,
)
from sesmail.connect import connect
from sesmail.errors import MailError
from sesmail.local import LocalSes
from sesmail.local.call import Call
from sesmail.mailer.reports import MailReport, ManyReport
from sesmail.ses.calls import send_call
from sesmail.ses.credentials import Credentials
from sesmail.testing import capture
from sesmail.transports import MemoryTransport, TransportUrl
from tests.house.floors import violations

PACKAGE = Path(sesmail.__file__).parent
ROOT = Path(__file__).parents[2]


# ── floors ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_imports_upward() -> None:
    assert list(violations(PACKAGE)) == []


@pytest.mark.parametrize(
    ("path", "source", "reason"),
    [
        ("mail/a.py", "from sesmail.mime import write", "mail imports mime"),
        (
            "mail/a.py",
            "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from sesmail.mime.body import Body",
            "imports mime",
        ),
        ("mail/a.py", "def f():\n    import sesmail.mime", "mail imports mime"),
        ("mail/a.py", "from sesmail import Email", "mail imports Email"),
        ("mail/a.py", "from ..mime import body", "relative"),
        ("mail/a.py", "import email_validator", "inside a function"),
        ("mail/a.py", "import boto3", "must not import boto3"),
        ("mail/a.py", "import socket", "must not know socket"),
        ("mail/a.py", "from time import time", "must not know time"),
        ("mail/a.py", "from sesmail._clock import SYSTEM_CLOCK", "_clock, which is not for it"),
        ("errors.py", "from sesmail.mail.address import Address", "errors imports mail"),
        ("_driver.py", "from time import monotonic", "must not know time"),
        ("_driver.py", "def f():\n    import asyncio", "must not know asyncio"),
        ("_driver.py", "from sesmail._clock import Clock", "_clock, which is not below it"),
        ("mime/a.py", "from http.client import HTTPConnection", "must not know http"),
        ("helpers/a.py", "", "stands on no floor"),
        ("transports/a.py", "from sesmail.mime import write", "not for it"),
        ("transports/a.py", "from sesmail.mailer.composer import Composer", "transports imports mailer"),
        ("connect.py", "from sesmail.mailer.mailer import Mailer", "connect imports mailer"),
        ("mailer/a.py", "from sesmail.testing import capture", "mailer imports testing"),
        ("mailer/a.py", "import pytest", "must not import pytest"),
        ("integrations/a.py", "import flask", "must not import flask"),
        ("mail/a.py", "from sesmail.lines.line import Line", "mail imports lines"),
        ("mime/a.py", "from sesmail.lines.line import Line", "not for it"),
        ("lines/a.py", "from sesmail.mail.address import Address", "lines imports mail"),
        ("lines/a.py", "import h11", "must not import h11"),
        ("ses/calls.py", "import socket", "must not know socket"),
        ("ses/calls.py", "def f():\n    import botocore", "must not import botocore"),
        ("ses/client/a.py", "import h11", "inside a function"),
        ("policies/a.py", "from sesmail.ses.account import Account", "not for it"),
        ("policies/a.py", "from sesmail.mime import write", "not for it"),
        ("policies/a.py", "from sesmail.lines.patience import Patience", "not for it"),
        ("policies/a.py", "from sesmail.transports.ses import SesTransport", "transports.ses, which is not for it"),
        ("policies/a.py", "from sesmail.transports import SesTransport", "transports, which is not for it"),
        ("policies/a.py", "from sesmail.connect import connect", "policies imports connect"),
        ("integrations/flask/a.py", "import fastapi", "must not import fastapi"),
        ("integrations/flask/a.py", "from sesmail.integrations.fastapi import held", "no integration knows another"),
        ("transports/a.py", "from sesmail.policies.policy import Policy", "transports imports policies"),
    ],
)
def test_an_upward_import_is_seen(tmp_path: Path, path: str, source: str, reason: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)

    assert any(reason in violation for violation in violations(tmp_path))


# ── the front door ───────────────────────────────────────────────────────────────────────────────────────────────


def _names_for_type_checkers(package: ModuleType) -> set[str]:
    tree = ast.parse(inspect.getsource(package))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    return {alias.asname or "" for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names}


def test_the_front_door_lists_what_is_there() -> None:
    assert set(sesmail.__all__) == _names_for_type_checkers(sesmail)
    assert sesmail.__all__ == sorted(sesmail.__all__)
    for name in sesmail.__all__:
        assert getattr(sesmail, name).__name__.rpartition(".")[2] == name
    assert set(sesmail.__all__) < set(dir(sesmail))
    with pytest.raises(AttributeError, match="no attribute 'Letter'"):
        getattr(sesmail, "Letter")  # noqa: B009 - a type checker would see it before the test does


@pytest.mark.parametrize("room", [policies, templates, transports], ids=lambda room: room.__name__)
def test_the_door_of_a_room_lists_what_is_there(room: ModuleType) -> None:
    assert set(room.__all__) == _names_for_type_checkers(room)
    assert room.__all__ == sorted(room.__all__)
    for name in room.__all__:
        vars(room).pop(name, None)  # whoever asked before
        assert getattr(room, name) is vars(room)[name], "the next time nobody asks the door"


@pytest.mark.parametrize("name", [name for name in sesmail.__all__ if inspect.isclass(getattr(sesmail, name))])
def test_a_public_class_shows_how_it_is_used(name: str) -> None:
    public = getattr(sesmail, name)
    is_error = issubclass(public, Exception)

    assert inspect.getdoc(public)
    assert is_error or name == "Content" or ">>>" in (inspect.getdoc(public) or ""), "an example that runs"
    for member, value in vars(public).items():
        if not member.startswith("_") and callable(value):
            assert inspect.getdoc(value), f"{name}.{member}"


LAZY = ("boto3", "botocore", "jinja2", "email_validator", "idna", "dns", "typing_extensions", "pybase64")
HEAVY = ("email", "logging", "asyncio", "socket", "ssl", "http", "pathlib", "datetime", "json", "secrets", "mimetypes")


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_front_door_is_light() -> None:
    assert _loaded_by("import sesmail") <= {"sesmail", "__future__"} | _loaded_by("import __future__")
    assert not _loaded_by("from sesmail import Email, Address, Attachment") & {*LAZY, *HEAVY}
    assert not _loaded_by("from sesmail import Mailer, AsyncMailer") & {*LAZY, *HEAVY, "dataclasses", "re"}
    assert not _loaded_by(
        "from sesmail import Mailer; Mailer('null://').send(sender='a@b.example', to='a@b.example')"
    ) & {
        *LAZY,
        *HEAVY,
        "importlib.metadata",
        "concurrent.futures",
        "urllib.parse",
    } - {"pybase64", "datetime"}
    assert not _loaded_by("from sesmail import Email, mime; mime.write(Email(sender='a@b.example')).to_bytes()") & {
        *LAZY,
        "logging",
        "email",
        "asyncio",
        "socket",
        "ssl",
        "json",
    } - {"pybase64"}


def test_a_heavy_import_is_seen() -> None:
    assert "wave" in _loaded_by("import sesmail, wave")


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────────

SECRET = "hunter2-planted"


def _planted() -> list[object]:
    mail = Email(
        sender="shop@example.com",
        to=[f"{SECRET}@example.org", "b@example.org"],
        bcc=f"{SECRET}@example.com",
        subject=f"Your code is {SECRET}",
        text=f"text {SECRET}",
        html=f"html {SECRET}",
        attachments={"a.txt": f"content {SECRET}"},
        alternatives=[Alternative.calendar(SECRET)],
        headers={"X-Secret": SECRET},
        tags={"a": SECRET},
        metadata={"token": SECRET},
        unsubscribe=Unsubscribe(f"https://example.com/{SECRET}"),
        ses=SesOptions(configuration_set="main"),
    )
    content = mime.write(mail)
    envelope = Envelope.of(mail)
    outgoing = Outgoing(mail, envelope, content, mail.ses)
    mailer = Mailer(
        MemoryTransport(), headers={"X-Secret": SECRET}, tags={"a": SECRET}, sender=(SECRET, "a@example.com")
    )
    with capture() as mailbox:
        reports = list(mailer.iter_many([mail, {"to": SECRET}]))
    problems = mailer.check(mail.replace(tags={"a": f"{SECRET} "}, html=None, attachments={f"{SECRET}.exe": ""}))
    assert any(problem.blocking for problem in problems)
    url = TransportUrl.parse(f"smtp://{SECRET}:{SECRET}@host?a={SECRET}")
    ways = [
        connect(f"ses://AKIA{SECRET.upper()}:{SECRET}@eu-west-1?client=direct&session_token={SECRET}"),
        connect(f"ses://AKIA:{SECRET}@eu-west-1"),
        connect(f"ses+smtp://AKIAIOSFODNN7EXAMPLE:{SECRET}@eu-west-1"),
        connect(f"smtp://{SECRET}:{SECRET}@relay.example.com"),
        Credentials(role_arn="arn:aws:iam::123456789012:role/mailer", external_id=SECRET),
        send_call(outgoing, api="v2", kind="raw"),
    ]
    of_the_way = [*ways, mailer, mailer.transport, mailbox, *mailbox, *reports, *problems, url]
    of_the_way += [problem.error for problem in problems] + [report.error for report in reports]
    return [
        *_planted_in_the_box(content),
        mail,
        content,
        envelope,
        outgoing,
        mail.unsubscribe,
        *mail.alternatives,
        *mail.attachments,
        *of_the_way,
    ]


def _planted_in_the_box(content: mime.MimeContent) -> list[object]:
    ses = LocalSes(sandbox=False)
    ses.identity("example.com").verify()
    ses.add_key("AKIA", SECRET)
    ses.add_role("arn:aws:iam::123456789012:role/mailer", external_id=SECRET)
    call = Call("sesv2", "SendEmail", {"Content": {"Raw": {"Data": content.to_bytes()}}})
    ses.box.handle(call)
    keys = [*ses.box.keys.keys.values(), *ses.box.keys.roles.values()]
    return [ses, call, *ses.sent, *ses.events, ses.account, ses.identity("example.com"), *keys]


def test_planted_secrets_are_never_printed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    planted = _planted()
    for value in planted:
        for printed in (repr(value), str(value), f"{value}"):
            assert SECRET not in printed, type(value).__name__
    (content,) = (value for value in planted if isinstance(value, mime.MimeContent))
    mime.read(content.with_headers([("X-Added", SECRET)]).to_bytes())

    assert caplog.records, "the log was listened to"
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "fields",
    [
        {"to": [f"{SECRET} {SECRET}"]},
        {"to": f"<{SECRET}"},
        {"to": [f"a@{SECRET}_.example"]},
        {"sender": (f"{SECRET}\n", "a@example.com")},
        {"subject": f"{SECRET}\n"},
        {"text": f"{SECRET}\0"},
        {"tags": {"a": f"{SECRET}\n"}},
        {"metadata": {"a": f"{SECRET}\n"}},
        {"headers": {"X-A": f"{SECRET}\n"}},
        {"unsubscribe": f"https://{SECRET}.example/é"},
        {"message_id": f"{SECRET} {SECRET}"},
    ],
)
def test_a_refusal_does_not_repeat_what_it_refuses(fields: dict[str, object]) -> None:
    with pytest.raises(MailError) as caught:
        Email(**fields)  # type: ignore[arg-type]

    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


# ── logging ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_logger_is_silent_by_default() -> None:
    code = (
        "import logging, sesmail.mime as mime\n"
        "mime.read(b'X-A: \\x07\\r\\n\\r\\n')\n"
        "print([type(handler).__name__ for handler in logging.getLogger('sesmail').handlers])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stderr == ""
    assert done.stdout == "['NullHandler']\n"


def test_every_message_of_the_log_is_told_in_the_docs() -> None:
    page = (ROOT / "docs" / "logging.md").read_text("utf-8")
    messages = [
        node.args[1].value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log"
        if isinstance(node.args[1], ast.Constant)
    ]

    assert messages
    for message in messages:
        assert str(message) in page


# ── the rest of the house ────────────────────────────────────────────────────────────────────────────────────────


def test_every_module_says_what_it_is() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path.name


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{sesmail.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_demo_shows_a_mail(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "examples" / "send_a_mail.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"})

    (written,) = tmp_path.glob("*.eml")
    mail = mime.read(written.read_bytes())
    assert mail.subject == "Your order № 42 is on its way"
    assert [file.name for file in mail.attachments] == ["logo.png", "Übersicht.csv"]
    assert "Übersicht.csv" in done.stdout.decode()


def test_shipped_values_are_what_the_house_says() -> None:
    values = (Address, Alternative, Attachment, Email, Envelope, Outgoing, SesOptions, Unsubscribe)
    for value in (*values, Limits, MailReport, ManyReport, Problem, TransportUrl):
        assert getattr(value, "__dataclass_params__").frozen  # noqa: B009 - private to dataclasses
        assert "__slots__" in vars(value)
    assert errors.SesmailError.__base__ is Exception
