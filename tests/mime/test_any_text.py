"""Any text in any field gives a clean mail or a clear refusal: never a new header, recipient, part or parameter."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from sesmail import Address, Alternative, Attachment, Email, mime
from sesmail.errors import MailError
from tests.mime import readers

ATTACKS = st.sampled_from(
    [
        "\r\nBcc: eve@evil.example",
        "\nBcc: eve@evil.example",
        "\rX-Evil: 1",
        "\r\n\r\n<script>",
        "\x00",
        "\x85X-Evil: 1",
        "\u2028X-Evil: 1",
        "=?utf-8?q?=0D=0ABcc=3A_eve=40evil.example?=",
        "=?utf-8?b?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
        ", eve@evil.example",
        "> , <eve@evil.example",
        '" <eve@evil.example>, "',
        '"; filename="evil.exe',
        "; boundary=x",
        "\r\n--=_x",
        "\ud800",
        "\u202eexe.pdf",
    ]
)
texts = st.lists(st.one_of(ATTACKS, st.text(max_size=12)), max_size=3).map("".join)

BASE = Email(sender="shop@example.com", to="ada@example.org", subject="s", text="t", html="h", message_id="<1@x>")
PLACES: dict[str, Callable[[str], Email]] = {
    "subject": lambda text: BASE.replace(subject=text),
    "sender": lambda text: BASE.replace(sender=text),
    "sender's name": lambda text: BASE.replace(sender=(text, "shop@example.com")),
    "to": lambda text: BASE.replace(to=[text]),
    "to's name": lambda text: BASE.replace(to=[(text, "ada@example.org")]),
    "to's local part": lambda text: BASE.replace(to=[f'"{text}"@example.org']),
    "reply-to": lambda text: BASE.replace(reply_to=[("x", text)]),
    "header": lambda text: BASE.replace(headers={"X-A": text}),
    "header's name": lambda text: BASE.replace(headers={text: "v"}),
    "metadata": lambda text: BASE.replace(metadata={text: text}),
    "message id": lambda text: BASE.replace(message_id=text),
    "references": lambda text: BASE.replace(references=text),
    "unsubscribe": lambda text: BASE.replace(unsubscribe=text or None),
    "text": lambda text: BASE.replace(text=text),
    "html": lambda text: BASE.replace(html=text),
    "file's name": lambda text: BASE.replace(attachments=[Attachment(text, b"x", content_type="a/b")]),
    "file's type": lambda text: BASE.replace(attachments=[Attachment("x", b"x", content_type=f"a/b; c={text}")]),
    "file's quoted type": lambda text: BASE.replace(
        attachments=[Attachment("x", b"x", content_type=f'a/b; c="{text}"')]
    ),
    "file's id": lambda text: BASE.replace(attachments=[Attachment("x", b"x", content_id=text)]),
    "calendar": lambda text: BASE.replace(alternatives=[Alternative.calendar(text, method="REQUEST")]),
    "calendar's method": lambda text: BASE.replace(alternatives=[Alternative.calendar("x", method=text)]),
}
# What each place may add to the headers of the plain mail; the number of recipients never changes.
_ADDS = {
    "reply-to": {"reply-to"},
    "header": {"x-a"},
    "metadata": {"x-metadata"},
    "references": {"references"},
    "unsubscribe": {"list-unsubscribe", "list-unsubscribe-post"},
}
_PLAIN = set(readers.strict(mime.write(BASE).to_bytes()).names)


@given(st.sampled_from(sorted(PLACES)), texts)
def test_any_text_in_any_field(place: str, text: str) -> None:
    refusals: list[MailError] = []
    try:
        mail = PLACES[place](text)
        data = mime.write(mail).as_utf8().to_bytes() if needs_utf8(mail) else mime.write(mail).to_bytes()
    except MailError as refusal:
        refusals.append(refusal)
    if refusals:
        assert str(refusals[0]).isprintable()
        return
    if needs_utf8(mail):
        assert data.decode().count("\r\nTo: ") == 1
        return

    for reader in (readers.strict, readers.modern, readers.old):
        seen = reader(data)
        added = {mail.headers[0][0].lower()} if place == "header's name" else _ADDS.get(place, set())
        assert set(seen.names) - _PLAIN <= added
        assert len(seen.names) == len(set(seen.names))
        # The modern parser gives a local part without its quotes where it thinks that none are needed, as for `"."`.
        plain = _without_quotes if reader is readers.modern else str
        assert [plain(email) for _, email in (*seen.sender, *seen.to, *seen.cc)] == [
            plain(address.email) for address in (mail.sender, *mail.to) if address
        ]
        assert len(seen.texts) == 2 + len(mail.alternatives)
        assert len(seen.files) == len(mail.attachments)


def _without_quotes(email: str) -> str:
    return email.replace('"', "")


def needs_utf8(mail: Email) -> bool:
    everyone: list[Address] = [*mail.to, *mail.reply_to, *([mail.sender] if mail.sender else [])]
    return any(address.needs_smtputf8 for address in everyone)
