"""Templates that use what is shipped, and how they are rendered."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from sesmail.templates.colors import color
from sesmail.templates.links import link

PAGES = {
    "order.html": """\
{% extends "sesmail/layout.html" %}
{% from "sesmail/macros.html" import button, code, divider, facts, heading, image with context %}
{% from "sesmail/macros.html" import link, panel, spacer, table with context %}
{% block subject %}Your order 1042 is on its way{% endblock %}
{% block content %}
{{ heading("Thank you, " ~ name) }}
<p>Your tea left our house this morning. You can follow it to your door, or read {{ link("how we pack", home) }}.</p>
{{ button("Follow the parcel", "https://example.com/t/1042?lang=en&from=mail") }}
{{ facts({"Order": "1042", "Sent to": "12 Analytical Row, London"}) }}
{{ heading("What is in it", 2) }}
{{ table(
    ["Tea", "Weight", "Price"],
    [["Assam, second flush", "250 g", "€ 14.50"], ["Darjeeling, first flush", "100 g", "€ 12.00"]],
    align=["start", "end", "end"],
    totals=[("Postage", "€ 3.90"), ("Together", "€ 30.40")],
) }}
{% call panel("success", "Paid") %}We got your payment. There is nothing left to do.{% endcall %}
{% call panel("info", "A way back") %}
You have 30 days to <a href="https://example.com/back">send it back</a>.
{% endcall %}
{% call panel("warning", "Somebody has to be there") %}The parcel does not fit into a letter box.{% endcall %}
{% call panel("danger", "Not you?") %}If you did not order this, tell us today.{% endcall %}
{{ divider() }}
<p>Show this code at the door:</p>
{{ code("481 920") }}
{{ button("Change the day", home, kind="secondary") }}
{{ button("Send it back", home, kind="danger", align="center") }}
{{ table(
    ["Day", "Place", "Who", "What"],
    [["Monday", "Hamburg", "Customs", "Cleared"], ["Tuesday", "Dover", "Post", "On its way"]],
) }}
{% if picture is defined %}{{ image(picture, "The tea house") }}{% endif %}
{{ spacer(8) }}
{% endblock %}
""",
    "receipt.html": """\
{% extends "sesmail/layout.html" %}
{% from "sesmail/macros.html" import button, code, facts, heading, panel, table with context %}
{% block subject %}Your tea is on its way{% endblock %}
{% block content %}
{{ heading("Your tea is on its way") }}
<p>Hello {{ name }}, it left our house this morning.</p>
{{ button("Follow the parcel", "https://example.com/t/1042") }}
{{ facts({"Order": "1042", "Sent to": "12 Analytical Row, London"}) }}
{{ table(
    ["Tea", "Weight", "Price"],
    [["Assam, second flush", "250 g", "€ 14.50"], ["Darjeeling, first flush", "100 g", "€ 12.00"]],
    align=["start", "end", "end"],
    totals=[("Postage", "€ 3.90"), ("Together", "€ 30.40")],
) }}
{% call panel("success", "Paid") %}Nothing is left to do.{% endcall %}
<p>Show this code at the door:</p>
{{ code("481 920") }}
{% endblock %}
""",
    "words.html": """\
{% extends "sesmail/markdown.html" %}
{% block subject %}News in October{% endblock %}
""",
}
CONTEXT: dict[str, Any] = {
    "name": "Ada",
    "home": "https://example.com/",
    "sender_name": "Muir’s Tea House",
    "sender_address": "4 Harbour Street, Leith EH6 6QD, Scotland",
    "unsubscribe_url": "https://example.com/leave/4f2a",
}
WORDS = Markup("""\
<h1>News in October</h1>
<p>Some <strong>words</strong>, a <a href="https://example.com/">link</a> and <code>some code</code>.</p>
<h2>A list</h2>
<ul><li>one</li><li>two</li></ul>
<blockquote><p>Somebody said that.</p></blockquote>
<pre><code>a line of code that is longer than what a telephone shows in one line, and still is no reason to scroll
</code></pre>
<table><thead><tr><th>Tea</th><th>Price</th></tr></thead><tbody><tr><td>Assam</td><td>14.50</td></tr></tbody></table>
<hr>
<h3>Last</h3>
<ol><li>three</li></ol>
""")


def _printed(value: object) -> object:
    """None in a mail is a mistake, here as in the engine."""
    assert value is not None, "None was printed"
    return value


def environment(**pages: str) -> Environment:
    """Jinja as the engine has it, with these pages before the shipped ones."""
    loader = ChoiceLoader([DictLoader({**PAGES, **pages}), PackageLoader("sesmail.templates", "")])
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(link=link, color=color)
    return made


def page(file: str = "order.html", /, **context: object) -> str:
    return environment().get_template(file).render({**CONTEXT, **context})


def piece(source: str, /, **context: object) -> str:
    """What this source makes, with all macros at hand as ``m``."""
    return _compiled(source).render(context)


@cache
def _compiled(source: str) -> Template:
    return environment().from_string('{% import "sesmail/macros.html" as m with context %}' + source)
