"""The pages of the commands: what they show is what is printed, and no option is left out."""

from __future__ import annotations

import json
import re
import shlex
import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from sesmail.cli.exits import Exit
from sesmail.cli.main import _parser, main

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"local": "local.md", "preview": "previews.md", "send-many": "send-many.md"}


def _commands() -> dict[str, ArgumentParser]:
    (action,) = (action for action in _parser()._actions if action.dest == "command")
    return dict(action.choices or {})


@pytest.mark.parametrize("name", [name for name in PAGES if name != "local"])
def test_every_option_of_a_command_stands_on_its_page(name: str) -> None:
    page = (DOCS / PAGES[name]).read_text("utf-8")
    for option in _commands()[name].options:  # type: ignore[attr-defined] # ours
        assert option == "--help" or f"`{option}" in page, option


def _block(page: str, begin: str) -> list[str]:
    blocks: list[str] = re.findall(r"^```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (block,) = (one for one in blocks if begin in one)
    return block.splitlines()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SESMAIL_URL", "SESMAIL_FROM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "mails").mkdir()
    return tmp_path


def test_the_page_of_previews_shows_what_is_printed(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (DOCS / "previews.md").read_text("utf-8")
    (here / "shop").mkdir()
    (here / "shop" / "__init__.py").touch()
    (here / "shop" / "previews.py").write_text("\n".join(_block(page, "def small_order")))
    for name, title in (("receipt", "Receipt"), ("receipt.de", "Beleg")):
        (here / "mails" / f"{name}.html").write_text(
            "{% block subject %}" + title + " {{ number }}{% endblock %}\n<p>{{ lines|join(', ') }}</p>\n"
        )
    command, *shown = _block(page, "$ sesmail preview shop.previews --templates mails\n")

    assert main(shlex.split(command)[2:]) == Exit.DONE
    assert capsys.readouterr().out.replace("\\", "/").splitlines() == shown

    command, told = _block(page, "nubmer")
    (here / "mails" / "receipt.de.html").write_text("\n\n{{ nubmer }}")
    assert main(shlex.split(command)[2:]) == Exit.FAILED
    assert capsys.readouterr().err.splitlines() == [told]
    for name in ("shop", "shop.previews"):
        monkeypatch.delitem(sys.modules, name)


def test_the_page_of_many_shows_what_is_printed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "send-many.md").read_text("utf-8")
    (here / "readers.csv").write_text("\n".join(_block(page, "to,locale,name")))
    for name in ("news.txt", "news.de.txt"):
        (here / "mails" / name).write_text("\n".join(_block(page, "{{ name }}, there is news.\n")[:1]))
    (here / "mails" / "news.subject.txt").write_text("News")
    command, told, end = _block(page, "--dry-run\n")

    assert main(shlex.split(command)[2:]) == Exit.FAILED
    assert capsys.readouterr() == (f"{end}\n", f"{told}\n")

    (command,) = _block(page, "--report failed.jsonl")
    assert main([*shlex.split(command)[2:], "--url", "null://"]) == Exit.FAILED
    (failed,) = _block(page, '"index"')
    assert json.loads((here / "failed.jsonl").read_text()) == json.loads(failed)
