"""``sesmail templates`` before the box, with boto3 to look at what SES has."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from sesmail.cli.main import main
from sesmail.local import LocalSes

CONTENT = {"Subject": "Hi {{name}}", "Text": "Hello\n", "Html": "<b>{{name}}</b>"}
PAGE = Path(__file__).parents[2] / "docs" / "stored-templates.md"


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSes]:
    with LocalSes() as ses:
        for name, value in ses.environment.items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        yield ses


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "welcome.subject.txt").write_text("Hi {{name}}\n")
    (tmp_path / "welcome.txt").write_text("Hello\n")
    return tmp_path


def judge(ses: LocalSes) -> Any:
    return boto3.client("sesv2", **ses.client_options)


def kept(ses: LocalSes, *names: str) -> None:
    for name in names:
        judge(ses).create_email_template(TemplateName=name, TemplateContent=CONTENT)


class Ran:
    """One run: its status, and what it said."""

    def __init__(self, capsys: Any, *arguments: object) -> None:
        self.status = main(["templates", *map(str, arguments)])
        self.out, self.err = capsys.readouterr()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def test_a_list_is_names_with_their_time(ses: LocalSes, capsys: Any) -> None:
    kept(ses, "welcome")
    run = Ran(capsys, "list")
    assert run.status == 0
    assert re.fullmatch(r"welcome\t20\d\d-\d\d-\d\dT[\d:.]+\+00:00\n", run.out)
    (entry,) = Ran(capsys, "list", "--json").json
    assert entry["name"] == "welcome"


def test_one_is_shown_with_its_texts(ses: LocalSes, capsys: Any) -> None:
    kept(ses, "welcome")
    expected = "── subject ──\nHi {{name}}\n── text ──\nHello\n── html ──\n<b>{{name}}</b>\n"
    assert Ran(capsys, "show", "welcome").out == expected
    assert Ran(capsys, "show", "welcome", "--json").json == {
        "name": "welcome",
        "subject": "Hi {{name}}",
        "text": "Hello\n",
        "html": "<b>{{name}}</b>",
    }


def test_a_push_tells_what_it_does_and_does_it(ses: LocalSes, folder: Path, capsys: Any) -> None:
    kept(ses, "old")
    dry = Ran(capsys, "push", folder, "--dry-run", "--delete")
    assert dry.out == "would be created: welcome\nwould be deleted: old\nunchanged: 0\n"
    assert [one["TemplateName"] for one in judge(ses).list_email_templates()["TemplatesMetadata"]] == ["old"]
    assert Ran(capsys, "push", folder).out == "created: welcome\nunchanged: 0\n"
    assert judge(ses).get_email_template(TemplateName="welcome")["TemplateContent"]["Subject"] == "Hi {{name}}"
    (folder / "welcome.txt").write_text("Bye")
    assert Ran(capsys, "push", folder, "--delete", "--json").json == {
        "dry_run": False,
        "created": [],
        "updated": ["welcome"],
        "deleted": ["old"],
        "unchanged": [],
    }


def test_a_difference_is_told_and_is_status_1(ses: LocalSes, folder: Path, capsys: Any) -> None:
    kept(ses, "welcome", "old")
    run = Ran(capsys, "diff", folder)
    assert run.status == 1
    assert run.err == ""
    assert run.out.startswith("only at SES: old\n--- SES/welcome.html\n")
    found = Ran(capsys, "diff", folder, "--json")
    assert (found.status, found.json["changed"], found.json["gone"]) == (1, ["welcome"], ["old"])
    assert list(found.json["texts"]) == ["welcome.html"]
    Ran(capsys, "push", folder, "--delete")
    same = Ran(capsys, "diff", folder)
    assert (same.status, same.out) == (0, "")


def test_a_pull_writes_what_ses_has(ses: LocalSes, tmp_path: Path, capsys: Any) -> None:
    kept(ses, "welcome")
    assert Ran(capsys, "pull", tmp_path / "new").out == "pulled welcome\n"
    assert (tmp_path / "new" / "welcome.html").read_text() == "<b>{{name}}</b>"
    assert Ran(capsys, "pull", tmp_path, "--json").json == {"pulled": ["welcome"]}


def test_a_trial_shows_the_mail_and_sends_none(ses: LocalSes, tmp_path: Path, capsys: Any) -> None:
    kept(ses, "welcome")
    data = tmp_path / "data.json"
    data.write_text('{"name": "Ada"}')
    for said in ('{"name": "Ada"}', f"@{data}"):
        run = Ran(capsys, "test", "welcome", "--data", said)
        assert run.status == 0
        assert "Subject: Hi Ada\n" in run.out
    assert "Subject: Hi Ada" in Ran(capsys, "test", "welcome", "--data", '{"name": "Ada"}', "--json").json["mail"]
    run = Ran(capsys, "test", "welcome")
    assert run.status == 1
    assert "Attribute 'name' is not present" in run.err
    assert not ses.sent


@pytest.mark.parametrize("said", ["no", "[1]", "[" * 100_000])
def test_data_that_is_no_object_is_not_understood(ses: LocalSes, capsys: Any, said: str) -> None:
    run = Ran(capsys, "test", "welcome", "--data", said)
    assert (run.status, run.out) == (2, "")
    assert "--data is" in run.err


def test_data_of_a_file_that_is_no_text_is_not_understood(ses: LocalSes, capsys: Any, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"\xff")
    run = Ran(capsys, "test", "welcome", "--data", f"@{tmp_path / 'data'}")
    assert (run.status, run.err) == (2, "sesmail: --data is no JSON\n")


def test_several_are_deleted(ses: LocalSes, capsys: Any) -> None:
    kept(ses, "a", "b", "c")
    assert Ran(capsys, "delete", "a", "b").out == "deleted a\ndeleted b\n"
    assert Ran(capsys, "delete", "c", "--json").json == {"deleted": ["c"]}
    assert judge(ses).list_email_templates()["TemplatesMetadata"] == []
    run = Ran(capsys, "delete", "a")
    assert run.status == 1
    assert "there is no template a" in run.err


def test_what_is_wrong_in_the_folder_is_told_with_file_and_line(ses: LocalSes, folder: Path, capsys: Any) -> None:
    (folder / "welcome.html").write_text("<p>\n{{upper name}}")
    run = Ran(capsys, "push", folder)
    assert (run.status, run.out) == (1, "")
    assert run.err == "sesmail: welcome.html: line 2: SES does not know the helper 'upper'\n"
    as_json = Ran(capsys, "push", folder, "--json")
    assert json.loads(as_json.err)["error"] == "TemplateError"
    unchecked = Ran(capsys, "push", folder, "--no-check")
    assert "welcome.html" not in unchecked.err


def test_account_and_place_can_be_said(ses: LocalSes, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    kept(ses, "welcome")
    for name in ses.environment:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    (tmp_path / "keys").write_text("[shop]\naws_access_key_id = AKIASESMAILLOCALBOX0\naws_secret_access_key = any\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    run = Ran(capsys, "list", "--profile", "shop", "--region", "us-east-1", "--endpoint-url", ses.url)
    assert run.status == 0
    assert run.out.startswith("welcome\t")
    elsewhere = Ran(capsys, "list", "--profile", "shop", "--region", "eu-west-1", "--endpoint-url", ses.url)
    assert (elsewhere.status, elsewhere.out) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required"),
        (["no"], "invalid choice"),
        (["push"], "FOLDER"),
        (["push", ".", "--dry"], "did you mean '--dry-run'"),
        (["list", "--regoin", "x"], "did you mean '--region'"),
    ],
)
def test_what_is_not_understood_is_status_2(capsys: Any, arguments: list[str], said: str) -> None:
    run = Ran(capsys, *arguments)
    assert run.status == 2
    assert said in run.err


def test_it_is_a_command_of_its_own_process(ses: LocalSes) -> None:
    command = [sys.executable, "-m", "sesmail", "templates", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    helped = subprocess.run([*command[:-1], "--help"], capture_output=True, text=True, check=True)
    for deed in ("list", "show", "test", "delete", "push", "pull", "diff"):
        assert f"    {deed} " in helped.stdout
        assert f"sesmail templates {deed}" in PAGE.read_text("utf-8")
