"""The examples of docstrings, README and documentation are tests, each page in a namespace of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from doctest import ELLIPSIS
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser
from sybil.sybil import SybilCollection

_WITH_FILES = ["first-template.md"]
_IN_DJANGO = ["django.md"]
_FROM_DJANGO = ["migrate-django-ses.md", "migrate-django-anymail.md"]
# Pages with code of peers, and what they import: the group `peers` brings it. The noxfile leaves them out by name.
_PEERS = {
    "migrate-flask-mail.md": ("flask_mail", "flask_mailman"),
    "migrate-django-ses.md": ("django_ses",),
    "migrate-django-anymail.md": ("anymail",),
}
# What Django 6.1 has against code that runs on 5.2 too, and of which the pages tell: how its warnings begin.
_OUTDATED = ("The EMAIL_BACKEND setting is deprecated", "The 'fail_silently' argument is deprecated")


def _write(example: Example) -> None:
    """A template on a page, in the file that its first line names."""
    first, _, rest = str(example.parsed).partition("\n")
    path = Path(first.removeprefix("{# ").removesuffix(" #}"))
    path.parent.mkdir(exist_ok=True)
    path.write_text(first + "\n" + rest, "utf-8")


def _enter(namespace: dict[str, Any]) -> None:
    """A folder of its own for a page that has files."""
    namespace["_left"], namespace["_folder"] = Path.cwd(), TemporaryDirectory()
    os.chdir(namespace["_folder"].name)


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_left"])
    namespace["_folder"].cleanup()


def _enter_django(namespace: dict[str, Any]) -> None:
    """A Django for a page about it. What the page sends goes where its settings say."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(LOGGING_CONFIG=None)
        django.setup()
    namespace["_stack"] = ExitStack()


def _enter_django_with_mailbox(namespace: dict[str, Any]) -> None:
    """The same, with a mailbox that catches what it sends."""
    from sesmail.testing import capture

    _enter_django(namespace)
    namespace["_stack"].enter_context(capture())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pages about Django run on 5.2 and on 6.1, which has something against what 5.2 wants."""
    for item in items:
        if item.path.name in (*_IN_DJANGO, *_FROM_DJANGO):
            for begin in _OUTDATED:
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{begin}"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A page with code of a peer that is not installed: skipped with the reason, and in CI a failure."""
    for name in _PEERS.get(item.path.name, ()):
        if find_spec(name) is None:
            reason = f"{name} is not installed, which the group `peers` brings"
            if os.environ.get("CI"):
                pytest.fail(f"{reason}, and in CI nothing may be missing")
            pytest.skip(reason)


class _PythonInDjango(PythonCodeBlockParser):
    """Blocks that say they are settings are, from there on."""

    def __call__(self, document: Document) -> Iterable[Region]:
        for region in super().__call__(document):
            if str(region.parsed).startswith("# settings.py"):
                region.evaluator = self._evaluate_settings
            yield region

    def _evaluate_settings(self, example: Example) -> None:
        import django
        from django.test import override_settings

        said: dict[str, Any] = {}
        if django.VERSION >= (6, 1) or "Django 6.1" not in str(example.parsed).partition("\n")[0]:
            exec(compile(str(example.parsed), example.path, "exec"), dict(example.namespace), said)  # noqa: S102 - a page of ours
        said = {name: value for name, value in said.items() if name.isupper() and name != "INSTALLED_APPS"}
        if "MAILERS" not in said:  # which Django 6.1 does not take beside the older ones
            example.namespace["_stack"].enter_context(override_settings(**said))


def _leave_django(namespace: dict[str, Any]) -> None:
    namespace["_stack"].close()


_pages = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "docs/*.md"],
    excludes=[*_WITH_FILES, *_IN_DJANGO, *_FROM_DJANGO],
)
_pages_in_django = Sybil(
    parsers=[_PythonInDjango(doctest_optionflags=ELLIPSIS)],
    patterns=_IN_DJANGO,
    setup=_enter_django_with_mailbox,
    teardown=_leave_django,
)
_pages_from_django = Sybil(
    parsers=[_PythonInDjango(doctest_optionflags=ELLIPSIS)],
    patterns=_FROM_DJANGO,
    setup=_enter_django,
    teardown=_leave_django,
)
_pages_with_files = Sybil(
    parsers=[CodeBlockParser("jinja", _write), PythonCodeBlockParser(doctest_optionflags=ELLIPSIS)],
    patterns=_WITH_FILES,
    setup=_enter,
    teardown=_leave,
)
_docstrings = Sybil(
    parsers=[DocTestParser()],
    path="src",
    patterns=["*.py", "**/*.py"],
    document_types={".py": PythonDocStringDocument},
)

pytest_collect_file = SybilCollection(
    (_pages, _pages_with_files, _pages_in_django, _pages_from_django, _docstrings)
).pytest()
