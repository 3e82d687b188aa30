"""Two mail parsers from another world read every sample, and what they read is what the `Email` says."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import cast

import pytest

from sesmail import Address, Alternative, Email
from sesmail.mail.alternative import AMP

from .conftest import missing, need
from .samples import CASES, DATE, FORMS, SAMPLES, written

pytestmark = pytest.mark.server

READERS = ("postalMime", "mailparser")
FOLDER = Path(__file__).parent / "readers"

Facts = dict[str, object]
Readings = dict[tuple[str, str, str], Facts]

# Where a parser reads something else than we wrote, and why that is its own affair. Each entry must still be true.
QUIRKS = {
    ("postalMime", "message as attachment", "contents"): "makes LF of a message's CRLF",
    ("postalMime", "every kind of part", "contents"): "makes LF of a message's CRLF",
    ("postalMime", "file name with an encoded word", "names"): "decodes RFC 2047 behind RFC 2231",
    ("mailparser", "file name with an encoded word", "names"): "decodes RFC 2047 behind RFC 2231",
    ("mailparser", "file name with blanks around and within", "types"): "guesses a better type for octet-stream",
    ("mailparser", "IDN domain", "to"): "shows a domain in its own script",
    ("mailparser", "headers of one's own", "headers"): "decodes no unknown header, and drops empty ones",
}


@pytest.fixture(scope="session")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Readings:
    """What each reader made of each sample in each of its forms."""
    home = _installed(tmp_path_factory.mktemp("readers"))
    done = subprocess.run(
        [need("node"), "read.mjs"],
        cwd=home,
        input=json.dumps([b64encode(written(*case)).decode() for case in CASES]).encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    return {
        (reader, *case): facts
        for reader, all_facts in json.loads(done.stdout).items()
        for case, facts in zip(CASES, all_facts, strict=True)
    }


def _installed(home: Path) -> Path:
    # Not into the folder beside the sources: nothing that npm brings belongs there.
    shutil.copytree(FOLDER, home, dirs_exist_ok=True)
    command = [need("npm"), "install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=240)
    if done.returncode:
        missing(f"npm cannot install the readers ({done.stderr.strip()[-300:]})")
    return home


@pytest.mark.parametrize(("form", "name"), CASES)
@pytest.mark.parametrize("reader", READERS)
def test_a_parser_reads_what_was_meant(readings: Readings, reader: str, form: str, name: str) -> None:
    meant = _meant(SAMPLES[name], reader)
    read = _read(readings[reader, form, name])
    for field in meant:
        if (reader, name, field) not in QUIRKS:
            assert read[field] == meant[field], field


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("reader", "name", "field"), QUIRKS)
def test_a_known_quirk_is_still_one(readings: Readings, reader: str, form: str, name: str, field: str) -> None:
    assert _read(readings[reader, form, name])[field] != _meant(SAMPLES[name], reader)[field]


def _meant(email: Email, reader: str) -> Facts:
    """What the mail says."""
    # RFC 2046 5.1.1: the line end before a boundary belongs to it. postal-mime counts it to the part.
    boundary_line_end = "\n" if reader == "postalMime" and _is_multipart(email) else ""
    return {
        "subject": email.subject,
        "from": _mailboxes((email.sender,) if email.sender else ()),
        "to": _mailboxes(email.to),
        "cc": _mailboxes(email.cc),
        "bcc": [],
        "replyTo": _mailboxes(email.reply_to),
        "messageId": email.message_id,
        "date": (email.date or DATE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "inReplyTo": email.in_reply_to,
        "references": list(email.references),
        "unsubscribe": email.unsubscribe.headers[0][1] if email.unsubscribe else "",
        "headers": _own_headers(email),
        "text": _body(email.text, boundary_line_end),
        "html": _body(email.html, boundary_line_end),
        "alternatives": [(other.content_type, _unended(other.text)) for other in _in_order(email)],
        "names": [file.name for file in email.attachments],
        "types": [file.content_type for file in email.attachments],
        "dispositions": ["inline" if file.inline else "attachment" for file in email.attachments],
        "ids": [f"<{file.content_id}>" if file.inline else "" for file in email.attachments],
        "contents": [_digest(file.data) for file in email.attachments],
    }


def _read(facts: Facts) -> Facts:
    """What the parser said, in the same words."""
    parts = cast("list[dict[str, str]]", facts["attachments"])
    # A part that nobody called an attachment is another form of the text.
    forms = [part for part in parts if not part["disposition"]]
    files = [part for part in parts if part["disposition"]]
    return {
        **facts,
        "headers": [(name, value) for name, value in cast("list[list[str]]", facts["headers"])],
        "text": _lines(str(facts["text"])),
        "html": _lines(str(facts["html"])),
        "alternatives": [(part["contentType"], _unended(b64decode(part["content"]).decode())) for part in forms],
        "names": [part["filename"] for part in files],
        "types": [part["contentType"] for part in files],
        "dispositions": [part["disposition"] for part in files],
        "ids": [part["contentId"] for part in files],
        "contents": [_digest(b64decode(part["content"])) for part in files],
    }


def _mailboxes(addresses: tuple[Address, ...]) -> list[dict[str, str]]:
    return [{"name": address.name, "address": address.email} for address in addresses]


def _own_headers(email: Email) -> list[tuple[str, str]]:
    metadata = [("x-metadata", json.dumps(dict(email.metadata)))] if email.metadata else []
    return metadata + [(name.lower(), value) for name, value in email.headers]


def _in_order(email: Email) -> list[Alternative]:
    return sorted(email.alternatives, key=lambda other: other.content_type != AMP)


def _is_multipart(email: Email) -> bool:
    forms = (email.text is not None) + (email.html is not None) + len(email.alternatives)
    return forms > 1 or bool(email.attachments)


def _body(text: str | None, more: str) -> str:
    """A body as it should arrive: its last line ended too."""
    lines = _lines(text or "")
    return lines + "\n" * (lines[-1:] not in ("", "\n")) + more * (text is not None)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unended(text: str) -> str:
    return _lines(text).rstrip("\n")


def _digest(content: bytes) -> str:
    return f"{len(content)} bytes, {sha256(content).hexdigest()}"
