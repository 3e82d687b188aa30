"""Environments: where packages live whose pins clash with ours. Made once a machine, in the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path

_TIMEOUT_S = 180


class Environment:
    """A virtual environment that holds these, and whatever they ask for."""

    def __init__(self, name: str, *requirements: str) -> None:
        self._folder = _cache() / name
        self._requirements = requirements

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self._folder / "bin" / "python")

    @cached_property
    def why_missing(self) -> str:
        """What keeps it from being there; nothing when it is. Asking makes it."""
        # The stamp is written last, so what broke off halfway is made anew.
        stamp = self._folder / "stamp"
        wanted = "\n".join((sys.version, sys.base_prefix, *self._requirements))
        if stamp.is_file() and stamp.read_text("utf-8") == wanted:
            return ""
        shutil.rmtree(self._folder, ignore_errors=True)
        if trouble := self._make():
            return f"{', '.join(self._requirements)} cannot be installed in {self._folder}: {trouble}"
        stamp.write_text(wanted, "utf-8")
        return ""

    def version(self, package: str) -> str:
        """Which one is installed there."""
        code = f"from importlib.metadata import version; print(version({package!r}))"
        return subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()

    def _make(self) -> str:
        """What goes wrong, or nothing."""
        commands = (
            [sys.executable, "-m", "venv", str(self._folder)],
            [self.python, "-m", "pip", "install", "--quiet", *self._requirements],
        )
        for command in commands:
            try:
                subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT_S)
            except subprocess.CalledProcessError as error:
                return str(error.stderr).strip()[-200:] or f"status {error.returncode}"
            except (subprocess.TimeoutExpired, OSError) as error:
                return str(error)[-200:]
        return ""


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "sesmail-benchmarks"
