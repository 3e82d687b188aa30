"""A local SES, and nothing of this machine's AWS."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sesmail.local import LocalSes


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def ses() -> Iterator[LocalSes]:
    with LocalSes(sandbox=False, quota=-1, rate=1e9, check_signatures=True) as ses:
        ses.identity("example.com").verify()
        yield ses
