"""Three readers that share no code with the writer, nor with each other, and one picture of what each has seen.

``strict`` reads the bytes by the letter of the standards and fails on whatever they forbid. The other two are the
standard library's parsers, the modern one and the old one.
"""

from __future__ import annotations

import email
import email.policy
import re
from base64 import b64decode
from dataclasses import dataclass, field
from email.header import decode_header
from email.headerregistry import ContentDispositionHeader
from email.message import EmailMessage, Message
from email.utils import collapse_rfc2231_value, getaddresses
from quopri import decodestring
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

Mailboxes = list[tuple[str, str]]


@dataclass
class Seen:
    """What a reader made of a mail."""

    subject: str = ""
    sender: Mailboxes = field(default_factory=list)
    to: Mailboxes = field(default_factory=list)
    cc: Mailboxes = field(default_factory=list)
    reply_to: Mailboxes = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


# ── the strict one ───────────────────────────────────────────────────────────────────────────────────────────────

_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/]*={0,2})\?=")
_ENCODED_RUN = re.compile(rf"{_WORD.pattern}(?: {_WORD.pattern})*")


def strict(data: bytes) -> Seen:
    """By the letter."""
    assert data.isascii(), "a byte beyond ASCII"
    assert b"\0" not in data
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data), "a line end that is not CRLF"
    assert max(map(len, data.split(b"\r\n"))) <= 998, "a line over 998"
    seen = Seen()
    head, body = _strict_headers(data)
    for name, value in head:
        _strict_header(seen, name, value)
    _strict_part(seen, dict(_lower(head)), body)
    return seen


def _lower(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers]


def _strict_headers(data: bytes) -> tuple[list[tuple[str, str]], bytes]:
    head, _, body = data.partition(b"\r\n\r\n")
    headers: list[tuple[str, str]] = []
    for line in head.decode("ascii").split("\r\n"):
        assert line.strip(" "), "an empty line or a blank one in the head"
        assert line.isprintable(), "a control character in the head"
        if "=?utf-8?b?" in line:
            assert len(line) <= 76, f"a line with an encoded word is {len(line)} long"
            for word in _WORD.finditer(line):
                assert len(word[0]) <= 75, "an encoded word over 75"
                b64decode(word[1], validate=True).decode("utf-8")  # each on its own
        if len(line) > 78:
            assert " " not in line.strip(" ").partition(": ")[2] or '"' in line, "a long line that could be folded"
        if line.startswith(" "):
            name, value = headers.pop()
            headers.append((name, value + line))
        else:
            name, colon, value = line.partition(":")
            assert colon, "a line that is no header"
            assert re.fullmatch(r"[!-9;-~]+", name)
            headers.append((name, value))
    return [(name, value.removeprefix(" ")) for name, value in headers], body


def _strict_header(seen: Seen, name: str, value: str) -> None:
    seen.names.append(name.lower())
    match name.lower():
        case "subject":
            seen.subject = _strict_text(value)
        case "from":
            seen.sender = _strict_mailboxes(value)
        case "to":
            seen.to = _strict_mailboxes(value)
        case "cc":
            seen.cc = _strict_mailboxes(value)
        case "reply-to":
            seen.reply_to = _strict_mailboxes(value)
        case _:
            seen.headers.append((name, _strict_text(value)))


def _strict_text(value: str) -> str:
    return _ENCODED_RUN.sub(lambda run: "".join(b64decode(w).decode() for w in _WORD.findall(run[0])), value)


_EMAIL = r'(?:"(?:[^"\\]|\\.)*"|[^"<>, ])+'
_MAILBOX = re.compile(rf'(?:(?P<name>(?:"[^"\\]*"|[^"<>,])*) )?<(?P<angled>{_EMAIL})>|(?P<bare>{_EMAIL})')


def _strict_mailboxes(value: str) -> Mailboxes:
    found: Mailboxes = []
    position = 0
    while position < len(value):
        mailbox = _MAILBOX.match(value, position)
        assert mailbox, f"no mailbox at {value[position:]!r}"
        found.append((_strict_name(mailbox["name"] or ""), mailbox["angled"] or mailbox["bare"]))
        position = mailbox.end()
        if position < len(value):
            assert value[position : position + 2] == ", "
            position += 2
    return found


def _strict_name(name: str) -> str:
    if name.startswith('"'):
        assert re.fullmatch(r'"[^"\\]*"', name)
        assert "=?" not in name, "an encoded word in quotes, which readers do not agree on"
        return name[1:-1]
    return _strict_text(name)


def _strict_parameters(value: str) -> tuple[str, dict[str, str]]:
    kind, *pieces = re.findall(r'(?:"[^"]*"|[^;"])+', value)
    sections: dict[str, list[str]] = {}
    plain: dict[str, str] = {}
    for piece in pieces:
        assert piece.startswith(" ")
        name, _, text = piece[1:].partition("=")
        if "*" in name:
            sections.setdefault(name.partition("*")[0], []).append(text)
            assert name.endswith("*")
        else:
            assert name not in plain, "a parameter twice"
            plain[name] = text[1:-1] if text.startswith('"') else text
    for name, texts in sections.items():
        assert name not in plain, "a parameter in two forms"
        assert texts[0].startswith("utf-8''")
        texts[0] = texts[0].removeprefix("utf-8''")
        for text in texts:
            unquote_to_bytes(text).decode()  # no section cuts a character
        plain[name] = unquote_to_bytes("".join(texts)).decode()
    return kind, plain


def _strict_part(seen: Seen, headers: dict[str, str], body: bytes) -> None:
    kind, parameters = _strict_parameters(headers["content-type"])
    if kind.startswith("multipart/"):
        for part_headers, part_body in _strict_children(body, parameters["boundary"]):
            assert set(part_headers) <= {
                "content-type",
                "content-transfer-encoding",
                "content-disposition",
                "content-id",
            }
            _strict_part(seen, part_headers, part_body)
        return
    content = _strict_content(headers["content-transfer-encoding"], body)
    if "content-disposition" not in headers:
        seen.texts.append((kind, content.decode(parameters["charset"])))
        return
    disposition, naming = _strict_parameters(headers["content-disposition"])
    assert disposition in ("inline", "attachment")
    content_id = headers.get("content-id", "").strip("<>")
    assert (disposition == "inline") == bool(content_id)
    seen.files.append((naming.get("filename", ""), kind, content_id, content))


def _strict_children(body: bytes, boundary: str) -> list[tuple[dict[str, str], bytes]]:
    dashes = b"--" + boundary.encode()
    assert body.startswith(dashes + b"\r\n")
    assert body.endswith(b"\r\n" + dashes + b"--\r\n")
    pieces = (b"\r\n" + body).split(b"\r\n" + dashes)
    assert pieces[-1] == b"--\r\n"
    children = []
    for piece in pieces[1:-1]:
        assert piece.startswith(b"\r\n")
        head, part_body = _strict_headers(piece[2:] + b"\r\n" * (piece.count(b"\r\n\r\n") == 0))
        children.append((dict(_lower(head)), part_body))
    return children


def _strict_content(encoding: str, body: bytes) -> bytes:
    lines = body.split(b"\r\n")
    match encoding:
        case "base64":
            assert all(len(line) == 76 for line in lines[:-2])
            return b64decode(b"".join(lines), validate=True)
        case "quoted-printable":
            assert max(map(len, lines)) <= 76
            assert not any(line.endswith((b" ", b"\t")) for line in lines)
            assert re.fullmatch(rb"(?:[\t\r\n -<>-~]|=[0-9A-F]{2}|=\r\n)*", body)
            return decodestring(body)
        case _:
            assert encoding == "7bit"
            return body


# ── the standard library's two ───────────────────────────────────────────────────────────────────────────────────


def modern(data: bytes) -> Seen:
    """``policy.default``."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)

    def mailboxes(name: str) -> Mailboxes:
        header = message[name]
        return [(address.display_name, address.addr_spec) for address in header.addresses] if header else []

    return _seen(message, mailboxes, str)


def old(data: bytes) -> Seen:
    """``policy.compat32``."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)

    def mailboxes(name: str) -> Mailboxes:
        value = _old_unfolded(message.get(name, ""))
        return [(_old_text(display), address) for display, address in getaddresses([value])] if value else []

    return _seen(message, mailboxes, _old_text)


def _old_unfolded(value: str) -> str:
    return re.sub(r"\r?\n", "", value)


def _old_text(value: str) -> str:
    pieces = decode_header(_old_unfolded(value))
    return "".join(p.decode(c or "ascii") if isinstance(p, bytes) else p for p, c in pieces)


def _seen(message: Message, mailboxes: Callable[[str], Mailboxes], text: Callable[[str], str]) -> Seen:
    seen = Seen(
        subject=text(message["Subject"]),
        sender=mailboxes("From"),
        to=mailboxes("To"),
        cc=mailboxes("Cc"),
        reply_to=mailboxes("Reply-To"),
        names=[name.lower() for name in message.keys()],  # noqa: SIM118 - a message is no dict
    )
    seen.headers = [(name, text(value)) for name, value in message.items() if name.lower() not in _OWN]
    _walk(seen, message)
    return seen


_OWN = frozenset({"subject", "from", "to", "cc", "reply-to"})


def _walk(seen: Seen, part: Message) -> None:
    if part.get_content_maintype() == "multipart":
        for child in part.get_payload():
            assert isinstance(child, Message)
            _walk(seen, child)
    elif part.get_content_maintype() == "message":
        inner = part.get_payload()
        assert isinstance(inner, list)
        seen.files.append((_name(part), part.get_content_type(), _cid(part), b""))
    else:
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_content_disposition():
            seen.files.append((_name(part), part.get_content_type(), _cid(part), content))
        else:
            seen.texts.append((part.get_content_type(), content.decode("utf-8")))


def _name(part: Message) -> str:
    header = part["Content-Disposition"]
    if isinstance(header, ContentDispositionHeader):  # `get_filename` would unquote it a second time
        return str(header.params.get("filename", ""))
    value = part.get_param("filename", "", "content-disposition")
    return collapse_rfc2231_value(value) if value else ""


def _cid(part: Message) -> str:
    return str(part.get("Content-ID", "")).strip().strip("<>")
