"""Django's own tests of mail backends, from the sources of the Django that is installed, run against ours."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NoReturn

import django
import pytest

pytestmark = pytest.mark.server
NOT_READABLE = 77  # as the script says
SCRIPT = Path(__file__).parent / "own_tests.py"


def missing(reason: str) -> NoReturn:
    """Skip, or fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and in CI nothing may be missing")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the index has of this very version, with its tests."""
    folder = tmp_path_factory.mktemp("django")
    wanted = f"django=={django.get_version()}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", wanted]
    done = subprocess.run([*command, "--dest", str(folder)], capture_output=True, text=True, check=False)
    archives = [*folder.glob("*.tar.gz")]
    if done.returncode or not archives:
        missing(f"the sources of {wanted} could not be fetched")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if (path / "tests" / "mail").is_dir())


def test_djangos_own_tests_pass(sources: Path) -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), str(sources)], capture_output=True, text=True, check=False)

    if done.returncode == NOT_READABLE:
        missing(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OK" in done.stderr
