"""Draws docs/pictures/layout.png: one mail, narrow and wide, light and dark.

Run it from the root of the repository to draw it anew: ``python -m tests.templates.shipped.picture``.
"""

from __future__ import annotations

import base64
from pathlib import Path

from tests.servers.conftest import need

from .chromium import PROGRAM, Scheme, chromium, shown
from .pages import page

PICTURE = Path(__file__).parents[3] / "docs" / "pictures" / "layout.png"
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (320, 1024)
HEIGHT, GAP = 760, 16


def draw(program: str) -> bytes:
    """The picture: four views, side by side, all as high as one another."""
    mail = page("receipt.html")
    with chromium(program) as browser:
        views = []
        for width in WIDTHS:
            for scheme in SCHEMES:
                with shown(browser, mail, width, scheme) as (view, _):
                    views.append(base64.b64encode(view.screenshot(full_page=True)).decode())
        images = "".join(f'<img src="data:image/png;base64,{view}" height="{HEIGHT}">' for view in views)
        frame = (
            f'<body style="margin:0"><div style="display:inline-flex;gap:{GAP}px;padding:{GAP}px;background:#c9ced6">'
        )
        with shown(browser, frame + images, 4096, "light") as (view, _):
            view.wait_for_function("[...document.images].every(one => one.complete)")
            return view.locator("div").screenshot()


if __name__ == "__main__":
    PICTURE.write_bytes(draw(need(PROGRAM)))
