"""Environments for clients whose pins clash with ours or with one another: built once a machine, in ``.clients/``.

A stamp says what was built. It is written last, so what broke off halfway is built anew; and under a lock, so that of
several workers one builds and the others wait.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.servers.conftest import missing, need

FOLDER = Path(__file__).parents[2] / ".clients"
_TIMEOUT_S = 120


def python_with(name: str, *requirements: str) -> Path:
    """The folder with the programs of a virtual environment that holds these."""
    wanted = "\n".join((sys.version, sys.base_prefix, *requirements))
    return _ready(name, wanted, partial(_build_python, requirements=requirements)) / "bin"


def node_with(source: Path, name: str) -> Path:
    """A copy of a folder that has a ``package.json``, with its packages beside it."""
    folder = _ready(name, (source / "package.json").read_text("utf-8"), partial(_build_node, source=source))
    with _locked(name):
        shutil.copytree(source, folder, dirs_exist_ok=True)
    return folder


def _ready(name: str, wanted: str, build: Callable[[Path], None]) -> Path:
    folder = FOLDER / name
    stamp = folder / "stamp"
    with _locked(name):
        if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            build(folder)
            stamp.write_text(wanted, "utf-8")
    return folder


@contextmanager
def _locked(name: str) -> Iterator[None]:
    from fcntl import LOCK_EX, flock  # where it is missing, so is the rest of this folder

    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)  # let go by the close, and by the end of a process that dies
        yield


# ── building ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _build_python(folder: Path, *, requirements: Sequence[str]) -> None:
    python = folder / "bin" / "python"
    uv = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    by_uv = (
        [uv or "", "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv or "", "pip", "install", "--quiet", "--python", str(python), *requirements],
    )
    by_pip = (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", *requirements],
    )
    # uv reads no settings of pip, so where an index of one's own is told to pip alone, only pip finds anything.
    trouble = "" if uv and not _trouble(*by_uv) else _trouble(*by_pip)
    if trouble:
        missing(f"{', '.join(requirements)} cannot be installed ({trouble})")


def _build_node(folder: Path, *, source: Path) -> None:
    shutil.copytree(source, folder)
    command = [need("npm"), "install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"]
    trouble = _trouble(command, cwd=folder)
    if trouble:
        missing(f"npm cannot install the packages of {source.name} ({trouble})")


def _trouble(*commands: list[str], cwd: Path | None = None) -> str:
    """What the first of them that fails has to say, or nothing."""
    for command in commands:
        try:
            done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return f"{Path(command[0]).name} took longer than {_TIMEOUT_S} s"
        if done.returncode:
            return done.stderr.strip()[-300:] or f"status {done.returncode}"
    return ""
