"""The front of the room: what it offers, and what is said without Django."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

import pytest

import sesmail.integrations.django as room


def test_it_offers_what_it_lists() -> None:
    tree = ast.parse(inspect.getsource(room))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    named = {alias.asname for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names}

    assert set(room.__all__) == named
    for name in room.__all__:
        assert getattr(room, name)
    with pytest.raises(AttributeError, match="no attribute 'Backend'"):
        getattr(room, "Backend")  # noqa: B009 - a type checker would see it before the test does


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(room), "post_send", raising=False)

    assert room.post_send is room.post_send


def test_without_django_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys; sys.modules['django'] = None\n"
        "import sesmail.integrations.django as room\n"
        "try:\n    room.EmailBackend\nexcept ImportError as error:\n    print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("MissingExtra ")
    assert 'pip install "sesmail[django]"' in done.stdout


def test_another_missing_module_is_not_taken_for_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(room), "get_mailer", raising=False)
    monkeypatch.delitem(sys.modules, "sesmail.integrations.django.mailers", raising=False)
    monkeypatch.setitem(room._HOME, "get_mailer", "absent")

    with pytest.raises(ModuleNotFoundError, match="absent"):
        _ = room.get_mailer


def test_to_import_sesmail_imports_no_django() -> None:
    code = "import sys, sesmail, sesmail.integrations.django; print([n for n in sys.modules if n.startswith('django')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
