"""``sesmail send-many``: a mail for each row, told as it goes and when it is over."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any, Self

import pytest

from sesmail import Mailer, mime
from sesmail.cli.course import Course
from sesmail.cli.exits import Exit
from sesmail.cli.interruption import Interruption
from sesmail.cli.main import main
from sesmail.cli.progress import Lines, Silent
from sesmail.cli.rows import Row
from sesmail.errors import Outcome, TimedOut
from sesmail.local import LocalSes
from sesmail.mailer.diversion import Diversion
from sesmail.testing import capture
from sesmail.transports import MemoryTransport

COMMAND = [sys.executable, "-m", "sesmail", "send-many"]
USUAL = ["--template", "news", "--templates", "mails", "--from", "shop@example.com"]
READERS = "to,locale,name\nada@example.org,,Ada\nbob@example.org,de,Bob\n"
BAD = "to,name\nada@example.org,Ada\nnobody,No\n,No\nbob@example.org\neve@example.org,Eve\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SESMAIL_URL", "SESMAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    mails = tmp_path / "mails"
    mails.mkdir()
    (mails / "news.subject.txt").write_text("News")
    (mails / "news.txt").write_text("Hello {{ name }}")
    (mails / "news.de.txt").write_text("Hallo {{ name }}")
    (mails / "linked.txt").write_text("{{ unsubscribe_url }}")
    (mails / "only.de.txt").write_text("Nur {{ name }}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(text: str, name: str = "readers.csv") -> list[str]:
    Path(name).write_text(text)
    return ["--rows", name]


def sent(folder: str = "out") -> list[tuple[str, str | None]]:
    mails = [mime.read(file.read_bytes()) for file in sorted(Path(folder).glob("*.eml"))]
    return [(mail.to[0].email, mail.text) for mail in mails]


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_row_is_a_mail_in_its_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send-many", *USUAL, *table(READERS), "--url", "file:out"]) == Exit.DONE

    assert sent() == [("ada@example.org", "Hello Ada\n"), ("bob@example.org", "Hallo Bob\n")]
    out, err = capsys.readouterr()
    assert re.fullmatch(r"2 sent, 0 failed, of 2 rows in 0:0\d\n", out)
    assert err == ""


def test_json_lines_have_values_of_any_kind() -> None:
    rows = table('{"to": "ada@example.org", "name": {"x": 1}}\n', "readers.ndjson")
    assert main(["send-many", *USUAL, *rows, "--url", "file:out", "--quiet"]) == Exit.DONE

    assert sent() == [("ada@example.org", "Hello {'x': 1}\n")]


def test_url_and_sender_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESMAIL_URL", "null://")
    monkeypatch.setenv("SESMAIL_FROM", "env@example.com")
    with capture() as mailbox:
        assert main(["send-many", *USUAL[:4], *table(READERS)]) == Exit.DONE
        assert {mail.email.sender.email for mail in mailbox if mail.email.sender} == {"env@example.com"}


def test_columns_and_language_are_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table("mail;lang;stop;name\nada@example.org;;https://shop.example/1;Ada\n")
    columns = ["--to-column", "mail", "--locale-column", "lang", "--unsubscribe-column", "stop", "--delimiter", ";"]
    with capture() as mailbox:
        done = main(["send-many", *USUAL, *rows, *columns, "--locale", "de", "--url", "null://"])
        linked = main(["send-many", "--template", "linked", *USUAL[2:], *rows, *columns, "--url", "null://"])

        assert (done, linked) == (Exit.DONE, Exit.DONE), capsys.readouterr()
        assert mailbox[0].email.text == "Hallo Ada\n"
        assert mailbox[0].email.unsubscribe
        assert mailbox[1].email.text == "https://shop.example/1\n"


def test_a_template_that_is_there_in_one_language_is_there() -> None:
    assert main(["send-many", "--template", "only", *USUAL[2:], *table(READERS), "--url", "null://"]) == Exit.FAILED


def test_by_a_local_ses(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "to,name\n" + "".join(f"reader{number}@example.org,{number}\n" for number in range(20)) + "nobody,No\n"
    with LocalSes(sandbox=False) as ses:
        ses.identity("example.com").verify()
        for name, value in ses.environment.items():
            monkeypatch.setenv(name, value)
        arguments = [*USUAL, *table(rows), "--url", "ses://us-east-1", "--concurrency", "4", "--json"]
        assert main(["send-many", *arguments]) == Exit.FAILED

        assert len(ses.sent) == 20
    failed, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert (failed["index"], failed["line"], failed["error"]) == (20, 22, "InvalidAddress")
    assert (end["rows"], end["sent"], end["failed"], end["errors"]) == (21, 20, 1, {"InvalidAddress": 1})


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("concurrency", ["1", "3"])
def test_one_bad_row_stops_nothing_and_stands_in_the_report(
    capsys: pytest.CaptureFixture[str], concurrency: str
) -> None:
    arguments = [*USUAL, *table(BAD), "--url", "file:out", "--report", "failed.jsonl", "--concurrency", concurrency]
    assert main(["send-many", *arguments]) == Exit.FAILED

    assert {to for to, _ in sent()} == {"ada@example.org", "eve@example.org"}
    failed = sorted(map(json.loads, Path("failed.jsonl").read_text().splitlines()), key=lambda one: one["index"])
    assert [(one["index"], one["line"], one["error"], one["outcome"]) for one in failed] == [
        (1, 3, "InvalidAddress", "not_sent"),
        (2, 4, "BadRow", "not_sent"),
        (3, 5, "BadRow", "not_sent"),
    ]
    assert [one["message"] for one in failed[1:]] == ["'to' is empty", "it has 1 cells, and the header 2"]
    out, err = capsys.readouterr()
    assert out.startswith("2 sent, 3 failed, of 5 rows in 0:")
    assert "line 4: BadRow: 'to' is empty" in err.splitlines()


def test_one_row_is_one_recipient(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table('to,name\n"ada@example.org, bob@example.org",Both\n')
    assert main(["send-many", *USUAL, *rows, "--url", "file:out"]) == Exit.FAILED

    assert not sent()
    assert "line 2: InvalidAddress: to[0]: " in capsys.readouterr().err


def test_a_row_that_lacks_what_the_template_wants_is_told_with_the_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send-many", *USUAL, *table("to\nada@example.org\n"), "--url", "null://"]) == Exit.FAILED

    assert "line 2: TemplateError: news.txt, line 1: there is no 'name'" in capsys.readouterr().err


def test_no_more_than_some_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table("to,name\n" + ",No\n" * 50)
    assert main(["send-many", *USUAL, *rows, "--url", "null://", "--report", "failed.jsonl"]) == Exit.FAILED

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "(more that fail are counted, and stand in --report)"
    assert len(Path("failed.jsonl").read_text().splitlines()) == 50


def test_quiet_tells_the_end_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send-many", *USUAL, *table(BAD), "--url", "null://", "--quiet"]) == Exit.FAILED

    out, err = capsys.readouterr()
    assert (out.count("\n"), err) == (1, "")


def test_a_set_up_that_is_wrong_for_all_ends_it_and_tells_how_far_it_came(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "nowhere")
    for name in ("AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    assert main(["send-many", *USUAL, *table(READERS), "--url", "ses://us-east-1"]) == Exit.FAILED

    out, err = capsys.readouterr()
    assert out.startswith("0 sent, 0 failed, 1 begun without a word of how they ended, of 1 rows in")
    assert err.startswith("sesmail: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is needed")
def test_a_report_that_cannot_be_written_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send-many", *USUAL, *table(BAD), "--url", "null://", "--report", "/dev/full"]) == Exit.FAILED

    out, err = capsys.readouterr()
    assert out.startswith("1 sent, 1 failed, ")
    assert err.endswith("sesmail: [Errno 28] No space left on device\n")


def _course(transport: MemoryTransport, rows: int, told: Any = None) -> Course:
    course = Course(Silent(), None, told=told)
    source = iter([Row(number + 2, {"to": [f"reader{number}@example.org"], "text": "Hi"}) for number in range(rows)])
    Mailer(transport, sender="shop@example.com").send_many(rows=course.mails(source), on_result=course.ended)
    return course


def test_what_nobody_knows_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    memory = MemoryTransport()
    memory.fail_next(TimedOut("no answer"), arrives=True)
    course = _course(memory, 2)
    course.tell_end(is_dry=False, was_interrupted=False, as_json=False)

    assert (course.sent, course.failed, course.unknown) == (1, 0, 1)
    assert "1 sent, 0 failed, 1 of which nobody knows whether they are out, of 2 rows" in capsys.readouterr().out


def test_a_recipient_who_lacks_the_mail_is_a_row_that_failed(capsys: pytest.CaptureFixture[str]) -> None:
    """A policy may make several of one; and an error that is not ours is told by its kind."""

    class Odd(MemoryTransport):
        def _take(self, outgoing: Any) -> Any:
            from dataclasses import replace

            if outgoing.email.to[0].local == "reader1":
                raise RuntimeError("hunter2")
            result = super()._take(outgoing)
            failed = replace(result.recipients[0], outcome=Outcome.REFUSED)
            return replace(result, recipients=(*result.recipients, failed))

    course = _course(Odd(), 2, told=sys.stdout)

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert course.failed == 2
    assert (first["error"], first["message"], first["outcome"]) == ("Failed", "refused", "refused")
    assert (second["error"], second["message"]) == ("RuntimeError", "")


# ── a dry run ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_renders_and_checks_and_sends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    rows = BAD + "a@localhost,Local\n"
    with capture() as mailbox:
        assert main(["send-many", *USUAL, *table(rows), "--dry-run"]) == Exit.FAILED
        assert main(["send-many", *USUAL, *table(rows), "--dry-run", "--json", "--url", "file:out"]) == Exit.FAILED
        assert not mailbox.mails

    plain, *as_json = capsys.readouterr().out.split("\n{")
    assert plain.startswith("3 would be sent, 3 failed, of 6 rows in 0:")
    assert "special_use_domain: 1 mails" in plain
    end = json.loads("{" + as_json[-1])
    assert (end["sent"], end["checked"], end["failed"]) == (0, 3, 3)
    assert end["advice"] == {"special_use_domain": 1}
    assert not sent()


def test_a_dry_run_tells_what_cannot_be_rendered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send-many", *USUAL, *table("to\nada@example.org\n"), "--dry-run"]) == Exit.FAILED
    assert "line 2: TemplateError: news.txt, line 1: there is no 'name'" in capsys.readouterr().err
    assert main(["send-many", *USUAL, *table(READERS), "--dry-run", "--locale", "en"]) == Exit.DONE


def test_urls_and_style_sheets_are_as_asked(folder: Path) -> None:
    (folder / "mails" / "page.html").write_text("<style>p{margin:1px}</style><p>{{ url('/' ~ name) }}</p>")
    options = ["--base-url", "https://shop.example", "--inline-css"]
    arguments = [*USUAL[2:], "--template", "page", *options, *table(READERS), "--url", "file:out"]
    assert main(["send-many", *arguments]) == Exit.DONE

    assert sent()[0][1] == "https://shop.example/Ada\n"
    html = mime.read(min(Path("out").glob("*.eml")).read_bytes()).html
    assert '<p style="margin: 1px;">' in str(html)


PROGRAM = """
from sesmail import AsyncMailer, Mailer, Templates
templates = Templates("mails", globals={"shop": "Tea"})
mailer = Mailer("file:out", sender="program@example.com", tags={"by": "program"}, templates=templates)
waiting = AsyncMailer("null://", templates=templates)
"""


def test_a_mailer_of_the_program_has_its_own_of_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "teashop.py").write_text(PROGRAM)
    (folder / "mails" / "shop.txt").write_text("{{ shop }} for {{ name }}")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "teashop", raising=False)
    assert main(["send-many", "--template", "shop", "--mailer", "teashop:mailer", *table(READERS)]) == Exit.DONE

    mail = mime.read(min(Path("out").glob("*.eml")).read_bytes())
    assert mail.text == "Tea for Ada\n"
    assert mail.sender is not None
    assert mail.sender.email == "program@example.com"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--mailer", "teashop:waiting"], "--mailer teashop:waiting: expected a Mailer, not AsyncMailer"),
        (["--mailer", "teashop:mailer", "--url", "null://"], "--url goes without --mailer, which has its own"),
        (["--mailer", "teashop:mailer", "--from", "a@b.example"], "--from goes without --mailer"),
        (["--mailer", "teashop:mailer", "--base-url", "https://a"], "--base-url goes without --mailer"),
        (["--mailer", "teashop:gone"], "there is no 'gone' in teashop"),
        ([], "there are no templates: give --templates with their folder, or --mailer"),
    ],
)
def test_a_mailer_that_is_none_is_told(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    text: str,
) -> None:
    (folder / "teashop.py").write_text(PROGRAM)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "teashop", raising=False)

    assert main(["send-many", "--template", "news", *arguments, *table(READERS)]) == Exit.USAGE
    assert text in capsys.readouterr().err


# ── what is not understood ───────────────────────────────────────────────────────────────────────────────────────

ROWS = ["--rows", "readers.csv", "--url", "null://"]


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["--template", "nws", *USUAL[2:], *ROWS], Exit.USAGE, "there is no template 'nws'; did you mean 'news'?"),
        (["--template", "xyz", *USUAL[2:], *ROWS], Exit.USAGE, "there is no template 'xyz'"),
        ([*USUAL[:4], *ROWS], Exit.USAGE, "nobody sends: give --from, or set SESMAIL_FROM"),
        ([*USUAL[:4], *ROWS, "--from", "hunter2"], Exit.USAGE, "--from: "),
        (
            [*USUAL, *ROWS[:2]],
            Exit.USAGE,
            "there is no way out: give --url, such as ses://eu-west-1, or set SESMAIL_URL",
        ),
        ([*USUAL, "--rows", "-"], Exit.USAGE, "--rows -: say what it is by --format csv or --format jsonl"),
        ([*USUAL, *ROWS, "--concurrency", "0"], Exit.USAGE, "--concurrency is 1 or more"),
        ([*USUAL, *ROWS, "--delimiter", "::"], Exit.USAGE, "--delimiter is one character"),
        (
            [*USUAL, *ROWS, "--to-column", "mail"],
            Exit.USAGE,
            "--rows readers.csv: the header (line 1) has no column 'mail'",
        ),
        ([*USUAL, *ROWS, "--locale-column", "nme"], Exit.USAGE, "has no column 'nme'; did you mean 'name'?"),
        ([*USUAL, *ROWS, "--report", "./readers.csv"], Exit.USAGE, "--report readers.csv is the table itself"),
        ([*USUAL, "--rows", "none.csv", "--url", "null://"], Exit.FAILED, "No such file or directory: 'none.csv'"),
        ([*USUAL, *ROWS, "--url", "nul://"], Exit.FAILED, "unknown scheme 'nul'; did you mean 'null'?"),
        ([*USUAL, *ROWS, "--concurency", "2"], Exit.USAGE, "no option '--concurency'; did you mean '--concurrency'?"),
    ],
)
def test_what_is_not_understood_is_told_in_one_line(
    arguments: list[str], status: Exit, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table(READERS)
    assert main(["send-many", *arguments]) == status

    (told,) = capsys.readouterr().err.splitlines()
    assert text in told
    assert "hunter2" not in told
    assert Path("readers.csv").read_text() == READERS


def test_an_empty_table_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send-many", *USUAL, *table("to,name\n"), "--url", "null://"]) == Exit.DONE
    assert capsys.readouterr().out.startswith("0 sent, 0 failed, of 0 rows in 0:00")


# ── as a process ─────────────────────────────────────────────────────────────────────────────────────────────────


class _Running:
    """The command with a pipe as its table, until the test is over."""

    def __init__(
        self, *arguments: str, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE, term: str = "dumb"
    ) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *USUAL, *arguments],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            env={**os.environ, "TERM": term},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def _until(told: str, *, folder: str = "out", count: int) -> None:
    end = time.monotonic() + 30
    while len(list(Path(folder).glob("*.eml"))) < count:
        assert time.monotonic() < end, told
        time.sleep(0.01)


@pytest.mark.parametrize("concurrency", ["1", "4"])
def test_ctrl_c_ends_with_what_was_sent_so_far(concurrency: str) -> None:
    arguments = ["--rows", "-", "--format", "csv", "--url", "file:out", "--json", "--concurrency", concurrency]
    with _Running(*arguments) as command:
        assert command.process.stdin
        command.process.stdin.write(READERS.encode())
        command.process.stdin.flush()
        _until("both are sent while the table is still open", count=2)
        command.process.send_signal(signal.SIGINT)
        assert command.process.stdout
        end = json.loads(command.process.stdout.read())

        assert command.process.wait(timeout=30) == Exit.INTERRUPTED
    assert (end["rows"], end["sent"], end["failed"], end["interrupted"], end["last_line"]) == (2, 2, 0, True, 3)


def test_what_has_begun_ends_well_and_nothing_more_begins(tmp_path: Path) -> None:
    """Thousands of rows at hand, and Ctrl-C while they are sent: what is told is what is there."""
    rows = "to,name\n" + "".join(f"reader{number}@example.org,{number}\n" for number in range(20_000))
    with _Running(*table(rows), "--url", "file:out", "--concurrency", "3") as command:
        _until("some are sent", count=20)
        command.process.send_signal(signal.SIGINT)
        assert command.process.stdout
        assert command.process.stderr
        out = command.process.stdout.read().decode()
        assert command.process.stderr.read() == b"Ctrl-C: mails that are under way end; once more ends at once\n"

        assert command.process.wait(timeout=30) == Exit.INTERRUPTED
    found = re.match(
        r"([\d,]+) sent, 0 failed, of ([\d,]+) rows in 0:\d\d\ninterrupted: what comes behind line ([\d,]+) ", out
    )
    assert found, out
    there = len(list(Path("out").glob("*.eml")))
    assert [int(number.replace(",", "")) for number in found.groups()] == [there, there, there + 1]
    assert there < 20_000


def test_a_reader_that_goes_away_changes_nothing() -> None:
    with _Running("--rows", "-", "--format", "csv", "--url", "file:out") as command:
        assert command.process.stdin
        assert command.process.stdout
        assert command.process.stderr
        command.process.stdout.close()
        command.process.stderr.close()
        command.process.stdin.write(READERS.encode() + b",,\n")
        command.process.stdin.close()
        assert command.process.wait(timeout=30) == Exit.FAILED
        command.process.stdin = command.process.stdout = command.process.stderr = None
    assert len(sent()) == 2


def _on_a_terminal(*arguments: str, term: str = "xterm", both: bool = False) -> tuple[int, str]:
    leader, follower = pty.openpty()
    with _Running(*arguments, stderr=follower, stdout=follower if both else subprocess.PIPE, term=term) as command:
        os.close(follower)
        assert command.process.stdin
        command.process.stdin.write(READERS.encode() + b",,\n")
        command.process.stdin.close()
        command.process.stdin = None
        told = b""
        while True:
            try:
                told += (read := os.read(leader, 65536))
            except OSError:  # Linux's word for: nobody has it open any more
                break
            if not read:
                break
        status = command.process.wait(timeout=30)
    os.close(leader)
    return status, told.decode()


def test_on_a_terminal_there_is_a_bar() -> None:
    status, told = _on_a_terminal(*table(READERS + ",,\n"), "--url", "file:out")

    assert status == Exit.FAILED
    drawn = told.split("\r\x1b[K")
    assert len(drawn) > 2
    assert "line 4: BadRow: 'to' is empty\r\n" in drawn
    assert re.search(r"^\[#{20,}\] 100 %  3/3  1 failed  [\d.]+/s  0:00 left\r\n$", drawn[-1])


def test_of_a_pipe_nobody_knows_how_long_it_is() -> None:
    _, told = _on_a_terminal("--rows", "-", "--format", "csv", "--url", "file:out")

    assert re.search(r"\r\x1b\[K3 rows  1 failed  [\d.]+/s\r\n$", told)


def test_a_terminal_that_cannot_write_over_gets_lines() -> None:
    _, told = _on_a_terminal(*table(READERS + ",,\n"), "--url", "file:out", term="dumb")

    assert told == "line 4: BadRow: 'to' is empty\r\n"


def test_json_on_a_terminal_is_not_written_across_a_bar() -> None:
    _, told = _on_a_terminal(*table(READERS + ",,\n"), "--url", "file:out", "--json", both=True)

    failed, end = map(json.loads, told.splitlines())
    assert (failed["line"], end["sent"]) == (4, 2)


# ── Ctrl-C ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_second_ctrl_c_ends_at_once() -> None:
    def rows() -> Iterator[int]:
        yield from range(10)

    with Interruption() as interruption:
        given = interruption.until(rows())
        assert next(given) == 0
        signal.raise_signal(signal.SIGINT)
        assert list(given) == []
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    assert interruption.came


def test_a_row_that_never_comes_is_left() -> None:
    def rows() -> Iterator[int]:
        yield 1
        time.sleep(30)
        yield 2

    timer = Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    with Interruption() as interruption:
        timer.start()
        assert list(interruption.until(rows())) == [1]

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_while_sending_tells_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    class Impatient(MemoryTransport):
        def _take(self, outgoing: Any) -> Any:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with Diversion(Impatient()):
        assert main(["send-many", *USUAL, *table(READERS), "--url", "null://"]) == Exit.INTERRUPTED

    out = capsys.readouterr().out
    assert out.startswith("0 sent, 0 failed, 1 begun without a word of how they ended, of 1 rows in 0:00")
    assert "interrupted: what comes behind line 2 was not begun" in out


def test_a_line_that_is_told_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter(range(0, 1000, 4))
    course = Course(Lines(sys.stderr, lambda: next(seconds)), None, told=None)
    source = iter([Row(number, {"to": [f"reader{number}@example.org"], "text": "Hi"}) for number in range(9)])
    Mailer("null://", sender="shop@example.com").send_many(rows=course.mails(source), on_result=course.ended)

    assert capsys.readouterr().err.splitlines()[0] == "3 rows  0 failed  0.2/s"
