"""What hypothesis draws mails from: everything that a mail may hold, the odd before the ordinary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from sesmail import Address, Alternative, Attachment, Email, Unsubscribe

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

# Everything that a header may hold, with what breaks writers drawn often.
header_characters = st.one_of(
    st.sampled_from(" \"\\,;:<>@()[]=?_.'%&é=\U0001f600ß漢\u200d\u0301\u00a0\ufeff"),
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]),
)
odd_texts = st.sampled_from(
    [
        "=?utf-8?q?a=0A_b?=",
        "=?utf-8?b?SGk=?= =?utf-8?b?SGk=?=",
        "Lovelace, Ada",
        '"quoted"',
        "back\\slash\\",
        "two  blanks   three",
        " leading and trailing ",
        "a" * 200,
        "long, quoted, " * 12,
        "漢字" * 60,
        "a é b é c " * 20,
        "?=",
        "=?",
        "Bcc: eve@example.com",
    ]
)
header_texts = st.one_of(st.text(header_characters, max_size=120), odd_texts)
spoken_texts = header_texts.map(lambda text: "".join(c for c in text if c not in BIDI))
names = spoken_texts
body_texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=400),
    st.lists(
        st.sampled_from(
            [
                "From me",
                ".",
                "..",
                "--=_x",
                "",
                " ",
                "trailing ",
                "tab\t",
                "é",
                "x" * 1200,
                "=3D",
                "\x0b",
                "x" * 74 + " ",
                "From " * 20 + "é",
            ]
        ),
        max_size=20,
    ).map("\n".join),
)

_atoms = st.text(st.sampled_from("abcXYZ0189!#$%&'*+-/=?^_`{|}~"), min_size=1, max_size=12)
locals_ = st.one_of(
    st.lists(_atoms, min_size=1, max_size=3).map(".".join),
    st.sampled_from(['"a b"', '"a@b"', '"a\\"b"', '"a,b"', '"<x>"', "a" * 64, '"victim@evil.example x"']),
)
domains = st.sampled_from(
    [
        "example.com",
        "example.org",
        "EXAMPLE.com",
        "Bücher.example",
        "faß.de",
        "xn--bcher-kva.example",
        "漢字.example",
        "localhost",
        "shop.test",
        f"{'a' * 50}.{'b' * 50}.{'c' * 50}.example",
    ]
)
emails = st.builds(lambda local, domain: f"{local}@{domain}", locals_.filter(lambda local: "=?" not in local), domains)
addresses = st.builds(Address, emails, st.one_of(st.just(""), names))

file_names = st.one_of(
    spoken_texts,
    st.sampled_from(
        ["résumé.pdf", "a" * 300, "é" * 1000, 'q"uote.txt', "back\\", "semi;colon=x", "100%.txt", "it's.txt"]
    ),
)
content_ids = st.from_regex(r"[A-Za-z0-9._%+\-]{1,20}(@[a-z.]{1,10})?", fullmatch=True)


@st.composite
def attachments(draw: st.DrawFn) -> Attachment:
    name = draw(file_names)
    kind = draw(
        st.sampled_from(
            ["", "image/png", 'application/x-thing; a=b; c="d e"', "text/plain", "text/csv; charset=latin-1"]
        )
    )
    if not kind and name.lower().endswith(".eml"):
        kind = "application/octet-stream"
    content = draw(st.one_of(st.binary(max_size=300), st.sampled_from([b"\n\r\r\n", b"x" * 57 * 300, b"\0" * 200])))
    return Attachment(name, content, content_type=kind, content_id=draw(st.one_of(st.just(""), content_ids)))


rfc822_attachments = st.just(
    Attachment("inner.eml", b"Subject: inner\r\n\r\nA mail in a mail.\r\n--=_x\r\n.\r\n", content_type="message/rfc822")
)
alternatives = st.one_of(
    st.builds(Alternative.calendar, body_texts, method=st.sampled_from(["REQUEST", "CANCEL"])),
    st.builds(Alternative.amp, body_texts),
)
message_ids = st.from_regex(r"[!#-'*+\-./0-9?A-Z^-~]{1,60}@[a-z0-9.\-]{1,200}", fullmatch=True).map(lambda s: f"<{s}>")
dates: SearchStrategy[datetime] = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - the zone is drawn beside it
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
).map(lambda date: date.replace(microsecond=0))
header_names = st.from_regex(r"X-[A-Za-z0-9!#$%&'*+.^_`|~\-]{1,40}", fullmatch=True).filter(
    lambda name: not name.lower().startswith(("x-ses-", "x-metadata", "x-priority", "x-original-to"))
)
scalars = st.one_of(
    header_texts,
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
)
unsubscribes = st.sampled_from(
    [
        None,
        Unsubscribe("https://example.com/u/4f2a?list=a,b&x=%20"),
        Unsubscribe("https://example.com/u", mailto="leave@example.com?subject=out"),
        Unsubscribe(mailto="leave@example.com"),
        Unsubscribe("http://example.com/u", one_click=False),
    ]
)

mails = st.builds(
    Email,
    sender=addresses,
    to=st.lists(addresses, max_size=5),
    cc=st.lists(addresses, max_size=3),
    bcc=st.just([Address("secret-bcc@hidden.example", "Blind Copy")]),
    reply_to=st.lists(addresses, max_size=2),
    subject=header_texts,
    text=st.none() | body_texts,
    html=st.none() | body_texts,
    attachments=st.lists(
        attachments() | rfc822_attachments, max_size=3, unique_by=lambda file: file.content_id or id(file)
    ),
    alternatives=st.lists(alternatives, max_size=2),
    headers=st.lists(st.tuples(header_names, header_texts), max_size=2),
    metadata=st.dictionaries(header_texts, scalars, max_size=3),
    message_id=message_ids,
    date=dates,
    in_reply_to=st.just("") | message_ids,
    references=st.lists(message_ids, max_size=4),
    unsubscribe=unsubscribes,
    priority=st.sampled_from(["high", "normal", "low"]),
    auto_submitted=st.sampled_from([None, "auto-generated", "auto-replied"]),
    bulk=st.booleans(),
)
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
