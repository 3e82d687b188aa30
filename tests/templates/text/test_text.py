"""What becomes what, odd ones first."""

from __future__ import annotations

import pytest

from sesmail.mail.characters import body_text
from sesmail.templates.text import text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        (" \n\t ", ""),
        ("<p></p><div> &nbsp; </div><ul><li></ul><table><tr><td></table>", ""),
        ("a", "a\n"),
        # what looks like a tag
        ("a < b > c", "a < b > c\n"),
        ("a <", "a <\n"),
        ("a </", "a </\n"),
        ("a</>b</ x>c", "abc\n"),
        ("1<2 <3", "1<2 <3\n"),
        ("a<b", "a\n"),
        ("a<b c", "a\n"),
        ("a</b", "a\n"),
        ("a<b c='", "a\n"),
        ("a<b c='>d", "a\n"),
        ('a<b c=">\'>d">e', "ae\n"),
        ('a<b ">c', "ac\n"),
        ('a<b =">c', "ac\n"),
        ("a<b c=>d", "ad\n"),
        ("a<b c = 'd' >e", "ae\n"),
        ("a<b/c=d/>e", "ae\n"),
        ("&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>\n"),
        ("<ö>", "<ö>\n"),
        # comments and their kin
        ("a<!-- b -->c", "ac\n"),
        ("a<!-->b", "ab\n"),
        ("a<!--->b", "ab\n"),
        ("a<!--b--!>c", "ac\n"),
        ("a<!-- b > - -- c -->d", "ad\n"),
        ("a<!-- b", "a\n"),
        ("a<!--[if mso]><table><tr><td>b<![endif]-->c", "ac\n"),
        ("a<![if !mso]>b<![endif]>c", "abc\n"),
        ("a<!--[if !mso]><!-->b<!--<![endif]-->c", "abc\n"),
        ("a<![CDATA[b]]>c", "ac\n"),
        ("<?xml version='1.0'?>a<!DOCTYPE html>b<!", "ab\n"),
        # what is not read
        ("<title>a</title><style>p > a {}</style><script>if (a<b) '</p>'</script>b", "b\n"),
        ("<SCRIPT>a</script x>b", "b\n"),
        ("a<script>b", "a\n"),
        ("a<script>b</scripty>c</script>d", "ad\n"),
        ("a</script>b", "ab\n"),
        ("<head>a<meta charset=utf-8><head></head>b", "b\n"),
        ("<head><title>a</title><body>b", "b\n"),
        ("<template>a<p>b</template>c", "c\n"),
        ("a<datalist><option>b</datalist>c", "ac\n"),
    ],
)
def test_broken_and_unread(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("&amp;&copy;&copy;&notit;&bogus;&#65;&#x42;&#X43", "&©©¬it;&bogus;ABC\n"),
        ("&#128;&#0;&#xD800;&#x110000;", "€\ufffd\ufffd\ufffd\n"),
        (f"a&#{'9' * 5000};b", "a\ufffdb\n"),
        (f"&#{'0' * 5000}65;&#x{'0' * 5000}42;&#{'0' * 5000};", "AB\ufffd\n"),
        ("&", "&\n"),
        ("a\0b\x01c\x7fd\x80e\ud800f\udc00&#1;&#129;g", "abcdefg\n"),
        ("a\u200bb\u00adc\u034fd\ufeffe\u2060f\u200cg", "abcdefg\n"),
        ("&#847;&zwnj;&nbsp;" * 9, ""),
        ("می\u200cخواهم \u200cآ", "می\u200cخواهم آ\n"),
        ("👩\u200d👧", "👩\u200d👧\n"),
        ("a&nbsp;&nbsp; b\x0bc\x85d\u2028e", "a b c d e\n"),
        ("<p>\u3000你好\u3000</p><p>\u3000</p>", "\u3000你好\n"),
        ("a\r\nb\rc", "a b c\n"),
        (" a <b> b </b> c<i> d</i>e ", "a b c de\n"),
        ("a<b> </b>b<i>\n</i>", "a b\n"),
    ],
)
def test_characters(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<p>b</p>c</p>d", "a\n\nb\n\nc\n\nd\n"),
        ("<div>a</div><div>b</div>c", "a\nb\nc\n"),
        ("a<br>b<br/>c</br>d", "a\nb\nc\nd\n"),
        ("a<br><br><br><br>b<br>", "a\n\nb\n"),
        ("<br>a<br></p>b", "a\n\nb\n"),
        ("<div>a</div><br><div>b</div>", "a\n\nb\n"),
        ("a<hr>b<hr><hr>", f"a\n\n{'-' * 40}\n\nb\n\n{'-' * 40}\n\n{'-' * 40}\n"),
        ("<h1>Ada</h1>a<h2>B &amp; c</h2>d", "Ada\n===\n\na\n\nB & c\n-----\n\nd\n"),
        ("<h3>a<br>bc</h5>d<h1> </h1>", "a\nbc\n--\n\nd\n"),
        ("a</h1>b", "ab\n"),
        ("<h2>茶é\u0301</h2>", "茶é\u0301\n---\n"),
        (f"<h1>{'a' * 99}</h1>", f"{'a' * 99}\n{'=' * 60}\n"),
        ("<ul><li>a<li>b</ul>c", "- a\n- b\n\nc\n"),
        ("<p>a<ul><li>b<ul><li>c</li><li>d</ul><li>e</ul>", "a\n\n- b\n  - c\n  - d\n- e\n"),
        ("<ol start=9><li>a<li>b<p>c<li value=3>d<li value=x>e</ol>", "9. a\n10. b\n\n    c\n\n3. d\n4. e\n"),
        ("<ol start='-1x'><li>a<li hidden>b<li>c</ol>", "-1. a\n0. c\n"),
        (f"<ol start={'9' * 50}><li>a</ol>", "1. a\n"),
        ("<ul><li><ul><li>a</ul>b</ul>", "- - a\n  b\n"),
        ("<ul><li><ul><li></ul>b<li><li>c</ul>", "- b\n- c\n"),
        ("<li>a<li>b</li></li>c", "- a\n- b\nc\n"),
        ("<ul><li>a<ul></li>b</ul></ul>", "- a\n  b\n"),
        ("<dl><dt>a<dd>b<dd>c<br>d<dt>e</dt></dd><dd hidden>f</dl>", "a\n  b\n  c\n  d\ne\n"),
        ("<blockquote>a<p>b<blockquote>c</blockquote></blockquote>d", "> a\n>\n> b\n>\n> > c\n\nd\n"),
        ("<blockquote><h1>a</h1><ul><li>b</ul></blockquote>", "> a\n> =\n>\n> - b\n"),
        ("<ul><li><blockquote>a<p>b</blockquote></ul>", "- > a\n  >\n  > b\n"),
        ("<blockquote hidden>a</blockquote><blockquote></blockquote>b", "b\n"),
        ("a<pre>\n b\n\n\n  c <b> d</b>\n\n</pre>e", "a\n\n b\n\n\n  c  d\n\ne\n"),
        ("<pre>a\t&lt;b&gt;&nbsp; \nc<br>d<img alt=e><img alt=''></pre>", "a\t<b>  \nc\nde\n"),
        ("<pre>\n\n\na</pre>", "\n\na\n"),
        ("b<pre>  <b> </b>\n  <b>a</b></pre>", "b\n\n\n  a\n"),
        ("<pre> \n </pre><blockquote><pre> </pre></blockquote>", ""),
        ("<blockquote><pre>a\n\nb</pre></blockquote>", "> a\n>\n> b\n"),
        ("<pre>a<p>b</pre>c", "a\n\nb\n\nc\n"),
        ("<section>a<p>b<footer>c</section>", "a\n\nb\n\nc\n"),
    ],
)
def test_blocks(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello Ada &lt;3, <a href='https://x.example/start'>begin here</a>.</p>", None),
        ("<a href=https://x.example/>https://x.example/</a>", "https://x.example/\n"),
        ("at <a href='https://x.example/'>x.example</a>.", "at https://x.example/.\n"),
        ("at<a href='https://x.example/'> http://x.example</a>.", "at https://x.example/.\n"),
        (
            "<a href='HTTPS://x.example/?a=1&copy=2&amp;b=&quot;&#39;'>a</a>",
            "a <HTTPS://x.example/?a=1&copy=2&b=\"'>\n",
        ),
        ("<a href='/?&not=1&notit;&lt&bogus;&copy'>a</a>", "a </?&not=1&notit;%3C&bogus;©>\n"),
        ("<a href=' https://x.example/a b\n<c> '>a </a>b", "a <https://x.example/a%20b%3Cc%3E> b\n"),
        ("<a href='https://x.example/\0\ud800'>a</a>", "a <https://x.example/>\n"),
        ("<a href='{{amazonSESUnsubscribeUrl}}'>leave</a>", "leave <{{amazonSESUnsubscribeUrl}}>\n"),
        ("<a href=1 HREF=2>a</a>", "a <1>\n"),
        (
            "<a name=b>a</a><a href>b</a><a href='#top'>c</a><a href='JavaScript:d()'>d</a><a href='data:,'>e</a>",
            "abcde\n",
        ),
        ("<a href='mailto:ada@x.example?subject=Hi'>write</a>", "write <ada@x.example>\n"),
        ("<a href='mailto:Ada@x.example'>ada@x.example</a>", "ada@x.example\n"),
        ("<a href='mailto:ada@x.example'>mailto:ada@x.example</a>", "ada@x.example\n"),
        ("<a href='mailto:?subject=Hi'>share</a>", "share\n"),
        (
            "<a href='tel:+49301234'>call</a> <a href='tel:+49301234'>+49 30 / 1234</a>",
            "call <+49301234> +49 30 / 1234\n",
        ),
        ("<a href='tel:110'>Call 112</a>", "Call 112 <110>\n"),
        ("<a href=https://x.example/><img src=a alt='Our  shop'></a>", "Our shop <https://x.example/>\n"),
        ("<a href=https://x.example/><img src=a alt></a><a href=https://y.example/> </a>a", "a\n"),
        ("<a href=1>a<a href=2>b</a>c</a>d", "a <1>b <2>cd\n"),
        ("<p><a href=1>a<p>b</a>c", "a <1>\n\nbc\n"),
        ("<a href=1>a", "a <1>\n"),
        ("<a href=1><h2>Tea</h2><p>Fresh</p></a>b", "Tea\n---\n\nFresh <1>\n\nb\n"),
        ("<a href=1><h2>Tea</h2></a>", "Tea <1>\n---\n"),
        ("<pre><a href=1>a</a> b</pre>", "a <1> b\n"),
        ("<a href=1><table><tr><th>a<th>b</table></a>", "a | b <1>\n"),
        ("<img alt=A><img alt=B>c<img alt='👋'>!<img alt=' '><img>", "A B c👋!\n"),
        ("a<img alt=B> c", "a B c\n"),
    ],
)
def test_links_and_pictures(html: str, text: str | None) -> None:
    assert text_of(html) == (text or "Hello Ada <3, begin here <https://x.example/start>.\n")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\n\nb\n"),
        ("<table role=Presentation><tr><td>a<td>b<tr><td>c</table>d", "a\nb\n\nc\n\nd\n"),
        ("<table><tr><td>a<td><table><tr><td>b<td>c</table><td>d</table>", "a\n\nb: c\n\nd\n"),
        ("<table><tr><td><img alt=a><td><h2>b</h2>c</table>", "a\n\nb\n-\n\nc\n"),
        ("<table><tr><td><p>a<p>b<td>c</table>", "a\n\nb\n\nc\n"),
        ("<table><tr><th>x<th>y<tr><td><p>a<p>b<td>c</table>", "x | y\na, b | c\n"),
        ("<table><tr><td><br>a<br>b,<br>c <td><p>d</p><br></table>", "a, b, c: d\n"),
        ("<table><tr><td>Order:<td>4711<tr><td><td>b<tr><td>c<td> <tr><td><td></table>", "Order: 4711\nb\nc\n"),
        (f"<table><tr><td>{'a' * 61}<td>b</table>", f"{'a' * 61} | b\n"),
        (
            # with a column of pictures, which says nothing
            """<table><caption>Yours</caption><thead><tr><th><th>Item<th>Price</thead>
            <tbody><tr><td><img alt=''><td>Tea<td>4<tr><td><td>Cup<td></tbody>
            <tfoot><tr><td colspan=2>Total<td>4</tfoot></table>""",
            "Yours\nItem | Price\nTea | 4\nCup | -\nTotal: 4\n",
        ),
        ("<table><th>a<th>b</th><tr><th>c<td>d</table>", "a | b\nc | d\n"),
        ("<table><tr><th>a<td>b<tr><th>c<td>d</table>", "a: b\nc: d\n"),
        ("<table><tr><td>a<td>b<td>c</table>", "a | b | c\n"),
        ("<table><tr><td>a<td>b<tr hidden><td>c<td>d<tr><td hidden>e<td>f</table>", "a: b\nf\n"),
        ("<table hidden><tr><td>a<td>b</table>c", "c\n"),
        ("<table><tbody><tr><td>a<tbody><tr><td>b</td></tbody>c</table></tbody>d", "a\n\nb\n\nc\n\nd\n"),
        ("a<tr>b<td>c</td>d</tr></table><td hidden>e</td>", "a\nb\ncde\n"),
        ("<div><table><tr><td>a</div>b</table>c</div>d", "ab\n\nc\nd\n"),
        ("<table><tr><td><span>a</td></tr>b</tr></td></table>c", "a\n\nb\n\nc\n"),
        ("<table></td></tr></tbody></table></table><table><tr><td>a<td>b", "a: b\n"),
        ("<table><tr><td>a<td><ul></table></table><td>b<li>c", "a\n\nb\n- c\n"),
        ("<table><tr><td></table></table><table><tr><td>a<td>b<hidden></hidden></table>", "a: b\n"),
        # what a template closes is not what is open outside
        (
            """<table><tr><td>a<td>b<template></table></div></template><hr>c<h1>d</h1><pre>e\nf</pre>
            <table><tr><td>g<td>h</table></table></template>i""",
            f"a: b, {'-' * 40} c, d, e f, g: h\n\ni\n",
        ),
    ],
)
def test_tables(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    "attributes",
    [
        "hidden",
        "HIDDEN=''",
        "style=display:none",
        "style='color:red; DISPLAY : None !important; display:block'",
        "style='display&#58;none'",
        "style='/* a;b */display:/**/none/*'",
        "style='visibility:hidden'",
        "style='visibility:collapse'",
        "style='mso-hide:all'",
        "style='max-height:0px;overflow:hidden'",
        "style='font-size:0'",
        "style='font-size:0.0px'",
        "style='opacity:.0'",
        "style='opacity:0%'",
        f"style='display:none;color:{'a' * 500}'",
    ],
)
@pytest.mark.parametrize("name", ["section", "span", "p", "b", "a href=x", "blockquote", "pre", "li"])
def test_hidden(name: str, attributes: str) -> None:
    end = name.partition(" ")[0]

    assert text_of(f"a<{name} {attributes}> b <i>c</i></{end}>").strip() == "a"
    assert text_of(f"<div>a<{name} {attributes}>b</div>c").split() == ["a", "c"]


@pytest.mark.parametrize(
    "attributes",
    [
        "aria-hidden=true",
        "style=display:block",
        "style=''",
        "style='max-height:0'",
        "style='overflow:hidden'",
        "style='font-size:10px'",
        "style='opacity:0.5'",
        "style='display:none;display:block'",
        "data-style='display:none'",
        "title='hidden'",
    ],
)
def test_seen(attributes: str) -> None:
    assert text_of(f"a<span {attributes}>b</span>") == "ab\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<div style=font-size:0>a<div style=font-size:13px>b<i style=font-size:0>c</i></div>d<img alt=e></div>",
            "b\ne\n",
        ),
        ("<div style=font-size:0><p style=font-size:1em>a<a href=x><img alt=b></a></div>", "b <x>\n"),
        ("<div style=visibility:hidden>a<img alt=b><b style=visibility:visible>c</b></div>", "c\n"),
        ("<div style=display:none><b style=display:block;font-size:9px;visibility:visible>a</b><hr><br></div>b", "b\n"),
        ("<div hidden><table><tr><td>a</div>b<td>c</table><ul><li>d<blockquote>e</ul></p>f</div>g", "g\n"),
        ("<p hidden>a<p>b", "b\n"),
        ("<ul><li hidden>a<li>b</ul>", "- b\n"),
        ("<b hidden><i>a</i></u>b</b>c", "c\n"),
        ("<span hidden><div>a</span>b</div>c</span>d", "d\n"),
    ],
)
def test_hidden_in_part(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    "tag", ["<blockquote>", "<ul><li>", "<table><tr><td>", "<div>", "<b>", "<a href=x>", "<p><span hidden>"]
)
def test_deep_nesting_is_no_recursion_and_no_flood(tag: str) -> None:
    text = text_of(f"{tag * 20_000}a")

    assert len(text) < 500


def test_a_prefix_has_an_end() -> None:
    assert len(text_of("<blockquote>a" * 1000)) < 100_000
    assert text_of("<ol><li>a" * 50).splitlines()[-1].strip() == "1. a"


def test_a_mail_takes_whatever_comes() -> None:
    text = text_of("<pre>\0\ud800\x01&#0;&#xD800;\x1b</pre>\0<a href='\0\ud800'>\udfff a</a>")

    assert body_text(text, "text") == text == "\ufffd\ufffd\n\na\n"
