"""The link to unsubscribe: into which texts of a mail it goes, and that all else stays as it was."""

from __future__ import annotations

from base64 import b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage
from quopri import encodestring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local.faults import Fault
from sesmail.local.lists.links import with_link
from sesmail.local.raw_mail import DEEPEST, RawMail
from tests.examples import one_in

LINK = "http://127.0.0.1:4579/_sesmail/unsubscribe/" + "a" * 150
HERE = "{{amazonSESUnsubscribeUrl}}"


def written(raw: bytes) -> bytes:
    mail = with_link(RawMail.parse(raw), LINK)
    return b"\r\n".join((*(one.name.encode() + b":" + one.value for one in mail.headers), b"", mail.body))


def read(raw: bytes) -> EmailMessage:
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def texts(raw: bytes) -> list[str]:
    """The texts of all parts, as a reader sees them."""
    return [part.get_content() for part in read(raw).walk() if part.get_content_maintype() == "text"]


def leaf(body: bytes, *headers: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    return "\r\n".join((f"Content-Type: {kind}", *headers, "", "")).encode() + body


def multipart(kind: str, boundary: str, *parts: bytes, preamble: bytes = b"") -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    mark = f"--{boundary}".encode()
    return head + preamble + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_headers_of_one_click_take_the_place_of_the_mail_s_own() -> None:
    raw = b"List-Unsubscribe: <https://example.com/mine>\r\nlist-unsubscribe-post: no\r\nSubject: a\r\n\r\nHi\r\n"
    mail = read(written(raw))

    assert mail.get_all("List-Unsubscribe") == [f"<{LINK}>"]
    assert mail.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    assert mail["Subject"] == "a"


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEXT = f"Grüße,\r\nto leave: {HERE}. = \t\r\n.\r\n" + "x" * 200 + "\r\n"


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("8bit", lambda data: data),
        ("base64", b64encode),
        ("BASE64", b64encode),
        ("quoted-printable", lambda data: encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")),
        ("Quoted-Printable", lambda data: data.replace(b"=", b"=3D").replace(b"{", b"=7B")),
    ],
)
def test_a_text_is_the_same_but_for_the_link_whatever_its_encoding(encoding: str, encode: object) -> None:
    assert callable(encode)
    raw = leaf(encode(TEXT.encode()), f"Content-Transfer-Encoding: {encoding}")
    came = written(raw)

    (text,) = texts(came)
    assert text.replace("\r\n", "\n") == TEXT.replace(HERE, LINK).replace("\r\n", "\n")
    assert came.count(b"\r\n") == came.count(b"\n"), "every line ends as lines of a mail end"
    body = came.partition(b"\r\n\r\n")[2]
    assert encoding == "8bit" or max(map(len, body.split(b"\r\n"))) <= 76


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "TEXT/HTML; charset=utf-8"])
def test_texts_are_plain_and_html(kind: str) -> None:
    assert LINK in written(leaf(HERE.encode(), kind=kind)).decode().partition("\r\n\r\n")[2]


def test_what_says_nothing_of_itself_is_text() -> None:
    assert written(f"Subject: a\r\n\r\n{HERE}\r\n".encode()).endswith(f"\r\n\r\n{LINK}\r\n".encode())


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (("Content-Disposition: attachment",), "text/plain"),
        (("Content-Disposition: attachment; filename=a.html",), "text/html"),
        ((), "text/csv"),
        ((), "application/octet-stream"),
        ((), "message/rfc822"),
    ],
)
def test_what_is_no_text_of_the_mail_stays(headers: tuple[str, ...], kind: str) -> None:
    other = leaf(HERE.encode(), *headers, kind=kind)

    assert written(multipart("mixed", "b", other)).endswith(b"\r\n\r\n--b\r\n" + other + b"\r\n--b--\r\n")


def test_both_texts_of_a_mail_have_the_link_and_the_file_beside_them_has_not() -> None:
    plain, html = leaf(HERE.encode()), leaf(f"<a href='{HERE}'>".encode(), kind="text/html")
    file = leaf(HERE.encode(), "Content-Disposition: attachment; filename=a.txt")
    raw = multipart("mixed", "out", multipart("alternative", "in", plain, html), file, preamble=HERE.encode() + b"\r\n")

    assert texts(written(raw)) == [LINK, f"<a href='{LINK}'>", HERE]
    assert written(raw).partition(b"\r\n\r\n")[2].startswith(HERE.encode()), "nobody reads a preamble"


@pytest.mark.parametrize(
    ("plain", "html", "expected"),
    [
        (f"{HERE} {HERE} {HERE}", HERE, [f"{LINK} {LINK} {HERE}", HERE]),
        (f"{HERE}", f"{HERE} {HERE}", [LINK, f"{LINK} {HERE}"]),
        ("", f"{HERE} {HERE} {HERE}", ["", f"{LINK} {LINK} {HERE}"]),
        (HERE[:-1], HERE.lower(), [HERE[:-1], HERE.lower()]),
    ],
)
def test_the_first_two_of_the_mail_are_replaced(plain: str, html: str, expected: list[str]) -> None:
    parts = leaf(b64encode(plain.encode()), "Content-Transfer-Encoding: base64"), leaf(html.encode(), kind="text/html")

    assert [text.rstrip("\n") for text in texts(written(multipart("alternative", "b", *parts)))] == expected


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\n\r\nno end: {{amazonSESUnsubscribeUrl}}",
        b"--b \t\r\n\r\n{{amazonSESUnsubscribeUrl}}\r\n--b-- \t",
        b"--b\r\n--b\r\n\r\n{{amazonSESUnsubscribeUrl}}\r\n--b--",
        b"--b\r\n\r\n\r\n--b\r\n\r\n{{amazonSESUnsubscribeUrl}}\r\n--bc\r\n--b--\r\nend",
    ],
)
def test_odd_boundaries_are_read_as_others_read_them(body: bytes) -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"

    assert written(head + body).endswith(body.replace(HERE.encode(), LINK.encode()))


@pytest.mark.parametrize(
    "kind", ["multipart/mixed", "multipart/mixed; boundary=''''", 'multipart/mixed; boundary=""', "multipart/x; ="]
)
def test_a_multipart_without_its_boundary_has_no_texts(kind: str) -> None:
    body = b"--\r\n\r\n{{amazonSESUnsubscribeUrl}}\r\n--"

    assert written(leaf(body, kind=kind)).endswith(body)


@pytest.mark.parametrize("after", ["{{amazonSESUnsubscribeUrl}}", "--b--\r\n--b\r\n\r\n{{amazonSESUnsubscribeUrl}}"])
def test_what_stands_behind_the_end_is_nobody_s_text(after: str) -> None:
    raw = multipart("mixed", "b", leaf(b"Hi")) + after.encode()

    assert written(raw).endswith(b"\r\nHi\r\n--b--\r\n" + after.encode())


@pytest.mark.parametrize("blank", ["", "\x0b"])
def test_parts_in_parts_are_gone_through_as_deep_as_a_mail_may_be(blank: str) -> None:
    """Also those of a mail that nobody has checked."""

    def nested(levels: int) -> bytes:
        raw = leaf(HERE.encode())
        for level in range(levels):
            raw = multipart("mixed", f"b{level}", raw)
        return raw.replace(b"Content-Type: ", f"Content-Type: {blank}".encode())

    assert LINK.encode() in written(nested(DEEPEST)).partition(b"\r\n\r\n")[2]
    for levels in (DEEPEST + 1, 1000):
        with pytest.raises(Fault, match=f"nested more than {DEEPEST} deep"):
            written(nested(levels))


LEAVES = st.builds(
    leaf,
    st.binary(max_size=60).filter(lambda data: b"--" not in data).map(lambda data: data.replace(b"\n", b"\r\n")),
    st.sampled_from(["Content-Transfer-Encoding: base64", "X-Any: a", "Content-Disposition: attachment"]),
)


@one_in(4)
@given(st.recursive(LEAVES, lambda inside: st.builds(multipart, st.just("mixed"), st.text("bcd", min_size=1), inside)))
def test_a_mail_without_a_placeholder_keeps_every_byte(raw: bytes) -> None:
    mail = RawMail.parse(raw)

    assert with_link(mail, LINK).body == mail.body


@one_in(4)
@given(st.text(max_size=300), st.sampled_from(["base64", "quoted-printable"]))
def test_any_text_is_the_same_but_for_the_link(text: str, encoding: str) -> None:
    content = f"{text}{HERE}{text}".replace("\r", "").replace("\n", "\r\n")
    encoded = b64encode(content.encode())
    if encoding == "quoted-printable":
        encoded = "".join(f"={byte:02X}" for byte in content.encode()).encode()
    mail = RawMail.parse(leaf(encoded[:900], f"Content-Transfer-Encoding: {encoding}"))
    whole = RawMail(mail.headers, encoded)  # a line of any length, which the box would not take
    came = with_link(whole, LINK)

    parts = [header for header in came.headers if header.lower == "content-transfer-encoding"]
    assert len(parts) == 1
    read_back = message_from_bytes(b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + came.body)
    assert read_back.get_payload(decode=True) == content.replace(HERE, LINK).encode()
