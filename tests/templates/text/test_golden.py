"""Whole mails, each with its text. The HTML is in a file of its own, and the golden mail has both."""

from __future__ import annotations

from pathlib import Path

import pytest

from sesmail import Mailer
from sesmail.templates.text import text_of
from sesmail.testing import Mailbox

HERE = Path(__file__).parent / "golden"
MAILER = Mailer("null://", sender="shop@example.com")


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.html")))
def test_a_mail_reads_well(mailbox: Mailbox, name: str) -> None:
    html = (HERE / f"{name}.html").read_text("utf-8")
    MAILER.send(to="ada@example.org", subject=name, text=text_of(html), html=html)

    mailbox.last.assert_matches(f"golden/{name}.eml")


def test_the_mails_are_all_here() -> None:
    assert {path.stem for path in HERE.glob("*.html")} == {"newsletter", "order", "outlook", "right-to-left"}
    assert len(list(HERE.glob("*.eml"))) == 4
