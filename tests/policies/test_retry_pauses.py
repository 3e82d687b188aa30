"""The picture of pauses in the docs is what the code does."""

from __future__ import annotations

import runpy
from pathlib import Path
from xml.etree import ElementTree as ET

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def test_the_picture_is_what_its_script_draws() -> None:
    """If pauses changed on purpose: ``python docs/pictures/retry_pauses.py``."""
    drawn = runpy.run_path(str(PICTURES / "retry_pauses.py"))["picture"]()
    assert (PICTURES / "retry-pauses.svg").read_text("utf-8") == drawn
    assert ET.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"
