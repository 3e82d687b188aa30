"""What surrounds a test of botocore: nothing of this machine's AWS, and models that are read once."""

from __future__ import annotations

import os
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

_READ: dict[str, Any] = {}
_load = JSONFileLoader.load_file


def _load_once(loader: JSONFileLoader, path: str) -> Any:
    if path not in _READ:
        _READ[path] = _load(loader, path)
    return _READ[path]


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(JSONFileLoader, "load_file", _load_once)  # two thirds of what a new client costs
