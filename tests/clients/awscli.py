"""The AWS CLI as these tests use it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

Aws = Callable[..., "subprocess.CompletedProcess[str]"]


def printed(done: subprocess.CompletedProcess[str]) -> Any:
    """The JSON that a call that went well prints."""
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)
