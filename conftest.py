"""The examples of docstrings, README and documentation are tests, each page in a namespace of its own."""

from __future__ import annotations

import os
from doctest import ELLIPSIS
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sybil import Example, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser
from sybil.sybil import SybilCollection

_WITH_FILES = ["first-template.md"]


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


_pages = Sybil(parsers=[PythonCodeBlockParser()], patterns=["README.md", "docs/*.md"], excludes=_WITH_FILES)
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

pytest_collect_file = SybilCollection((_pages, _pages_with_files, _docstrings)).pytest()
