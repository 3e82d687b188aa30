"""Mail: plain data, from which every peer builds the same mail. And the mails that are measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class File:
    """An attachment; with a content id, an image that the HTML shows."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """What a program has at hand when it wants to send: text and bytes."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str = ""
    files: tuple[File, ...] = ()

    @property
    def shown(self) -> tuple[File, ...]:
        """The files that the HTML shows."""
        return tuple(file for file in self.files if file.content_id)

    @property
    def attached(self) -> tuple[File, ...]:
        """The other ones."""
        return tuple(file for file in self.files if not file.content_id)


def name_and_email(mailboxes: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs that the texts were made of. The mails here have no harder ones."""
    cut = (mailbox.rstrip(">").rpartition("<") for mailbox in mailboxes)
    return [(name.strip(), email) for name, _, email in cut]


def pseudo_file(name: str, content_type: str, size: int, content_id: str = "") -> File:
    """A file of bytes that are the same in each run and that nothing compresses."""
    return File(name, content_type, Random(size).randbytes(size), content_id)


def with_attachment(size: int) -> Mail:
    """A short mail with one large attachment."""
    return replace(SMALL, files=(pseudo_file("archive.zip", "application/zip", size),))


SMALL = Mail(
    sender="Shop <shop@example.com>",
    to=("ada@example.org",),
    subject="Your order 4711 is on its way",
    text="Hello Ada,\n\nyour order has left our house and should be with you tomorrow.\n\nThe shop\n",
)

_ROW = """<tr>
  <td style="padding:8px 12px;border-bottom:1px solid #e5e5e5;font-family:Helvetica,Arial,sans-serif">{number}</td>
  <td style="padding:8px 12px;border-bottom:1px solid #e5e5e5"><a href="https://shop.example.com/tea/{number}?from=mail">
    Grüner Tee, Ernte {number}</a>, in Tüten zu 100 g</td>
  <td style="padding:8px 12px;border-bottom:1px solid #e5e5e5" align="right">12,{number} €</td>
</tr>
"""
_PAGE = """<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Ihre Bestellung</title></head>
<body><img src="{logo}" alt="Müllers Teeladen"><h1>Schöne Grüße!</h1><table>
{rows}</table></body></html>
"""
_TEXT_LINE = "{number}  Grüner Tee, Ernte {number}, in Tüten zu 100 g: 12,{number} €\n"
_NUMBERS = range(10, 41)  # as many rows as make 12 kB


def _page(logo: str) -> str:
    return _PAGE.format(logo=logo, rows="".join(_ROW.format(number=number) for number in _NUMBERS))


HTML = Mail(
    sender="Müllers Teeladen <shop@example.com>",
    to=("Jürgen Groß <juergen@example.org>", "Ada Lovelace <ada@example.net>", "Zoë Čapek <zoe@example.com>"),
    subject="Ihre Bestellung 4711 ist unterwegs – schöne Grüße aus München",
    text="Schöne Grüße!\n\n" + "".join(_TEXT_LINE.format(number=number) for number in _NUMBERS),
    html=_page("https://shop.example.com/logo.png"),
)

ASCII_HTML = replace(
    HTML,
    text=HTML.text.encode("ascii", "replace").decode(),
    html=HTML.html.encode("ascii", "xmlcharrefreplace").decode(),
)

FILES = replace(
    HTML,
    html=_page("cid:logo@example.com"),
    files=(
        pseudo_file("logo.png", "image/png", 30_000, content_id="logo@example.com"),
        pseudo_file("invoice.pdf", "application/pdf", 300_000),
    ),
)

LARGE = with_attachment(10 * MB)

RECIPIENTS = replace(
    SMALL, to=tuple(f"Jürgen Müller {number} <user{number}@example{number % 10}.org>" for number in range(100))
)
