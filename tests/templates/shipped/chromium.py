"""A page in headless Chromium, cut off from every network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

Scheme = Literal["light", "dark"]
PROGRAM = "chromium"
IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="600"><rect width="1200" height="600"/></svg>'


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """The browser, for as long as it is needed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Its own sandbox refuses to run as root, as which it is in a container; what it shows is ours.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--hide-scrollbars"])
        yield browser
        browser.close()


@contextmanager
def shown(
    browser: Browser, html: str, width: int, scheme: Scheme, *, images: bool = False
) -> Iterator[tuple[Page, list[str]]]:
    """The mail as a window of this width shows it, and what it asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if images:
            route.fulfill(body=IMAGE, content_type="image/svg+xml")
        else:
            route.abort()

    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        context.route("**/*", answer)
        page = context.new_page()
        page.set_content(html)
        yield page, asked
