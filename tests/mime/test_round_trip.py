"""Any mail that we accept comes back equal from every reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from sesmail import Email, mime
from sesmail.mime.encoding import canonical_lines
from tests.mime import readers
from tests.strategies import mails

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mime.readers import Seen


def expected(mail: Email) -> readers.Seen:
    """What a faithful reader sees of a mail."""
    seen = readers.Seen(
        subject=mail.subject,
        sender=boxes([mail.sender] if mail.sender else []),
        to=boxes(mail.to),
        cc=boxes(mail.cc),
        reply_to=boxes(mail.reply_to),
    )
    shown = [file for file in mail.attachments if file.inline and mail.html is not None]
    for file in [*shown, *(file for file in mail.attachments if file not in shown)]:
        seen.files.append((file.name, file.content_type, file.content_id, file.data))
    return seen


def boxes(addresses: object) -> list[tuple[str, str]]:
    assert isinstance(addresses, tuple | list)
    return [(address.name, address.email) for address in addresses]


def lines_of(text: str) -> str:
    return canonical_lines(text.encode()).decode()


def forms(mail: Email) -> list[tuple[str, str]]:
    texts = [("text/plain", mail.text), ("text/html", mail.html)]
    found = [(kind, lines_of(text)) for kind, text in texts if text is not None]
    found += [(other.content_type, lines_of(other.text)) for other in mail.alternatives]
    return sorted(found) or ([("text/plain", "")] if not mail.attachments else [])


@given(mails)
def test_strict_reader_sees_the_mail_and_nothing_else(mail: Email) -> None:
    content = mime.write(mail)
    data = content.to_bytes()
    seen = readers.strict(data)

    assert content.size == len(data)
    assert b"".join(content.chunks()) == data == content.to_bytes()
    assert b"hidden.example" not in data, "every drawn mail has a blind copy there"
    assert "hidden.example" not in repr(seen)
    assert "bcc" not in seen.names
    want = expected(mail)
    assert (seen.subject, seen.sender, seen.to, seen.cc, seen.reply_to) == (
        want.subject,
        want.sender,
        want.to,
        want.cc,
        want.reply_to,
    )
    assert sorted(seen.texts) == forms(mail)
    assert seen.files == want.files
    custom = [(name, value) for name, value in seen.headers if (name, value) in mail.headers]
    assert custom == list(mail.headers)
    metadata = dict(seen.headers).get("X-Metadata", "{}")
    assert json.loads(metadata) == dict(mail.metadata)


@pytest.mark.parametrize("read", [readers.modern, readers.old])
@given(mail=mails)
def test_standard_library_sees_the_mail(read: Callable[[bytes], Seen], mail: Email) -> None:
    seen = read(mime.write(mail).to_bytes())

    want = expected(mail)
    assert seen.subject == want.subject
    tight = _tight if read is readers.modern else str
    for own, wanted in (
        (seen.sender, want.sender),
        (seen.to, want.to),
        (seen.cc, want.cc),
        (seen.reply_to, want.reply_to),
    ):
        assert [(tight(name), email) for name, email in own] == [(tight(name), email) for name, email in wanted]
    assert sorted(seen.texts) == forms(mail)
    assert [file[:3] for file in seen.files] == [file[:3] for file in want.files]
    bytes_seen = [file[3] for file in seen.files if file[1] != "message/rfc822"]
    assert bytes_seen == [file[3] for file in want.files if file[1] != "message/rfc822"]
    assert set(mail.headers) <= set(seen.headers)


def _tight(name: str) -> str:
    # The modern parser makes one blank of several in a name and takes all kinds of blanks off its ends, even encoded
    # ones; and before python/cpython#128110 was mended it read one between two encoded words. The strict reader and
    # the old one see every blank where it belongs.
    return "".join(name.split())


@given(mails)
def test_our_reader_gives_the_mail_back(mail: Email) -> None:
    again = mime.read(mime.write(mail).to_bytes())

    assert again == as_it_travels(mail)


def as_it_travels(mail: Email) -> Email:
    """A mail without what stays at home: blind copies, and the kind of line end that its author used."""

    def lines(text: str) -> str:
        return lines_of(text).replace("\r\n", "\n")

    shown = [file for file in mail.attachments if file.inline and mail.html is not None]
    amp_first = sorted(mail.alternatives, key=lambda other: other.content_type != "text/x-amp-html")
    text = mail.text if mail.text is not None or mail.html is not None or mail.alternatives or mail.attachments else ""
    return mail.replace(
        bcc=(),
        references=mail.references or ([mail.in_reply_to] if mail.in_reply_to else ()),
        text=None if text is None else lines(text),
        html=None if mail.html is None else lines(mail.html),
        alternatives=[type(other)(lines(other.text), _type_of(other)) for other in amp_first],
        attachments=[*shown, *(file for file in mail.attachments if file not in shown)],
    )


def _type_of(other: object) -> str:
    kind, parameters = other.content_type, other.parameters  # type: ignore[attr-defined]
    return f"{kind}{''.join(f'; {name}={value}' for name, value in parameters)}"
