"""Hard but valid mails, by name. Why it is hard stands in the name; date and message id are fixed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Unpack

from sesmail import Address, Alternative, Attachment, Email, Unsubscribe, mime
from sesmail.mail.message import EmailFields

DATE = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

PNG = bytes.fromhex(  # one transparent pixel
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
ALL_BYTES = bytes(range(256)) + b"\n \r \r\n \n\r \r\r\n .\n.\r\n..\r\nFrom here\n"
INVITATION = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:1@example.com
DTSTAMP:20261120T080000Z
DTSTART:20261201T090000Z
DTEND:20261201T100000Z
SUMMARY:Übergabe
ORGANIZER:mailto:sender@example.com
ATTENDEE:mailto:ada@example.org
END:VEVENT
END:VCALENDAR
"""
FORWARDED = (
    b"From: charles@example.org\r\n"
    b"To: ada@example.org\r\n"
    b"Subject: Inside\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="inner"\r\n'
    b"\r\n"
    b"--inner\r\n"
    b"\r\n"
    b".\r\n"
    b"From the inside \r\n"
    b"--inner--\r\n"
)
SMUGGLED = "MAIL FROM:<evil@example.com>\nRCPT TO:<inbox@example.org>\nDATA\nSubject: smuggled\n\nGotcha\n"


def _mail(**fields: Unpack[EmailFields]) -> Email:
    usual: EmailFields = {"sender": "sender@example.com", "to": "ada@example.org", "subject": "Sample", "date": DATE}
    return Email(**(usual | fields))


def _to(email: str, name: str = "") -> Email:
    return _mail(to=Address(email, name), text="Hello")


def _text(text: str) -> Email:
    return _mail(text=text)


def _subject(subject: str) -> Email:
    return _mail(subject=subject, text="Hello")


def _file_named(name: str) -> Email:
    return _mail(text="See the file.", attachments={name: b"content"})


_SUBJECTS = {
    "no subject": _subject(""),
    "emoji subject": _subject("🎉 Your order 👩‍👩‍👧‍👦 is on its way 🚚"),
    "emoji family cut by no encoded word": _subject("👩‍👩‍👧‍👦" * 20),
    "literal encoded word typed in a subject": _subject("How to write =?utf-8?b?SGk=?= and =?utf-8?q?_?= in a subject"),
    "half an encoded word in a subject": _subject("Is =?utf-8?b? the start or ?= the end?"),
    "double blanks in subject": _subject(
        "Two  blanks   and   more,  then  the  end" + "  of a line that has to be folded" * 4
    ),
    "double blanks between non-ASCII words": _subject("Grüße  aus   Köln  and  Zürich   to   you"),
    "leading and trailing blank in subject": _subject(" between blanks "),
    "subject of one blank": _subject(" "),
    "subject of 800 characters without a blank": _subject("x" * 800),
    "subject of 900 Chinese characters": _subject("邮" * 900),
    "subject of 2,000 characters in words": _subject("eleven more " * 166 + "letters."),
    "subject with specials": _subject('Re: "50 % off", <b>now</b>; (a\\b) =20 =_ ?= #1, ä'),
}

_NAMES = {
    "long quoted name with commas": _to(
        "ada@example.org", "Lovelace, Ada, Countess, of the Analytical Engine, London, " * 3
    ),
    "non-ASCII name with comma around column 76": _to(
        "ada@example.org", "Ludwig Wittgenstein-Bloomsbury von und zu Köln, M. A., Ph. D."
    ),
    "61-octet address followed by non-ASCII name": _mail(
        to=[Address(f"{'a' * 49}@example.org"), Address("zoe@example.org", "Zoë Ångström")], text="Hello"
    ),
    "name with quotes and backslashes": _to("ada@example.org", 'Ada "the \\ Countess" Lovelace\\'),
    "name of specials only": _to("ada@example.org", '()<>[]:;@\\,."'),
    "name that looks like an address": _to("ada@example.org", "ceo@bank.example"),
    "name that looks like another mailbox": _to("ada@example.org", '"CEO" <ceo@bank.example>, x'),
    "name with a literal encoded word": _to("ada@example.org", "=?utf-8?q?Ada?= Lovelace"),
    "name with blanks around and within": _to("ada@example.org", " Ada  Lovelace "),
    "name with parentheses": _to("ada@example.org", "Ada (of London)"),
    "name of 1,000 characters": _to("ada@example.org", "Å" * 1000),
    "Hebrew name": _to("ada@example.org", "עדה לאבלייס, \u200fלונדון"),
    "Chinese name": _to("ada@example.org", "愛達·勒芙蕾絲"),
}

_ADDRESSES = {
    "100 recipients": _mail(
        to=[Address(f"reader{number}@example.org", f"Lesér, № {number}" * (number % 3)) for number in range(100)],
        text="Hello",
    ),
    "cc and reply-to with names": _mail(
        sender=("Shop, the Größte", "shop@example.com"),
        cc=[("Charles B.", "charles@example.org"), ("Zoë", "zoe@example.org")],
        reply_to=[("Help, please", "help@example.com"), "orders@example.com"],
        text="Hello",
    ),
    "bcc only": _mail(to=(), bcc=["hidden@example.org", ("Hidden Too", "hidden2@example.org")], text="Hello"),
    "IDN domain": _to("ada@Bücher.example", "Ada"),
    "quoted local part": _to('"ada lovelace@home"@example.org', "Ada"),
    "quoted local part without a name": _to('"ada, (lovelace)"@example.org'),
    "local part of specials": _to("o'ada+tag=x/y!#$%&*?^_`{|}~@example.org"),
    "local part beyond ASCII": _to("zoë@example.org", "Zoë"),
    "longest address": _to(f"{'l' * 64}@{'.'.join(['d' * 59] * 3)}.example"),
}

_BODIES = {
    "empty text": _text(""),
    "text without a line end": _text("Hello"),
    "text of blank lines": _text("\n\n\nHello\n\n\n"),
    "lines starting with 'From '": _text("From me\n>From you\nFrom all of us\n"),
    "a line with a single dot": _text("before\n.\nafter\n"),
    "dots at line start": _text(".one\n..two\n...three\n.\n..\n"),
    "trailing blanks": _text("one \ntwo\t\n  \n\t\n-- \nAda"),
    "long line of 3,000 characters": _text("short\n" + "long " * 600 + "\nshort"),
    "lines around the limit": _text("\n".join("x" * length for length in (75, 76, 77, 996, 997, 998))),
    "a line one over the limit": _text("x" * 999),
    "soft line breaks before dots and 'From '": _text(("." * 200 + "From " * 60 + "ä\n") * 2),
    "NEL / U+2028 / VT / FF in the body": _text("a\x85b\u2028c\u2029d\x0be\x0cf\x1cg\x1dh\x1ei"),
    "LF, CR and CRLF in the body": _text("one\ntwo\rthree\r\nfour\r\rfive"),
    "control characters in the body": _text("bell \x07 escape \x1b[31m delete \x7f tab \t end"),
    "text that looks like quoted-printable": _text("=20 =C3=A4 100=\n=3D\n"),
    "text that looks like a header": _text("Subject: not one\nX-Header: neither\n\nBody\n"),
    "text that looks like a boundary": _mail(
        text="--\n--=_\n--=_0_1\n--=_0_1--\n", attachments={"a.bin": b"--=_0_1--"}
    ),
    "text that looks like SMTP": _text(f"Hello\n.\n{SMUGGLED}.\nHello\r.\r{SMUGGLED}.\r\nQUIT\n"),
    "smuggling beyond ASCII": _text(f"Grüße\n.\n{SMUGGLED}.\nGrüße\r.\r{SMUGGLED}\n\n.\n"),
    "all of Unicode's planes": _text("é ж ع 漢 😀 𝔘 \U0010fffd \ufeff \u200b e\u0301"),
    "html only": _mail(html="<p>Grüße &amp; more</p>\n"),
    "html in one long line": _mail(html=f"<p>{'Ünd so weiter. ' * 400}</p>"),
    "text and html": _mail(text="Grüße\n", html="<p>Grüße</p>\n"),
}

_LOGO = Attachment("logo.png", PNG, inline=True, content_id="logo@example.com")

_FILES = {
    "text, html, inline image and attachment": _mail(
        text="A logo.\n",
        html=f'<p>A logo: <img src="{_LOGO.cid}" alt="logo"></p>\n',
        attachments=[_LOGO, Attachment("terms.pdf", b"%PDF-1.7\n%%EOF\n")],
    ),
    "html and inline image": _mail(html=f'<img src="{_LOGO.cid}" alt="logo">\n', attachments=[_LOGO]),
    "content id with specials": _mail(
        html='<img src="cid:a%25b+c/d=e@example.com" alt="">\n',
        attachments=[Attachment("x.png", PNG, inline=True, content_id="a%b+c/d=e@example.com")],
    ),
    "attachment only": _mail(attachments={"data.bin": b"\x00\x01\x02"}),
    "zero byte attachment": _mail(text="Nothing in it", attachments={"empty.bin": b""}),
    "zero byte attachment only": _mail(attachments={"empty.bin": b""}),
    "attachment with all 256 bytes and all line ends": _mail(text="Bytes", attachments={"all.bin": ALL_BYTES}),
    "text attachments with all line ends": _mail(
        text="Lines", attachments={"lf.txt": "a\nb\n", "cr.txt": "a\rb\r", "crlf.csv": "a\r\nb\r\n", "none.txt": "ä"}
    ),
    "attachment of 300,000 bytes": _mail(text="Large", attachments={"large.bin": bytes(range(250)) * 1200}),
    "two attachments of one name": _mail(
        text="Twice", attachments=[Attachment("a.txt", "1"), Attachment("a.txt", "2")]
    ),
    "attachment without a name": _mail(text="Nameless", attachments={"": b"content"}),
    "message as attachment": _mail(text="See below", attachments={"forwarded.eml": FORWARDED}),
    "calendar invitation": _mail(text="Come", html="<p>Come</p>\n", alternatives=[Alternative.calendar(INVITATION)]),
    "AMP": _mail(
        text="Plain", html="<p>Rich</p>\n", alternatives=[Alternative.amp("<!doctype html><html ⚡4email></html>\n")]
    ),
    "every kind of part": _mail(
        text="Plain ä\n",
        html=f'<p>Rich <img src="{_LOGO.cid}" alt="logo"></p>\n',
        alternatives=[Alternative.amp("<html ⚡4email></html>\n"), Alternative.calendar(INVITATION)],
        attachments=[_LOGO, Attachment("ä.pdf", b"%PDF-1.7\n"), Attachment("forwarded.eml", FORWARDED)],
    ),
}

_FILE_NAMES = {
    "file name beyond ASCII": _file_named("Übersicht – 概要 📎.pdf"),
    "file name of 300 characters": _file_named(f"{'long name ' * 29}of it.pdf"),
    "file name of 300 characters beyond ASCII": _file_named(f"{'ä漢😀 x ' * 49}é.pdf"),
    "file name of 1,000 characters beyond ASCII": _file_named(f"{'ö' * 996}.pdf"),
    "file name with quotes": _file_named('the "best" of.pdf'),
    "file name with a backslash at the end": _file_named("folder\\"),
    "file name with semicolons": _file_named("a; filename=b.exe; c.pdf"),
    "file name with percents": _file_named("100%25 of it%.pdf"),
    "file name with apostrophes": _file_named("utf-8'en'name's.pdf"),
    "file name with an encoded word": _file_named("=?utf-8?b?SGk=?=.pdf"),
    "file name with equals and question mark": _file_named("a=?b?=c.pdf"),
    "file name with blanks around and within": _file_named(" a  b .pdf "),
    "file name with path": _file_named("../../etc/pass:wd<>|*.pdf"),
    "file name of dots": _file_named(".."),
}

_HEADERS = {
    "metadata": _mail(
        text="Hello", metadata={"order": 42, "naïve": 'ä"\\', "ratio": 0.5, "none": None, "long": "x y " * 60}
    ),
    "long references list": _mail(
        text="Hello",
        in_reply_to="<99@example.com>",
        references=[f"<{number}.{'x' * (number % 60)}@example.com>" for number in range(100)],
    ),
    "unsubscribe pair": _mail(
        text="News", unsubscribe=Unsubscribe(f"https://example.com/u/{'t0ken' * 60}", "leave@example.com"), bulk=True
    ),
    "marks": _mail(text="Hello", priority="high", auto_submitted="auto-generated"),
    "headers of one's own": _mail(
        text="Hello",
        headers=[
            ("X-Long", "word " * 60 + "end"),
            ("X-Umlauts", "äöü  ß"),
            ("X-Twice", "1"),
            ("X-Twice", "2"),
            ("X-Empty", ""),
        ],
    ),
    "date in a zone of 45 minutes": _mail(text="Hello", date=DATE.astimezone(timezone(timedelta(hours=5, minutes=45)))),
    "date in the last century": _mail(text="Hello", date=DATE.replace(year=1969)),
}

_ALL = _SUBJECTS | _NAMES | _ADDRESSES | _BODIES | _FILES | _FILE_NAMES | _HEADERS

SAMPLES = {
    name: email.replace(message_id=f"<sample-{number}@example.com>")
    for number, (name, email) in enumerate(_ALL.items())
}

# ASCII is what every server takes; UTF-8 is for those with SMTPUTF8.
FORMS = ("ascii", "utf-8")
CASES = tuple(
    (form, name)
    for form in FORMS
    for name, email in SAMPLES.items()
    if form == "utf-8" or not any(address.needs_smtputf8 for address in email.to)
)


@cache
def written(form: str, name: str) -> bytes:
    """The sample's bytes, the same ones each time."""
    content = mime.write(SAMPLES[name])
    return (content.as_utf8() if form == "utf-8" else content).to_bytes()
