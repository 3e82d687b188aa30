"""The table of extras that `nox -s extras` goes through."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from tests.extras import TRIES

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
SAYS_NOTHING = {"speed"}  # without it the same is done, slower


def test_every_extra_is_tried() -> None:
    noxfile = (Path(__file__).parents[2] / "noxfile.py").read_text("utf-8")
    (line,) = [line for line in noxfile.splitlines() if line.startswith("EXTRAS = ")]

    assert ast.literal_eval(line.removeprefix("EXTRAS = ")) == list(TRIES)
    assert set(TRIES) | SAYS_NOTHING == set(PROJECT["project"]["optional-dependencies"])


@pytest.mark.parametrize("extra", TRIES)
def test_an_extra_that_is_installed_works(extra: str) -> None:
    TRIES[extra]()


def test_the_frameworks_are_no_dependency_of_the_library() -> None:
    told = " ".join(PROJECT["project"]["dependencies"])

    assert not [name for name in ("django", "flask", "fastapi", "starlette") if name in told]
