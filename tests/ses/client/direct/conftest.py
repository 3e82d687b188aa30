"""Nothing of this machine's AWS, proxies or certificates."""

from __future__ import annotations

import os

import pytest

from tests.ses.client.direct.asking import carry

__all__ = ["carry"]


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_") or name.lower().endswith("_proxy") or name.endswith("CA_BUNDLE"):
            monkeypatch.delenv(name)
