"""Header injection, folding and encoded words: what other libraries wrote, and what must be read instead."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import UserString
from dataclasses import fields as fields_of
from io import BytesIO
from typing import TYPE_CHECKING, cast
from urllib.parse import quote as percent_encoded

import pytest
from hypothesis import given

from sesmail import Address, Attachment, Email, Envelope, SesOptions, Unsubscribe, mime
from sesmail.errors import InvalidAddress, InvalidHeader, MailError
from sesmail.mail.message import EmailFields
from tests.advisories import READERS, boxes, head_lines, imported, mail, sources, written
from tests.mail.test_characters import PLACES
from tests.mime import readers
from tests.strategies import mails

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.mime.readers import Seen

# Typed by a user, each of them is text. Who decodes it gets a line break, a NUL, or the half of one.
ENCODED_BREAKS = [
    "=?utf-8?q?a=0ABcc=3A_eve=40evil.example?=",
    "=?utf-8?q?=0D=0A=0D=0Aa_body?=",
    "=?utf-8?q?=0A?=",
    "=?utf-8?q?=0D?=",
    "=?us-ascii?Q?=00?=",
    "=?iso-8859-1?Q?x=0AX-Evil:_1?=",
    "=?utf-8*en?q?=0Ax?=",
    "=?UTF-7?q?+AAo-?=",
    "=?utf-8?b?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
    "=?utf-8?q?=0D?= =?utf-8?q?=0AX-Evil=3A_1?=",
    "=?utf-8?q?a=0A",
    "a=0A_b?=",
    f"=?utf-8?q?{'a' * 200}=0A?=",
    "a word " * 10 + "=?utf-8?q?=0AX-Evil=3A_1?= " + "and more " * 10 + "words",
]
OUR_WORDS = re.compile(rb"=\?utf-8\?b\?[A-Za-z0-9+/]*={0,2}\?=")
BREAKS = ["\r\n", "\n", "\r", "\r\n ", "\n\t", "\n\n", "\r\n\r\n"]

Place = tuple["Callable[[str], EmailFields]", "Callable[[Seen], object]"]


def _header(seen: Seen, name: str) -> str:
    return dict(seen.headers)[name]


# Where free text goes, and what a reader sees of it.
TEXT_PLACES: dict[str, Place] = {
    "subject": (lambda t: {"subject": t}, lambda seen: seen.subject),
    "header": (lambda t: {"headers": {"X-A": t}}, lambda seen: _header(seen, "X-A")),
    "metadata": (lambda t: {"metadata": {"a": t}}, lambda seen: json.loads(_header(seen, "X-Metadata"))["a"]),
    "sender's name": (lambda t: {"sender": (t, "shop@example.com")}, lambda seen: seen.sender[0][0]),
    "to's name": (lambda t: {"to": [(t, "ada@example.org")]}, lambda seen: seen.to[0][0]),
    "cc's name": (lambda t: {"cc": [(t, "ada@example.org")]}, lambda seen: seen.cc[0][0]),
    "reply-to's name": (lambda t: {"reply_to": [(t, "ada@example.org")]}, lambda seen: seen.reply_to[0][0]),
    "file's name": (lambda t: {"attachments": [Attachment(t, b"", content_type="a/b")]}, lambda s: s.files[0][0]),
    "file's parameter": (
        lambda t: {"attachments": [Attachment("", b"", content_type=f'a/b; c="{t}"')]},
        lambda seen: seen.files[0][1],
    ),
}


@pytest.mark.parametrize("place", TEXT_PLACES)
def test_advisory_cve_2024_6923_encoded_word_with_newline_stays_literal(place: str) -> None:
    """A header that held a line break in encoded form was written with the break itself, and began a new header."""
    fields, value = TEXT_PLACES[place]
    plain = written(**fields("plain"))
    for text in ENCODED_BREAKS:
        data = written(**fields(text))

        assert b"=?" not in OUR_WORDS.sub(b"", data), "an encoded word that is not our own"
        for reader in READERS:
            seen = reader(data)
            assert seen.names == reader(plain).names
            want = value(reader(plain)) if place == "file's parameter" else text
            assert str(value(seen)).replace(" ", "") == str(want).replace(" ", "")
        assert value(readers.strict(data)) == (value(readers.strict(plain)) if place == "file's parameter" else text)
        if place != "sender's name":
            assert mime.read(data).sender == Address("shop@example.com")


@pytest.mark.parametrize("text", ENCODED_BREAKS[:5])
def test_advisory_cve_2024_6923_a_decoded_newline_is_not_written_again(text: str) -> None:
    """The break came to life when a mail was read and its header written once more."""
    for name in ("Subject", "From", "To", "Cc", "Reply-To"):
        behind = "" if name == "Subject" else " <ada@example.org>"
        with pytest.raises(MailError):
            mime.read(f"{name}: {text}{behind}\r\n\r\n".encode())
    again = mime.read(f"From: a@example.com\r\nX-A: {text}\r\n\r\n".encode())
    assert again.headers == ()
    assert b"X-Evil" not in mime.write(again).to_bytes()


def test_advisory_cve_2026_1299_every_way_to_the_bytes_is_checked() -> None:
    """The first mend guarded the generator of text and forgot its twin for bytes."""
    for text in ENCODED_BREAKS:
        content = mime.write(mail(subject=text, to=[(text, "ada@example.org")], headers={"X-A": text}))
        names = [name.lower() for name in ("From", "To", "Subject", "Date", "Message-ID", "X-A", "MIME-Version")]
        for out in (
            content.to_bytes(),
            b"".join(content.chunks()),
            content.as_utf8().to_bytes(),
            content.with_headers([("X-Added", text)]).to_bytes(),
        ):
            for reader in READERS:
                seen = reader(out)
                assert [name for name in seen.names if not name.startswith("content-")] == (
                    ["x-added"] * (b"X-Added" in out) + names
                )
                assert (seen.subject, _header(seen, "X-A")) == (text, text)
                assert [email for _, email in seen.to] == ["ada@example.org"]


def test_advisory_cve_2026_1299_the_checks_stand_in_front_of_any_generator() -> None:
    """A check inside a generator is one that the next generator lacks: here values refuse, and there is none."""
    for text in BREAKS:
        for build in (lambda t: Email(subject=t), lambda t: Email(headers={"X-A": t}), lambda t: Address("a@b.c", t)):
            with pytest.raises(MailError):
                build(f"a{text}Bcc: eve@evil.example")
    done = "from sesmail import Email, mime; mime.write(Email(sender='a@b.example', html='é')).to_bytes()"
    code = f"import sys; {done}; sys.exit('email.generator' in sys.modules or 'email.header' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


EVIL = "x>\r\nBcc: eve@evil.example\r\nX-Evil: <y"


class Harmless(str):
    """Holds something evil and claims that it does not."""

    __slots__ = ()

    def isprintable(self) -> bool:
        return True

    def isascii(self) -> bool:
        return True

    def __str__(self) -> str:
        return "harmless"

    def __format__(self, _: str) -> str:
        return "harmless"

    def __contains__(self, _: object) -> bool:
        return False


class Turncoat(str):
    """Holds something harmless and answers with something evil."""

    __slots__ = ()

    def __str__(self) -> str:
        return EVIL

    def __format__(self, _: str) -> str:
        return EVIL

    def encode(self, *_: object) -> bytes:
        return EVIL.encode()

    def split(self, *_: object) -> list[str]:
        return [EVIL]

    def strip(self, _: str | None = None) -> str:
        return EVIL

    def lower(self) -> str:
        return EVIL

    def replace(self, *_: object) -> str:
        return EVIL

    def partition(self, _: str) -> tuple[str, str, str]:
        return EVIL, EVIL, EVIL

    def rpartition(self, _: str) -> tuple[str, str, str]:
        return EVIL, EVIL, EVIL


# Where text becomes a part of the bytes, and a lawful one.
LAWFUL: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "subject": ("text", lambda t: written(subject=t)),
    "text": ("text", lambda t: written(text=t)),
    "html": ("text", lambda t: written(html=t)),
    "header name": ("X-A", lambda t: written(headers={t: "v"})),
    "header value": ("text", lambda t: written(headers={"X-A": t})),
    "metadata": ("text", lambda t: written(metadata={t: t})),
    "message id": ("<1@x>", lambda t: written(message_id=t)),
    "in reply to": ("<1@x>", lambda t: written(in_reply_to=t)),
    "references": ("<1@x>", lambda t: written(references=[t])),
    "sender": ("a@example.com", lambda t: written(sender=t)),
    "to": ("a@example.com", lambda t: written(to=[t])),
    "to's email": ("a@example.com", lambda t: written(to=[("A", t)])),
    "to's name": ("Ada", lambda t: written(to=[(t, "a@example.com")])),
    "unsubscribe": ("https://x.example/", lambda t: written(unsubscribe=t)),
    "unsubscribe value": ("a@example.com", lambda t: written(unsubscribe=Unsubscribe(mailto=t))),
    "priority": ("high", lambda t: written(priority=t)),  # type: ignore[arg-type]
    "auto submitted": ("auto-replied", lambda t: written(auto_submitted=t)),  # type: ignore[arg-type]
    "file name": ("a.txt", lambda t: written(attachments=[Attachment(t, b"")])),
    "file type": ("a/b; c=d", lambda t: written(attachments=[Attachment("a", b"", content_type=t)])),
    "file id": ("a@b", lambda t: written(html="h", attachments=[Attachment("a", b"", content_id=t)])),
    "file content": ("text", lambda t: written(attachments=[Attachment("a.txt", t)])),
    "boundary": ("abc", lambda t: mime.write(mail(text="t", html="h"), boundary=t).to_bytes()),
    "added header": (
        "text",
        lambda t: mime.write(mail(), boundary="=_fixed").with_headers([("X-A", t)]).to_bytes(),
    ),
}


@pytest.mark.parametrize("place", LAWFUL)
def test_advisory_python_76787_subclasses_of_str_get_no_second_say(place: str) -> None:
    """Text of a class of its own passed the check with one answer and was written with another."""
    lawful, build = LAWFUL[place]

    assert build(Turncoat(lawful)) == build(lawful)
    for text in BREAKS:
        if place not in ("text", "html", "file content"):
            with pytest.raises(MailError):
                build(Harmless(f"{lawful}{text}Bcc: eve@evil.example"))


def test_advisory_python_76787_the_domain_of_an_id_is_text_too() -> None:
    """The same, where an id is drawn under a domain that the program names."""
    content = mime.write(mail(message_id=""), message_id_domain=Turncoat("mail.example"))

    assert re.fullmatch(r"<[0-9a-f]{20}@mail\.example>", content.message_id)


@pytest.mark.parametrize("place", PLACES)
def test_advisory_python_76787_lazy_text_is_no_text(place: str) -> None:
    """An object that became text only while it was written was never checked: here it is refused by its type."""
    _, template, build = PLACES[place]

    class Lazy:
        def __str__(self) -> str:
            return template.format("a\r\nBcc: eve@evil.example")

    for lazy in (Lazy(), UserString(str(Lazy())), str(Lazy()).encode()):
        with pytest.raises((MailError, TypeError)):
            build(lazy)  # type: ignore[arg-type]


@pytest.mark.parametrize("control", ["\r", "\n", "\0", "\x7f", "\r\n"], ids=ascii)
@pytest.mark.parametrize("email", ["{}@example.com", '"{}"@example.com', "a@{}", "a@{}.com", "a@example.{}"])
def test_advisory_python_83254_controls_in_the_parts_of_an_address(email: str, control: str) -> None:
    """An address put together from its parts took line breaks in each of them."""
    for part in (control, f"{control}x", f"x{control}x", f"x{control}", f"x{control}Bcc: eve@evil.example"):
        whole = email.format(part)
        for build in (Address, Address.parse, lambda text: Address.parse(("Ada", text)), Address.parse_list):
            with pytest.raises(InvalidAddress):
                build(whole)
        for build in (Address.parse, Address.parse_list):
            with pytest.raises(InvalidAddress):
                build(f"Ada <{whole}>")
        with pytest.raises(InvalidAddress):
            Address("ada@example.com", part)
        with pytest.raises(InvalidAddress):
            Address.parse(f"{part} <ada@example.com>")
        with pytest.raises(InvalidAddress):
            Address.parse(f'"{part}" <ada@example.com>')


@pytest.mark.parametrize("control", ["\r\n", "\r", "\n", "\t", "\x7f", "\0", "\x0b", "\x85"], ids=ascii)
def test_advisory_python_100612_controls_in_a_file_name(control: str, tmp_path: Path) -> None:
    """A file name with a line break went into Content-Disposition as it was, and brought headers along."""
    for name in (f"a{control}X-Evil: 1", f"a.txt{control}", f"{control}a.txt", control):
        with pytest.raises(InvalidHeader):
            Attachment(name, b"")
        with pytest.raises(InvalidHeader):
            Email(attachments={name: b""})
        if "\0" not in name:
            path = tmp_path / name
            path.write_bytes(b"")
            with pytest.raises(InvalidHeader):
                Attachment.from_path(path)
            with pytest.raises(InvalidHeader):
                Attachment.from_path(path.name, root=path.parent)
        file = BytesIO()
        file.name = name
        with pytest.raises(InvalidHeader):
            Attachment.from_file(file)
        with pytest.raises(InvalidHeader):
            Attachment.from_file(BytesIO(), name=name)
        head = f"Content-Disposition: attachment; filename*=utf-8''{percent_encoded(name)}\r\nContent-Type: a/b\r\n\r\n"
        with pytest.raises(InvalidHeader):
            mime.read(head.encode())


@pytest.mark.parametrize("place", PLACES)
def test_advisory_cve_2024_6923_follow_up_a_newline_at_the_very_end(place: str) -> None:
    """A pattern that wanted one more character behind the line break let a text pass that ended with it."""
    _, template, build = PLACES[place]
    for text in ("x\n", "x\r", "x\r\n", "\n", "\r", "\r\n", "x\n\n"):
        for whole in (template.format(text), template.format("x") + text.strip("x")):
            with pytest.raises(MailError):
                build(whole)


@given(mails)
def test_advisory_anymail_ses_every_part_is_seven_bit(mail: Email) -> None:
    """SES has been seen to damage bodies with bytes beyond ASCII, wherever in the tree of parts they stood."""
    content = mime.write(mail)

    assert content.to_bytes().isascii()
    assert content.as_utf8().to_bytes().partition(b"\r\n\r\n")[2].isascii()
    encodings = re.findall(rb"(?im)^content-transfer-encoding: *(\S+)\r$", content.to_bytes())
    assert set(encodings) <= {b"7bit", b"quoted-printable", b"base64"}


@pytest.mark.parametrize("between", list('()<>@,;:."[]'))
def test_advisory_cve_2023_27043_the_wrong_mailbox_of_two(between: str) -> None:
    """Of an address, a bracket and another address, a parser gave back the one that the mail does not go to."""
    for text in (f"alice@example.org{between}<bob@example.com>", f"alice@example.org{between} <bob@example.com>"):
        for build in (Address, Address.parse, lambda text: Address.parse(("", text)), lambda text: Email(sender=text)):
            with pytest.raises(InvalidAddress):
                build(text)
        with pytest.raises(InvalidAddress):
            mime.read(f"From: {text}\r\n\r\n".encode())
        if between == ",":
            assert [address.local for address in Address.parse_list(text)] == ["alice", "bob"]
            assert [address.local for address in mime.read(f"To: {text}\r\n\r\n".encode()).to] == ["alice", "bob"]
        else:
            with pytest.raises(InvalidAddress):
                Address.parse_list(text)
            with pytest.raises(InvalidAddress):
                Email(to=[text])


@pytest.mark.parametrize(
    "text",
    ["a@malicious.example@important.example", "a@malicious.example@", "@a@b.example", "A <a@x.example@b.example>"],
)
def test_advisory_cve_2019_16056_two_at_signs(text: str) -> None:
    """An address with two at signs passed for one of the first domain, and the check of its domain was in vain."""
    for build in (Address, Address.parse, Address.parse_list):
        with pytest.raises(InvalidAddress):
            build(text)


STRUCTURED: dict[str, Callable[[str], Email]] = {
    "unsubscribe url": lambda t: mail(unsubscribe=f"https://x.example/u{t}"),
    "unsubscribe mailto": lambda t: mail(unsubscribe=f"mailto:u@x.example{t}"),
    "unsubscribe value": lambda t: mail(unsubscribe=Unsubscribe("https://x.example/u", mailto=f"u@x.example{t}")),
    "list-help": lambda t: mail(headers={"List-Help": f"<mailto:help@x.example>{t}"}),
    "list-id": lambda t: mail(headers=[("List-ID", f"News{t} <news.x.example>")]),
    "list-archive": lambda t: mail(headers={f"List-Archive{t}": "<https://x.example>"}),
    "message id": lambda t: mail(message_id=f"<1@x.example>{t}"),
    "in reply to": lambda t: mail(in_reply_to=f"<1@x.example>{t}"),
    "references": lambda t: mail(references=["<1@x.example>", f"<2@x.example>{t}"]),
    "content id": lambda t: mail(attachments=[Attachment("a", b"", content_id=f"a@b{t}")]),
    "content type": lambda t: mail(attachments=[Attachment("a", b"", content_type=f"a/b{t}")]),
    "priority": lambda t: mail(priority=cast("EmailFields", {"priority": f"high{t}"})["priority"]),
    "auto submitted": lambda t: mail(
        auto_submitted=cast("EmailFields", {"auto_submitted": f"no{t}"})["auto_submitted"]
    ),
    "ses": lambda t: mail(ses=SesOptions(configuration_set=f"main{t}")),
}


@pytest.mark.parametrize("place", STRUCTURED)
def test_advisory_nodemailer_8_0_9_structured_headers_are_checked_too(place: str) -> None:
    """The comment behind an address in a List header was trusted, since only free text had ever been checked."""
    for text in BREAKS:
        for behind in (f" (comment{text}Bcc: eve@evil.example)", text, f"{text}X-Evil: 1"):
            with pytest.raises(MailError):
                STRUCTURED[place](behind)


def test_advisory_nodemailer_8_0_9_list_headers_have_one_place() -> None:
    """Two ways to say one header are two gates to guard, and two headers in the end."""
    for name in ("List-Unsubscribe", "list-unsubscribe-post", "LIST-UNSUBSCRIBE"):
        with pytest.raises(InvalidHeader):
            Email(headers={name: "<https://x.example>"})
        with pytest.raises(InvalidHeader):
            mime.write(mail()).with_headers([(name, "<https://x.example>")])
    for text in ("<https://x.example>, <https://evil.example>", "https://x.example/>, <https://evil.example"):
        with pytest.raises(InvalidHeader):
            Email(unsubscribe=text)


CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)]
SURROGATES = [chr(code) for code in range(0xD800, 0xE000)]


@pytest.mark.parametrize("place", PLACES)
def test_advisory_nodemailer_9_0_4_controls_at_every_string_position(place: str) -> None:
    """Six releases in a row forbade the characters that the one before had let through, one field after the other."""
    _, template, build = PLACES[place]
    for control in CONTROLS:
        for text in (f"{control}ab", f"a{control}b", f"ab{control}", f'a{control}" b', control):
            with pytest.raises(MailError) as caught:
                build(template.format(text))
            assert str(caught.value).isprintable()
    for surrogate in SURROGATES:
        with pytest.raises(MailError):
            build(template.format(f"a{surrogate}b"))


def test_advisory_nodemailer_9_0_4_no_field_is_forgotten() -> None:
    """A field that is new must get its line in the table of places, or this fails."""
    named = {re.split(r"[\[.]", field)[0] for field, _, _ in PLACES.values()}
    no_text = {"attachments", "alternatives", "date", "priority", "auto_submitted", "bulk", "ses"}
    of_bodies = {"text", "html"}

    assert set(EmailFields.__annotations__) - no_text - of_bodies <= named
    options = {option.name for option in fields_of(SesOptions)}
    for option in options:
        for control in CONTROLS:
            with pytest.raises(MailError):
                SesOptions(**{"contact_list": "x", option: f"a{control}b@example.com"})


@pytest.mark.parametrize(
    "text", ["\r\nBcc: eve@evil.example", "\n", "\0", ", eve@evil.example", "> , <eve@evil.example"]
)
def test_advisory_cve_2021_23400_objects_pass_the_same_gate(text: str) -> None:
    """Addresses given as text were checked, and the same ones given as objects were not."""

    class Person:
        def __init__(self, answer: object) -> None:
            self.answer = answer

        def __mail_address__(self) -> str:
            return cast("str", self.answer)

    email = f"ada@example.com{text}"
    shapes: list[object] = [
        email,
        ("Ada", email),
        Person(email),
        Person(("Ada", email)),
        Person(Person("ada@example.com")),
        {"name": "Ada", "address": email},
        {email: "Ada"},
        ("Ada", "ada@example.com", text),
        email.encode(),
    ]
    for shape in shapes:
        with pytest.raises(InvalidAddress):
            Address.parse(shape)  # type: ignore[arg-type]
        for field in ("to", "cc", "bcc", "reply_to"):
            with pytest.raises(InvalidAddress) as caught:
                Email(**{field: [shape]})  # type: ignore[arg-type]
            assert caught.value.field.startswith(f"{field}[0]")
        with pytest.raises(InvalidAddress):
            Email(sender=shape)  # type: ignore[arg-type]
    if not text.isprintable():  # as a name, the other two are text like any other
        for named in ((text, "ada@example.com"), Person((text, "ada@example.com"))):
            with pytest.raises(InvalidAddress):
                Email(to=[named])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "{}"),
        ("message_id", "<{}@x>"),
        ("in_reply_to", "<{}@x>"),
        ("references", ("<{}@x>",)),
        ("headers", (("X-A", "{}"),)),
        ("headers", (("X-{}", "a"),)),
        ("to", ({"email": "{}@example.com"},)),
        ("to", ({"name": "{}"},)),
        ("sender", {"name": "{}"}),
    ],
)
def test_advisory_cve_2021_23400_what_slipped_past_the_gate_is_not_written(field: str, value: object) -> None:
    """Values that were made behind the gate's back, by hand or in another process, were written unseen."""
    for evil in ("x\r\nBcc: eve@evil.example", "\n", "\r", "x\0"):
        forged = mail(text="t")
        object.__setattr__(forged, field, _filled(value, evil))
        with pytest.raises(InvalidHeader):
            mime.write(forged).to_bytes()


def _filled(value: object, evil: str) -> object:
    if isinstance(value, tuple):
        return tuple(_filled(one, evil) for one in value)
    if isinstance(value, dict):
        address = Address("ada@example.com", "Ada")
        for name, text in value.items():
            object.__setattr__(address, name, text.format(evil))
        return address
    return str(value).format(evil)


@pytest.mark.parametrize(
    "email",
    [
        "-oQ/tmp@example.com",
        '"-oQ/tmp/ -X/var/www/x.php"@example.com',
        '"a\\" -OQueueDirectory=/tmp -X/x.php "@example.com',
        "-x@example.com",
        "`id`@example.com",
        "$(id)@example.com",
        "a|id@example.com",
        "a;id@example.com",
    ],
)
def test_advisory_cve_2016_10033_no_address_becomes_an_argument(email: str) -> None:
    """The sender of a mail was handed to a shell, quotes and all, and could write files on the server."""
    try:
        address = Address(email)
    except InvalidAddress:
        return
    data = written(sender=address, to=[address])

    for reader in READERS:
        assert reader(data).sender == reader(data).to == boxes(address)
    assert Envelope.of(Email(sender=address, to=[address])).return_path.email == address.email


def test_advisory_cve_2020_7769_no_process_is_started() -> None:
    """Recipients that look like options reached the command line of sendmail: nothing here starts a program."""
    starts = re.compile(
        r"system|popen|exec[lv]\w*|spawn\w+|posix_spawn\w*|fork\w*|startfile|Popen|check_output|eval|exec"
    )
    for file, tree in sources():
        assert not {"subprocess", "pty", "shlex", "multiprocessing"} & set(imported(tree)), file
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            name = (
                called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            )
            assert not starts.fullmatch(name), f"{file}:{getattr(node, 'lineno', 0)}"
    for text in BREAKS:
        with pytest.raises(InvalidAddress):
            Email(sender=f"a@example.com{text}RCPT TO:<eve@evil.example>")


@pytest.mark.parametrize("option", [option.name for option in fields_of(SesOptions)])
def test_advisory_flask_mail_189_options_are_typed(option: str) -> None:
    """Options of the protocol were lists of text that went onto the wire, line breaks included."""
    for text in BREAKS:
        with pytest.raises(MailError):
            SesOptions(**{"contact_list": "x", option: f"a@example.com{text}X-Evil: 1"})
    with pytest.raises(TypeError):
        SesOptions(mail_options=["SIZE=1"])  # type: ignore[call-arg]
    for ses in ("SIZE=1", ["BODY=8BITMIME"], {"configuration_set": "x"}, None):
        with pytest.raises(MailError):
            Email(ses=ses)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "directive",
    [".", "MAIL FROM:<eve@evil.example>", "RCPT TO:<eve@evil.example>", "DATA", "QUIT", "From: eve@x.example"],
)
def test_advisory_simple_java_mail_88_a_subject_is_no_directive(directive: str) -> None:
    """A subject ended its own line and went on with commands for the server."""
    for text in BREAKS:
        with pytest.raises(InvalidHeader):
            Email(subject=f"Hello{text}{directive}{text}")
    for subject in (
        directive,
        f"=?utf-8?q?Hello=0D=0A{directive.replace(' ', '_')}?=",
        f"{'x' * 66} {directive}",
        f"{directive} é",
    ):
        data = written(subject=subject)
        for reader in READERS:
            assert reader(data).subject == subject
            assert reader(data).names == reader(written(subject="Hello")).names
        assert not any(line.startswith((".", "MAIL", "RCPT", "DATA", "QUIT")) for line in head_lines(data))
