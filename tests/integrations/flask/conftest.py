"""Applications for the tests of the Flask extension."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from sesmail.integrations.flask import SesMail

MakeApp = Callable[..., Flask]


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SESMAIL_URL", "SESMAIL_NEWS_URL", "SESMAIL_FROM", "SESMAIL_RELOAD", "SESMAIL_LOCAL_SES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mail() -> SesMail:
    return SesMail()


@pytest.fixture
def make_app(tmp_path: Path) -> MakeApp:
    """Makes an application with a template folder of its own."""

    def make(*extensions: SesMail, **config: object) -> Flask:
        (tmp_path / "templates").mkdir(exist_ok=True)
        app = Flask("shop", root_path=str(tmp_path))
        app.config.update({"SESMAIL_URL": "memory://", "SESMAIL_SENDER": "shop@example.com", **config})
        for one in extensions:
            one.init_app(app)
        return app

    return make
