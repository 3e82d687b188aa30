"""``sesmail local``: a real process, as somebody at a terminal has it."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from smtplib import SMTP_SSL
from ssl import create_default_context
from typing import Any, Self
from urllib.request import Request, urlopen

import pytest

from sesmail.cli.exits import Exit
from sesmail.cli.main import main
from sesmail.local import Chaos, Kind, Trouble

PAGE = Path(__file__).parents[2] / "docs" / "local.md"
COMMAND = [sys.executable, "-m", "sesmail"]


class _Running:
    """The command, until the test is over."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "local", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        self.process.send_signal(number)
        assert self.process.stdout
        assert self.process.stderr
        # Not `communicate`, which does not know what `readline` has taken from the pipe already.
        out, err = self.process.stdout.read(), self.process.stderr.read()
        return self.process.wait(timeout=20), out, err

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def _get(url: str) -> Any:
    with urlopen(url, timeout=5) as reply:
        return json.loads(reply.read())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_what_a_shell_needs_and_ends_well(number: int) -> None:
    with _Running("--verify", "example.com", "--verify", "ada@example.org") as command:
        variables = dict(command.line().removeprefix("export ").rstrip("\n").split("=", 1) for _ in range(11))
        url = variables["AWS_ENDPOINT_URL_SESV2"]
        names = [one["IdentityName"] for one in _get(f"{url}/v2/email/identities")["EmailIdentities"]]
        status, out, err = command.end(number)

    assert variables["AWS_ENDPOINT_URL_SES"] == variables["AWS_ENDPOINT_URL_STS"] == url
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"} < set(variables)
    assert names == ["ada@example.org", "example.com"]
    assert (status, out) == (0, "")
    assert f"SES is at {url}, in the sandbox, kept in memory only." in err
    assert "sesv2 ListEmailIdentities us-east-1: done" in err


def test_the_page_shows_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The block of docs/local.md, but for the port."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    shown = re.findall(r"^export .*$|^SES is at .*$", PAGE.read_text("utf-8"), re.MULTILINE)
    with _Running("--verify", "example.com") as command:
        first = command.line().rstrip("\n")
        _, rest, err = command.end()
    url = first.partition("=")[2]

    printed = [err.splitlines()[0], first, *rest.splitlines()]
    assert [line.replace(url, "http://127.0.0.1:4579") for line in printed] == shown


def test_as_json_each_line_is_an_object(tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"Statement": {"Effect": "Allow", "Action": "ses:GetAccount", "Resource": "*"}}))
    options = ["--json", "--production", "--folder", str(tmp_path / "box"), "--policy", str(policy), "--quota", "5"]
    with _Running(*options, "--role", "arn:aws:iam::123456789012:role/mailer,secret") as command:
        about = json.loads(command.line())
        account = _get(f"{about['url']}/v2/email/account")
        with pytest.raises(OSError, match="403"):
            _get(f"{about['url']}/v2/email/identities")
        with pytest.raises(OSError, match="404"):
            _get(f"{about['url']}/nowhere")
        told = [json.loads(command.line()) for _ in range(3)]
        status, _, err = command.end()

    assert about["environment"]["AWS_ENDPOINT_URL_SESV2"] == about["url"]
    assert account["ProductionAccessEnabled"]
    assert account["SendQuota"]["Max24HourSend"] == 5
    assert told[0] == {"service": "sesv2", "operation": "GetAccount", "region": "us-east-1"}
    assert told[1]["fault"] == "DENIED"
    assert told[2]["fault"] == "UNKNOWN_OPERATION"
    assert (status, err) == (0, "")
    assert (tmp_path / "box" / "state.json").exists()


def test_a_reader_that_goes_away_changes_nothing() -> None:
    with _Running("--json") as command:
        url = json.loads(command.line())["url"]
        assert command.process.stdout
        command.process.stdout.close()
        for _ in range(3):
            assert _get(f"{url}/v2/email/account")
        command.process.send_signal(signal.SIGTERM)
        command.process.stdout = None
        assert command.process.wait(timeout=20) == 0


def test_the_folder_outweighs_the_options(tmp_path: Path) -> None:
    with _Running("--folder", str(tmp_path)) as first:
        url = first.line().rstrip("\n").partition("=")[2]
        urlopen(Request(f"{url}/_sesmail/account", data=b'{"production": true}'), timeout=5).close()
        first.end()
    with _Running("--folder", str(tmp_path)) as second:
        second.line()
        _, _, err = second.end()

    assert "in production" in err
    assert "The account is as the folder has it, and not as the options say." in err


# Runs the command again and again, and has it told to end one line of Python later each time, until it waits.
AT_EVERY_LINE = """\
import os, signal, sys, threading
from sesmail.cli import local
from sesmail.cli.main import main

def end():
    os.kill(os.getpid(), signal.SIGTERM)

def end_the_wait():
    global waits
    waits = True
    end()

def announce(ses, arguments):
    timer.start()  # not before: only now the command listens to signals
    def trace(frame, event, argument):
        global left
        left -= event == "line" and not waits
        if event == "line" and left == 0:
            end()
        return trace
    sys._getframe(1).f_trace = trace
    sys.settrace(trace)

local._announce = announce
waits = False
line = 0
while not waits:
    line += 1
    left = line
    timer = threading.Timer(2, end_the_wait)
    assert main(["local", "--port", "0"]) == 0
    sys.settrace(None)
    timer.cancel()
print(line)
"""


def test_it_ends_whenever_it_is_told() -> None:
    done = subprocess.run([sys.executable, "-c", AT_EVERY_LINE], capture_output=True, text=True, timeout=60, check=True)

    assert int(done.stdout) > 1


def test_quiet_says_nothing_of_calls() -> None:
    with _Running("--quiet") as command:
        url = command.line().rstrip("\n").partition("=")[2]
        _get(f"{url}/v2/email/account")
        _, _, err = command.end()

    assert "GetAccount" not in err


def test_the_seed_decides() -> None:
    trouble = "throttle,on=GetAccount,chance=0.5,times=always"
    same = Chaos(seed=7)
    same.arm(Trouble.parse(trouble))
    with _Running("--chaos", trouble, "--seed", "7") as command:
        url = command.line().rstrip("\n").partition("=")[2]
        met = [_is_refused(f"{url}/v2/email/account") for _ in range(24)]
        command.end()

    assert met == [same.meet("GetAccount", (), set(Kind)) is not None for _ in range(24)]


def _is_refused(url: str) -> bool:
    try:
        _get(url)
    except OSError:
        return True
    return False


def test_it_speaks_smtp_too() -> None:
    with _Running("--json", "--smtp", "--smtp-port", "0", "--smtps-port", "0", "--verify", "example.com") as command:
        variables = json.loads(command.line())["environment"]
        trusted = create_default_context(cafile=variables["SES_SMTP_CA_FILE"])
        with SMTP_SSL(
            variables["SES_SMTP_HOST"], int(variables["SES_SMTP_TLS_PORT"]), context=trusted, timeout=20
        ) as client:
            client.login(variables["SES_SMTP_USER"], variables["SES_SMTP_PASSWORD"])
            client.sendmail("a@example.com", ["b@example.com"], "From: a@example.com\r\n\r\nHello\r\n")
        told = json.loads(command.line())
        command.end()

    assert told == {"service": "smtp", "operation": "SendRawEmail", "region": "us-east-1"}
    assert not Path(variables["SES_SMTP_CA_FILE"]).exists()


def test_where_smtp_is_stands_on_stderr() -> None:
    """A port says that SMTP is wanted."""
    with _Running("--smtp-port", "0", "--smtps-port", "0") as command:
        for _ in range(11):
            command.line()
        port = command.line(), command.line()
        _, _, err = command.end()

    assert f"SMTP is at 127.0.0.1, port {port[1].strip().rpartition('=')[2]} with STARTTLS" in err


def test_trouble_is_made_as_told() -> None:
    troubles = ["--chaos", "throttle,on=GetAccount", "--chaos", "unavailable,status=503,on=GetAccount", "--seed", "7"]
    with _Running(*troubles) as command:
        url = command.line().rstrip("\n").partition("=")[2]
        for status in ("400", "503"):
            with pytest.raises(OSError, match=status):
                _get(f"{url}/v2/email/account")
        account = _get(f"{url}/v2/email/account")
        chaos = _get(f"{url}/_sesmail/chaos")
        command.end()

    assert account["SendQuota"]["Max24HourSend"] == 200
    assert [one["kind"] for one in chaos["happened"]] == ["throttle", "unavailable"]


def test_a_taken_port_is_told() -> None:
    with _Running() as command:
        port = command.line().rstrip("\n").rpartition(":")[2]
        done = subprocess.run([*COMMAND, "local", "--port", port], capture_output=True, text=True, check=False)

    assert done.returncode == Exit.FAILED
    assert done.stderr.startswith("sesmail: ")
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_table_of_operations_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["local", "--operations"]) == Exit.DONE
    out = capsys.readouterr().out
    assert "| `SendEmail` | partly |" in out
    assert "| `CreateReceiptRule` | not |" in out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["locl"], "invalid choice: 'locl'"),
        (["local", "--prt", "1"], "sesmail local has no option '--prt'; did you mean '--port'?"),
        (["--versoin", "local"], "sesmail local has no option '--versoin'; did you mean '--version'?"),
        (["local", "--port", "65536"], "argument --port: invalid port value: '65536'"),
        (["local", "--port", "x"], "argument --port: invalid port value: 'x'"),
        (["local", "--quota", "many"], "argument --quota: invalid float value: 'many'"),
        (["local", "--port", "0", "--chaos", "throttel"], "--chaos throttel: chaos has no option 'throttel'; did you"),
        (["local", "--port", "0", "--chaos", "slow,seconds=x"], "seconds of a trouble is a number, and not 'x'"),
    ],
)
def test_what_is_not_understood_is_told_in_one_line(
    arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == Exit.USAGE
    assert main([*arguments, "--json"]) == Exit.USAGE
    plain, as_json = capsys.readouterr().err.splitlines()
    assert text in plain
    assert text in json.loads(as_json)["message"]


def test_a_policy_that_is_none_is_told_with_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(b"\xff")
    assert main(["local", "--port", "0", "--policy", str(file)]) == Exit.USAGE
    assert str(file) in capsys.readouterr().err
    file.write_text("{")
    assert main(["local", "--port", "0", "--policy", str(file)]) == Exit.USAGE
    assert main(["local", "--port", "0", "--policy", str(tmp_path / "missing.json")]) == Exit.FAILED
    first, second = capsys.readouterr().err.splitlines()
    assert str(file) in first
    assert "No such file" in second


def test_to_import_the_command_runs_nothing() -> None:
    assert importlib.import_module("sesmail.__main__").__name__ == "sesmail.__main__"


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["local", "--help"], ["--version"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "--check-signatures" in out
    assert "sesmail 0." in out


def test_ctrl_c_before_anything_runs_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("sesmail.cli.local.run", interrupted)

    assert main(["local"]) == Exit.INTERRUPTED
