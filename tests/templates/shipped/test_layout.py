"""The shipped layout, its theme and the one for Markdown."""

from __future__ import annotations

import re
from pathlib import Path

import css_inline
import pytest
from jinja2 import Environment
from markupsafe import Markup

from sesmail import Email, Envelope, Outgoing, mime
from sesmail.errors import MailError
from sesmail.templates.colors import color
from sesmail.testing import golden

from .contrast import LEAST, contrast, rgb
from .pages import WORDS, environment, page, piece
from .skeleton import Skeleton, for_others, for_outlook

HERE = Path(__file__).parent
THEME = vars(environment().get_template("sesmail/theme.html").module)
COLORS = sorted(name for name in THEME if "color" in name)
EMPTY = '{% extends "sesmail/layout.html" %}'
# Gmail clips what is longer.
CLIPPED = 102 * 1024


def laid_out(blocks: str = "", /, **context: object) -> str:
    return environment().from_string(EMPTY + blocks).render(context)


@pytest.mark.parametrize("file", ["order.html", "words.html"])
def test_the_mail_is_the_one_in_the_file(file: str) -> None:
    mail = Email(
        sender="Muir’s Tea House <tea@example.com>",
        to="ada@example.org",
        subject="As in the file",
        html=page(file, content=WORDS, picture="cid:house@example.com"),
    )
    outgoing = Outgoing(mail, Envelope.of(mail), mime.write(mail), mail.ses)
    golden.compare(outgoing, (HERE / "golden" / file).with_suffix(".eml"))


@pytest.mark.parametrize("file", ["order.html", "words.html"])
@pytest.mark.parametrize("seen", [for_others, for_outlook])
def test_every_element_is_closed_where_it_was_opened(file: str, seen: type) -> None:
    assert Skeleton(seen(page(file, content=WORDS))).unbalanced == []


def test_an_element_that_stays_open_is_seen() -> None:
    assert Skeleton("<p><b></p>").unbalanced == ["/p", "p"]
    assert Skeleton("<p id=a id=b></p>").unbalanced == ["p has an attribute twice"]


def test_it_is_small() -> None:
    assert len(laid_out().encode()) < 7_000
    assert len(page().encode()) < CLIPPED / 4


def test_nothing_is_fetched_from_anywhere() -> None:
    whole = page()
    assert not re.search(r"<(?:link|script|iframe|object|form|img)\b|@import|url\(|@font-face", whole)
    assert Skeleton(whole).values("src") == []


def test_there_is_one_body_for_the_preheader() -> None:
    assert len(re.findall(r"<body\b", page())) == 1


def test_blocks_that_are_for_the_engine_are_not_shown() -> None:
    shown = laid_out("{% block text %}TEXT{% endblock %}{% block preheader %}SOON{% endblock %}")
    assert "TEXT" not in shown
    assert "SOON" not in shown


@pytest.mark.parametrize(
    ("blocks", "title"),
    [
        ("", ""),
        ("{% block subject %}\nTea & <more>{% endblock %}", "Tea &amp; &lt;more&gt;"),
        ("{% block subject %}{{ name }}{% endblock %}", "&lt;Ada&gt;"),
        ("{% block subject %}Tea{% endblock %}{% block title %}A letter{% endblock %}", "A letter"),
    ],
)
def test_the_title_is_the_subject_unless_it_is_given(blocks: str, title: str) -> None:
    blocks = blocks.replace("Tea & <more>", "Tea {{ '&' }} {{ '<more>' }}")
    assert f"<title>{title}</title>" in laid_out(blocks, name="<Ada>")


@pytest.mark.parametrize("blocks", ["", "{% block subject %}{% endblock %}"])
def test_the_engine_may_say_the_subject(blocks: str) -> None:
    """It sets the block aside, which then looks empty."""
    assert "<title>Tea &amp; more</title>" in laid_out(blocks, subject="Tea & more")


@pytest.mark.parametrize("block", ["header", "content", "footer"])
def test_each_block_can_be_replaced(block: str) -> None:
    assert "<i>mine</i>" in laid_out(f"{{% block {block} %}}<i>mine</i>{{% endblock %}}", sender_name="Tea House")


def test_style_takes_css_without_tags() -> None:
    styled = laid_out("{% block style %}.mine{color:red}{% endblock %}")
    assert "<style>\n.mine{color:red}\n</style>" in styled
    assert styled.count("<style") == laid_out().count("<style") + 1


@pytest.mark.parametrize(
    "absent", [{}, dict.fromkeys(["sender_name", "sender_address", "unsubscribe_url", "logo_url"])]
)
def test_what_is_not_given_leaves_no_trace(absent: dict[str, object]) -> None:
    """Neither an empty line nor the word None."""
    bare = laid_out(**absent)
    assert "sm-side" not in bare.partition("<body")[2]
    assert "Unsubscribe" not in bare
    assert "None" not in bare


def test_the_footer_says_who_from_where_and_how_to_leave() -> None:
    shown = Skeleton(page(unsubscribe_text="Abmelden"))
    assert "Muir’s Tea House4 Harbour Street, Leith EH6 6QD, ScotlandAbmelden" in shown.text
    assert shown.attributes[-1]["href"] == "https://example.com/leave/4f2a"


def test_a_logo_stands_in_the_place_of_the_name() -> None:
    header = page(logo_url="cid:logo@sesmail", logo_width=120).partition("<h1")[0].partition("<body")[2]
    [logo] = [attributes for attributes in Skeleton(header).attributes if "src" in attributes]
    assert logo["src"] == "cid:logo@sesmail"
    assert logo["alt"] == "Muir’s Tea House"
    assert logo["width"] == "120"
    assert "Tea House<" not in header


def test_the_logo_for_the_dark_is_hidden_from_clients_that_have_none() -> None:
    logos = page(logo_url="https://example.com/a.png", logo_url_dark="https://example.com/b.png", logo_alt="Tea")
    day, night = (one for one in Skeleton(logos).attributes if "src" in one)
    assert (day["class"], day["alt"]) == ("sm-by-day", "Tea")
    assert night["class"] == "sm-by-night"
    assert (night["style"] or "").startswith("display:none;mso-hide:all;")


@pytest.mark.parametrize(
    ("given", "lang", "direction", "start"),
    [
        ({}, "en", "ltr", "left"),
        ({"lang": "de-CH"}, "de-CH", "ltr", "left"),
        ({"lang": "ar"}, "ar", "rtl", "right"),
        ({"lang": "he_IL"}, "he_IL", "rtl", "right"),
        ({"lang": "ar", "dir": "ltr"}, "ar", "ltr", "left"),
        ({"dir": "rtl"}, "en", "rtl", "right"),
        ({"dir": "<b>"}, "en", "ltr", "left"),
    ],
)
def test_the_direction_follows_from_the_language(given: dict[str, str], lang: str, direction: str, start: str) -> None:
    shown = page(**given)
    # Twice: webmail drops html, and with it what stands there.
    assert shown.count(f'lang="{lang}" dir="{direction}"') == 2
    other = {"left": "right", "right": "left"}[start]
    assert f"border-{start}:4px" in shown
    assert f"border-{other}:4px" not in shown


def test_the_width_is_the_same_for_word_and_for_others() -> None:
    wide = laid_out(mail_width=640)
    assert '<table role="presentation" width="640"' in wide
    assert "max-width:640px;margin" in wide
    assert "@media (max-width:680px)" in wide


def test_a_brand_color_given_alone_is_that_of_links_and_of_the_dark_too() -> None:
    branded = page(brand_color="#0a7d55")
    assert "#2b50d8" not in branded.replace("border-left:4px solid #2b50d8", "")
    assert ".sm-primary{background-color:#0a7d55!important}" in branded
    assert "#4567e0" not in branded


@pytest.mark.parametrize("name", COLORS)
def test_a_color_that_is_more_than_a_color_is_refused(name: str) -> None:
    with pytest.raises(MailError, match="a color is"):
        laid_out(**{name: "red;background:url(https://example.com/)"})


HOSTILE = "x\"'><script>alert(1)</script>&{{ 7 }}</title></style>"


@pytest.mark.parametrize("name", ["sender_name", "sender_address", "unsubscribe_text", "logo_alt", "lang", "dir"])
def test_a_hostile_variable_stays_text(name: str) -> None:
    given = {"logo_url": "https://example.com/a.png"}
    hostile = Skeleton(page(**given, **{name: HOSTILE}))
    assert hostile.tags == Skeleton(page(**given, **{name: "x"})).tags
    assert hostile.unbalanced == []


@pytest.mark.parametrize("name", ["unsubscribe_url", "logo_url"])
def test_a_hostile_url_is_refused(name: str) -> None:
    with pytest.raises(MailError, match="a link is a percent-encoded URL"):
        page(**{name: "javascript:alert(1)"})


@pytest.mark.parametrize("name", ["mail_width", "logo_width"])
def test_a_hostile_number_is_none(name: str) -> None:
    assert "alert" not in page(logo_url="https://example.com/a.png", **{name: HOSTILE})


def test_a_theme_of_somebodys_own_is_taken_by_layout_and_macros() -> None:
    source = (Path(color.__code__.co_filename).parent / "sesmail" / "theme.html").read_text("utf-8")
    mine: Environment = environment(**{"sesmail/theme.html": source.replace("#2b50d8", "#a01060")})
    page = mine.from_string(
        EMPTY + '{% from "sesmail/macros.html" import button %}'
        '{% block content %}{{ button("a", "https://example.com/") }}{% endblock %}'
    ).render()
    assert "border-top:4px solid #a01060" in page
    assert 'bgcolor="#a01060"' in page


def test_colors_of_all_mails_are_globals() -> None:
    mine = environment()
    mine.globals["brand_color"] = "#a01060"
    source = '{% from "sesmail/macros.html" import button %}{{ button("a", "https://example.com/") }}'
    assert 'bgcolor="#a01060"' in mine.from_string(source).render()


def test_a_layout_of_somebodys_own_goes_before_the_shipped_one() -> None:
    mine = environment(**{"sesmail/layout.html": "<body>{% block content %}{% endblock %}"})
    assert mine.get_template("words.html").render(content=Markup("<p>a</p>")) == (
        '<body><div class="sm-md">\n<p>a</p>\n</div>\n'
    )


# ── contrast ─────────────────────────────────────────────────────────────────────────────────────────────────────

TEXTS = {"text": ("card", "page", "soft"), "muted": ("card", "page", "soft"), "link": ("card",)}
PAIRS = {
    **{
        f"{text} on {ground}{dark.replace('_', ' ')}": (THEME[f"{text}_color{dark}"], THEME[f"{ground}_color{dark}"])
        for dark in ("", "_dark")
        for text, grounds in TEXTS.items()
        for ground in grounds
    },
    **{f"button{dark}": (THEME["on_brand_color"], THEME[f"brand_color{dark}"]) for dark in ("", "_dark")},
    "danger button": ("#ffffff", THEME["danger_color"]),
    **{f"{kind} panel": (panel["text"], panel["ground"]) for kind, panel in THEME["panels"].items()},
    **{f"link in {kind} panel": (THEME["link_color"], panel["ground"]) for kind, panel in THEME["panels"].items()},
    **{f"{kind} panel dark": (panel["dark"][2], panel["dark"][0]) for kind, panel in THEME["panels"].items()},
}


@pytest.mark.parametrize(("text", "ground"), PAIRS.values(), ids=PAIRS)
def test_text_can_be_read_on_its_ground(text: str, ground: str) -> None:
    assert contrast(rgb(text), rgb(ground)) >= LEAST


def test_contrast_is_what_wcag_says() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(rgb("#777777"), rgb("#ffffff")) == pytest.approx(4.48, abs=0.005), "the well-known grey that fails"


# ── inlined ──────────────────────────────────────────────────────────────────────────────────────────────────────


def inlined(page: str) -> str:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(page)


def test_an_inliner_keeps_what_cannot_be_inlined() -> None:
    kept = inlined(page())
    for sheet in (
        "@media (max-width:640px)",
        "@media (max-width:480px)",
        "prefers-color-scheme:dark",
        "[data-ogsc]",
        "[data-ogsb]",
    ):
        assert sheet in kept, sheet
    assert kept.count("<!--[if mso]>") == kept.count("<![endif]-->") == 3
    assert "a[x-apple-data-detectors]" in kept


def test_an_inliner_changes_nothing_that_has_a_style_already() -> None:
    before, after = (Skeleton(html).attributes for html in (page(), inlined(page())))
    buttons = [
        [_declared(one["style"]) for one in seen if "href" in one and "style" in one] for seen in (before, after)
    ]
    assert len(buttons[0]) == 5
    assert all(style in buttons[1] for style in buttons[0])


def _declared(style: str | None) -> dict[str, str]:
    pairs = (one.partition(":") for one in (style or "").split(";") if one.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def test_an_inliner_dresses_markdown() -> None:
    dressed = inlined(page("words.html", content=WORDS))
    words = Skeleton(dressed.partition('<div class="sm-md">')[2].partition("</div>")[0])
    tags = [tag for tag, _ in words.tags if not tag.startswith("/")]
    bare = [tag for tag, one in zip(tags, words.attributes, strict=True) if not one.get("style")]
    assert bare == ["strong", "thead", "tr", "tbody", "tr"]


def test_words_are_in_the_card_and_are_not_trusted_unless_they_are_markup() -> None:
    assert "<p>a</p>" in page("words.html", content=Markup("<p>a</p>"))
    assert "&lt;p&gt;a" in page("words.html", content="<p>a</p>")


def test_a_piece_alone_needs_no_layout() -> None:
    assert piece('{{ m.heading("a") }}').startswith("<h1 ")
