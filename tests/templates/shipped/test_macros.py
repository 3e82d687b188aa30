"""The shipped macros, each with the worst that somebody may put into it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from sesmail.errors import MailError

from .pages import piece
from .skeleton import Skeleton

URL = "https://example.com/"
# Each macro with a text in each place that takes one.
TEXTS = {
    "heading": "{{ m.heading(value, 2) }}",
    "link": "{{ m.link(value, url) }}",
    "button": "{{ m.button(value, url) }}",
    "secondary button": '{{ m.button(value, url, kind="secondary") }}',
    "title of a panel": '{% call m.panel("info", value) %}a{% endcall %}',
    "panel": '{% call m.panel("info") %}{{ value }}{% endcall %}',
    "header": '{{ m.table([value, "b"], [["c", "d"]]) }}',
    "stacked header": '{{ m.table([value, "b"], [["c", "d"]], stack=true) }}',
    "cell": '{{ m.table(["a", "b"], [["c", value]]) }}',
    "label of a total": '{{ m.table(["a", "b"], [["c", "d"]], totals=[(value, "e")]) }}',
    "total": '{{ m.table(["a", "b"], [["c", "d"]], totals=[("e", value)]) }}',
    "name of a fact": "{{ m.facts([(value, 1)]) }}",
    "fact": "{{ m.facts({'a': value}) }}",
    "code": "{{ m.code(value) }}",
    "alt": "{{ m.image(url, value) }}",
}
URLS = {
    "link": "{{ m.link('a', value) }}",
    "button": "{{ m.button('a', value) }}",
    "image": "{{ m.image(value, 'a') }}",
}
HOSTILE = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "</td></tr></table>",
    "-->",
    "<!--[if mso]>",
    "<![endif]-->",
    "&lt;b&gt;",
    "&#60;b&#62;",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "</style>",
    "%d %s",
    "\u202e",
]
hostile = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)), max_size=4
).map("".join)


@pytest.mark.parametrize("source", TEXTS.values(), ids=TEXTS)
@given(value=hostile)
def test_a_hostile_text_stays_text(source: str, value: str) -> None:
    value = f"x{value}x"  # a title that is empty is not there
    shown = Skeleton(piece(source, value=value, url=URL))
    assert shown.tags == Skeleton(piece(source, value="x" * len(value), url=URL)).tags
    assert value in shown.text or value in shown.values("alt")


@pytest.mark.parametrize("source", URLS.values(), ids=URLS)
@given(value=st.one_of(hostile, hostile.map(lambda text: URL + text)))
def test_a_hostile_url_is_refused_or_only_a_url(source: str, value: str) -> None:
    try:
        shown = Skeleton(piece(source, value=value))
    except MailError:
        return
    assert shown.tags == Skeleton(piece(source, value=URL)).tags
    assert value in shown.values("href") + shown.values("src")
    assert value.partition(":")[0].lower() in {"http", "https", "mailto", "tel", "cid"}


@pytest.mark.parametrize("source", URLS.values(), ids=URLS)
@pytest.mark.parametrize("value", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "/orders"])
def test_a_url_that_leads_elsewhere_is_refused(source: str, value: str) -> None:
    with pytest.raises(MailError, match="a link is a percent-encoded URL"):
        piece(source, value=value)


@pytest.mark.parametrize("source", TEXTS.values(), ids=TEXTS)
def test_markup_is_taken_as_it_is(source: str) -> None:
    value = Markup("<i>&amp;</i>")
    assert str(value) in piece(source, value=value, url=URL)


@pytest.mark.parametrize("source", [
    "{{ m.heading('a', value) }}",
    "{{ m.button('a', url, kind=value) }}",
    "{{ m.button('a', url, align=value) }}",
    "{% call m.panel(value) %}a{% endcall %}",
    "{{ m.table(['a'], [['b']], align=[value]) }}",
])  # fmt: skip
@pytest.mark.parametrize("value", ["hint", '"><script>'])
def test_a_kind_that_is_not_there_is_an_error(source: str, value: str) -> None:
    with pytest.raises(UndefinedError):
        piece(source, value=value, url=URL)


@pytest.mark.parametrize("source", ["{{ m.image(url, 'a', value) }}", "{{ m.spacer(value) }}"])
def test_a_number_is_a_number(source: str) -> None:
    assert "script" not in piece(source, value='1"><script>', url=URL)


@pytest.mark.parametrize("kind", ["primary", "secondary", "danger"])
def test_a_button_is_as_large_in_word_as_elsewhere(kind: str) -> None:
    """Word pads cells only, and everybody else pads the link."""
    shown = piece("{{ m.button('a', url, kind=kind) }}", url=URL, kind=kind)
    assert "mso-padding-alt:11px 27px" in shown
    assert "padding:11px 27px;font-size:16px;line-height:24px" in shown
    assert "bgcolor=" in shown


@pytest.mark.parametrize(("align", "side"), [("start", "left"), ("center", "center"), ("end", "right")])
def test_a_button_stands_where_it_is_told_to(align: str, side: str) -> None:
    assert f'<td align="{side}" style="padding:8px' in piece(
        "{{ m.button('a', url, align=align) }}", url=URL, align=align
    )


@pytest.mark.parametrize("kind", ["info", "success", "warning", "danger"])
def test_a_panel_is_around_what_is_in_the_call(kind: str) -> None:
    shown = piece("{% call m.panel(kind, 'Paid') %}<b>all</b> of it{% endcall %}", kind=kind)
    assert f"sm-{kind}-panel" in shown
    assert "<strong>Paid</strong><br><b>all</b> of it" in shown


def test_layout_tables_say_so_and_tables_of_data_do_not() -> None:
    for source in TEXTS.values():
        tables = [one for tag, one in _elements(piece(source, value="a", url=URL)) if tag == "table"]
        is_data = "m.table" in source or "m.facts" in source
        assert all((one.get("role") == "presentation") is not is_data for one in tables), source
    heads = [one for tag, one in _elements(piece(TEXTS["cell"], value="a")) if tag == "th"]
    assert [one["scope"] for one in heads] == ["col", "col"]
    assert 'scope="row"' in piece(TEXTS["fact"], value="a")


def _elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    shown = Skeleton(page)
    return list(zip((tag for tag, _ in shown.tags if tag[0] not in "/!"), shown.attributes, strict=True))


@pytest.mark.parametrize(("columns", "stack", "is_stacked"), [
    (3, None, False), (4, None, True), (3, True, True), (4, False, False),
])  # fmt: skip
def test_a_table_is_stacked_from_four_columns_on_or_as_told(columns: int, stack: bool | None, is_stacked: bool) -> None:
    shown = piece("{{ m.table(headers, [headers], stack=stack) }}", headers=["a"] * columns, stack=stack)
    assert ('class="sm-stack"' in shown) is is_stacked
    assert shown.count("sm-label") == columns * is_stacked


def test_the_last_total_is_bold_and_stands_below_the_last_column() -> None:
    shown = piece("{{ m.table(['a', 'b', 'c'], [], totals=[('net', 1), ('gross', 2)]) }}")
    net, gross = shown.partition("<tfoot>")[2].strip().split("</tr>")[:2]
    assert "font-weight:normal" in net
    assert "font-weight:bold" in gross
    assert 'colspan="2"' in gross


def test_numbers_are_not_broken() -> None:
    shown = piece("{{ m.table(['a', 'b'], [['c', '1 000']], align=['start', 'end']) }}")
    assert shown.count("white-space:nowrap") == 1


@pytest.mark.parametrize("pairs", [{"a": 1, "b": 2}, [("a", 1), ("b", 2)]])
def test_facts_are_pairs_or_a_mapping(pairs: object) -> None:
    shown = piece("{{ m.facts(pairs) }}", pairs=pairs)
    assert Skeleton(shown).text.strip() == "a1\nb2"


def test_a_code_is_selected_as_a_whole_and_is_not_turned_around() -> None:
    shown = piece("{{ m.code('481920') }}", dir="rtl")
    assert "user-select:all" in shown
    assert 'dir="ltr"' in shown


def test_an_image_has_its_width_for_word_and_shrinks_elsewhere() -> None:
    shown = piece("{{ m.image('cid:a@b', '', 300) }}")
    assert 'alt="" width="300"' in shown
    assert "width:100%;max-width:300px;height:auto" in shown


@pytest.mark.parametrize("source", [*TEXTS.values(), *URLS.values(), "{{ m.divider() }}", "{{ m.spacer(9) }}"])
def test_every_part_is_closed(source: str) -> None:
    assert Skeleton(piece(source, value=URL, url=URL)).unbalanced == []


def test_in_the_other_direction_all_sides_are_changed() -> None:
    source = "{{ m.facts({'a': 1}) }}{{ m.button('a', url, align='end') }}{% call m.panel() %}a{% endcall %}"
    there, back = (piece(source, url=URL, dir=direction) for direction in ("ltr", "rtl"))
    swapped = there.replace("left", "?").replace("right", "left").replace("?", "right")
    assert back == swapped
