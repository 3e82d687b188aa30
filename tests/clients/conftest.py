"""Boxes for these tests, clients of boto3, and how programs of others are run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sesmail.local import BoxClock, LocalSes

from .awscli import Aws
from .boto import Client, client
from .environments import python_with

NOW = 1_800_000_000  # 2027-01-15 08:00 UTC
SHOP = "shop.example"
SENDER = f"Shop <orders@{SHOP}>"


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No profile, no key, no proxy that somebody has here."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    """A new account, at a time that stands still."""
    with LocalSes(clock=BoxClock(at=NOW)) as ses:
        yield ses


@pytest.fixture
def shop(ses: LocalSes) -> LocalSes:
    """The same, out of the sandbox, with a domain that is verified."""
    ses.account.grant_production(rate=1000)
    ses.identity(SHOP).verify()
    return ses


@pytest.fixture
def v1(ses: LocalSes) -> Iterator[Client]:
    with client(ses, "ses") as made:
        yield made


@pytest.fixture
def v2(ses: LocalSes) -> Iterator[Client]:
    with client(ses, "sesv2") as made:
        yield made


@pytest.fixture
def sts(ses: LocalSes) -> Iterator[Client]:
    with client(ses, "sts") as made:
        yield made


# ── programs of others ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def surroundings(ses: LocalSes, tmp_path: Path) -> dict[str, str]:
    """The variables of a program: where the box is, and nothing that tells it of this machine's user."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **ses.environment}


@pytest.fixture(scope="session")
def program() -> Path:
    return python_with("awscli", "awscli>=1.46") / "aws"


@pytest.fixture
def aws(program: Path, surroundings: dict[str, str], tmp_path: Path) -> Aws:
    """Run the program with these arguments, in a folder of its own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**surroundings, "PYTHONUTF8": "1", "AWS_MAX_ATTEMPTS": "1"},
            cwd=tmp_path,
            check=False,
            timeout=60,
        )

    return run


def driven(command: Sequence[str | Path], asked: object, surroundings: Mapping[str, str]) -> Any:
    """What a driver answers: JSON in, JSON out."""
    done = subprocess.run(
        command,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=surroundings,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
