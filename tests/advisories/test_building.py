"""Building MIME: bytes that got lost, lines that were changed, and parts that swallowed others."""

from __future__ import annotations

import email
import email.policy
import os
import re
from base64 import b64decode
from contextlib import suppress
from email.utils import collapse_rfc2231_value
from quopri import decodestring
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Address, Alternative, Attachment, Email, Envelope, Unsubscribe, mime
from sesmail.errors import InvalidHeader, MailError
from sesmail.mime import encoding
from tests.advisories import READERS, head_lines, mail, written
from tests.mail.test_characters import PLACES
from tests.mime import readers
from tests.strategies import body_texts

pytestmark = pytest.mark.heavy

if TYPE_CHECKING:
    from email.message import Message
    from typing import Unpack

    from sesmail.mail.message import EmailFields

SIZES = sorted(
    {
        *range(201),
        *(
            57 * k + step
            for k in (*range(1, 12), 255, 256, 257, 511, 512, 513, 1024, 2000)
            for step in (-2, -1, 0, 1, 2)
        ),
        *(57_000 + step for step in range(-3, 4)),
        *(57 * 1024 + step for step in range(-3, 4)),
    }
)


def _bytes(size: int) -> bytes:
    return bytes(number * 7 % 256 for number in range(size))


@pytest.mark.parametrize("fast", [True, False])
def test_advisory_nodemailer_7_0_6_base64_is_exact_at_every_size(fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder lost the last bytes, and its mend put an empty line behind each whole number of lines."""
    if not fast:
        monkeypatch.setattr(encoding, "_encoder", lambda: encoding._encode)
    for size in SIZES:
        content = mime.write(mail(text="t", attachments=[Attachment("a.bin", _bytes(size))]), boundary="=_fixed")
        data = content.to_bytes()

        for reader in READERS if fast and size < 5000 else READERS[:1]:
            assert reader(data).files == [("a.bin", "application/octet-stream", "", _bytes(size))], size
        assert content.size == len(data)
        lines = (
            data.partition(b"name=a.bin\r\nContent-Transfer")[2]
            .partition(b"\r\n\r\n")[2]
            .split(b"\r\n--=_fixed_1--")[0]
        )
        assert all(len(line) == 76 for line in lines.split(b"\r\n")[:-1])
        assert not lines.endswith(b"\r\n")
        assert b"" not in lines.split(b"\r\n") or size == 0


INNER = [
    b"Subject: inner\r\n\r\nA mail in a mail.\r\n",
    b"Subject: inner\r\n\r\nwithout an end",
    b"Subject: inner\r\n\r\n.\r\n..\r\nFrom me\r\n-- \r\n--\r\n\r\n\r\n",
    b"Subject: =?utf-8?q?=C3=A9?=\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n",
    b"Subject: inner\r\n\r\n" + b"x" * 998 + b"\r\n",
    b"\r\n",
    b"",
]


@pytest.mark.parametrize("content", INNER, ids=len)
@pytest.mark.parametrize("kind", ["message/rfc822", "message/global", "message/delivery-status", "message/partial"])
def test_advisory_mimekit_a_mail_in_a_mail_is_never_encoded(kind: str, content: bytes) -> None:
    """An attached mail went out as base64, which RFC 2046 5.2.1 forbids and readers show as rubbish."""
    for file in (
        Attachment("a.eml", content, content_type=kind),
        Attachment("a.eml", lambda: content, content_type=kind),
    ):
        data = written(text="t", attachments=[file, Attachment("b.bin", b"b")])
        part = data.partition(f"Content-Type: {kind}".encode())[2]

        assert b"Content-Transfer-Encoding: 7bit\r\n" in part.partition(b"\r\n\r\n")[0]
        assert b"\r\n\r\n" + content + b"\r\n--=_fixed_1\r\n" in data
        assert readers.strict(data).files == [
            ("a.eml", kind, "", content),
            ("b.bin", "application/octet-stream", "", b"b"),
        ]
        assert mime.read(data).attachments[0].data == content


def test_advisory_mimekit_mails_in_mails_keep_every_byte() -> None:
    """The same five levels deep, each with a boundary of its own."""
    data = written(text="innermost", html="é", attachments={"a.bin": _bytes(100)})
    for _ in range(5):
        outer = mime.write(mail(text="t", attachments=[Attachment("a.eml", data)])).to_bytes()
        assert readers.strict(outer).files == [("a.eml", "message/rfc822", "", data)]
        assert mime.read(outer).attachments[0].data == data
        data = outer


@pytest.mark.parametrize(
    "content",
    [
        "Subject: é\r\n\r\n".encode(),
        b"Subject: a\r\n\r\n\xff\r\n",
        b"Subject: a\r\n\r\n\0\r\n",
        b"Subject: a\n\nbare\n",
        b"Subject: a\r\n\r\nlast\n",
        b"Subject: a\r\n\r\nlast\r",
        b"\nSubject: a\r\n",
        b"a\rb\r\n",
        b"a\r\r\n",
        b"a\n\r\n",
        b"x" * 999 + b"\r\n",
    ],
)
def test_advisory_mimekit_a_mail_that_would_need_encoding_is_refused(content: bytes) -> None:
    """What may not be encoded and cannot stand as it is must be said, before something changes it on the way."""
    with pytest.raises(MailError, match="octet-stream"):
        Attachment("a.eml", content)
    lazy = mail(attachments=[Attachment("a.eml", lambda: content)])
    with pytest.raises(MailError, match="octet-stream"):
        mime.write(lazy).to_bytes()
    kept = Attachment("a.eml", content, content_type="application/octet-stream")
    assert readers.strict(written(attachments=[kept])).files[0][3] == content


LINE_ENDS = [
    b"\n",
    b"\r",
    b"\r\n",
    b"a\nb\n",
    b"a\rb\r",
    b"a\r\nb\r\n",
    b"a\nb\rc\r\nd",
    b"\n\r\r\n\n\r",
    b"a\n\n\n",
    b"no end",
    b"\xef\xbb\xbfa\n",
    b"blank \nat\t\nthe end ",
    b"\x0b\x0c\x1c\x85\n",
]


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/html",
        "text/csv",
        "text/calendar; method=REQUEST",
        "text/x-diff",
        "application/json",
        "application/xml",
        "image/svg+xml",
        "application/octet-stream",
    ],
)
def test_advisory_mimekit_2_files_of_text_are_bytes(kind: str) -> None:
    """A file with a text type was taken for text, and its line ends were made the same."""
    for content in LINE_ENDS:
        files = [
            Attachment("a", content, content_type=kind, content_id="a@b"),
            Attachment("a", content, content_type=kind),
            Attachment("a", bytearray(content), content_type=kind),
            Attachment("a", lambda content=content: content, content_type=kind),  # type: ignore[misc]
        ]
        data = written(text="t", html="h", attachments=files)
        for reader in READERS:
            assert [seen[3] for seen in reader(data).files] == [content] * 4
        assert [file.data for file in mime.read(data).attachments] == [content] * 4
    text = "a\nb\rc\r\nd é\x85\u2028"
    assert readers.strict(written(attachments={"a.txt": text})).files[0][3] == text.encode()


def _boundaries(data: bytes) -> list[bytes]:
    return re.findall(rb'boundary="?([^";\r\n]+)', data)


EVERYTHING: EmailFields = {
    "text": "t",
    "html": "h",
    "alternatives": [Alternative.calendar("x"), Alternative.amp("y")],
    "attachments": [Attachment("a.bin", b"a"), Attachment("b.png", b"b", content_id="b@x")],
}


@pytest.mark.parametrize("boundary", ["=_fixed", "x", "a--", "'()+_,-./:=?", "0" * 60, "=_"])
def test_advisory_rfc_2046_a_boundary_stands_nowhere_in_the_content(boundary: str) -> None:
    """A boundary that also stood in a body ended the part there, and what followed was read as parts of its own."""
    line = f"--{boundary}"
    for text in (line, f"{line}--", f"a\n{line}\nb", f"{line}_1", f"{line}_1--\n", f"x{line}y"):
        inner = Attachment("a.eml", b"Subject: x\r\n\r\n" + _crlf(text).encode())
        variants: list[EmailFields] = [
            {"text": text, "html": "h"},
            {"text": "t", "html": text},
            {"text": "t", "alternatives": [Alternative(text, "text/x-y")]},
            {"text": "t", "attachments": [inner]},
        ]
        for fields in variants:
            with pytest.raises(MailError, match=r"^boundary: "):
                written_with(boundary, **fields)
            drawn = mime.write(mail(**fields)).to_bytes()
            for reader in READERS:
                assert len(reader(drawn).texts) + len(reader(drawn).files) == 2
        # Encoded, a text may hold it no more: quoted-printable has no bare equals sign.
        for encoded in (f"é\n{text}", f"From x\n{text}", f"{text} \n"):
            with suppress(MailError):
                data = written_with(boundary, text=encoded, html="h")
                assert data.count(line.encode()) == 3
                assert all(len(reader(data).texts) == 2 for reader in READERS)


def written_with(boundary: str, **fields: Unpack[EmailFields]) -> bytes:
    return mime.write(mail(**fields), boundary=boundary).to_bytes()


def test_advisory_rfc_2046_a_drawn_boundary_is_looked_for_in_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance is no proof: here chance is made to hit twice, and the third draw is taken."""
    draws = iter([bytes(22), bytes(12), b"\1" * 12, b"\2" * 12])
    monkeypatch.setattr(os, "urandom", lambda _: next(draws))
    inner = b"".join(b"--=_" + digits * 12 + b"_1\r\n" for digits in (b"00", b"01"))
    data = mime.write(mail(attachments=[Attachment("a.eml", b"Subject: x\r\n\r\n" + inner)])).to_bytes()

    assert _boundaries(data) == [b"=_" + b"02" * 12 + b"_1"]
    assert readers.strict(data).files[0][3].endswith(inner)


@pytest.mark.parametrize("boundary", ["", "x", "=_", "1", "a_1", "_", "x" * 60, "it's", "a?b"])
def test_advisory_rfc_2046_no_boundary_begins_another(boundary: str) -> None:
    """A reader that looks for the beginning of a line only took the inner boundary for the outer one."""
    try:
        data = written_with(boundary, **EVERYTHING)
    except InvalidHeader:
        assert not boundary.isalnum() or len(boundary) > 50, "only what is hard to write may be refused"
        return
    found = _boundaries(data)

    assert b"boundary*" not in data, "RFC 2231, which many readers do not know for a boundary"
    assert len(found) == len(set(found)) == 3
    assert not any(one != other and other.startswith(one) for one in found for other in found)
    assert all(len(one) <= 70 and not one.endswith(b" ") for one in found)
    for reader in READERS:
        assert len(reader(data).texts) == 4
        assert len(reader(data).files) == 2


@pytest.mark.parametrize(
    "filling", ["é", "漢", "\U0001f600", "e\u0301", "\U0001f469\u200d\U0001f4bb", "\u0e01\u0e33", "ß漢\U0001f600"]
)
def test_advisory_rfc_2047_no_character_is_cut_in_two(filling: str) -> None:
    """The bytes of one character were spread over two encoded words, and each half was shown as a question mark."""
    for shift in range(80):
        text = "a" * shift + filling * (60 // len(filling))
        data = written(subject=text, headers={"X-A": text}, to=[(text, "ada@example.com")], metadata={"k": "v"})
        for line in head_lines(data):
            for word in re.findall(r"=\?utf-8\?b\?([^?]*)\?=", line):
                b64decode(word, validate=True).decode("utf-8")  # each on its own, under the charset it names
        seen = readers.strict(data)
        assert (seen.subject, dict(seen.headers)["X-A"], seen.to[0][0]) == (text, text, text)
        assert readers.modern(data).subject == readers.old(data).subject == text


FILE_NAMES = [
    "plain.txt",
    "no-ending",
    ".hidden",
    "two words.txt",
    "two  blanks.txt",
    " leading.txt",
    "trailing.txt ",
    'q"uote.txt',
    "back\\slash.txt",
    "ends in a backslash\\",
    'ends in a quote"',
    '"quoted"',
    "semi;colon=x.txt",
    'x"; filename="evil.exe',
    "a=b, c.txt",
    "100%.txt",
    "%41%0A.txt",
    "it's.txt",
    "utf-8''x.txt",
    "star*0*=.txt",
    "résumé – 概要.pdf",
    "e\u0301.txt",
    "\U0001f600\U0001f469\u200d\U0001f4bb.png",
    "שלום.txt",
    "=?utf-8?q?x=0A?=.txt",
    "../../etc/passwd",
    "C:\\Windows\\x.exe",
    "(comment).txt",
    "<tag>.txt",
    "x" * 300,
    "é" * 300,
    "x" * 1000,
    "é" * 1000,
    "a%é'" * 250,
    "a b" * 333 + "c",
    "\U0001f600" * 1000,
]


@pytest.mark.parametrize("name", FILE_NAMES, ids=lambda name: ascii(name)[:20] + str(len(name)))
def test_advisory_rfc_2231_file_names_of_every_shape(name: str) -> None:
    """Long and odd names lost a section, an escape or a star, and were cut off or shown in code."""
    data = written(
        text="t", attachments=[Attachment(name, b"x", content_type="a/b"), Attachment(name, b"", content_type="c/d")]
    )

    for reader in READERS:
        assert [file[0] for file in reader(data).files] == [name, name]
    assert [file.name for file in mime.read(data).attachments] == [name, name]
    assert max(map(len, data.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("ending", ["", "yy.txt", "y" * 40])
def test_advisory_rfc_2231_an_odd_character_at_every_place(ending: str) -> None:
    """A section ended in the middle of an escape, just where a line happened to be full."""
    for place in range(130):
        names = [
            "x" * place + odd * 2 + ending for odd in ("é", "%", "'", "*", '"', "\\", "漢", "\U0001f600", ";", "=?")
        ]
        data = written(text="t", attachments=[Attachment(name, b"x") for name in names])
        for section in re.findall(rb"filename\*\d+\*=(?:utf-8'')?([^;\r]*)", data):
            assert not re.search(rb"%.?$|%(?![0-9A-F]{2})", section)
        for reader in (readers.strict, readers.modern if place % 2 else readers.old):
            assert [file[0] for file in reader(data).files] == names


def _parameter(data: bytes, policy: email.policy.Policy) -> dict[str, str]:
    part: Message = list(email.message_from_bytes(data, policy=policy).walk())[-1]
    header = part["Content-Type"]
    if hasattr(header, "params"):
        return dict(header.params)
    params: list[tuple[str, str]] = part.get_params([])
    return {name: collapse_rfc2231_value(value) for name, value in params[1:]}


@pytest.mark.parametrize(
    "value",
    [
        'a"',
        'a"b',
        '"',
        '""',
        'a";b',
        'a"; name=evil.exe',
        'a\\"; name=evil.exe',
        "a\\",
        "a\\b",
        "\\",
        "\\\\",
        "a\\;b",
        'a\\"',
        '\\"; boundary=x; y="',
        "a;b",
        "a;",
        ";",
        "a=b",
        "a; c*=utf-8''evil",
        "a; c*0=evil",
        "x" * 300 + '"',
        ('x"' * 40 + "\\;") * 3,
    ],
)
def test_advisory_nodemailer_9_0_5_quotes_and_backslashes_in_parameters(value: str) -> None:
    """A quote or backslash in a value was not escaped, closed it too early, and what followed became parameters."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    file = Attachment(value, b"x", content_type=f'a/b; c="{quoted}"; d=e')
    data = written(text="t", attachments=[file])

    assert file.parameters == (("c", value), ("d", "e"))
    (again,) = mime.read(data).attachments
    assert (again.name, dict(again.parameters)) == (value, {"c": value, "d": "e"})
    for reader in READERS:
        assert reader(data).files == [(value, "a/b", "", b"x")]
    for policy in (email.policy.default, email.policy.compat32):
        found = _parameter(data, policy)
        assert (found["c"], found["d"]) == (value, "e")
        assert set(found) == {"c", "d", "name"}
        assert "evil" not in found["name"].replace("name=evil.exe", "").replace("name_evil.exe", "") or "evil" in value
        assert not set('"\\;') & set(found["name"])


@pytest.mark.parametrize("code", [0xD800, 0xDBFF, 0xDC00, 0xDC0A, 0xDCFF, 0xDFFF], ids=hex)
def test_advisory_surrogates_are_refused_with_their_place(code: int) -> None:
    """Half a character was let through to the wire as bytes that are no UTF-8."""
    surrogate = chr(code)
    for _, template, build in PLACES.values():
        text = template.format(f"ab{surrogate}c")
        with pytest.raises(MailError) as caught:
            build(text)
        assert f"U+{code:04X} at position {text.index(surrogate)} " in str(caught.value)
        assert str(caught.value).isprintable()
    for build in (
        lambda text: Email(text=text),
        lambda text: Email(html=text),
        Alternative.calendar,
        lambda text: Attachment("a.txt", text),
        lambda text: Email(attachments={"a.txt": text}),
        lambda text: Attachment("a.txt", lambda: text).data,
    ):
        with pytest.raises(MailError, match=rf"U\+{code:04X} at position 5 "):
            build(f"a\nbcd{surrogate}")


# Whatever some part of some library has taken for a line end, and what is one.
NO_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029\x01\x08\x7f\u00a0\ufeff\x1a"


def _crlf(text: str) -> str:
    lines = re.sub(r"\r\n|\r|\n", "\r\n", text)
    return lines if lines.endswith("\r\n") or not lines else f"{lines}\r\n"


def _bodies_arrive(text: str) -> None:
    data = written(text=text, html=text, alternatives=[Alternative("x" + text, "text/x-y")])
    want = [("text/plain", _crlf(text)), ("text/html", _crlf(text)), ("text/x-y", _crlf("x" + text))]
    for reader in READERS:
        assert reader(data).texts == want
    again = mime.read(data)
    assert again.text == again.html == _crlf(text).replace("\r\n", "\n")


def test_advisory_splitlines_only_cr_and_lf_end_a_line() -> None:
    """Text was cut where Python's splitlines cuts, and what stood there was lost or made a line end."""
    for character in NO_LINE_ENDS:
        for text in (f"a{character}b", character, f"{character}\n{character}", f"a{character}\r\nb", f"a\n{character}"):
            _bodies_arrive(text)
    everything = "".join(map(chr, (*range(1, 0xD800), *range(0xE000, 0x10000), 0x1F600, 0x10FFFF)))
    _bodies_arrive(everything)


@given(st.one_of(body_texts, st.text(st.sampled_from(NO_LINE_ENDS + "\r\n \tab.é=F"), max_size=200)))
def test_advisory_splitlines_any_text_arrives(text: str) -> None:
    """The same for any mix, with line ends of every kind beside each other."""
    _bodies_arrive(text)


ZERO = Attachment("zero.bin", b"")
SHOWN = Attachment("zero.png", b"", content_id="z@x")
LAZY = Attachment("lazy.bin", lambda: b"")
PLAIN, HTML = ("text/plain", ""), ("text/html", "")
EMPTY: dict[str, tuple[EmailFields, list[tuple[str, str]], list[str]]] = {
    "nothing": ({}, [PLAIN], []),
    "empty text": ({"text": ""}, [PLAIN], []),
    "empty html": ({"html": ""}, [HTML], []),
    "both empty": ({"text": "", "html": ""}, [PLAIN, HTML], []),
    "text and empty html": ({"text": "t", "html": ""}, [("text/plain", "t\r\n"), HTML], []),
    "a line end": ({"text": "\n", "html": "\r"}, [("text/plain", "\r\n"), ("text/html", "\r\n")], []),
    "a blank": ({"text": " "}, [("text/plain", " \r\n")], []),
    "attachment only": ({"attachments": [Attachment("a.bin", b"a")]}, [], ["a.bin"]),
    "zero bytes": ({"attachments": [ZERO]}, [], ["zero.bin"]),
    "zero bytes twice": ({"attachments": [ZERO, LAZY]}, [], ["zero.bin", "lazy.bin"]),
    "zero bytes in html": ({"html": "", "attachments": [SHOWN, ZERO]}, [HTML], ["zero.png", "zero.bin"]),
    "zero bytes and text": ({"text": "", "attachments": [SHOWN]}, [PLAIN], ["zero.png"]),
    "no name": ({"text": "", "attachments": [Attachment("", b"")]}, [PLAIN], [""]),
    "empty mail": ({"attachments": [Attachment("a.eml", b"", content_type="message/rfc822")]}, [], ["a.eml"]),
    "empty calendar": ({"alternatives": [Alternative.calendar("")]}, [("text/calendar", "")], []),
    "no subject": ({"subject": "", "headers": {"X-Empty": ""}}, [PLAIN], []),
}


@pytest.mark.parametrize("case", EMPTY)
def test_advisory_empty_parts_have_a_defined_result(case: str) -> None:
    """An empty body crashed, vanished, or left a boundary without a part."""
    fields, texts, files = EMPTY[case]
    content = mime.write(mail(**fields))
    data = content.to_bytes()

    assert content.size == len(data) == len(b"".join(content.chunks()))
    for reader in READERS:
        seen = reader(data)
        assert seen.texts == texts
        assert [file[0] for file in seen.files] == files
        assert all(file[3] in (b"", b"a") for file in seen.files)
    again = mime.read(data)
    assert [file.name for file in again.attachments] == files
    assert (again.text is None, again.html is None) == (PLAIN[0] not in dict(texts), HTML[0] not in dict(texts))


def _decoded(data: bytes) -> bytes:
    """Everything that stands in a mail in any form, decoded as often as it may be."""
    flat = data.replace(b"\r\n ", b"").replace(b"\r\n", b"")
    forms = [data, flat, decodestring(data), re.sub(rb"%([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), flat)]
    for chunk in re.findall(rb"[A-Za-z0-9+/]{8,}", flat):
        forms += [b64decode(chunk[shift : shift + (len(chunk) - shift) // 4 * 4]) for shift in range(4)]
    return b"\0".join(forms).lower()


@pytest.mark.parametrize("name", ["", "Blind Copy", "Geheim, Zoë", "=?utf-8?q?Geheim?=", "Geheim " * 20])
def test_advisory_bcc_leaves_no_trace(name: str) -> None:
    """A blind copy was named in the mail that all the others got."""
    secret = [Address("hidden-recipient@secret.example", name), Address("second@bücher.secret.example", name)]
    fields: EmailFields = {
        **EVERYTHING,
        "cc": "cc@example.org",
        "reply_to": "Zoë <zoe@example.org>",
        "metadata": {"order": "é"},
        "headers": {"X-A": "é" * 50},
        "unsubscribe": Unsubscribe("https://example.com/u"),
    }
    blind = mail(**fields).replace(bcc=secret)
    contents = [mime.write(one, boundary="=_fixed") for one in (mail(**fields), blind)]

    assert contents[0].to_bytes() == contents[1].to_bytes() == b"".join(contents[1].chunks())
    assert contents[0].as_utf8().to_bytes() == contents[1].as_utf8().to_bytes()
    added = contents[1].with_headers([("X-B", "b")])
    for data in (contents[1].to_bytes(), added.to_bytes(), added.as_utf8().to_bytes()):
        found = _decoded(data)
        assert not any(
            trace in found for trace in (b"hidden-recipient", b"secret.example", b"geheim", b"blind", b"bcc")
        )
    for reader in READERS:
        assert "secret.example" not in repr(reader(contents[1].to_bytes()))
    assert mime.read(contents[1].to_bytes()).bcc == ()
    assert [one.email for one in Envelope.of(blind).bcc] == [one.email for one in secret]
    for text in (repr(blind), repr(contents[1]), repr(Envelope.of(blind))):
        assert "secret" not in text


def test_advisory_bcc_has_no_other_way_into_the_header() -> None:
    """Neither a header of that name, however it is written, nor a draft that was read may print it."""
    for name in ("Bcc", "bcc", "BCC", "bCC"):
        with pytest.raises(InvalidHeader):
            Email(headers={name: "hidden@secret.example"})
        with pytest.raises(InvalidHeader):
            Email(headers=[(name, "hidden@secret.example")])
        with pytest.raises(InvalidHeader):
            mime.write(mail()).with_headers([(name, "hidden@secret.example")])
    for name in ("Bcc ", " Bcc", "Bcc:", "Bcc\0", "Ｂcc", "Bcc\u200b"):
        with pytest.raises(InvalidHeader):
            Email(headers={name: "hidden@secret.example"})
    draft = mime.read(b"From: a@example.com\r\nTo: b@example.com\r\nBcc: hidden@secret.example\r\n\r\nt\r\n")
    assert [one.email for one in draft.bcc] == ["hidden@secret.example"]
    assert b"secret" not in mime.write(draft).to_bytes()
