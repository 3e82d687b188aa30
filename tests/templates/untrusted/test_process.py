"""Process: the sketch in the documentation renders, and ends what would not end by itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "untrusted-templates.md"

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are a thing of Unix"),
]

Render = Callable[[dict[str, str], str, dict[str, object]], str]


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Render:
    worker, caller = re.findall(r"```py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "worker.py").write_text(worker.replace("(5, 5)", "(2, 2)"), "utf-8")
    monkeypatch.chdir(tmp_path)
    # The package may be on the path by this variable only.
    path = os.pathsep.join(sys.path)
    namespace: dict[str, Render] = {}
    exec(caller.replace("timeout=10", "timeout=100").replace("env={}", f"env={{'PYTHONPATH': {path!r}}}"), namespace)
    return namespace["render"]


def test_the_sketch_of_a_process_renders(render: Render) -> None:
    assert render({"a": "<b>{{ name }}{% include 'b' %}", "b": "!"}, "a", {"name": "<Ada>"}) == "<b>&lt;Ada&gt;!"


def test_the_sketch_of_a_process_ends_what_takes_too_long(render: Render, tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        worker.read_text("utf-8").replace("job = json.load", "while True: pass\njob = json.load"), "utf-8"
    )
    with pytest.raises(subprocess.CalledProcessError) as caught:
        render({"a": ""}, "a", {})
    assert caught.value.returncode < 0  # by a signal
