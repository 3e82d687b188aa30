"""Mail classes as a type checker sees them: what is missing is seen at the call, and what is right is left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
PAGE = Path(__file__).parent / "mail_types.py"


def _told(page: Path, cache: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", str(cache), str(page)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False).stdout


def test_a_type_checker_finds_what_is_marked_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    page = PAGE.read_text("utf-8")
    right = "    mailer.send(Receipt(order=order), to="
    mark = "    Receipt(ordr=order)  # type: ignore[call-arg]"
    assert page.count("# type: ignore[") > 8
    assert right in page
    seeded = tmp_path / "seeded.py"
    seeded.write_text(
        page.replace(right, right.replace("order=", "ordr=")).replace(mark, mark.replace("ordr", "order"))
    )

    assert _told(PAGE, tmp_path / "cache") == ""
    told = _told(seeded, tmp_path / "cache")
    assert 'Unexpected keyword argument "ordr" for "Receipt"' in told
    assert 'Unused "type: ignore' in told
