"""A local SES, whose STS gives keys, and nothing of this machine's AWS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sesmail.local import LocalSes
from tests.ses.client.boto.surroundings import nothing_of_this_machine

__all__ = ["nothing_of_this_machine"]


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """AWS's configuration file, to be written."""
    file = tmp_path / "config"
    file.touch()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    return file


@pytest.fixture
def heard() -> list[str]:
    """The calls that reached the box."""
    return []


@pytest.fixture
def ses(heard: list[str]) -> Iterator[LocalSes]:
    with LocalSes(check_signatures=True, on_call=lambda call, _: heard.append(call.operation if call else "")) as ses:
        yield ses
