"""SpamAssassin, without network, finds nothing in ordinary mails that would make them look like spam."""

from __future__ import annotations

import os
import re
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sesmail import Attachment, Email, Unsubscribe, mime

from .conftest import need
from .samples import PNG

pytestmark = pytest.mark.server

LIMIT = 1.0  # spam begins at 5
NOW = datetime.now(UTC)  # a date far away costs points

TEXT = """\
Hello Ada,

thank you for your order 4711. We have packed it this morning, and the carrier will bring it on Tuesday between
nine and twelve. If that does not suit you, answer this mail and we will find another day.

Kind regards
Charles, from the shop
"""
HTML = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Your order</title></head>
<body>
<p>Hello Ada,</p>
<p>thank you for your order 4711. We have packed it this morning, and the carrier will bring it on Tuesday between
nine and twelve. If that does not suit you, answer this mail and we will find another day.</p>
<table><tr><td>Two notebooks</td><td>9.80</td></tr><tr><td>One pencil</td><td>1.20</td></tr></table>
<p>Kind regards<br>Charles, from the shop</p>
</body>
</html>
"""
# A short mailing without List-Id costs a point, unless it is signed.
NEWS = """\
Our notebooks have a new cover. It is made of linen, comes in four colours, and takes a beating.

The shop in the old town is open on Saturdays again, from ten to four. There is coffee, and the cat is back.

In December we close for the year's stocktaking on the twentieth. What you order until the day before goes out.

Paper has become dearer, and so the large sketchbook costs two more from the first of January. Until then it is what
it was, and whoever orders three of them before the end of the year pays for no parcel.

Our apprentice Mary has passed her exam as a bookbinder, with honours. Her first own notebook, sewn by hand, is in
the window until Christmas. Come and have a look.
"""
LOGO = Attachment("logo.png", PNG, inline=True, content_id="logo@example.com")

ORDINARY = {
    "text": Email(subject="Your order 4711", text=TEXT),
    "order confirmation": Email(subject="Your order 4711", text=TEXT, html=HTML),
    "inline logo and PDF": Email(
        subject="Your invoice for order 4711",
        text=TEXT,
        html=HTML.replace("<p>Hello", f'<p><img src="{LOGO.cid}" alt="The shop" width="120" height="40"></p><p>Hello'),
        attachments=[LOGO, Attachment("invoice-4711.pdf", b"%PDF-1.7\n%%EOF\n")],
    ),
    "names and subject beyond ASCII": Email(
        sender=("Büro für schöne Dinge", "shop@example.com"),
        to=[("Zoë Ångström, Köln", "zoe@example.org")],
        subject="Grüße aus Köln: Ihre Bestellung 4711 ist unterwegs",
        text="Hallo Zoë,\n\nIhre Bestellung ist unterwegs und kommt am Dienstag an.\n\nSchöne Grüße\nIhr Büro\n",
    ),
    "newsletter": Email(
        subject="What is new in November",
        text=NEWS,
        html=HTML.replace(
            "<table>", "".join(f"<h2>News</h2>\n<p>{item}</p>\n" for item in NEWS.split("\n\n")) + "<table>"
        ),
        unsubscribe=Unsubscribe("https://example.com/unsubscribe/4f2a9c", "leave@example.com"),
        bulk=True,
    ),
}

STATUS = re.compile(r"^X-Spam-Status: \w+, score=(-?[\d.]+)\s.*?tests=(.*?)\sautolearn", re.MULTILINE | re.DOTALL)
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def _careless(text: str) -> bytes:
    """What a program writes that knows little of mail: no date, no message id, and base64 for plain English."""
    head = "From: shop@example.com\nTo: ada@example.org\nSubject: Your order 4711\nMIME-Version: 1.0\n"
    body = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return (head + body).encode() + b64encode(text.encode()) + b"\n"


@dataclass(frozen=True)
class Verdict:
    """The points, and the rules that gave them."""

    score: float
    rules: str


def _judge(raw: bytes, home: Path) -> Verdict:
    # A home of its own, so that nothing is learnt from or left for its user; and no clock but UTC.
    command = [need("spamassassin"), "--local", "--test-mode", "--nocreate-prefs", "--cf=use_bayes 0"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C", "TZ": "UTC"}
    done = subprocess.run(
        command, input=raw.replace(b"\r\n", b"\n"), env=environment, stdout=subprocess.PIPE, check=True, timeout=60
    )
    status = STATUS.search(done.stdout.decode())
    assert status, done.stdout[:2000]
    return Verdict(float(status[1]), "".join(status[2].split()))


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_mail_is_no_spam(name: str, tmp_path: Path) -> None:
    email = ORDINARY[name]
    email = email.replace(
        sender=email.sender or "Shop <shop@example.com>", to=email.to or "Ada Lovelace <ada@example.org>", date=NOW
    )

    verdict = _judge(mime.write(email).to_bytes(), tmp_path)

    assert verdict.score < LIMIT, verdict


def test_a_known_spam_is_spam(tmp_path: Path) -> None:
    email = Email(sender="shop@example.com", to="ada@example.org", subject="Test", text=GTUBE, date=NOW)

    assert _judge(mime.write(email).to_bytes(), tmp_path).score > 900


def test_a_carelessly_written_mail_is_above_the_limit(tmp_path: Path) -> None:
    """The words are those of the first ordinary mail, so it is the writing that makes the difference."""
    verdict = _judge(_careless(TEXT), tmp_path)

    assert verdict.score > LIMIT, verdict
