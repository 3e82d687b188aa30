"""Raw mails: which parts are looked into for attachments. One reading decides, that of `Part.about`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesmail.local import raw_mail
from sesmail.local.faults import Fault
from sesmail.local.raw_mail import DEEPEST, MOST_PARTS, RawMail
from sesmail.mime.parts import Part

PEOPLE = b"From: a@example.com\r\nTo: b@example.org\r\n"
# What the standard library takes off a content type, and a header does not.
BLANKS = ["", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\u2003", " \x0b\t"]


def mail_with(kind: str, body: bytes = b"", disposition: str = "") -> RawMail:
    head = f"Content-Type: {kind}\r\n".encode() if kind else b""
    head += f"Content-Disposition: {disposition}\r\n".encode() if disposition else b""
    return RawMail.parse(PEOPLE + head + b"\r\n" + body)


def nested(levels: int, *, blank: str = "") -> RawMail:
    """Multiparts in one another, so many of them."""
    inner = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (level - 1, level)
        for level in range(1, levels)
    )
    return mail_with(f"{blank}multipart/mixed; boundary=b0", inner + b"--b%d\r\n\r\nHi" % (levels - 1))


def reason_against(mail: RawMail) -> str:
    try:
        mail.check()
    except Fault as fault:
        return fault.message
    return ""


# ── what is looked into ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blocked_file_is_found_whichever_blanks_stand_before_the_type(blank: str) -> None:
    body = b"--b\r\nContent-Type: application/octet-stream; name=a.exe\r\n\r\nx\r\n--b--\r\n"

    assert reason_against(mail_with(f"{blank}multipart/mixed; boundary=b", body)) == (
        "The attachment type .exe is not supported."
    )


@pytest.mark.parametrize("blank", BLANKS)
def test_parts_are_counted_in_depth_whichever_blanks_stand_before_the_type(blank: str) -> None:
    assert reason_against(nested(DEEPEST, blank=blank)) == ""
    assert reason_against(nested(DEEPEST + 1, blank=blank)) == (
        f"Parts of the message are nested more than {DEEPEST} deep."
    )


@pytest.mark.parametrize(
    ("kind", "disposition", "names"),
    [
        ("multipart /mixed; boundary=b", "", []),
        ("x-multipart/mixed; boundary=b", "", []),
        ("MultiPart/Mixed; boundary=b", "", ["a.exe"]),
        ("text/plain; NAME=b.exe", "", ["b.exe"]),
        ("text/plain; name*0=b; name*1=.exe", "", ["b.exe"]),
        ("text/plain", "attachment; filename*=utf-8''b%2Eexe", ["b.exe"]),
        ("", "inline; FileName=b.exe", ["b.exe"]),
        ("text/plain", "", []),
        ("", "", []),
    ],
)
def test_a_name_is_read_where_one_can_be(kind: str, disposition: str, names: list[str]) -> None:
    body = b"--b\r\nContent-Disposition: attachment; filename=a.exe\r\n\r\nx\r\n--b--\r\n"

    assert [name for name in mail_with(kind, body, disposition).attachment_names() if name] == names


kinds = st.lists(
    st.sampled_from([*BLANKS, "multipart", "MULTIPART", "mixed", "/", "text", "; ", "boundary=b", '"', "x", "\u0130"]),
    max_size=8,
).map("".join)


@given(kinds)
def test_all_that_another_reader_takes_apart_is_looked_into(kind: str) -> None:
    mail = mail_with(kind.strip(" \t"), b"--b\r\nContent-Type: a/b; name=a.exe\r\n\r\nx\r\n--b--\r\n")
    whole = Part(tuple((header.name, header.value) for header in mail.headers), mail.body)
    is_apart = whole.about.get_content_maintype() == "multipart" and any(True for _ in whole.children())

    assert (reason_against(mail) == "The attachment type .exe is not supported.") == is_apart


def test_a_mail_of_one_part_without_names_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most mails are of this kind, and every send asks."""
    monkeypatch.setattr(raw_mail, "Part", None)

    assert list(mail_with("text/html; charset=utf-8").attachment_names()) == []


def test_parts_are_counted() -> None:
    kind = "multipart/mixed; boundary=b"

    assert reason_against(mail_with(kind, b"--b\r\n\r\nx\r\n" * (MOST_PARTS - 1))) == ""
    assert reason_against(mail_with(kind, b"--b\r\n\r\nx\r\n" * MOST_PARTS)) == (
        f"The message has more than {MOST_PARTS} parts."
    )


# ── heads ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("data", "names", "body"),
    [
        (b"", [], b""),
        (b"\r\n", [], b""),
        (b"\n\nHi\n", [], b"\r\nHi\r\n"),
        (b"A: a\n b\nB: \r\rHi\n", ["A", "B"], b"Hi\r\n"),
    ],
)
def test_every_kind_of_line_end_is_read(data: bytes, names: list[str], body: bytes) -> None:
    mail = RawMail.parse(data)

    assert ([header.name for header in mail.headers], mail.body) == (names, body)
