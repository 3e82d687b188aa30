"""Templated mails: a page of 6 kB with a style sheet and eight table rows, and a text, each with names of its own.

Every peer renders HTML and text from compiled templates and builds the mail's bytes. One of them writes no style
attributes, and is measured as what it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from time import process_time
from typing import Any, ClassVar

from benchmarks.measure import Figure, Timed, cpu_s, interleaved
from benchmarks.sends import peak_mb
from sesmail import Mailer, mime
from sesmail.mailer.reports import MailFields
from sesmail.templates import Templates

OURS = "sesmail, inlined"
OURS_BARE = "sesmail, not inlined"
OURS_NO_TEXT = "sesmail, inlined, text made of it"
PREMAILER = "Jinja2 + premailer + EmailMessage"
CSS_INLINE = "Jinja2 + css-inline + EmailMessage"
DJANGO_MAIL = "Django templates + Django mail, not inlined"
_AT_LEAST = 5000  # mails in a turn: a hundred alone say little on a shared machine

RULES = """\
body { margin: 0; background: #f4f4f5; font-family: Arial, sans-serif; color: #18181b }
.card { width: 600px; background: #ffffff; border-radius: 8px; padding: 24px }
h1 { font-size: 24px; line-height: 32px; margin: 0 0 16px 0 }
p { font-size: 16px; line-height: 24px; margin: 0 0 16px 0 }
th { text-align: left; font-size: 12px; color: #71717a; padding: 8px 12px }
.items td { padding: 8px 12px; border-bottom: 1px solid #e4e4e7; font-size: 14px }
td.price, th.price { text-align: right; white-space: nowrap }
tr.total td { font-weight: bold }
a.button { background: #2563eb; color: #ffffff; padding: 12px 20px; border-radius: 6px; text-decoration: none }
.footer { font-size: 12px; line-height: 18px; color: #71717a }
@media (max-width: 620px) { .card { width: 100% !important } }"""
WORDS = "All of our teas are picked by hand, dried in the shade and packed on the day on which you order them.\n"
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Your order</title><style>
{RULES}
</style></head><body><table role="presentation" width="100%" class="wrap"><tr><td align="center">
<table role="presentation" class="card"><tr><td class="logo">Tea shop</td></tr><tr><td>
<h1>Thank you, {{{{ name }}}}</h1>
<p>Your order {{{{ number }}}} is on its way. {WORDS * 3}</p>
<h2>What you ordered</h2>
<table width="100%" class="items"><tr><th>Tea</th><th>Packs</th><th class="price">Price</th></tr>
{{% for row in rows %}}<tr><td>{{{{ row.title }}}}</td><td>{{{{ row.count }}}}</td>
<td class="price">{{{{ row.price }}}}</td></tr>
{{% endfor %}}<tr class="total"><td>Total</td><td></td><td class="price">{{{{ total }}}}</td></tr></table>
<p><a class="button" href="https://shop.example/orders/{{{{ number }}}}">See your order</a></p>
<h2>While you wait</h2>
<p>{WORDS * 12}</p>
<p>{WORDS * 10}</p>
<p class="footer">{WORDS * 5}<br>Tea shop, 1 Harbour Street, <a href="https://shop.example/help">help</a>,
<a href="https://shop.example/leave/{{{{ number }}}}">unsubscribe</a></p>
</td></tr></table></td></tr></table></body></html>
"""
TEXT = f"""Thank you, {{{{ name }}}}

Your order {{{{ number }}}} is on its way. {WORDS}
{{% for row in rows %}}{{{{ row.title }}}}: {{{{ row.count }}}}, {{{{ row.price }}}}
{{% endfor %}}
https://shop.example/orders/{{{{ number }}}}
"""
FILES = {"order.html": PAGE, "order.txt": TEXT, "order.subject.txt": "Your order {{ number }}", "bare.html": PAGE}
FILES |= {"bare.subject.txt": "Your order {{ number }}"}
Build = Callable[[Mapping[str, Any]], bytes]


def context(number: int) -> Mapping[str, Any]:
    """What the mail of this number says."""
    rows = [{"title": f"Tea & more {row}", "count": row, "price": f"EUR {number % 90}.{row}0"} for row in range(8)]
    return {"name": f"Ada {number}", "number": number, "rows": rows, "total": f"EUR {number}.00"}


def _ours(template: str, *, inline: bool) -> Build:
    mailer = Mailer("null://", sender="Shop <shop@example.com>", templates=Templates(FILES, inline_css=inline))
    return lambda values: mime.write(mailer.render(template, values, to="ada@example.org")).to_bytes()


def _jinja(inline: Callable[[str], str]) -> Build:
    from jinja2 import DictLoader, Environment

    loader = DictLoader(FILES)
    html = Environment(loader=loader, autoescape=True).get_template("order.html")
    text = Environment(loader=loader).get_template("order.txt")

    def build(values: Mapping[str, Any]) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = "Shop <shop@example.com>", "ada@example.org"
        message["Subject"] = f"Your order {values['number']}"
        message.set_content(text.render(values))
        message.add_alternative(inline(html.render(values)), subtype="html")
        return message.as_bytes()

    return build


def _premailer() -> Build:
    from premailer import Premailer

    return _jinja(lambda page: str(Premailer(page, allow_network=False, cssutils_logging_level="CRITICAL").transform()))


def _css_inline() -> Build:
    from css_inline import CSSInliner

    return _jinja(CSSInliner(load_remote_stylesheets=False, keep_at_rules=True).inline)


def _django() -> Build:
    import django
    from django.conf import settings
    from django.core.mail import EmailMultiAlternatives
    from django.template import Context, Engine

    if not settings.configured:
        settings.configure()
    django.setup()
    engine = Engine()
    html, text = engine.from_string(PAGE), engine.from_string("{% autoescape off %}" + TEXT + "{% endautoescape %}")

    def build(values: Mapping[str, Any]) -> bytes:
        subject = f"Your order {values['number']}"
        mail = EmailMultiAlternatives(
            subject, text.render(Context(values)), "Shop <shop@example.com>", ["ada@example.org"]
        )
        mail.attach_alternative(html.render(Context(values)), "text/html")
        return bytes(mail.message().as_bytes())

    return build


BUILDS: Mapping[str, Callable[[], Build]] = {
    OURS: partial(_ours, "order", inline=True),
    OURS_BARE: partial(_ours, "order", inline=False),
    OURS_NO_TEXT: partial(_ours, "bare", inline=True),
    PREMAILER: _premailer,
    CSS_INLINE: _css_inline,
    DJANGO_MAIL: _django,
}


class _Mails:
    """One mail after the other, no two alike."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._number = 0
        made = mime.read(build(context(7)))
        assert "Tea &amp; more 7" in str(made.html), "everybody says the same"
        assert "Tea & more 7" in str(made.text)

    def cpu_s(self, loops: int) -> float:
        """The CPU seconds that so many mails take."""
        return cpu_s(self._one, loops)

    def _one(self) -> None:
        self._number += 1
        self._build(context(self._number))


@dataclass(frozen=True, slots=True)
class TemplateCase:
    """Everybody in turn."""

    name: str
    unit: ClassVar = "us of CPU per mail"

    def figures(self, rounds: int) -> dict[str, Figure]:
        """Prove that all say the same, then measure."""
        jobs: dict[str, Timed] = {name: _Mails(build()) for name, build in BUILDS.items()}
        return interleaved(jobs, rounds)


def _rows(count: int) -> Iterator[MailFields]:
    for number in range(count):
        yield {"to": f"reader{number}@example.org", "context": context(number)}


def _send_many(count: int) -> tuple[float, float]:
    """Microseconds of CPU per mail, and the most memory that the process ever had, in MB."""
    mailer = Mailer("null://", sender="shop@example.com", templates=Templates(FILES, inline_css=True))
    mailer.send_many(rows=_rows(100), template="order")
    turns = max(1, _AT_LEAST // count)
    start = process_time()
    for _ in range(turns):
        report = mailer.send_many(rows=_rows(count), template="order")
        if report.sent != count:
            raise RuntimeError(f"{report.sent} of {count} were sent")
    return (process_time() - start) / turns / count * 1e6, peak_mb()


if __name__ == "__main__":
    print(*_send_many(int(sys.argv[1])))
