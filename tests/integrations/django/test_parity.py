"""The same message written by Django and by us is the same mail to whoever reads it."""

from __future__ import annotations

from email.utils import formataddr

from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Email, mime
from sesmail.integrations.django.finished import bytes_of
from sesmail.integrations.django.letter import Letter
from sesmail.integrations.django.settings import Settings

WORDS = st.text(st.sampled_from("abc äöü ßÅ 漢字 .-'"), max_size=60).map(lambda text: " ".join(text.split()))
LINES = st.lists(WORDS, max_size=8).map("\n".join)
PEOPLE = st.lists(
    st.tuples(WORDS, st.sampled_from(["ada@example.org", "bob@bücher.example"])).map(
        lambda pair: f'"{pair[0]}" <{pair[1]}>'
    )
    | st.just(formataddr(("Größe", "eve@example.org"))),
    max_size=3,
)
FILES = st.lists(
    st.tuples(st.sampled_from(["a.bin", "Übersicht.pdf"]), st.binary(max_size=100), st.just("application/x-a")),
    max_size=2,
)


def seen(email: Email) -> dict[str, object]:
    """What a reader sees of it."""
    return {
        "sender": email.sender,
        "to": email.to,
        "cc": email.cc,
        "reply_to": email.reply_to,
        "subject": " ".join(email.subject.split()),
        "text": (email.text or "").strip(),
        "html": (email.html or "").strip(),
        "files": [(file.name, file.content_type, file.data) for file in email.attachments],
        "headers": email.headers,
    }


@given(subject=WORDS, text=LINES, html=LINES, to=PEOPLE, cc=PEOPLE, reply_to=PEOPLE, files=FILES)
def test_both_write_the_same_mail(
    subject: str,
    text: str,
    html: str,
    to: list[str],
    cc: list[str],
    reply_to: list[str],
    files: list[tuple[str, bytes, str]],
) -> None:
    message = EmailMultiAlternatives(subject, text, "Shop <shop@example.com>", ["first@example.org", *to])
    message.cc, message.reply_to, message.attachments = cc, reply_to, files
    message.extra_headers = {"X-Kind": "order"}
    if html:
        message.attach_alternative(f"<p>{html}", "text/html")

    letter = Letter.of(message, Settings())
    ours = mime.read(mime.write(letter.email).to_bytes())
    theirs = mime.read(bytes_of(message.message()))

    assert letter.content is None
    assert seen(ours) == seen(theirs)
