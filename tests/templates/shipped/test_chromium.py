"""The shipped layout in a browser: narrow and wide, light and dark, with and without its style sheets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from markupsafe import Markup

from tests.servers.conftest import missing, need

from .chromium import PROGRAM, Scheme, chromium, shown
from .contrast import LEAST, contrast
from .pages import WORDS, page, piece

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.server

NARROW, WIDE = 320, 1024
LOGO = {"logo_url": "https://example.com/logo.png", "logo_width": 160}
PAGES: dict[str, Callable[[], str]] = {
    "order": page,
    "receipt": lambda: page("receipt.html"),
    "words": lambda: page("words.html", content=WORDS),
    "right to left": lambda: page(dir="rtl"),
    "branded": lambda: page(brand_color="#0a7d55"),
    "without sheets": lambda: re.sub(r"<style.*?</style>|<meta[^>]*color-scheme[^>]*>", "", page(), flags=re.DOTALL),
    "images off": lambda: page(**LOGO),
}
# Each text that is seen, with its color and that of the ground it stands on.
TEXTS = """() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    let element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const text = parts(getComputedStyle(element).color);
    let ground = [0, 0, 0, 0];
    for (; element && ground[3] === 0; element = element.parentElement) {
      ground = parts(getComputedStyle(element).backgroundColor);
    }
    seen.push([walker.currentNode.data.trim(), text.slice(0, 3), ground.slice(0, 3)]);
  }
  return seen;
}"""
OVERFLOWS = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5 || one.getBoundingClientRect().left < -0.5)
  .map((one) => one.outerHTML.slice(0, 80))"""
HEIGHTS = "() => [...document.querySelectorAll('.sm-button a')].map((one) => one.getBoundingClientRect().height)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if find_spec("playwright") is None:
        missing("playwright is not installed")
    with chromium(need(PROGRAM)) as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("name", PAGES)
def test_it_fits_and_can_be_read(browser: Browser, name: str, width: int, scheme: Scheme) -> None:
    with shown(browser, PAGES[name](), width, scheme) as (view, asked):
        assert view.evaluate("document.documentElement.scrollWidth") <= width
        assert view.evaluate(OVERFLOWS) == []
        texts = view.evaluate(TEXTS)
        assert len(texts) > 10
        faint = [(text, ink, ground) for text, ink, ground in texts if contrast(ink, ground) < LEAST]
        assert faint == []
        assert all(height >= 44 for height in view.evaluate(HEIGHTS))
        assert asked == ([LOGO["logo_url"]] if name == "images off" else [])


def test_what_does_not_fit_or_cannot_be_read_is_seen(browser: Browser) -> None:
    bad = '<body style="background:#fff"><p style="color:#999;width:400px">faint</p>'
    with shown(browser, bad, NARROW, "light") as (view, _):
        assert view.evaluate("document.documentElement.scrollWidth") > NARROW
        assert len(view.evaluate(OVERFLOWS)) == 1
        [(text, ink, ground)] = view.evaluate(TEXTS)
        assert text == "faint"
        assert contrast(ink, ground) == pytest.approx(2.85, abs=0.01)


@pytest.mark.parametrize("name", ["order", "words", "receipt"])
def test_it_is_dark_where_the_reader_wants_it(browser: Browser, name: str) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        with shown(browser, PAGES[name](), WIDE, scheme) as (view, _):
            grounds[scheme] = view.evaluate(
                "[...document.querySelectorAll('body, .sm-bar')].map(one => getComputedStyle(one).backgroundColor)"
            )
    assert grounds == {
        "light": ["rgb(243, 244, 247)", "rgb(255, 255, 255)"],
        "dark": ["rgb(15, 18, 22)", "rgb(26, 31, 38)"],
    }


@pytest.mark.parametrize("name", ["order", "receipt", "right to left"])
def test_the_marks_of_outlook_com_make_the_same_dark(browser: Browser, name: str) -> None:
    """It has no dark scheme of the system's: it marks elements, and these rules wait for that."""
    with shown(browser, PAGES[name](), WIDE, "dark") as (view, _):
        dark = view.evaluate(TEXTS)
    with shown(browser, PAGES[name]().replace("<body ", "<body data-ogsc data-ogsb "), WIDE, "light") as (view, _):
        marked = view.evaluate(TEXTS)
    assert marked == dark


def test_the_text_has_16_pixels_and_the_card_600(browser: Browser) -> None:
    with shown(browser, page(), WIDE, "light") as (view, _):
        assert view.evaluate("getComputedStyle(document.querySelector('.sm-content p')).fontSize") == "16px"
        assert view.evaluate("document.querySelector('.sm-bar').getBoundingClientRect().width") == 600


def test_buttons_fill_a_narrow_window_and_only_that(browser: Browser) -> None:
    widths = {}
    for width in (NARROW, WIDE):
        with shown(browser, page(), width, "light") as (view, _):
            widths[width] = view.evaluate("document.querySelector('.sm-button').getBoundingClientRect().width")
    assert widths[NARROW] == NARROW - 40
    assert widths[WIDE] < 250


def test_a_stacked_table_names_each_value_where_it_is_narrow(browser: Browser) -> None:
    texts = {}
    for width in (NARROW, WIDE):
        with shown(browser, page(), width, "light") as (view, _):
            texts[width] = view.inner_text(".sm-stack").split("\n")
    assert texts[NARROW][:2] == ["Day: Monday", "Place: Hamburg"]
    assert texts[WIDE][0] == "Day\tPlace\tWho\tWhat"


def test_long_headers_do_not_break_and_make_nothing_wider(browser: Browser) -> None:
    headers = ["Bezeichnung", "Einzelpreis", "Gesamtpreis"]
    inside = piece("{{ m.table(headers, [['Tee', '1,00', '2,00']]) }}", headers=headers)
    with shown(browser, page("words.html", content=Markup(inside)), NARROW, "light") as (view, _):
        assert view.evaluate(OVERFLOWS) == []
        assert view.inner_text(".sm-stack").split("\n") == [
            "Bezeichnung: Tee",
            "Einzelpreis: 1,00",
            "Gesamtpreis: 2,00",
        ]


@pytest.mark.parametrize("source", [
    "{{ m.heading(long) }}", "{{ m.link(long, url) }}", "{{ m.button(long, url) }}", "{{ m.code(long) }}",
    "{{ m.facts({long: long}) }}", "{{ m.table(['a', 'b', 'c'], [[long, long, 1]], align=['start', 'start', 'end']) }}",
    "{{ m.table(['a', 'b', 'c', 'd'], [[long, long, long, 1]]) }}",
    "{% call m.panel('info', long) %}{{ long }}{% endcall %}",
    "{{ m.image(url, 'a', 1200) }}", "<p>{{ long }}</p>",
])  # fmt: skip
def test_a_long_word_makes_nothing_wider(browser: Browser, source: str) -> None:
    inside = piece(source, long="Donaudampfschifffahrtsgesellschaft" * 3, url="https://example.com/a.png")
    whole = page("words.html", content=WORDS + Markup(inside))
    with shown(browser, whole, NARROW, "light", images=True) as (view, _):
        assert view.evaluate(OVERFLOWS) == []


@pytest.mark.parametrize(("scheme", "file"), [("light", "day"), ("dark", "night")])
def test_each_scheme_has_its_logo(browser: Browser, scheme: Scheme, file: str) -> None:
    logos = {"logo_url": "https://example.com/day.png", "logo_url_dark": "https://example.com/night.png"}
    with shown(browser, page(**logos), WIDE, scheme, images=True) as (view, _):
        seen = view.evaluate("[...document.images].filter(one => one.getClientRects().length).map(one => one.src)")
    assert seen == [f"https://example.com/{file}.png"]
