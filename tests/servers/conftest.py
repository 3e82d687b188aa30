"""What a test does without its program: it is skipped with the reason on a laptop, and fails in CI."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def need(program: str) -> str:
    """The program's path."""
    return shutil.which(program) or missing(f"{program} is not on the path")


def missing(reason: str) -> NoReturn:
    """Skip, or fail where the environment variable ``CI`` says that everything has to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and in CI nothing may be missing")
    pytest.skip(reason)
