"""Whatever is given, what comes out is a text: clean, whole, and quickly."""

from __future__ import annotations

import gc
import re
from dataclasses import dataclass, field
from html import escape
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.mail.characters import body_text
from sesmail.templates.text import text_of

pytestmark = pytest.mark.heavy

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def check_is_clean(text: str, *, has_pre: bool) -> None:
    assert body_text(text, "text") == text
    assert not CONTROLS.search(text)
    assert text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
    if not has_pre:
        assert "\n\n\n" not in text
        assert not text.startswith("\n")
        assert all(line == line.rstrip() for line in text.split("\n"))
        assert "\t" not in text


NAMES = """a b br div span p h1 h3 ul ol li dl dt dd blockquote table thead tbody tr td th caption img hr title style
 script head body template q svg o:p section i font""".split()
ATTRIBUTES = [
    *(
        "",
        " ",
        " hidden",
        " style='display:none'",
        " style=font-size:0",
        " style='font-size:12px'",
        " role=presentation",
    ),
    *(" href=https://x.example/?a=1&copy=2", " href='#a'", " alt=b", " alt=''", ' a="', " b='", " =", "/", " start=3"),
]
SOUP = st.lists(
    st.one_of(
        st.builds("<{}{}>".format, st.sampled_from(NAMES), st.sampled_from(ATTRIBUTES)),
        st.builds("</{}>".format, st.sampled_from(NAMES)),
        st.sampled_from(
            ["<!--", "-->", "--", "<!", "<?a?>", "<![CDATA[", "]]>", "<!--[if mso]>", "<![endif]-->", "<", "</", ">"]
        ),
        st.sampled_from(
            ["&amp;", "&lt;b&gt;", "&nbsp;", "&zwnj;", "&#0;", "&#xd800;", "&#", "&x", "\u200b", "\u3000", "\x85"]
        ),
        st.sampled_from([" ", "\n", "a", "b c", "\t", "\ud800", "\udfff", "\0"]),
        st.text(max_size=4),
    )
).map("".join)


@given(st.text(st.characters()))  # lone surrogates too
def test_any_text_becomes_a_clean_one(html: str) -> None:
    check_is_clean(text_of(html), has_pre="<pre" in html.lower())


@given(SOUP)
def test_tag_soup_becomes_a_clean_text(html: str) -> None:
    check_is_clean(text_of(html), has_pre=False)
    check_is_clean(text_of(f"{html}<pre>{html}</pre>{html}"), has_pre=True)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Mn"]), min_size=1))
def test_what_is_escaped_is_read_as_it_was(text: str) -> None:
    assert text_of(f"<p>{escape(text)}</p>") == f"{text}\n"
    assert text_of(f"<p><img alt='{escape(text)}'></p>") == f"{text}\n"
    assert text_of(f"<pre>{escape(text)}</pre>") == f"{text}\n"


# ── pages of which it is known what is to be read ────────────────────────────────────────────────────────────────────


@dataclass
class Known:
    """A piece of a page, as what is seen of it: words and targets, in order; and what is not."""

    html: str
    seen: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


WORDS = st.integers(0, 10**6).map("word{}x".format)


@st.composite
def links(draw: st.DrawFn) -> Known:
    word, target = draw(WORDS), f"https://{draw(WORDS)}.example/{draw(WORDS)}?a=1&b=2"
    label = draw(st.sampled_from([word, f"<b>{word}</b>", f"<img src=a alt={word}>", f" {word}<br>"]))
    return Known(f'<a class=b href="{escape(target)}">{label}</a>', [word, f"<{target}>"])


def wrapped(draw: st.DrawFn, inside: list[Known]) -> Known:
    html = " ".join(one.html for one in inside)
    seen = [word for one in inside for word in one.seen]
    unseen = [word for one in inside for word in one.unseen]
    if draw(st.integers(0, 4)) == 0:
        how = draw(st.sampled_from(["hidden", "style='display:none'", 'style="opacity:0;max-height:0"']))
        return Known(f"<div {how}>{html}</div>", [], seen + unseen)
    around = draw(
        st.sampled_from(
            [
                "<div>{}</div>",
                "<div style='font-size:0'><div style='font-size:9px'>{}</div></div>",
                "<h2>{}</h2>",
                "<ul><li>{}</li></ul>",
                "<ol><li>{}</ol>",
                "<blockquote>{}</blockquote>",
                "<dl><dd>{}</dl>",
                "<table role=presentation><tr><td>{}</td></tr></table>",
                "<table><tr><td><td>{}<td></table>",
                "<table><thead><tr><th>{}</table>",
                "<!--[if mso]><table><tr><td hidden><![endif]-->{}<!--[if mso]></td></tr></table><![endif]-->",
                "<![if !mso]>{}<![endif]>",
                "<pre>{}</pre>",
            ]
        )
    )
    return Known(around.format(html), seen, unseen)


PIECES = st.recursive(
    st.one_of(WORDS.map(lambda word: Known(f"<span>{word}</span>", [word])), links()),
    lambda inner: st.composite(lambda draw: wrapped(draw, draw(st.lists(inner, min_size=1, max_size=4))))(),
    max_leaves=20,
)


@given(st.lists(PIECES))
def test_what_is_seen_is_all_there_in_order_and_what_is_hidden_is_not(pieces: list[Known]) -> None:
    text = text_of("<html><body>" + "\n".join(piece.html for piece in pieces))
    seen = [word for piece in pieces for word in piece.seen]
    found = re.findall(r"<https://[^>]*>|word[0-9]+x", text)

    assert found == seen
    assert not ({word for piece in pieces for word in piece.unseen} - set(seen)) & set(found)
    check_is_clean(text, has_pre="<pre>" in "".join(piece.html for piece in pieces))


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

# Other work on the machine makes one measurement slow, but not each of several.
GROWTH, TRIES = 30, 3
SIZE = 100_000
PUMPS = [
    *(
        "<",
        "<a ",
        "<!--",
        "<!",
        "<?",
        "</",
        "<a b='",
        '<a b="',
        "<a =",
        "<a/",
        '="',
        "--",
        "<!-->",
        "<!--->",
        "<![CDATA[",
        "]]>",
    ),
    *(
        "<b>",
        "<p>x",
        "<div>x",
        "<td>",
        "<td>x",
        "<tr><td>a<td>b",
        "<table>",
        "<table><tr><td>",
        "<table><tr><td>a<td>b",
    ),
    *(
        "<ul><li>",
        "<ol><li>x",
        "<li>x",
        "<dl><dt>x<dd>y",
        "<blockquote>x",
        "<h1>x",
        "<h1></h2>",
        "<pre>",
        "<pre> <b> </b>",
        "<hr>",
    ),
    *(
        "</p>",
        "</a>",
        "</td>",
        "</ul>",
        "<i></u>",
        "<span hidden>",
        "<p hidden>",
        "<div style='font-size:0'>",
        "<template>",
        "<head>",
    ),
    *(
        "<a href=x>",
        "<a href=https://x.example/>x.example</a>",
        "<a href=x><div>y",
        "<img alt=x>",
        "<script>",
        "<style>",
        "<title>",
    ),
    *(
        "&",
        "&#",
        "&#9",
        "&amp;",
        "&ampx",
        "&zwnj;",
        "&nbsp; ",
        "\u200c",
        "\u3000",
        "\n",
        " ",
        "\0",
        "\ud800",
        "a:b;",
        "/*",
        "x!",
    ),
]
STARTS = [
    "",
    "<pre>",
    "<ul><li>",
    "<div hidden><u><div>",
    "<table><tr><td>a<td>",
    "<a href='",
    "<p style='",
    "<a href=x>",
    "&#x",
    "&#",
]


@pytest.mark.parametrize("start", STARTS)
def test_no_page_is_slow(start: str) -> None:
    """The slowest of all shapes take ten times as long for ten times the size, and not a hundred times."""
    shapes = [(pump, end) for pump in PUMPS for end in ("", "'>x</a></table></ul>")]
    small = {shape: _seconds(start, *shape, SIZE // 10) for shape in shapes}

    for shape in sorted(shapes, key=lambda shape: -small[shape])[:4]:
        for _ in range(TRIES):
            took = _seconds(start, *shape, SIZE)
            small[shape] = min(small[shape], _seconds(start, *shape, SIZE // 10))
            if took < GROWTH * small[shape]:
                break
        else:
            pytest.fail(f"{took:.2f} s for {SIZE} of {shape!a} behind {start!a}, {small[shape]:.3f} s for a tenth")


def _seconds(start: str, pump: str, end: str, size: int) -> float:
    html = start + pump * (size // len(pump)) + end
    gc.disable()  # how long it takes depends on what else is in memory
    began = process_time()
    text = text_of(html)
    took = process_time() - began
    gc.enable()

    assert len(text) < 20 * size + 1000, f"{len(text)} characters from {pump!a} behind {start!a}"
    return took
