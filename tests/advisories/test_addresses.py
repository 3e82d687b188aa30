"""Addresses: who gets the mail, when two readers of one text could disagree."""

from __future__ import annotations

import ast
import re
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail import Address, Email, Envelope, SesOptions, mime
from sesmail.errors import InvalidAddress, MailError, Unsupported
from tests.advisories import READERS, at_once, boxes, imported, mail, same_mailboxes, sources, written
from tests.mime import readers
from tests.strategies import BIDI, addresses

if TYPE_CHECKING:
    from collections.abc import Callable

    from sesmail.mail.message import EmailFields

QUOTED_LOCALS = [
    '"victim@evil.example x"',
    '"victim@evil.example"',
    '"a@evil.example, b"',
    '"<victim@evil.example>"',
    '"victim@evil.example> <x"',
    '"x\\" <victim@evil.example>, \\"y"',
    '"victim@evil.example,"',
    '"(victim@evil.example)"',
    '"a b"',
    '"a;b:c"',
    '"\\"@evil.example"',
]


@pytest.mark.parametrize("name", ["", "Ada", "Lovelace, Ada", "Zoë"])
@pytest.mark.parametrize("local", QUOTED_LOCALS)
def test_advisory_cve_2025_13033_an_address_inside_a_quoted_local_part(local: str, name: str) -> None:
    """The address inside the quotes was taken for the recipient, and the mail went to a domain of its choice."""
    address = Address(f"{local}@good.example", name)
    other = Address("other@example.org", "Zoë")

    assert (address.local, address.domain) == (local, "good.example")
    assert Address.parse(f"{local}@good.example") == Address(f"{local}@good.example")
    assert Address.parse(f"Ada <{local}@good.example>").email == address.email
    assert Address.parse_list([address, other]) == Address.parse_list(f"{address}, {other}")
    email = mail(to=[address, other])
    assert [one.domain for one in Envelope.of(email).to] == ["good.example", "example.org"]
    same_mailboxes(written(to=[address, other]), address, other)
    assert mime.read(mime.write(email).to_bytes()).to == (address, other)


@pytest.mark.parametrize(
    "nested",
    [
        "g:" * 3000 + "a@example.com" + ";" * 3000,
        "g: " * 3000 + "a@example.com" + ";" * 3000,
        "g:" * 3000,
        "g:;" * 3000,
        "(" * 5000 + "x" + ")" * 5000 + "a@example.com",
        "a@example.com " + "(" * 5000 + ")" * 5000,
        "a(" * 5000 + ")" * 5000 + "@example.com",
        "(" * 5000,
        ")" * 5000,
        "(\\" * 5000,
        "<" * 5000 + "a@example.com" + ">" * 5000,
        "Ada <" * 3000 + "a@example.com" + ">" * 3000,
        "[" * 5000 + "]" * 5000,
        '"' * 5001,
        '"\\' * 5000,
        "(a@example.com)," * 5000,
    ],
    ids=lambda text: f"{text[:6]}…{len(text)}",
)
def test_advisory_cve_2025_14874_nested_groups_and_comments(nested: str) -> None:
    """A parser that called itself for each bracket ran out of stack, and took the whole program along."""
    for build in (Address, Address.parse, Address.parse_list, lambda text: Email(to=[text]), lambda t: Email(sender=t)):
        with at_once(), pytest.raises(InvalidAddress):
            build(nested)
    with at_once(), pytest.raises(InvalidAddress):
        Address("ada@example.com", nested)
    for field in ("From", "To"):
        with at_once(), suppress(MailError):
            mime.read(f"{field}: {nested}\r\n\r\n".encode())


@pytest.mark.parametrize(
    "whole",
    [
        "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(3000)),
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 3000,
        "Content-Type: message/rfc822\r\n\r\n" * 3000,
        f"X-Metadata: {'[' * 5000}{']' * 5000}\r\n\r\n",
        "X-Metadata: " + '{"a":' * 5000 + "1" + "}" * 5000 + "\r\n\r\n",
        f"Content-Type: a/b; a={'(' * 5000}{')' * 5000}\r\n\r\n",
        f"Subject: {'=?utf-8?q?' * 5000}x{'?=' * 5000}\r\n\r\n",
        f"Message-ID: {'<' * 5000}x{'>' * 5000}\r\nReferences: {'<(' * 5000}\r\n\r\n",
    ],
    ids=lambda text: f"{text[:16]}…{len(text)}",
)
def test_advisory_cve_2025_14874_whatever_else_nests(whole: str) -> None:
    """The same for parts in parts, and for all that brackets can stand in: read or refused, and never a crash."""
    with at_once(2), suppress(MailError):
        mime.read(whole.encode())


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_advisory_cve_2026_30227_controls_inside_the_quotes_of_a_local_part(code: int) -> None:
    """Between quotes a line break was let through, and became a command of its own on the wire."""
    for inside in (
        f"a{chr(code)}b",
        f"{chr(code)}",
        f"a\\{chr(code)}b",
        f"a>\\\r{chr(code)}RCPT TO:<eve@evil.example>",
    ):
        for text in (f'"{inside}"@example.com', f'Ada <"{inside}"@example.com>'):
            with pytest.raises(InvalidAddress):
                Address.parse(text)
            with pytest.raises(InvalidAddress):
                Address.parse_list(f"bob@example.com, {text}")
        with pytest.raises(InvalidAddress):
            Address(f'"{inside}"@example.com')


some = st.lists(addresses, max_size=4)


@given(addresses, st.lists(addresses, min_size=1, max_size=4), some, some)
def test_advisory_nodemailer_9_0_5_header_and_envelope_are_one_address(
    sender: Address, to: list[Address], cc: list[Address], bcc: list[Address]
) -> None:
    """Header and envelope were made of the same text by two functions, and not always of the same address."""
    mail = Email(sender=sender, to=to, cc=cc, bcc=bcc)
    envelope = Envelope.of(mail)
    named = [*to, *cc, *bcc]

    assert all(any(one is other for other in named) for one in envelope.recipients)
    assert {one.email for one in envelope.recipients} == {one.email for one in named}
    data = mime.write(mail).to_bytes()
    for reader in READERS:
        seen = reader(data)
        assert [email for _, email in seen.to] == [one.email for one in mail.to]
        assert [email for _, email in seen.cc] == [one.email for one in mail.cc]
        assert [email for _, email in seen.sender] == [envelope.return_path.email]
    for one in named:
        assert Address(one.email).email == one.email
        assert Address.parse(str(Address(one.email))).email == one.email


@pytest.mark.parametrize("local", [*QUOTED_LOCALS, '"ada"', "ada", "Ada.Lovelace", '"Ada"', "a+b", '"a.b"', '".a..b."'])
def test_advisory_nodemailer_9_0_5_quotes_are_kept_or_dropped_everywhere(local: str) -> None:
    """A local part lost its quotes in one place and kept them in the other."""
    email = mail(to=[f"{local}@Example.COM"], bcc="secret@example.com")
    (header,) = email.to

    assert header.domain == "example.com"
    assert Envelope.of(email).to == (header,)
    assert f"{header.email}".encode() in mime.write(email).to_bytes()
    for reader in READERS:
        # The modern one prints the parts of an address itself, and forgets that dots may need quotes.
        seen = reader(mime.write(email).to_bytes()).to[0][1]
        assert seen == (header.email.replace('"', "") if reader is readers.modern and ".." in local else header.email)
    assert header.local in (local, local.strip('"'))
    assert Address(header.email) == header


@pytest.mark.parametrize(
    "bad",
    [
        "b@[IPv6:2001:db8::1]",
        "Bob <b@[IPv6:2001:db8::1]>",
        "b@[127.0.0.1]",
        "b@[unclosed",
        "b@[unclosed, d@example.com",
        "b@unopened]",
        "[b@example.com",
        "Bob <b@example.com",
        "b@example.com>",
        '"Bob <b@example.com>',
        "Bob: b@example.com;",
        "(b@example.com",
        "b@example.com)",
        "b@example.com (Bob)",
        "b@example.com; d@example.com",
        "b",
        "",
        "@",
        "b@",
        "b@exa mple.com",
        "b@example.com:25",
    ],
)
def test_advisory_nodemailer_9_0_2_one_bad_entry_fails_the_list(bad: str) -> None:
    """A colon or an open bracket in one entry swallowed those behind it, and nobody was told."""
    for text in (f"a@example.com, {bad}, c@example.com", f"a@example.com, {bad}"):
        with pytest.raises(InvalidAddress) as caught:
            Address.parse_list(text)
        assert caught.value.field == "[1]"
    for field in ("to", "cc", "bcc", "reply_to"):
        with pytest.raises(InvalidAddress) as caught:
            Email(**{field: ["a@example.com", bad, "c@example.com"]})  # type: ignore[arg-type]
        assert caught.value.field == f"{field}[1]"
    for text in (f"{bad}, c@example.com", f"{bad},c@example.com"):
        with pytest.raises(InvalidAddress):
            Address.parse_list(text)


@pytest.mark.parametrize("special", list('()<>[]:;"\\,@ \t'))
def test_advisory_nodemailer_9_0_2_no_entry_disappears(special: str) -> None:
    """The same for every character that means something, put at every place of a list that was right."""
    whole = 'a@example.com, "B, c" <b@example.com>, Cy <c@example.com>'
    for position in range(len(whole) + 1):
        text = whole[:position] + special + whole[position:]
        try:
            found = Address.parse_list(text)
        except InvalidAddress:
            continue
        outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
        assert len(found) == outside.count(",") + 1 == 3, text
        domains = [address.domain for address in found]
        assert domains == ["example.com"] * 3, text


@pytest.mark.parametrize(
    "text",
    [
        "a@example.com, b@example.com",
        "a@example.com,b@example.com",
        "<a@example.com>, <b@example.com>",
        "A <a@example.com>, B <b@example.com>",
        "a@example.com,",
        ",a@example.com",
        ", a@example.com",
        "a@example.com; b@example.com",
        "a@example.com;",
        ";a@example.com",
        "A <a@example.com>;",
        '"A" <a@example.com>; <b@example.com>',
        "Team: a@example.com;",
        "Team: a@example.com, b@example.com;",
        "Team:;",
        "undisclosed-recipients:;",
        "<a@example.com> <b@example.com>",
        "<a@example.com><b@example.com>",
        "a@example.com b@example.com",
        "A <a@example.com> b@example.com",
        "A <a@example.com, b@example.com>",
        "a@example.com\u3000b@example.com",
        "a@example.com\uff0cb@example.com",
        "a@example.com\uff1bb@example.com",
    ],
)
def test_advisory_mimekit_one_address_means_one(text: str) -> None:
    """Where one address was asked for, a list of two was taken, and the second one was nobody's decision."""
    takers: list[Callable[[str], object]] = [
        Address,
        Address.parse,
        lambda t: Address.parse(("Ada", t)),
        lambda t: Address.parse_list([t]),
        lambda t: Email(sender=t),
        lambda t: Email(to=[t]),
        lambda t: Email(to=[("Ada", t)]),
        lambda t: SesOptions(feedback_address=t),
    ]
    for take in takers:
        with pytest.raises(InvalidAddress):
            take(text)


PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]+|\"(?:[^\"\\\x00-\x1f]|\\.)*\"")
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")


def _changed_by(form: str) -> list[str]:
    everything = (chr(code) for code in range(0x80, 0x30000) if not 0xD800 <= code < 0xE000)
    return [c for c in everything if unicodedata.normalize(form, c) != c]  # type: ignore[arg-type]


def test_advisory_email_validator_2_2_0_the_normal_form_is_judged_again() -> None:
    """U+037E became a semicolon by normalising, which was done when all checks were over."""
    with pytest.raises(InvalidAddress):
        Address("a\u037eb@example.com")
    for character in ["\u037e", "\u1fef", "\u212a", "<\u0338", ">\u0338", "=\u0338", *_changed_by("NFC")]:
        for text in (f"a{character}b@example.com", f'"a{character}b"@example.com', f"a@x{character}y.example"):
            try:
                address = Address(text)
            except InvalidAddress:
                continue
            assert Address(address.email) == address
            assert unicodedata.normalize("NFC", address.email) == address.email
            assert HOST.fullmatch(address.domain)
            assert not address.local.isascii() or PLAIN.fullmatch(address.local), ascii(text)


def test_advisory_email_validator_2_2_0_a_domain_is_judged_again_too() -> None:
    """The same for domains, where compatible forms of a slash, a dot or an at sign turn into the real ones."""
    for character in _changed_by("NFKC"):
        try:
            address = Address(f"a@x{character}y.example")
        except InvalidAddress:
            continue
        assert HOST.fullmatch(address.domain), ascii(character)
        assert address.domain.endswith(".example")
        assert Address(address.email) == address
    for text in (
        "a@\u2100.example",
        "a@x\uff0fy.example",
        "a@x\uff20y.example",
        "a@x\ufe64y.example",
        "a@x\u2025y.com",
    ):
        with pytest.raises(InvalidAddress):
            Address(text)


def test_advisory_email_validator_2_2_0_the_normal_form_may_be_longer() -> None:
    """What fitted when it was typed no longer did when it was normalised."""
    longer = [c for c in _changed_by("NFC") if len(unicodedata.normalize("NFC", c)) > 1]
    assert "\u0958" in longer
    for character in longer:
        with pytest.raises(InvalidAddress):
            Address(character * 64 + "@example.com")
        for count in range(20, 65, 4):
            try:
                address = Address(character * count + "@example.com")
            except InvalidAddress:
                continue
            assert len(address.local) <= 64
            assert len(address.email.encode()) <= 254


@pytest.mark.parametrize("at", ["\uff20", "\ufe6b"])
def test_advisory_email_validator_2_3_0_what_looks_like_an_at_sign(at: str) -> None:
    """A sign that only looks like an at sign split an address for one reader and not for the next."""
    why = f"U+{ord(at):04X} looks like an @ and is none"
    for build in (Address, Address.parse, Address.parse_list, lambda text: Email(to=[text])):
        with pytest.raises(InvalidAddress) as caught:
            build(f"ada{at}example.com")
        assert why in str(caught.value)
    for text in (
        f"ada{at}evil.example@good{at}.example",
        f"ada@evil.example{at}good.example",
        f"Ada <ada{at}x.example>",
    ):
        with pytest.raises(InvalidAddress):
            Address.parse(text)


@pytest.mark.parametrize(
    "character", ["a", "é", "\u0660", "\u30fb", "\u0130", "漢", "\u0345", "\u200d", "-", ".", "\u3002"]
)
def test_advisory_cve_2024_3651_a_long_domain_costs_nothing(character: str) -> None:
    """Encoding a long label took time by the square of its length; lengths must be looked at before."""
    Address("warm@bücher.example")
    for domain in (
        character * 5000,
        f"{character}." * 2500,
        f"{character * 5000}.example",
        f"xn--{character * 5000}",
        f"{character * 5000}\u6f22",
        f"x.{character * 240}",
        f"x.{character * 60}.{character * 60}.{character * 60}",
    ):
        for build in (Address, Address.parse, Address.parse_list):
            with at_once():
                try:
                    build(f"a@{domain}")
                except InvalidAddress:
                    continue
                assert len(domain) < 255


# Four names whose meaning changed from IDNA 2003 to 2008, and the forms of the one and of the other (UTS 46, 7).
CHANGED = [
    ("faß.de", "xn--fa-hia.de", "fass.de"),
    ("βόλος.com", "xn--nxasmm1c.com", "xn--nxasmq6b.com"),
    ("ශ්\u200dරී.com", "xn--10cl1a0b660p.com", "xn--10cl1a0b.com"),
    ("نامه\u200cای.com", "xn--mgba3gch31f060k.com", "xn--mgba3gch31f.com"),
]


@pytest.mark.parametrize(("typed", "right", "wrong"), CHANGED)
def test_advisory_idna_2003_is_never_used(typed: str, right: str, wrong: str) -> None:
    """The standard library's codec still maps some letters away, and the mail goes to another owner's domain."""
    for form in (typed, right):
        try:
            assert Address(f"ada@{form}").domain == right != wrong
        except InvalidAddress:
            assert {"\u200c", "\u200d"} & set(typed), "only joiners may be refused"
    for file, tree in sources():
        assert not {"encodings.idna", "stringprep"} & set(imported(tree)), file
        strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert "idna" not in strings, file


@pytest.mark.parametrize("local", ["jürgen", "用户", '"jürgen x"', "δοκιμή", "a\u0308x"])
def test_advisory_nodemailer_8_0_7_a_local_part_is_never_punycode(local: str) -> None:
    """A local part beyond ASCII was turned into something that no mailbox has, or its domain was and it was not."""
    address = Address(f"{local}@Bücher.example", "Jürgen")

    assert (address.domain, address.needs_smtputf8) == ("xn--bcher-kva.example", True)
    assert address.local == unicodedata.normalize("NFC", local)
    everywhere: list[tuple[str, EmailFields]] = [
        ("sender", {"sender": address}),
        ("to[1]", {"to": ["a@example.com", address]}),
        ("cc[0]", {"cc": [address]}),
        ("reply_to[0]", {"reply_to": [address]}),
    ]
    for place, fields in everywhere:
        content = mime.write(mail(**fields))
        with pytest.raises(Unsupported) as caught:
            content.to_bytes()
        assert (caught.value.field, caught.value.feature) == (place, "non-ASCII local part")
        with pytest.raises(Unsupported):
            _ = content.size
        with pytest.raises(Unsupported):
            list(content.chunks())
        carried = content.as_utf8().to_bytes().decode()
        assert f"<{address.email}>" in carried
        assert "xn--" not in carried.replace("xn--bcher-kva.example", "")
    assert Envelope.of(mail(bcc=[address])).needs_smtputf8


@pytest.mark.parametrize(
    "route",
    [
        "<@relay.example:ada@example.com>",
        "@relay.example:ada@example.com",
        "<@a.example,@b.example:ada@example.com>",
        "@a.example,@b.example:ada@example.com",
        "Ada <@relay.example:ada@example.com>",
        '"Ada" <@relay.example:ada@example.com>',
        "<@relay.example,ada@example.com>",
        "<relay.example:ada@example.com>",
        "<@relay.example:>",
    ],
)
def test_advisory_rfc_5321_source_routes_are_refused(route: str) -> None:
    """An address that names the way as well as the goal is read as either of them."""
    for build in (Address, Address.parse, Address.parse_list, lambda t: Email(to=[t]), lambda t: Email(sender=t)):
        with pytest.raises(InvalidAddress):
            build(route)


@pytest.mark.parametrize(
    "local", ["user%evil.example", "evil.example!user", "user%a!b", "%", "!", "a%b%c", "!a", "a%", "#&'*/=?^_`{|}~$+-"]
)
def test_advisory_rfc_5321_percent_and_bang_are_ordinary(local: str) -> None:
    """The routing of old days in ``%`` and ``!`` must not come back: they are letters of the local part."""
    address = Address(f"{local}@good.example")

    assert (address.local, address.domain) == (local, "good.example")
    assert Address.parse(f"Ada <{local}@good.example>").email == address.email
    same_mailboxes(written(to=[address]), address)


@pytest.mark.parametrize("control", BIDI, ids=ascii)
def test_advisory_display_name_spoofing_by_direction(control: str) -> None:
    """A character that turns the direction makes a name, or a file, read as another one."""
    for name in (f"{control}Ada", f"A{control}da", f"Ada{control}", control):
        for build in (
            lambda n: Address("ada@example.com", n),
            lambda n: Address.parse(f"{n} <ada@example.com>"),
            lambda n: Address.parse(f'"{n}" <ada@example.com>'),
            lambda n: Address.parse((n, "ada@example.com")),
            lambda n: Email(sender=(n, "ada@example.com")),
            lambda n: Email(reply_to=f"{n} <ada@example.com>"),
            lambda n: mime.read(f"From: {n} <ada@example.com>\r\n\r\n".encode()),
            lambda n: Address(f"{n}@example.com"),
            lambda n: Address(f"ada@{n}.example"),
        ):
            with pytest.raises(InvalidAddress):
                build(name)


@pytest.mark.parametrize(
    "name",
    [
        "ceo@bank.example",
        "<ceo@bank.example>",
        "The CEO <ceo@bank.example>",
        "ceo@bank.example,",
        '"ceo@bank.example" <ceo@bank.example>, x',
        "ceo@bank.example " * 6,
        "Zoë ceo@bank.example",
        "ceo＠bank.example",
        "ceo@bank.example (verified)",
        "bank.example:",
    ],
)
def test_advisory_display_name_spoofing_by_an_address_as_name(name: str) -> None:
    """A name that looks like an address stood without quotes, and some readers answered to it."""
    eve = Address("eve@evil.example", name)
    data = mime.write(mail(sender=eve, to=[eve])).to_bytes()

    same_mailboxes(data, eve)
    for reader in READERS:
        assert [email for _, email in reader(data).sender] == ["eve@evil.example"]
    assert not re.search(rb"(?m)^(From|To): [^\"=]*@bank", data)
    assert Address.parse(str(eve)).email == "eve@evil.example"
    assert boxes(*mime.read(data).to) == boxes(eve)
