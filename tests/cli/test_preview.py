"""``sesmail preview``: files to look at, for each preview and language."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Attachment, mime
from sesmail.cli.exits import Exit
from sesmail.cli.main import main
from sesmail.cli.page import page_of
from sesmail.cli.preview_files import PreviewFiles

PREVIEWS = """\
from __future__ import annotations

from dataclasses import dataclass

from sesmail import AsyncMailer, Attachment, Email, Mailer
from sesmail.templates import Mail, preview

mailer = Mailer("null://", sender="shop@example.com", templates="mails")
awaited = AsyncMailer("null://", sender="async@example.com", templates="mails")


@dataclass(frozen=True)
class Receipt(Mail):
    number: int


@preview
def small():
    return Receipt(1)


@preview(locales=("en", "de"), name="large / order")
def large():
    return Receipt(1000)


@preview
def lost():
    return {"template": "lost", "context": {}}


@preview
def plain():
    return Email(sender="me@example.com", to="you@example.org", text="Plain", attachments={"a.exe": "x"})


@preview
def by_fields():
    return {"subject": "By fields", "bcc": "you@example.org", "html": "<p>Hello</p>"}


@preview
def broken():
    raise RuntimeError("hunter2")


@preview
def lazy():
    return Email(text="Lazy", attachments={"a.txt": lambda: open("/nowhere/hunter2").read()})


@preview
def nothing():
    return None


@preview
def misspelled():
    return {"sbject": "hunter2"}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module of previews, beside a folder of templates."""
    name = f"previews_{uuid4().hex}"
    (tmp_path / f"{name}.py").write_text(PREVIEWS)
    mails = tmp_path / "mails"
    mails.mkdir()
    (mails / "receipt.subject.txt").write_text("Your order {{ number }}")
    (mails / "receipt.html").write_text("<p>No. {{ number }}</p><img src=\"{{ embed('logo.png') }}\">")
    (mails / "receipt.txt").write_text("No. {{ number }}")
    (mails / "receipt.de.txt").write_text("Nr. {{ number }}")
    (mails / "lost.txt").write_text("Hello\n{{ name }}")
    (mails / "logo.png").write_bytes(b"\x89PNG")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    yield name
    sys.modules.pop(name, None)


def test_each_is_rendered_in_each_of_its_languages(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", shop, "small", "large / order", "--templates", "mails"]) == Exit.DONE

    written = {file.name for file in Path("previews").iterdir()}
    assert written == {
        *("small.eml", "small.html", "small.txt"),
        *("large-order.en.eml", "large-order.en.html", "large-order.en.txt"),
        *("large-order.de.eml", "large-order.de.txt"),
    }
    mail = mime.read(Path("previews/small.eml").read_bytes())
    assert (mail.subject, mail.text) == ("Your order 1", "No. 1\n")
    assert mail.sender
    assert (mail.sender.email, mail.to[0].email) == ("sender@example.com", "recipient@example.org")
    assert Path("previews/large-order.de.txt").read_text() == "Nr. 1000\n"
    assert 'src="data:image/png;base64,iVBORw=="' in Path("previews/small.html").read_text()
    assert capsys.readouterr().out.splitlines()[:5] == [
        "small: Your order 1",
        *(f"  {Path('previews', name)}" for name in ("small.eml", "small.html", "small.txt")),
        "large / order (en): Your order 1000",
    ]


def test_one_that_cannot_be_rendered_keeps_no_other_from_it(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", shop, "--mailer", f"{shop}:mailer", "--out", "out/new"]) == Exit.FAILED

    out, err = capsys.readouterr()
    assert {file.name.partition(".")[0] for file in Path("out/new").iterdir()} == {
        *("small", "large-order", "plain", "by_fields"),
    }
    told = err.splitlines()
    assert told[0].startswith(
        "sesmail: lost cannot be rendered: lost.txt, line 2: there is no 'name' in the context; give it"
    )
    line = PREVIEWS.splitlines().index('    raise RuntimeError("hunter2")') + 1
    assert told[1] == f"sesmail: broken cannot be rendered: RuntimeError in {shop}.py, line {line}"
    assert re.fullmatch(rf"sesmail: lazy cannot be rendered: FileNotFoundError in {shop}.py, line \d+", told[2])
    assert told[3].endswith(" it gives NoneType, and not a Mail, an Email or the fields of one")
    assert told[4].endswith("a mail has no option 'sbject'; did you mean 'subject'?")
    assert len(told) == 5
    assert "hunter2" not in out + err
    assert "plain: (no subject)" in out
    assert "  would not be sent: attachments[0]" in out
    assert (
        "  text: there is HTML and no text, which spam filters hold against a mail; say the same as text [no_text]"
        in out
    )


@pytest.mark.parametrize(("mailer", "sender"), [("mailer", "shop@example.com"), ("awaited", "async@example.com")])
def test_a_mailer_of_either_colour_gives_its_templates_and_defaults(shop: str, mailer: str, sender: str) -> None:
    assert main(["preview", shop, "small", "by_fields", "plain", "--mailer", f"{shop}:{mailer}"]) == Exit.DONE

    senders = [mime.read(Path(f"previews/{name}.eml").read_bytes()).sender for name in ("small", "by_fields", "plain")]
    assert [one.email for one in senders if one] == [sender, sender, "me@example.com"]
    assert not mime.read(Path("previews/by_fields.eml").read_bytes()).to


def test_another_language_than_their_own(shop: str) -> None:
    arguments = ["preview", shop, "small", "large / order", "--templates", "mails", "--locale", "de", "--locale", "de"]
    assert main([*arguments, "--locale", "fr"]) == Exit.DONE

    names = {file.name for file in Path("previews").glob("*.eml")}
    assert names == {f"{name}.{locale}.eml" for name in ("small", "large-order") for locale in ("de", "fr")}
    assert Path("previews/small.de.txt").read_text() == "Nr. 1\n"


def test_what_there_is_is_listed_and_not_rendered(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", shop, "--list"]) == Exit.DONE
    assert main(["preview", shop, "--list", "--json"]) == Exit.DONE

    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["small", "large / order en de", "lost"]
    assert json.loads(lines[10]) == {"name": "large / order", "locales": ["en", "de"]}
    assert not Path("previews").exists()


def test_as_json_each_is_a_line(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", shop, "plain", "lost", "broken", "--templates", "mails", "--json"]) == Exit.FAILED

    out, err = capsys.readouterr()
    plain, lost, broken = map(json.loads, out.splitlines())
    assert (plain["name"], plain["locale"], plain["subject"]) == ("plain", "", "")
    assert plain["files"] == [str(Path("previews", f"plain.{ending}")) for ending in ("eml", "txt")]
    assert {problem["code"]: problem["blocking"] for problem in plain["problems"]}["no_subject"] is False
    assert any(problem["blocking"] for problem in plain["problems"])
    assert (lost["error"], lost["template"], lost["line"], lost["variable"]) == ("TemplateError", "lost.txt", 2, "name")
    assert (broken["error"], broken["template"]) == ("SetupError", None)
    assert err == ""


def test_without_templates_it_says_so(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", shop, "small"]) == Exit.FAILED

    assert "small cannot be rendered: this mailer has no templates" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["nowhere.previews"], Exit.USAGE, "there is no module 'nowhere.previews', seen from "),
        (["{shop}.previews"], Exit.USAGE, "there is no module '{shop}.previews', seen from "),
        ([""], Exit.USAGE, "there is no module '', seen from"),
        ([".previews"], Exit.USAGE, "there is no module '.previews', seen from"),
        (["json"], Exit.USAGE, "json has no previews: put @preview above functions that give a mail"),
        (["{shop}", "smal"], Exit.USAGE, "{shop} has no preview 'smal'; did you mean 'small'?"),
        (["{shop}", "small", "--locale", "../de"], Exit.USAGE, "--locale '../de': a locale is written like"),
        (["{shop}", "--mailer", "{shop}"], Exit.USAGE, "'{shop}' names no object: write it like shop.mail:mailer"),
        (["{shop}", "--mailer", "{shop}:mailr"], Exit.USAGE, "there is no 'mailr' in {shop}"),
        (["{shop}", "--mailer", "{shop}:Mailer.send"], Exit.USAGE, "is function, and not a Mailer or an AsyncMailer"),
        (["{shop}", "--mailer", "{shop}:mailer", "--templates", "mails"], Exit.USAGE, "not allowed with argument"),
        (["{shop}", "--templates", "nowhere"], Exit.FAILED, "there is no folder 'nowhere' for templates"),
        (["{shop}", "small", "--templates", "mails", "--out", "{shop}.py"], Exit.FAILED, "File exists"),
        (["{shop}", "--ot", "x"], Exit.USAGE, "sesmail preview has no option '--ot'; did you mean '--out'?"),
    ],
)
def test_what_is_not_understood_is_told_in_one_line(
    shop: str, arguments: list[str], status: Exit, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preview", *(one.format(shop=shop) for one in arguments)]) == status

    (told,) = capsys.readouterr().err.splitlines()
    assert text.format(shop=shop) in told


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("import nowhere_at_all", "cannot be imported: ModuleNotFoundError of nowhere_at_all in {name}.py, line 1"),
        ("\n1 / 0", "cannot be imported: ZeroDivisionError in {name}.py, line 2"),
        ("\n\ndef f(:", "cannot be imported: SyntaxError in {name}.py, line 3"),
        ("import json\njson.loads('')", "cannot be imported: JSONDecodeError in "),
        (
            "from sesmail.templates import preview\npreview(int, 3)",
            "cannot be imported: TypeError in {name}.py, line 2",
        ),
        ("from sesmail.templates import preview\npreview(lambda x: x)", "the preview '<lambda>' takes 'x'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_with_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], source: str, text: str
) -> None:
    name = f"wrong_{uuid4().hex}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])

    assert main(["preview", name]) == Exit.FAILED
    assert text.format(name=name) in capsys.readouterr().err


def test_the_installed_command_sees_the_folder_that_it_runs_in(shop: str) -> None:
    """``-P`` keeps the folder out of the path, as with the script that pip makes."""
    command = [sys.executable, "-P", "-m", "sesmail", "preview", shop, "small", "--templates", "mails"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})

    assert (done.returncode, done.stderr) == (0, "")
    assert Path("previews/small.eml").exists()


# ── names of files ───────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True))
def test_no_name_leaves_the_folder_and_no_two_meet(names: list[str]) -> None:
    files = PreviewFiles(Path("previews"))
    stems = [files.stem(name) for name in names]

    assert [files.stem(name) for name in names] == stems
    assert len({stem.casefold() for stem in stems}) == len(names)
    for stem in stems:
        assert re.fullmatch(r"[\w\-]+", stem)
        assert not stem.startswith("-")
        assert len(f"{stem}.zh_Hans_CN_variant1_variant2.html".encode()) < 256


def test_names_of_devices_and_of_nothing_become_names() -> None:
    files = PreviewFiles(Path("previews"))

    assert [files.stem(name) for name in ("a", "A", "Ä", "ä")] == ["a", "A-2", "Ä", "ä-2"], "where case does not count"
    assert [files.stem(name) for name in ("CON", "con ", "...", "-rf", "a/../b", "Ärger", "x" * 300)] == [
        *("CON-", "con--2", "preview", "rf", "a-b", "Ärger", "x" * 48),
    ]


def test_files_of_an_earlier_run_are_written_over(tmp_path: Path) -> None:
    for text in (b"longer than", b"short"):
        (file,) = PreviewFiles(tmp_path).write("a", "de", {"txt": text})

    assert (file.name, file.read_bytes()) == ("a.de.txt", b"short")


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────

LOGO = Attachment("logo.png", b"\x89PNG", inline=True, content_id="logo%1@example.com")
URL = "data:image/png;base64,iVBORw=="


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        (f'<img src="{LOGO.cid}">', f'<img src="{URL}">'),
        (f"<img src={LOGO.cid}>", f"<img src={URL}>"),
        ('<img src="CID:logo%251%40example.com">', f'<img src="{URL}">'),
        ('<img src="cid:logo%251&#64;example.com">', f'<img src="{URL}">'),
        (f"<p style='background: url({LOGO.cid})'>", f"<p style='background: url({URL})'>"),
        ('<img src="cid:other@example.com">', '<img src="cid:other@example.com">'),
        ("<p>cid: nothing</p>", "<p>cid: nothing</p>"),
    ],
)
def test_pictures_of_the_mail_stand_in_the_page(html: str, shown: str) -> None:
    assert page_of(html, [LOGO, Attachment("a.txt", "not inline")]).endswith(f"> {shown}"[2:])
    assert shown in page_of(html, [LOGO])


@pytest.mark.parametrize(
    ("html", "before"),
    [
        ("<p>Hi", ""),
        ("<!DOCTYPE html>\n<html><head><title>x</title>", "<!DOCTYPE html>"),
        ("\ufeff \n<!doctype html PUBLIC '-//W3C//DTD'><p>", "\ufeff \n<!doctype html PUBLIC '-//W3C//DTD'>"),
        ("<!-- <head> --><p>", ""),
    ],
)
def test_the_page_forbids_itself_whatever_is_not_in_it(html: str, before: str) -> None:
    page = page_of(html, [])

    assert page.startswith(f'{before}<meta charset="utf-8"><meta http-equiv="Content-Security-Policy"')
    assert "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'" in page
    assert page.endswith(html.removeprefix(before))


def test_an_odd_type_breaks_no_attribute() -> None:
    odd = Attachment("a", b"x", content_type="image/x'onerror", inline=True, content_id="a@b")

    assert "src='data:application/octet-stream;base64,eA=='" in page_of("<img src='cid:a@b'>", [odd])
