"""Addresses as SES reads them: its words for what is wrong, and lists of mailboxes in headers."""

from __future__ import annotations

import pytest

from sesmail.local.addresses import Mailbox, parse_all, split
from sesmail.local.faults import Fault


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Missing final '@domain'"),
        ("ada", "Missing final '@domain'"),
        ("Ada <ada>", "Missing final '@domain'"),
        ("<>", "Missing final '@domain'"),
        ("ada@", "Missing domain"),
        ("@example.com", "Missing local name"),
        ("@a.example,@b.example:ada@example.com", "Extra route-addr"),
        ("<@a.example:ada@example.com>", "Extra route-addr"),
        ("a da@example.com", "Local address contains control or whitespace"),
        ("ädä@example.com", "Local address contains control or whitespace"),
        ("ada\n@example.com", "Local address contains control or whitespace"),
        ("ada@eve@example.com", "Local address contains illegal character"),
        ("a,b@example.com", "Local address contains illegal character"),
        ("a..b@example.com", "Local address contains dot-dot"),
        (".a@example.com", "Local address starts or ends with dot"),
        ("a@exam ple.com", "Domain contains control or whitespace"),
        ("a@exämple.com", "Domain contains illegal character"),
        ("a@example_.com", "Domain contains illegal character"),
        ("a@example..com", "Domain contains dot-dot"),
        ("a@example.com.", "Domain contains dot-dot"),
        (f"a@{'x' * 64}.com", "Domain contains illegal character"),
        ("Doe, Jane <a@example.com>", "Illegal address"),
        ("Ja\tne <a@example.com>", "Illegal address"),
        ("Jane\x01 <a@example.com>", "Local address contains control or whitespace"),
        ("jane@example.com\r\n", "Local address contains control or whitespace"),
        ("jane@example.com\u2028", "Local address contains control or whitespace"),
        ("Jäne <a@example.com>", "Non ASCII characters in a display name"),
    ],
)
def test_what_is_wrong_is_said_as_ses_says_it(text: str, reason: str) -> None:
    with pytest.raises(Fault) as caught:
        Mailbox.parse(text)

    assert reason in str(caught.value)
    assert caught.value.v1 == ("InvalidParameterValue", 400)
    assert caught.value.v2 == ("BadRequestException", 400)


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("ada@example.com", "ada@example.com"),
        (" <ada@example.com> ", "ada@example.com"),
        ("Ada <ada@example.com>", "ada@example.com"),
        ('"Doe, Jane" <jane@example.com>', "jane@example.com"),
        ('"<eve@example.com>" <jane@example.com>', "jane@example.com"),
        ("Jane (the elder) <jane@example.com>", "jane@example.com"),
        ("=?utf-8?b?SsOkbmU=?= <jane@example.com>", "jane@example.com"),
        ('"a b"@example.com', None),
        ('"a@b"@example.com', '"a@b"@example.com'),
        ("a+b@xn--exmple-cua.com", "a+b@xn--exmple-cua.com"),
    ],
)
def test_an_address_is_read_with_its_name_and_bare(text: str, email: str | None) -> None:
    if email is None:
        with pytest.raises(Fault):
            Mailbox.parse(text)
        return
    mailbox = Mailbox.parse(text)

    assert mailbox.email == email
    assert mailbox.given == text.strip()


def test_a_name_counts_where_it_is_written_only() -> None:
    (envelope,) = parse_all(["Jäne <a@example.com>"], in_header=False)

    assert envelope.email == "a@example.com"


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", []),
        ("a@x.example", ["a@x.example"]),
        ("a@x.example, b@x.example,", ["a@x.example", "b@x.example"]),
        ('"Doe, Jane" <a@x.example>, b@x.example', ['"Doe, Jane" <a@x.example>', "b@x.example"]),
        (r'"a\", b" <a@x.example>', [r'"a\", b" <a@x.example>']),
        ("Jane (x, y) <a@x.example>", ["Jane  <a@x.example>"]),
        ("a@x.example (a comment, with a comma)", ["a@x.example"]),
        ("undisclosed-recipients:;", []),
        ("undisclosed recipients: ;, a@x.example", ["a@x.example"]),
        ('"never closed, a@x.example', ['"never closed, a@x.example']),
    ],
)
def test_a_header_is_split_into_its_mailboxes(text: str, entries: list[str]) -> None:
    assert split(text) == entries
